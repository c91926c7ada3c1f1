//! Files that are old or new, never half: written under a temporary name, synced, renamed, folder synced.

mod growing;

use std::collections::BTreeSet;
use std::fs::{self, File, Permissions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::hash::Hashes;
use crate::known_files::Look;
use growing::Pieces;

pub use growing::{Growing, Written, finish};

/// Temporary files carry this prefix so that leftovers of a killed run can be told and swept.
const PREFIX: &str = ".gtmi-partial-";

/// What is written piece by piece reaches the disk in pieces of so many bytes.
const PIECE: usize = 64 * 1024;

/// Everybody may read, the owner may write.
const MODE: u32 = 0o644;

/// A file that could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write {path:?}")]
pub struct WriteError {
    path: PathBuf,
    source: io::Error,
}

impl WriteError {
    /// What kind of failure it is.
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }
}

/// A file that could not be removed.
#[derive(Debug, thiserror::Error)]
#[error("failed to remove {path:?}")]
pub struct RemoveError {
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
    write_looked_at(path, bytes).map(drop)
}

/// Writes as [`write()`] does, and gives what the file system told of the file before it took its place.
pub fn write_looked_at(path: &Path, bytes: &[u8]) -> Result<Option<Look>, WriteError> {
    place(path, |file| file.write_all(bytes).map_err(|source| WriteError { path: path.to_owned(), source }))
}

/// Lets `write_all` write to `path` piece by piece, for what is too large to be held; gives the hashes of all, and what the
/// file system told of the file before it took its place. A reader sees the old content or the new.
pub fn write_with<E: From<WriteError>>(
    path: &Path,
    write_all: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), E>,
) -> Result<(Hashes, Option<Look>), E> {
    let mut hashes = None;
    let look = place::<E>(path, |file| {
        let mut pieces = BufWriter::with_capacity(PIECE, Pieces::of(file));
        write_all(&mut pieces)?;
        // It tells what failed by itself, and takes everything.
        let _ = pieces.flush();
        let (Pieces { hashes: all, failed, .. }, _) = pieces.into_parts();
        hashes = Some(all.finish());
        failed.map_or(Ok(()), |source| Err(WriteError { path: path.to_owned(), source }.into()))
    })?;
    Ok((hashes.unwrap_or_else(|| Hashes::of(&[])), look))
}

/// Puts a file into its place that `write_all` writes.
fn place<E: From<WriteError>>(
    path: &Path,
    write_all: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<Option<Look>, E> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    let folder = folder_of(path);
    create_folder(folder).map_err(failed)?;
    let file = written_beside(path, write_all)?;
    file.as_file().sync_all().map_err(failed)?;
    let look = Look::of(file.as_file());
    file.persist(path).map_err(|error| failed(error.error))?;
    sync_folder(folder).map_err(failed)?;
    Ok(look)
}

/// Writes several files as [`write()`] does, in fewer steps: each is old or new, and all are on the disk at the end.
pub fn write_each(files: &[(PathBuf, &[u8])]) -> Result<(), WriteError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| WriteError { path, source }
    };
    let mut above = BTreeSet::new();
    for (path, _) in files {
        let folder = folder_of(path);
        if !folder.is_dir() {
            create_folder(folder_of(folder)).and_then(|()| make_folder(folder)).map_err(failed(path))?;
            above.insert(folder_of(folder));
        }
    }
    for folder in above {
        sync_folder(folder).map_err(failed(folder))?;
    }
    let mut written = Vec::new();
    for (path, bytes) in files {
        let write = |file: &mut File| file.write_all(bytes).map_err(failed(path));
        written.push((path, written_beside(path, write)?));
    }
    for (path, file) in &written {
        file.as_file().sync_all().map_err(failed(path))?;
    }
    let mut folders = BTreeSet::new();
    for (path, file) in written {
        file.persist(path).map_err(|error| failed(path)(error.error))?;
        folders.insert(folder_of(path));
    }
    for folder in folders {
        sync_folder(folder).map_err(failed(folder))?;
    }
    Ok(())
}

/// A file beside `path` with what `write_all` writes; it is not synced yet.
fn written_beside<E: From<WriteError>>(
    path: &Path,
    write_all: impl FnOnce(&mut File) -> Result<(), E>,
) -> Result<NamedTempFile, E> {
    let failed = |source| WriteError { path: path.to_owned(), source };
    let mut file = begun_beside(path).map_err(failed)?;
    // Written to directly, for the same reason as in `create`.
    write_all(file.as_file_mut())?;
    readable(&file).map_err(failed)?;
    Ok(file)
}

