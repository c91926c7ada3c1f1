//! Percentiles and shares of maturity groups of a column of replications.

#![expect(
    clippy::inline_always,
    reason = "only what stands in a function is made for the processor that is there"
)]

use maturity::framework::MaturityGroup;
use maturity::uncertainty::Distribution;
use multiversion::multiversion;

/// Memory that is used again from column to column: nothing here grows with the number of economies.
#[derive(Default)]
pub(crate) struct Buffers {
    /// The scores of a column where some replications have none.
    scores: Vec<f64>,
    /// The values near percentiles.
    near: Vec<f64>,
}

/// The distribution of `values`; replications without a score (NaN) are left out.
///
/// The percentile `p` of `n` values in rising order `x[0..n]` is `x[k] + (h - k) (x[k+1] - x[k])` with
/// `h = p (n - 1)` and `k` the whole part of `h`: type 7 of Hyndman and Fan (1996), as in R and `NumPy`.
#[multiversion(targets("x86_64+avx2"))]
pub(crate) fn distribution(
    values: &[f64],
    groups: &[MaturityGroup],
    Buffers { scores, near }: &mut Buffers,
) -> Option<Distribution> {
    let values = if count(values, |value| !value.is_nan()) == values.len() {
        values
    } else {
        scores.clear();
        scores.extend(values.iter().filter(|value| !value.is_nan()));
        scores.as_slice()
    };
    if values.is_empty() {
        return None;
    }
    // Counted from the highest threshold down: who reaches a threshold and none above belongs to its group.
    let mut above = 0;
    let mut shares = Vec::with_capacity(groups.len());
    for group in groups {
        let reached = count(values, |value| value >= group.at_least);
        shares.push((group.id.clone(), number(reached - above) / number(values.len())));
        above = reached;
    }
    let [p05, p50, p95] = percentiles(values, near);
    Some(Distribution { p05, p50, p95, groups: shares })
}

/// How many values are such. They are counted several at a time, which a check of each addition would prevent; none goes
/// beyond the length.
#[inline(always)]
fn count(values: &[f64], is_such: impl Fn(f64) -> bool) -> usize {
    values.iter().fold(0, |count: usize, value| count.wrapping_add(usize::from(is_such(*value))))
}

/// The percentiles, as shares.
const SHARES: [f64; 3] = [0.05, 0.5, 0.95];

/// The percentiles 5, 50 and 95 of `values`, of which none is NaN. Only the values in the few slices of their range that
/// percentiles lie in are put into order.
#[inline(always)]
fn percentiles(values: &[f64], near: &mut Vec<f64>) -> [f64; 3] {
    let places = SHARES.map(|p| Place::of(p, values.len()));
    near.clear();
    let positions = if let Some(slices) = Slices::of(values) {
        let (wanted, positions) = slices.around(places);
        near.extend(values.iter().filter(|value| wanted[slices.slice(**value)]));
        positions
    } else {
        near.extend_from_slice(values);
        places.map(|place| [place.below, place.above])
    };
    near.sort_unstable_by(f64::total_cmp);
    let at = |position: usize| near.get(position).copied().unwrap_or(f64::NAN);
    let mut percentiles = [0.0; 3];
    for ((percentile, place), [below, above]) in percentiles.iter_mut().zip(places).zip(positions) {
        *percentile = at(below) + place.share * (at(above) - at(below));
    }
    percentiles
}

/// Where a percentile of some values in rising order lies.
#[derive(Clone, Copy)]
struct Place {
    /// The position of the value below it, and of the next one.
    below: usize,
    above: usize,
    /// How far it is from the one below to the next.
    share: f64,
}

impl Place {
    fn of(p: f64, count: usize) -> Self {
        let h = p * (number(count) - 1.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "h is at least 0 and below the number of values"
        )]
        let below = h as usize;
        Self { below, above: (below + 1).min(count - 1), share: h - number(below) }
    }
}

/// Into how many slices of the same width the range of the values is cut.
const SLICES: usize = 1024;

/// How many values lie in each slice of their range. A slice holds no smaller value than one further down: rounding never
/// puts differences or products out of order.
struct Slices {
    lowest: f64,
    scale: f64,
    counts: [usize; SLICES],
}

impl Slices {
    /// Nothing if the values are alike, or nearly so, or some are infinite.
    #[inline(always)]
    fn of(values: &[f64]) -> Option<Self> {
        let (lowest, highest) = range(values);
        let scale = number(SLICES - 1) / (highest - lowest);
        let mut slices = scale.is_normal().then_some(Self { lowest, scale, counts: [0; SLICES] })?;
        for value in values {
            let count = &mut slices.counts[slices.slice(*value)];
            *count = count.wrapping_add(1);
        }
        Some(slices)
    }

