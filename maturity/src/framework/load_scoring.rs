//! The parts of framework.toml that say how scores are computed: normalisations and uncertainty.

use serde::Deserialize;

use crate::spelling::did_you_mean;

use super::index::CompositeMethod;
use super::load::{TOML, line_at};
use super::normalization::Normalization;
use super::problem::FrameworkProblem;
use super::uncertainty::Uncertainty;

/// A table `[[normalization]]`. The first one is used where an indicator names none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NormalizationTable {
    pub(super) id: String,
    method: MethodName,
    to: Option<[f64; 2]>,
    from: Option<[f64; 2]>,
    mean: Option<f64>,
    sd: Option<f64>,
}

#[derive(Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum MethodName {
    None,
    MinMax,
    ZScore,
    Rank,
    PercentRank,
    Borda,
    DistanceToMaximum,
    ShareOfMaximum,
}

/// The table `[uncertainty]`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UncertaintyTable {
    seed: u64,
    replications: Option<u32>,
    sensitivity: Option<u32>,
    subindex_weights: Option<f64>,
    indicator_weights: Option<f64>,
    unanswered: Option<[f64; 2]>,
    unbacked: Option<[f64; 2]>,
    #[serde(default)]
    normalizations: Vec<String>,
    #[serde(default)]
    aggregations: Vec<CompositeMethod>,
}

/// The normalisations of a framework by id, in the order of the file.
pub(super) type Normalizations = Vec<(String, Normalization)>;

/// Where problems in framework.toml are reported.
pub(super) struct Toml<'a> {
    pub(super) content: &'a str,
    pub(super) problems: &'a mut Vec<FrameworkProblem>,
}

impl Toml<'_> {
    /// A problem on the line where `near` stands first.
    fn problem(&mut self, near: &str, what: String, advice: &str) {
        let line = self.content.find(near).map(|at| line_at(self.content, at));
        self.problems.push(FrameworkProblem { file: TOML, line, what, advice: advice.to_owned() });
    }
}

fn rising([low, high]: [f64; 2]) -> bool {
    low.is_finite() && high.is_finite() && low < high
}

/// Reads the normalisations.
pub(super) fn normalizations(tables: &[NormalizationTable], toml: &mut Toml) -> Normalizations {
    let mut all = Normalizations::new();
    for table in tables {
        let near = format!("id = \"{}\"", table.id);
        if all.iter().any(|(id, _)| *id == table.id) {
            let what = format!("the normalization \"{}\" stands there twice", table.id);
            toml.problem(&near, what, "give one of them another id");
        }
        for (key, range) in [("to", table.to), ("from", table.from)] {
            if let Some([low, high]) = range.filter(|range| !rising(*range)) {
                let what = format!("{key} of the normalization \"{}\" is {low} to {high}", table.id);
                toml.problem(&near, what, "give the lower and the upper end, e.g. [0.0, 100.0]");
            }
        }
        if let Some(sd) = table.sd.filter(|sd| !(sd.is_finite() && *sd > 0.0)) {
            let what = format!("sd of the normalization \"{}\" is {sd}", table.id);
            toml.problem(&near, what, "give a number above 0");
        }
        if let Some(mean) = table.mean.filter(|mean| !mean.is_finite()) {
            let what = format!("mean of the normalization \"{}\" is {mean}", table.id);
            toml.problem(&near, what, "give a number");
        }
        let is = |method| table.method == method;
        let misplaced = [
            ("to", table.to.is_some() && !is(MethodName::MinMax), "min-max"),
            ("from", table.from.is_some() && !is(MethodName::MinMax), "min-max"),
            ("mean", table.mean.is_some() && !is(MethodName::ZScore), "z-score"),
            ("sd", table.sd.is_some() && !is(MethodName::ZScore), "z-score"),
        ];
        for (key, _, method) in misplaced.into_iter().filter(|(_, wrong, _)| *wrong) {
            let what = format!("the normalization \"{}\" has {key}, which only {method} has", table.id);
            toml.problem(&near, what, "remove it, or correct the method");
        }
        all.push((table.id.clone(), table.normalization()));
    }
    all
}

