//! Web addresses in answers and evidence: what a reviewer will find who opens them.

mod look;

use std::collections::BTreeMap;

use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Question;
use maturity::link::{LinkOutcome, LinkState, addresses};
use maturity::submission::Response;

pub(crate) use look::MOST_OF_SUBMISSION;
pub use look::{LinkError, LookedAt, check_links};

/// What became of the addresses in a cell when they were last opened: a warning for each that not everyone can
/// open. It never sends a submission back: servers fail, and evidence is read by people.
pub(crate) fn opened<'a>(
    links: &'a BTreeMap<String, LinkState>,
    question: &'a Question,
    response: &'a Response,
) -> impl Iterator<Item = Finding> + 'a {
    let text = if links.is_empty() { String::new() } else { response.value.display() };
    let found: Vec<Finding> = addresses(&text)
        .filter_map(|url| problem(url, links.get(url)?))
        .map(|problem| {
            Finding::new(Severity::Warning, problem).about(&question.id).at(Some(response.place.clone()))
        })
        .collect();
    found.into_iter()
}

fn problem(url: &str, state: &LinkState) -> Option<Problem> {
    let (found, since) = (url.to_owned(), state.since.clone());
    Some(match &state.outcome {
        LinkOutcome::Works => return None,
        LinkOutcome::Gone => Problem::LinkGone { found, since },
        LinkOutcome::Moved { to } => Problem::LinkMoved { found, to: to.clone(), since },
        LinkOutcome::Closed { status } => Problem::LinkClosed { found, status: *status, since },
        LinkOutcome::Certificate => Problem::LinkCertificate { found, since },
        LinkOutcome::Silent => Problem::LinkSilent { found, since },
        LinkOutcome::NotPublic => Problem::LinkNotPublic { found, since },
    })
}
