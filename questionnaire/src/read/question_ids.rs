//! The ids of a framework as they appear in files: in any case, with stray blanks.

use std::collections::{HashMap, HashSet};

use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::matching_key;

/// How many known ids in one column make it a column of ids.
const SEVERAL: usize = 3;
/// Bytes of the longest text that may be an id, stray blanks included.
const LONGEST: usize = 64;

/// All question ids of a framework, external and disabled ones too.
#[derive(Debug)]
pub(super) struct QuestionIds<'a> {
    by_key: HashMap<String, &'a Id>,
    starts: HashSet<String>,
}

impl<'a> QuestionIds<'a> {
    /// The ids of `framework`.
    pub(super) fn of(framework: &'a Framework) -> Self {
        let by_key: HashMap<_, _> = framework
            .questions
            .iter()
            .map(|question| (matching_key(question.id.as_str()), &question.id))
            .collect();
        let starts =
            by_key.keys().map(|key| split(key).0.to_owned()).filter(|start| !start.is_empty()).collect();
        Self { by_key, starts }
    }

    /// The id that a text means.
    pub(super) fn find(&self, text: &str) -> Option<&'a Id> {
        // Most cells hold prose: they are passed over without normalising them.
        if text.len() > LONGEST {
            return None;
        }
        self.by_key.get(&matching_key(text)).copied()
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

    /// `wanted`, or fewer in a framework that has fewer questions.
    pub(super) fn at_most(&self, wanted: usize) -> usize {
        wanted.min(self.by_key.len()).max(1)
    }
}

/// The part of an id before its first digit, and the rest.
fn split(key: &str) -> (&str, &str) {
    key.split_at(key.find(|c: char| c.is_ascii_digit()).unwrap_or(key.len()))
}
