//! The answers of an earlier wave, as far as they can be compared with those of this one.

use std::collections::BTreeMap;

use crate::answer::Answer;
use crate::framework::{Date, Framework, Question};
use crate::id::Id;
use crate::submission::Wave;

/// What an economy answered in an earlier wave.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousAnswers {
    /// The earlier wave.
    pub wave: Wave,
    /// The date that the answers are from.
    pub as_of: Date,
    /// The answers by question: only those that are given and that the present instrument can take.
    pub answers: BTreeMap<Id, Answer>,
}

impl PreviousAnswers {
    /// The answers of `wave`, without those that `framework` does not ask or whose choices it does not have.
    pub fn new(
        wave: Wave,
        as_of: Date,
        answers: impl IntoIterator<Item = (Id, Answer)>,
        framework: &Framework,
    ) -> Self {
        let fits = |(id, answer): &(Id, Answer)| {
            let question = framework.question(id).filter(|question| question.is_asked());
            question.is_some_and(|question| fits(framework, question, answer))
        };
        Self { wave, as_of, answers: answers.into_iter().filter(fits).collect() }
    }
}

/// Whether `answer` is an answer that `question` can take as it is asked now.
fn fits(framework: &Framework, question: &Question, answer: &Answer) -> bool {
    use crate::framework::Kind;
    let known = |code: &String| framework.choices(question).is_some_and(|list| list.choice(code).is_some());
    match (&question.kind, answer) {
        (Kind::SelectOne(_), Answer::Choice(code)) => known(code),
        (Kind::SelectMultiple(_), Answer::Choices(codes)) => codes.iter().all(known),
        (Kind::Integer | Kind::Decimal, Answer::Number(_)) | (Kind::Text, Answer::Text(_)) => true,
        _ => false,
    }
}

/// The level of an answer: that of the choice taken, or the highest of several; absent for other answers.
pub fn level(framework: &Framework, question: &Question, answer: &Answer) -> Option<f64> {
    let list = framework.choices(question)?;
    let level = |code: &String| list.choice(code).map(|choice| choice.level);
    match answer {
        Answer::Choice(code) => level(code),
        Answer::Choices(codes) => codes.iter().filter_map(level).reduce(f64::max),
        Answer::Number(_) | Answer::Text(_) | Answer::Missing(_) => None,
    }
}
