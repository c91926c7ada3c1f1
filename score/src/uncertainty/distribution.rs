//! Percentiles and shares of maturity groups of a column of replications.

use maturity::framework::MaturityGroup;
use maturity::uncertainty::Distribution;

/// The distribution of `values`; replications without a score (NaN) are left out. `keys` is memory to be used
/// again: nothing here grows with the number of economies.
///
/// The percentile `p` of `n` values in rising order `x[0..n]` is `x[k] + (h - k) (x[k+1] - x[k])` with
/// `h = p (n - 1)` and `k` the whole part of `h`: type 7 of Hyndman and Fan (1996), as in R and `NumPy`.
pub(crate) fn distribution(
    values: &[f64],
    groups: &[MaturityGroup],
    keys: &mut Vec<i64>,
) -> Option<Distribution> {
    keys.clear();
    keys.extend(values.iter().filter(|value| !value.is_nan()).map(|value| key(*value)));
    if keys.is_empty() {
        return None;
    }
    let count = number(keys.len());
    // Counted from the highest threshold down: who reaches a threshold and none above belongs to its group. Replications
    // without a score reach none.
    let mut above = 0;
    let mut shares = Vec::with_capacity(groups.len());
    for group in groups {
        let reached = values.iter().filter(|value| **value >= group.at_least).count();
        shares.push((group.id.clone(), number(reached - above) / count));
        above = reached;
    }
    let [p05, p50, p95] = percentiles(keys);
    Some(Distribution { p05, p50, p95, groups: shares })
}

/// The percentiles, as shares.
const SHARES: [f64; 3] = [0.05, 0.5, 0.95];

/// The percentiles 5, 50 and 95 of `keys`, which are put into another order.
fn percentiles(keys: &mut [i64]) -> [f64; 3] {
    let [(p05, after_p05), (p50, after_p50), (p95, after_p95)] = SHARES.map(|p| place(p, keys.len()));
    if p05 + 1 >= p50 || p50 + 1 >= p95 {
        // So few that their positions may coincide.
        keys.sort_unstable();
        return SHARES.map(|p| of_sorted(keys, p));
    }
    // The middle first: each of the others is then looked for in one half.
    let (lower, middle, upper) = keys.select_nth_unstable(p50);
    let (_, low, to_middle) = lower.select_nth_unstable(p05);
    let (to_high, high, rest) = upper.select_nth_unstable(p95 - p50 - 1);
    let least = |keys: &[i64], next: i64| keys.iter().copied().min().unwrap_or(next);
    [
        mixed(*low, least(to_middle, *middle), after_p05),
        mixed(*middle, least(to_high, *high), after_p50),
        mixed(*high, least(rest, *high), after_p95),
    ]
}

/// Where the percentile `p` of `count` values in rising order lies: the position below it, and how far from there to the
/// next.
fn place(p: f64, count: usize) -> (usize, f64) {
    let h = p * (number(count) - 1.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "h is at least 0 and below the number of values"
    )]
    let k = h as usize;
    (k, h - number(k))
}

/// The value that lies between two by a share of their distance.
fn mixed(low: i64, high: i64, share: f64) -> f64 {
    let (low, high) = (value(low), value(high));
    low + share * (high - low)
}

fn of_sorted(sorted: &[i64], p: f64) -> f64 {
    let (k, share) = place(p, sorted.len());
    match sorted.get(k..) {
        Some([low, high, ..]) => mixed(*low, *high, share),
        Some([highest]) => value(*highest),
        _ => f64::NAN,
    }
}

/// A whole number that orders as the number does, as `f64::total_cmp` has it: quick to compare. Adding 0 makes
/// -0 and 0 the same.
fn key(value: f64) -> i64 {
    flip((value + 0.0).to_bits().cast_signed())
}

fn value(key: i64) -> f64 {
    f64::from_bits(flip(key).cast_unsigned())
}

fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63) & i64::MAX)
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use maturity::language::Text;
    use proptest::prelude::*;

    fn groups() -> Vec<MaturityGroup> {
        let group = |id: &str, at_least| MaturityGroup { id: id.to_owned(), title: Text::new(id), at_least };
        vec![group("A", 0.75), group("B", 0.5), group("C", 0.0)]
    }

    #[test]
    fn percentiles_by_hand() {
        let values: Vec<f64> = (0..=100).rev().map(f64::from).collect();
        let found = distribution(&values, &[], &mut Vec::new()).unwrap();
        assert_eq!([found.p05, found.p50, found.p95].map(f64::to_bits), [5.0, 50.0, 95.0].map(f64::to_bits));
        let found = distribution(&[3.0, 1.0, f64::NAN], &[], &mut Vec::new()).unwrap();
        assert!((found.p05 - 1.1).abs() < 1e-15 && (found.p50 - 2.0).abs() < 1e-15);
        assert_eq!(distribution(&[f64::NAN], &groups(), &mut Vec::new()), None);
    }

    #[test]
    fn a_threshold_belongs_to_the_higher_group() {
        let found = distribution(&[0.75, 0.5, 0.499, 0.0], &groups(), &mut Vec::new()).unwrap();
        let shares: Vec<f64> = found.groups.iter().map(|(_, share)| *share).collect();
        assert!(
            shares.iter().zip([0.25, 0.25, 0.5]).all(|(found, expected)| (found - expected).abs() < 1e-15)
        );
    }

    proptest! {
        #[test]
        fn selection_equals_sorting(values in prop::collection::vec(-2.0_f64..2.0, 1..400)) {
            let mut keys = Vec::new();
            let found = distribution(&values, &groups(), &mut keys).unwrap();
            let mut sorted: Vec<i64> = values.iter().map(|value| key(*value)).collect();
            sorted.sort_unstable();
            for (p, found) in [(0.05, found.p05), (0.5, found.p50), (0.95, found.p95)] {
                prop_assert_eq!(found.to_bits(), of_sorted(&sorted, p).to_bits());
            }
            let below = values.iter().filter(|value| **value < 0.0).count();
            let sum: f64 = found.groups.iter().map(|(_, share)| *share).sum();
            prop_assert!((sum + number(below) / number(values.len()) - 1.0).abs() < 1e-12);
        }
    }
}
