//! Files that need not be read to know what is in them: they are as they were when they were last read or written, as their
//! file system tells. A run over thousands of files that did not change asks only for their sizes and times.
//!
//! Whoever writes into a file moves its time of change, which no program can set back. That time is not finer than the clock
//! of the file system, so a file whose last change is too fresh to tell another one from it is read again. Where nothing is
//! known of a file, or its file system gives it another number each time, it is read: what is kept here saves work and decides
//! nothing. It lies beside the store, in a file of its own that may be removed at any time, and names no file.

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::durable::{self, WriteError};
use crate::hash::Seal;

/// What the file begins with; another version has another.
const HEAD: &[u8] = b"gtmi known files 1\n";

/// A file's number, size and two times, then its seal.
const RECORD: usize = NUMBERS * 8 + SEAL;
const NUMBERS: usize = 7;
const SEAL: usize = 32;

/// A change is told from one that follows so many nanoseconds later, by clocks that count in ticks of the kernel.
const TICK: i128 = 100_000_000;
/// The same where times are kept in whole seconds, or in every second one.
const COARSE: i128 = 3_000_000_000;

/// So many files that were not met are kept beside as many as were: a run may look at a part of them only.
const SPARE: usize = 1000;

/// What a file system says of a file without reading it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    place: Place,
    size: u64,
    /// When its content was changed, as seconds and nanoseconds.
    modified: (i64, i64),
    /// When anything about it was changed.
    changed: (i64, i64),
}

/// The number of a file: that of its file system, and its own there.
type Place = (u64, u64);

impl Look {
    /// What is told of an open file; absent for what is no file.
    pub fn of(file: &File) -> Option<Self> {
        file.metadata().ok().and_then(|metadata| Self::in_metadata(&metadata))
    }

    fn at(path: &Path) -> Option<Self> {
        fs::metadata(path).ok().and_then(|metadata| Self::in_metadata(&metadata))
    }

