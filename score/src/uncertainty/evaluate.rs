//! Many replications of a few economies at once: for each node of each economy a column of scores.
//!
//! Replications are computed in blocks, whose weights are at hand for all economies. Within a block each replication has
//! its own sums, added up in the order of the framework; the processor works on several replications at a
//! time, but never regroups a sum. The bits are therefore the same on every machine, also where what a processor can do
//! is made use of.

#![expect(
    clippy::inline_always,
    reason = "only what stands in a function is made for the processor that is there"
)]

use std::array::from_fn;
use std::sync::OnceLock;

use maturity::framework::CompositeMethod;
use multiversion::multiversion;

use super::draws::{Own, Shared};
use super::model::{Case, Model, Node, Value};
use crate::aggregate::{back, forward};

/// Replications in a block.
const BLOCK: usize = 256;

/// Where the draws of each choice are taken from; sensitivity indices mix two samples.
#[derive(Clone, Copy)]
pub(crate) struct Inputs<'a> {
    pub(crate) subindex_weights: &'a Shared,
    pub(crate) indicator_weights: &'a Shared,
    pub(crate) normalization: &'a Shared,
    pub(crate) aggregation: &'a Shared,
    pub(crate) unanswered: &'a Own,
    pub(crate) unbacked: &'a Own,
}

impl<'a> Inputs<'a> {
    /// Everything from one sample.
    pub(crate) fn of(shared: &'a Shared, own: &'a Own) -> Self {
        Self {
            subindex_weights: shared,
            indicator_weights: shared,
            normalization: shared,
            aggregation: shared,
            unanswered: own,
            unbacked: own,
        }
    }
}

/// The points that can be earned below a node, in all replications of one sample. They are the same for all economies
/// that are asked the same, and as many additions as those of what they earned: the first economy works them out, the
/// others compare what they ask.
#[derive(Default)]
pub(crate) struct Most(OnceLock<(Vec<Option<f64>>, Vec<f64>)>);

impl Most {
    /// The sums, where this case can earn the points that they were worked out for.
    fn of(&self, node: &Node, case: &Case, weights: &Shared, count: usize) -> Option<&[f64]> {
        let points: Vec<Option<f64>> =
            node.leaves.iter().map(|leaf| most_points(case.values.get(*leaf)?)).collect();
        let (known, sums) = self.0.get_or_init(|| {
            let parts = parts(node, case, weights, most_points);
            let tiles = (0..count).step_by(TILE).flat_map(|start| weigh(&parts, start));
            (points.clone(), tiles.take(count).collect())
        });
        (*known == points && sums.len() == count).then_some(sums)
    }
}

fn most_points(value: &Value) -> Option<f64> {
    match value {
        Value::Points { max_points, .. } => Some(*max_points),
        _ => None,
    }
}

/// Replications whose sums stay in registers while all parts are added.
const TILE: usize = 16;

/// What one replication after the other gives; behind the last replication stands 0.
type Tile = [f64; TILE];

#[inline(always)]
fn tile(column: &[f64], start: usize) -> Tile {
    let rest = column.get(start..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or_else(|| {
        let mut last = [0.0; TILE];
        last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
        last
    })
}

/// Weights of an indicator by replication, and what it contributes before they are applied.
type Part<'a> = (&'a [f64], f64);

/// The parts of a node that contribute something, in their order.
fn parts<'a>(
    node: &Node,
    case: &Case,
    weights: &'a Shared,
    contributes: impl Fn(&Value) -> Option<f64>,
) -> Vec<Part<'a>> {
    let part = |leaf: &usize| {
        Some((weights.leaf_weights.get(*leaf)?.as_slice(), contributes(case.values.get(*leaf)?)?))
    };
    node.leaves.iter().filter_map(part).collect()
}

/// The weighted sums of some parts, in the replications from `start`.
#[inline(always)]
fn weigh(parts: &[Part<'_>], start: usize) -> Tile {
    let mut sums = [0.0; TILE];
    for (weights, value) in parts {
        let weights = tile(weights, start);
        sums = from_fn(|at| sums[at] + weights[at] * value);
    }
    sums
}

/// A node that is a share of points, of one economy.
struct Share<'a> {
    earned: Vec<Part<'a>>,
    unanswered: Vec<Part<'a>>,
    unbacked: Vec<Part<'a>>,
    most: MostOf<'a>,
}

