//! Random numbers that do not depend on machine, threads or order.
//!
//! Every thing that varies has a stream of its own: the cipher `ChaCha` with 8 rounds in counter mode, whose key
//! is the SHA-256 of seed, thing and, where it varies by economy, economy. The number of a replication is its
//! position in the stream. Numbers are multiples of 2^-53 in 0..1, made without rounding.

use maturity::framework::Framework;
use maturity::framework::Uncertainty;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use sha2::{Digest, Sha256};

use super::model::Model;

/// Which of two independent samples; sensitivity indices need both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sample {
    A,
    B,
}

/// The bytes of a number of a stream.
const NUMBER: usize = 8;

/// The stream of one thing.
pub(crate) struct Stream(pub(super) ChaCha8Rng);

impl Stream {
    pub(crate) fn of(seed: u64, sample: Sample, thing: &str, id: &str) -> Self {
        let mut hasher = Sha256::new();
        for part in [if sample == Sample::A { "A" } else { "B" }, thing, id] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part.as_bytes());
        }
        hasher.update(seed.to_le_bytes());
        Self(ChaCha8Rng::from_seed(hasher.finalize().into()))
    }

    /// `count` numbers, each at least 0 and below 1, as `make` changes them.
    fn numbers<T>(mut self, count: usize, make: impl Fn(f64) -> T) -> Vec<T> {
        // Many at a time: to ask the cipher for each by itself takes longer than to encipher.
        let mut bytes = [0_u8; 512 * NUMBER];
        let mut numbers = Vec::with_capacity(count);
        while numbers.len() < count {
            let wanted = (count - numbers.len()).saturating_mul(NUMBER).min(bytes.len());
            let Some(drawn) = bytes.get_mut(..wanted) else { break };
            self.0.fill_bytes(drawn);
            let (drawn, _) = drawn.as_chunks::<NUMBER>();
            numbers.extend(drawn.iter().map(|number| make(below_one(u64::from_le_bytes(*number)))));
        }
        numbers
    }

    /// `count` numbers evenly from `low` to `high`.
    pub(crate) fn between(self, low: f64, high: f64, count: usize) -> Vec<f64> {
        self.numbers(count, |number| low + (high - low) * number)
    }

    /// `count` of the numbers 0 to `choices - 1`, each equally likely.
    fn choices(self, choices: usize, count: usize) -> Vec<usize> {
        let choices = u32::try_from(choices).unwrap_or(u32::MAX);
        self.numbers(count, |number| {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "the product is at least 0 and below the number of choices"
            )]
            let choice = (number * f64::from(choices)) as usize;
            choice
        })
    }
}

/// The upper 53 bits as a multiple of 2^-53.
pub(super) fn below_one(bits: u64) -> f64 {
    /// 2^-53
    const STEP: f64 = 1.0 / 9_007_199_254_740_992.0;
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit into the fraction")]
    let whole = (bits >> 11) as f64;
    whole * STEP
}

/// What varies for all economies alike: one number a replication.
#[derive(Debug, Clone)]
pub(crate) struct Shared {
    /// By node: the weight of a subindex in its parent.
    pub(crate) node_weights: Vec<Vec<f64>>,
    /// By leaf: the weight of an indicator.
    pub(crate) leaf_weights: Vec<Vec<f64>>,
    /// Which normalisation; empty if it does not vary.
    pub(crate) normalizations: Vec<usize>,
    /// Which mean makes the composite; empty if it does not vary.
    pub(crate) aggregations: Vec<usize>,
}

impl Shared {
    pub(crate) fn draw(model: &Model, varies: &Uncertainty, sample: Sample, count: usize) -> Self {
        let weights = |thing: &str, share: Option<f64>, weights: &mut dyn Iterator<Item = (&str, f64)>| {
            weights
                .map(|(id, weight)| match share {
                    Some(share) => Stream::of(varies.seed, sample, thing, id).between(
                        weight * (1.0 - share),
                        weight * (1.0 + share),
                        count,
                    ),
                    None => vec![weight; count],
                })
                .collect::<Vec<_>>()
        };
        let choices = |thing: &str, choices: usize| match choices {
            0 | 1 => Vec::new(),
            _ => Stream::of(varies.seed, sample, thing, "").choices(choices, count),
        };
        Self {
            node_weights: weights(
                "subindex-weights",
                varies.subindex_weights,
                &mut model.nodes.iter().map(|node| (node.id.as_str(), node.weight)),
            ),
            leaf_weights: weights(
                "indicator-weights",
                varies.indicator_weights,
                &mut model.leaves.iter().map(|leaf| (leaf.id.as_str(), leaf.weight)),
            ),
            normalizations: choices("normalization", varies.normalizations.len()),
            aggregations: choices("aggregation", varies.aggregations.len()),
        }
    }
}

/// What varies for each economy by itself: one number a replication; empty where it does not vary.
#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// The share of their points that unanswered questions earn.
    pub(crate) unanswered: Vec<f64>,
    /// The share of their points that unbacked answers keep.
    pub(crate) unbacked: Vec<f64>,
}

impl Own {
    pub(crate) fn draw(varies: &Uncertainty, sample: Sample, economy: &str, count: usize) -> Self {
        let draw = |thing: &str, range: Option<(f64, f64)>| {
            range.map_or_else(Vec::new, |(low, high)| {
                Stream::of(varies.seed, sample, thing, economy).between(low, high, count)
            })
        };
        Self {
            unanswered: draw("unanswered", varies.unanswered),
            unbacked: draw("unbacked", varies.unbacked),
        }
    }
}

/// The names of what varies in a framework, in a fixed order.
pub(crate) fn factors(framework: &Framework) -> Vec<Factor> {
    let Some(varies) = &framework.uncertainty else { return Vec::new() };
    let all = [
        (Factor::SubindexWeights, varies.subindex_weights.is_some()),
        (Factor::IndicatorWeights, varies.indicator_weights.is_some()),
        (Factor::Unanswered, varies.unanswered.is_some()),
        (Factor::Unbacked, varies.unbacked.is_some()),
        (Factor::Normalization, varies.normalizations.len() > 1),
        (Factor::Aggregation, varies.aggregations.len() > 1),
    ];
    all.into_iter().filter(|(_, varies)| *varies).map(|(factor, _)| factor).collect()
}

/// One choice that varies: everything that is drawn for it, taken together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Factor {
    SubindexWeights,
    IndicatorWeights,
    Unanswered,
    Unbacked,
    Normalization,
    Aggregation,
}

impl Factor {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::SubindexWeights => "subindex-weights",
            Self::IndicatorWeights => "indicator-weights",
            Self::Unanswered => "unanswered",
            Self::Unbacked => "unbacked",
            Self::Normalization => "normalization",
            Self::Aggregation => "aggregation",
        }
    }
}
