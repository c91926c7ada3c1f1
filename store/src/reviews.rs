//! What people say about findings: objections of senders, decisions of reviewers.

use std::collections::{BTreeMap, BTreeSet};

use maturity::economy::{Economies, EconomyCode};
use maturity::id::Id;
use maturity::review::{Acceptance, Contest};
use maturity::submission::Wave;
use rusqlite::Connection;

use crate::database::{Doing, Store, StoreError};
use crate::rows::{corrupt, place, place_columns};
use crate::submissions::SubmissionId;

pub(crate) fn insert_contests(
    transaction: &Connection,
    id: i64,
    contests: &[Contest],
) -> Result<(), StoreError> {
    for (seq, contest) in (0_i64..).zip(contests) {
        let (sheet, cell) = place_columns(Some(&contest.place));
        transaction
            .prepare_cached(
                "INSERT INTO contests (submission, seq, rule, question, text, sheet, cell)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            )
            .and_then(|mut statement| {
                statement.execute((id, seq, &contest.rule, &contest.question, &contest.text, sheet, cell))
            })
            .doing("record an objection")?;
    }
    Ok(())
}

impl Store {
    /// What the sender of a submission says against findings, in the order of the file.
    pub fn contests(&self, id: SubmissionId) -> Result<Vec<Contest>, StoreError> {
        let doing = "read objections";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT rule, question, text, sheet, cell FROM contests WHERE submission = ?1 ORDER BY seq",
            )
            .doing(doing)?;
        let mut rows = statement.query([id.0]).doing(doing)?;
        let mut contests = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let place = place(row.get(3).doing(doing)?, row.get(4).doing(doing)?)?;
            contests.push(Contest {
                rule: row.get(0).doing(doing)?,
                question: row.get(1).doing(doing)?,
                text: row.get(2).doing(doing)?,
                place: place.ok_or_else(|| corrupt("an objection's place"))?,
            });
        }
        Ok(contests)
    }

    /// The decisions of reviewers to accept findings of a wave by economy, in the order of rule and question. They follow an
    /// economy that got another code since, as [`Store::decisions`] do.
    pub fn acceptances(
        &self,
        wave: Wave,
        economies: &Economies,
    ) -> Result<BTreeMap<EconomyCode, Vec<Acceptance>>, StoreError> {
        let doing = "read what reviewers accepted";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT economy, rule, question, seen, accepted_by, reason, accepted_at FROM acceptances
                 WHERE wave = ?1 ORDER BY economy, rule, question, seen",
            )
            .doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| {
                let question: String = row.get(2)?;
                Ok(Acceptance {
                    wave,
                    economy: EconomyCode::new(&row.get::<_, String>(0)?),
                    rule: row.get(1)?,
                    question: Some(question).filter(|id| !id.is_empty()).map(Id::from),
                    seen: row.get(3)?,
                    by: row.get(4)?,
                    reason: row.get(5)?,
                    at: row.get(6)?,
                })
            })
            .doing(doing)?;
        let mut all: BTreeMap<EconomyCode, Vec<Acceptance>> = BTreeMap::new();
        for acceptance in rows {
            let acceptance = acceptance.doing(doing)?;
            all.entry(economies.current(&acceptance.economy)).or_default().push(acceptance);
        }
        Ok(all)
    }

    /// Records decisions to accept findings, all or none; the same decision again replaces who, why and when.
    pub fn accept(&mut self, acceptances: &[Acceptance]) -> Result<(), StoreError> {
        let doing = "record what a reviewer accepted";
        let transaction = self.connection.savepoint().doing(doing)?;
        for acceptance in acceptances {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO acceptances
                         (wave, economy, rule, question, seen, accepted_by, reason, accepted_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    (
                        acceptance.wave.0,
                        acceptance.economy.as_str(),
                        &acceptance.rule,
                        acceptance.question.as_ref().map_or("", |id| id.as_str()),
                        &acceptance.seen,
                        &acceptance.by,
                        &acceptance.reason,
                        &acceptance.at,
                    ),
                )
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// Takes back every decision about a rule and a question of an economy, under codes that it had before as well; gives how
    /// many there were.
    pub fn withdraw(
        &mut self,
        wave: Wave,
        (economy, economies): (&EconomyCode, &Economies),
        rule: &str,
        question: Option<&Id>,
    ) -> Result<usize, StoreError> {
        let of_economy = self.acceptances(wave, economies)?.remove(economy).unwrap_or_default();
        let codes: BTreeSet<EconomyCode> =
            of_economy.into_iter().map(|acceptance| acceptance.economy).collect();
        let doing = "take back what a reviewer accepted";
        let transaction = self.connection.savepoint().doing(doing)?;
        let mut withdrawn = 0;
        for code in codes {
            withdrawn += transaction
                .execute(
                    "DELETE FROM acceptances WHERE wave = ?1 AND economy = ?2 AND rule = ?3 AND question = ?4",
                    (wave.0, code.as_str(), rule, question.map_or("", |id| id.as_str())),
                )
                .doing(doing)?;
        }
        transaction.commit().doing(doing)?;
        Ok(withdrawn)
    }
}
