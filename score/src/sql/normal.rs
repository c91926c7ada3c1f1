//! Normalisations of indicators as expressions of SQL. The formulas stand with [`Normalization`].

use maturity::framework::Normalization;
use maturity::withheld::Withheld;

use super::dialect::{Dialect, number};
use super::values::Unit;

/// One way to normalise, and the units that it is for.
pub(super) struct Branch<'a> {
    pub(super) units: Vec<&'a Unit>,
    /// The score of the directed value `x`, which is not missing here; `v` holds the statistics of the unit.
    pub(super) score: String,
    /// Why there may be no score although there is a value.
    pub(super) withheld: Option<Withheld>,
}

/// What of the other economies the branches need.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Needed {
    pub(super) statistics: bool,
    pub(super) rank: bool,
}

/// The ways in which `units` are normalised, each once, in the order of the framework.
pub(super) fn branches<'a>(units: &'a [Unit], dialect: Dialect) -> Vec<Branch<'a>> {
    let mut branches: Vec<Branch<'a>> = Vec::new();
    for unit in units {
        let (score, withheld) = expression(unit, dialect);
        match branches.iter_mut().find(|branch| branch.score == score) {
            Some(branch) => branch.units.push(unit),
            None => branches.push(Branch { units: vec![unit], score, withheld }),
        }
    }
    branches
}

/// What of the other economies is needed to normalise `units`.
pub(super) fn needed(units: &[Unit]) -> Needed {
    let any = |wanted: fn(Normalization) -> bool| units.iter().any(|unit| wanted(unit.normalization));
    Needed {
        statistics: any(Normalization::needs_population),
        rank: any(|normalization| {
            matches!(normalization, Normalization::Rank | Normalization::PercentRank | Normalization::Borda)
        }),
    }
}

fn expression(unit: &Unit, dialect: Dialect) -> (String, Option<Withheld>) {
    let lower = format!("(CAST(v.ranked AS {}) - 1e0)", dialect.double());
    match unit.normalization {
        Normalization::None => ("v.x".to_owned(), None),
        Normalization::MinMax { to: (low, high), from: Some((lowest, highest)) } => {
            let ends = (unit.factor * lowest, unit.factor * highest);
            let (min, max) = (ends.0.min(ends.1), ends.0.max(ends.1));
            let share = format!("(v.x - ({})) / {}", number(min), number(max - min));
            (scaled(&format!("LEAST(GREATEST({share}, 0e0), 1e0)"), low, high), None)
        }
        Normalization::MinMax { to: (low, high), from: None } => {
            let share = scaled("(v.x - v.lowest) / (v.highest - v.lowest)", low, high);
            (format!("CASE WHEN v.highest > v.lowest THEN {share} END"), Some(Withheld::NoSpread))
        }
        Normalization::ZScore { mean, sd } => {
            let score = format!("(v.x - v.mean) / v.sd * {} + ({})", number(sd), number(mean));
            (format!("CASE WHEN v.sd > 0e0 THEN {score} END"), Some(Withheld::NoSpread))
        }
        Normalization::Rank => (format!("{lower} + 1e0"), None),
        Normalization::Borda => (lower, None),
        Normalization::PercentRank => {
            (format!("CASE WHEN v.known > 1 THEN {lower} / (v.known - 1) END"), Some(Withheld::NoSpread))
        }
        Normalization::DistanceToMaximum => {
            let score = "1e0 - (v.highest - v.x) / (v.highest - v.lowest)";
            (format!("CASE WHEN v.highest > v.lowest THEN {score} END"), Some(Withheld::NoSpread))
        }
        Normalization::ShareOfMaximum => (
            "CASE WHEN v.highest > 0e0 THEN v.x / v.highest END".to_owned(),
            Some(Withheld::NoPositiveMaximum),
        ),
    }
}

fn scaled(share: &str, low: f64, high: f64) -> String {
    format!("{share} * ({}) + ({})", number(high - low), number(low))
}
