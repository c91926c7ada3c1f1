//! What this crate itself writes into evidence cells that take no input: "see I-1.2", in any language.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::matching_key;

use crate::input;

/// The matching keys of such texts, by the question beside whose answer they stand.
#[derive(Debug)]
pub(super) struct Pointers<'a> {
    framework: &'a Framework,
    /// Worked out for the first cell that may hold one: a run in which no file is new needs none.
    known: OnceLock<HashMap<&'a Id, HashSet<String>>>,
}

impl<'a> Pointers<'a> {
    /// Those of a framework.
    pub(super) fn of(framework: &'a Framework) -> Self {
        Self { framework, known: OnceLock::new() }
    }

    /// Whether a text in the evidence cell of a question is such a one.
    pub(super) fn has(&self, question: &Id, text: &str) -> bool {
        let known = self.known.get_or_init(|| {
            let questions = self.framework.questions.iter();
            let keys = questions.filter_map(|question| {
                let texts = input::pointer(self.framework, question)?.texts();
                Some((&question.id, texts.iter().map(|text| matching_key(text)).collect()))
            });
            keys.collect()
        });
        known.get(question).is_some_and(|texts| texts.contains(&matching_key(text)))
    }
}
