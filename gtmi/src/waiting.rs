//! Decisions that are on record and that no run has taken into account yet: what they are about is still as it was.

use std::collections::{BTreeMap, BTreeSet};

use ingest::Subject;
use maturity::answer::Answer;
use maturity::decision::{Decision, Verdict, is_same, undone};
use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Problem};
use maturity::id::Id;
use maturity::review::Acceptance;
use maturity::rule;
use maturity::submission::State;
use pipeline::Context;
use store::{Store, StoreError, SubmissionRow};

/// The decisions about the wave that wait for a run, each in a few words; with `only`, those about that economy.
pub(crate) fn waiting(
    context: &Context,
    store: &Store,
    only: Option<&EconomyCode>,
) -> Result<Vec<String>, StoreError> {
    let is_asked = |economy: &EconomyCode| only.is_none_or(|only| only == economy);
    let wave = context.framework.wave;
    let mut all = Vec::new();
    let mut received: BTreeMap<EconomyCode, Vec<SubmissionRow>> = BTreeMap::new();
    for row in store.submissions()?.into_iter().filter(|row| row.wave == Some(wave) && !row.withdrawn) {
        if let Some(economy) = row.economy.clone() {
            received.entry(economy).or_default().push(row);
        }
    }
    let decided = ingest::under_review(context, store)?;
    let decisions = store.decisions(wave, &context.economies)?;
    for (economy, decisions) in decisions.iter().filter(|(economy, _)| is_asked(economy)) {
        let rows = received.get(economy).map(Vec::as_slice).unwrap_or_default();
        all.extend(verdicts(store, (economy, decisions), rows)?);
        if let Some(scored) = store.scored_one(wave, economy)? {
            let applied = store.overrides(wave, economy)?;
            all.extend(overrides((economy, decisions), &applied, &store.findings(scored.submission)?));
        }
    }
    let acceptances = store.acceptances(wave, &context.economies)?;
    let mut seen = BTreeSet::new();
    for (economy, row) in decided.into_iter().chain(told(context, store, received.keys())?) {
        if !is_asked(&economy) || !seen.insert(row.id) {
            continue;
        }
        let of_economy = acceptances.get(&economy).map_or(&[][..], Vec::as_slice);
        for told in accepted((context, store), &economy, &row, of_economy)? {
            if !all.contains(&told) {
                all.push(told);
            }
        }
    }
    Ok(all)
}

/// The submissions that senders are told of: one that was returned may be accepted by what a reviewer said of its findings,
/// and then takes the place of the one that counts.
fn told<'e>(
    context: &Context,
    store: &Store,
    economies: impl Iterator<Item = &'e EconomyCode>,
) -> Result<Vec<(EconomyCode, SubmissionRow)>, StoreError> {
    let (wave, choice) = (context.framework.wave, &context.config.respondents);
    let mut all = Vec::new();
    for (economy, (id, _)) in store.told_submissions(wave, choice.rule.merges())? {
        all.extend(store.submission(id)?.map(|row| (economy, row)));
    }
    if choice.rule.merges() {
        for economy in economies {
            let rows = store.told_respondents(wave, economy, &choice.offices)?.into_values();
            all.extend(rows.map(|row| (economy.clone(), row)));
        }
    }
    all.retain(|(_, row)| !row.withdrawn);
    Ok(all)
}

fn named((economy, decision): (&EconomyCode, &Decision), what: &str, question: Option<&Id>) -> String {
    let question = question.map(|id| format!(" {id}")).unwrap_or_default();
    format!("{what} {economy}{question} by {}", decision.by)
}

/// Returns that did not send their submission back yet, and returns that were undone and still hold.
fn verdicts(
    store: &Store,
    (economy, decisions): (&EconomyCode, &[Decision]),
    rows: &[SubmissionRow],
) -> Result<Vec<String>, StoreError> {
    let undone = undone(decisions);
    let mut all = Vec::new();
    for decision in decisions {
        let Verdict::Return { content } = &decision.verdict else { continue };
        let Some(row) = rows.iter().find(|row| row.content == *content) else { continue };
        let holds = !undone.contains(&decision.id());
        if holds && row.state == State::Accepted {
            all.push(named((economy, decision), "return", None));
        } else if !holds && row.state == State::Returned {
            let again = decisions.iter().any(|other| {
                (&other.verdict, &other.by, &other.reason)
                    == (&decision.verdict, &decision.by, &decision.reason)
                    && !undone.contains(&other.id())
            });
            let is_told = store.findings(row.id)?.iter().any(|finding| {
                matches!(&finding.problem, Problem::ReviewerReturned { found, by }
                    if *found == decision.reason && *by == decision.by)
            });
            if is_told && !again {
                all.push(named((economy, decision), "undo of the return", None));
            }
        }
    }
    Ok(all)
}

