//! The index: composite, subindexes, indicators, maturity groups, policies.

use serde::Deserialize;

use crate::finding::Severity;
use crate::id::Id;
use crate::language::Text;

use super::normalization::{Direction, Normalization};

/// The index as a whole.
#[derive(Debug, Clone)]
pub struct Composite {
    /// The id, e.g. `GTMI`.
    pub id: Id,
    /// The title to print.
    pub title: Text,
    /// How it is made of the subindexes that have no parent.
    pub method: CompositeMethod,
    /// What a subindex without a score does to it.
    pub missing_part: PartPolicy,
    /// The least share of its parts that must have a score, 0 to 1; below it, there is no composite.
    pub min_coverage: f64,
}

/// A weighted mean of the scores `s` of the parts of a composite or subindex, with weights `w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompositeMethod {
    /// `sum(w * s) / sum(w)`
    ArithmeticMean,
    /// `exp(sum(w * ln(s)) / sum(w))`; there is none if a score is 0 or less.
    GeometricMean,
    /// `sum(w) / sum(w / s)`; there is none if a score is 0 or less.
    HarmonicMean,
}

impl CompositeMethod {
    /// The name, as framework.toml has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ArithmeticMean => "arithmetic-mean",
            Self::GeometricMean => "geometric-mean",
            Self::HarmonicMean => "harmonic-mean",
        }
    }

    /// Whether every part must be above 0.
    pub fn needs_positive(self) -> bool {
        self != Self::ArithmeticMean
    }
}

/// What a part without a score does to a mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartPolicy {
    /// There is no mean either.
    #[default]
    Withhold,
    /// It is the mean of the parts that have a score: their weights are scaled to the same sum.
    Rescale,
}

impl PartPolicy {
    /// Every policy.
    pub const ALL: [Self; 2] = [Self::Withhold, Self::Rescale];

    /// The name, as framework.toml has it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Withhold => "withhold",
            Self::Rescale => "rescale",
        }
    }
}

/// One subindex.
#[derive(Debug, Clone)]
pub struct Subindex {
    /// The id, e.g. `CGSI`.
    pub id: Id,
    /// The title to print.
    pub title: Text,
    /// The subindex that it is part of; the composite, if absent. An index has as many levels as this makes.
    pub parent: Option<Id>,
    /// Its weight in its parent; positive.
    pub weight: f64,
    /// How it is made of its indicators, or of the subindexes that name it as parent.
    pub method: SubindexMethod,
    /// What an indicator or subindex without a score does to it, if it is a mean.
    pub missing_part: PartPolicy,
    /// The least share of its parts that must have a score, 0 to 1; of its scored questions that must be
    /// answered, if it is a share of points. Below it, there is no score.
    pub min_coverage: f64,
}

/// How a subindex is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubindexMethod {
    /// Points earned over the most points that could be earned, over all its indicators.
    ShareOfPoints,
    /// The arithmetic mean of its indicators or subindexes.
    ArithmeticMean,
    /// The geometric mean of its indicators or subindexes.
    GeometricMean,
    /// The harmonic mean of its indicators or subindexes.
    HarmonicMean,
}

impl SubindexMethod {
    /// The mean that it is; a share of points is none.
    pub fn mean(self) -> Option<CompositeMethod> {
        match self {
            Self::ShareOfPoints => None,
            Self::ArithmeticMean => Some(CompositeMethod::ArithmeticMean),
            Self::GeometricMean => Some(CompositeMethod::GeometricMean),
            Self::HarmonicMean => Some(CompositeMethod::HarmonicMean),
        }
    }

    /// The name, as framework.toml has it.
    pub fn as_str(self) -> &'static str {
        self.mean().map_or("share-of-points", CompositeMethod::as_str)
    }
}

/// One indicator: a group of questions about one thing.
#[derive(Debug, Clone)]
pub struct Indicator {
    /// The id, e.g. `I-12`.
    pub id: Id,
    /// The short title to print.
    pub title: Text,
    /// The subindex that it belongs to.
    pub subindex: Id,
    /// The tier of technical complexity, where the index team assigned one.
    pub tier: Option<String>,
    /// How far its values compare with other waves: the class the index team assigned.
    pub comparability: Option<String>,
    /// Its weight in a subindex that is a mean; positive. In a share of points, the points are the weights.
    pub weight: f64,
    /// Whether more or less is better.
    pub direction: Direction,
    /// How its values are made comparable before a mean is taken.
    pub normalization: Normalization,
}

/// A maturity group: all scores from its threshold up to the next one.
#[derive(Debug, Clone)]
pub struct MaturityGroup {
    /// The id, e.g. `A`.
    pub id: String,
    /// The title to print, e.g. "Very high".
    pub title: Text,
    /// The lowest score of the group, on the scale of the index; minus infinity where that has no lower end.
    pub at_least: f64,
}

/// An index that another organisation publishes; economies are not asked for it.
#[derive(Debug, Clone)]
pub struct ExternalIndex {
    /// The id, e.g. `TII`.
    pub id: String,
    /// The title to print.
    pub title: Text,
    /// The lowest and the highest possible value on the scale on which it is scored.
    pub range: (f64, f64),
}

/// What a missing value does, and how grave some findings are in this wave.
#[derive(Debug, Clone)]
pub struct MissingPolicy {
    /// A scored question without an answer.
    pub answer: AnswerPolicy,
    /// An external index without a value for the economy.
    pub external_index: ExternalPolicy,
    /// An answer without the evidence that the instrument asks for.
    pub evidence: EvidencePolicy,
    /// The texts that mean "no answer", e.g. `-`.
    pub marks: Vec<String>,
    /// How grave a required question without an answer is.
    pub required: Severity,
    /// How grave an answer to a question that does not apply is.
    pub not_relevant: Severity,
}

/// What a scored question without an answer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerPolicy {
    /// It earns no points and its maximum stays.
    NoPoints,
    /// It leaves both the points and the maximum.
    LeaveOut,
}

/// What an external index without a value does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExternalPolicy {
    /// It leaves both the points and the maximum.
    LeaveOut,
    /// The subindex that needs it has no score.
    Withhold,
}

/// What an answer without the evidence that the instrument asks for does. Either way it earns its points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidencePolicy {
    /// Nothing.
    #[default]
    Optional,
    /// Its points count as uncertain: they move the lower bound of the score.
    Required,
}