    /// The slice that a value lies in, rounded to the nearest: beside 2^52 the bits of a whole number stand at the end.
    #[inline(always)]
    fn slice(&self, value: f64) -> usize {
        /// 2^52
        const WHOLE: f64 = 4_503_599_627_370_496.0;
        #[expect(clippy::cast_possible_truncation, reason = "less than the number of slices")]
        let bits = ((value - self.lowest) * self.scale + WHOLE).to_bits() as usize;
        bits % SLICES
    }

    /// The slices in which the values around percentiles lie, and the positions of these values among those of all
    /// such slices.
    fn around(&self, places: [Place; 3]) -> ([bool; SLICES], [[usize; 2]; 3]) {
        let (mut wanted, mut positions) = ([false; SLICES], [[0; 2]; 3]);
        let (mut below, mut left_out) = (0, 0);
        for (wanted, count) in wanted.iter_mut().zip(self.counts) {
            let here = below..below + count;
            for (positions, place) in positions.iter_mut().zip(places) {
                for (position, of_all) in positions.iter_mut().zip([place.below, place.above]) {
                    if here.contains(&of_all) {
                        *wanted = true;
                        *position = of_all - left_out;
                    }
                }
            }
            if !*wanted {
                left_out += count;
            }
            below = here.end;
        }
        (wanted, positions)
    }
}

/// The lowest and the highest of some numbers.
#[inline(always)]
fn range(values: &[f64]) -> (f64, f64) {
    /// So many at a time.
    const LANES: usize = 8;
    let (tiles, rest) = values.as_chunks::<LANES>();
    let mut last = [values.first().copied().unwrap_or(f64::NAN); LANES];
    last.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
    let (mut lowest, mut highest) = (last, last);
    for tile in tiles {
        for ((lowest, highest), value) in lowest.iter_mut().zip(&mut highest).zip(tile) {
            *lowest = if *value < *lowest { *value } else { *lowest };
            *highest = if *value > *highest { *value } else { *highest };
        }
    }
    (lowest.into_iter().fold(f64::INFINITY, f64::min), highest.into_iter().fold(f64::NEG_INFINITY, f64::max))
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
        let found = distribution(&values, &[], &mut Buffers::default()).unwrap();
        assert_eq!([found.p05, found.p50, found.p95].map(f64::to_bits), [5.0, 50.0, 95.0].map(f64::to_bits));
        let found = distribution(&[3.0, 1.0, f64::NAN], &[], &mut Buffers::default()).unwrap();
        assert!((found.p05 - 1.1).abs() < 1e-15 && (found.p50 - 2.0).abs() < 1e-15);
        assert_eq!(distribution(&[f64::NAN], &groups(), &mut Buffers::default()), None);
    }

    #[test]
    fn a_threshold_belongs_to_the_higher_group() {
        let found = distribution(&[0.75, 0.5, 0.499, 0.0], &groups(), &mut Buffers::default()).unwrap();
        let shares: Vec<f64> = found.groups.iter().map(|(_, share)| *share).collect();
        assert!(
            shares.iter().zip([0.25, 0.25, 0.5]).all(|(found, expected)| (found - expected).abs() < 1e-15)
        );
    }

    proptest! {
        #[test]
        fn selection_equals_sorting(values in some_values()) {
            let found = distribution(&values, &groups(), &mut Buffers::default()).unwrap();
            let mut sorted: Vec<f64> = values.iter().map(|value| value + 0.0).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            for (p, found) in [(0.05, found.p05), (0.5, found.p50), (0.95, found.p95)] {
                let place = Place::of(p, sorted.len());
                let (below, above) = (sorted[place.below], sorted[place.above]);
                prop_assert_eq!(found.to_bits(), (below + place.share * (above - below)).to_bits());
            }
            let below = values.iter().filter(|value| **value < 0.0).count();
            let sum: f64 = found.groups.iter().map(|(_, share)| *share).sum();
            prop_assert!((sum + number(below) / number(values.len()) - 1.0).abs() < 1e-12);
        }
    }

    /// Spread evenly, in a few heaps, close to one value with some far away, and from one extreme to the other.
    fn some_values() -> impl Strategy<Value = Vec<f64>> {
        let few = prop::sample::select(vec![-0.0, 0.0, 0.25, 0.25 + f64::EPSILON, 1.0, f64::MIN_POSITIVE]);
        let close = prop_oneof![20 => 0.5_f64..0.500_000_1, 1 => -1e6_f64..1e6];
        let extreme = prop::sample::select(vec![f64::MIN, -1.0, 1e-300, 5e-324, 1.0, f64::MAX]);
        prop_oneof![
            prop::collection::vec(-2.0_f64..2.0, 1..4000),
            prop::collection::vec(few, 1..400),
            prop::collection::vec(close, 1..4000),
            prop::collection::vec(extreme, 1..400),
        ]
    }
}
