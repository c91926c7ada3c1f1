//! The run of the stage: every economy whose submission in force, external indices or framework changed.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::hash::Fingerprint;
use pipeline::{Context, Progress, Summary};
use rayon::prelude::*;
use store::{Store, StoreError, SubmissionRow};

use crate::bounds::Backing;
use crate::compute::score;
use crate::normalize::{Given, Population};
use crate::uncertainty::{Replications, Scratch};

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The store failed.
    #[error("failed to store scores")]
    Store(#[from] StoreError),
}

/// Scores every economy that has an accepted submission and changed since it was scored last, and computes how
/// certain the scores are.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, ScoreError> {
    /// Economies whose answers and scores are in memory at the same time.
    const TOGETHER: usize = 64;
    let mut summary = Summary::of("score");
    let wave = context.framework.wave;
    let in_force = store.in_force(wave)?;
    let done = store.work_keys("score")?;
    let population = population_of(context, store, &in_force)?;
    let stamp = population.stamp(&context.framework);
    progress.start("score", in_force.len());
    let mut changed = Vec::new();
    for row in &in_force {
        let Some(economy) = &row.economy else { continue };
        let key = key(context, row, &stamp);
        if done.get(economy.as_str()) == Some(&key) {
            summary.unchanged += 1;
            progress.advance();
        } else {
            changed.push((row, economy, key));
        }
    }
    let replications = (!changed.is_empty()).then(|| Replications::new(&context.framework, &population));
    for chunk in changed.chunks(TOGETHER) {
        let Some(replications) = &replications else { break };
        let mut work = Vec::new();
        for (row, economy, key) in chunk {
            let (answers, backed) = answers(context, store, row)?;
            let external = |index: &str| context.external_indices.value(index, economy);
            let scores = score(&context.framework, &population, economy, row.collected, &answers, &external);
            work.push((scores, backed, row.id, key));
        }
        let uncertainty: Vec<Vec<ScoreUncertainty>> = work
            .par_iter()
            .map_init(Scratch::default, |scratch, (scores, backed, ..)| {
                replications.of_economy(scores, &Backing::new(&context.framework, backed), scratch)
            })
            .collect();
        for ((scores, _, submission, key), uncertainty) in work.iter().zip(&uncertainty) {
            tracing::info!(
                economy = scores.economy.as_str(),
                score = scores.score,
                group = scores.group.as_deref(),
                answered = scores.coverage.answered,
                asked = scores.coverage.asked,
                "scored"
            );
            store.record_uncertainty(wave, &scores.economy, uncertainty)?;
            store.record_scores(scores, *submission, key)?;
            summary.done += 1;
            progress.advance();
        }
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

/// The answers of a submission, and the questions whose answers came with evidence.
fn answers(
    context: &Context,
    store: &Store,
    row: &SubmissionRow,
) -> Result<(BTreeMap<Id, Answer>, BTreeSet<Id>), StoreError> {
    let records = store.answers(row.id)?;
    // "To follow" is no evidence.
    let counts = |text: &String| !context.framework.evidence.is_known_placeholder(text);
    let backed = records.iter().filter(|record| record.evidence.as_ref().is_some_and(counts));
    let backed = backed.map(|record| record.question.clone()).collect();
    Ok((records.into_iter().map(|record| (record.question, record.answer)).collect(), backed))
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
            read.push((economy, answers(context, store, row)?.0));
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
