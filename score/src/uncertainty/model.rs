//! A framework, and one economy in it, reduced to what changes from replication to replication.

use std::collections::BTreeMap;

use maturity::framework::{CompositeMethod, Framework, Indicator, Normalization, PartPolicy};
use maturity::id::Id;
use maturity::score::{EconomyScores, IndicatorScore, SubindexScore};
use maturity::withheld::Withheld;

use crate::aggregate::enough;
use crate::bounds::{Backing, open};
use crate::normalize::{Goalposts, Population, normalize};

/// The tree of a framework: nodes with their parts before them, the composite last.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) leaves: Vec<Leaf>,
    pub(crate) nodes: Vec<Node>,
    /// Every normalisation that indicators can have; one where it does not vary.
    alternatives: Vec<Normalization>,
    /// The means that the composite can be, by the number that is drawn.
    pub(crate) aggregations: Vec<CompositeMethod>,
}

/// An indicator.
#[derive(Debug)]
pub(crate) struct Leaf {
    pub(crate) id: Id,
    pub(crate) weight: f64,
}

/// A subindex or the composite.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) id: Id,
    pub(crate) weight: f64,
    /// The mean that it is; a share of points is none.
    pub(crate) method: Option<CompositeMethod>,
    pub(crate) nodes: Vec<usize>,
    pub(crate) leaves: Vec<usize>,
}

impl Model {
    pub(crate) fn of(framework: &Framework) -> Self {
        let mut model = Self {
            leaves: Vec::new(),
            nodes: Vec::new(),
            alternatives: framework.uncertainty.iter().flat_map(|u| u.normalizations.clone()).collect(),
            aggregations: framework.uncertainty.iter().flat_map(|u| u.aggregations.clone()).collect(),
        };
        let nodes = model.below(framework, None);
        let composite = &framework.composite;
        model.nodes.push(Node {
            id: composite.id.clone(),
            weight: 1.0,
            method: Some(composite.method),
            nodes,
            leaves: Vec::new(),
        });
        model
    }

    /// Adds what `parent` is made of; gives the positions.
    fn below(&mut self, framework: &Framework, parent: Option<&Id>) -> Vec<usize> {
        let mut positions = Vec::new();
        for subindex in framework.parts_of(parent) {
            let nodes = self.below(framework, Some(&subindex.id));
            let mut leaves = Vec::new();
            for indicator in framework.indicators_of(&subindex.id) {
                if framework.is_scored(&indicator.id) {
                    leaves.push(self.leaves.len());
                    self.leaves.push(Leaf { id: indicator.id.clone(), weight: indicator.weight });
                }
            }
            positions.push(self.nodes.len());
            self.nodes.push(Node {
                id: subindex.id.clone(),
                weight: subindex.weight,
                method: subindex.method.mean(),
                nodes,
                leaves,
            });
        }
        positions
    }
}

/// What an indicator of one economy contributes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Nothing: it has no score.
    None,
    /// Points, settled and open, of a maximum; their share times 1 or -1, then between goalposts where there are
    /// fixed ones. What is compared with other economies does not vary with its open answers: that is `Fixed`.
    Points {
        points: f64,
        max_points: f64,
        unanswered: f64,
        unbacked: f64,
        factor: f64,
        goalposts: Option<Goalposts>,
    },
    /// A score for each of the normalisations that could have been chosen.
    Fixed(Vec<f64>),
}

/// One economy in a model.
#[derive(Debug)]
pub(crate) struct Case {
    /// By leaf.
    pub(crate) values: Vec<Value>,
    /// By node: whether it has a score.
    pub(crate) scored: Vec<bool>,
    /// By node: whether it has one in the replications, in which open answers may be given.
    pub(crate) taken: Vec<bool>,
}

