//! Reviewers' answers in the place of submitted ones: which count, and what is said about them.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::{Answer, AnswerRecord};
use maturity::decision::{Decision, Idle, Overrides, Verdict, is_same, standing};
use maturity::economy::{Economies, EconomyCode};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::review::Acceptance;

/// The decisions of a wave, by economy.
pub(crate) type Decisions = BTreeMap<EconomyCode, Vec<Decision>>;

/// Names the overrides of an economy that were not undone, for the key of its scores; empty where there are none.
pub(crate) fn stamp(decisions: &Decisions, economy: &EconomyCode) -> String {
    let all = decisions.get(economy).map(Vec::as_slice).unwrap_or_default();
    let overrides = standing(all).filter(|decision| decision.question().is_some());
    overrides.map(Decision::id).collect::<Vec<_>>().join(" ")
}

/// Says whose decisions count for nobody: of codes that no economy has or had, by the table of economies as it is now.
pub(crate) fn about_nobody(
    economies: &Economies,
    decisions: &Decisions,
    acceptances: &BTreeMap<EconomyCode, Vec<Acceptance>>,
) -> Vec<String> {
    let codes: BTreeSet<&EconomyCode> = decisions.keys().chain(acceptances.keys()).collect();
    let unknown = codes.into_iter().filter(|code| economies.recorded(code).is_none());
    let notes = unknown.filter_map(|code| {
        let all = decisions.get(code).map(Vec::as_slice).unwrap_or_default();
        let what = match standing(all).count() + acceptances.get(code).map_or(0, Vec::len) {
            0 => return None,
            1 => "1 decision of reviewers counts".to_owned(),
            count => format!("{count} decisions of reviewers count"),
        };
        Some(format!(
            "{what} for nobody: no economy has the code {code} any more (if it has another one now, give {code} in the \
             column other_codes of the table of economies)"
        ))
    });
    notes.collect()
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
    // Nothing is shown of what is not among the answers.
    let submitted_to = |question: &Id| submitted.get(question).map(|record| &record.answer);
    let mut all = Vec::new();
    let mut add = |question: &Id, severity, problem: Problem| {
        let severity = framework.severity(problem.rule(), severity);
        let place = submitted.get(question).and_then(|record| record.place.clone());
        all.push(Finding::new(severity, problem).about(question).at(place));
    };
    for (question, decision) in &overrides.applied {
        let Verdict::Override { from, to, evidence, .. } = &decision.verdict else { continue };
        let (by, reason) = (decision.by.as_str().into(), decision.reason.as_str().into());
        let [found, to_shown] = shown(framework, question, [submitted_to(question), Some(to)]);
        let problem = match evidence {
            Some(evidence) if is_same(from, to) => {
                Problem::EvidenceFound { found, evidence: evidence.as_str().into(), by, reason }
            }
            _ => Problem::Overridden { found, to: to_shown, by, reason },
        };
        add(question, Severity::Info, problem);
    }
    for (decision, idle) in &overrides.idle {
        let Verdict::Override { question, from, to, .. } = &decision.verdict else { continue };
        match idle {
            Idle::Stale { now } => {
                let [found, was, to] = shown(framework, question, [Some(now), Some(from), Some(to)]);
                let problem = Problem::OverrideStale { found, was, to, by: decision.by.as_str().into() };
                add(question, Severity::Warning, problem);
            }
            Idle::Conflict { with } => {
                let other = decisions.iter().find(|other| other.id() == *with);
                // Told once, by the first of the two.
                let (Some(other), true) = (other, decision.id() < *with) else { continue };
                let Verdict::Override { to: wanted, .. } = &other.verdict else { continue };
                let [found, one, wanted] =
                    shown(framework, question, [submitted_to(question), Some(to), Some(wanted)]);
                let said = |answer: &str, by: &str| format!("{answer} ({by})").into();
                let problem = Problem::OverrideConflict {
                    found,
                    one: said(&one, &decision.by),
                    other: said(&wanted, &other.by),
                };
                add(question, Severity::Warning, problem);
            }
            Idle::Superseded { .. } => {}
        }
    }
    all
}

/// Answers to one question as a finding shows them beside each other: `2 = Yes`, in the framework's first language; empty where
/// there is none.
fn shown<const N: usize>(
    framework: &Framework,
    question: &Id,
    answers: [Option<&Answer>; N],
) -> [Box<str>; N] {
    let list = framework.question(question).and_then(|question| framework.choices(question));
    let one = |code: &String| match list.and_then(|list| list.choice(code)) {
        Some(choice) => format!("{code} = {}", choice.label.get(&Language::english())),
        None => code.clone(),
    };
    let all: Vec<&Answer> = answers.iter().copied().flatten().collect();
    let mut apart = Answer::shown_apart(&all).into_iter();
    answers.map(|answer| {
        let Some(answer) = answer else { return "".into() };
        let text = apart.next().unwrap_or_default();
        match answer {
            Answer::Choice(code) => one(code),
            Answer::Choices(codes) => codes.iter().map(one).collect::<Vec<_>>().join("; "),
            Answer::Missing(_) => "-".to_owned(),
            Answer::Number(_) | Answer::Text(_) => text.into_owned(),
        }
        .into()
    })
}
