//! The values of an indicator on a common scale; the formulas stand with [`Normalization`].
//!
//! Most of them compare an economy with the others of the wave. Scoring therefore runs in two passes: the
//! first gathers the values of all economies into a [`Population`], the second scores each economy by itself.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, Indicator, Normalization};
use maturity::id::Id;
use maturity::withheld::Withheld;

use crate::compute::Scorer;

/// The values of one indicator over all economies of a wave.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// The values times the direction, in rising order; never empty.
    sorted: Vec<f64>,
    mean: f64,
    /// With n - 1; absent for a single value.
    sd: Option<f64>,
}

impl Statistics {
    /// Of directed values in an order that does not depend on how they came; `None` without values.
    pub fn of(values: &[f64]) -> Option<Self> {
        let count = number(values.len());
        let mean = values.iter().sum::<f64>() / count;
        let squares: f64 = values.iter().map(|value| (value - mean) * (value - mean)).sum();
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let sd = (values.len() > 1).then(|| (squares / (count - 1.0)).sqrt());
        (!sorted.is_empty()).then_some(Self { sorted, mean, sd })
    }

    fn min(&self) -> f64 {
        self.sorted.first().copied().unwrap_or(f64::NAN)
    }

    fn max(&self) -> f64 {
        self.sorted.last().copied().unwrap_or(f64::NAN)
    }

    /// How many values are lower.
    fn lower(&self, value: f64) -> f64 {
        number(self.sorted.partition_point(|other| *other < value))
    }

    /// The numbers that a normalisation uses: what the score of an economy depends on.
    fn used(&self, normalization: Normalization) -> Vec<f64> {
        match normalization {
            Normalization::None | Normalization::MinMax { from: Some(_), .. } => Vec::new(),
            Normalization::MinMax { from: None, .. } | Normalization::DistanceToMaximum => {
                vec![self.min(), self.max()]
            }
            Normalization::ShareOfMaximum => vec![self.max()],
            Normalization::ZScore { .. } => vec![self.mean, self.sd.unwrap_or(0.0)],
            Normalization::Rank | Normalization::PercentRank | Normalization::Borda => self.sorted.clone(),
        }
    }
}

/// What the scores of one economy depend on in the other economies of the wave, by indicator. Empty where the
/// framework normalises nothing over the wave.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Population {
    statistics: BTreeMap<Id, Statistics>,
}

/// An economy's answers and the values of its external indices.
pub struct Given<'a> {
    /// The economy.
    pub economy: &'a EconomyCode,
    /// Its answers by question.
    pub answers: &'a BTreeMap<Id, Answer>,
}

impl Population {
    /// First pass: the values of all economies. The order of `economies` does not matter.
    pub fn gather(
        framework: &Framework,
        economies: &[Given],
        external: &dyn Fn(&str, &EconomyCode) -> Option<f64>,
    ) -> Self {
        let mut gathering = Gathering::of(framework);
        for given in economies {
            gathering.add(given.economy, given.answers, &|index| external(index, given.economy));
        }
        gathering.finish()
    }

    /// The statistics of an indicator.
    pub fn statistics(&self, indicator: &Id) -> Option<&Statistics> {
        self.statistics.get(indicator)
    }

    /// Every number that scores depend on, exactly: equal text, equal scores.
    pub fn stamp(&self, framework: &Framework) -> String {
        let alternatives = framework.uncertainty.iter().flat_map(|u| &u.normalizations);
        let alternatives: Vec<Normalization> = alternatives.copied().collect();
        let mut stamp = String::new();
        for indicator in &framework.indicators {
            let Some(statistics) = self.statistics.get(&indicator.id) else { continue };
            stamp += indicator.id.as_str();
            for normalization in std::iter::once(indicator.normalization).chain(alternatives.iter().copied())
            {
                for number in statistics.used(normalization) {
                    stamp += " ";
                    stamp += &number.to_bits().to_string();
                }
            }
            stamp += "\n";
        }
        stamp
    }
}

/// A [`Population`] in the making: of each economy the values that are compared are kept, not its answers.
pub(crate) struct Gathering<'a> {
    framework: &'a Framework,
    needed: Vec<&'a Indicator>,
    values: Vec<(EconomyCode, Vec<Option<f64>>)>,
}

