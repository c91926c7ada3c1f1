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
use evaluate::{Evaluated, Inputs, Most, evaluate};
use model::{Case, Model, Node};

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
    /// For each of some economies.
    of_a: Vec<Vec<Vec<f64>>>,
    of_b: Vec<Vec<f64>>,
    of_ab: Vec<Vec<f64>>,
    buffers: Buffers,
}

impl<'a> Replications<'a> {
    /// So many economies are computed together.
    pub const TOGETHER: usize = 8;

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

    /// How certain the scores of some economies are, one after the other: the composite first, then the subindexes in
    /// their order. A few economies together take less time than each by itself, and a little more memory.
    pub fn of_economies(
        &self,
        economies: &[(&EconomyScores, &Backing)],
        scratch: &mut Scratch,
    ) -> Vec<Vec<ScoreUncertainty>> {
        let mut all: Vec<Vec<ScoreUncertainty>> =
            economies.iter().map(|(scores, backing)| self.bounds(scores, backing)).collect();
        if let Some(drawn) = &self.drawn {
            let case = |(scores, backing): &(&EconomyScores, &Backing)| {
                Case::of(self.framework, &self.model, self.population, scores, backing)
            };
            let cases: Vec<Case> = economies.iter().map(case).collect();
            let codes: Vec<&str> = economies.iter().map(|(scores, _)| scores.economy.as_str()).collect();
            self.spread(drawn, (&cases, &codes), scratch, &mut all);
        }
        all
    }

    fn bounds(&self, scores: &EconomyScores, backing: &Backing) -> Vec<ScoreUncertainty> {
        let bounds = bounds::of_economy(self.framework, self.population, scores, backing);
        let ids = std::iter::once(&scores.id).chain(scores.subindexes.iter().map(|subindex| &subindex.id));
        ids.map(|id| ScoreUncertainty {
            id: id.clone(),
            bounds: bounds.get(id).copied(),
            distribution: None,
            sensitivity: Vec::new(),
        })
        .collect()
    }

    fn spread(
        &self,
        drawn: &Drawn,
        (cases, codes): (&[Case], &[&str]),
        scratch: &mut Scratch,
        all: &mut [Vec<ScoreUncertainty>],
    ) {
        let Scratch { of_a, of_b, of_ab, buffers } = scratch;
        of_a.resize_with(of_a.len().max(cases.len()), Vec::new);
        let own = codes.iter().map(|code| Own::draw(drawn.varies, Sample::A, code, drawn.replications));
        let own: Vec<Own> = own.collect();
        let mut evaluated: Vec<Evaluated<'_>> = cases
            .iter()
            .zip(&own)
            .zip(of_a.iter_mut())
            .map(|((case, own), columns)| Evaluated { case, inputs: Inputs::of(&drawn.a, own), columns })
            .collect();
        evaluate(&self.model, &mut evaluated, drawn.replications, &drawn.most);
        for (((case, code), (own, of_a)), all) in cases.iter().zip(codes).zip(own.iter().zip(&*of_a)).zip(all)
        {
            for (position, node) in self.scored(case) {
                let values = of_a.get(position).map_or(&[][..], Vec::as_slice);
                if let Some(one) = all.iter_mut().find(|one| one.id == node.id) {
                    one.distribution = distribution::distribution(values, &self.framework.groups, buffers);
                }
            }
            if drawn.sensitivity > 0 {
                self.sensitivity(drawn, (case, code, own), of_a, (&mut *of_b, &mut *of_ab), all);
            }
        }
    }

    /// The nodes that have a score, with their positions.
    fn scored<'s>(&'s self, case: &'s Case) -> impl Iterator<Item = (usize, &'s Node)> {
        self.model.nodes.iter().enumerate().filter(|(at, _)| case.scored.get(*at) == Some(&true))
    }

    /// Which choice the spread of the scores of an economy comes from; `of_a` are its scores in the sample A.
    fn sensitivity(
        &self,
        drawn: &Drawn,
        (case, code, own): (&Case, &str, &Own),
        of_a: &[Vec<f64>],
        (of_b, exchanged): (&mut Vec<Vec<f64>>, &mut Vec<Vec<f64>>),
        all: &mut [ScoreUncertainty],
    ) {
        let count = drawn.sensitivity;
        let evaluate = |inputs: Inputs<'_>, columns: &mut Vec<Vec<f64>>| {
            evaluate(&self.model, &mut [Evaluated { case, inputs, columns }], count, &[]);
        };
        let other = Own::draw(drawn.varies, Sample::B, code, count);
        evaluate(Inputs::of(&drawn.b, &other), of_b);
        let first = |columns: &'_ [Vec<f64>], at: usize| -> Vec<f64> {
            columns.get(at).map(|column| column.iter().take(count).copied().collect()).unwrap_or_default()
        };
        let moments: Vec<_> = (0..self.model.nodes.len())
            .map(|at| sensitivity::moments(&first(of_a, at), &first(of_b, at)))
            .collect();
        for factor in &drawn.factors {
            let mut mixed = Inputs::of(&drawn.a, own);
            match factor {
                Factor::SubindexWeights => mixed.subindex_weights = &drawn.b,
                Factor::IndicatorWeights => mixed.indicator_weights = &drawn.b,
                Factor::Normalization => mixed.normalization = &drawn.b,
                Factor::Aggregation => mixed.aggregation = &drawn.b,
                Factor::Unanswered => mixed.unanswered = &other,
                Factor::Unbacked => mixed.unbacked = &other,
            }
            evaluate(mixed, exchanged);
            for (position, node) in self.scored(case) {
                let Some(Some(moments)) = moments.get(position) else { continue };
                let columns = (of_a.get(position), of_b.get(position), exchanged.get(position));
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
