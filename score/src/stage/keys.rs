//! What scores depend on: equal keys, equal scores.

use maturity::economy::EconomyCode;
use pipeline::Context;
use pipeline::hash::Fingerprint;
use store::{Store, StoreError};

use crate::earlier::Earlier;
use crate::normalize::Population;
use crate::overrides::{self, Decisions};
use crate::respondents::InForce;

/// The edition of what is computed: under another one everything is computed anew. 2: questions that do not
/// apply are not open. 3: an index of others without a value is not asked. 4: bounds know parts without a score, and the
/// wave before is that of the economy. 5: what is kept of a change that is not split names the reason. 6: exactly the least
/// share of answers or parts is enough. 7: a part that open answers would give a score is in the replications.
const EDITION: &str = "7";

/// What the scores of a wave depend on.
pub(super) struct Keys<'a> {
    context: &'a Context,
    decisions: &'a Decisions,
    /// The values that economies are compared with.
    population: String,
}

impl<'a> Keys<'a> {
    pub(super) fn of(context: &'a Context, population: &Population, decisions: &'a Decisions) -> Self {
        Self { context, decisions, population: population.stamp(&context.framework) }
    }

    /// The key of the scores of an economy.
    pub(super) fn of_economy(
        &self,
        store: &Store,
        earlier: &mut Earlier,
        (decided, economy): (&InForce, &EconomyCode),
    ) -> Result<String, StoreError> {
        let mut others = self.population.clone();
        let overrides = overrides::stamp(self.decisions, economy);
        if !overrides.is_empty() {
            others.push_str(&overrides);
            // What was found about the file is judged again then, and a new validation finds it anew.
            let validated = store.work_key("validate", &decided.row.id.to_string())?;
            others.push_str(&validated.unwrap_or_default());
        }
        let before = earlier.key(store, economy)?.unwrap_or_default();
        Ok(key(self.context, decided, &others, &before))
    }
}

/// What the scores of an economy depend on: its own answers and values, and those that it is compared with.
fn key(context: &Context, decided: &InForce, others: &str, earlier: &str) -> String {
    let row = &decided.row;
    let mut fingerprint = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(&context.framework.hash)
        .with(&row.content)
        // Not its number in the store: that depends on what came before.
        .with(&row.sha256)
        .with(row.place.to_string())
        .with(row.collected.map_or("", maturity::submission::Collected::as_str))
        .with(others)
        .with(&decided.stamp)
        .with(EDITION)
        // What is computed beside the scores, and the state of the wave before that it is compared with.
        .with("standing")
        .with(earlier);
    for used in context.external_indices.uses() {
        if let Some(edition) = &used.edition {
            fingerprint.add(format!("{} {edition:?}", used.index));
        }
    }
    for index in &context.framework.external_indices {
        let value =
            row.economy.as_ref().and_then(|economy| context.external_indices.value(&index.id, economy));
        fingerprint.add(value.map(|value| value.to_bits().to_string()).unwrap_or_default());
    }
    fingerprint.finish()
}
