//! What validation makes of a submission: its economy and state, its answers, its findings.

use maturity::answer::AnswerRecord;
use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Severity};
use maturity::id::Id;
use maturity::review::Standing;
use maturity::submission::{Collected, State, Wave};

use crate::database::{Doing, Store, StoreError, note_work};
use crate::lists::{answers_of, list_of_answers};
use crate::rows::{corrupt, place, place_columns};
use crate::submissions::SubmissionId;

/// The stage under which finished validations are recorded.
const STAGE: &str = "validate";

/// The number of the first finding that scoring adds, behind everything that a validation writes.
pub(crate) const FIRST_OF_SCORING: i64 = 1_000_000;

/// The status of a finding that is only there because of a reviewer's answer.
pub(crate) const OF_REVIEWER: &str = "reviewer";

/// The status of one of these that was accepted.
pub(crate) const ACCEPTED_OF_REVIEWER: &str = "accepted-reviewer";

/// The outcome of validating one submission.
#[derive(Debug, Clone, PartialEq)]
pub struct Validation {
    /// The economy, if it could be told.
    pub economy: Option<EconomyCode>,
    /// The wave, if it is the one that is run.
    pub wave: Option<Wave>,
    /// Who collected the answers, where it is told.
    pub collected: Option<Collected>,
    /// The language of the questionnaire, where it is told.
    pub language: Option<String>,
    /// Accepted or returned.
    pub state: State,
    /// The answers, in the order of the instrument.
    pub answers: Vec<AnswerRecord>,
    /// The findings, in the order of the file.
    pub findings: Vec<Finding>,
}

/// How many findings are open, by severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OpenFindings {
    /// Errors.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
    /// Notes.
    pub infos: u32,
}

