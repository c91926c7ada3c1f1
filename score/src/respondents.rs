//! Several respondents of one economy: who they are, whose answers are in force, where they disagree.
//!
//! Each accepted submission comes from a respondent. A later one supersedes an earlier one of the same
//! respondent; it is the same respondent if both name the same office, or, where one of them names none, the
//! same e-mail address or contact, or if it came under the same name in the same source. Everything else is
//! another respondent. Which answers are in force is the rule of `[respondents]`:
//!
//! | rule | in force |
//! | --- | --- |
//! | `latest` | the latest accepted submission as a whole, whoever sent it |
//! | `named-office-first` | the answer of the first respondent in the order of offices that gives one |
//! | `majority` | the answer that most respondents give; a tie goes to the first of them in that order |
//!
//! In the order of offices come first those that the configuration names, in its order, then all others, the
//! latest first. No answer is no vote. A text has no majority: it comes from the respondent whose answer it
//! belongs to. Where a question does not apply under the answers in force, a respondent's blank is in force.

mod merge;
mod order;

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::submission::{State, Wave};
use pipeline::Context;
use pipeline::config::{RespondentChoice, RespondentRule};
use store::{Identified, Respondent, Store, StoreError, SubmissionId, SubmissionRow};

pub use merge::{Merged, Tie, merge};
pub use order::order;

/// One respondent with the submission that is in force among those it sent.
#[derive(Debug, Clone, PartialEq)]
pub struct Voice {
    /// Who it is.
    pub respondent: Respondent,
    /// Its latest accepted submission.
    pub row: SubmissionRow,
    /// Its answers, in the order of the instrument.
    pub records: Vec<AnswerRecord>,
}

impl Voice {
    /// The answer to a question.
    pub fn answer(&self, question: &Id) -> Option<&Answer> {
        self.records.iter().find(|record| record.question == *question).map(|record| &record.answer)
    }

    /// All answers by question.
    pub fn answers(&self) -> BTreeMap<Id, Answer> {
        self.records.iter().map(|record| (record.question.clone(), record.answer.clone())).collect()
    }
}

/// What the scores of one economy are computed from.
#[derive(Debug, Clone, PartialEq)]
pub struct InForce {
    /// The submission that stands for all: that of the first respondent in order.
    pub row: SubmissionRow,
    /// The answers that come from other submissions.
    pub origins: Vec<(Id, SubmissionId)>,
    /// Questions without a majority.
    pub ties: Vec<Finding>,
    /// What decided, beyond the submission itself; empty where that is all.
    pub stamp: String,
}

/// Decides what is in force, one economy after the other: what is known of all would not fit into memory.
pub struct Deciding<'a> {
    context: &'a Context,
    economies: Vec<EconomyCode>,
}

/// What is in force for an economy, and its senders that were not recorded yet. They are to be recorded: contacts may be
/// removed later, and what is in force must not change by that.
pub type Decision = (InForce, Vec<(SubmissionId, Respondent)>);

impl<'a> Deciding<'a> {
    /// About the economies of the wave that have an accepted submission.
    pub fn of(context: &'a Context, store: &Store) -> Result<Self, StoreError> {
        let wave = context.framework.wave;
        let economies = store.accepted_economies(wave)?;
        Ok(Self { context, economies })
    }

    /// The economies in the order of their codes.
    pub fn economies(&self) -> &[EconomyCode] {
        &self.economies
    }

