//! Files as received: bytes by content, names, and what reading them led to.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use maturity::finding::Refusal;
use maturity::shown::decoded;
use maturity::submission::{Received, Wave};
use pipeline::durable;
use pipeline::hash::{Digest, Seal};
use rusqlite::{Connection, Row};

use crate::database::{Doing, Store, StoreError};
use crate::receiving::insert_submission;
use crate::rows::corrupt;

const NOTE_PRESENT: &str = "INSERT OR IGNORE INTO present (wave, sha256) VALUES (?1, ?2)";

/// A file that comes in.
#[derive(Debug, Clone, Copy)]
pub struct IncomingFile<'a> {
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
    /// Their seal, where it is known.
    pub seal: Option<Seal>,
    /// Its bytes; absent where the file is too large to be kept.
    pub bytes: Option<&'a [u8]>,
    /// Its size in bytes.
    pub size: u64,
    /// The source it came from.
    pub source: &'a str,
    /// The name it came under, relative to the source.
    pub name: &'a str,
    /// When it was received, UTC in RFC 3339.
    pub received_at: &'a str,
}

/// A file that was read.
#[derive(Debug, Clone, Copy)]
pub struct ReadFile<'a> {
    /// The file.
    pub file: IncomingFile<'a>,
    /// The key under which it was read.
    pub key: &'a str,
    /// What reading it led to: its submissions, each with the hash of its content, or why it was refused.
    pub outcome: &'a Result<Vec<(Received, String)>, Refusal>,
}

/// A name under which a file was seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileName {
    /// SHA-256 of the file.
    pub sha256: String,
    /// The source.
    pub source: String,
    /// The name, relative to the source.
    pub name: String,
}

/// A file that was refused.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedFile {
    /// SHA-256 of the file.
    pub sha256: String,
    /// The name that it was last seen under, as people read it; the first of several.
    pub name: String,
    /// When it was received.
    pub received_at: String,
    /// Why it was refused.
    pub refusal: Refusal,
}

/// One of several names of a file.
struct Seen {
    source: String,
    name: String,
    /// Whether the file was under it when it was last seen.
    was: bool,
    /// Whether it is under it now.
    is: bool,
}

impl Store {
    /// Gives the files that were read under a key, each with its seal as far as one is known.
    pub fn each_read_under(
        &self,
        key: &str,
        mut take: impl FnMut(Digest, Option<Seal>),
    ) -> Result<(), StoreError> {
        let doing = "look up the files";
        let mut statement = self
            .connection
            .prepare("SELECT sha256, seal FROM readings JOIN files USING (sha256) WHERE key = ?1")
            .doing(doing)?;
        let mut rows = statement.query([key]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let seal = row.get_ref(1).and_then(|seal| seal.as_str_or_null().map_err(rusqlite::Error::from));
            if let Some(digest) = Digest::parse(text_of(row)?) {
                take(digest, seal.doing(doing)?.and_then(Seal::parse));
            }
        }
        Ok(())
    }

