//! The run of the stage: every economy whose submission in force, external indices or framework changed.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::id::Id;
use pipeline::hash::Fingerprint;
use pipeline::{Context, Progress, Summary};
use store::{Store, StoreError, SubmissionRow};

use crate::compute::score;

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The store failed.
    #[error("failed to store scores")]
    Store(#[from] StoreError),
}

/// Scores every economy that has an accepted submission and changed since it was scored last.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, ScoreError> {
    let mut summary = Summary::of("score");
    let wave = context.framework.wave;
    let in_force = store.in_force(wave)?;
    let done = store.work_keys("score")?;
    progress.start("score", in_force.len());
    for row in &in_force {
        let Some(economy) = &row.economy else { continue };
        let key = key(context, row);
        progress.advance();
        if done.get(economy.as_str()) == Some(&key) {
            summary.unchanged += 1;
            continue;
        }
        let answers: BTreeMap<Id, Answer> =
            store.answers(row.id)?.into_iter().map(|record| (record.question, record.answer)).collect();
        let external = |index: &str| context.external_indices.value(index, economy);
        let scores = score(&context.framework, economy, row.collected, &answers, &external);
        tracing::info!(
            economy = economy.as_str(),
            score = scores.score,
            group = scores.group.as_deref(),
            answered = scores.coverage.answered,
            asked = scores.coverage.asked,
            "scored"
        );
        store.record_scores(&scores, row.id, &key)?;
        summary.done += 1;
    }
    for economy in store.scored_economies(wave)? {
        if !in_force.iter().any(|row| row.economy.as_ref() == Some(&economy)) {
            tracing::warn!(
                economy = economy.as_str(),
                "no accepted submission any more; its scores are removed"
            );
            store.remove_scores(wave, &economy)?;
            summary.done += 1;
        }
    }
    let scored = u64::try_from(in_force.len()).unwrap_or(u64::MAX);
    summary.counts.insert("economies".to_owned(), scored);
    progress.finish();
    Ok(summary)
}

/// What the scores of an economy depend on.
fn key(context: &Context, row: &SubmissionRow) -> String {
    let mut fingerprint = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(&context.framework.hash)
        .with(&row.content)
        // Not its number in the store: that depends on what came before.
        .with(&row.sha256)
        .with(row.place.to_string())
        .with(row.collected.map_or("", maturity::submission::Collected::as_str));
    for index in &context.framework.external_indices {
        let value =
            row.economy.as_ref().and_then(|economy| context.external_indices.value(&index.id, economy));
        fingerprint.add(value.map(|value| value.to_bits().to_string()).unwrap_or_default());
    }
    fingerprint.finish()
}
