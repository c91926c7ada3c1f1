//! Opening the store: the file, its pragmas, its migrations.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use pipeline::durable::{self, WriteError};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags, OptionalExtension, TransactionBehavior};

use crate::at_rest;
use crate::migrations::{NEWEST, migrate};
use crate::soundness;

/// The store.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    /// The database's file.
    pub(crate) path: PathBuf,
    /// The folder of received files, beside the database.
    pub(crate) files: PathBuf,
}

/// The store failed.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused.
    #[error("the store failed while it tried to {doing}")]
    Database {
        /// What was being done.
        doing: &'static str,
        /// Why.
        source: rusqlite::Error,
    },
    /// The database was made by a newer version of this program.
    #[error(
        "the store {path:?} has schema {found}, this program knows up to {known} (use the newer program, or another [store] path)"
    )]
    Newer {
        /// The database file.
        path: PathBuf,
        /// Its schema.
        found: usize,
        /// The newest schema that is known.
        known: usize,
    },
    /// The database was made by an older version of this program, and may only be read.
    #[error(
        "the store {path:?} is of an earlier version of this program, and this user may only read it (let somebody who may \
         write there run gtmi status with this version: it brings the store up to date)"
    )]
    OlderToRead {
        /// The database file.
        path: PathBuf,
    },
    /// A file of the store cannot be read or written.
    #[error("failed to access {path:?} in the store")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The bytes of a received file cannot be kept.
    #[error("failed to keep a received file")]
    Keep(#[from] WriteError),
    /// What is to be forgotten cannot be removed.
    #[error(transparent)]
    Remove(#[from] durable::RemoveError),
    /// The database is damaged.
    #[error(
        "the store {path:?} is damaged: {what} (gtmi restore --from BACKUP puts a backup in its place and keeps \
         what is there under another name)"
    )]
    Damaged {
        /// The database file.
        path: PathBuf,
        /// How that shows.
        what: String,
    },
    /// A log beside the database belongs to another one, which was there before.
    #[error(
        "{log:?} is the log of a database that {path:?} has taken the place of (move it away; what it holds cannot \
         be joined with this store)"
    )]
    StaleLog {
        /// The database file.
        path: PathBuf,
        /// The log.
        log: PathBuf,
    },
    /// The file is no database of this program.
    #[error("{path:?} is no store: {what} (give another file as [store] path)")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// How that shows.
        what: &'static str,
    },
    /// Another command reads the store, which keeps it from being brought into one file.
    #[error("the store {path:?} is being read by another command (try again when that has ended)")]
    InUse {
        /// The database file.
        path: PathBuf,
    },
    /// A row holds what this program never writes.
    #[error("the store holds an unreadable value in {place}")]
    Corrupt {
        /// Where.
        place: String,
    },
}

impl StoreError {
    /// Whether the disk is what failed, or a right to it, and not what was found there.
    pub fn is_of_the_disk(&self) -> bool {
        let Self::Database { source, .. } = self else { return matches!(self, Self::File { .. }) };
        matches!(
            source.sqlite_error_code(),
            Some(
                ErrorCode::DiskFull
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::CannotOpen
                    | ErrorCode::ReadOnly
                    | ErrorCode::PermissionDenied
            )
        )
    }
}

/// Turns a database error into one that says what was being done.
pub(crate) trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, StoreError> {
        self.map_err(|source| StoreError::Database { doing, source })
    }
}

/// Notes a unit of a stage as done under its key, inside a transaction.
pub(crate) fn note_work(
    transaction: &Connection,
    stage: &str,
    unit: &str,
    key: &str,
) -> Result<usize, rusqlite::Error> {
    transaction
        .prepare_cached("INSERT OR REPLACE INTO work (stage, unit, key) VALUES (?1, ?2, ?3)")?
        .execute((stage, unit, key))
}

/// The schema of a database.
fn schema(connection: &Connection) -> Result<usize, StoreError> {
    connection
        .pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        .doing("read the schema's version")
        .map(|version| usize::try_from(version).unwrap_or(usize::MAX))
}

/// How long a command waits for another one.
pub(crate) const WAIT: Duration = Duration::from_secs(10);

/// How often it is tried to read a database that cannot be written to, while others begin and end writing to it.
const TRIES: u32 = 50;

/// Brings what is logged into the file, and leaves the log empty: what was removed is then in neither. Somebody who reads an earlier
/// state keeps it from being done.
pub(crate) fn empty_log(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let busy: bool = connection
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))
        .doing("bring what is logged into the file")?;
    if busy { Err(StoreError::InUse { path: path.to_owned() }) } else { Ok(()) }
}

