//! The choices of an index that could have been made otherwise, and how far.

use super::index::CompositeMethod;
use super::normalization::Normalization;

/// What varies when the uncertainty of scores is computed. Each part that is absent does not vary.
#[derive(Debug, Clone, PartialEq)]
pub struct Uncertainty {
    /// Where the random numbers start; the same seed gives the same numbers on every machine.
    pub seed: u64,
    /// How many times every score is computed anew, 100 to 1,000,000.
    pub replications: u32,
    /// The size of each of the samples that sensitivity indices are estimated from; 0 for none.
    pub sensitivity: u32,
    /// Each subindex weight is drawn evenly from weight x (1 - share) to weight x (1 + share).
    pub subindex_weights: Option<f64>,
    /// Each indicator weight (in a share of points: the weight of all its points) likewise.
    pub indicator_weights: Option<f64>,
    /// The share of its points that an unanswered question would have earned, drawn evenly for each economy.
    pub unanswered: Option<(f64, f64)>,
    /// The share of its points that an answer without the required evidence keeps, drawn evenly likewise.
    pub unbacked: Option<(f64, f64)>,
    /// The normalisations that indicators could have, each equally likely; the framework's own is one of them.
    pub normalizations: Vec<Normalization>,
    /// The means that the composite could be, each equally likely.
    pub aggregations: Vec<CompositeMethod>,
}

impl Uncertainty {
    /// How many replications there are unless the framework says otherwise.
    pub const REPLICATIONS: u32 = 10_000;
    /// The sample size of sensitivity indices unless the framework says otherwise.
    pub const SENSITIVITY: u32 = 1_000;
}