    /// Records the seals of files of which none were known: those that an earlier version of this program read.
    pub fn record_seals(&mut self, files: &[(Digest, Seal)]) -> Result<(), StoreError> {
        if files.is_empty() {
            return Ok(());
        }
        let doing = "record the seals of files";
        let transaction = self.connection.savepoint().doing(doing)?;
        for (sha256, seal) in files {
            transaction
                .prepare_cached("UPDATE files SET seal = ?2 WHERE sha256 = ?1")
                .and_then(|mut statement| statement.execute((sha256.to_string(), seal.to_string())))
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// Notes which files are in the sources of a wave now; writes only what changed.
    pub fn mark_present(&mut self, wave: Wave, is_present: impl Fn(&str) -> bool) -> Result<(), StoreError> {
        let doing = "note which files are present";
        let mut changed: Vec<(String, bool)> = Vec::new();
        {
            let mut statement = self
                .connection
                .prepare(
                    "SELECT f.sha256, p.sha256 IS NOT NULL
                     FROM files f LEFT JOIN present p ON p.wave = ?1 AND p.sha256 = f.sha256",
                )
                .doing(doing)?;
            let mut rows = statement.query([wave.0]).doing(doing)?;
            while let Some(row) = rows.next().doing(doing)? {
                let (sha256, was): (_, bool) = (text_of(row)?, row.get(1).doing(doing)?);
                let is = is_present(sha256);
                if is != was {
                    changed.push((sha256.to_owned(), is));
                }
            }
        }
        if changed.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.savepoint().doing(doing)?;
        for (sha256, is) in changed {
            let sql = if is { NOTE_PRESENT } else { "DELETE FROM present WHERE wave = ?1 AND sha256 = ?2" };
            transaction.execute(sql, (wave.0, sha256)).doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// Whether a file was in a source at the latest look for a wave.
    pub(crate) fn is_present(&self, wave: Wave, sha256: &str) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM present WHERE wave = ?1 AND sha256 = ?2")
            .and_then(|mut statement| statement.exists((wave.0, sha256)))
            .doing("look whether a file is in its source")
    }

    /// The files of a source that were in the sources of a wave at the latest look, by SHA-256.
    pub fn present_in(&self, wave: Wave, source: &str) -> Result<Vec<String>, StoreError> {
        let doing = "list the files of a source";
        let mut statement = self
            .connection
            .prepare(
                "SELECT DISTINCT sha256 FROM present JOIN file_names USING (sha256) WHERE wave = ?1 AND source = ?2",
            )
            .doing(doing)?;
        let rows = statement.query_map((wave.0, source), |row| row.get(0)).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Those of the names under which files were not seen before.
    pub fn unknown_names(&self, names: Vec<FileName>) -> Result<Vec<FileName>, StoreError> {
        let doing = "look up the names of files";
        self.look(|store| {
            let mut statement = store
                .connection
                .prepare_cached("SELECT 1 FROM file_names WHERE sha256 = ?1 AND source = ?2 AND name = ?3")
                .doing(doing)?;
            let mut unknown = Vec::new();
            for file in names {
                if !statement.exists((&file.sha256, &file.source, &file.name)).doing(doing)? {
                    unknown.push(file);
                }
            }
            Ok(unknown)
        })
    }

    /// Records a further name of a known file.
    pub fn record_name(&mut self, file: &FileName, seen_at: &str) -> Result<(), StoreError> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO file_names (sha256, source, name, seen_at) VALUES (?1, ?2, ?3, ?4)",
                (&file.sha256, &file.source, &file.name, seen_at),
            )
            .doing("record a file's name")?;
        Ok(())
    }

    /// Notes under which of its names each file was at the latest look for a wave; `is_there` says which names there are now.
    /// One that is under none of them keeps those that it was last seen under. Writes only what changed.
    pub fn mark_names(
        &mut self,
        wave: Wave,
        is_there: impl Fn(&str, &str) -> bool,
    ) -> Result<(), StoreError> {
        let doing = "note the names of files";
        let mut names: BTreeMap<String, Vec<Seen>> = BTreeMap::new();
        {
            // Another file may be under the name now.
            let mut statement = self
                .connection
                .prepare_cached(
                    "SELECT n.sha256, n.source, n.name, n.latest, coalesce((
                         SELECT p.sha256 = n.sha256 FROM places p
                         WHERE p.wave = ?1 AND p.source = n.source AND p.name = n.name
                     ), 1)
                     FROM file_names n
                     WHERE n.sha256 IN (SELECT sha256 FROM file_names GROUP BY sha256 HAVING count(*) > 1)",
                )
                .doing(doing)?;
            let mut rows = statement.query([wave.0]).doing(doing)?;
            while let Some(row) = rows.next().doing(doing)? {
                let (source, name): (String, String) = (row.get(1).doing(doing)?, row.get(2).doing(doing)?);
                let (was, is_under): (bool, bool) = (row.get(3).doing(doing)?, row.get(4).doing(doing)?);
                let is = is_under && is_there(&source, &name);
                names.entry(row.get(0).doing(doing)?).or_default().push(Seen { source, name, was, is });
            }
        }
        names.retain(|_, all| all.iter().any(|seen| seen.is) && all.iter().any(|seen| seen.is != seen.was));
        if names.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.savepoint().doing(doing)?;
        for (sha256, all) in names {
            for seen in all {
                transaction
                    .prepare_cached(
                        "UPDATE file_names SET latest = ?4 WHERE sha256 = ?1 AND source = ?2 AND name = ?3",
                    )
                    .and_then(|mut statement| statement.execute((&sha256, seen.source, seen.name, seen.is)))
                    .doing(doing)?;
            }
        }
        transaction.commit().doing(doing)
    }