/// The points that can be earned.
enum MostOf<'a> {
    Known(&'a [f64]),
    Parts(Vec<Part<'a>>),
}

impl<'a> Share<'a> {
    fn of(node: &Node, case: &Case, weights: &'a Shared, known: Option<&'a [f64]>) -> Self {
        let some = |points: f64| (points > 0.0).then_some(points);
        let of_points = |contributes: fn(&Value) -> Option<f64>| parts(node, case, weights, contributes);
        Self {
            earned: of_points(|value| match value {
                Value::Points { points, .. } => Some(*points),
                _ => None,
            }),
            unanswered: parts(node, case, weights, |value| match value {
                Value::Points { unanswered, .. } => some(*unanswered),
                _ => None,
            }),
            unbacked: parts(node, case, weights, |value| match value {
                Value::Points { unbacked, .. } => some(*unbacked),
                _ => None,
            }),
            most: known.map_or_else(|| MostOf::Parts(of_points(most_points)), MostOf::Known),
        }
    }

    /// The scores in the replications from `start`.
    #[inline(always)]
    fn scores(&self, inputs: &Inputs, start: usize) -> Tile {
        let mut scores = weigh(&self.earned, start);
        for (parts, shares) in
            [(&self.unanswered, &inputs.unanswered.unanswered), (&self.unbacked, &inputs.unbacked.unbacked)]
        {
            if !parts.is_empty() {
                let (open, shares) = (weigh(parts, start), tile(shares, start));
                scores = from_fn(|at| scores[at] + open[at] * shares[at]);
            }
        }
        let most = match &self.most {
            MostOf::Known(sums) => tile(sums, start),
            MostOf::Parts(parts) => weigh(parts, start),
        };
        from_fn(|at| scores[at] / most[at])
    }
}

/// One economy whose scores are computed: the case, where its draws come from, and the columns that are filled, one for
/// each node.
pub(crate) struct Evaluated<'a> {
    pub(crate) case: &'a Case,
    pub(crate) inputs: Inputs<'a>,
    pub(crate) columns: &'a mut Vec<Vec<f64>>,
}

/// Fills the columns of some economies with the scores of `count` replications, block by block, so that the weights of a
/// block are fetched once for all of them. Where a score cannot be had in a replication, it is NaN; columns of nodes
/// without a score hold nothing of meaning. `most` belongs to the nodes, to the weights of the inputs and to `count`;
/// without it everything is worked out anew.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn evaluate(model: &Model, economies: &mut [Evaluated<'_>], count: usize, most: &[Most]) {
    let mut shares = Vec::with_capacity(economies.len());
    for Evaluated { case, inputs, columns } in economies.iter_mut() {
        columns.resize_with(model.nodes.len(), Vec::new);
        for column in columns.iter_mut() {
            column.resize(count, 0.0);
        }
        let weights = inputs.indicator_weights;
        let nodes = model.nodes.iter().enumerate().map(|(position, node)| {
            let known = || most.get(position)?.of(node, case, weights, count);
            node.method.is_none().then(|| Share::of(node, case, weights, known()))
        });
        shares.push(nodes.collect::<Vec<Option<Share<'_>>>>());
    }
    for start in (0..count).step_by(BLOCK) {
        let end = (start + BLOCK).min(count);
        for (Evaluated { case, inputs, columns }, shares) in economies.iter_mut().zip(&shares) {
            Block { model, case, inputs: *inputs, start, end }.fill(shares, columns);
        }
    }
}

#[derive(Clone, Copy)]
struct Block<'a> {
    model: &'a Model,
    case: &'a Case,
    inputs: Inputs<'a>,
    start: usize,
    end: usize,
}

/// Sums of one block.
type Sums = [f64; BLOCK];