/// Brings the schema up to date, unless another program did so meanwhile.
fn bring_up_to_date(connection: &mut Connection) -> Result<(), StoreError> {
    let transaction =
        connection.transaction_with_behavior(TransactionBehavior::Immediate).doing("begin a migration")?;
    let found = schema(&transaction)?;
    if found < NEWEST {
        migrate(&transaction, found)?;
    }
    transaction.commit().doing("finish a migration")
}

/// Opens the database at `path` for somebody who means to read it, and who may not be allowed more. What can be written to is
/// opened for writing, as logs that were left are then applied.
pub(crate) fn for_reading(path: &Path) -> Result<Connection, StoreError> {
    let waiting = |connection: Connection| {
        connection.busy_timeout(WAIT).doing("set the waiting time")?;
        schema(&connection).map(|_| connection)
    };
    // Where it cannot be written to, the library opens it for reading.
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut tries = 0..TRIES;
    loop {
        let opened = Connection::open_with_flags(path, flags).doing("open the database").and_then(waiting);
        match opened {
            // The files that readers and writers agree by cannot be made here; while somebody writes, they are there.
            Err(StoreError::Database { source, .. })
                if matches!(
                    source.sqlite_error_code(),
                    Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied)
                ) && at_rest::may_only_be_read(path)
                    && tries.next().is_some() =>
            {
                if let Some(copied) = at_rest::copied(path)? {
                    return waiting(copied);
                }
                thread::sleep(at_rest::SETTLED);
            }
            opened => return opened,
        }
    }
}

