//! What responses are looked up in: worked out once for all submissions to a framework.

use std::collections::{BTreeMap, HashMap};
use std::sync::OnceLock;

use maturity::framework::{Framework, Kind, Question};
use maturity::normalize::matching_key;

use crate::choice::Choices;

/// The questions and choices of a framework by the texts that mean them.
#[derive(Debug)]
pub struct Lookup<'f> {
    framework: &'f Framework,
    /// Positions of questions by their ids.
    questions: HashMap<&'f str, usize>,
    /// The same by matching keys. Workbooks that we wrote name questions as they are; only what others typed has to be
    /// brought to a common form.
    questions_by_key: OnceLock<HashMap<String, usize>>,
    /// By the names of lists.
    choices: BTreeMap<&'f str, Choices<'f>>,
}

impl<'f> Lookup<'f> {
    /// For the submissions to a framework.
    pub fn of(framework: &'f Framework) -> Self {
        let questions = framework.questions.iter().enumerate();
        Self {
            framework,
            questions: questions.map(|(at, question)| (question.id.as_str(), at)).collect(),
            questions_by_key: OnceLock::new(),
            choices: framework
                .choice_lists
                .iter()
                .map(|(name, list)| (name.as_str(), Choices::of(list)))
                .collect(),
        }
    }

    pub(crate) fn framework(&self) -> &'f Framework {
        self.framework
    }

    /// The position of the question that a text names.
    pub(crate) fn question(&self, text: &str) -> Option<usize> {
        let by_key = || {
            self.questions_by_key.get_or_init(|| {
                let questions = self.framework.questions.iter().enumerate();
                questions.map(|(at, question)| (matching_key(question.id.as_str()), at)).collect()
            })
        };
        self.questions.get(text).or_else(|| by_key().get(&matching_key(text))).copied()
    }

    /// The choices of a question, if it has any.
    pub(crate) fn choices(&self, question: &Question) -> Option<&Choices<'f>> {
        match &question.kind {
            Kind::SelectOne(list) | Kind::SelectMultiple(list) => self.choices.get(list.as_str()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::submission::tests::framework;

    #[test]
    fn a_question_is_found_by_its_id_however_that_is_typed() {
        let framework = framework();
        let lookup = Lookup::of(&framework);
        for (position, question) in framework.questions.iter().enumerate() {
            let id = question.id.as_str();
            for typed in
                [id.to_owned(), id.to_lowercase(), format!("\u{a0}{id} "), id.replace('-', "\u{2013}")]
            {
                assert_eq!(lookup.question(&typed), Some(position), "{typed:?}");
            }
        }
        assert_eq!([lookup.question(""), lookup.question("no such question")], [None; 2]);
    }
}
