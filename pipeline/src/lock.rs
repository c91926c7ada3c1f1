//! One run at a time: a lock that ends with the process that holds it.

use std::cell::Cell;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The lock could not be had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another run holds it.
    #[error("another run holds the lock {path:?}{holder}")]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who holds it, as a fragment to append; empty if it cannot be told.
        holder: String,
    },
    /// The lock file cannot be used.
    #[error("failed to lock {path:?}")]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The lock; it is released when this value goes, however the process ends. The file stays: deleting it
/// would let two runs lock two files of one name.
///
/// Its first line names the process. Below stands the mark of what it has begun, a line of JSON; whoever takes the
/// lock after a process that ended without a word finds the mark there.
#[derive(Debug)]
pub struct Lock {
    file: File,
    left: Vec<String>,
    was_left: bool,
    suspicion: Cell<bool>,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if self.suspicion.get() {
            return;
        }
        // An idle lock names nobody. If this fails, the next holder overwrites the line anyway.
        let _ = self.file.set_len(0);
    }
}

impl Lock {
    /// Takes the lock at `path`, or says who has it.
    pub fn take(path: &Path) -> Result<Self, LockError> {
        let failed = |source| LockError::Io { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let holder = holder(&mut file).map_or_else(String::new, |holder| format!(" ({holder})"));
                return Err(LockError::Held { path: path.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(failed)?;
        let left = String::from_utf8_lossy(&content)
            .lines()
            .filter(|line| line.starts_with('{'))
            .map(str::to_owned)
            .collect();
        let was_left = !content.is_empty();
        let mut lock = Self { file, left, was_left, suspicion: Cell::new(false) };
        // What an earlier holder left stays until it is taken note of.
        let marks = lock.left.clone();
        lock.write(&marks).map_err(failed)?;
        Ok(lock)
    }

    /// The marks of work that earlier holders began and did not end.
    pub fn left(&self) -> &[String] {
        &self.left
    }

    /// Puts the mark of what begins now, one line of JSON, in the place of what was left.
    pub fn begin(&mut self, mark: &str) -> io::Result<()> {
        self.left.clear();
        self.write(&[mark.to_owned()])?;
        self.file.sync_data()
    }

    /// Writes over what is there before the rest is cut off, so that a mark is at no moment in neither form.
    fn write(&mut self, marks: &[String]) -> io::Result<()> {
        let mut text = format!("process {}\n", std::process::id());
        for mark in marks {
            text.push_str(mark);
            text.push('\n');
        }
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(text.as_bytes())?;
        self.file.set_len(u64::try_from(text.len()).unwrap_or(u64::MAX))
    }

    /// Whether whoever held it before was ended by force or by the loss of power.
    pub fn was_left(&self) -> bool {
        self.was_left
    }

    /// Leaves the lock as if its holder had been ended by force, so that the next one looks as closely.
    pub fn leave(&self) {
        self.suspicion.set(true);
    }
}

/// Who holds the lock; whoever has just taken it writes that a moment later. It is a courtesy: an unreadable file must
/// not hide that the lock is held.
fn holder(file: &mut File) -> Option<String> {
    for _ in 0..100 {
        let mut content = String::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut content)).ok()?;
        // The first line is whole when its end is there.
        if let Some((holder, _)) = content.split_once('\n') {
            return Some(holder.to_owned());
        }
        thread::sleep(Duration::from_millis(10));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_taker_is_told_who_holds_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gtmi.lock");
        let lock = Lock::take(&path).unwrap();
        let error = Lock::take(&path).unwrap_err().to_string();
        assert!(error.contains("another run holds the lock"), "{error}");
        assert!(error.contains(&format!("process {}", std::process::id())), "{error}");
        drop(lock);
        assert!(!Lock::take(&path).unwrap().was_left());
        // A holder that is killed takes no leave.
        fs::write(&path, "process 1\n").unwrap();
        let lock = Lock::take(&path).unwrap();
        assert!(lock.was_left());
        lock.leave();
        drop(lock);
        assert!(Lock::take(&path).unwrap().was_left());
        assert!(Lock::take(&path).unwrap().left().is_empty());
    }

    #[test]
    fn what_a_holder_began_and_did_not_end_is_there_for_the_next_ones_until_noted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gtmi.lock");
        let mut lock = Lock::take(&path).unwrap();
        lock.begin("{\"attempt\": 1}").unwrap();
        assert!(!Lock::take(&path).unwrap_err().to_string().contains("attempt"));
        // As after a kill: the lock is gone, the content stays.
        let content = fs::read(&path).unwrap();
        drop(lock);
        assert_eq!(fs::read(&path).unwrap(), b"");
        fs::write(&path, content).unwrap();
        let second = Lock::take(&path).unwrap();
        assert_eq!(second.left(), ["{\"attempt\": 1}"]);
        // The second one ends as badly before it has taken note.
        let content = fs::read(&path).unwrap();
        drop(second);
        fs::write(&path, content).unwrap();
        let mut third = Lock::take(&path).unwrap();
        assert_eq!(third.left(), ["{\"attempt\": 1}"]);
        third.begin("{\"attempt\": 3}").unwrap();
        assert!(third.left().is_empty());
        drop(third);
        assert_eq!(fs::read(&path).unwrap(), b"");
    }
}
