//! Splitting a change by cause so that the order of the causes does not matter.
//!
//! With causes N and v(S) the score once the causes in S have acted and the others have not, the part of cause
//! i is its Shapley value
//!
//! ```text
//! part(i) = sum over S without i of  |S|! (n - |S| - 1)! / n!  x  (v(S with i) - v(S))
//! ```
//!
//! the mean of what i adds over all orders in which the causes can act. The parts add up to v(N) - v(nothing):
//! nothing is left over and nothing is assigned twice. Source: L. S. Shapley, "A value for n-person games",
//! Contributions to the Theory of Games II (1953); for decompositions: A. F. Shorrocks, "Decomposition
//! procedures for distributional analysis", Journal of Economic Inequality 11 (2013).
//!
//! With two causes, v(nothing) = 0.50, v(a) = 0.60, v(b) = 0.52, v(a and b) = 0.66:
//! part(a) = ((0.60 - 0.50) + (0.66 - 0.52)) / 2 = 0.12, part(b) = ((0.52 - 0.50) + (0.66 - 0.60)) / 2 = 0.04.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Cause;

/// A change split by cause; a cause that did not act has 0.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Parts([f64; Cause::ALL.len()]);

impl Parts {
    /// The part of one cause, in points of the score (-1 to 1).
    pub fn of(&self, cause: Cause) -> f64 {
        Cause::ALL.into_iter().zip(self.0).find(|(known, _)| *known == cause).map_or(0.0, |(_, part)| part)
    }

    /// The sum of all parts: the change.
    pub fn sum(&self) -> f64 {
        self.0.iter().sum()
    }

    /// The parts of two changes, cause by cause.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let mut sum = *self;
        for (part, more) in sum.0.iter_mut().zip(other.0) {
            *part += more;
        }
        sum
    }

    /// Each cause with its part, in the order of tables.
    pub fn iter(&self) -> impl Iterator<Item = (Cause, f64)> + '_ {
        Cause::ALL.into_iter().zip(self.0)
    }

    fn add(&mut self, cause: Cause, part: f64) {
        for (known, slot) in Cause::ALL.into_iter().zip(&mut self.0) {
            if known == cause {
                *slot += part;
            }
        }
    }
}

/// Splits the changes of several scores at once. `value` gives the scores once the causes given have acted; the
/// order of its result is that of the parts. A score that is missing on the way has no parts.
pub fn shares(
    causes: &BTreeSet<Cause>,
    value: impl Fn(&BTreeSet<Cause>) -> Vec<Option<f64>>,
) -> Vec<Option<Parts>> {
    let causes: Vec<Cause> = causes.iter().copied().collect();
    let subset = |bits: usize| -> BTreeSet<Cause> {
        causes.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0).map(|(_, cause)| *cause).collect()
    };
    let values: Vec<Vec<Option<f64>>> =
        (0..1_usize << causes.len()).map(|bits| value(&subset(bits))).collect();
    let scores = values.iter().map(Vec::len).min().unwrap_or(0);
    let share = |score: usize| {
        let at = |bits: usize| values.get(bits).and_then(|scores| scores.get(score).copied().flatten());
        let mut parts = Parts::default();
        for (position, cause) in causes.iter().enumerate() {
            for bits in (0..values.len()).filter(|bits| bits & (1 << position) == 0) {
                let weight = weight(causes.len(), bits.count_ones());
                parts.add(*cause, weight * (at(bits | 1 << position)? - at(bits)?));
            }
        }
        // Without any cause there is one value, and it must exist.
        at(0).map(|_| parts)
    };
    (0..scores).map(share).collect()
}

/// `size! (causes - size - 1)! / causes!`
fn weight(causes: usize, size: u32) -> f64 {
    let factorial = |n: u32| (1..=n).map(f64::from).product::<f64>();
    let causes = u32::try_from(causes).unwrap_or(u32::MAX);
    factorial(size) * factorial(causes - size - 1) / factorial(causes)
}
