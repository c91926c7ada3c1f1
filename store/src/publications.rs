//! Waves as they were published, and personal data that are removed on request.

use std::path::Path;

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use rusqlite::{Connection, OpenFlags};

use crate::database::{Doing, Store, StoreError, empty_log};
use crate::outbox;

/// What was removed on request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// SHA-256 of the files that held names and addresses.
    pub files: Vec<String>,
    /// How many letters to these addresses were emptied.
    pub letters: usize,
}

impl Store {
    /// Adds a publication of a wave: a JSON document.
    pub fn publish(&mut self, wave: Wave, content: &str) -> Result<(), StoreError> {
        self.connection
            .execute("INSERT INTO publications (wave, content) VALUES (?1, ?2)", (wave.0, content))
            .doing("record a publication")?;
        Ok(())
    }

    /// The latest publication of a wave.
    pub fn publication(&self, wave: Wave) -> Result<Option<String>, StoreError> {
        let doing = "read a publication";
        let mut statement = self
            .connection
            .prepare("SELECT content FROM publications WHERE wave = ?1 ORDER BY seq DESC LIMIT 1")
            .doing(doing)?;
        let mut rows = statement.query([wave.0]).doing(doing)?;
        match rows.next().doing(doing)? {
            Some(row) => Ok(Some(row.get(0).doing(doing)?)),
            None => Ok(None),
        }
    }

    /// Removes the names and addresses of the respondents of an economy in all waves, and the files that hold
    /// them; `like` narrows it to those that contain a text. Notes which files these were, so that they are not
    /// recorded again. Empties the letters that were written to them. What was answered, scored and decided stays.
    pub fn forget(
        &mut self,
        economy: &EconomyCode,
        like: Option<&str>,
        at: &str,
    ) -> Result<Forgotten, StoreError> {
        let doing = "remove personal data";
        // Freed pages are overwritten, so that nothing can be read back from the file.
        self.connection.pragma_update(None, "secure_delete", "ON").doing(doing)?;
        let transaction = self.connection.savepoint().doing(doing)?;
        let files: Vec<String> = {
            let mut statement = transaction
                .prepare(
                    "SELECT DISTINCT s.sha256 FROM submissions s JOIN contacts c ON c.submission = s.id
                     WHERE s.economy = ?1 AND (?2 IS NULL OR instr(lower(c.value), lower(?2)) > 0) ORDER BY 1",
                )
                .doing(doing)?;
            let rows = statement.query_map((economy.as_str(), like), |row| row.get(0)).doing(doing)?;
            rows.collect::<Result<_, _>>().doing(doing)?
        };
        let letters = outbox::forget(&transaction, economy, like, at)?;
        for sha256 in &files {
            transaction
                .execute(
                    "DELETE FROM contacts WHERE submission IN (SELECT id FROM submissions WHERE sha256 = ?1)",
                    [sha256],
                )
                .doing(doing)?;
            transaction
                .execute("INSERT OR IGNORE INTO forgotten (sha256, at) VALUES (?1, ?2)", (sha256, at))
                .doing(doing)?;
        }
        transaction.commit().doing(doing)?;
        self.remove_forgotten_bytes()?;
        self.connection.execute_batch("VACUUM").doing(doing)?;
        empty_log(&self.connection, &self.path)?;
        Ok(Forgotten { files, letters })
    }

    /// Whether the respondents of a file of this economy were forgotten before.
    pub fn has_forgotten(&self, economy: &EconomyCode) -> Result<bool, StoreError> {
        self.connection
            .query_row(
                "SELECT EXISTS (SELECT 1 FROM forgotten f JOIN submissions s ON s.sha256 = f.sha256
                 WHERE s.economy = ?1)",
                [economy.as_str()],
                |row| row.get(0),
            )
            .doing("look up what is forgotten")
    }

    /// Removes the bytes of files that are to be forgotten by the database at `database`: those received beside the one
    /// at `received`, and those fetched beside the one at `fetched`. The database keeps its schema.
    pub fn remove_forgotten(database: &Path, received: &Path, fetched: &Path) -> Result<(), StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags).doing("open the database")?;
        let mut store =
            Self { connection, path: database.to_owned(), files: received.with_extension("files") };
        store.remove_forgotten_bytes()?;
        store.forget_fetched(fetched)?;
        Ok(())
    }

    /// Removes the bytes of files that are to be forgotten, also where the program was ended before it came to that.
    pub(crate) fn remove_forgotten_bytes(&self) -> Result<(), StoreError> {
        let doing = "look up what is forgotten";
        let mut statement = self.connection.prepare("SELECT sha256 FROM forgotten").doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            self.remove_bytes(&row.get::<_, String>(0).doing(doing)?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn names_that_a_reader_keeps_in_the_file_are_not_said_to_be_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gtmi.db");
        let mut store = Store::open(&path).unwrap();
        store
            .connection
            .execute_batch(
                "INSERT INTO files (sha256, bytes, received_at) VALUES ('f1', 1, '2022-11-25T00:00:00Z');
                 INSERT INTO submissions (id, sha256, place, layout, content, received_at, economy, arrival)
                     VALUES (1, 'f1', '', 'workbook', 'c', '2022-11-25T00:00:00Z', 'KEN', 1);
                 INSERT INTO contacts (submission, field, value, place)
                     VALUES (1, 'contact_email', 'wanjiku@ict.example', '{}');",
            )
            .unwrap();
        store.connection.busy_timeout(Duration::from_millis(1)).unwrap();
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT * FROM contacts;").unwrap();
        let forget = |store: &mut Store| store.forget(&EconomyCode::new("KEN"), None, "2022-11-26T00:00:00Z");
        let error = forget(&mut store).unwrap_err().to_string();
        assert!(error.contains("is being read by another command (try again"), "{error}");
        drop(reader);
        forget(&mut store).unwrap();
        for ending in ["", "-wal"] {
            let bytes = std::fs::read(crate::soundness::beside(&path, ending)).unwrap();
            assert!(!bytes.windows(7).any(|window| window == b"wanjiku"), "{ending}");
        }
    }
}
