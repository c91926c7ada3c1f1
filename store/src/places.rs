//! Which file is under each name of a source: a file may come back to a name that another had in the meantime.

use maturity::submission::Wave;
use rusqlite::OptionalExtension;

use crate::database::{Doing, Store, StoreError};
use crate::files::FileName;

/// A file that is under a name since the latest look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The file and its name.
    pub file: FileName,
    /// Whether another file was under this name.
    pub replaces: bool,
}

impl Store {
    /// Those of the files that were not under their names at the latest look for a wave.
    pub fn placed(&self, wave: Wave, files: Vec<FileName>) -> Result<Vec<Placed>, StoreError> {
        let doing = "look up which files were under their names";
        self.look(|store| {
            let mut statement = store
                .connection
                .prepare_cached("SELECT sha256 FROM places WHERE wave = ?1 AND source = ?2 AND name = ?3")
                .doing(doing)?;
            let mut placed = Vec::new();
            for file in files {
                let before: Option<String> = statement
                    .query_row((wave.0, &file.source, &file.name), |row| row.get(0))
                    .optional()
                    .doing(doing)?;
                if before.as_ref() != Some(&file.sha256) {
                    placed.push(Placed { file, replaces: before.is_some() });
                }
            }
            Ok(placed)
        })
    }

    /// Notes which file is under a name in a wave.
    pub fn record_place(&mut self, wave: Wave, file: &FileName) -> Result<(), StoreError> {
        let doing = "record which file is under a name";
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO places (wave, source, name, sha256) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut statement| statement.execute((wave.0, &file.source, &file.name, &file.sha256)))
            .doing(doing)?;
        Ok(())
    }

    /// Lets the submissions of a file count as those that came last, in the order that they had, and says so in their
    /// trails. `at` is now, UTC in RFC 3339. Gives how many they are.
    pub fn arrive_again(&mut self, file: &FileName, at: &str) -> Result<usize, StoreError> {
        let doing = "let a file arrive again";
        let transaction = self.connection.savepoint().doing(doing)?;
        let ids: Vec<i64> = transaction
            .prepare_cached("SELECT id FROM submissions WHERE sha256 = ?1 ORDER BY arrival")
            .and_then(|mut statement| statement.query_map([&file.sha256], |row| row.get(0))?.collect())
            .doing(doing)?;
        for id in &ids {
            transaction
                .prepare_cached(
                    "UPDATE submissions SET arrival = (SELECT max(arrival) + 1 FROM submissions) WHERE id = ?1",
                )
                .and_then(|mut statement| statement.execute([id]))
                .doing(doing)?;
            transaction
                .prepare_cached(
                    "INSERT INTO trail (wave, economy, content, state, by, reason, at)
                     SELECT wave, economy, content, 'received-again', 'ingest', ?2, ?3 FROM submissions WHERE id = ?1",
                )
                .and_then(|mut statement| statement.execute((id, &file.name, at)))
                .doing(doing)?;
        }
        transaction.commit().doing(doing)?;
        Ok(ids.len())
    }
}
