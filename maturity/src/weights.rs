//! Effective weights: the share of the composite's maximum that each question and indicator has for one
//! economy, after terms without a value have left.
//!
//! ```text
//! factor of a subindex          weight / sum of weights
//! effective weight of a term    factor of its subindex x its maximum / maximum of the subindex
//! effective weight of a group   sum over its terms
//! ```
//!
//! In a mean, the weights of its parts take the place of the points. The weights of all terms add up to 1. A nominal weight says what the framework's authors chose; this one
//! says what an answer can move (Becker, Saisana, Paruolo and Vandecasteele, "Weights and importance in
//! composite indicators", Ecological Indicators 80, 2017, on why the two differ).

use crate::framework::{AnswerPolicy, CompositeMethod, Framework, PartPolicy, SubindexMethod};
use crate::id::Id;
use crate::score::{EconomyScores, IndicatorScore, SubindexScore};

/// The effective weight of one part of an index.
#[derive(Debug, Clone, PartialEq)]
pub struct EffectiveWeight {
    /// Its level: `subindex`, `indicator` or `question`.
    pub level: &'static str,
    /// Its id.
    pub id: Id,
    /// Its share of the composite's maximum, 0 to 1.
    pub weight: f64,
}

/// Whether a composite is a weighted sum at every level, so that every answer moves it by the same amount
/// whatever the other answers are. Only then do its questions have weights.
pub fn is_additive(framework: &Framework) -> bool {
    let sums = |method: SubindexMethod| {
        matches!(method, SubindexMethod::ShareOfPoints | SubindexMethod::ArithmeticMean)
    };
    framework.composite.method == CompositeMethod::ArithmeticMean
        && framework.subindexes.iter().all(|subindex| sums(subindex.method))
}

/// Whether the maximum of a subindex stays the same when a question without an answer is answered.
pub fn answers_keep_maximum(framework: &Framework) -> bool {
    framework.missing.answer == AnswerPolicy::NoPoints
        && framework.subindexes.iter().all(|subindex| {
            subindex.method.mean().is_none() || framework.indicators_of(&subindex.id).next().is_none()
        })
}

/// The share of the composite that each subindex can have, in the order of the scores, at every level; none if
/// the composite is no sum or has no score.
pub fn factors(framework: &Framework, scores: &EconomyScores) -> Option<Vec<f64>> {
    scores.score?;
    if !is_additive(framework) {
        return None;
    }
    let of = |subindex: &SubindexScore| factor(framework, scores, &subindex.id, scores.subindexes.len());
    scores.subindexes.iter().map(of).collect()
}

/// The share of a subindex among the parts of its parent, times that of the parent. `deepest` ends the walk.
fn factor(framework: &Framework, scores: &EconomyScores, id: &Id, deepest: usize) -> Option<f64> {
    let subindex = framework.subindex(id)?;
    let parent = subindex.parent.as_ref().and_then(|parent| framework.subindex(parent));
    let policy = parent.map_or(framework.composite.missing_part, |parent| parent.missing_part);
    // A part without a score leaves a mean that is scaled to the others.
    let counts = |part: &Id| {
        policy == PartPolicy::Withhold || scores.subindex(part.as_str()).is_some_and(|s| s.score.is_some())
    };
    let parts = framework.parts_of(subindex.parent.as_ref()).filter(|part| counts(&part.id));
    let beside: f64 = parent.map_or(0.0, |parent| indicator_weights(framework, scores, &parent.id));
    let sum = parts.map(|part| part.weight).sum::<f64>() + beside;
    let above = match parent {
        Some(parent) if deepest > 0 => factor(framework, scores, &parent.id, deepest - 1)?,
        _ => 1.0,
    };
    let own = if counts(id) { subindex.weight } else { 0.0 };
    (sum > 0.0).then(|| above * own / sum)
}

/// The sum of the weights of the indicators that are parts of a subindex that is a mean.
fn indicator_weights(framework: &Framework, scores: &EconomyScores, subindex: &Id) -> f64 {
    let Some(found) = scores.subindex(subindex.as_str()) else { return 0.0 };
    found.indicators.iter().map(|indicator| indicator_weight(framework, subindex, indicator)).sum()
}

/// The weight of an indicator in a mean; 0 where it has no score and others are scaled to the same sum.
fn indicator_weight(framework: &Framework, subindex: &Id, indicator: &IndicatorScore) -> f64 {
    let policy = framework.subindex(subindex).map(|subindex| subindex.missing_part);
    let leaves = indicator.score.is_none() && policy == Some(PartPolicy::Rescale);
    let weight = framework.indicator(&indicator.id).map_or(0.0, |indicator| indicator.weight);
    if leaves || !framework.is_scored(&indicator.id) { 0.0 } else { weight }
}

/// The effective weights of every subindex, indicator and question of an economy, in the order of the
/// instrument; none if the composite is no sum or has no score.
pub fn effective_weights(framework: &Framework, scores: &EconomyScores) -> Option<Vec<EffectiveWeight>> {
    let factors = factors(framework, scores)?;
    let mut subindexes = Vec::new();
    let mut indicators = Vec::new();
    let mut questions = Vec::new();
    for (subindex, factor) in scores.subindexes.iter().zip(factors) {
        subindexes.push(EffectiveWeight { level: "subindex", id: subindex.id.clone(), weight: factor });
        let is_mean = framework.subindex(&subindex.id).is_some_and(|found| found.method.mean().is_some());
        let below = framework.parts_of(Some(&subindex.id)).map(|part| part.weight).sum::<f64>();
        let all = below + indicator_weights(framework, scores, &subindex.id);
        for indicator in &subindex.indicators {
            let whole = if is_mean {
                share(factor * indicator_weight(framework, &subindex.id, indicator), all)
            } else {
                share(factor * indicator.max_points, subindex.max_points)
            };
            indicators.push(EffectiveWeight { level: "indicator", id: indicator.id.clone(), weight: whole });
            for term in &indicator.terms {
                // An indicator that is a number has one term, without points.
                let own = if indicator.max_points > 0.0 {
                    whole * term.max_points / indicator.max_points
                } else if is_mean {
                    share(whole, indicator.terms.iter().map(|_| 1.0).sum())
                } else {
                    0.0
                };
                questions.push(EffectiveWeight { level: "question", id: term.question.clone(), weight: own });
            }
        }
    }
    subindexes.append(&mut indicators);
    subindexes.append(&mut questions);
    Some(subindexes)
}

fn share(part: f64, whole: f64) -> f64 {
    if whole > 0.0 { part / whole } else { 0.0 }
}
