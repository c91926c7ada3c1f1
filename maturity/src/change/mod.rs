//! Change of scores between two points: waves, or runs of one wave.
//!
//! A change is stated with how far the two values compare, and split by cause. Parts add up to the change, or
//! are not known at all; a part that is not known is absent and never 0.

mod shapley;
mod transitions;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::economy::EconomyCode;
use crate::framework::Comparability;
use crate::id::Id;
use crate::language::Language;
use crate::submission::{Collected, Wave};
use crate::wording::Wording;

pub use shapley::{Parts, shares};
pub use transitions::Transitions;

/// The built-in wording about changes.
static WORDING: LazyLock<Wording> = LazyLock::new(|| {
    // The table is compiled in and parsed by the tests; an empty table would show keys only.
    Wording::parse(include_str!("../../wording/changes.csv")).unwrap_or_default()
});

/// Why a score changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// The economy answers otherwise than in the wave before.
    Answers,
    /// Questions, choices, points, weights or policies changed, or a construct was replaced.
    Instrument,
    /// Within one wave, an answer was sent again or overridden.
    Correction,
    /// The value of an external index changed: a new edition, or a corrected one.
    ExternalIndex,
    /// The answers were collected by others: a survey of officials on one side, public sources on the other.
    /// A changed answer cannot be told from a changed source then, so all of it counts here.
    Source,
}

impl Cause {
    /// All causes, in the order of tables.
    pub const ALL: [Self; 5] =
        [Self::Answers, Self::Instrument, Self::Correction, Self::ExternalIndex, Self::Source];

    /// The name used in tables, e.g. `external-index`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Instrument => "instrument",
            Self::Correction => "correction",
            Self::ExternalIndex => "external-index",
            Self::Source => "source",
        }
    }

    /// The name to print.
    pub fn title(self, language: &Language) -> &'static str {
        WORDING.get(self.as_str(), language)
    }
}

/// That the framework does not say how far two waves compare.
pub(crate) fn not_stated(language: &Language) -> &'static str {
    WORDING.get("not-stated", language)
}

/// Why a change is not split by cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unknown {
    /// The two values do not compare, or the framework does not say that they do; no difference is taken.
    NotComparable,
    /// There is no score on one side.
    NoScore,
    /// For one side only scores are known, not answers.
    ScoresOnly,
    /// The framework withholds a score between the two.
    Withheld,
    /// Scores are made by comparison with the other economies of the wave.
    Population,
    /// The computation does not reproduce one of the two scores.
    NotReproduced,
}

impl Unknown {
    /// The name used in documents, e.g. `scores-only`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotComparable => "not-comparable",
            Self::NoScore => "no-score",
            Self::ScoresOnly => "scores-only",
            Self::Withheld => "withheld",
            Self::Population => "population",
            Self::NotReproduced => "not-reproduced",
        }
    }

    /// The reason as a sentence.
    pub fn sentence(self, language: &Language) -> &'static str {
        WORDING.get(self.as_str(), language)
    }
}

/// Where scores come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// Computed here from answers.
    Computed,
    /// Published elsewhere and taken over.
    Imported,
}

impl Origin {
    /// Every origin.
    pub const ALL: [Self; 2] = [Self::Computed, Self::Imported];

    /// The name used in tables.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Imported => "imported",
        }
    }
}

/// The level of a score that changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// The composite.
    Index,
    /// A subindex.
    Subindex,
    /// An indicator.
    Indicator,
}

/// The change of one score of one economy.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The composite, subindex or indicator.
    pub id: Id,
    /// Its level.
    pub level: Level,
    /// The earlier score, 0 to 1; absent where there is none.
    pub from: Option<f64>,
    /// The later score, 0 to 1; absent where there is none.
    pub to: Option<f64>,
    /// How far the two compare.
    pub comparability: Comparability,
    /// The parts of the change by cause; they add up to it.
    pub parts: Result<Parts, Unknown>,
}

impl Change {
    /// Later minus earlier score; absent where a score is missing or the two do not compare.
    pub fn difference(&self) -> Option<f64> {
        let compares = self.comparability.verdict != crate::framework::Verdict::No;
        self.to.zip(self.from).filter(|_| compares).map(|(to, from)| to - from)
    }
}

