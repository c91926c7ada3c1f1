//! Databases that nobody writes to, read by somebody who may not write there: from a copy, as a writer may begin at any moment, and
//! what is read piece by piece would then be of two moments.

use std::fmt::Write;
use std::fs::{self, File, Metadata};
use std::io::{self, Seek};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, SystemTime};

use rusqlite::{Connection, OpenFlags};
use rustix::fs::Access;
use tempfile::NamedTempFile;

use crate::database::{Doing, StoreError};
use crate::soundness::beside;

/// Two changes of a file that are further apart than this differ by its time.
pub(crate) const SETTLED: Duration = Duration::from_millis(100);

/// Whether this user may write to neither the database at `path` nor its folder, or to one of them only.
pub(crate) fn may_only_be_read(path: &Path) -> bool {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    [path, folder].into_iter().any(|place| rustix::fs::access(place, Access::WRITE_OK).is_err())
}

/// A copy of the database at `path`, opened for reading; absent where somebody writes to it, or did so just now.
pub(crate) fn copied(path: &Path) -> Result<Option<Connection>, StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(failed)?;
    let before = file.metadata().map_err(failed)?;
    if is_logged(path) || !is_settled(&before) {
        return Ok(None);
    }
    let of_copy = |source| StoreError::File { path: std::env::temp_dir(), source };
    let mut copy = NamedTempFile::new().map_err(of_copy)?;
    io::copy(&mut file, &mut copy).and_then(|_| copy.rewind()).map_err(of_copy)?;
    let after = fs::metadata(path).map_err(failed)?;
    if is_logged(path) || identity(&before) != identity(&after) {
        return Ok(None);
    }
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_URI;
    // The library holds the file open; it needs no name any more.
    Connection::open_with_flags(as_it_lies(copy.path()), flags).doing("open the database").map(Some)
}

/// Whether something stands in the log beside a database.
fn is_logged(path: &Path) -> bool {
    fs::metadata(beside(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

/// Whether a later change would show in the file's time.
fn is_settled(file: &Metadata) -> bool {
    let now = SystemTime::now();
    file.modified().is_ok_and(|modified| {
        let apart = now.duration_since(modified).unwrap_or_else(|ahead| ahead.duration());
        apart > SETTLED
    })
}

fn identity(file: &Metadata) -> (u64, u64, u64, i64, i64, i64, i64) {
    let (modified, changed) = (file.mtime(), file.ctime());
    (file.dev(), file.ino(), file.len(), modified, file.mtime_nsec(), changed, file.ctime_nsec())
}

/// The address of a database that nobody writes to: <https://www.sqlite.org/uri.html>, section 3.
fn as_it_lies(path: &Path) -> String {
    let mut address = "file:".to_owned();
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for byte in full.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                address.push(char::from(*byte));
            }
            byte => {
                // Writing to a String cannot fail.
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address + "?immutable=1"
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::database::Store;

    #[test]
    fn a_database_that_nobody_writes_to_is_read_from_a_copy() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a b%20?é#.db");
        let mut store = Store::open(&path).unwrap();
        store.record_work("score", &[("KEN".to_owned(), "1".to_owned())]).unwrap();
        assert!(copied(&path).unwrap().is_none(), "it is being written to");
        drop(store);
        assert!(copied(&path).unwrap().is_none(), "a change at this moment would not show");
        thread::sleep(2 * SETTLED);
        let open = || copied(&path).unwrap().unwrap();
        let mut read = Store::prepare(open(), &path).unwrap();
        // What is written from now on is none of its business.
        let mut store = Store::open(&path).unwrap();
        store.record_work("score", &[("PER".to_owned(), "1".to_owned())]).unwrap();
        drop(store);
        assert_eq!(read.work_keys("score").unwrap().len(), 1);
        assert!(read.record_work("score", &[("PER".to_owned(), "1".to_owned())]).is_err());
        assert!(!beside(&path, "-shm").exists());

        let connection = Connection::open(&path).unwrap();
        connection.pragma_update(None, "user_version", 1).unwrap();
        drop(connection);
        thread::sleep(2 * SETTLED);
        let older = Store::prepare(open(), &path).unwrap_err().to_string();
        assert!(older.contains("is of an earlier version"), "{older}");
        let left = fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(left, 1, "nothing lies beside it");
    }

    #[test]
    fn a_name_of_any_letters_is_an_address() {
        assert_eq!(as_it_lies(Path::new("/a b%20?é#.db")), "file:/a%20b%2520%3F%C3%A9%23.db?immutable=1");
    }
}
