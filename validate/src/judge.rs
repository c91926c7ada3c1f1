//! What people said about the findings of a submission: objections of its sender, decisions of reviewers.

use std::collections::HashMap;

use maturity::decision::{Decision, Verdict, undone};
use maturity::finding::{Finding, Problem, Severity};
use maturity::normalize::matching_key;
use maturity::review::{Acceptance, Contest};
use maturity::rule;
use maturity::submission::State;
use store::Validation;

/// Notes on each finding whether its sender contests it and whether a reviewer accepted it, and settles the
/// state. Objections to findings that are gone are passed over; so are decisions about answers that changed.
/// `acceptances` are those of the economy.
pub fn judge(validation: &mut Validation, contests: &[Contest], acceptances: &[Acceptance]) {
    // Of several objections to one finding the first counts. A sender may write thousands of them.
    let mut said: HashMap<(String, String), &str> = HashMap::new();
    for contest in contests {
        said.entry((matching_key(&contest.rule), matching_key(&contest.question))).or_insert(&contest.text);
    }
    for finding in &mut validation.findings {
        finding.standing.contest = said.get(&about(finding)).map(|text| (*text).to_owned());
        let answer =
            validation.answers.iter().find(|record| Some(&record.question) == finding.question.as_ref());
        finding.standing.accepted = acceptances.iter().any(|acceptance| acceptance.covers(finding, answer))
            && rule::find(finding.rule()).is_some_and(|rule| rule.gravity.acceptable());
    }
    validation.state = state(&validation.findings);
}

/// Sends a submission back that a reviewer returned. It stands as long as the decision does, and is about this
/// submission alone: another one of the same economy is judged anew.
pub(crate) fn send_back(validation: &mut Validation, content: &str, decisions: &[Decision]) {
    let undone = undone(decisions);
    let returns = decisions.iter().filter(|decision| {
        matches!(&decision.verdict, Verdict::Return { content: about } if about == content)
            && !undone.contains(&decision.id())
    });
    for decision in returns {
        let problem = Problem::ReviewerReturned { found: decision.reason.clone(), by: decision.by.clone() };
        validation.findings.insert(0, Finding::new(Severity::Error, problem));
    }
    validation.state = state(&validation.findings);
}

/// Returned if any finding blocks.
pub(crate) fn state(findings: &[Finding]) -> State {
    if findings.iter().any(Finding::blocks) { State::Returned } else { State::Accepted }
}

/// What an objection to a finding names.
fn about(finding: &Finding) -> (String, String) {
    let question = finding.question.as_ref().map_or("", |id| id.as_str());
    (matching_key(finding.rule()), matching_key(question))
}
