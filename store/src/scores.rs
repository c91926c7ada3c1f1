//! The scores in force: one tree an economy, stored as rows in the order of reading.

use std::collections::{BTreeMap, BTreeSet};

use maturity::comparator::Level;
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores};
use maturity::submission::{Collected, Wave};
use maturity::withheld::Withheld;
use rusqlite::{Connection, OptionalExtension};

use crate::database::{Doing, Store, StoreError, note_work};
use crate::lists::{list_of_terms, terms_of};
use crate::rows::corrupt;
use crate::score_tree::{ScoreRow, add_terms, level_of, rows_of, tree_of};
use crate::submissions::SubmissionId;

/// The stage under which finished scorings are recorded.
const STAGE: &str = "score";

/// An economy that has scores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    /// The economy.
    pub economy: EconomyCode,
    /// The submission that they come from.
    pub submission: SubmissionId,
    /// Who collected the answers, where it is told.
    pub collected: Option<Collected>,
}

/// The unit of work: scores are of a wave.
fn unit(wave: Wave, economy: &EconomyCode) -> String {
    format!("{wave} {economy}")
}

impl Store {
    /// Replaces the scores of an economy by new ones, computed from `submission` under `key`.
    pub fn record_scores(
        &mut self,
        scores: &EconomyScores,
        submission: SubmissionId,
        key: &str,
    ) -> Result<(), StoreError> {
        let doing = "record scores";
        let transaction = self.connection.savepoint().doing(doing)?;
        let (wave, economy) = (scores.wave.0, scores.economy.as_str());
        transaction
            .prepare_cached("DELETE FROM scores WHERE wave = ?1 AND economy = ?2")
            .and_then(|mut statement| statement.execute((wave, economy)))
            .doing(doing)?;
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO scored (wave, economy, submission, collected) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut statement| {
                statement.execute((wave, economy, submission.0, scores.collected.map(Collected::as_str)))
            })
            .doing(doing)?;
        for (seq, row) in (0_i64..).zip(rows_of(scores)) {
            insert(&transaction, scores, seq, &row)?;
        }
        let terms = list_of_terms(scores)?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO term_lists (wave, economy, list) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute((wave, economy, terms)))
            .doing(doing)?;
        note_work(&transaction, STAGE, &unit(scores.wave, &scores.economy), key).doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// The key under which an economy was scored for a wave.
    pub fn score_key(&self, wave: Wave, economy: &EconomyCode) -> Result<Option<String>, StoreError> {
        self.work_key(STAGE, &unit(wave, economy))
    }

    /// The economies of a wave that have scores.
    pub fn scored_economies(&self, wave: Wave) -> Result<Vec<EconomyCode>, StoreError> {
        let doing = "list the scored economies";
        let mut statement = self
            .connection
            .prepare("SELECT economy FROM scored WHERE wave = ?1 ORDER BY economy")
            .doing(doing)?;
        let rows = statement.query_map([wave.0], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|row| row.map(|code| EconomyCode::new(&code))).collect::<Result<_, _>>().doing(doing)
    }

    /// The maturity group of each economy of a wave that is scored; none where its score gives none.
    pub fn groups(&self, wave: Wave) -> Result<BTreeMap<EconomyCode, Option<String>>, StoreError> {
        let doing = "list the maturity groups";
        let mut statement = self
            .connection
            .prepare(
                // The composite comes first.
                "SELECT economy, grp FROM scored JOIN scores USING (wave, economy)
                 WHERE wave = ?1 AND seq = 0 ORDER BY economy",
            )
            .doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok((EconomyCode::new(&row.get::<_, String>(0)?), row.get(1)?)))
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// The ids of the composites and of the subindexes that the scores of a wave are of.
    pub fn scored_ids(&self, wave: Wave) -> Result<(BTreeSet<Id>, BTreeSet<Id>), StoreError> {
        let of = |level: Level| -> Result<BTreeSet<Id>, StoreError> {
            let doing = "list what is scored";
            let mut statement = self
                .connection
                .prepare_cached("SELECT DISTINCT id FROM scores WHERE wave = ?1 AND level = ?2")
                .doing(doing)?;
            let rows = statement
                .query_map((wave.0, level.as_str()), |row| Ok(Id::from(row.get::<_, String>(0)?.as_str())))
                .doing(doing)?;
            rows.collect::<Result<_, _>>().doing(doing)
        };
        Ok((of(Level::Index)?, of(Level::Subindex)?))
    }

    /// Removes the scores of an economy that has no submission in force any more.
    pub fn remove_scores(&mut self, wave: Wave, economy: &EconomyCode) -> Result<(), StoreError> {
        let doing = "remove scores";
        let transaction = self.connection.savepoint().doing(doing)?;
        for table in ["scores", "term_lists", "scored", "uncertainty", "standing"] {
            transaction
                .execute(
                    &format!("DELETE FROM {table} WHERE wave = ?1 AND economy = ?2"),
                    (wave.0, economy.as_str()),
                )
                .doing(doing)?;
        }
        transaction
            .execute("DELETE FROM work WHERE stage = ?1 AND unit = ?2", (STAGE, unit(wave, economy)))
            .doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// The scores of all economies of a wave, by economy, one after the other, each with the submission they come from.
    pub fn each_scores<E: From<StoreError>>(
        &self,
        wave: Wave,
        mut each: impl FnMut(EconomyScores, SubmissionId) -> Result<(), E>,
    ) -> Result<(), E> {
        self.look(|store| {
            store.scored(wave)?.into_iter().try_for_each(|scored| {
                let scores = store.scores_of(wave, &scored)?;
                each(scores, scored.submission)
            })
        })
    }

    /// Which economies of a wave have scores, by economy.
    pub fn scored(&self, wave: Wave) -> Result<Vec<Scored>, StoreError> {
        let doing = "list the scored economies";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT economy, submission, collected FROM scored WHERE wave = ?1 ORDER BY economy",
            )
            .doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| {
                Ok(Scored {
                    economy: EconomyCode::new(&row.get::<_, String>(0)?),
                    submission: SubmissionId(row.get(1)?),
                    collected: row.get::<_, Option<String>>(2)?.as_deref().and_then(Collected::parse),
                })
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// An economy of a wave, if it has scores.
    pub fn scored_one(&self, wave: Wave, economy: &EconomyCode) -> Result<Option<Scored>, StoreError> {
        self.connection
            .prepare_cached("SELECT submission, collected FROM scored WHERE wave = ?1 AND economy = ?2")
            .and_then(|mut statement| {
                let read = |row: &rusqlite::Row<'_>| {
                    Ok(Scored {
                        economy: economy.clone(),
                        submission: SubmissionId(row.get(0)?),
                        collected: row.get::<_, Option<String>>(1)?.as_deref().and_then(Collected::parse),
                    })
                };
                statement.query_row((wave.0, economy.as_str()), read).optional()
            })
            .doing("look up a scored economy")
    }

    /// The scores of one economy.
    pub fn scores_of(&self, wave: Wave, scored: &Scored) -> Result<EconomyScores, StoreError> {
        let mut whole = self.scores_without_terms_of(wave, scored)?;
        let doing = "read the terms of scores";
        let mut statement = self
            .connection
            .prepare_cached("SELECT list FROM term_lists WHERE wave = ?1 AND economy = ?2")
            .doing(doing)?;
        let mut rows = statement.query((wave.0, scored.economy.as_str())).doing(doing)?;
        let terms = match rows.next().doing(doing)? {
            Some(row) => {
                terms_of(row.get_ref(0).doing(doing)?.as_str().map_err(rusqlite::Error::from).doing(doing)?)?
            }
            None => Vec::new(),
        };
        add_terms(&mut whole, terms)?;
        Ok(whole)
    }

    /// The scores of one economy without the terms of its questions.
    pub fn scores_without_terms_of(&self, wave: Wave, scored: &Scored) -> Result<EconomyScores, StoreError> {
        tree_of(wave, &scored.economy, scored.collected, self.score_rows(wave, &scored.economy)?)
    }

    fn score_rows(&self, wave: Wave, economy: &EconomyCode) -> Result<Vec<ScoreRow>, StoreError> {
        let doing = "read scores";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT level, id, points, max_points, score, grp, answered, asked, value, withheld
                 FROM scores WHERE wave = ?1 AND economy = ?2 ORDER BY seq",
            )
            .doing(doing)?;
        let mut rows = statement.query((wave.0, economy.as_str())).doing(doing)?;
        let mut all = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let text = |column| row.get_ref(column)?.as_str().map_err(rusqlite::Error::from);
            all.push(ScoreRow {
                level: level_of(text(0).doing(doing)?).ok_or_else(|| corrupt("a score's level"))?,
                id: Id::from(text(1).doing(doing)?),
                points: row.get(2).doing(doing)?,
                max_points: row.get(3).doing(doing)?,
                score: row.get(4).doing(doing)?,
                group: row.get(5).doing(doing)?,
                coverage: Coverage { answered: row.get(6).doing(doing)?, asked: row.get(7).doing(doing)? },
                value: row.get(8).doing(doing)?,
                withheld: withheld(row.get(9).doing(doing)?)?,
            });
        }
        Ok(all)
    }
}

fn withheld(stored: Option<String>) -> Result<Option<Withheld>, StoreError> {
    let read =
        |text: String| serde_json::from_str(&text).map_err(|_| corrupt("the reason of a missing score"));
    stored.map(read).transpose()
}

fn insert(
    transaction: &Connection,
    scores: &EconomyScores,
    seq: i64,
    row: &ScoreRow,
) -> Result<(), StoreError> {
    let withheld = row.withheld.as_ref().map(serde_json::to_string).transpose();
    let withheld = withheld.map_err(|_| corrupt("the reason of a missing score"))?;
    transaction
        .prepare_cached(
            "INSERT INTO scores
                 (wave, economy, seq, level, id, points, max_points, score, grp, answered, asked, value, withheld)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        )
        .and_then(|mut statement| {
            statement.execute((
                scores.wave.0,
                scores.economy.as_str(),
                seq,
                row.level.as_str(),
                row.id.as_str(),
                row.points,
                row.max_points,
                row.score,
                &row.group,
                row.coverage.answered,
                row.coverage.asked,
                row.value,
                &withheld,
            ))
        })
        .doing("record scores")?;
    Ok(())
}
