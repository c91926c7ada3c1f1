//! Sobol indices: which choice the spread of a score comes from.
//!
//! ```text
//! first order   S_i = mean( f(B) (f(AB_i) - f(A)) ) / V            Saltelli et al. (2010), table 2 (b)
//! total         T_i = mean( (f(A) - f(AB_i))^2 ) / (2 V)           Jansen (1999); ibid., table 2 (f)
//! ```
//!
//! A and B are two independent samples, `AB_i` is A with everything that belongs to choice i taken from B, and V is
//! the variance of f over both samples. Scores are centred before they are multiplied, which changes no
//! expectation and much of the scatter. All weights of a level are one choice, as all of them vary together.
//!
//! Saltelli, Annoni, Azzini, Campolongo, Ratto, Tarantola: Variance based sensitivity analysis of model output,
//! Computer Physics Communications 181 (2010) 259-270.

/// Indices of one choice.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Indices {
    pub(crate) first: f64,
    pub(crate) total: f64,
}

/// Mean and variance over both samples; nothing if the score does not vary, or does not exist everywhere.
pub(crate) fn moments(of_a: &[f64], of_b: &[f64]) -> Option<(f64, f64)> {
    let count = f64::from(u32::try_from(of_a.len() + of_b.len()).ok()?);
    let all = || of_a.iter().chain(of_b);
    let mean = all().sum::<f64>() / count;
    let variance = all().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    // A spread that is nothing but rounding has no cause worth naming.
    let rounding = 1e-24 * (1.0 + mean * mean);
    (variance.is_finite() && variance > rounding).then_some((mean, variance))
}

/// The indices of the choice whose draws were exchanged in `mixed`.
pub(crate) fn indices(of_a: &[f64], of_b: &[f64], mixed: &[f64], (mean, variance): (f64, f64)) -> Indices {
    let (mut first, mut total) = (0.0, 0.0);
    for ((a, b), ab) in of_a.iter().zip(of_b).zip(mixed) {
        first += (b - mean) * (ab - a);
        total += (a - ab) * (a - ab);
    }
    let count = f64::from(u32::try_from(of_a.len()).unwrap_or(u32::MAX));
    Indices { first: first / count / variance, total: total / count / 2.0 / variance }
}

#[cfg(test)]
mod tests {
    use super::super::draws::{Sample, Stream};
    use super::*;

    /// f = 4 x + 2 y + z (1 + x) over independent x, y, z in -1/2..1/2. Var(u) = 1/12, Var(uv) = 1/144:
    /// V = 16/12 + 4/12 + 1/12 + 1/144; x: 16/12 alone, with z 1/144; y: 4/12; z: 1/12 alone.
    #[test]
    fn indices_of_a_known_function() {
        const COUNT: usize = 100_000;
        let draw = |sample, id: &str| Stream::of(11, sample, "test", id).between(-0.5, 0.5, COUNT);
        let [a, b] = [Sample::A, Sample::B].map(|sample| ["x", "y", "z"].map(|id| draw(sample, id)));
        let f = |x: &[f64], y: &[f64], z: &[f64]| -> Vec<f64> {
            x.iter().zip(y).zip(z).map(|((x, y), z)| 4.0 * x + 2.0 * y + z * (1.0 + x)).collect()
        };
        let (of_a, of_b) = (f(&a[0], &a[1], &a[2]), f(&b[0], &b[1], &b[2]));
        let moments = moments(&of_a, &of_b).unwrap();
        let variance = 21.0 / 12.0 + 1.0 / 144.0;
        assert!((moments.1 - variance).abs() < 0.01);
        let cases = [
            (f(&b[0], &a[1], &a[2]), 16.0 / 12.0, 16.0 / 12.0 + 1.0 / 144.0),
            (f(&a[0], &b[1], &a[2]), 4.0 / 12.0, 4.0 / 12.0),
            (f(&a[0], &a[1], &b[2]), 1.0 / 12.0, 1.0 / 12.0 + 1.0 / 144.0),
        ];
        for (mixed, first, total) in cases {
            let found = indices(&of_a, &of_b, &mixed, moments);
            assert!((found.first - first / variance).abs() < 0.01, "{found:?}");
            assert!((found.total - total / variance).abs() < 0.01, "{found:?}");
        }
    }

    #[test]
    fn what_does_not_vary_has_no_indices() {
        assert_eq!(moments(&[0.3; 5], &[0.3; 5]), None);
        assert_eq!(moments(&[0.3, f64::NAN], &[0.3, 0.2]), None);
    }
}
