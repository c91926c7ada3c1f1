//! Files as received: bytes by content, names, and what reading them led to.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;

use maturity::finding::{Finding, Refusal};
use maturity::submission::{HeaderValue, Received, Response};
use pipeline::durable;
use rusqlite::Connection;

use crate::database::{Doing, Store, StoreError};
use crate::reviews::insert_contests;
use crate::rows::{cell_columns, corrupt, place_columns};

/// A file that comes in.
#[derive(Debug, Clone, Copy)]
pub struct IncomingFile<'a> {
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
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
    /// The first name it came under.
    pub name: String,
    /// When it was received.
    pub received_at: String,
    /// Why it was refused.
    pub refusal: Refusal,
}

impl Store {
    /// The key under which each file was read.
    pub fn reading_keys(&self) -> Result<BTreeMap<String, String>, StoreError> {
        let doing = "look up the files";
        let mut statement = self.connection.prepare("SELECT sha256, key FROM readings").doing(doing)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Notes which files are in their sources now; writes only what changed.
    pub fn mark_present(&mut self, present: &BTreeSet<String>) -> Result<(), StoreError> {
        let doing = "note which files are present";
        let known: Vec<(String, bool)> = {
            let mut statement = self.connection.prepare("SELECT sha256, present FROM files").doing(doing)?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
            rows.collect::<Result<_, _>>().doing(doing)?
        };
        let changed: Vec<_> =
            known.into_iter().filter(|(sha256, was)| present.contains(sha256) != *was).collect();
        if changed.is_empty() {
            return Ok(());
        }
        let transaction = self.connection.savepoint().doing(doing)?;
        for (sha256, was) in changed {
            transaction
                .execute("UPDATE files SET present = ?2 WHERE sha256 = ?1", (sha256, !was))
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
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

    /// Records a file and what reading it led to: its submissions, or why it was refused. The bytes are on
    /// the disk before the record is. `contents` are the hashes of the submissions, in the same order.
    pub fn record_file(
        &mut self,
        file: &IncomingFile<'_>,
        key: &str,
        outcome: &Result<Vec<(Received, String)>, Refusal>,
    ) -> Result<(), StoreError> {
        let forgotten = self.is_forgotten(file.sha256)?;
        if !forgotten {
            self.keep_bytes(file)?;
        }
        let transaction = self.connection.savepoint().doing("record a file")?;
        transaction
            .execute(
                "INSERT OR IGNORE INTO files (sha256, bytes, received_at) VALUES (?1, ?2, ?3)",
                (file.sha256, i64::try_from(file.size).unwrap_or(i64::MAX), file.received_at),
            )
            .doing("record a file")?;
        transaction
            .execute(
                "INSERT OR IGNORE INTO file_names (sha256, source, name, seen_at) VALUES (?1, ?2, ?3, ?4)",
                (file.sha256, file.source, file.name, file.received_at),
            )
            .doing("record a file's name")?;
        let refusal = match outcome {
            Ok(_) => None,
            Err(refusal) => Some(serde_json::to_string(refusal).map_err(|_| corrupt("a refusal"))?),
        };
        transaction
            .execute(
                "INSERT OR REPLACE INTO readings (sha256, key, refusal) VALUES (?1, ?2, ?3)",
                (file.sha256, key, refusal),
            )
            .doing("record a reading")?;
        for (received, content) in outcome.iter().flatten() {
            insert_submission(&transaction, file, received, content, forgotten)?;
        }
        transaction.commit().doing("record a file")
    }

    /// All names under which files were seen.
    pub fn file_names(&self) -> Result<Vec<FileName>, StoreError> {
        let mut statement = self
            .connection
            .prepare("SELECT sha256, source, name FROM file_names ORDER BY source, name, sha256")
            .doing("list the files")?;
        let rows = statement
            .query_map([], |row| Ok(FileName { sha256: row.get(0)?, source: row.get(1)?, name: row.get(2)? }))
            .doing("list the files")?;
        rows.collect::<Result<_, _>>().doing("list the files")
    }

    /// The files in the sources that are refused, by name.
    pub fn refused(&self) -> Result<Vec<RefusedFile>, StoreError> {
        let mut statement = self
            .connection
            .prepare(
                "SELECT sha256, (SELECT min(name) FROM file_names WHERE file_names.sha256 = readings.sha256),
                        received_at, refusal
                 FROM readings JOIN files USING (sha256) WHERE refusal IS NOT NULL AND present ORDER BY 2, 1",
            )
            .doing("list the refused files")?;
        let rows = statement
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                ))
            })
            .doing("list the refused files")?;
        let mut refused = Vec::new();
        for row in rows {
            let (sha256, name, received_at, refusal) = row.doing("list the refused files")?;
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
        let path = self.bytes_path(sha256);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => {
                Err(StoreError::File { path, source })
            }
            _ => Ok(()),
        }
    }

    /// Whether the personal data in a file were removed on request.
    fn is_forgotten(&self, sha256: &str) -> Result<bool, StoreError> {
        let doing = "look up what was forgotten";
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM forgotten WHERE sha256 = ?1").doing(doing)?;
        statement.exists([sha256]).doing(doing)
    }

    /// Writes the bytes to their place unless they lie there, synced and never half.
    fn keep_bytes(&self, file: &IncomingFile<'_>) -> Result<(), StoreError> {
        let Some(bytes) = file.bytes else { return Ok(()) };
        let path = self.bytes_path(file.sha256);
        if fs::metadata(&path).is_ok_and(|known| known.len() == file.size) {
            return Ok(durable::settle(&path)?);
        }
        Ok(durable::write(&path, bytes)?)
    }
}

