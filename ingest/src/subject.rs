//! What is decided about: a submission with what was found about it, and the answers that this was found on.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::decision::{Decision, Overrides, RowProblem};
use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Format, Framework};
use maturity::id::Id;
use maturity::language::Language;
use maturity::link::is_web;
use maturity::together;
use pipeline::Context;
use store::{Store, StoreError, SubmissionRow};

/// A submission as a reviewer sees it in the report: with the answers of other respondents that count beside its own.
#[derive(Debug)]
pub struct Subject {
    own: BTreeMap<Id, AnswerRecord>,
    /// The submitted answers that count.
    submitted: BTreeMap<Id, AnswerRecord>,
    /// The same, with those of reviewers in their place.
    in_force: BTreeMap<Id, AnswerRecord>,
    /// What its validation found.
    of_file: Vec<Finding>,
    /// What scoring added.
    of_scoring: Vec<Finding>,
}

impl Subject {
    /// Reads what is known of a submission.
    pub fn of(context: &Context, store: &Store, row: &SubmissionRow) -> Result<Self, StoreError> {
        let by_question = |records: Vec<AnswerRecord>| -> BTreeMap<Id, AnswerRecord> {
            records.into_iter().map(|record| (record.question.clone(), record)).collect()
        };
        let economy = row.economy.clone().unwrap_or_else(|| EconomyCode::new(""));
        let own = by_question(store.answers(row.id)?);
        let wave = context.framework.wave;
        let scored = store.scored_one(wave, &economy)?;
        let (submitted, in_force) = match scored.filter(|scored| scored.submission == row.id) {
            Some(scored) => {
                let submitted = store.answers_submitted(wave, &scored.economy)?;
                let in_force = store.answers_in_force(&context.framework, &scored.economy)?;
                let records = |all: Vec<(AnswerRecord, _)>| {
                    by_question(all.into_iter().map(|(record, _)| record).collect())
                };
                (records(submitted), records(in_force))
            }
            None => (own.clone(), own.clone()),
        };
        let (of_file, of_scoring) = store.findings_by_stage(row.id)?;
        Ok(Self { own, submitted, in_force, of_file, of_scoring })
    }

    /// The submitted answer that counts.
    pub fn submitted(&self, question: &Id) -> Answer {
        let record = self.submitted.get(question);
        record.map_or(Answer::Missing(Missing::Blank), |record| record.answer.clone())
    }

    /// All submitted answers that count.
    pub fn all_submitted(&self) -> &BTreeMap<Id, AnswerRecord> {
        &self.submitted
    }

    /// The findings, each with the answer that it was made on.
    pub fn findings(&self) -> impl Iterator<Item = (&Finding, Option<&AnswerRecord>)> {
        let on = |records| {
            move |finding| {
                let finding: &Finding = finding;
                let records: &BTreeMap<Id, AnswerRecord> = records;
                (finding, finding.question.as_ref().and_then(|id| records.get(id)))
            }
        };
        self.of_file.iter().map(on(&self.own)).chain(self.of_scoring.iter().map(on(&self.in_force)))
    }

    /// Judges an answer that a reviewer wants to count, beside those that count by what was decided of the economy `before`.
    /// One that the instrument would not take from an economy is not taken from a reviewer either; what it would only warn of
    /// is given.
    pub(crate) fn judge(
        &self,
        (framework, language): (&Framework, &Language),
        before: &[Decision],
        (id, answer): (&Id, &Answer),
    ) -> Result<Vec<Finding>, RowProblem> {
        let refused = |problem: &Problem| {
            let found = answer.expression_value();
            let values = [("found", &*found), ("question", id.as_str())];
            RowProblem::new("answer-against-rule", &values).saying("message", problem.sentence(language))
        };
        let Some(question) = framework.question(id) else { return Ok(Vec::new()) };
        let found = || answer.expression_value().into_owned();
        match (question.format, answer) {
            (Some(Format::Link), Answer::Text(text)) if !are_links(text) => {
                return Err(refused(&Problem::LinkInvalid { found: found() }));
            }
            (Some(Format::Year), Answer::Number(year)) if !(1000.0..=9999.0).contains(year) => {
                return Err(refused(&Problem::YearInvalid { found: found() }));
            }
            _ => {}
        }
        let mut records = self.submitted.clone();
        Overrides::of(before, &self.submitted).apply(framework, &mut records);
        let check = |records: &BTreeMap<Id, AnswerRecord>| {
            let all: Vec<AnswerRecord> = framework
                .questions
                .iter()
                .filter_map(|question| records.get(&question.id).cloned())
                .collect();
            together::check(framework, &all, language)
        };
        let before = check(&records);
        let Some(record) = records.get_mut(id) else { return Ok(Vec::new()) };
        record.answer = answer.clone();
        let mut new = check(&records);
        new.retain(|finding| {
            let same =
                |other: &Finding| other.question == finding.question && other.problem == finding.problem;
            !before.iter().any(same)
        });
        // No answer is what a reviewer can always want.
        let is_refused = |finding: &&Finding| {
            answer.is_given()
                && finding.question.as_ref() == Some(id)
                && framework.severity(finding.rule(), finding.severity) == Severity::Error
        };
        new.iter().find(is_refused).map_or(Ok(()), |finding| Err(refused(&finding.problem)))?;
        Ok(new)
    }
}

/// Whether a text is one or more web addresses.
fn are_links(text: &str) -> bool {
    text.split(|c: char| c.is_whitespace() || c == ';').filter(|part| !part.is_empty()).all(is_web)
}
