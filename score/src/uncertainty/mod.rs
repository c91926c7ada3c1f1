//! How certain scores are: every score is computed again and again with the choices that the framework calls
//! uncertain drawn anew, thousands of times.
//!
//! What does not change from replication to replication is computed once: an economy is reduced to the points
//! of its indicators, or their scores under each normalisation. Weights are drawn once for all economies; what
//! an economy's open answers would have earned is drawn for each by itself. The result for an economy does not
//! depend on which others are computed with it, in which order, or on how many threads.

mod distribution;
mod draws;
mod evaluate;
mod model;
mod sensitivity;

use maturity::framework::{Framework, Uncertainty};
use maturity::score::EconomyScores;
use maturity::uncertainty::{ScoreUncertainty, Sensitivity};

use crate::bounds::{self, Backing};
use crate::normalize::Population;
use distribution::Buffers;
use draws::{Factor, Own, Sample, Shared, factors};
use evaluate::{Inputs, Most, evaluate};
use model::{Case, Model};

/// Everything that is the same for all economies of a framework: drawn once, then only read.
pub struct Replications<'a> {
    framework: &'a Framework,
    population: &'a Population,
    model: Model,
    drawn: Option<Drawn<'a>>,
}

struct Drawn<'a> {
    varies: &'a Uncertainty,
    factors: Vec<Factor>,
    replications: usize,
    sensitivity: usize,
    a: Shared,
    b: Shared,
    /// By node, for the sample A.
    most: Vec<Most>,
}

/// Memory that is used again from economy to economy.
#[derive(Default)]
pub struct Scratch {
    of_a: Vec<Vec<f64>>,
    of_b: Vec<Vec<f64>>,
    of_ab: Vec<Vec<f64>>,
    buffers: Buffers,
}

impl<'a> Replications<'a> {
    /// Draws what varies for all economies alike.
    pub fn new(framework: &'a Framework, population: &'a Population) -> Self {
        let model = Model::of(framework);
        let factors = factors(framework);
        let drawn = framework.uncertainty.as_ref().filter(|_| !factors.is_empty()).map(|varies| {
            let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
            let replications = count(varies.replications);
            // The first replications are also the first sample of the sensitivity indices.
            let sensitivity = count(varies.sensitivity).min(replications);
            Drawn {
                a: Shared::draw(&model, varies, Sample::A, replications),
                b: Shared::draw(&model, varies, Sample::B, sensitivity),
                most: model.nodes.iter().map(|_| Most::default()).collect(),
                varies,
                factors,
                replications,
                sensitivity,
            }
        });
        Self { framework, population, model, drawn }
    }

    /// How certain the scores of one economy are: the composite first, then the subindexes in their order.
    pub fn of_economy(
        &self,
        scores: &EconomyScores,
        backing: &Backing,
        scratch: &mut Scratch,
    ) -> Vec<ScoreUncertainty> {
        let bounds = bounds::of_economy(self.framework, self.population, scores, backing);
        let ids = std::iter::once(&scores.id).chain(scores.subindexes.iter().map(|subindex| &subindex.id));
        let mut all: Vec<ScoreUncertainty> = ids
            .map(|id| ScoreUncertainty {
                id: id.clone(),
                bounds: bounds.get(id).copied(),
                distribution: None,
                sensitivity: Vec::new(),
            })
            .collect();
        if let Some(drawn) = &self.drawn {
            let case = Case::of(self.framework, &self.model, self.population, scores, backing);
            self.spread(drawn, &case, scores.economy.as_str(), scratch, &mut all);
        }
        all
    }

    fn spread(
        &self,
        drawn: &Drawn,
        case: &Case,
        economy: &str,
        scratch: &mut Scratch,
        all: &mut [ScoreUncertainty],
    ) {
        let own = Own::draw(drawn.varies, Sample::A, economy, drawn.replications);
        let inputs = Inputs::of(&drawn.a, &own);
        evaluate(&self.model, case, inputs, drawn.replications, &drawn.most, &mut scratch.of_a);
        let nodes =
            || self.model.nodes.iter().enumerate().filter(|(at, _)| case.scored.get(*at) == Some(&true));
        for (position, node) in nodes() {
            let values = scratch.of_a.get(position).map_or(&[][..], Vec::as_slice);
            if let Some(one) = all.iter_mut().find(|one| one.id == node.id) {
                one.distribution =
                    distribution::distribution(values, &self.framework.groups, &mut scratch.buffers);
            }
        }
        if drawn.sensitivity == 0 {
            return;
        }
        let count = drawn.sensitivity;
        let other = Own::draw(drawn.varies, Sample::B, economy, count);
        evaluate(&self.model, case, Inputs::of(&drawn.b, &other), count, &[], &mut scratch.of_b);
        let first = |columns: &'_ [Vec<f64>], at: usize| -> Vec<f64> {
            columns.get(at).map(|column| column.iter().take(count).copied().collect()).unwrap_or_default()
        };
        let moments: Vec<_> = (0..self.model.nodes.len())
            .map(|at| sensitivity::moments(&first(&scratch.of_a, at), &first(&scratch.of_b, at)))
            .collect();
        for factor in &drawn.factors {
            let mut mixed = inputs;
            match factor {
                Factor::SubindexWeights => mixed.subindex_weights = &drawn.b,
                Factor::IndicatorWeights => mixed.indicator_weights = &drawn.b,
                Factor::Normalization => mixed.normalization = &drawn.b,
                Factor::Aggregation => mixed.aggregation = &drawn.b,
                Factor::Unanswered => mixed.unanswered = &other,
                Factor::Unbacked => mixed.unbacked = &other,
            }
            evaluate(&self.model, case, mixed, count, &[], &mut scratch.of_ab);
            for (position, node) in nodes() {
                let Some(Some(moments)) = moments.get(position) else { continue };
                let columns =
                    (scratch.of_a.get(position), scratch.of_b.get(position), scratch.of_ab.get(position));
                let (Some(of_a), Some(of_b), Some(exchanged)) = columns else { continue };
                let of_a = of_a.get(..count).unwrap_or(of_a);
                let found = sensitivity::indices(of_a, of_b, exchanged, *moments);
                if let Some(one) = all.iter_mut().find(|one| one.id == node.id) {
                    one.sensitivity.push(Sensitivity {
                        factor: factor.as_str().to_owned(),
                        first: found.first,
                        total: found.total,
                    });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
