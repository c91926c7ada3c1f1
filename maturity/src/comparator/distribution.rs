//! Mean, quartiles, share at the full level, and ranks for those who ask.

use serde::{Deserialize, Serialize};

/// How the scores of several economies are distributed.
///
/// Quartiles are those of type 7 of Hyndman and Fan, "Sample Quantiles in Statistical Packages", The American
/// Statistician 50 (1996): for `n` sorted values the quantile `p` stands at position `(n - 1) p`, counted from
/// 0, and between two values by linear interpolation. It is the usual one of R, `NumPy` and spreadsheets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Economies with a score; at least 1.
    pub economies: u32,
    /// The arithmetic mean, every economy with the same weight.
    pub mean: f64,
    /// The first quartile.
    pub lower_quartile: f64,
    /// The median.
    pub median: f64,
    /// The third quartile.
    pub upper_quartile: f64,
    /// The share of economies that reach the full level, 0 to 1; absent where the full level is not known.
    pub full_share: Option<f64>,
}

impl Distribution {
    /// The distribution of scores, each with whether it is at the full level, in the order of economies; none
    /// of no scores. The mean is summed in that order.
    pub fn of(scores: &[(f64, Option<bool>)]) -> Option<Self> {
        let economies = u32::try_from(scores.len()).ok().filter(|count| *count > 0)?;
        let count = f64::from(economies);
        let mut sorted: Vec<f64> = scores.iter().map(|(score, _)| *score).collect();
        sorted.sort_by(f64::total_cmp);
        let full: Option<u32> = scores.iter().map(|(_, full)| full.map(u32::from)).sum();
        Some(Self {
            economies,
            mean: scores.iter().map(|(score, _)| score).sum::<f64>() / count,
            lower_quartile: quantile(&sorted, 1),
            median: quantile(&sorted, 2),
            upper_quartile: quantile(&sorted, 3),
            full_share: full.map(|full| f64::from(full) / count),
        })
    }
}

/// The quantile `quarter / 4` of sorted values, of which there is at least one.
fn quantile(sorted: &[f64], quarter: usize) -> f64 {
    let steps = sorted.len().saturating_sub(1) * quarter;
    let (below, rest) = (steps / 4, steps % 4);
    let at = |position: usize| sorted.get(position).copied();
    let low = at(below).unwrap_or(f64::NAN);
    let share = [0.0, 0.25, 0.5, 0.75].get(rest).copied().unwrap_or_default();
    at(below + 1).filter(|_| rest > 0).map_or(low, |high| low + (high - low) * share)
}

/// A place in an order from the highest score down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rank {
    /// 1 more than the number of economies with a higher score: equal scores share the best place, and the
    /// places after them are left out (1, 2, 2, 4). Scores are compared unrounded.
    pub place: u32,
    /// Economies with a score.
    pub of: u32,
    /// Other economies with the same score.
    pub tied: u32,
}

/// The rank of a score among all scores, its own included.
pub fn rank(score: f64, all: impl IntoIterator<Item = f64>) -> Rank {
    let (mut higher, mut equal, mut of) = (0, 0, 0);
    for other in all {
        of += 1;
        match other.total_cmp(&score) {
            std::cmp::Ordering::Greater => higher += 1,
            std::cmp::Ordering::Equal => equal += 1,
            std::cmp::Ordering::Less => {}
        }
    }
    Rank { place: higher + 1, of, tied: u32::saturating_sub(equal, 1) }
}
