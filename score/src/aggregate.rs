//! Weighted means of the parts of a subindex or composite.
//!
//! Formulas after the handbook on constructing composite indicators (OECD and JRC, 2008, step 7) and COINr's
//! `a_amean`, `a_gmean`, `a_hmean`: a part without a score leaves the sums, so that the weights of the others
//! are scaled up, unless the framework withholds the mean then.

use maturity::framework::{CompositeMethod, PartPolicy};
use maturity::id::Id;
use maturity::withheld::Withheld;

/// One part of a mean.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part<'a> {
    pub(crate) id: &'a Id,
    pub(crate) weight: f64,
    pub(crate) score: Option<f64>,
}

/// How a mean is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rule {
    pub(crate) method: CompositeMethod,
    pub(crate) missing_part: PartPolicy,
    pub(crate) min_coverage: f64,
}

/// The mean of `parts`, summed in their order.
pub(crate) fn mean(parts: &[Part], rule: Rule) -> Result<f64, Withheld> {
    let present = parts.iter().filter(|part| part.score.is_some()).count();
    enough(present, parts.len(), rule.min_coverage)?;
    let lacking = parts.iter().find(|part| part.score.is_none());
    if let (Some(part), PartPolicy::Withhold) = (lacking, rule.missing_part) {
        return Err(Withheld::Part { part: part.id.clone() });
    }
    if present == 0 {
        return Err(Withheld::NoValue);
    }
    let mut sum = 0.0;
    let mut weights = 0.0;
    for part in parts {
        let Some(score) = part.score else { continue };
        if rule.method.needs_positive() && score <= 0.0 {
            return Err(Withheld::not_positive(part.id, score, rule.method));
        }
        sum += part.weight * forward(rule.method, score);
        weights += part.weight;
    }
    Ok(back(rule.method, sum / weights))
}

/// Whether a large enough share of `all` is `present`.
pub(crate) fn enough(present: usize, all: usize, least: f64) -> Result<(), Withheld> {
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (present, all) = (count(present), count(all));
    // A quotient of two counts is the number that is nearest to it, as the share in the file is; a product is not always,
    // and 14 of 25 would be too few for a share of 0.56.
    if least > 0.0 && f64::from(present) / f64::from(all) < least {
        return Err(Withheld::Coverage { present, all, least });
    }
    Ok(())
}

/// All three means are arithmetic ones of transformed scores. Logarithms are those of `libm`, which gives the
/// same bits on every machine; the operating system's need not.
#[inline]
pub(crate) fn forward(method: CompositeMethod, score: f64) -> f64 {
    match method {
        CompositeMethod::ArithmeticMean => score,
        CompositeMethod::GeometricMean => libm::log(score),
        CompositeMethod::HarmonicMean => 1.0 / score,
    }
}

/// From the mean of transformed scores to the mean of scores.
#[inline]
pub(crate) fn back(method: CompositeMethod, mean: f64) -> f64 {
    match method {
        CompositeMethod::ArithmeticMean => mean,
        CompositeMethod::GeometricMean => libm::exp(mean),
        CompositeMethod::HarmonicMean => 1.0 / mean,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(values: &[(f64, Option<f64>)], rule: Rule) -> Result<f64, Withheld> {
        let ids: Vec<Id> = (0..values.len()).map(|at| Id::from(format!("P-{at}"))).collect();
        let parts: Vec<Part> = ids
            .iter()
            .zip(values)
            .map(|(id, (weight, score))| Part { id, weight: *weight, score: *score })
            .collect();
        mean(&parts, rule)
    }

    fn rule(method: CompositeMethod, missing_part: PartPolicy, min_coverage: f64) -> Rule {
        Rule { method, missing_part, min_coverage }
    }

    const THREE: [(f64, Option<f64>); 3] = [(1.0, Some(4.0)), (2.0, Some(1.0)), (1.0, Some(16.0))];

    #[test]
    fn the_means_by_hand() {
        let of = |method| taken(&THREE, rule(method, PartPolicy::Withhold, 1.0)).unwrap();
        // (4 + 2 x 1 + 16) / 4; (4 x 1 x 1 x 16)^(1/4) = 64^(1/4); 4 / (1/4 + 2 + 1/16) = 64/37
        assert!((of(CompositeMethod::ArithmeticMean) - 5.5).abs() < 1e-15);
        assert!((of(CompositeMethod::GeometricMean) - 8.0_f64.sqrt()).abs() < 1e-14);
        assert!((of(CompositeMethod::HarmonicMean) - 64.0 / 37.0).abs() < 1e-15);
    }

    #[test]
    fn a_missing_part_withholds_or_leaves() {
        let parts = [(1.0, Some(4.0)), (2.0, None), (3.0, Some(8.0))];
        let strict = rule(CompositeMethod::ArithmeticMean, PartPolicy::Withhold, 0.0);
        assert_eq!(taken(&parts, strict), Err(Withheld::Part { part: Id::from("P-1") }));
        let scaled = rule(CompositeMethod::ArithmeticMean, PartPolicy::Rescale, 0.0);
        assert_eq!(taken(&parts, scaled), Ok(7.0));
        assert_eq!(taken(&[(1.0, None)], scaled), Err(Withheld::NoValue));
    }

    #[test]
    fn too_few_parts_withhold_and_just_enough_do_not() {
        let parts = [(1.0, Some(4.0)), (1.0, None), (1.0, Some(8.0))];
        let of = |least| taken(&parts, rule(CompositeMethod::ArithmeticMean, PartPolicy::Rescale, least));
        assert_eq!(of(0.67), Err(Withheld::Coverage { present: 2, all: 3, least: 0.67 }));
        assert_eq!(of(0.66), Ok(6.0));
    }

    #[test]
    fn exactly_the_least_share_is_enough() {
        for all in 1..=300_u32 {
            for hundredths in 1..=100_u32 {
                let present = all * hundredths / 100;
                let is_exact = present * 100 == all * hundredths;
                let least: f64 = format!("{hundredths}e-2").parse().unwrap();
                let found = enough(usize::try_from(present).unwrap(), usize::try_from(all).unwrap(), least);
                assert_eq!(found.is_ok(), is_exact, "{present} of {all} for {least}");
            }
        }
        assert_eq!(enough(0, 0, 0.5), Ok(()), "nothing is asked");
    }

    #[test]
    fn a_mean_that_cannot_be_had_says_which_part_and_value() {
        for method in [CompositeMethod::GeometricMean, CompositeMethod::HarmonicMean] {
            for value in [0.0, -1.5] {
                let found =
                    taken(&[(1.0, Some(2.0)), (1.0, Some(value))], rule(method, PartPolicy::Rescale, 0.0));
                assert_eq!(found, Err(Withheld::not_positive(&Id::from("P-1"), value, method)));
            }
        }
    }
}