    /// What is in force for an economy; absent where nothing was accepted.
    pub fn decide(&self, store: &Store, economy: &EconomyCode) -> Result<Option<Decision>, StoreError> {
        let wave = self.context.framework.wave;
        let choice = &self.context.config.respondents;
        let alone = |row| InForce { row, origins: Vec::new(), ties: Vec::new(), stamp: String::new() };
        if choice.rule == RespondentRule::Latest {
            let latest = store.latest_accepted(wave, economy)?;
            return Ok(latest.map(|row| (alone(row), Vec::new())));
        }
        let all = store.identified(wave, economy, &choice.offices)?;
        let recognised = new(&all);
        let voices = voices(store, choice, all)?;
        let Some(first) = voices.first() else { return Ok(None) };
        if voices.len() == 1 {
            return Ok(Some((alone(first.row.clone()), recognised)));
        }
        let merged = merge(&self.context.framework, choice.rule, &voices);
        let mut stamp = pipeline::hash::Fingerprint::new().with(choice.rule.as_str());
        for voice in &voices {
            stamp.add(&voice.row.sha256);
            stamp.add(&voice.row.content);
            stamp.add(store.work_key("validate", &voice.row.id.to_string())?.unwrap_or_default());
        }
        let origins = merged.origins.iter().filter(|(_, voice)| **voice > 0);
        tracing::info!(economy = economy.as_str(), respondents = voices.len(), "answers merged");
        let in_force = InForce {
            origins: origins.map(|(id, voice)| (id.clone(), voices[*voice].row.id)).collect(),
            ties: ties(&self.context.framework, first, &merged.ties),
            stamp: stamp.finish(),
            row: first.row.clone(),
        };
        Ok(Some((in_force, recognised)))
    }
}

/// The respondents of one economy, in the order of offices, each with its submission; for display, whatever
/// the rule is.
pub fn of_economy(
    context: &Context,
    store: &Store,
    wave: Wave,
    economy: &EconomyCode,
) -> Result<Vec<Voice>, StoreError> {
    let choice = &context.config.respondents;
    voices(store, choice, store.identified(wave, economy, &choice.offices)?)
}

/// Who was recognised and not recorded so.
fn new(all: &[Identified]) -> Vec<(SubmissionId, Respondent)> {
    let new = all.iter().filter(|found| found.recorded.as_ref() != Some(&found.respondent));
    new.map(|found| (found.row.id, found.respondent.clone())).collect()
}

/// The latest accepted submission of each respondent, in the order of offices.
fn voices(store: &Store, choice: &RespondentChoice, all: Vec<Identified>) -> Result<Vec<Voice>, StoreError> {
    let mut latest: BTreeMap<u32, (usize, SubmissionRow, Respondent)> = BTreeMap::new();
    for (at, Identified { row, respondent, .. }) in all.into_iter().enumerate() {
        if row.state == State::Accepted {
            latest.insert(respondent.number, (at, row, respondent));
        }
    }
    let mut latest: Vec<_> = latest.into_values().collect();
    latest.sort_by_key(|(at, ..)| std::cmp::Reverse(*at));
    let mut voices = Vec::new();
    for (_, row, respondent) in latest {
        let records = store.answers(row.id)?;
        voices.push(Voice { respondent, row, records });
    }
    order(&mut voices, choice);
    Ok(voices)
}

/// The findings about questions without a majority, at the cells of the first respondent.
fn ties(framework: &Framework, first: &Voice, ties: &[Tie]) -> Vec<Finding> {
    let of = |tie: &Tie| {
        let record = first.records.iter().find(|record| record.question == tie.question);
        let mut shown = Answer::shown_apart(
            &tie.answers.iter().map(|(answer, _)| answer).chain([&tie.used]).collect::<Vec<_>>(),
        );
        let used = shown.pop().unwrap_or_default().into_owned();
        let answers: Vec<String> =
            shown.iter().zip(&tie.answers).map(|(text, (_, votes))| format!("{text} ({votes})")).collect();
        let problem = Problem::RespondentsTied { found: answers.join(", "), used };
        let severity = framework.severity(problem.rule(), Severity::Warning);
        let place = record.and_then(|record| record.place.clone());
        Finding::new(severity, problem).about(&tie.question).at(place)
    };
    ties.iter().map(of).collect()
}

#[cfg(test)]
mod tests;
