//! The ids of a framework as they appear in files: in any case, with stray blanks.

use std::collections::HashSet;

use maturity::cell::CellValue;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::{matching_key, tidied};

use super::keys::Keys;

/// How many known ids in one column make it a column of ids.
const SEVERAL: usize = 3;
/// Bytes of the longest text that may be an id, stray blanks included.
const LONGEST: usize = 64;

/// All question ids of a framework, external and disabled ones too.
#[derive(Debug)]
pub(super) struct QuestionIds<'a> {
    by_key: Keys<&'a Id>,
    starts: HashSet<String>,
    /// Whether an id begins as a number does.
    like_numbers: bool,
    /// What a number shows of two ids that differ in zeros at their end: `1.1` of `1.1` and `1.10`.
    cut: HashSet<String>,
    /// How many of the questions are asked.
    asked: usize,
}

impl<'a> QuestionIds<'a> {
    /// The ids of `framework`.
    pub(super) fn of(framework: &'a Framework) -> Self {
        let by_key: Keys<_> = framework
            .questions
            .iter()
            .map(|question| (matching_key(question.id.as_str()), &question.id))
            .collect();
        let starts =
            by_key.iter().map(|key| split(key).0.to_owned()).filter(|start| !start.is_empty()).collect();
        let like_numbers = ('0'..='9').chain(['-']).any(|start| by_key.begins(start));
        let cut = by_key.iter().filter_map(|key| {
            Some(key.trim_end_matches('0')).filter(|cut| cut.contains('.') && cut.len() < key.len())
        });
        let cut: HashSet<String> = cut
            .map(|cut| cut.trim_end_matches('.').to_owned())
            .filter(|cut| by_key.find(cut).is_some())
            .collect();
        Self { by_key, starts, like_numbers, cut, asked: framework.asked_questions().count() }
    }

    /// The id that a text means.
    pub(super) fn find(&self, text: &str) -> Option<&'a Id> {
        // Most cells hold prose: they are passed over without normalising them.
        if text.len() > LONGEST {
            return None;
        }
        self.by_key.find(text).copied()
    }

    /// The id that the content of a cell means.
    pub(super) fn find_value(&self, value: &CellValue) -> Option<&'a Id> {
        match value {
            CellValue::Text(text) | CellValue::Date(text) | CellValue::Error(text)
                if text.len() <= LONGEST =>
            {
                self.find(text)
            }
            // Blanks may be all that makes it long.
            CellValue::Text(text) | CellValue::Date(text) | CellValue::Error(text) => {
                self.find(&tidied(text))
            }
            CellValue::Number(_) if !self.like_numbers => None,
            other => {
                let shown = other.display();
                // Nobody can tell which of the two stood there.
                if self.cut.contains(&shown) { None } else { self.find(&shown) }
            }
        }
    }

    /// Whether a text looks like an id of this framework without being one: `I-99`, `I-1.33`.
    pub(super) fn looks_like_one(&self, text: &str) -> bool {
        if text.len() > LONGEST {
            return false;
        }
        let key = matching_key(text);
        let (start, number) = split(&key);
        let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        self.starts.contains(start) && number.split('.').all(digits)
    }

    /// How many known ids are enough to recognise a table: a word in a letter is no questionnaire.
    pub(super) fn several(&self) -> usize {
        self.at_most(SEVERAL)
    }

    /// `wanted`, or half of the questions that are asked where these are fewer. Nobody has to send external indices.
    pub(super) fn at_most(&self, wanted: usize) -> usize {
        let all = if self.asked == 0 { self.by_key.len() } else { self.asked };
        wanted.min(all.div_ceil(2)).max(1)
    }
}

/// The part of an id before its first digit, and the rest.
fn split(key: &str) -> (&str, &str) {
    key.split_at(key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len()))
}
