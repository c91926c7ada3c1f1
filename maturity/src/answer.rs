//! Answers: responses after they have been understood.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::cell::Place;
use crate::id::Id;
use crate::shown;

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

    /// The same as people read it: a number without the last digits that arithmetic leaves behind.
    pub fn shown(&self) -> Cow<'_, str> {
        match self {
            Self::Number(number) => Cow::Owned(shown::number(*number)),
            other => other.expression_value(),
        }
    }

    /// Several answers as people read them beside each other. Where two would read the same and are not, all keep all their
    /// digits.
    pub fn shown_apart<'a>(answers: &[&'a Self]) -> Vec<Cow<'a, str>> {
        let exact: Vec<_> = answers.iter().map(|answer| answer.expression_value()).collect();
        let shown: Vec<_> = answers.iter().map(|answer| answer.shown()).collect();
        let number = |texts: &[Cow<str>]| texts.iter().collect::<BTreeSet<_>>().len();
        if number(&shown) == number(&exact) { shown } else { exact }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_shown_without_what_arithmetic_left_unless_that_tells_them_apart() {
        let [sum, three, half] = [0.1 + 0.2, 0.3, 0.5].map(Answer::Number);
        assert_eq!(sum.shown(), "0.3");
        assert_eq!(Answer::shown_apart(&[&sum, &half, &half]), ["0.3", "0.5", "0.5"]);
        assert_eq!(Answer::shown_apart(&[&sum, &three]), ["0.30000000000000004", "0.3"]);
        assert_eq!(Answer::Text("0.30000000000000004".to_owned()).shown(), "0.30000000000000004");
    }
}