/// A question whose answer, value or points changed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuestionChange {
    /// The question.
    pub question: Id,
    /// The cause that its answer belongs to.
    pub cause: Cause,
    /// The earlier answer; absent where the question did not count.
    pub from: Option<Answer>,
    /// The later answer; absent where the question does not count.
    pub to: Option<Answer>,
    /// Points earned earlier, of how many.
    pub from_points: Option<(f64, f64)>,
    /// Points earned later, of how many.
    pub to_points: Option<(f64, f64)>,
}

/// One side of a comparison, in short.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Side {
    /// The wave.
    pub wave: Wave,
    /// Where its scores come from.
    pub origin: Origin,
    /// The maturity group of the composite.
    pub group: Option<String>,
    /// Who collected the answers, where it is known.
    pub collected: Option<Collected>,
}

/// Everything that changed for one economy.
#[derive(Debug, Clone, PartialEq)]
pub struct EconomyChange {
    /// The economy.
    pub economy: EconomyCode,
    /// The earlier side.
    pub from: Side,
    /// The later side.
    pub to: Side,
    /// The composite, the subindexes and, where both sides have them, the indicators.
    pub changes: Vec<Change>,
    /// The questions that changed, in the order of the later instrument.
    pub questions: Vec<QuestionChange>,
    /// Whether questions, points or weights differ between the two sides; absent where it is not known.
    pub instrument_differs: Option<bool>,
}

impl EconomyChange {
    /// The change of that id.
    pub fn of(&self, id: &Id) -> Option<&Change> {
        self.changes.iter().find(|change| change.id == *id)
    }

    /// Whether the answers were collected by others on the two sides; absent where it is not known.
    pub fn source_changed(&self) -> Option<bool> {
        self.from.collected.zip(self.to.collected).map(|(from, to)| from != to)
    }

    /// Everything that a reader of a change must know beside the number, as sentences: why the two values do
    /// not compare or only partly, whether the source changed, why the change is not split.
    pub fn reasons(&self, change: &Change, language: &Language) -> Vec<String> {
        let mut sentences: Vec<String> =
            change.comparability.reasons.iter().map(|reason| reason.sentence(language)).collect();
        if self.instrument_differs == Some(true) && change.comparability.reasons.is_empty() {
            sentences.push(WORDING.get("instrument-changed", language).to_owned());
        }
        if let Some((from, to)) = self.from.collected.zip(self.to.collected).filter(|(from, to)| from != to) {
            let words = |collected: Collected| WORDING.get(collected.as_str(), language);
            let (from_wave, to_wave) = (self.from.wave.to_string(), self.to.wave.to_string());
            let values =
                [("from", words(from)), ("to", words(to)), ("from_wave", &from_wave), ("to_wave", &to_wave)];
            sentences.push(WORDING.fill("source-changed", language, &values));
        }
        if let Err(unknown) = change.parts {
            sentences.push(unknown.sentence(language).to_owned());
        }
        sentences
    }
}

/// The sums over economies: for each id, how many changed, and the sum of each part where it is known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sums {
    /// Economies with a difference.
    pub economies: u32,
    /// Sum of the differences.
    pub change: f64,
    /// Economies whose change is split by cause.
    pub split: u32,
    /// Sum of the parts over those.
    pub parts: Parts,
}

/// Sums up the changes of each id over economies, in the order given.
pub fn sums(changes: &[EconomyChange]) -> BTreeMap<Id, Sums> {
    let mut all: BTreeMap<Id, Sums> = BTreeMap::new();
    for change in changes.iter().flat_map(|economy| &economy.changes) {
        let Some(difference) = change.difference() else { continue };
        let sums = all.entry(change.id.clone()).or_default();
        sums.economies += 1;
        sums.change += difference;
        if let Ok(parts) = &change.parts {
            sums.split += 1;
            sums.parts = sums.parts.plus(parts);
        }
    }
    all
}

#[cfg(test)]
mod tests;
