//! The instrument: questions and choices.

use crate::finding::Severity;
use crate::id::Id;
use crate::language::Text;
use crate::logic::Expression;

/// What kind of answer a question takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kind {
    /// One choice of the named list.
    SelectOne(String),
    /// Any number of choices of the named list.
    SelectMultiple(String),
    /// A whole number.
    Integer,
    /// A number.
    Decimal,
    /// Text.
    Text,
    /// The value of the named external index; no economy is asked.
    External(String),
}

impl Kind {
    /// The name of every kind, as the table of questions has it.
    pub const NAMES: [&str; 6] = ["select_one", "select_multiple", "integer", "decimal", "text", "external"];

    /// The kind's name in the table of questions, without its list or index.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::SelectOne(_) => "select_one",
            Self::SelectMultiple(_) => "select_multiple",
            Self::Integer => "integer",
            Self::Decimal => "decimal",
            Self::Text => "text",
            Self::External(_) => "external",
        }
    }
}

/// What an answer should look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A web address.
    Link,
    /// A web address or a description.
    LinkOrText,
    /// A year with four digits, for whole numbers.
    Year,
}

/// A condition that the answer must meet.
#[derive(Debug, Clone)]
pub struct Constraint {
    /// The condition; `.` is the answer.
    pub expression: Expression,
    /// What to tell the respondent.
    pub message: Text,
    /// How grave it is to break it in this wave.
    pub severity: Severity,
}

/// One question.
#[derive(Debug, Clone)]
pub struct Question {
    /// The id, e.g. `I-12.4`.
    pub id: Id,
    /// The kind of answer.
    pub kind: Kind,
    /// The wording.
    pub label: Text,
    /// Guidance for the respondent.
    pub hint: Text,
    /// Whether it must be answered where it applies.
    pub required: bool,
    /// The condition under which it applies; always, if absent.
    pub relevant: Option<Expression>,
    /// The condition that the answer must meet.
    pub constraint: Option<Constraint>,
    /// What the answer should look like.
    pub format: Option<Format>,
    /// The question whose answer this one backs.
    pub evidence_for: Option<Id>,
    /// The indicator that it belongs to.
    pub indicator: Id,
    /// The subindex that it belongs to.
    pub subindex: Id,
    /// How it is scored; not at all, if absent.
    pub scoring: Option<Scoring>,
    /// Whether it is part of the instrument but not asked in this wave.
    pub disabled: bool,
}

impl Question {
    /// Whether economies are asked this question.
    pub fn is_asked(&self) -> bool {
        !self.disabled && !matches!(self.kind, Kind::External(_))
    }

    /// Whether the answer is the value of the indicator, and earns no points.
    pub fn is_number(&self) -> bool {
        self.scoring.is_some_and(|scoring| scoring.rule == ScoringRule::Number)
    }
}

/// How an answer earns points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scoring {
    /// The rule.
    pub rule: ScoringRule,
    /// Points for each level, for any positive answer, or for the full value; positive, but 0 for a number.
    pub points: f64,
    /// The most points that can be earned; 0 for a number.
    pub max_points: f64,
}

/// The rules that turn an answer into points.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScoringRule {
    /// Points times the level of the choice.
    Level,
    /// All points if the level of any choice taken is above 0.
    Any,
    /// Points times the value of an external index.
    Value,
    /// No points: the number itself is the value of the indicator.
    Number,
}

impl ScoringRule {
    /// Every rule.
    pub const ALL: [Self; 4] = [Self::Level, Self::Any, Self::Value, Self::Number];

    /// The rule's name in the table of questions.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Level => "level",
            Self::Any => "any",
            Self::Value => "value",
            Self::Number => "number",
        }
    }
}

/// A list of choices, in the order in which they are offered.
#[derive(Debug, Clone, Default)]
pub struct ChoiceList {
    /// The choices.
    pub choices: Vec<Choice>,
}

impl ChoiceList {
    /// The choice of that code.
    pub fn choice(&self, code: &str) -> Option<&Choice> {
        self.choices.iter().find(|choice| choice.code == code)
    }

    /// The highest level of any choice.
    pub fn highest_level(&self) -> f64 {
        self.choices.iter().map(|choice| choice.level).fold(0.0, f64::max)
    }
}

/// One choice.
#[derive(Debug, Clone)]
pub struct Choice {
    /// The code that is stored, e.g. `2`.
    pub code: String,
    /// What the respondent reads.
    pub label: Text,
    /// How mature the answer is; 0 earns nothing.
    pub level: f64,
}