/// Records a submission unless it is known; a known one is replaced only if it is read differently now.
fn insert_submission(
    transaction: &Connection,
    file: &IncomingFile<'_>,
    received: &Received,
    content: &str,
    forgotten: bool,
) -> Result<(), StoreError> {
    let place = serde_json::to_string(&received.place).map_err(|_| corrupt("a place"))?;
    let known: Option<(i64, String)> = transaction
        .prepare_cached("SELECT id, content FROM submissions WHERE sha256 = ?1 AND place = ?2")
        .and_then(|mut statement| {
            let mut rows = statement.query((file.sha256, &place))?;
            rows.next()?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
        })
        .doing("look up a submission")?;
    let id = match known {
        Some((_, known)) if known == content => return Ok(()),
        Some((id, _)) => {
            for table in ["headers", "contacts", "responses", "reading_findings", "contests"] {
                transaction
                    .execute(&format!("DELETE FROM {table} WHERE submission = ?1"), [id])
                    .doing("replace a reading")?;
            }
            transaction
                .execute(
                    "UPDATE submissions SET content = ?2, layout = ?3 WHERE id = ?1",
                    (id, content, received.layout.as_str()),
                )
                .doing("replace a reading")?;
            id
        }
        None => {
            transaction
                .prepare_cached(
                    "INSERT INTO submissions (sha256, place, layout, content, received_at) VALUES (?1, ?2, ?3, ?4, ?5)",
                )
                .and_then(|mut statement| {
                    statement.insert((file.sha256, &place, received.layout.as_str(), content, file.received_at))
                })
                .doing("record a submission")?
        }
    };
    let kept = received.header.iter().filter(|header| !(forgotten && header.field.is_personal()));
    insert_headers(transaction, id, kept)?;
    insert_responses(transaction, id, &received.responses)?;
    insert_findings(transaction, id, &received.findings)?;
    insert_contests(transaction, id, &received.contests)
}

fn insert_findings(transaction: &Connection, id: i64, findings: &[Finding]) -> Result<(), StoreError> {
    let sql = "INSERT INTO reading_findings (submission, seq, finding) VALUES (?1, ?2, ?3)";
    for (seq, finding) in (0_i64..).zip(findings) {
        let finding = serde_json::to_string(finding).map_err(|_| corrupt("a finding"))?;
        transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute((id, seq, finding)))
            .doing("record what was noticed while reading")?;
    }
    Ok(())
}

fn insert_headers<'h>(
    transaction: &Connection,
    id: i64,
    headers: impl Iterator<Item = &'h HeaderValue>,
) -> Result<(), StoreError> {
    for header in headers {
        let table = if header.field.is_personal() { "contacts" } else { "headers" };
        let value = serde_json::to_string(&header.value).map_err(|_| corrupt("a header"))?;
        let place = serde_json::to_string(&header.place).map_err(|_| corrupt("a place"))?;
        transaction
            .prepare_cached(&format!(
                "INSERT OR IGNORE INTO {table} (submission, field, value, place) VALUES (?1, ?2, ?3, ?4)"
            ))
            .and_then(|mut statement| statement.execute((id, header.field.as_str(), value, place)))
            .doing("record a header")?;
    }
    Ok(())
}

fn insert_responses(transaction: &Connection, id: i64, responses: &[Response]) -> Result<(), StoreError> {
    let mut statement = transaction
        .prepare_cached(
            "INSERT INTO responses (submission, seq, question, field, kind, text, number, formula, sheet, cell)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        )
        .doing("record responses")?;
    for (seq, response) in (0_i64..).zip(responses) {
        let (kind, text, number) = cell_columns(&response.value);
        let (sheet, cell) = place_columns(Some(&response.place));
        statement
            .execute((
                id,
                seq,
                &response.question,
                response.field.as_str(),
                kind,
                text,
                number,
                response.formula,
                sheet,
                cell,
            ))
            .doing("record responses")?;
    }
    Ok(())
}
