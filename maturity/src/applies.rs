//! Which questions certainly do not apply under the answers given.
//!
//! A condition may refer to a question without an answer. What it would be answered is then not known, and so
//! whether the condition holds may not be known either: it is unknown where its value depends on such an
//! answer, by the three-valued logic of Kleene (false and unknown is false, true or unknown is true). A
//! question that itself certainly does not apply has no answer to come: it is empty, and known.
//!
//! Source: the meaning of `relevant` in `XLSForm`; S. C. Kleene, Introduction to Metamathematics (1952), §64.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;

use crate::answer::Answer;
use crate::framework::{Framework, Question};
use crate::id::Id;
use crate::logic::{Answers, Expression, Function, Operator};

/// Whether a question certainly does not apply: without an answer it has nothing to earn, and is not missing.
pub fn certainly_not(framework: &Framework, answers: &BTreeMap<Id, Answer>, question: &Question) -> bool {
    certainly_not_under(framework, &|id| answers.get(id), question)
}

/// Likewise, whatever the answers are kept in.
pub(crate) fn certainly_not_under<'a>(
    framework: &'a Framework,
    answer: &'a dyn Fn(&Id) -> Option<&'a Answer>,
    question: &Question,
) -> bool {
    Conditions { framework, answer, found: RefCell::default() }.certainly_not(question)
}

struct Conditions<'a> {
    framework: &'a Framework,
    answer: &'a dyn Fn(&Id) -> Option<&'a Answer>,
    /// What was found of each question: conditions may lead to one along many ways.
    found: RefCell<BTreeMap<Id, bool>>,
}

impl<'a> Conditions<'a> {
    fn certainly_not(&self, question: &Question) -> bool {
        let Some(relevant) = question.relevant.as_ref().filter(|_| question.is_asked()) else { return false };
        if let Some(found) = self.found.borrow().get(&question.id) {
            return *found;
        }
        // Where conditions refer to each other in a circle, nothing is certain.
        self.found.borrow_mut().insert(question.id.clone(), false);
        let found = self.truth(relevant) == Some(false);
        self.found.borrow_mut().insert(question.id.clone(), found);
        found
    }

    /// Whether a condition holds; absent where that depends on answers to come.
    fn truth(&self, condition: &Expression) -> Option<bool> {
        match condition {
            Expression::Binary(Operator::And, left, right) => match (self.truth(left), self.truth(right)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (left, right) => Some(left? && right?),
            },
            Expression::Binary(Operator::Or, left, right) => match (self.truth(left), self.truth(right)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (left, right) => Some(left? || right?),
            },
            Expression::Call(Function::Not, arguments) => {
                arguments.first().and_then(|inner| self.truth(inner)).map(|holds| !holds)
            }
            _ => {
                let references = condition.references().into_iter();
                let values: Option<Values<'_>> = references.map(|id| Some((id, self.known(id)?))).collect();
                Some(condition.holds("", &values?))
            }
        }
    }

    /// The value of a question as conditions see it; absent where an answer may still come.
    fn known(&self, id: &Id) -> Option<Cow<'a, str>> {
        let answer = (self.answer)(id).filter(|answer| answer.is_given());
        let question = || self.framework.question(id).filter(|question| question.is_asked());
        match answer {
            Some(answer) => Some(answer.expression_value()),
            None => {
                question().is_none_or(|question| self.certainly_not(question)).then_some(Cow::Borrowed(""))
            }
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
