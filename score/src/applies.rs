//! Which questions certainly do not apply under the answers given.
//!
//! A condition may refer to a question without an answer. What it would be answered is then not known, and so
//! whether the condition holds may not be known either: it is unknown where its value depends on such an
//! answer, by the three-valued logic of Kleene (false and unknown is false, true or unknown is true). A
//! question that itself certainly does not apply has no answer to come: it is empty, and known.
//!
//! Source: the meaning of `relevant` in `XLSForm`; S. C. Kleene, Introduction to Metamathematics (1952), §64.

use std::borrow::Cow;
use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::framework::{Framework, Question};
use maturity::id::Id;
use maturity::logic::{Answers, Expression, Function, Operator};

/// Whether an unanswered question certainly does not apply: it has nothing to earn, and is not missing.
pub(crate) fn certainly_not(
    framework: &Framework,
    answers: &BTreeMap<Id, Answer>,
    question: &Question,
) -> bool {
    let conditions = Conditions { framework, answers };
    conditions.certainly_not(question, framework.questions.len())
}

struct Conditions<'a> {
    framework: &'a Framework,
    answers: &'a BTreeMap<Id, Answer>,
}

impl<'a> Conditions<'a> {
    /// `deepest` ends the walk where conditions refer to each other in a circle: there nothing is certain.
    fn certainly_not(&self, question: &Question, deepest: usize) -> bool {
        question.relevant.as_ref().is_some_and(|relevant| {
            question.is_asked() && deepest > 0 && self.truth(relevant, deepest - 1) == Some(false)
        })
    }

    /// Whether a condition holds; absent where that depends on answers to come.
    fn truth(&self, condition: &Expression, deepest: usize) -> Option<bool> {
        match condition {
            Expression::Binary(Operator::And, left, right) => {
                match (self.truth(left, deepest), self.truth(right, deepest)) {
                    (Some(false), _) | (_, Some(false)) => Some(false),
                    (left, right) => Some(left? && right?),
                }
            }
            Expression::Binary(Operator::Or, left, right) => {
                match (self.truth(left, deepest), self.truth(right, deepest)) {
                    (Some(true), _) | (_, Some(true)) => Some(true),
                    (left, right) => Some(left? || right?),
                }
            }
            Expression::Call(Function::Not, arguments) => {
                arguments.first().and_then(|inner| self.truth(inner, deepest)).map(|holds| !holds)
            }
            _ => {
                let references = condition.references().into_iter();
                let values: Option<Values<'_>> =
                    references.map(|id| Some((id, self.known(id, deepest)?))).collect();
                Some(condition.holds("", &values?))
            }
        }
    }

    /// The value of a question as conditions see it; absent where an answer may still come.
    fn known(&self, id: &Id, deepest: usize) -> Option<Cow<'a, str>> {
        let answer = self.answers.get(id).filter(|answer| answer.is_given());
        let question = || self.framework.question(id).filter(|question| question.is_asked());
        match answer {
            Some(answer) => Some(answer.expression_value()),
            None => question()
                .is_none_or(|question| self.certainly_not(question, deepest))
                .then_some(Cow::Borrowed("")),
        }
    }
}

/// The few values that a condition refers to.
struct Values<'v>(Vec<(&'v Id, Cow<'v, str>)>);

impl<'v> FromIterator<(&'v Id, Cow<'v, str>)> for Values<'v> {
    fn from_iter<I: IntoIterator<Item = (&'v Id, Cow<'v, str>)>>(values: I) -> Self {
        Self(values.into_iter().collect())
    }
}

impl Answers for Values<'_> {
    fn value(&self, question: &Id) -> &str {
        self.0.iter().find(|(id, _)| *id == question).map_or("", |(_, value)| value.as_ref())
    }
}
