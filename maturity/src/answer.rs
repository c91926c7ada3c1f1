//! Answers: responses after they have been understood.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::cell::Place;
use crate::id::Id;

/// Why there is no answer. None of these is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// The cell is empty.
    Blank,
    /// The sender wrote a mark for "not applicable, no answer or no value".
    NotApplicable,
    /// Something stands there that cannot be used; a finding says what.
    Unreadable,
}

impl Missing {
    /// The name used in tables, e.g. `not-applicable`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::NotApplicable => "not-applicable",
            Self::Unreadable => "unreadable",
        }
    }
}

/// The decoded content of one response.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Answer {
    /// The code of the choice taken.
    Choice(String),
    /// The codes of all choices taken, in the order of the choice list; never empty.
    Choices(Vec<String>),
    /// A finite number: a year, a share, an amount.
    Number(f64),
    /// Text, a link or a reference, tidied; never empty.
    Text(String),
    /// No answer.
    Missing(Missing),
}

impl Answer {
    /// Whether there is an answer at all.
    pub fn is_given(&self) -> bool {
        !matches!(self, Self::Missing(_))
    }

    /// The answer as expressions see it: a code, codes separated by blanks, a number, a text; empty if missing.
    pub fn expression_value(&self) -> Cow<'_, str> {
        match self {
            Self::Choice(text) | Self::Text(text) => Cow::Borrowed(text),
            Self::Choices(codes) => Cow::Owned(codes.join(" ")),
            Self::Number(number) => Cow::Owned(number.to_string()),
            Self::Missing(_) => Cow::Borrowed(""),
        }
    }
}

/// The answer to one question of a submission, with the cell it came from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnswerRecord {
    /// The question.
    pub question: Id,
    /// What was answered.
    pub answer: Answer,
    /// The link or document given as evidence, if any.
    pub evidence: Option<String>,
    /// The cell of the answer; absent where the file has no cell for the question.
    pub place: Option<Place>,
}
