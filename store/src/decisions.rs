//! What reviewers decided, which overrides count, and the trail of every submission.

use std::collections::BTreeMap;

use maturity::decision::Decision;
use maturity::economy::{Economies, EconomyCode};
use maturity::id::Id;
use maturity::submission::Wave;
use rusqlite::OptionalExtension;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

/// One step of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The wave, once it is known.
    pub wave: Option<Wave>,
    /// The economy, once it is known.
    pub economy: Option<EconomyCode>,
    /// SHA-256 of the header and responses of the submission.
    pub content: String,
    /// The state: `received`, `received-again`, `returned`, `accepted`, `in-review`, `approved` or `published`.
    pub state: String,
    /// Who: a reviewer, or the stage of the pipeline.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, UTC in RFC 3339.
    pub at: String,
}

impl Store {
    /// Records decisions, all or none; those that are known are left as they are. Gives how many are new.
    pub fn decide(&mut self, decisions: &[Decision]) -> Result<usize, StoreError> {
        let doing = "record decisions";
        let transaction = self.connection.savepoint().doing(doing)?;
        let mut new = 0;
        for decision in decisions {
            let content = serde_json::to_string(decision).map_err(|_| corrupt("a decision"))?;
            new += transaction
                .execute(
                    "INSERT OR IGNORE INTO decisions (id, wave, economy, content) VALUES (?1, ?2, ?3, ?4)",
                    (decision.id(), decision.wave.0, decision.economy.as_str(), content),
                )
                .doing(doing)?;
        }
        transaction.commit().doing(doing)?;
        Ok(new)
    }

    /// The decisions of a wave by economy, in the order in which they were made. They follow an economy that got another
    /// code since, and name the one that they were made under; those of a code that means no economy any more stand under it.
    pub fn decisions(
        &self,
        wave: Wave,
        economies: &Economies,
    ) -> Result<BTreeMap<EconomyCode, Vec<Decision>>, StoreError> {
        let doing = "read decisions";
        let mut statement = self
            .connection
            .prepare_cached("SELECT content FROM decisions WHERE wave = ?1 ORDER BY seq")
            .doing(doing)?;
        let mut rows = statement.query([wave.0]).doing(doing)?;
        let mut all: BTreeMap<EconomyCode, Vec<Decision>> = BTreeMap::new();
        while let Some(row) = rows.next().doing(doing)? {
            let content: String = row.get(0).doing(doing)?;
            let decision: Decision = serde_json::from_str(&content).map_err(|_| corrupt("a decision"))?;
            all.entry(economies.current(&decision.economy)).or_default().push(decision);
        }
        Ok(all)
    }

    /// Records which overrides the next scores of an economy are computed with. To be called before
    /// [`Store::record_scores`], which marks the work as done.
    pub fn record_overrides(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
        applied: &BTreeMap<Id, Decision>,
    ) -> Result<(), StoreError> {
        let doing = "record which overrides count";
        let transaction = self.connection.savepoint().doing(doing)?;
        transaction
            .prepare_cached("DELETE FROM overrides_in_force WHERE wave = ?1 AND economy = ?2")
            .and_then(|mut statement| statement.execute((wave.0, economy.as_str())))
            .doing(doing)?;
        for (question, decision) in applied {
            transaction
                .execute(
                    "INSERT INTO overrides_in_force (wave, economy, question, decision) VALUES (?1, ?2, ?3, ?4)",
                    (wave.0, economy.as_str(), question.as_str(), decision.id()),
                )
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// The overrides that the scores of an economy were computed with, by question.
    pub fn overrides(&self, wave: Wave, economy: &EconomyCode) -> Result<BTreeMap<Id, Decision>, StoreError> {
        let doing = "read which overrides count";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT o.question, d.content FROM overrides_in_force o JOIN decisions d ON d.id = o.decision
                 WHERE o.wave = ?1 AND o.economy = ?2",
            )
            .doing(doing)?;
        let mut rows = statement.query((wave.0, economy.as_str())).doing(doing)?;
        let mut all = BTreeMap::new();
        while let Some(row) = rows.next().doing(doing)? {
            let question: String = row.get(0).doing(doing)?;
            let content: String = row.get(1).doing(doing)?;
            let decision = serde_json::from_str(&content).map_err(|_| corrupt("a decision"))?;
            all.insert(Id::from(question), decision);
        }
        Ok(all)
    }

    /// Adds a step to the trail, unless it says nothing new: `received` comes once, and what a validation finds is
    /// compared with what the last one found, whatever reviewers did in between.
    pub fn add_step(&mut self, step: &Step) -> Result<(), StoreError> {
        let doing = "record a step of a submission";
        let last = match step.state.as_str() {
            "received" => "SELECT state FROM trail WHERE content = ?1 AND state = 'received' LIMIT 1",
            "accepted" | "returned" => {
                "SELECT state FROM trail WHERE content = ?1 AND state IN ('accepted', 'returned')
                 ORDER BY seq DESC LIMIT 1"
            }
            _ => "SELECT state FROM trail WHERE content = ?1 ORDER BY seq DESC LIMIT 1",
        };
        let known: Option<String> = self
            .connection
            .prepare_cached(last)
            .and_then(|mut statement| statement.query_row([&step.content], |row| row.get(0)).optional())
            .doing(doing)?;
        if known.as_ref() == Some(&step.state) {
            return Ok(());
        }
        self.connection
            .prepare_cached(
                "INSERT INTO trail (wave, economy, content, state, by, reason, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut statement| {
                statement.execute((
                    step.wave.map(|wave| wave.0),
                    step.economy.as_ref().map(EconomyCode::as_str),
                    &step.content,
                    &step.state,
                    &step.by,
                    &step.reason,
                    &step.at,
                ))
            })
            .doing(doing)?;
        Ok(())
    }

    /// The steps of the submissions of an economy, in their order, under codes that it had before as well.
    pub fn trail(
        &self,
        wave: Wave,
        (economy, economies): (&EconomyCode, &Economies),
    ) -> Result<Vec<Step>, StoreError> {
        let doing = "read the trail of submissions";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT economy, content, state, by, reason, at FROM trail
                 WHERE wave = ?1 AND economy IS NOT NULL ORDER BY seq",
            )
            .doing(doing)?;
        let mut rows = statement.query([wave.0]).doing(doing)?;
        let mut steps = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let recorded = EconomyCode::new(&row.get::<_, String>(0).doing(doing)?);
            if economies.current(&recorded) != *economy {
                continue;
            }
            steps.push(Step {
                wave: Some(wave),
                economy: Some(recorded),
                content: row.get(1).doing(doing)?,
                state: row.get(2).doing(doing)?,
                by: row.get(3).doing(doing)?,
                reason: row.get(4).doing(doing)?,
                at: row.get(5).doing(doing)?,
            });
        }
        Ok(steps)
    }
}