impl Store {
    /// Replaces what is known of a submission by a new validation, made under `key`.
    pub fn record_validation(
        &mut self,
        id: SubmissionId,
        key: &str,
        validation: &Validation,
    ) -> Result<(), StoreError> {
        let doing = "record a validation";
        let transaction = self.connection.savepoint().doing(doing)?;
        transaction
            .prepare_cached(
                "UPDATE submissions SET economy = ?2, wave = ?3, collected = ?4, language = ?5, state = ?6
                 WHERE id = ?1",
            )
            .and_then(|mut statement| {
                statement.execute((
                    id.0,
                    validation.economy.as_ref().map(EconomyCode::as_str),
                    validation.wave.map(|wave| wave.0),
                    validation.collected.map(Collected::as_str),
                    &validation.language,
                    validation.state.as_str(),
                ))
            })
            .doing(doing)?;
        let answers = list_of_answers(&validation.answers)?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO answer_lists (submission, list) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute((id.0, answers)))
            .doing(doing)?;
        transaction
            .prepare_cached("DELETE FROM findings WHERE submission = ?1")
            .and_then(|mut statement| statement.execute([id.0]))
            .doing(doing)?;
        {
            let mut statement = transaction
                .prepare_cached(
                    "INSERT INTO findings
                         (submission, seq, rule, severity, question, sheet, cell, problem, status, contest)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                )
                .doing(doing)?;
            for (seq, finding) in (0_i64..).zip(&validation.findings) {
                let (sheet, cell) = place_columns(finding.place.as_ref());
                let problem = serde_json::to_string(&finding.problem).map_err(|_| corrupt("a finding"))?;
                let question = finding.question.as_ref().map(Id::as_str);
                let severity = finding.severity.as_str();
                statement
                    .execute((
                        id.0,
                        seq,
                        finding.rule(),
                        severity,
                        question,
                        sheet,
                        cell,
                        problem,
                        finding.standing.as_str(),
                        &finding.standing.contest,
                    ))
                    .doing(doing)?;
            }
        }
        note_work(&transaction, STAGE, &id.to_string(), key).doing(doing)?;
        transaction.commit().doing(doing)
    }

    /// The answers of a submission, in the order of the instrument.
    pub fn answers(&self, id: SubmissionId) -> Result<Vec<AnswerRecord>, StoreError> {
        self.list("SELECT list FROM answer_lists WHERE submission = ?1", id, "read answers", answers_of)
    }

    /// The findings about a submission, in the order of the file, then those of scoring. What does not hold for the
    /// answers that count is left out.
    pub fn findings(&self, id: SubmissionId) -> Result<Vec<Finding>, StoreError> {
        let (mut all, of_scoring) = self.findings_by_stage(id)?;
        all.extend(of_scoring);
        Ok(all)
    }

    /// The same, apart: those of its validation, which were made on its own answers, and those of scoring, made on the
    /// answers that count.
    pub fn findings_by_stage(&self, id: SubmissionId) -> Result<(Vec<Finding>, Vec<Finding>), StoreError> {
        let told = "SELECT severity, question, sheet, cell, problem, status, contest, seq
             FROM findings WHERE submission = ?1 AND status <> 'settled' ORDER BY seq";
        let (mut of_file, mut of_scoring) = (Vec::new(), Vec::new());
        for (seq, finding) in self.read_findings(told, id)? {
            if seq < FIRST_OF_SCORING { &mut of_file } else { &mut of_scoring }.push(finding);
        }
        Ok((of_file, of_scoring))
    }

    /// Whether a reviewer accepted a finding about a submission that is told of: read from no finding, as there are many.
    pub fn has_accepted_findings(&self, id: SubmissionId) -> Result<bool, StoreError> {
        self.connection
            .prepare_cached("SELECT 1 FROM findings WHERE submission = ?1 AND status IN ('accepted', 'accepted-reviewer')")
            .and_then(|mut statement| statement.exists([id.0]))
            .doing("look for accepted findings")
    }

    /// Everything that the validation of a submission found, each with its number: also what does not hold for the answers
    /// that count.
    pub fn findings_of_file(&self, id: SubmissionId) -> Result<Vec<(i64, Finding)>, StoreError> {
        let all = "SELECT severity, question, sheet, cell, problem, status, contest, seq
             FROM findings WHERE submission = ?1 ORDER BY seq";
        let mut findings = self.read_findings(all, id)?;
        findings.retain(|(seq, _)| *seq < FIRST_OF_SCORING);
        Ok(findings)
    }

    fn read_findings(&self, sql: &str, id: SubmissionId) -> Result<Vec<(i64, Finding)>, StoreError> {
        let doing = "read findings";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([id.0]).doing(doing)?;
        let mut findings = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let severity: String = row.get(0).doing(doing)?;
            let problem: String = row.get(4).doing(doing)?;
            let status: String = row.get(5).doing(doing)?;
            let finding = Finding {
                severity: Severity::parse(&severity).ok_or_else(|| corrupt("a finding's severity"))?,
                question: row.get::<_, Option<String>>(1).doing(doing)?.map(Id::from),
                place: place(row.get(2).doing(doing)?, row.get(3).doing(doing)?)?,
                problem: serde_json::from_str(&problem).map_err(|_| corrupt("a finding"))?,
                standing: Standing {
                    accepted: status == "accepted" || status == ACCEPTED_OF_REVIEWER,
                    contest: row.get(6).doing(doing)?,
                    of_reviewer: status == OF_REVIEWER || status == ACCEPTED_OF_REVIEWER,
                },
            };
            findings.push((row.get(7).doing(doing)?, finding));
        }
        Ok(findings)
    }

    /// How many findings about a submission are open; what a reviewer accepted is settled, and what is only found because of
    /// a reviewer's answer is none about the submission.
    pub fn open_findings(&self, id: SubmissionId) -> Result<OpenFindings, StoreError> {
        let doing = "count findings";
        let mut statement = self
            .connection
            .prepare_cached(
                // Grouped by severity, it would sort all of them. Nearly all are open: one comparison tells them.
                "SELECT count(*), count(*) FILTER (WHERE severity = ?2), count(*) FILTER (WHERE severity = ?3),
                        count(*) FILTER (WHERE severity = ?4)
                 FROM findings WHERE submission = ?1
                       AND (status = 'open' OR status NOT IN ('accepted', 'settled', 'reviewer', 'accepted-reviewer'))",
            )
            .doing(doing)?;
        let counts = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?));
        let [error, warning, info] =
            [Severity::Error, Severity::Warning, Severity::Info].map(Severity::as_str);
        let (all, errors, warnings, infos): (u32, u32, u32, u32) =
            statement.query_row((id.0, error, warning, info), counts).doing(doing)?;
        if errors + warnings + infos != all {
            return Err(corrupt("a finding's severity"));
        }
        Ok(OpenFindings { errors, warnings, infos })
    }
}
