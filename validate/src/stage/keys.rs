//! What validations depend on: equal keys, equal validations.

use std::collections::BTreeMap;

use maturity::decision::{Decision, Verdict, standing};
use maturity::economy::EconomyCode;
use maturity::link::LinkState;
use maturity::review::Acceptance;
use pipeline::Context;
use pipeline::hash::Fingerprint;
use store::{Previous, Store, StoreError};

/// Counts the changes of this program after which a submission may be judged otherwise: each validates all again.
const EDITION: &str = "8";

/// What validations depend on.
pub(super) struct Keys<'a> {
    base: String,
    /// The decisions of reviewers by economy.
    accepted: BTreeMap<EconomyCode, String>,
    previous: Previous<'a>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(
        context: &Context,
        previous: Previous<'a>,
        links: &BTreeMap<String, LinkState>,
        acceptances: &BTreeMap<EconomyCode, Vec<Acceptance>>,
        decisions: &BTreeMap<EconomyCode, Vec<Decision>>,
    ) -> Self {
        let base = Fingerprint::new()
            .with(env!("CARGO_PKG_VERSION"))
            .with(EDITION)
            .with(&context.framework.hash)
            .with(&context.economies_hash)
            .with(external_fingerprint(context))
            // Where previous answers of all economies together once stood: what was validated without any stays valid.
            .with(Fingerprint::new().finish())
            .with(link_fingerprint(links))
            .finish();
        let mut accepted: BTreeMap<EconomyCode, Fingerprint> = BTreeMap::new();
        for (economy, acceptances) in acceptances {
            let fingerprint = accepted.entry(economy.clone()).or_default();
            for acceptance in acceptances {
                fingerprint.add(&acceptance.rule);
                fingerprint.add(acceptance.question.as_ref().map_or("", |id| id.as_str()));
                fingerprint.add(&acceptance.seen);
            }
        }
        for (economy, decisions) in decisions {
            // Those that were undone leave nothing behind: the submission is judged as it was before.
            for decision in standing(decisions) {
                if matches!(decision.verdict, Verdict::Return { .. }) {
                    accepted.entry(economy.clone()).or_default().add(decision.id());
                }
            }
        }
        let accepted =
            accepted.into_iter().map(|(economy, fingerprint)| (economy, fingerprint.finish())).collect();
        Self { base, accepted, previous }
    }

    /// The key of a submission, of which it is known where its file holds the same economy again, and whose it is.
    pub(super) fn of_submission(
        &self,
        store: &Store,
        content: &str,
        doubled: Option<&str>,
        economy: Option<&EconomyCode>,
    ) -> Result<String, StoreError> {
        let accepted = economy.and_then(|economy| self.accepted.get(economy));
        let mut key = Fingerprint::new()
            .with(&self.base)
            .with(content)
            .with(doubled.unwrap_or_default())
            .with(accepted.map_or("", String::as_str));
        if let Some(economy) = economy
            && let Some(previous) = self.previous.name(store, economy)?
        {
            key.add(previous);
        }
        Ok(key.finish())
    }
}

/// The links that do not work.
fn link_fingerprint(links: &BTreeMap<String, LinkState>) -> String {
    let mut fingerprint = Fingerprint::new();
    for (url, state) in links {
        fingerprint.add(url);
        fingerprint.add(format!("{:?}", state.outcome));
        fingerprint.add(&state.since);
    }
    fingerprint.finish()
}

/// The values that files are compared with.
fn external_fingerprint(context: &Context) -> String {
    let mut fingerprint = Fingerprint::new();
    for index in &context.framework.external_indices {
        for economy in context.economies.iter() {
            if let Some(value) = context.external_indices.value(&index.id, &economy.code) {
                fingerprint.add(value.to_bits().to_le_bytes());
            }
            fingerprint.add("");
        }
    }
    fingerprint.finish()
}