    /// Records files of a wave's sources and what reading them led to, all or none. Their bytes are on the disk before the
    /// records are.
    pub fn record_files(&mut self, wave: Wave, files: &[ReadFile<'_>]) -> Result<(), StoreError> {
        let mut forgotten = Vec::new();
        for read in files {
            forgotten.push(self.is_forgotten(read.file.sha256)?);
        }
        let kept = files.iter().zip(&forgotten).filter(|(_, forgotten)| !**forgotten);
        self.keep_bytes(kept.map(|(read, _)| &read.file))?;
        let transaction = self.connection.savepoint().doing("record files")?;
        for (read, forgotten) in files.iter().zip(forgotten) {
            insert_file(&transaction, read, forgotten)?;
            transaction
                .prepare_cached(NOTE_PRESENT)
                .and_then(|mut statement| statement.execute((wave.0, read.file.sha256)))
                .doing("record files")?;
        }
        transaction.commit().doing("record files")
    }

    /// Gives every file that was ever seen, by content, with the names under which it was seen. What `take` cannot take
    /// ends it.
    pub fn each_file<E>(
        &self,
        mut take: impl FnMut(&str, &[String]) -> Result<(), E>,
    ) -> Result<Result<(), E>, StoreError> {
        let doing = "list the files";
        let mut statement = self
            .connection
            .prepare_cached("SELECT sha256, source, name FROM file_names ORDER BY sha256, source, name")
            .doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let (mut file, mut names) = (String::new(), Vec::new());
        while let Some(row) = rows.next().doing(doing)? {
            let sha256 = text_of(row)?;
            if sha256 != file {
                if !names.is_empty()
                    && let Err(error) = take(&file, &names)
                {
                    return Ok(Err(error));
                }
                names.clear();
                sha256.clone_into(&mut file);
            }
            let (source, name): (String, String) = (row.get(1).doing(doing)?, row.get(2).doing(doing)?);
            names.push(format!("{source}/{name}"));
        }
        Ok(if names.is_empty() { Ok(()) } else { take(&file, &names) })
    }

    /// The files in the sources of a wave that are refused, by name.
    pub fn refused(&self, wave: Wave) -> Result<Vec<RefusedFile>, StoreError> {
        let mut statement = self
            .connection
            .prepare(
                "SELECT sha256,
                        (SELECT n.name FROM file_names n WHERE n.sha256 = readings.sha256
                             ORDER BY n.latest DESC, n.source, n.name LIMIT 1),
                        received_at, refusal,
                        (SELECT EXISTS (SELECT 1 FROM fetched x WHERE x.source = n.source AND x.remote = n.name)
                             FROM file_names n WHERE n.sha256 = readings.sha256
                             ORDER BY n.latest DESC, n.source, n.name LIMIT 1)
                 FROM readings JOIN files USING (sha256) JOIN present USING (sha256)
                 WHERE refusal IS NOT NULL AND present.wave = ?1 ORDER BY 2, 1",
            )
            .doing("list the refused files")?;
        let rows = statement
            .query_map([wave.0], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, bool>(4)?,
                ))
            })
            .doing("list the refused files")?;
        let mut refused = Vec::new();
        for row in rows {
            let (sha256, name, received_at, refusal, fetched) = row.doing("list the refused files")?;
            let name = if fetched { decoded(&name) } else { name };
            let refusal = serde_json::from_str(&refusal).map_err(|_| corrupt("a refusal"))?;
            refused.push(RefusedFile { sha256, name, received_at, refusal });
        }
        Ok(refused)
    }

    /// Removes what killed programs left among the received files, and those that one was ended before removing. For whoever holds the lock of a run.
    pub fn sweep(&self) -> Result<(), StoreError> {
        self.remove_forgotten_bytes()?;
        let failed = |source| StoreError::File { path: self.files.clone(), source };
        let folders = match fs::read_dir(&self.files) {
            Ok(folders) => folders,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(failed(error)),
        };
        for folder in folders {
            let folder = folder.map_err(failed)?.path();
            if folder.is_dir() {
                durable::sweep(&folder).map_err(failed)?;
            }
        }
        Ok(())
    }

    /// The bytes of a received file.
    pub fn bytes(&self, sha256: &str) -> Result<Vec<u8>, StoreError> {
        let path = self.bytes_path(sha256);
        fs::read(&path).map_err(|source| StoreError::File { path, source })
    }

    fn bytes_path(&self, sha256: &str) -> PathBuf {
        self.files.join(sha256.get(..2).unwrap_or("__")).join(sha256)
    }

    /// Removes the bytes of a file; its record stays.
    pub(crate) fn remove_bytes(&self, sha256: &str) -> Result<(), StoreError> {
        Ok(durable::remove(&self.bytes_path(sha256))?)
    }

    /// Whether the personal data in a file were removed on request.
    pub fn is_forgotten(&self, sha256: &str) -> Result<bool, StoreError> {
        let doing = "look up what was forgotten";
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM forgotten WHERE sha256 = ?1").doing(doing)?;
        statement.exists([sha256]).doing(doing)
    }

    /// Writes the bytes to their places unless they lie there, synced and never half.
    fn keep_bytes<'f>(&self, files: impl Iterator<Item = &'f IncomingFile<'f>>) -> Result<(), StoreError> {
        let mut missing = Vec::new();
        for file in files {
            let Some(bytes) = file.bytes else { continue };
            let path = self.bytes_path(file.sha256);
            if fs::metadata(&path).is_ok_and(|known| known.len() == file.size) {
                durable::settle(&path)?;
            } else {
                missing.push((path, bytes));
            }
        }
        Ok(durable::write_each(&missing)?)
    }
}

