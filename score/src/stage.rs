//! The run of the stage: every economy whose submission in force, external indices or framework changed.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::id::Id;
use pipeline::hash::Fingerprint;
use pipeline::{Context, Progress, Summary};
use store::{Store, StoreError, SubmissionRow};

use crate::compute::score;
use crate::import::import;
use crate::normalize::{Given, Population};

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The store failed.
    #[error("failed to store scores")]
    Store(#[from] StoreError),
}

/// Takes over published scores where their table changed, and scores every economy that has an accepted submission and changed since it was scored last.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, ScoreError> {
    let mut summary = Summary::of("score");
    if import(context, store)? {
        let imported = u64::try_from(context.published_scores.len()).unwrap_or(u64::MAX);
        summary.counts.insert("imported".to_owned(), imported);
    }
    let wave = context.framework.wave;
    let in_force = store.in_force(wave)?;
    let done = store.work_keys("score")?;
    let population = population_of(context, store, &in_force)?;
    let stamp = population.stamp(&context.framework);
    progress.start("score", in_force.len());
    for row in &in_force {
        let Some(economy) = &row.economy else { continue };
        let key = key(context, row, &stamp);
        progress.advance();
        if done.get(economy.as_str()) == Some(&key) {
            summary.unchanged += 1;
            continue;
        }
        let answers = answers(store, row)?;
        let external = |index: &str| context.external_indices.value(index, economy);
        let scores = score(&context.framework, &population, economy, row.collected, &answers, &external);
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

fn answers(store: &Store, row: &SubmissionRow) -> Result<BTreeMap<Id, Answer>, StoreError> {
    Ok(store.answers(row.id)?.into_iter().map(|record| (record.question, record.answer)).collect())
}

/// What the scores of the wave depend on in each other, from the answers in force. It is empty, and nothing is
/// read, where the framework compares no indicator with other economies.
pub fn population(context: &Context, store: &Store) -> Result<Population, ScoreError> {
    Ok(population_of(context, store, &store.in_force(context.framework.wave)?)?)
}

fn population_of(
    context: &Context,
    store: &Store,
    in_force: &[SubmissionRow],
) -> Result<Population, StoreError> {
    let framework = &context.framework;
    if !framework.indicators.iter().any(|indicator| indicator.normalization.needs_population()) {
        return Ok(Population::default());
    }
    let mut read: Vec<(&EconomyCode, BTreeMap<Id, Answer>)> = Vec::new();
    for row in in_force {
        if let Some(economy) = &row.economy {
            read.push((economy, answers(store, row)?));
        }
    }
    let given: Vec<Given> = read.iter().map(|(economy, answers)| Given { economy, answers }).collect();
    Ok(Population::gather(framework, &given, &|index, economy| {
        context.external_indices.value(index, economy)
    }))
}

/// What the scores of an economy depend on: its own answers and values, and those that it is compared with.
fn key(context: &Context, row: &SubmissionRow, population: &str) -> String {
    let mut fingerprint = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(&context.framework.hash)
        .with(&row.content)
        // Not its number in the store: that depends on what came before.
        .with(&row.sha256)
        .with(row.place.to_string())
        .with(row.collected.map_or("", maturity::submission::Collected::as_str))
        .with(population);
    for index in &context.framework.external_indices {
        let value =
            row.economy.as_ref().and_then(|economy| context.external_indices.value(&index.id, economy));
        fingerprint.add(value.map(|value| value.to_bits().to_string()).unwrap_or_default());
    }
    fingerprint.finish()
}
