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
#[derive(Debug)]
pub struct Lock {
    file: File,
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
        let mut before = String::new();
        // What cannot be read is written anew all the same.
        let was_left = file.read_to_string(&mut before).is_ok_and(|_| !before.trim().is_empty());
        let line = format!("process {}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.seek(SeekFrom::Start(0)))
            .and_then(|_| file.write_all(line.as_bytes()))
            .map_err(failed)?;
        Ok(Self { file, was_left, suspicion: Cell::new(false) })
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
        let mut line = String::new();
        file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut line)).ok()?;
        // The line is whole when its end is there.
        if let Some(holder) = line.strip_suffix('\n') {
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
        assert!(!Lock::take(&path).unwrap().was_left());
    }
}
