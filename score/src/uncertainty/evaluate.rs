//! Many replications of one economy at once: for each node a column of scores.
//!
//! Replications are computed in blocks that fit into the fastest memory. Within a block each replication has
//! its own sums, added up in the order of the framework; the processor works on several replications at a
//! time, but never regroups a sum. The bits are therefore the same on every machine.

use std::sync::OnceLock;

use maturity::framework::CompositeMethod;

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
/// that are asked the same, and a fifth of the instructions here: the first economy works them out, the others compare what
/// they ask.
#[derive(Default)]
pub(crate) struct Most(OnceLock<(Vec<Option<f64>>, Vec<f64>)>);

impl Most {
    /// The sums, where this case can earn the points that they were worked out for.
    fn of(&self, node: &Node, case: &Case, weights: &Shared, count: usize) -> Option<&[f64]> {
        let points: Vec<Option<f64>> = node.leaves.iter().map(|leaf| most_points(case, *leaf)).collect();
        let (known, sums) = self.0.get_or_init(|| {
            let mut sums = vec![0.0; count];
            for (leaf, points) in node.leaves.iter().zip(&points) {
                if let (Some(points), Some(weights)) = (points, weights.leaf_weights.get(*leaf)) {
                    add(&mut sums, weights, *points);
                }
            }
            (points.clone(), sums)
        });
        (*known == points && sums.len() == count).then_some(sums)
    }
}

fn most_points(case: &Case, leaf: usize) -> Option<f64> {
    match case.values.get(leaf) {
        Some(Value::Points { max_points, .. }) => Some(*max_points),
        _ => None,
    }
}

/// Fills `columns`, one for each node, with the scores of `count` replications. Where a score cannot be had in
/// a replication, it is NaN; columns of nodes without a score hold nothing of meaning. `most` belongs to the nodes, to the
/// weights of the inputs and to `count`; without it everything is worked out anew.
pub(crate) fn evaluate(
    model: &Model,
    case: &Case,
    inputs: Inputs,
    count: usize,
    most: &[Most],
    columns: &mut Vec<Vec<f64>>,
) {
    columns.resize_with(model.nodes.len(), Vec::new);
    for column in columns.iter_mut() {
        column.resize(count, 0.0);
    }
    let nodes = model.nodes.iter().zip(most);
    let most: Vec<Option<&[f64]>> = nodes
        .map(|(node, most)| {
            let is_share = node.method.is_none();
            is_share.then(|| most.of(node, case, inputs.indicator_weights, count)).flatten()
        })
        .collect();
    let mut start = 0;
    while start < count {
        let end = (start + BLOCK).min(count);
        for (position, node) in model.nodes.iter().enumerate() {
            if !case.scored.get(position).copied().unwrap_or(false) {
                continue;
            }
            let (below, from_here) = columns.split_at_mut(position);
            let Some(out) = from_here.first_mut().and_then(|column| column.get_mut(start..end)) else {
                continue;
            };
            let block = Block { model, case, inputs, start, end };
            match node.method {
                None => block.share_of_points(node, most.get(position).copied().flatten(), out),
                Some(method) => block.mean(node, method, below, out),
            }
        }
        start = end;
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

fn add(sums: &mut [f64], weights: &[f64], value: f64) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += weight * value;
    }
}

impl Block<'_> {
    fn of<'a, T>(&self, column: &'a [T]) -> &'a [T] {
        column.get(self.start..self.end).unwrap_or_default()
    }

    fn leaf_weights(&self, leaf: usize) -> &[f64] {
        self.inputs.indicator_weights.leaf_weights.get(leaf).map_or(&[], |column| self.of(column))
    }

    fn share_of_points(&self, node: &Node, known: Option<&[f64]>, out: &mut [f64]) {
        let (mut earned, mut most): (Sums, Sums) = ([0.0; BLOCK], [0.0; BLOCK]);
        let (mut open, mut doubtful): (Sums, Sums) = ([0.0; BLOCK], [0.0; BLOCK]);
        for leaf in &node.leaves {
            let Some(Value::Points { points, max_points, unanswered, unbacked, .. }) =
                self.case.values.get(*leaf)
            else {
                continue;
            };
            let weights = self.leaf_weights(*leaf);
            add(&mut earned, weights, *points);
            if known.is_none() {
                add(&mut most, weights, *max_points);
            }
            if *unanswered > 0.0 {
                add(&mut open, weights, *unanswered);
            }
            if *unbacked > 0.0 {
                add(&mut doubtful, weights, *unbacked);
            }
        }
        for (sums, shares) in [
            (&open, self.of(&self.inputs.unanswered.unanswered)),
            (&doubtful, self.of(&self.inputs.unbacked.unbacked)),
        ] {
            for ((earned, sum), share) in earned.iter_mut().zip(sums).zip(shares) {
                *earned += sum * share;
            }
        }
        let most = known.map_or(&most[..], |known| self.of(known));
        for ((out, earned), most) in out.iter_mut().zip(&earned).zip(most) {
            *out = earned / most;
        }
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
            if !self.case.scored.get(*part).copied().unwrap_or(false) {
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
            Value::Points { points, max_points, unanswered, unbacked, factor } => {
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