impl NormalizationTable {
    fn normalization(&self) -> Normalization {
        let pair = |[low, high]: [f64; 2]| (low, high);
        match self.method {
            MethodName::None => Normalization::None,
            MethodName::MinMax => {
                Normalization::MinMax { to: self.to.map_or((0.0, 1.0), pair), from: self.from.map(pair) }
            }
            MethodName::ZScore => {
                Normalization::ZScore { mean: self.mean.unwrap_or(0.0), sd: self.sd.unwrap_or(1.0) }
            }
            MethodName::Rank => Normalization::Rank,
            MethodName::PercentRank => Normalization::PercentRank,
            MethodName::Borda => Normalization::Borda,
            MethodName::DistanceToMaximum => Normalization::DistanceToMaximum,
            MethodName::ShareOfMaximum => Normalization::ShareOfMaximum,
        }
    }
}

/// Reads what varies.
pub(super) fn uncertainty(
    table: &UncertaintyTable,
    normalizations: &Normalizations,
    toml: &mut Toml,
) -> Uncertainty {
    let replications = table.replications.unwrap_or(Uncertainty::REPLICATIONS);
    if !(100..=1_000_000).contains(&replications) {
        let what = format!("replications is {replications}");
        toml.problem("replications", what, "give a number from 100 to 1000000");
    }
    let sensitivity = table.sensitivity.unwrap_or(Uncertainty::SENSITIVITY);
    if sensitivity != 0 && !(100..=100_000).contains(&sensitivity) {
        let what = format!("sensitivity is {sensitivity}");
        toml.problem("sensitivity", what, "give a sample size from 100 to 100000, or 0 for none");
    }
    for (key, share) in
        [("subindex_weights", table.subindex_weights), ("indicator_weights", table.indicator_weights)]
    {
        if let Some(share) = share.filter(|share| !(*share > 0.0 && *share < 1.0)) {
            let what = format!("{key} is {share}");
            toml.problem(key, what, "give the share by which a weight may be higher or lower, e.g. 0.25");
        }
    }
    for (key, shares) in [("unanswered", table.unanswered), ("unbacked", table.unbacked)] {
        let inside = |[low, high]: [f64; 2]| 0.0 <= low && low < high && high <= 1.0;
        if let Some([low, high]) = shares.filter(|shares| !inside(*shares)) {
            let what = format!("{key} is {low} to {high}");
            toml.problem(key, what, "give the lowest and the highest share of the points, e.g. [0.0, 1.0]");
        }
    }
    let mut alternatives = Vec::new();
    for id in &table.normalizations {
        if let Some((_, normalization)) = normalizations.iter().find(|(known, _)| known == id) {
            alternatives.push(*normalization);
        } else {
            let guess = did_you_mean(id, normalizations.iter().map(|(id, _)| id.as_str()));
            let what = format!("the normalization \"{id}\" under [uncertainty] is unknown{guess}");
            toml.problem(&format!("\"{id}\""), what, "add it as [[normalization]], or correct the id");
        }
    }
    for (key, count) in
        [("normalizations", table.normalizations.len()), ("aggregations", table.aggregations.len())]
    {
        if count == 1 {
            let what = format!("{key} has one choice, so nothing varies");
            toml.problem(key, what, "name at least two, or remove the key");
        }
    }
    Uncertainty {
        seed: table.seed,
        replications,
        sensitivity,
        subindex_weights: table.subindex_weights,
        indicator_weights: table.indicator_weights,
        unanswered: table.unanswered.map(|[low, high]| (low, high)),
        unbacked: table.unbacked.map(|[low, high]| (low, high)),
        normalizations: alternatives,
        aggregations: table.aggregations.clone(),
    }
}