impl Case {
    pub(crate) fn of(
        framework: &Framework,
        model: &Model,
        population: &Population,
        scores: &EconomyScores,
        backing: &Backing,
    ) -> Self {
        let indicators: BTreeMap<&Id, &IndicatorScore> =
            scores.indicators().map(|(_, indicator)| (&indicator.id, indicator)).collect();
        let value = |leaf: &Leaf| {
            let found = indicators.get(&leaf.id).zip(framework.indicator(&leaf.id));
            found.map_or(Value::None, |(scored, indicator)| {
                value(framework, model, population, indicator, scored, backing)
            })
        };
        let has_score = |node: &Node| match scores.subindex(node.id.as_str()) {
            Some(subindex) => subindex.score.is_some(),
            None => node.id == scores.id && scores.score.is_some(),
        };
        let values: Vec<Value> = model.leaves.iter().map(value).collect();
        let answers_vary = framework.uncertainty.as_ref().is_some_and(|varies| varies.unanswered.is_some());
        let mut taken: Vec<bool> = Vec::with_capacity(model.nodes.len());
        for node in &model.nodes {
            let would_have = || {
                let own = scores.subindex(node.id.as_str())?;
                answers_vary.then(|| would_have_a_score(framework, node, own, &values, &taken))
            };
            let is_taken = has_score(node) || would_have().unwrap_or(false);
            taken.push(is_taken);
        }
        Self { values, scored: model.nodes.iter().map(has_score).collect(), taken }
    }
}

/// Whether a subindex that has no score would have one if its open answers came; `taken` says it of the parts that stand
/// before it. A number that is not answered stays without a value, since it does not vary.
fn would_have_a_score(
    framework: &Framework,
    node: &Node,
    own: &SubindexScore,
    values: &[Value],
    taken: &[bool],
) -> bool {
    let has_value = |leaf: &usize| match values.get(*leaf) {
        None | Some(Value::None) => false,
        Some(Value::Points { max_points, .. }) => *max_points > 0.0,
        Some(Value::Fixed(_)) => true,
    };
    let Some(subindex) = framework.subindex(&node.id) else { return false };
    if matches!(own.withheld, Some(Withheld::ExternalIndex { .. })) {
        return false;
    }
    if node.method.is_none() {
        return node.leaves.iter().any(has_value);
    }
    let parts = node.nodes.iter().filter(|part| taken.get(**part) == Some(&true)).count();
    let present = parts + node.leaves.iter().filter(|leaf| has_value(leaf)).count();
    let all = node.nodes.len() + node.leaves.len();
    let is_enough = match subindex.missing_part {
        PartPolicy::Withhold => present == all,
        PartPolicy::Rescale => enough(present, all, subindex.min_coverage).is_ok(),
    };
    is_enough && present > 0
}

fn value(
    framework: &Framework,
    model: &Model,
    population: &Population,
    indicator: &Indicator,
    scored: &IndicatorScore,
    backing: &Backing,
) -> Value {
    let varies = framework.uncertainty.as_ref();
    let own = indicator.normalization;
    if !own.needs_population() && !framework.is_number(&indicator.id) {
        let open = open(framework, scored, backing);
        let unanswered = varies.is_some_and(|varies| varies.unanswered.is_some());
        let unbacked = varies.is_some_and(|varies| varies.unbacked.is_some());
        return Value::Points {
            points: if unbacked { open.points - open.unbacked } else { open.points },
            max_points: if unanswered { open.max_points + open.returning } else { open.max_points },
            unanswered: if unanswered { open.unanswered } else { 0.0 },
            unbacked: if unbacked { open.unbacked } else { 0.0 },
            factor: indicator.direction.factor(),
            goalposts: Goalposts::of(own, indicator.direction.factor()),
        };
    }
    let (Some(score), Some(value)) = (scored.score, scored.value) else { return Value::None };
    if !own.needs_population() || model.alternatives.is_empty() {
        return Value::Fixed(vec![score]);
    }
    let with = |normalization: &Normalization| {
        // One that cannot be had makes the replication one without a score.
        normalize(value, *normalization, indicator, population).unwrap_or(f64::NAN)
    };
    Value::Fixed(model.alternatives.iter().map(with).collect())
}
