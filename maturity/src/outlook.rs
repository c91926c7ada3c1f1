//! What lies behind a score and before it: how far it is backed, what each answer carries, and the fewest answers
//! to the next maturity group.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::id::Id;

/// What reports say of an economy beside its scores.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Outlook {
    /// The way to the next group; none where there is no score, no higher group, or no way.
    pub raise: Option<Raise>,
    /// What stands behind the composite, where it is a sum of points, and behind each subindex.
    pub backed: Vec<Backed>,
    /// The share of the composite that the points of each question make up; empty where it is no such sum.
    pub carried: BTreeMap<Id, f64>,
}

/// The fewest answers to the next maturity group, as far as they are known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Raise {
    /// The id of the group.
    pub target: String,
    /// The score from which an economy belongs to it.
    pub threshold: f64,
    /// The score after all steps.
    pub score: f64,
    /// Whether no fewer answers would do.
    pub proven: bool,
    /// The answers, in the order of the instrument.
    pub steps: Vec<Step>,
}

/// One answer on the way to the next group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// The question.
    pub question: Id,
    /// The answer now.
    pub from: Answer,
    /// The answer that would do.
    pub to: Answer,
    /// How much the composite gains by it.
    pub gain: f64,
}

/// Points by what stands behind them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backed {
    /// The composite or a subindex.
    pub id: Id,
    /// All points earned.
    pub points: f64,
    /// Those of answers with a link or document.
    pub evidence: f64,
    /// Those of published indices.
    pub published: f64,
}

impl Backed {
    /// The share of the points that something stands behind, 0 to 1; none where there are no points.
    pub fn share(&self) -> Option<f64> {
        (self.points > 0.0).then(|| (self.evidence + self.published) / self.points)
    }
}
