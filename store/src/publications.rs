//! Waves as they were published, and personal data that are removed on request.

use std::path::Path;

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use rusqlite::{Connection, OpenFlags};

use crate::database::{Doing, Store, StoreError};
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
        self.connection.execute_batch("VACUUM; PRAGMA wal_checkpoint(TRUNCATE);").doing(doing)?;
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

    /// Removes the bytes of files that are to be forgotten by the database at `database`, which is to lie at `place`: those
    /// received and those fetched. The database keeps its schema.
    pub fn remove_forgotten(database: &Path, place: &Path) -> Result<(), StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(database, flags).doing("open the database")?;
        let mut store = Self { connection, files: place.with_extension("files") };
        store.remove_forgotten_bytes()?;
        store.forget_fetched(place)?;
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