impl<'a> Gathering<'a> {
    /// Nothing gathered yet.
    pub(crate) fn of(framework: &'a Framework) -> Self {
        let compared = |indicator: &&Indicator| indicator.normalization.needs_population();
        Self { framework, needed: framework.indicators.iter().filter(compared).collect(), values: Vec::new() }
    }

    /// Adds the values of one economy; the order of economies does not matter.
    pub(crate) fn add(
        &mut self,
        economy: &EconomyCode,
        answers: &BTreeMap<Id, Answer>,
        external: &dyn Fn(&str) -> Option<f64>,
    ) {
        if self.needed.is_empty() {
            return;
        }
        let scorer = Scorer { framework: self.framework, answers, external };
        let directed = |indicator: &&Indicator| {
            scorer.value(indicator).map(|value| indicator.direction.factor() * value)
        };
        self.values.push((economy.clone(), self.needed.iter().map(directed).collect()));
    }

    /// The population of what was added.
    pub(crate) fn finish(mut self) -> Population {
        self.values.sort_by(|(a, _), (b, _)| a.cmp(b));
        let of_indicator = |(at, indicator): (usize, &&Indicator)| {
            let values: Vec<f64> =
                self.values.iter().filter_map(|(_, values)| values.get(at).copied().flatten()).collect();
            Some((indicator.id.clone(), Statistics::of(&values)?))
        };
        Population { statistics: self.needed.iter().enumerate().filter_map(of_indicator).collect() }
    }
}

/// The scale and the fixed goalposts of a normalisation that depends on no other economy.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Goalposts {
    min: f64,
    max: f64,
    lower: f64,
    upper: f64,
}

impl Goalposts {
    /// Those of a min-max normalisation that has them, in the direction of `factor`.
    pub(crate) fn of(normalization: Normalization, factor: f64) -> Option<Self> {
        let Normalization::MinMax { to: (lower, upper), from: Some((lowest, highest)) } = normalization
        else {
            return None;
        };
        let ends = (factor * lowest, factor * highest);
        Some(Self { min: ends.0.min(ends.1), max: ends.0.max(ends.1), lower, upper })
    }

    /// The score of a value times the direction: what lies outside counts as the nearer goalpost.
    pub(crate) fn score(self, x: f64) -> f64 {
        let share = ((x - self.min) / (self.max - self.min)).clamp(0.0, 1.0);
        share * (self.upper - self.lower) + self.lower
    }
}

/// The normalised score of an indicator with this value in its own unit and direction.
pub(crate) fn normalize(
    value: f64,
    normalization: Normalization,
    indicator: &Indicator,
    population: &Population,
) -> Result<f64, Withheld> {
    let factor = indicator.direction.factor();
    let x = factor * value;
    if let Some(goalposts) = Goalposts::of(normalization, factor) {
        return Ok(goalposts.score(x));
    }
    if normalization == Normalization::None {
        return Ok(x);
    }
    let statistics = population.statistics(&indicator.id).ok_or(Withheld::NoValue)?;
    let (min, max) = (statistics.min(), statistics.max());
    let spread = || if max > min { Ok(max - min) } else { Err(Withheld::NoSpread) };
    let score = match normalization {
        Normalization::None | Normalization::MinMax { from: Some(_), .. } => x,
        Normalization::MinMax { to: (lower, upper), from: None } => {
            (x - min) / spread()? * (upper - lower) + lower
        }
        Normalization::ZScore { mean, sd } => {
            let own = statistics.sd.filter(|own| *own > 0.0).ok_or(Withheld::NoSpread)?;
            (x - statistics.mean) / own * sd + mean
        }
        Normalization::Rank => statistics.lower(x) + 1.0,
        Normalization::Borda => statistics.lower(x),
        Normalization::PercentRank => {
            let others = number(statistics.sorted.len()) - 1.0;
            if others > 0.0 { statistics.lower(x) / others } else { return Err(Withheld::NoSpread) }
        }
        Normalization::DistanceToMaximum => 1.0 - (max - x) / spread()?,
        Normalization::ShareOfMaximum if max > 0.0 => x / max,
        Normalization::ShareOfMaximum => return Err(Withheld::NoPositiveMaximum),
    };
    Ok(score)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests;
