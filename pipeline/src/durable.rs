//! Files that are old or new, never half: written under a temporary name, synced, renamed, folder synced.

use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Temporary files carry this prefix so that leftovers of a killed run can be told and swept.
const PREFIX: &str = ".gtmi-partial-";

/// Everybody may read, the owner may write.
const MODE: u32 = 0o644;

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write {path:?}")]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

/// What processes left that were ended cannot be removed.
#[derive(Debug, thiserror::Error)]
#[error("failed to sweep {folder:?}")]
pub struct SweepError {
    pub(crate) folder: PathBuf,
    pub(crate) source: io::Error,
}

/// Writes `bytes` to `path` so that a reader sees the old content or the new, and a crash leaves the old.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    let folder = folder_of(path);
    create_folder(folder).map_err(failed)?;
    let mut file = tempfile::Builder::new().prefix(PREFIX).make_in(folder, create).map_err(failed)?;
    // Tells a file that is being written from a leftover; where locks do not exist, leftovers stay.
    let _ = file.as_file().try_lock();
    // Written to directly, for the same reason as in `create`.
    file.as_file_mut().write_all(bytes).map_err(failed)?;
    // A strict mask is meant for the files of people; outputs are meant to be read by others.
    file.as_file().set_permissions(Permissions::from_mode(MODE)).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(failed)
}

/// Puts a finished file in the place of another, or where none was.
pub fn replace(from: &Path, to: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: to.to_owned(), source };
    File::open(from).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(from, to).map_err(failed)?;
    sync_folder(folder_of(to)).map_err(failed)
}

/// A name beside `path` for a file that is not finished: the next run sweeps it.
pub fn unfinished(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{PREFIX}{name}"))
}

/// Makes sure that a file which is in its place is also on the disk: an earlier attempt may have failed between the two.
pub fn settle(path: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    File::open(path).and_then(|file| file.sync_all()).map_err(failed)?;
    sync_folder(folder_of(path)).map_err(failed)
}

/// Makes a folder and the missing ones above it, so that none of them is lost with the power.
pub fn create_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let above = folder_of(folder);
    create_folder(above)?;
    match fs::create_dir(folder) {
        // Another thread was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
        made => made?,
    }
    sync_folder(above)
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The file under its temporary name. The errors of the library's own way to make one have lost their number.
fn create(path: &Path) -> io::Result<File> {
    File::options().write(true).create_new(true).mode(MODE).open(path)
}

/// Makes a rename in `folder` survive a power failure.
fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Removes what killed runs left in `folder`, for which this run holds the lock; returns how many files. A missing folder
/// has none.
pub fn sweep(folder: &Path) -> io::Result<usize> {
    sweep_where(folder, |_| Ok(true))
}

/// Removes from `folder`, for which no run holds the lock, what processes left that were ended while they wrote; what
/// another one is writing at this moment stays. Returns how many files.
pub fn sweep_leftovers(folder: &Path) -> Result<usize, SweepError> {
    let is_left = |path: &Path| match File::open(path).map(|file| file.try_lock().is_ok()) {
        // Finished or removed in between.
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        free => free,
    };
    sweep_where(folder, is_left).map_err(|source| SweepError { folder: folder.to_owned(), source })
}

fn sweep_where(folder: &Path, may_go: impl Fn(&Path) -> io::Result<bool>) -> io::Result<usize> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    let mut swept = 0;
    for entry in entries {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with(PREFIX) && may_go(&entry.path())? {
            fs::remove_file(entry.path())?;
            swept += 1;
        }
    }
    Ok(swept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_is_writing_is_no_leftover() {
        let folder = tempfile::tempdir().unwrap();
        let (left, written) =
            (folder.path().join(".gtmi-partial-left"), folder.path().join(".gtmi-partial-written"));
        fs::write(&left, "half").unwrap();
        let file = File::create(&written).unwrap();
        file.lock().unwrap();
        assert_eq!(sweep_leftovers(folder.path()).unwrap(), 1);
        assert!(written.exists() && !left.exists());
        drop(file);
        assert_eq!(sweep_leftovers(folder.path()).unwrap(), 1);
        assert_eq!(sweep_leftovers(&folder.path().join("absent")).unwrap(), 0);
    }

    #[test]
    fn replaces_the_whole_content_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/report.txt");
        write(&path, b"a long first version").unwrap();
        write(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn sweeps_only_its_own_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".gtmi-partial-x1"), "half").unwrap();
        fs::write(folder.path().join("KEN.xlsx"), "whole").unwrap();
        assert_eq!(sweep(folder.path()).unwrap(), 1);
        assert!(folder.path().join("KEN.xlsx").exists());
        assert_eq!(sweep(&folder.path().join("absent")).unwrap(), 0);
    }

    #[test]
    fn a_failed_write_names_the_file_and_keeps_the_old_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("taken");
        fs::create_dir(&path).unwrap();
        let error = write(&path, b"x").unwrap_err();
        assert!(error.to_string().starts_with("failed to write ") && error.to_string().contains("taken"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
