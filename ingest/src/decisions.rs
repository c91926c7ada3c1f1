//! Decisions of reviewers, wherever they were written: understood, checked against what is submitted, recorded.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::decision::{Choice, Decision, DecisionRow, Meant, RowProblem, Verdict, is_same, understand};
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::review::{Acceptance, seen};
use maturity::rule;
use maturity::submission::State;
use pipeline::Context;
use serde::Serialize;
use store::{Step, Store, StoreError, SubmissionRow};

/// What became of rows of decisions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Taken {
    /// Decisions that were not known before, with their ids.
    pub new: Vec<Decision>,
    /// Decisions that were recorded earlier.
    pub known: usize,
    /// Findings that were accepted now.
    pub accepted: usize,
    /// What is wrong with the other rows.
    #[serde(skip)]
    pub problems: Vec<RowProblem>,
}

impl Taken {
    /// Adds what became of further rows.
    pub(crate) fn add(&mut self, other: Self) {
        self.new.extend(other.new);
        self.known += other.known;
        self.accepted += other.accepted;
        self.problems.extend(other.problems);
    }
}

/// How a decision comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// Somebody decides now: what was undone earlier, or decided otherwise since, is decided once more.
    Now,
    /// It stands in a file, which may have been read before: what was undone does not return.
    InFile,
}

/// Records what rows decide. Rows that decide nothing mean nothing; a row with a problem is left out as a whole, and
/// the others count.
pub fn take(
    context: &Context,
    store: &mut Store,
    rows: &[(DecisionRow, Option<maturity::cell::Place>)],
    given: Given,
    now: &str,
) -> Result<Taken, StoreError> {
    let mut taken = Taken::default();
    let submissions = submissions(context, store)?;
    let mut decisions = Vec::new();
    let mut acceptances = Vec::new();
    for (row, place) in rows {
        let result = match understand(row, &context.framework, &context.economies) {
            Ok(None) => continue,
            Ok(Some(meant)) => match submissions.get(&meant.economy) {
                Some(submission) => settle(context, store, submission, &meant, now)?,
                None => Err(RowProblem::new("nothing-received", &[("found", meant.economy.as_str())])),
            },
            Err(problem) => Err(problem),
        };
        match result {
            Ok(Settled::Decision(decision)) => decisions.push(decision),
            Ok(Settled::Acceptances(all)) => acceptances.extend(all),
            Err(problem) => taken.problems.push(problem.at(place.clone())),
        }
    }
    let earlier = store.decisions(context.framework.wave)?;
    let known: Vec<String> = earlier.values().flatten().map(Decision::id).collect();
    for decision in decisions {
        let decision = match given {
            Given::Now => decision.renewed(earlier.values().flatten()),
            Given::InFile => decision,
        };
        let id = decision.id();
        if known.contains(&id) || taken.new.iter().any(|new| new.id() == id) {
            taken.known += 1;
        } else {
            taken.new.push(decision);
        }
    }
    let before = store.acceptances(context.framework.wave)?;
    acceptances.retain(|acceptance| {
        !before.iter().any(|known| Acceptance { at: known.at.clone(), ..acceptance.clone() } == *known)
    });
    taken.accepted = acceptances.len();
    store.together("record decisions", |store| {
        store.decide(&taken.new)?;
        store.accept(&acceptances)?;
        let decided = taken.new.iter().map(|decision| (&decision.economy, &decision.by, &decision.reason));
        let accepted = acceptances.iter().map(|known| (&known.economy, &known.by, &known.reason));
        for (economy, by, reason) in decided.chain(accepted) {
            if let Some(submission) = submissions.get(economy) {
                note(store, submission, by, reason, now)?;
            }
        }
        Ok(taken)
    })
}

