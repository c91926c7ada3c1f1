//! What the scores of an economy were computed from: whose answers, which editions of external indices.

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::decision::apply;
use maturity::economy::EconomyCode;
use maturity::finding::Finding;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::respondent::Respondent;
use maturity::submission::Wave;
use rusqlite::{OptionalExtension, params_from_iter};

use crate::answers::{ACCEPTED_OF_REVIEWER, FIRST_OF_SCORING as FIRST, OF_REVIEWER};
use crate::database::{Doing, Store, StoreError};
use crate::rows::{corrupt, place_columns};
use crate::submissions::{SubmissionId, SubmissionRow};

/// The value of an external index that an economy was scored with, and where it is from.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalStamp {
    /// The index, e.g. `TII`.
    pub index: String,
    /// The year of its edition.
    pub edition: u16,
    /// The value on the framework's scale.
    pub value: f64,
    /// Who publishes it, where it is told.
    pub source: Option<String>,
    /// The licence, where it is told.
    pub licence: Option<String>,
    /// The name of the file it was read from.
    pub file: String,
}

impl Store {
    /// The economies with an accepted submission of a wave that was not withdrawn, in the order of their codes.
    pub fn accepted_economies(&self, wave: Wave) -> Result<Vec<EconomyCode>, StoreError> {
        let doing = "list the economies with an accepted submission";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT DISTINCT economy FROM submissions JOIN files USING (sha256)
                 WHERE state = 'accepted' AND wave = ?1 AND economy IS NOT NULL AND NOT withdrawn
                 ORDER BY economy",
            )
            .doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok(EconomyCode::new(row.get_ref(0)?.as_str()?)))
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// The accepted submissions of an economy that were not withdrawn, in the order in which they came.
    pub fn accepted(&self, wave: Wave, economy: &EconomyCode) -> Result<Vec<SubmissionRow>, StoreError> {
        let wanted =
            "s.economy = ?1 AND s.state = 'accepted' AND s.wave = ?2 AND NOT f.withdrawn ORDER BY s.arrival";
        self.submissions_where(wanted, (economy.as_str(), wave.0))
    }

    /// The latest of them.
    pub fn latest_accepted(
        &self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Option<SubmissionRow>, StoreError> {
        let wanted = "s.economy = ?1 AND s.state = 'accepted' AND s.wave = ?2 AND NOT f.withdrawn
             ORDER BY s.arrival DESC LIMIT 1";
        Ok(self.submissions_where(wanted, (economy.as_str(), wave.0))?.pop())
    }

    /// The answers that the scores of an economy were computed from, in the order of the instrument, each with
    /// the submission it stands in; nothing if the economy has no scores in the framework's wave.
    pub fn answers_in_force(
        &self,
        framework: &Framework,
        economy: &EconomyCode,
    ) -> Result<Vec<(AnswerRecord, SubmissionId)>, StoreError> {
        let submitted = self.answers_submitted(framework.wave, economy)?;
        let overrides = self.overrides(framework.wave, economy)?;
        if overrides.is_empty() {
            return Ok(submitted);
        }
        let mut records = BTreeMap::new();
        let mut order = Vec::with_capacity(submitted.len());
        for (record, origin) in submitted {
            order.push((record.question.clone(), origin));
            records.insert(record.question.clone(), record);
        }
        apply(&overrides, framework, &mut records);
        Ok(order.into_iter().filter_map(|(id, origin)| Some((records.remove(&id)?, origin))).collect())
    }

    /// The same before reviewers put answers in the place of others.
    pub fn answers_submitted(
        &self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Vec<(AnswerRecord, SubmissionId)>, StoreError> {
        let doing = "read answers in force";
        let mut statement = self
            .connection
            .prepare_cached("SELECT submission FROM scored WHERE wave = ?1 AND economy = ?2")
            .doing(doing)?;
        let mut rows = statement.query((wave.0, economy.as_str())).doing(doing)?;
        let Some(row) = rows.next().doing(doing)? else { return Ok(Vec::new()) };
        let base = SubmissionId(row.get(0).doing(doing)?);
        let mut others: BTreeMap<SubmissionId, BTreeMap<Id, AnswerRecord>> = BTreeMap::new();
        let origins = self.answer_origins(wave, economy)?;
        let mut all = Vec::new();
        for record in self.answers(base)? {
            let origin = origins.get(&record.question).copied().unwrap_or(base);
            if origin == base {
                all.push((record, base));
                continue;
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = others.entry(origin) {
                let records = self.answers(origin)?;
                entry.insert(records.into_iter().map(|record| (record.question.clone(), record)).collect());
            }
            let other = others.get(&origin).and_then(|records| records.get(&record.question));
            all.push((other.cloned().unwrap_or(record), origin));
        }
        Ok(all)
    }

    fn answer_origins(
        &self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<BTreeMap<Id, SubmissionId>, StoreError> {
        let doing = "read whose answers are in force";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT question, submission FROM answers_in_force WHERE wave = ?1 AND economy = ?2",
            )
            .doing(doing)?;
        let rows = statement
            .query_map((wave.0, economy.as_str()), |row| {
                Ok((Id::from(row.get::<_, String>(0)?), SubmissionId(row.get(1)?)))
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Records what the next scores of an economy are computed from: the external values with their editions,
    /// and whose answers are in force where they come from several submissions. To be called before
    /// [`Store::record_scores`], which marks the work as done.
    pub fn record_inputs(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
        external: &[ExternalStamp],
        origins: &[(Id, SubmissionId)],
    ) -> Result<(), StoreError> {
        let doing = "record what scores are computed from";
        let transaction = self.connection.savepoint().doing(doing)?;
        let of_economy = (wave.0, economy.as_str());
        for table in ["scored_external", "answers_in_force"] {
            transaction
                .prepare_cached(&format!("DELETE FROM {table} WHERE wave = ?1 AND economy = ?2"))
                .and_then(|mut statement| statement.execute(of_economy))
                .doing(doing)?;
        }
        for stamp in external {
            transaction
                .prepare_cached(
                    "INSERT INTO scored_external (wave, economy, idx, edition, value, source, licence, file)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                )
                .and_then(|mut statement| {
                    statement.execute((
                        wave.0,
                        economy.as_str(),
                        &stamp.index,
                        stamp.edition,
                        stamp.value,
                        &stamp.source,
                        &stamp.licence,
                        &stamp.file,
                    ))
                })
                .doing(doing)?;
        }
        for (question, submission) in origins {
            transaction
                .prepare_cached(
                    "INSERT INTO answers_in_force (wave, economy, question, submission)
                     VALUES (?1, ?2, ?3, ?4)",
                )
                .and_then(|mut statement| {
                    statement.execute((wave.0, economy.as_str(), question.as_str(), submission.0))
                })
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// The external values that the scores of an economy were computed with, by index.
    pub fn external_stamps(
        &self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Vec<ExternalStamp>, StoreError> {
        let doing = "read the editions of external indices";
        let mut statement = self
            .connection
            .prepare_cached(
                "SELECT idx, edition, value, source, licence, file FROM scored_external
                 WHERE wave = ?1 AND economy = ?2 ORDER BY idx",
            )
            .doing(doing)?;
        let rows = statement
            .query_map((wave.0, economy.as_str()), |row| {
                Ok(ExternalStamp {
                    index: row.get(0)?,
                    edition: row.get(1)?,
                    value: row.get(2)?,
                    source: row.get(3)?,
                    licence: row.get(4)?,
                    file: row.get(5)?,
                })
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// Replaces the findings that scoring adds to those of the validation of a submission: what only shows
    /// when several submissions, or answers of reviewers, are looked at together. `settled` names the findings of the
    /// validation that do not hold for the answers that count, as [`Store::findings_of_file`] does. A new validation
    /// removes both; so does a scoring that is made from another submission of the economy.
    pub fn record_score_findings(
        &mut self,
        id: SubmissionId,
        findings: &[Finding],
        settled: &[i64],
    ) -> Result<(), StoreError> {
        /// The submissions of the same economy in the same wave.
        const OF_ECONOMY: &str = "submission IN (SELECT other.id FROM submissions s JOIN submissions other
                 ON other.economy = s.economy AND other.wave = s.wave WHERE s.id = ?1)";
        let doing = "record findings of scoring";
        let transaction = self.connection.savepoint().doing(doing)?;
        let execute = |sql: &str, values: &[i64]| {
            let mut statement = transaction.prepare_cached(sql)?;
            statement.execute(params_from_iter(values))
        };
        execute(&format!("DELETE FROM findings WHERE {OF_ECONOMY} AND seq >= ?2"), &[id.0, FIRST])
            .doing(doing)?;
        let open = format!("UPDATE findings SET status = 'open' WHERE {OF_ECONOMY} AND status = 'settled'");
        execute(&open, &[id.0]).doing(doing)?;
        for seq in settled {
            // What a reviewer accepted is settled already, and told so.
            let settle = "UPDATE findings SET status = 'settled'
                 WHERE submission = ?1 AND seq = ?2 AND status = 'open'";
            execute(settle, &[id.0, *seq]).doing(doing)?;
        }
        for (seq, finding) in (FIRST..).zip(findings) {
            let (sheet, cell) = place_columns(finding.place.as_ref());
            let problem = serde_json::to_string(&finding.problem).map_err(|_| corrupt("a finding"))?;
            let question = finding.question.as_ref().map(Id::as_str);
            transaction
                .execute(
                    "INSERT INTO findings
                         (submission, seq, rule, severity, question, sheet, cell, problem, status)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
                    (
                        id.0,
                        seq,
                        finding.rule(),
                        finding.severity.as_str(),
                        question,
                        sheet,
                        cell,
                        problem,
                        match (finding.standing.of_reviewer, finding.standing.accepted) {
                            (false, _) => finding.standing.as_str(),
                            (true, false) => OF_REVIEWER,
                            (true, true) => ACCEPTED_OF_REVIEWER,
                        },
                    ),
                )
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }

    /// Who sent a submission, if it was recorded.
    pub fn respondent(&self, submission: SubmissionId) -> Result<Option<Respondent>, StoreError> {
        self.connection
            .prepare_cached("SELECT respondent, office FROM respondents WHERE submission = ?1")
            .and_then(|mut statement| {
                let read =
                    |row: &rusqlite::Row<'_>| Ok(Respondent { number: row.get(0)?, office: row.get(1)? });
                statement.query_row([submission.0], read).optional()
            })
            .doing("read who sent what")
    }

    /// Records who sent some submissions.
    pub fn record_respondents(&mut self, all: &[(SubmissionId, Respondent)]) -> Result<(), StoreError> {
        if all.is_empty() {
            return Ok(());
        }
        let doing = "record who sent what";
        let transaction = self.connection.savepoint().doing(doing)?;
        for (submission, respondent) in all {
            transaction
                .execute(
                    "INSERT OR REPLACE INTO respondents (submission, respondent, office) VALUES (?1, ?2, ?3)",
                    (submission.0, respondent.number, &respondent.office),
                )
                .doing(doing)?;
        }
        transaction.commit().doing(doing)
    }
}
