//! The index: composite, subindexes, indicators, maturity groups, policies.

use serde::Deserialize;

use crate::finding::Severity;
use crate::id::Id;
use crate::language::Text;

/// The index as a whole.
#[derive(Debug, Clone)]
pub struct Composite {
    /// The id, e.g. `GTMI`.
    pub id: Id,
    /// The title to print.
    pub title: Text,
    /// How it is made of its subindexes.
    pub method: CompositeMethod,
}

/// How a composite is made of its subindexes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CompositeMethod {
    /// Sum of weight times score over sum of weights; withheld if any score is missing.
    ArithmeticMean,
}

/// One subindex.
#[derive(Debug, Clone)]
pub struct Subindex {
    /// The id, e.g. `CGSI`.
    pub id: Id,
    /// The title to print.
    pub title: Text,
    /// Its weight in the composite; positive.
    pub weight: f64,
    /// How it is made of its questions.
    pub method: SubindexMethod,
}

/// How a subindex is made of its questions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubindexMethod {
    /// Points earned over the most points that could be earned.
    ShareOfPoints,
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
}

/// A maturity group: all scores from its threshold up to the next one.
#[derive(Debug, Clone)]
pub struct MaturityGroup {
    /// The id, e.g. `A`.
    pub id: String,
    /// The title to print, e.g. "Very high".
    pub title: Text,
    /// The lowest score of the group, 0 to 1.
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
