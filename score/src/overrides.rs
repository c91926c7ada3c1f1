//! Reviewers' answers in the place of submitted ones: which count, and what is said about them.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::decision::{Decision, Idle, Overrides, Verdict, is_same, standing};
use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;

/// The decisions of a wave, by economy.
pub(crate) type Decisions = BTreeMap<EconomyCode, Vec<Decision>>;

/// Names the overrides of an economy that were not undone, for the key of its scores; empty where there are none.
pub(crate) fn stamp(decisions: &Decisions, economy: &EconomyCode) -> String {
    let all = decisions.get(economy).map(Vec::as_slice).unwrap_or_default();
    let overrides = standing(all).filter(|decision| decision.question().is_some());
    overrides.map(Decision::id).collect::<Vec<_>>().join(" ")
}

/// The overrides that count, and what people should know about these and the others.
#[derive(Debug, Default)]
pub(crate) struct Noted {
    pub(crate) applied: BTreeMap<Id, Decision>,
    pub(crate) findings: Vec<Finding>,
}

/// Puts the answers that count in the place of the submitted ones.
pub(crate) fn apply(
    framework: &Framework,
    decisions: &Decisions,
    economy: &EconomyCode,
    records: &mut BTreeMap<Id, AnswerRecord>,
) -> Noted {
    let Some(of_economy) = decisions.get(economy) else { return Noted::default() };
    let overrides = Overrides::of(of_economy, records);
    let touched = of_economy.iter().filter_map(Decision::question);
    let submitted: BTreeMap<Id, AnswerRecord> =
        touched.filter_map(|id| Some((id.clone(), records.get(id)?.clone()))).collect();
    overrides.apply(framework, records);
    let findings = findings(framework, &overrides, &submitted, of_economy);
    Noted { applied: overrides.applied, findings }
}

/// What people should know about the overrides of an economy, at the cells of the submitted answers.
fn findings(
    framework: &Framework,
    overrides: &Overrides,
    submitted: &BTreeMap<Id, AnswerRecord>,
    decisions: &[Decision],
) -> Vec<Finding> {
    let shown = |question: &Id, answer: &Answer| shown(framework, question, answer);
    let found = |question: &Id| {
        submitted.get(question).map_or_else(String::new, |record| shown(question, &record.answer))
    };
    let mut all = Vec::new();
    let mut add = |question: &Id, severity, problem: Problem| {
        let severity = framework.severity(problem.rule(), severity);
        let place = submitted.get(question).and_then(|record| record.place.clone());
        all.push(Finding::new(severity, problem).about(question).at(place));
    };
    for (question, decision) in &overrides.applied {
        let Verdict::Override { from, to, evidence, .. } = &decision.verdict else { continue };
        let (by, reason) = (decision.by.as_str().into(), decision.reason.as_str().into());
        let found = found(question).into();
        let problem = match evidence {
            Some(evidence) if is_same(from, to) => {
                Problem::EvidenceFound { found, evidence: evidence.as_str().into(), by, reason }
            }
            _ => Problem::Overridden { found, to: shown(question, to).into(), by, reason },
        };
        add(question, Severity::Info, problem);
    }
    for (decision, idle) in &overrides.idle {
        let Verdict::Override { question, from, to, .. } = &decision.verdict else { continue };
        match idle {
            Idle::Stale { now } => {
                let problem = Problem::OverrideStale {
                    found: shown(question, now).into(),
                    was: shown(question, from).into(),
                    to: shown(question, to).into(),
                    by: decision.by.as_str().into(),
                };
                add(question, Severity::Warning, problem);
            }
            Idle::Conflict { with } => {
                let other = decisions.iter().find(|other| other.id() == *with);
                // Told once, by the first of the two.
                let (Some(other), true) = (other, decision.id() < *with) else { continue };
                let Verdict::Override { to: wanted, .. } = &other.verdict else { continue };
                let said = |to, by: &str| format!("{} ({by})", shown(question, to)).into();
                let problem = Problem::OverrideConflict {
                    found: found(question).into(),
                    one: said(to, &decision.by),
                    other: said(wanted, &other.by),
                };
                add(question, Severity::Warning, problem);
            }
            Idle::Superseded { .. } => {}
        }
    }
    all
}

/// An answer as findings show it: `2 = Yes`, in the framework's first language.
fn shown(framework: &Framework, question: &Id, answer: &Answer) -> String {
    let list = framework.question(question).and_then(|question| framework.choices(question));
    let one = |code: &String| match list.and_then(|list| list.choice(code)) {
        Some(choice) => format!("{code} = {}", choice.label.get(&Language::english())),
        None => code.clone(),
    };
    match answer {
        Answer::Choice(code) => one(code),
        Answer::Choices(codes) => codes.iter().map(one).collect::<Vec<_>>().join("; "),
        Answer::Missing(_) => "-".to_owned(),
        other => other.expression_value().into_owned(),
    }
}
