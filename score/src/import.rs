//! Published scores are taken over into the store, as they stand, once for each content of their table.

use maturity::score::ImportedScores;
use pipeline::Context;
use pipeline::hash::Fingerprint;
use store::{Store, StoreError};

/// Imports the published scores of all waves; gives whether something was written.
pub(crate) fn import(context: &Context, store: &mut Store) -> Result<bool, StoreError> {
    let imported: Vec<ImportedScores> = context
        .published_scores
        .iter()
        .map(|published| ImportedScores {
            wave: published.wave,
            economy: published.economy.clone(),
            group: Some(published.group.clone()).filter(|group| !group.is_empty()),
            collected: context.import_sources.collected.get(&published.wave).copied(),
            scores: published.scores.clone(),
        })
        .collect();
    let mut key = Fingerprint::new().with(&context.import_sources.hash);
    for row in &imported {
        key.add(row.wave.to_string());
        key.add(row.economy.as_str());
        key.add(row.group.as_deref().unwrap_or_default());
        for (id, score) in &row.scores {
            key.add(id.as_str());
            key.add(score.to_bits().to_string());
        }
    }
    store.import_scores(&imported, &context.import_sources.sources, &key.finish())
}