/// The submission that is decided about: the latest accepted one of each economy, else the latest.
pub fn submissions(
    context: &Context,
    store: &Store,
) -> Result<BTreeMap<EconomyCode, SubmissionRow>, StoreError> {
    let mut all: BTreeMap<EconomyCode, SubmissionRow> = BTreeMap::new();
    for row in store.submissions()? {
        if row.wave != Some(context.framework.wave) || row.withdrawn {
            continue;
        }
        let Some(economy) = row.economy.clone() else { continue };
        let keeps = all
            .get(&economy)
            .is_some_and(|known| known.state == State::Accepted && row.state != State::Accepted);
        if !keeps {
            all.insert(economy, row);
        }
    }
    Ok(all)
}

/// Notes on the trail that somebody works on a submission.
fn note(
    store: &mut Store,
    submission: &SubmissionRow,
    by: &str,
    reason: &str,
    now: &str,
) -> Result<(), StoreError> {
    store.add_step(&Step {
        wave: submission.wave,
        economy: submission.economy.clone(),
        content: submission.content.clone(),
        state: "in-review".to_owned(),
        by: by.to_owned(),
        reason: reason.to_owned(),
        at: now.to_owned(),
    })
}

enum Settled {
    Decision(Decision),
    Acceptances(Vec<Acceptance>),
}

/// Fills in what a row leaves open from what is submitted.
fn settle(
    context: &Context,
    store: &Store,
    submission: &SubmissionRow,
    meant: &Meant,
    now: &str,
) -> Result<Result<Settled, RowProblem>, StoreError> {
    let decision = |verdict| {
        Ok(Settled::Decision(Decision {
            wave: context.framework.wave,
            economy: meant.economy.clone(),
            verdict,
            by: meant.by.clone(),
            reason: meant.reason.clone(),
            at: now.to_owned(),
            again: 0,
        }))
    };
    Ok(match (meant.choice, &meant.question, &meant.answer) {
        (Choice::Return, ..) => decision(Verdict::Return { content: submission.content.clone() }),
        (Choice::Override, Some(question), Some(to)) => {
            let records = store.answers(submission.id)?;
            let submitted = records.iter().find(|record| record.question == *question);
            let submitted = submitted.map_or(Answer::Missing(Missing::Blank), |record| record.answer.clone());
            let from = meant.replaces.clone().unwrap_or(submitted);
            if is_same(&from, to) {
                return Ok(Err(RowProblem::new("answer-same", &[("found", &to.expression_value())])));
            }
            decision(Verdict::Override {
                question: question.clone(),
                from,
                to: to.clone(),
                evidence: meant.evidence.clone(),
            })
        }
        (_, Some(question), _) => {
            let answers = store.answers(submission.id)?;
            let all = acceptances(context, store, submission, meant, question, &answers, now)?;
            if all.is_empty() {
                Err(RowProblem::new("nothing-open", &[("found", question.as_str())]))
            } else {
                Ok(Settled::Acceptances(all))
            }
        }
        (_, None, _) => Err(RowProblem::new("question-unknown", &[("found", "")])),
    })
}

/// The findings about a question as they are accepted.
fn acceptances(
    context: &Context,
    store: &Store,
    submission: &SubmissionRow,
    meant: &Meant,
    question: &Id,
    answers: &[AnswerRecord],
    now: &str,
) -> Result<Vec<Acceptance>, StoreError> {
    let answer = answers.iter().find(|record| record.question == *question);
    let findings = store.findings(submission.id)?.into_iter().filter(|finding| {
        finding.question.as_ref() == Some(question)
            && rule::find(finding.rule()).is_some_and(|rule| rule.gravity.acceptable())
    });
    Ok(findings
        .map(|finding| Acceptance {
            wave: context.framework.wave,
            economy: meant.economy.clone(),
            rule: finding.rule().to_owned(),
            question: Some(question.clone()),
            seen: seen(&finding, answer),
            by: meant.by.clone(),
            reason: meant.reason.clone(),
            at: now.to_owned(),
        })
        .collect())
}
