//! Scores, and the terms that they are sums of.

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::economy::EconomyCode;
use crate::id::Id;
use crate::submission::{Collected, Wave};
use crate::withheld::Withheld;

/// How many of the questions that count were answered. One that does not apply under the answers given, and has
/// none, does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Coverage {
    /// Scored questions with an answer (an external index counts when its value is known).
    pub answered: u32,
    /// Scored questions that apply, or may.
    pub asked: u32,
}

impl Coverage {
    /// Adds up two coverages.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { answered: self.answered + other.answered, asked: self.asked + other.asked }
    }
}

/// Why a term contributes what it contributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TermStatus {
    /// The answer earns its points, or is the number that counts.
    Counted,
    /// There is no answer; no points are earned and the maximum stays, as the framework's policy says.
    NoAnswer,
    /// There is no answer, and the question does not apply under the answers given: nothing is missing and nothing
    /// can be earned. The maximum stays or leaves as it does without an answer.
    DoesNotApply,
    /// There is no value and the term leaves both the points and the maximum.
    LeftOut,
}

/// What one question contributes to its subindex.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Term {
    /// The question.
    pub question: Id,
    /// The answer that was scored.
    pub answer: Answer,
    /// Points earned, 0 to `max_points`.
    pub points: f64,
    /// Points that could be earned; 0 where the term is left out.
    pub max_points: f64,
    /// Why.
    pub status: TermStatus,
}

/// One indicator of an economy: the sum of its terms, or one number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct IndicatorScore {
    /// The indicator.
    pub id: Id,
    /// The scored questions of the indicator, in the order of the instrument; empty where nothing counts.
    pub terms: Vec<Term>,
    /// Sum of the terms' points.
    pub points: f64,
    /// Sum of the terms' maxima.
    pub max_points: f64,
    /// What is scored: points over maximum, 0 to 1, or the number reported, in its own unit.
    pub value: Option<f64>,
    /// The value as the framework normalises it; the value itself where it does not.
    pub score: Option<f64>,
    /// Why there is no score.
    pub withheld: Option<Withheld>,
    /// Answered and asked questions.
    pub coverage: Coverage,
}

/// One subindex of an economy: the share of the points of its indicators, or a mean of its parts. Which
/// subindexes are parts of which stands in the framework; here they stand in its order, at every level.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SubindexScore {
    /// The subindex.
    pub id: Id,
    /// Its indicators, in the order of the instrument; empty where it is made of subindexes.
    pub indicators: Vec<IndicatorScore>,
    /// Sum of points, at every level below.
    pub points: f64,
    /// Sum of maxima, at every level below.
    pub max_points: f64,
    /// The score on the framework's scale; absent where it cannot be computed.
    pub score: Option<f64>,
    /// Why there is no score.
    pub withheld: Option<Withheld>,
    /// The maturity group of the score.
    pub group: Option<String>,
    /// Answered and asked questions.
    pub coverage: Coverage,
}

/// All scores of one economy in one wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EconomyScores {
    /// The economy.
    pub economy: EconomyCode,
    /// The wave.
    pub wave: Wave,
    /// Who collected the answers, where it is known.
    pub collected: Option<Collected>,
    /// The subindexes, in the order of the framework.
    pub subindexes: Vec<SubindexScore>,
    /// The id of the composite.
    pub id: Id,
    /// The composite on the framework's scale; absent where it cannot be computed.
    pub score: Option<f64>,
    /// Why there is no composite.
    pub withheld: Option<Withheld>,
    /// The maturity group of the composite.
    pub group: Option<String>,
    /// Answered and asked questions.
    pub coverage: Coverage,
}

/// Scores of one economy that others published: known without the answers behind them.
#[derive(Debug, Clone, PartialEq)]
pub struct ImportedScores {
    /// The wave.
    pub wave: Wave,
    /// The economy.
    pub economy: EconomyCode,
    /// The maturity group of the composite, where one was published.
    pub group: Option<String>,
    /// Who collected the answers, where it is known.
    pub collected: Option<Collected>,
    /// The scores by id, 0 to 1, e.g. `GTMI` and `CGSI`.
    pub scores: Vec<(Id, f64)>,
}

/// Where the imported scores of a wave were taken from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportSource {
    /// The wave.
    pub wave: Wave,
    /// The publisher and the publication.
    pub source: Option<String>,
    /// The edition of the publication.
    pub edition: Option<String>,
    /// The licence under which the scores may be used.
    pub licence: Option<String>,
    /// The web address.
    pub address: Option<String>,
}

impl EconomyScores {
    /// The subindex of that id.
    pub fn subindex(&self, id: &str) -> Option<&SubindexScore> {
        self.subindexes.iter().find(|subindex| subindex.id.as_str() == id)
    }

    /// All indicators, in the order of the instrument, each with its subindex.
    pub fn indicators(&self) -> impl Iterator<Item = (&SubindexScore, &IndicatorScore)> {
        self.subindexes
            .iter()
            .flat_map(|subindex| subindex.indicators.iter().map(move |indicator| (subindex, indicator)))
    }
}