/// The text in the first column of a row.
fn text_of<'r>(row: &'r Row<'_>) -> Result<&'r str, StoreError> {
    let text = row.get_ref(0).and_then(|value| value.as_str().map_err(rusqlite::Error::from));
    text.doing("look up the files")
}

fn insert_file(transaction: &Connection, read: &ReadFile<'_>, forgotten: bool) -> Result<(), StoreError> {
    let ReadFile { file, key, outcome } = read;
    transaction
        .prepare_cached(
            // An earlier version could take the size of before a file grew.
            "INSERT INTO files (sha256, bytes, received_at, seal) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (sha256) DO UPDATE SET bytes = excluded.bytes WHERE bytes <> excluded.bytes",
        )
        .and_then(|mut statement| {
            let size = i64::try_from(file.size).unwrap_or(i64::MAX);
            let seal = file.seal.map(|seal| seal.to_string());
            statement.execute((file.sha256, size, file.received_at, seal))
        })
        .doing("record a file")?;
    transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO file_names (sha256, source, name, seen_at) VALUES (?1, ?2, ?3, ?4)",
        )
        .and_then(|mut statement| statement.execute((file.sha256, file.source, file.name, file.received_at)))
        .doing("record a file's name")?;
    let refusal = match outcome {
        Ok(_) => None,
        Err(refusal) => Some(serde_json::to_string(refusal).map_err(|_| corrupt("a refusal"))?),
    };
    transaction
        .prepare_cached(
            "INSERT OR REPLACE INTO readings (sha256, key, refusal, is_empty) VALUES (?1, ?2, ?3, ?4)",
        )
        .and_then(|mut statement| {
            let is_empty = outcome.as_ref().is_ok_and(Vec::is_empty);
            statement.execute((file.sha256, key, refusal, is_empty))
        })
        .doing("record a reading")?;
    for (received, content) in outcome.iter().flatten() {
        insert_submission(transaction, file, received, content, forgotten)?;
    }
    Ok(())
}
