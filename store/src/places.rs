//! Which file is under each name of a source: a file may come back to a name that another had in the meantime.

use std::collections::BTreeMap;

use maturity::submission::Wave;
use rusqlite::OptionalExtension;

use crate::database::{Doing, Store, StoreError};
use crate::fetched::of_form;
use crate::files::FileName;
use crate::submissions::SubmissionId;

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

    /// How often submissions arrived again, where they did. Their places in the order do not tell: these move also where
    /// others are put before them.
    pub fn arrived_again(&self) -> Result<BTreeMap<SubmissionId, u64>, StoreError> {
        let doing = "look which files arrived again";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT s.id, count(*) FROM trail t JOIN submissions s ON s.content = t.content
                 WHERE t.state = 'received-again' AND t.by = 'ingest' GROUP BY s.id",
            )
            .doing(doing)?;
        let rows = statement
            .query_map([], |row| Ok((SubmissionId(row.get(0)?), row.get::<_, i64>(1)?.unsigned_abs())))
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Lets the submissions of files that the platform of a form has count as received in the order in which they were
    /// sent there: an edit keeps the place of what it corrects, and what was fetched late takes the place that its date
    /// gives it. Others stay as they are, in their order.
    pub fn order_as_sent(&mut self, wave: Wave, files: &[&FileName]) -> Result<(), StoreError> {
        let mut sources: BTreeMap<&str, Vec<Sent<'_>>> = BTreeMap::new();
        for file in files {
            if let Some(sent) = self.sent(file)? {
                sources.entry(&file.source).or_default().push(sent);
            }
        }
        for (source, mut sent) in sources {
            sent.sort();
            // Nearly always they are the latest, in their order.
            let in_order = sent.is_sorted_by_key(|sent| sent.arrival);
            let latest = self.latest_sent(wave, source, &sent)?;
            if in_order && sent.first().is_none_or(|first| latest.is_none_or(|latest| first.key() > latest)) {
                continue;
            }
            for sent in sent {
                self.put_in_order(wave, &sent)?;
            }
        }
        Ok(())
    }

    /// When the file of a form's document was sent, if it has submissions.
    fn sent<'f>(&self, file: &'f FileName) -> Result<Option<Sent<'f>>, StoreError> {
        self.connection
            .prepare_cached(&format!(
                "SELECT dated, (SELECT min(arrival) FROM submissions WHERE sha256 = ?3) AS arrival FROM fetched f
                 WHERE source = ?1 AND remote = ?2 AND dated IS NOT NULL AND arrival IS NOT NULL AND {}",
                of_form("f")
            ))
            .and_then(|mut statement| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Sent { dated: row.get(0)?, remote: &file.name, arrival: row.get(1)?, file })
                };
                statement.query_row((&file.source, &file.name, &file.sha256), read).optional()
            })
            .doing("look up when a submission was sent")
    }

    /// Date and name of what was sent last to a source, beside some.
    fn latest_sent(
        &self,
        wave: Wave,
        source: &str,
        beside: &[Sent<'_>],
    ) -> Result<Option<(String, String)>, StoreError> {
        let doing = "look up when submissions were sent";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT f.dated, f.remote FROM places p
                 JOIN fetched f ON f.source = p.source AND f.remote = p.name
                 WHERE p.wave = ?1 AND p.source = ?2 AND f.dated IS NOT NULL ORDER BY 1 DESC, 2 DESC",
            )
            .doing(doing)?;
        let mut rows = statement.query((wave.0, source)).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let (dated, remote): (String, String) = (row.get(0).doing(doing)?, row.get(1).doing(doing)?);
            if !beside.iter().any(|sent| sent.remote == remote) {
                return Ok(Some((dated, remote)));
            }
        }
        Ok(None)
    }

    /// Puts the submissions of one file before those that were sent later.
    fn put_in_order(&mut self, wave: Wave, sent: &Sent<'_>) -> Result<(), StoreError> {
        let doing = "order submissions as they were sent";
        let file = sent.file;
        let transaction = self.connection.savepoint().doing(doing)?;
        // The first that was sent later, by the latest version of each.
        let later: Option<i64> = transaction
            .prepare_cached(
                "SELECT min(s.arrival) FROM fetched f
                 JOIN places p ON p.wave = ?1 AND p.source = f.source AND p.name = f.remote
                 JOIN submissions s ON s.sha256 = p.sha256
                 WHERE f.source = ?2 AND (f.dated, f.remote) > (?3, ?4)",
            )
            .and_then(|mut statement| {
                statement.query_row((wave.0, &file.source, &sent.dated, sent.remote), |row| row.get(0))
            })
            .doing(doing)?;
        let Some(later) = later else { return Ok(()) };
        let ids: Vec<i64> = transaction
            .prepare_cached("SELECT id FROM submissions WHERE sha256 = ?1 AND arrival > ?2 ORDER BY arrival")
            .and_then(|mut statement| statement.query_map((&file.sha256, later), |row| row.get(0))?.collect())
            .doing(doing)?;
        if ids.is_empty() {
            return Ok(());
        }
        // Never before another version of the same: those may stand where edits counted as received last.
        let version: Option<i64> = transaction
            .prepare_cached(
                "SELECT max(s.arrival) FROM file_names n JOIN submissions s ON s.sha256 = n.sha256
                 WHERE n.source = ?1 AND n.name = ?2 AND n.sha256 <> ?3",
            )
            .and_then(|mut statement| {
                statement.query_row((&file.source, &file.name, &file.sha256), |row| row.get(0))
            })
            .doing(doing)?;
        let first = version.map_or(later, |version| later.max(version + 1));
        let count = i64::try_from(ids.len()).unwrap_or(i64::MAX);
        transaction
            .execute("UPDATE submissions SET arrival = arrival + ?2 WHERE arrival >= ?1", (first, count))
            .doing(doing)?;
        for (arrival, id) in (first..).zip(ids) {
            transaction
                .execute("UPDATE submissions SET arrival = ?2 WHERE id = ?1", (id, arrival))
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }
}

/// The file of a document that the platform of a form has.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Sent<'f> {
    /// When it was first sent.
    dated: String,
    remote: &'f str,
    /// The first place that its submissions have in the order of receipt.
    arrival: i64,
    file: &'f FileName,
}

impl Sent<'_> {
    fn key(&self) -> (String, String) {
        (self.dated.clone(), self.remote.to_owned())
    }
}
