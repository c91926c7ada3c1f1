//! What people said about the findings of a submission: objections of its sender, decisions of reviewers.

use maturity::finding::Finding;
use maturity::normalize::matching_key;
use maturity::review::{Acceptance, Contest};
use maturity::rule;
use maturity::submission::State;
use store::Validation;

/// Notes on each finding whether its sender contests it and whether a reviewer accepted it, and settles the
/// state. Objections to findings that are gone are passed over; so are decisions about answers that changed.
pub fn judge(validation: &mut Validation, contests: &[Contest], acceptances: &[Acceptance]) {
    let economy = validation.economy.clone();
    let of_economy: Vec<&Acceptance> =
        acceptances.iter().filter(|acceptance| Some(&acceptance.economy) == economy.as_ref()).collect();
    for finding in &mut validation.findings {
        finding.standing.contest =
            contests.iter().find(|contest| contests_it(contest, finding)).map(|contest| contest.text.clone());
        let answer =
            validation.answers.iter().find(|record| Some(&record.question) == finding.question.as_ref());
        finding.standing.accepted = of_economy.iter().any(|acceptance| acceptance.covers(finding, answer))
            && rule::find(finding.rule()).is_some_and(|rule| rule.gravity.acceptable());
    }
    validation.state = state(&validation.findings);
}

/// Returned if any finding blocks.
pub(crate) fn state(findings: &[Finding]) -> State {
    if findings.iter().any(Finding::blocks) { State::Returned } else { State::Accepted }
}

fn contests_it(contest: &Contest, finding: &Finding) -> bool {
    let question = finding.question.as_ref().map_or("", |id| id.as_str());
    matching_key(&contest.rule) == matching_key(finding.rule())
        && matching_key(&contest.question) == matching_key(question)
}
