//! Whether what lies at the path of the store is a store, and a sound one: told before anything is written to it.

use std::borrow::Cow;
use std::error::Error;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use pipeline::stage::Failure;
use rusqlite::{Connection, ErrorCode};
use rustix::process::{Resource, getrlimit};

use crate::database::{Doing, Store, StoreError, for_reading};

/// What every database begins with: <https://www.sqlite.org/fileformat.html>, section 1.3.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// The length of the header.
const HEADER: usize = 100;

/// The byte that says how the database is written: 1 is with a rollback journal, 2 with a log beside it.
const WRITE_VERSION: usize = 18;

/// Looks at the file before the library does, which would begin anew in an empty file and apply any log that lies
/// beside the database.
pub(crate) fn look(path: &Path) -> Result<(), StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    let damaged = |what: String| Err(StoreError::Damaged { path: path.to_owned(), what });
    let size = file.metadata().map_err(failed)?.len();
    if size == 0 {
        let received =
            fs::read_dir(path.with_extension("files")).is_ok_and(|mut files| files.next().is_some());
        return if received {
            damaged("it is empty, but received files lie beside it".to_owned())
        } else {
            Ok(())
        };
    }
    let mut begin = Vec::new();
    Read::by_ref(&mut file).take(HEADER as u64).read_to_end(&mut begin).map_err(failed)?;
    if !begin.starts_with(MAGIC) {
        let what = "it does not begin as a database does";
        return Err(StoreError::Foreign { path: path.to_owned(), what });
    }
    if begin.len() < HEADER {
        return damaged("it is cut off".to_owned());
    }
    let log = beside(path, "-wal");
    let logged = fs::metadata(&log).is_ok_and(|log| log.len() > 0);
    if begin.get(WRITE_VERSION) == Some(&1) && logged {
        return Err(StoreError::StaleLog { path: path.to_owned(), log });
    }
    Ok(())
}

/// A file that the library keeps beside the database.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().map(OsString::from).unwrap_or_default();
    name.push(ending);
    path.with_file_name(name)
}

/// Refuses a database of another program; `version` is the schema's.
pub(crate) fn is_ours(connection: &Connection, path: &Path, version: usize) -> Result<(), StoreError> {
    let (all, ours): (i64, i64) = connection
        .query_row(
            "SELECT count(*), coalesce(sum(name IN ('files', 'readings', 'submissions', 'work')), 0)
             FROM sqlite_master WHERE type = 'table'",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .doing("look at the schema")?;
    let is_new = version == 0 && all == 0;
    if is_new || (version > 0 && ours == 4) {
        return Ok(());
    }
    Err(StoreError::Foreign { path: path.to_owned(), what: "it is a database of another program" })
}

/// A failure to open, with the path; damage is called damage.
pub(crate) fn named(error: StoreError, path: &Path) -> StoreError {
    match error {
        StoreError::Database { source, .. } if is_damage(&source) => {
            StoreError::Damaged { path: path.to_owned(), what: source.to_string() }
        }
        other => other,
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Adds to a failure that comes from the database where it lies and what to do. Its methods know what they were doing,
/// but not for whom.
pub fn advised(failure: Failure, path: &Path) -> Failure {
    let mut next: Option<&(dyn Error + 'static)> = Some(failure.error.as_ref());
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<rusqlite::Error>() {
            let place = path.display().to_string();
            let most = getrlimit(Resource::Fsize).current;
            let advice =
                advice(error, most).map_or_else(|| place.clone(), |advice| format!("{place}; {advice}"));
            return failure.advised(advice);
        }
        next = error.source();
    }
    failure
}

/// What to do about an error of the database; `most` is the limit on the size of files, if there is one.
fn advice(error: &rusqlite::Error, most: Option<u64>) -> Option<Cow<'static, str>> {
    let code = error.sqlite_error_code()?;
    if let (ErrorCode::SystemIoFailure, Some(most)) = (code, most) {
        // That it was the limit, the library does not say; without one, it was not.
        return Some(Cow::Owned(format!(
            "files may not become larger than {} KiB here, which is the cause unless the disk fails or is full: lift the limit \
             (ulimit -f), then try again",
            most / 1024
        )));
    }
    let advice = match code {
        ErrorCode::DiskFull => "the disk is full: make room, then try again",
        ErrorCode::SystemIoFailure => {
            "the disk fails or is full: look at the system's log, and try again when it is sound"
        }
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => {
            "the file and its folder have to be writable for this user"
        }
        // Why, the library does not say.
        ErrorCode::CannotOpen => {
            "the file and its folder have to be writable for this user, and the disk sound and not full: \
             see to that, then try again"
        }
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => {
            "another program keeps the database busy: try again when it has ended"
        }
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => {
            "the database is damaged: gtmi restore --from BACKUP puts a backup in its place"
        }
        _ => return None,
    };
    Some(Cow::Borrowed(advice))
}

/// How many problems of a damaged database are told.
const TOLD: usize = 3;

impl Store {
    /// Checks the whole database: its pages, its indexes, and that no row points at one that is missing.
    pub fn check(&self) -> Result<(), StoreError> {
        check(&self.connection, &self.path)
    }

    /// Checks the database at `path` as it lies there, without bringing its schema up to date.
    pub fn check_database(path: &Path) -> Result<(), StoreError> {
        look(path)?;
        for_reading(path).map_err(|error| named(error, path)).and_then(|connection| check(&connection, path))
    }
}

fn check(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let problems = problems(connection).map_err(|error| named(error, path))?;
    if problems.is_empty() {
        return Ok(());
    }
    let mut what = problems.iter().take(TOLD).cloned().collect::<Vec<_>>().join(", ");
    if problems.len() > TOLD {
        what.push_str(", …");
    }
    Err(StoreError::Damaged { path: path.to_owned(), what })
}

fn problems(connection: &Connection) -> Result<Vec<String>, StoreError> {
    let doing = "check the database";
    let mut problems = Vec::new();
    let mut statement = connection.prepare("PRAGMA integrity_check").doing(doing)?;
    for line in statement.query_map([], |row| row.get::<_, String>(0)).doing(doing)? {
        // One answer may have several lines, the first of them a heading.
        let told = line.doing(doing)?;
        problems
            .extend(told.lines().filter(|line| *line != "ok" && !line.starts_with("***")).map(str::to_owned));
    }
    let mut statement = connection.prepare("PRAGMA foreign_key_check").doing(doing)?;
    let mut rows = statement.query([]).doing(doing)?;
    while let Some(row) = rows.next().doing(doing)? {
        let table: String = row.get(0).doing(doing)?;
        let to: String = row.get(2).doing(doing)?;
        problems.push(format!("a row of {table} points at one of {to} that is missing"));
    }
    Ok(problems)
}
