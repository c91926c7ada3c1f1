//! How the values of an indicator are brought onto a scale on which they can be averaged.
//!
//! The names and formulas are those of the handbook on constructing composite indicators (OECD and JRC, 2008,
//! step 5) and of the software COINr (`vignette("normalise")`), so that results can be compared with either.

/// Which way an indicator points. Values of a lower-is-better indicator are multiplied by -1 before anything
/// else, as COINr does, so that more is always better afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Direction {
    /// More is better: factor 1.
    #[default]
    Higher,
    /// Less is better: factor -1.
    Lower,
}

impl Direction {
    /// 1 or -1.
    pub fn factor(self) -> f64 {
        match self {
            Self::Higher => 1.0,
            Self::Lower => -1.0,
        }
    }
}

/// How values of an indicator are made comparable with those of others. `x` is the value of an economy times
/// the direction; `min`, `max`, `mean`, `sd` and ranks are over the economies of the wave that have a value.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Normalization {
    /// `x` as it is; for an indicator made of points, their share of the maximum.
    #[default]
    None,
    /// `(x - min) / (max - min) * (upper - lower) + lower`, with `to` = (lower, upper).
    ///
    /// With `from` = (lowest, highest), these fixed goalposts stand in for min and max, and what lies outside
    /// counts as the nearer one. They are given as the values are, before the direction is applied.
    MinMax {
        /// The scale that results.
        to: (f64, f64),
        /// Fixed goalposts; the lowest and highest value of the wave, if absent.
        from: Option<(f64, f64)>,
    },
    /// `(x - mean) / sd * new sd + new mean`; sd with n - 1.
    ZScore {
        /// The mean that results.
        mean: f64,
        /// The standard deviation that results; positive.
        sd: f64,
    },
    /// 1 + number of economies with a lower value; equal values share the lowest rank ("min").
    Rank,
    /// `(rank - 1) / (n - 1)`, from 0 to 1.
    PercentRank,
    /// `rank - 1`: the number of economies with a lower value.
    Borda,
    /// `1 - (max - x) / (max - min)`, from 0 to 1.
    DistanceToMaximum,
    /// `x / max`; needs a positive maximum.
    ShareOfMaximum,
}

/// The lowest and the highest value that a score can have; infinite where there is no bound.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Range {
    /// The lowest value.
    pub low: f64,
    /// The highest value.
    pub high: f64,
}

impl Range {
    /// From 0 to 1.
    pub const SHARE: Self = Self { low: 0.0, high: 1.0 };
    /// Any number.
    pub const ANY: Self = Self { low: f64::NEG_INFINITY, high: f64::INFINITY };

    /// The range of the values times 1 or -1.
    #[must_use]
    pub fn directed(self, direction: Direction) -> Self {
        match direction {
            Direction::Higher => self,
            Direction::Lower => Self { low: -self.high, high: -self.low },
        }
    }

    /// The smallest range that holds both; a mean of values in both lies in it.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}

impl Normalization {
    /// The names, as framework.toml has them.
    pub const NAMES: [&'static str; 8] = [
        "none",
        "min-max",
        "z-score",
        "rank",
        "percent-rank",
        "borda",
        "distance-to-maximum",
        "share-of-maximum",
    ];

    /// The name, as framework.toml has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::MinMax { .. } => "min-max",
            Self::ZScore { .. } => "z-score",
            Self::Rank => "rank",
            Self::PercentRank => "percent-rank",
            Self::Borda => "borda",
            Self::DistanceToMaximum => "distance-to-maximum",
            Self::ShareOfMaximum => "share-of-maximum",
        }
    }

    /// Whether the result depends on the values of other economies.
    pub fn needs_population(self) -> bool {
        !matches!(self, Self::None | Self::MinMax { from: Some(_), .. })
    }

    /// The range of the result for directed values in `values`.
    pub fn range(self, values: Range) -> Range {
        match self {
            Self::None => values,
            Self::MinMax { to: (low, high), .. } => Range { low, high },
            Self::ZScore { .. } => Range::ANY,
            Self::Rank => Range { low: 1.0, high: f64::INFINITY },
            Self::PercentRank | Self::DistanceToMaximum => Range::SHARE,
            Self::Borda => Range { low: 0.0, high: f64::INFINITY },
            Self::ShareOfMaximum => {
                Range { low: if values.low >= 0.0 { 0.0 } else { f64::NEG_INFINITY }, high: 1.0 }
            }
        }
    }

    /// Whether some economy of every wave gets 0 or less, so that a geometric or harmonic mean cannot be had:
    /// the last one, by construction. Where it depends on the values, the answer is no.
    pub fn always_reaches_zero(self) -> bool {
        match self {
            Self::MinMax { to: (lower, _), from: None } => lower <= 0.0,
            Self::ZScore { mean, .. } => mean <= 0.0,
            Self::PercentRank | Self::Borda | Self::DistanceToMaximum => true,
            Self::None | Self::MinMax { from: Some(_), .. } | Self::Rank | Self::ShareOfMaximum => false,
        }
    }
}