/// An empty file beside `path` under a temporary name.
fn begun_beside(path: &Path) -> io::Result<NamedTempFile> {
    let file = tempfile::Builder::new().prefix(PREFIX).make_in(folder_of(path), create)?;
    // Tells a file that is being written from a leftover; where locks do not exist, leftovers stay.
    let _ = file.as_file().try_lock();
    Ok(file)
}

/// A strict mask is meant for the files of people; outputs are meant to be read by others.
fn readable(file: &NamedTempFile) -> io::Result<()> {
    file.as_file().set_permissions(Permissions::from_mode(MODE))
}

/// Lets a file be changed by its owner and read by others, whatever it was copied from.
pub fn make_writable(path: &Path) -> io::Result<()> {
    fs::set_permissions(path, Permissions::from_mode(MODE))
}

/// Puts a finished file in the place of another, or where none was.
pub fn replace(from: &Path, to: &Path) -> Result<(), WriteError> {
    let failed = |source| WriteError { path: to.to_owned(), source };
    File::open(from).and_then(|file| file.sync_all()).map_err(failed)?;
    fs::rename(from, to).map_err(failed)?;
    sync_folder(folder_of(to)).map_err(failed)
}

/// Moves a finished file to a place where none is, in a folder that may not be there yet.
pub fn move_to(from: &Path, to: &Path) -> Result<(), WriteError> {
    create_folder(folder_of(to)).map_err(|source| WriteError { path: to.to_owned(), source })?;
    replace(from, to)
}

/// Removes a file so that it does not come back with the power; one that is not there is removed already.
pub fn remove(path: &Path) -> Result<(), RemoveError> {
    let failed = |source| RemoveError { path: path.to_owned(), source };
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed.and_then(|()| sync_folder(folder_of(path))).map_err(failed),
    }
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
    make_folder(folder)?;
    sync_folder(above)
}

fn make_folder(folder: &Path) -> io::Result<()> {
    match fs::create_dir(folder) {
        // Another thread was faster.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
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

/// Removes what killed runs left in `folder`, for which this run holds the lock; returns how many files and folders. A missing
/// folder has none.
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
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else {
                fs::remove_file(entry.path())?;
            }
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
    fn what_comes_piece_by_piece_is_hashed_and_replaces_the_whole_content() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/report.txt");
        write(&path, b"an earlier version").unwrap();
        let long = vec![b'x'; 3 * PIECE + 1];
        let hashes = write_with(&path, |file| {
            long.chunks(1000).try_for_each(|piece| file.write_all(piece)).unwrap();
            Ok::<(), WriteError>(())
        });
        assert!(fs::read(&path).unwrap() == long);
        assert_eq!(hashes.unwrap().0, Hashes::of(&long));
        // Whoever fills it gives up: the content stays.
        let given_up = |_: &mut (dyn Write + Send)| {
            Err(WriteError { path: PathBuf::from("of another"), source: io::ErrorKind::Other.into() })
        };
        let error = write_with(&path, given_up).unwrap_err();
        assert!(error.to_string().contains("of another"));
        assert!(fs::read(&path).unwrap() == long);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn writes_several_files_or_names_the_one_that_failed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join("deep").join(name);
        write(&at("a/old"), b"a long first version").unwrap();
        write_each(&[(at("a/old"), b"new"), (at("a/two"), b"two"), (at("b/three"), b"three")]).unwrap();
        for (name, content) in [("a/old", "new"), ("a/two", "two"), ("b/three", "three")] {
            assert_eq!(fs::read_to_string(at(name)).unwrap(), content);
        }
        assert_eq!(fs::read_dir(at("a")).unwrap().count(), 2);

        fs::create_dir(at("taken")).unwrap();
        let error = write_each(&[(at("a/four"), b"four"), (at("taken"), b"x")]).unwrap_err();
        assert!(error.to_string().contains("taken"), "{error}");
        assert!(at("taken").is_dir());
        let left = fs::read_dir(folder.path().join("deep")).unwrap().count();
        assert_eq!(left, 3, "nothing is left beside the folders a, b and taken");
        write_each(&[]).unwrap();
    }

    #[test]
    fn sweeps_only_its_own_leftovers() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(".gtmi-partial-x1"), "half").unwrap();
        fs::create_dir_all(folder.path().join(".gtmi-partial-x2/web")).unwrap();
        fs::write(folder.path().join(".gtmi-partial-x2/web/KEN.xlsx"), "whole").unwrap();
        fs::write(folder.path().join("KEN.xlsx"), "whole").unwrap();
        assert_eq!(sweep(folder.path()).unwrap(), 2);
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