impl Block<'_> {
    /// The scores of all nodes in the replications of the block.
    #[inline(always)]
    fn fill(&self, shares: &[Option<Share<'_>>], columns: &mut [Vec<f64>]) {
        for (position, node) in self.model.nodes.iter().enumerate() {
            if !self.case.taken.get(position).copied().unwrap_or(false) {
                continue;
            }
            let (below, from_here) = columns.split_at_mut(position);
            let Some(out) = from_here.first_mut().and_then(|column| column.get_mut(self.start..self.end))
            else {
                continue;
            };
            match (shares.get(position), node.method) {
                (Some(Some(share)), _) => {
                    for (out, start) in out.chunks_mut(TILE).zip((self.start..self.end).step_by(TILE)) {
                        let scores = share.scores(&self.inputs, start);
                        match out.first_chunk_mut() {
                            Some(out) => *out = scores,
                            None => out.iter_mut().zip(&scores).for_each(|(out, score)| *out = *score),
                        }
                    }
                }
                (_, Some(method)) => self.mean(node, method, below, out),
                _ => {}
            }
        }
    }

    fn of<'a, T>(&self, column: &'a [T]) -> &'a [T] {
        column.get(self.start..self.end).unwrap_or_default()
    }

    fn leaf_weights(&self, leaf: usize) -> &[f64] {
        self.inputs.indicator_weights.leaf_weights.get(leaf).map_or(&[], |column| self.of(column))
    }

    fn mean(&self, node: &Node, method: CompositeMethod, below: &[Vec<f64>], out: &mut [f64]) {
        let is_composite = self.model.nodes.last().is_some_and(|last| last.id == node.id);
        let choices = if is_composite { self.of(&self.inputs.aggregation.aggregations) } else { &[] };
        let methods: Vec<CompositeMethod> = choices
            .iter()
            .map(|choice| self.model.aggregations.get(*choice).copied().unwrap_or(method))
            .collect();
        let (mut sums, mut weights): (Sums, Sums) = ([0.0; BLOCK], [0.0; BLOCK]);
        let mut take = |values: &[f64], of_part: &[f64]| {
            let transformed = |at: usize, value: f64| {
                let method = methods.get(at).copied().unwrap_or(method);
                if method.needs_positive() && value <= 0.0 { f64::NAN } else { forward(method, value) }
            };
            let all = sums.iter_mut().zip(&mut weights).zip(values).zip(of_part);
            if methods.is_empty() && method == CompositeMethod::ArithmeticMean {
                for (((sum, weight), value), of_part) in all {
                    *sum += of_part * value;
                    *weight += of_part;
                }
            } else {
                for (at, (((sum, weight), value), of_part)) in all.enumerate() {
                    *sum += of_part * transformed(at, *value);
                    *weight += of_part;
                }
            }
        };
        for part in &node.nodes {
            if !self.case.taken.get(*part).copied().unwrap_or(false) {
                continue;
            }
            let own = self.inputs.subindex_weights.node_weights.get(*part);
            if let (Some(values), Some(own)) = (below.get(*part), own) {
                take(self.of(values), self.of(own));
            }
        }
        let mut values: Sums = [0.0; BLOCK];
        for leaf in &node.leaves {
            let Some(filled) = self.leaf(*leaf, &mut values) else { continue };
            take(filled, self.leaf_weights(*leaf));
        }
        for (at, ((out, sum), weight)) in out.iter_mut().zip(&sums).zip(&weights).enumerate() {
            *out = back(methods.get(at).copied().unwrap_or(method), sum / weight);
        }
    }

    /// The scores of an indicator in the replications of the block; nothing if it has none.
    fn leaf<'a>(&self, leaf: usize, values: &'a mut Sums) -> Option<&'a [f64]> {
        let values = values.get_mut(..self.end - self.start)?;
        match self.case.values.get(leaf)? {
            Value::None => return None,
            Value::Points { max_points, .. } if *max_points <= 0.0 => return None,
            Value::Points { points, max_points, unanswered, unbacked, factor, goalposts } => {
                values.fill(*points);
                for (most, shares) in [
                    (unanswered, self.of(&self.inputs.unanswered.unanswered)),
                    (unbacked, self.of(&self.inputs.unbacked.unbacked)),
                ] {
                    for (value, share) in values.iter_mut().zip(shares) {
                        *value += most * share;
                    }
                }
                for value in values.iter_mut() {
                    *value = factor * (*value / max_points);
                }
                if let Some(goalposts) = goalposts {
                    for value in values.iter_mut() {
                        *value = goalposts.score(*value);
                    }
                }
            }
            Value::Fixed(scores) => {
                values.fill(*scores.first()?);
                if scores.len() > 1 {
                    for (value, choice) in
                        values.iter_mut().zip(self.of(&self.inputs.normalization.normalizations))
                    {
                        *value = scores.get(*choice).copied().unwrap_or(f64::NAN);
                    }
                }
            }
        }
        Some(values)
    }
}