impl Store {
    /// Opens the store at `path`, making it if it does not exist.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        if let Some(folder) = path.parent() {
            durable::create_folder(folder)
                .map_err(|source| StoreError::File { path: folder.to_owned(), source })?;
        }
        soundness::look(path)?;
        let connection = Connection::open(path).doing("open the database")?;
        Self::prepare(connection, path).map_err(|error| soundness::named(error, path))
    }

    /// Opens an existing store for reading; absent if there is none.
    pub fn open_existing(path: &Path) -> Result<Option<Self>, StoreError> {
        if !path.exists() {
            return Ok(None);
        }
        soundness::look(path)?;
        let opened = for_reading(path).and_then(|connection| Self::prepare(connection, path));
        opened.map(Some).map_err(|error| soundness::named(error, path))
    }

    /// Brings what stands in the log of the store at `path` into the file itself, which then is all that was acknowledged. Without a
    /// store there is nothing to do.
    pub fn settle(path: &Path) -> Result<(), StoreError> {
        if !path.exists() {
            return Ok(());
        }
        soundness::look(path)?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).doing("open the database")?;
        connection.busy_timeout(WAIT).doing("set the waiting time")?;
        empty_log(&connection, path).map_err(|error| soundness::named(error, path))
    }

    /// Whether the store at `path` has an older schema, which opening it would bring up to date.
    pub fn is_older(path: &Path) -> Result<bool, StoreError> {
        if !path.exists() {
            return Ok(false);
        }
        soundness::look(path)?;
        let found = for_reading(path).and_then(|connection| schema(&connection));
        found.map(|found| found < NEWEST).map_err(|error| soundness::named(error, path))
    }

    pub(crate) fn prepare(mut connection: Connection, path: &Path) -> Result<Self, StoreError> {
        connection.busy_timeout(WAIT).doing("set the waiting time")?;
        connection.pragma_update(None, "foreign_keys", true).doing("switch on foreign keys")?;
        // Plans that do not depend on the values looked for: statements that are kept would be planned anew each time.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)
            .doing("switch on stable plans")?;
        let found = schema(&connection)?;
        if found > NEWEST {
            return Err(StoreError::Newer { path: path.to_owned(), found, known: NEWEST });
        }
        // Nothing was written up to here: what is not ours stays as it is.
        soundness::is_ours(&connection, path, found)?;
        if connection.is_readonly(MAIN_DB).doing("look whether the database can be written to")? {
            if found < NEWEST {
                return Err(StoreError::OlderToRead { path: path.to_owned() });
            }
        } else {
            // What is acknowledged is on the disk before the next step; readers never block the writer.
            connection.pragma_update(None, "journal_mode", "wal").doing("switch on the write-ahead log")?;
            connection.pragma_update(None, "synchronous", "full").doing("switch on full syncing")?;
        }
        if found < NEWEST {
            bring_up_to_date(&mut connection)?;
        }
        connection.set_prepared_statement_cache_capacity(128);
        Ok(Self { connection, path: path.to_owned(), files: path.with_extension("files") })
    }

    /// Records several things as one: a program that is ended in between has recorded all of them or none. `doing`
    /// says what they are together.
    pub fn together<T, E: From<StoreError>>(
        &mut self,
        doing: &'static str,
        work: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        self.connection.execute_batch("SAVEPOINT together").doing(doing)?;
        let done = work(self).and_then(|done| {
            self.connection.execute_batch("RELEASE together").doing(doing)?;
            Ok(done)
        });
        // The database may have taken everything back already, e.g. where the disk is full.
        if done.is_err() && !self.connection.is_autocommit() {
            // What failed first is what people have to hear.
            let _ = self.connection.execute_batch("ROLLBACK TO together; RELEASE together");
        }
        done
    }

    /// Looks up many things as one: each by itself would take and give back the database's lock.
    pub fn look<T, E: From<StoreError>>(&self, work: impl FnOnce(&Self) -> Result<T, E>) -> Result<T, E> {
        let doing = "look up many things";
        self.connection.execute_batch("SAVEPOINT look").doing(doing)?;
        let found = work(self);
        let released = self.connection.execute_batch("RELEASE look").doing(doing);
        // Where both fail, the first is the cause.
        let found = found?;
        released?;
        Ok(found)
    }

    /// The key under which each unit of a stage was last done.
    pub fn work_keys(&self, stage: &str) -> Result<BTreeMap<String, String>, StoreError> {
        let doing = "look up finished work";
        let mut statement =
            self.connection.prepare("SELECT unit, key FROM work WHERE stage = ?1").doing(doing)?;
        let rows = statement.query_map([stage], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// The key under which one unit of a stage was last done: whoever goes through many units keeps none in memory.
    pub fn work_key(&self, stage: &str, unit: &str) -> Result<Option<String>, StoreError> {
        self.connection
            .prepare_cached("SELECT key FROM work WHERE stage = ?1 AND unit = ?2")
            .and_then(|mut statement| statement.query_row((stage, unit), |row| row.get(0)).optional())
            .doing("look up finished work")
    }

    /// The units of a stage that were done and that `wanted` picks.
    pub fn work_units(&self, stage: &str, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>, StoreError> {
        let doing = "look up finished work";
        let mut statement =
            self.connection.prepare_cached("SELECT unit FROM work WHERE stage = ?1").doing(doing)?;
        let mut rows = statement.query([stage]).doing(doing)?;
        let mut units = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let unit = row.get_ref(0).doing(doing)?.as_str().map_err(rusqlite::Error::from).doing(doing)?;
            if wanted(unit) {
                units.push(unit.to_owned());
            }
        }
        Ok(units)
    }

    /// Records units of a stage as done under their keys, all or none.
    pub fn record_work(&mut self, stage: &str, units: &[(String, String)]) -> Result<(), StoreError> {
        if units.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.savepoint().doing("record finished work")?;
        for (unit, key) in units {
            note_work(&transaction, stage, unit, key).doing("record finished work")?;
        }
        transaction.commit().doing("record finished work")
    }

    /// Forgets that units of a stage were done.
    pub fn forget_work(&mut self, stage: &str, units: &[String]) -> Result<(), StoreError> {
        if units.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.savepoint().doing("forget finished work")?;
        for unit in units {
            transaction
                .execute("DELETE FROM work WHERE stage = ?1 AND unit = ?2", (stage, unit))
                .doing("forget finished work")?;
        }
        transaction.commit().doing("forget finished work")
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_logged_is_in_the_file_after_it_was_settled() {
        let folder = tempfile::tempdir().unwrap();
        let (path, left) = (folder.path().join("gtmi.db"), folder.path().join("left.db"));
        let mut store = Store::open(&path).unwrap();
        store.record_work("score", &[("KEN".to_owned(), "1".to_owned())]).unwrap();
        // So it lies there where the program was killed.
        for ending in ["", "-wal"] {
            fs::copy(soundness::beside(&path, ending), soundness::beside(&left, ending)).unwrap();
        }
        Store::settle(&left).unwrap();
        assert!(!soundness::beside(&left, "-wal").exists());
        let moved = folder.path().join("moved.db");
        fs::rename(&left, &moved).unwrap();
        assert_eq!(Store::open(&moved).unwrap().work_keys("score").unwrap().len(), 1);

        Store::settle(&folder.path().join("none.db")).unwrap();
        assert!(!folder.path().join("none.db").exists());
    }

    #[test]
    fn a_schema_that_another_program_brought_up_to_date_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gtmi.db");
        drop(Store::open(&path).unwrap());
        let mut connection = Connection::open(&path).unwrap();
        // Found to be older, and brought up to date since.
        bring_up_to_date(&mut connection).unwrap();
        assert_eq!(schema(&connection).unwrap(), NEWEST);
    }
}
