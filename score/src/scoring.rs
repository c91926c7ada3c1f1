//! The scoring of one wave, ready to be asked what any answers would give.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::submission::Collected;
use pipeline::Context;
use store::{Store, StoreError};

use crate::normalize::Population;

/// Scores answers as the stage does, without storing anything. What is compared with other economies stays as it
/// is in force.
#[derive(Debug, Clone)]
pub struct WaveScoring<'a> {
    context: &'a Context,
    population: Population,
}

impl<'a> WaveScoring<'a> {
    /// The scoring of the wave of a run.
    pub fn of(context: &'a Context, store: &Store) -> Result<Self, StoreError> {
        Ok(Self { context, population: crate::population(context, store)? })
    }

    /// The scores that some answers give an economy.
    pub fn score(
        &self,
        economy: &EconomyCode,
        collected: Option<Collected>,
        answers: &BTreeMap<Id, Answer>,
    ) -> EconomyScores {
        let external = |index: &str| self.context.external_indices.value(index, economy);
        crate::score(&self.context.framework, &self.population, economy, collected, answers, &external)
    }
}
