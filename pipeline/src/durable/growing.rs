//! Files that are written piece by piece, and take their places together.

use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{PIECE, WriteError, begun_beside, create_folder, folder_of, readable, sync_folder};
use crate::hash::{Both, Digest};

/// A file that is written piece by piece. Whoever writes is not told of a failure: the libraries that make a file would
/// hide its cause among theirs. They make what they make, and it is thrown away.
pub(super) struct Pieces<F> {
    file: F,
    pub(super) hashes: Both,
    bytes: u64,
    pub(super) failed: Option<io::Error>,
}

impl<F> Pieces<F> {
    pub(super) fn of(file: F) -> Self {
        Self { file, hashes: Both::default(), bytes: 0, failed: None }
    }
}

impl<F: Write> Write for Pieces<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.failed.is_none() {
            self.hashes.add(bytes);
            self.bytes += bytes.len() as u64;
            self.failed = self.file.write_all(bytes).err();
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A file that grows under a temporary name and takes its place at the end, together with others: see [`finish`].
/// One that is dropped before is removed.
pub struct Growing {
    path: PathBuf,
    pieces: BufWriter<Pieces<Direct>>,
}

/// Written to directly, for the same reason as in `super::create`.
struct Direct(NamedTempFile);

impl Write for Direct {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.as_file_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.as_file_mut().flush()
    }
}

/// What a file that took its place holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// How many bytes.
    pub bytes: u64,
    /// Their SHA-256.
    pub hash: Digest,
}

impl Growing {
    /// Begins a file whose place is `path`.
    pub fn begin(path: &Path) -> Result<Self, WriteError> {
        let failed = |source| WriteError { path: path.to_owned(), source };
        create_folder(folder_of(path)).map_err(failed)?;
        let file = begun_beside(path).map_err(failed)?;
        Ok(Self { path: path.to_owned(), pieces: BufWriter::with_capacity(PIECE, Pieces::of(Direct(file))) })
    }

    /// Whether the disk refused something: the rest is taken, and [`finish`] says what failed.
    pub fn is_broken(&self) -> bool {
        self.pieces.get_ref().failed.is_some()
    }
}

impl Write for Growing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.pieces.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.pieces.flush()
    }
}

/// Puts files into their places: each is old or new, and all are on the disk before the first takes its place.
pub fn finish(files: Vec<Growing>) -> Result<Vec<Written>, WriteError> {
    let (mut ready, mut written) = (Vec::new(), Vec::new());
    for Growing { path, mut pieces } in files {
        let _ = pieces.flush();
        let (Pieces { file: Direct(file), hashes, bytes, failed }, _) = pieces.into_parts();
        let settled = failed.map_or(Ok(()), Err).and_then(|()| {
            readable(&file)?;
            file.as_file().sync_all()
        });
        settled.map_err(|source| WriteError { path: path.clone(), source })?;
        written.push(Written { bytes, hash: hashes.finish().sha256 });
        ready.push((path, file));
    }
    let mut folders = BTreeSet::new();
    for (path, file) in ready {
        file.persist(&path).map_err(|error| WriteError { path: path.clone(), source: error.error })?;
        folders.insert(folder_of(&path).to_owned());
    }
    for folder in folders {
        sync_folder(&folder).map_err(|source| WriteError { path: folder, source })?;
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;

    use super::super::{MODE, write};
    use super::*;

    #[test]
    fn a_disk_that_fails_at_a_piece_is_told_whatever_the_writer_makes_of_it() {
        // The device refuses every byte.
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let mut pieces = Pieces::of(&mut full);
        pieces.write_all(b"x").unwrap();
        assert_eq!(pieces.failed.unwrap().kind(), io::ErrorKind::StorageFull);
    }

    #[test]
    fn files_that_grow_beside_each_other_take_their_places_together_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (old, new) = (folder.path().join("deep/old"), folder.path().join("deep/new"));
        write(&old, b"a long first version").unwrap();
        let mut files = vec![Growing::begin(&old).unwrap(), Growing::begin(&new).unwrap()];
        for piece in ["one", ", two"] {
            files.iter_mut().try_for_each(|file| file.write_all(piece.as_bytes())).unwrap();
        }
        assert!(!new.exists() && !files[0].is_broken());
        assert_eq!(fs::read(&old).unwrap(), b"a long first version");
        let all = Written { bytes: 8, hash: Digest::of(b"one, two") };
        assert_eq!(finish(files).unwrap(), [all, all]);
        assert_eq!(fs::read(&old).unwrap(), b"one, two");
        assert_eq!(fs::metadata(&new).unwrap().permissions().mode() & 0o777, MODE);

        // One that the disk refused keeps all from their places.
        let mut other = Growing::begin(&old).unwrap();
        other.write_all(b"other").unwrap();
        let mut refused = Growing::begin(&new).unwrap();
        refused.pieces.get_mut().failed = Some(io::ErrorKind::StorageFull.into());
        assert!(refused.is_broken());
        let error = finish(vec![other, refused]).unwrap_err();
        assert_eq!(error.path, new);
        drop(Growing::begin(&old).unwrap());
        assert_eq!(fs::read(&old).unwrap(), b"one, two");
        assert_eq!(fs::read_dir(folder.path().join("deep")).unwrap().count(), 2, "nothing is left over");
    }

    #[test]
    fn what_a_disk_says_keeps_its_number() {
        let read_only = tempfile::Builder::new().make(|path| {
            fs::write(path, b"")?;
            File::open(path)
        });
        let error = Direct(read_only.unwrap()).write(b"x").unwrap_err();
        assert!(error.raw_os_error().is_some(), "what to do is told by the number: {error}");
    }
}
