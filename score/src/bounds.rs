//! How far unanswered questions could move a score: the lowest and the highest value it could have.
//!
//! ```text
//! lowest  = points / maximum                             every unanswered question earns nothing
//! highest = (points + open maxima) / maximum             every unanswered question earns everything
//! ```
//!
//! The bounds of the composite are the weighted means of the bounds of its subindexes. External indices are
//! not asked for, so one without a value moves no bound.

use maturity::framework::Framework;
use maturity::score::{EconomyScores, SubindexScore, TermStatus};

/// The lowest and the highest value of a score; equal where every question is answered.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// If every unanswered question earned nothing.
    pub lower: f64,
    /// If every unanswered question earned everything.
    pub upper: f64,
}

/// The bounds of a subindex; absent where it has no score.
pub fn of_subindex(framework: &Framework, subindex: &SubindexScore) -> Option<Bounds> {
    subindex.score?;
    let mut open = 0.0;
    let mut maximum = subindex.max_points;
    for term in subindex.indicators.iter().flat_map(|indicator| &indicator.terms) {
        let question = framework.question(&term.question)?;
        if !question.is_asked() || term.answer.is_given() {
            continue;
        }
        let full = question.scoring.as_ref().map_or(0.0, |scoring| scoring.max_points);
        open += full;
        if term.status == TermStatus::LeftOut {
            maximum += full;
        }
    }
    (maximum > 0.0)
        .then(|| Bounds { lower: subindex.points / maximum, upper: (subindex.points + open) / maximum })
}

/// The bounds of the composite; absent where it has no score.
pub fn of_composite(framework: &Framework, scores: &EconomyScores) -> Option<Bounds> {
    scores.score?;
    let mut sum = Bounds { lower: 0.0, upper: 0.0 };
    let mut weights = 0.0;
    for (subindex, scored) in framework.subindexes.iter().zip(&scores.subindexes) {
        let bounds = of_subindex(framework, scored)?;
        sum.lower += subindex.weight * bounds.lower;
        sum.upper += subindex.weight * bounds.upper;
        weights += subindex.weight;
    }
    (weights > 0.0).then(|| Bounds { lower: sum.lower / weights, upper: sum.upper / weights })
}