    /// What was told of a file; absent for what is no file.
    pub fn in_metadata(metadata: &Metadata) -> Option<Self> {
        metadata.is_file().then(|| Self {
            place: (metadata.dev(), metadata.ino()),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Whether its file system seems to keep whole seconds.
    fn is_coarse(&self) -> bool {
        self.modified.1 == 0 && self.changed.1 == 0
    }

    /// Whether any change from `now` on would be seen. A time in the future tells nothing.
    fn is_settled(&self, now: i128) -> bool {
        let grain = if self.is_coarse() { COARSE } else { TICK };
        now - nanoseconds(self.modified.max(self.changed)) >= grain
    }

    /// Whether it is the same file with the same content, in another place or with other rights.
    fn has_content_of(&self, other: &Self) -> bool {
        (self.place, self.size, self.modified) == (other.place, other.size, other.modified)
    }

    fn to_numbers(self) -> [[u8; 8]; NUMBERS] {
        [
            self.place.0.to_le_bytes(),
            self.place.1.to_le_bytes(),
            self.size.to_le_bytes(),
            self.modified.0.to_le_bytes(),
            self.modified.1.to_le_bytes(),
            self.changed.0.to_le_bytes(),
            self.changed.1.to_le_bytes(),
        ]
    }

    fn of_numbers([device, inode, size, modified, nanos, changed, of_change]: [[u8; 8]; NUMBERS]) -> Self {
        Self {
            place: (u64::from_le_bytes(device), u64::from_le_bytes(inode)),
            size: u64::from_le_bytes(size),
            modified: (i64::from_le_bytes(modified), i64::from_le_bytes(nanos)),
            changed: (i64::from_le_bytes(changed), i64::from_le_bytes(of_change)),
        }
    }
}

/// The files whose seals are known.
#[derive(Debug, Default)]
pub struct KnownFiles {
    /// Where they are kept.
    path: PathBuf,
    /// As earlier runs left them; read when the first is asked for.
    earlier: OnceLock<BTreeMap<Place, (Look, Seal)>>,
    /// Those that this run met.
    met: Mutex<BTreeMap<Place, (Look, Seal)>>,
}

impl KnownFiles {
    /// Those kept in a file beside the store; none where there is no such file, or it is not as it was written.
    pub fn beside(store: &Path) -> Self {
        Self { path: store.with_extension("known"), ..Self::default() }
    }

    /// The seal of a file, where it is known without reading it.
    pub fn seal(&self, look: Look) -> Option<Seal> {
        let (_, seal) = *self.earlier().get(&look.place).filter(|(earlier, _)| *earlier == look)?;
        self.meet(look, seal);
        Some(seal)
    }

    /// The seal of a file, which is read where nothing is known of it.
    pub fn seal_of(&self, path: &Path) -> io::Result<Seal> {
        if let Some(seal) = Look::at(path).and_then(|look| self.seal(look)) {
            return Ok(seal);
        }
        let file = File::open(path)?;
        let before = Look::of(&file);
        let seal = Seal::of_reader(&file)?;
        self.was_read(before, Look::of(&file), seal);
        Ok(seal)
    }

    /// Notes the seal of a file that was read between two looks.
    pub fn was_read(&self, before: Option<Look>, after: Option<Look>, seal: Seal) {
        if let Some(look) = before.filter(|_| before == after)
            && look.is_settled(now())
        {
            self.meet(look, seal);
        }
    }

    /// Notes the seal of a file that was written and then looked at, and is in its place now.
    pub fn was_written(&self, path: &Path, written: Option<Look>, seal: Seal) {
        let in_place = Look::at(path);
        if let (Some(look), Some(written)) = (in_place, written)
            && look.has_content_of(&written)
            && !look.is_coarse()
        {
            self.meet(look, seal);
        }
    }

    /// Keeps what was met for later runs, if there is news.
    pub fn save(&self) -> Result<(), WriteError> {
        let (earlier, met) = (self.earlier(), self.met.lock().unwrap_or_else(PoisonError::into_inner));
        if met.iter().all(|(place, known)| earlier.get(place) == Some(known)) {
            return Ok(());
        }
        let not_met = || earlier.iter().filter(|(place, _)| !met.contains_key(place));
        let mut all: BTreeMap<&Place, &(Look, Seal)> = met.iter().collect();
        // Most of them are files that are no more.
        if not_met().count() <= met.len() + SPARE {
            all.extend(not_met());
        }
        let mut bytes = HEAD.to_vec();
        bytes.reserve(all.len() * RECORD + SEAL);
        for (look, seal) in all.into_values() {
            bytes.extend(look.to_numbers().as_flattened());
            bytes.extend(seal.as_bytes());
        }
        bytes.extend(Seal::of(&bytes).as_bytes());
        durable::write(&self.path, &bytes)
    }

    fn earlier(&self) -> &BTreeMap<Place, (Look, Seal)> {
        self.earlier
            .get_or_init(|| fs::read(&self.path).ok().and_then(|bytes| read(&bytes)).unwrap_or_default())
    }

    fn meet(&self, look: Look, seal: Seal) {
        self.met.lock().unwrap_or_else(PoisonError::into_inner).insert(look.place, (look, seal));
    }
}

/// What a file of them holds; absent where it is not whole.
fn read(bytes: &[u8]) -> Option<BTreeMap<Place, (Look, Seal)>> {
    let (content, seal) = bytes.split_last_chunk::<SEAL>()?;
    if Seal::of(content).as_bytes() != seal {
        return None;
    }
    let (records, []) = content.strip_prefix(HEAD)?.as_chunks::<RECORD>() else { return None };
    let known = records.iter().filter_map(|record| {
        let (numbers, seal) = record.split_last_chunk::<SEAL>()?;
        let (numbers, _) = numbers.as_chunks::<8>();
        let look = Look::of_numbers(numbers.try_into().ok()?);
        Some((look.place, (look, Seal::of_bytes(*seal))))
    });
    Some(known.collect())
}

/// Nanoseconds since 1970.
fn now() -> i128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i128::try_from(since.as_nanos()).unwrap_or_default()
}

fn nanoseconds((seconds, nanoseconds): (i64, i64)) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanoseconds)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A folder with a file whose last change is long enough ago, and what is known beside a store there.
    fn file(content: &str) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("KEN.xlsx");
        fs::write(&path, content).unwrap();
        settle(&path);
        (folder, path)
    }

    fn settle(path: &Path) {
        while !Look::at(path).unwrap().is_settled(now()) {
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn seal(known: &KnownFiles, path: &Path) -> Option<Seal> {
        Look::at(path).and_then(|look| known.seal(look))
    }

    fn known(folder: &tempfile::TempDir) -> KnownFiles {
        KnownFiles::beside(&folder.path().join("gtmi.db"))
    }

    #[test]
    fn a_file_is_known_again_by_a_later_run_until_somebody_writes_into_it() {
        let (folder, path) = file("as it was");
        let first = known(&folder);
        assert_eq!(seal(&first, &path), None);
        assert_eq!(first.seal_of(&path).unwrap(), Seal::of(b"as it was"));
        first.save().unwrap();
        let later = known(&folder);
        assert_eq!(seal(&later, &path), Some(Seal::of(b"as it was")));

        // Of the same size, and with the time of before.
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        fs::write(&path, "as it is!").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), modified);
        let last = known(&folder);
        assert_eq!(seal(&last, &path), None);
        assert_eq!(last.seal_of(&path).unwrap(), Seal::of(b"as it is!"));
        assert!(last.seal_of(folder.path()).is_err() && seal(&last, &folder.path().join("absent")).is_none());
    }

    #[test]
    fn another_file_in_the_same_place_is_not_known() {
        let (folder, path) = file("as it was");
        let first = known(&folder);
        first.seal_of(&path).unwrap();
        first.save().unwrap();
        let other = folder.path().join("other");
        fs::write(&other, "as it is!").unwrap();
        fs::rename(&other, &path).unwrap();
        assert_eq!(seal(&known(&folder), &path), None);
    }

    #[test]
    fn a_change_that_another_could_follow_unseen_is_not_kept() {
        let look = |modified, changed| Look { place: (1, 2), size: 3, modified, changed };
        let at = |seconds: i128, millis: i128| seconds * 1_000_000_000 + millis * 1_000_000;
        let fine = look((10, 5), (12, 5));
        assert!(!fine.is_settled(at(12, 50)) && fine.is_settled(at(12, 101)));
        let coarse = look((10, 0), (12, 0));
        assert!(!coarse.is_settled(at(13, 999)) && coarse.is_settled(at(15, 0)));
        assert!(!look((99, 5), (12, 5)).is_settled(at(20, 0)), "a time in the future");

        let (folder, path) = file("as it was");
        let known = known(&folder);
        fs::write(&path, "just now").unwrap();
        let before = Look::at(&path);
        let earlier = before.map(|look| Look { modified: (0, 1), ..look });
        known.was_read(before, before.map(|look| Look { changed: (i64::MAX, 1), ..look }), Seal::of(b""));
        known.was_read(earlier, before, Seal::of(b""));
        known.was_read(None, None, Seal::of(b""));
        // As it was before and after, but a change could still follow unseen.
        let fresh = before.map(|look| Look { changed: (i64::MAX, 1), ..look });
        known.was_read(fresh, fresh, Seal::of(b""));
        known.save().unwrap();
        assert!(!folder.path().join("gtmi.known").exists());
    }

    #[test]
    fn what_was_written_is_known_unless_somebody_was_faster() {
        let (folder, path) = file("");
        let known = known(&folder);
        let written = durable::write_looked_at(&path, b"a report").unwrap();
        if Look::at(&path).unwrap().is_coarse() {
            return;
        }
        let other = written.map(|look| Look { size: 3, ..look });
        known.was_written(&path, other, Seal::of(b"a report"));
        assert!(known.met.lock().unwrap().is_empty());
        known.was_written(&path, written, Seal::of(b"a report"));
        known.save().unwrap();
        assert_eq!(
            seal(&KnownFiles::beside(&folder.path().join("gtmi.db")), &path),
            Some(Seal::of(b"a report"))
        );
    }

    #[test]
    fn what_is_not_as_it_was_written_is_nothing() {
        let (folder, path) = file("as it was");
        let first = known(&folder);
        first.seal_of(&path).unwrap();
        first.save().unwrap();
        let kept = folder.path().join("gtmi.known");
        let whole = fs::read(&kept).unwrap();
        assert_eq!(whole.len(), HEAD.len() + RECORD + SEAL);
        let mut other = whole.clone();
        other[HEAD.len() + 8] ^= 1;
        for bytes in [&whole[..whole.len() - 1], &whole[..3], b"", &other, &[whole.as_slice(), b"x"].concat()]
        {
            fs::write(&kept, bytes).unwrap();
            assert_eq!(seal(&known(&folder), &path), None);
        }
        fs::write(&kept, &whole).unwrap();
        assert!(seal(&known(&folder), &path).is_some());
    }

    #[test]
    fn files_that_are_no_more_are_forgotten_once_they_are_many() {
        let (folder, path) = file("as it was");
        let none = Seal::of(b"");
        let look = Look::at(&path).unwrap();
        let gone = |count: u64| {
            (0..count).map(move |inode| {
                let place = (u64::MAX, inode);
                (place, (Look { place, ..look }, none))
            })
        };
        for (many, kept) in [(SPARE as u64 + 1, SPARE + 2), (SPARE as u64 + 2, 1)] {
            let known = known(&folder);
            known.earlier.set(gone(many).collect()).unwrap();
            known.seal_of(&path).unwrap();
            known.save().unwrap();
            let size = fs::read(folder.path().join("gtmi.known")).unwrap().len();
            assert_eq!((size - HEAD.len() - SEAL) / RECORD, kept);
        }
    }
}