/// Overrides that the scores were not computed with, although they may count, and those that were undone and still
/// count. `findings` tell which of the others a run has looked at.
fn overrides(
    (economy, decisions): (&EconomyCode, &[Decision]),
    applied: &BTreeMap<Id, Decision>,
    findings: &[Finding],
) -> Vec<String> {
    let undone = undone(decisions);
    let mut all = Vec::new();
    for (question, decision) in applied {
        if undone.contains(&decision.id()) {
            all.push(named((economy, decision), "undo of the override", Some(question)));
        }
    }
    let mut seen = BTreeSet::new();
    // Of one reviewer the latest counts, so the latest come first.
    for decision in decisions.iter().rev().filter(|decision| !undone.contains(&decision.id())) {
        let Verdict::Override { question, from, to, .. } = &decision.verdict else { continue };
        if !seen.insert((question, &decision.by)) {
            continue;
        }
        let counts = applied.get(question).is_some_and(|known| {
            known.id() == decision.id()
                || matches!(&known.verdict, Verdict::Override { from: other_from, to: other, .. }
                    if is_same(other, to) && is_same(other_from, from) && !undone.contains(&known.id()))
        });
        // Others who want another answer in the place of the same one: as long as there are any, none counts.
        let contested = decisions.iter().filter(|other| !undone.contains(&other.id())).any(|other| {
            matches!(&other.verdict, Verdict::Override { question: about, from: other_from, to: other_to, .. }
                if about == question && is_same(other_from, from) && !is_same(other_to, to))
                && other.by != decision.by
        });
        let about = |finding: &&Finding| finding.question.as_ref() == Some(question);
        let is_told =
            findings.iter().filter(about).any(|finding| tells(&finding.problem, decision, to, contested));
        if !counts && !is_told {
            all.push(named((economy, decision), "override", Some(question)));
        }
    }
    all
}

/// Whether a finding says why an override does not count. `contested` is whether others still want another answer.
fn tells(problem: &Problem, decision: &Decision, wanted: &Answer, contested: bool) -> bool {
    let is_wanted = |shown: &str| {
        match wanted {
            Answer::Missing(_) => shown.starts_with('-'),
            // A number stands there with all its digits or without the last ones.
            _ => [wanted.shown(), wanted.expression_value()].iter().any(|text| shown.starts_with(&**text)),
        }
    };
    match problem {
        Problem::OverrideStale { to, by, .. } => **by == decision.by && is_wanted(to),
        // Of three who disagree, two are named; the third changes nothing until one gives way.
        Problem::OverrideConflict { one, other, .. } => {
            let whose = |said: &str| said.ends_with(&format!("({})", decision.by));
            let mut named = [one, other].into_iter().filter(|said| whose(said)).peekable();
            contested && (named.peek().is_none() || named.any(|said| is_wanted(said)))
        }
        _ => false,
    }
}

/// Findings whose standing is not what reviewers made it.
fn accepted(
    (context, store): (&Context, &Store),
    economy: &EconomyCode,
    row: &SubmissionRow,
    acceptances: &[Acceptance],
) -> Result<Vec<String>, StoreError> {
    let mut all = Vec::new();
    if acceptances.is_empty() && !store.has_accepted_findings(row.id)? {
        return Ok(all);
    }
    for (finding, answer) in Subject::of(context, store, row)?.findings() {
        let acceptance = acceptances.iter().find(|acceptance| acceptance.covers(finding, answer));
        let acceptance =
            acceptance.filter(|_| rule::find(finding.rule()).is_some_and(|rule| rule.gravity.acceptable()));
        let question = finding.question.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
        let what = format!("{economy} {}{question}", finding.rule());
        match (acceptance, finding.standing.accepted) {
            (Some(acceptance), false) => all.push(format!("acceptance {what} by {}", acceptance.by)),
            (None, true) => all.push(format!("withdrawal of the acceptance {what}")),
            _ => {}
        }
    }
    Ok(all)
}
