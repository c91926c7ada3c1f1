//! Decisions of reviewers, wherever they were written: understood, checked against what is submitted, recorded.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::decision::{Choice, Decision, DecisionRow, Meant, RowProblem, Verdict, is_same, understand};
use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Problem, Severity};
use maturity::id::Id;
use maturity::review::{Acceptance, seen};
use maturity::rule;
use maturity::submission::State;
use pipeline::Context;
use serde::Serialize;
use store::{Step, Store, StoreError, SubmissionRow};

use crate::subject::Subject;

/// What became of rows of decisions.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Taken {
    /// Decisions that were not known before, with their ids.
    pub new: Vec<Decision>,
    /// Decisions that were recorded earlier.
    pub known: usize,
    /// Findings that were accepted now.
    pub accepted: usize,
    /// What the instrument warns of where the new answers count: the next run finds it.
    #[serde(skip)]
    pub warnings: Vec<Finding>,
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
        self.warnings.extend(other.warnings);
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
    /// The same in a table that does not say what its rows are about: one that decided something before decides that again, and
    /// not about what was submitted since.
    InTable,
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
    let earlier = store.decisions(context.framework.wave, &context.economies)?;
    let mut decisions: Vec<(EconomyCode, Decision)> = Vec::new();
    let mut acceptances: Vec<(EconomyCode, Acceptance)> = Vec::new();
    for (row, place) in rows {
        let result = match understand(row, &context.framework, &context.economies) {
            Ok(None) => continue,
            Ok(Some(meant)) => match submissions.get(&meant.economy) {
                Some(submission) => {
                    let known = earlier.get(&meant.economy).map(Vec::as_slice).unwrap_or_default();
                    let in_file = decisions.iter().filter(|(economy, _)| *economy == meant.economy);
                    let before: Vec<Decision> =
                        known.iter().chain(in_file.map(|(_, decision)| decision)).cloned().collect();
                    match (given == Given::InTable).then(|| read_before(known, &meant)).flatten() {
                        Some(known) => Ok(Settled::Decision(
                            Box::new(Decision { at: now.to_owned(), again: 0, ..known.clone() }),
                            Vec::new(),
                        )),
                        None => settle((context, store), submission, &meant, &before, now)?,
                    }
                    .map(|settled| (meant.economy, settled))
                }
                None => Err(RowProblem::new("nothing-received", &[("found", meant.economy.as_str())])),
            },
            Err(problem) => Err(problem),
        };
        match result {
            Ok((economy, Settled::Decision(decision, warnings))) => {
                decisions.push((economy, *decision));
                taken.warnings.extend(warnings);
            }
            Ok((economy, Settled::Acceptances(all))) => {
                acceptances.extend(all.into_iter().map(|acceptance| (economy.clone(), acceptance)));
            }
            Err(problem) => taken.problems.push(problem.at(place.clone())),
        }
    }
    let known: Vec<String> = earlier.values().flatten().map(Decision::id).collect();
    let mut in_file: BTreeMap<EconomyCode, Vec<Decision>> = BTreeMap::new();
    let mut told: Vec<(EconomyCode, String, String)> = Vec::new();
    for (economy, decision) in decisions {
        let before = earlier.get(&economy).map(Vec::as_slice).unwrap_or_default();
        let in_file = in_file.entry(economy.clone()).or_default();
        let decision = decision.as_recorded(before.iter());
        let decision = match given {
            Given::Now => decision.renewed(before.iter()),
            // A reviewer who comes back to an answer further down has decided once more: the last row counts.
            Given::InFile | Given::InTable => decision.renewed(in_file.iter()),
        };
        in_file.push(decision.clone());
        let id = decision.id();
        if known.contains(&id) || taken.new.iter().any(|new| new.id() == id) {
            taken.known += 1;
        } else {
            told.push((economy, decision.by.clone(), decision.reason.clone()));
            taken.new.push(decision);
        }
    }
    let before = store.acceptances(context.framework.wave, &context.economies)?;
    acceptances.retain(|(economy, acceptance)| {
        // Also under a code that the economy had before.
        let is_known = |known: &Acceptance| {
            let (at, economy) = (known.at.clone(), known.economy.clone());
            Acceptance { at, economy, ..acceptance.clone() } == *known
        };
        !before.get(economy).into_iter().flatten().any(is_known)
    });
    told.extend(
        acceptances.iter().map(|(economy, new)| (economy.clone(), new.by.clone(), new.reason.clone())),
    );
    let acceptances: Vec<Acceptance> = acceptances.into_iter().map(|(_, acceptance)| acceptance).collect();
    taken.accepted = acceptances.len();
    store.together("record decisions", |store| {
        store.decide(&taken.new)?;
        store.accept(&acceptances)?;
        for (economy, by, reason) in &told {
            if let Some(submission) = submissions.get(economy) {
                note(store, submission, by, reason, now)?;
            }
        }
        Ok(taken)
    })
}

