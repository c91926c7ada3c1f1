//! The ends of the scales on which scores lie: what charts, bars and colours run between.

use maturity::framework::{Framework, Indicator, Range};

/// The lowest and the highest possible score, as far as the framework sets bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    /// From 0 to 1: shares, which may also be written as percent.
    Unit,
    /// Other ends, both finite.
    Between(f64, f64),
    /// No ends: what is shown ends where the values end.
    Open,
}

impl Scale {
    /// The scale of the index and its subindexes.
    pub(crate) fn of_index(framework: &Framework) -> Self {
        let subindexes = framework.subindexes.iter().map(|subindex| framework.subindex_range(subindex));
        Self::from(subindexes.fold(framework.composite_range(), Range::or))
    }

    /// The scale that all scored indicators share.
    pub(crate) fn of_indicators(framework: &Framework) -> Self {
        Self::of(framework, framework.indicators.iter().filter(|known| framework.is_scored(&known.id)))
    }

    /// The scale that some indicators share.
    pub(crate) fn of<'a>(framework: &Framework, indicators: impl IntoIterator<Item = &'a Indicator>) -> Self {
        let ranges = indicators.into_iter().map(|indicator| framework.indicator_range(indicator));
        ranges.reduce(Range::or).map_or(Self::Unit, Self::from)
    }

    /// The ends, if there are any.
    pub(crate) fn ends(self) -> Option<(f64, f64)> {
        match self {
            Self::Unit => Some((0.0, 1.0)),
            Self::Between(low, high) => Some((low, high)),
            Self::Open => None,
        }
    }

    /// What an axis of bars runs between, as far as it is set. The program that draws finds the ends of an open scale, but
    /// bars stand on 0: their lengths would say something else than their numbers.
    pub(crate) fn ends_of_bars(
        self,
        values: impl IntoIterator<Item = f64> + Clone,
    ) -> (Option<f64>, Option<f64>) {
        if let Some((low, high)) = self.ends() {
            return (Some(low), Some(high));
        }
        let zero = |is_end: bool| is_end.then_some(0.0);
        (
            zero(values.clone().into_iter().all(|value| value >= 0.0)),
            zero(values.into_iter().all(|value| value < 0.0)),
        )
    }

    /// The format of numbers beside bars: as many decimals as leave about three digits of the largest.
    pub(crate) fn format(self, values: impl IntoIterator<Item = f64>) -> &'static str {
        let largest = match self {
            Self::Unit => return "0.00",
            Self::Between(low, high) => low.abs().max(high.abs()),
            Self::Open => values.into_iter().fold(0.0, |largest: f64, value| largest.max(value.abs())),
        };
        match largest {
            _ if largest >= 1000.0 => "0",
            _ if largest >= 10.0 => "0.0",
            _ if largest >= 1.0 => "0.00",
            _ => "0.000",
        }
    }

    /// The edges of `steps` steps of equal width from end to end; of an open scale, from the lowest of the values to
    /// the highest. Empty where there is no width to share.
    pub(crate) fn edges(self, steps: u16, values: impl IntoIterator<Item = f64>) -> Vec<f64> {
        let (low, high) = self.ends().unwrap_or_else(|| {
            let hull = |(low, high): (f64, f64), value: f64| (low.min(value), high.max(value));
            values.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), hull)
        });
        let width = high - low;
        if !width.is_finite() || width <= 0.0 {
            return Vec::new();
        }
        // The last edge is the end itself and not the sum of rounded steps.
        let edge =
            |step: u16| if step == steps { high } else { low + width * f64::from(step) / f64::from(steps) };
        (0..=steps).map(edge).collect()
    }
}

impl From<Range> for Scale {
    fn from(range: Range) -> Self {
        if range == Range::SHARE {
            Self::Unit
        } else if range.low.is_finite() && range.high.is_finite() && range.low < range.high {
            Self::Between(range.low, range.high)
        } else {
            Self::Open
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_come_from_the_range() {
        assert_eq!(Scale::from(Range::SHARE), Scale::Unit);
        assert_eq!(Scale::from(Range { low: 0.0, high: 100.0 }), Scale::Between(0.0, 100.0));
        assert_eq!(Scale::from(Range::ANY), Scale::Open);
        assert_eq!(Scale::from(Range { low: 0.0, high: f64::INFINITY }), Scale::Open);
    }

    #[test]
    fn bars_stand_on_zero_where_the_scale_has_no_ends() {
        assert_eq!(Scale::Open.ends_of_bars([3.0, 4.5]), (Some(0.0), None));
        assert_eq!(Scale::Open.ends_of_bars([-3.0, -4.5]), (None, Some(0.0)));
        assert_eq!(Scale::Open.ends_of_bars([-3.0, 4.5]), (None, None));
        assert_eq!(Scale::Between(1.0, 5.0).ends_of_bars([3.0]), (Some(1.0), Some(5.0)));
    }

    #[test]
    fn numbers_beside_bars_have_decimals_by_their_size() {
        assert_eq!(Scale::Unit.format([0.5]), "0.00");
        assert_eq!(Scale::Between(0.0, 100.0).format([0.5]), "0.0");
        let open = [0.02, 1.5, -12.0, 1500.0].map(|value| Scale::Open.format([value, 0.01]));
        assert_eq!(open, ["0.000", "0.00", "0.0", "0"]);
    }

    #[test]
    fn edges_run_from_end_to_end() {
        assert_eq!(Scale::Between(0.0, 100.0).edges(4, []), [0.0, 25.0, 50.0, 75.0, 100.0]);
        assert_eq!(Scale::Open.edges(2, [3.0, -1.0, 2.0]), [-1.0, 1.0, 3.0]);
        assert!(Scale::Open.edges(2, [3.0, 3.0]).is_empty());
        assert!(Scale::Open.edges(2, []).is_empty());
        let tenths = Scale::Unit.edges(10, []);
        assert_eq!((tenths[3], tenths[10]), (3.0 / 10.0, 1.0));
    }
}
