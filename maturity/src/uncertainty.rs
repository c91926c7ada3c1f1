//! How certain a score is: bounds, the spread over replications, and which choices the spread comes from.

use serde::{Deserialize, Serialize};

use crate::id::Id;

/// The lowest and the highest value that a score could have; equal where nothing is open.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    /// If every unanswered question, and every answer without the evidence that is required, earned nothing.
    pub lower: f64,
    /// If every unanswered question earned everything, and every answer without evidence is right.
    pub upper: f64,
}

/// How a score spreads over replications of its computation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// 5 percent of replications are below.
    pub p05: f64,
    /// Half of the replications are below.
    pub p50: f64,
    /// 95 percent of replications are below.
    pub p95: f64,
    /// The share of replications in each maturity group, highest group first; sums to 1.
    pub groups: Vec<(String, f64)>,
}

/// How much of the variance of a score comes from one choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sensitivity {
    /// The choice that varies, e.g. `indicator-weights`.
    pub factor: String,
    /// The first-order Sobol index: the share that this choice explains by itself. Estimates scatter around
    /// the true value and may be slightly below 0.
    pub first: f64,
    /// The total Sobol index: the share that disappears if this choice is fixed; interactions are counted with
    /// each choice that takes part.
    pub total: f64,
}

/// How certain the score of an index or subindex is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScoreUncertainty {
    /// The index or subindex.
    pub id: Id,
    /// Its bounds; absent where an open number has no known range.
    pub bounds: Option<Bounds>,
    /// Its spread; absent where the framework names nothing that varies.
    pub distribution: Option<Distribution>,
    /// Where the spread comes from, in the order of the choices; empty where there is no spread.
    pub sensitivity: Vec<Sensitivity>,
}