/// The submission that is decided about: the latest accepted one of each economy, else the latest; where the answers of
/// several respondents count, the one that stands for all in the report.
pub fn submissions(
    context: &Context,
    store: &Store,
) -> Result<BTreeMap<EconomyCode, SubmissionRow>, StoreError> {
    let wave = context.framework.wave;
    let mut all: BTreeMap<EconomyCode, SubmissionRow> = BTreeMap::new();
    for row in store.submissions()? {
        if row.wave != Some(wave) || row.withdrawn {
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
    if context.config.respondents.rule.merges() {
        all.extend(store.standing_for_all(wave)?);
    }
    Ok(all)
}

/// What a row of a table decided when it was read before, in the same words by the same reviewer. One that names the answer that
/// it replaces says itself what it is about.
fn read_before<'d>(earlier: &'d [Decision], meant: &Meant) -> Option<&'d Decision> {
    earlier.iter().rfind(|known| {
        let is_meant = match (meant.choice, &known.verdict) {
            (Choice::Return, Verdict::Return { .. }) => true,
            (Choice::Override, Verdict::Override { question, to, evidence, .. }) => {
                meant.replaces.is_none()
                    && meant.question.as_ref() == Some(question)
                    && meant.answer.as_ref() == Some(to)
                    && meant.evidence == *evidence
            }
            _ => false,
        };
        is_meant && known.by == meant.by && known.reason == meant.reason
    })
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
    /// With what the instrument warns of.
    Decision(Box<Decision>, Vec<Finding>),
    Acceptances(Vec<Acceptance>),
}

/// Fills in what a row leaves open from what is submitted; `before` is what was decided, in other rows as well.
fn settle(
    (context, store): (&Context, &Store),
    submission: &SubmissionRow,
    meant: &Meant,
    before: &[Decision],
    now: &str,
) -> Result<Result<Settled, RowProblem>, StoreError> {
    let decision = |verdict, warnings| {
        let decision = Decision {
            wave: context.framework.wave,
            economy: meant.economy.clone(),
            verdict,
            by: meant.by.clone(),
            reason: meant.reason.clone(),
            at: now.to_owned(),
            again: 0,
        };
        Ok(Settled::Decision(Box::new(decision), warnings))
    };
    Ok(match (meant.choice, &meant.question, &meant.answer) {
        (Choice::Return, ..) => decision(Verdict::Return { content: submission.content.clone() }, Vec::new()),
        (Choice::Override, Some(question), Some(to)) => {
            let subject = Subject::of(context, store, submission)?;
            let from = meant.replaces.clone().unwrap_or_else(|| subject.submitted(question));
            // Evidence may be found for the answer as it is.
            if is_same(&from, to) && meant.evidence.is_none() {
                return Ok(Err(RowProblem::new("answer-same", &[("found", &to.expression_value())])));
            }
            let language = &context.config.language;
            let mut warnings = match subject.judge((&context.framework, language), before, (question, to)) {
                Ok(warnings) => warnings,
                Err(problem) => return Ok(Err(problem)),
            };
            // Another answer than the one that is submitted was seen: it counts once that one is submitted.
            let now = subject.submitted(question);
            if !is_same(&from, &now) {
                let shown = Answer::shown_apart(&[&now, &from, to]);
                let [found, was, to] =
                    [0, 1, 2].map(|at| shown.get(at).map_or_else(|| "".into(), |text| Box::from(&**text)));
                let problem = Problem::OverrideStale { found, was, to, by: meant.by.as_str().into() };
                warnings.push(Finding::new(Severity::Warning, problem).about(question));
            }
            let verdict = Verdict::Override {
                question: question.clone(),
                from,
                to: to.clone(),
                evidence: meant.evidence.clone(),
            };
            decision(verdict, warnings)
        }
        (_, Some(question), _) => {
            let subject = Subject::of(context, store, submission)?;
            // Of several respondents another answer may count by now, and what is found about it nobody has seen.
            let saw_other =
                meant.replaces.as_ref().is_some_and(|seen| !is_same(seen, &subject.submitted(question)));
            let all = acceptances(context, &subject, meant, question, now);
            if saw_other {
                Err(RowProblem::new(
                    "submission-other",
                    &[("found", meant.choice.label(&context.config.language))],
                ))
            } else if all.is_empty() {
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
    subject: &Subject,
    meant: &Meant,
    question: &Id,
    now: &str,
) -> Vec<Acceptance> {
    let findings = subject.findings().filter(|(finding, _)| {
        finding.question.as_ref() == Some(question)
            && rule::find(finding.rule()).is_some_and(|rule| rule.gravity.acceptable())
    });
    findings
        .map(|(finding, answer)| Acceptance {
            wave: context.framework.wave,
            economy: meant.economy.clone(),
            rule: finding.rule().to_owned(),
            question: Some(question.clone()),
            seen: seen(finding, answer),
            by: meant.by.clone(),
            reason: meant.reason.clone(),
            at: now.to_owned(),
        })
        .collect()
}
