//! The answers of an earlier wave, as far as they can be compared with those of this one.

use std::collections::{BTreeMap, BTreeSet};

use crate::answer::Answer;
use crate::framework::{Date, Framework, Question};
use crate::id::Id;
use crate::normalize::tidy;
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
    /// The questions, asked now as then, whose answers are left out: they were of another construct, or there is no such
    /// choice any more.
    pub left_out: BTreeSet<Id>,
}

impl PreviousAnswers {
    /// The answers of `wave` as the validator would give them, without those that `framework` does not ask, whose choices it
    /// does not have, or whose indicator was another construct then.
    pub fn new(
        wave: Wave,
        as_of: Date,
        answers: impl IntoIterator<Item = (Id, Answer)>,
        framework: &Framework,
    ) -> Self {
        let mut previous = Self { wave, as_of, answers: BTreeMap::new(), left_out: BTreeSet::new() };
        for (id, answer) in answers {
            let asked = framework.question(&id).filter(|question| question.is_asked());
            let Some(question) = asked.filter(|_| answer.is_given()) else { continue };
            let is_same = framework.is_same_construct(&question.indicator, wave, framework.wave);
            let answer = settled(framework, question, answer);
            if is_same && fits(framework, question, &answer) {
                previous.answers.insert(id, answer);
            } else {
                previous.left_out.insert(id);
            }
        }
        previous
    }
}

/// An answer as it is understood when it is sent: several choices in the order of their list, a text as people see it. A
/// table may have them otherwise, and the list may have had another order; what differs in nothing else is the same answer.
fn settled(framework: &Framework, question: &Question, answer: Answer) -> Answer {
    match answer {
        Answer::Choices(mut taken) => {
            let codes = framework.choices(question).into_iter().flat_map(|list| &list.choices);
            let order: Vec<&str> = codes.map(|choice| choice.code.as_str()).collect();
            taken.sort_by_key(|code| order.iter().position(|known| known == code));
            taken.dedup();
            Answer::Choices(taken)
        }
        Answer::Text(text) => Answer::Text(tidy(&text)),
        other => other,
    }
}

/// Whether `answer` is an answer that `question` can take as it is asked now.
fn fits(framework: &Framework, question: &Question, answer: &Answer) -> bool {
    use crate::framework::Kind;
    let known = |code: &String| framework.choices(question).is_some_and(|list| list.choice(code).is_some());
    match (&question.kind, answer) {
        (Kind::SelectOne(_), Answer::Choice(code)) => known(code),
        (Kind::SelectMultiple(_), Answer::Choices(codes)) => codes.iter().all(known),
        (Kind::Integer | Kind::Decimal, Answer::Number(_)) => true,
        (Kind::Text, Answer::Text(text)) => !text.is_empty(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Missing;
    use crate::decision::tests::gtmi;

    fn previous(wave: u16, framework: &Framework) -> PreviousAnswers {
        let choices = ["3", "1", "3"].map(str::to_owned).to_vec();
        let given = [
            ("I-17.4", Answer::Choices(choices)),
            ("I-17.1", Answer::Text("A  strategy\nof\u{a0}Kenya".to_owned())),
            ("I-40", Answer::Choice("1".to_owned())),
            ("I-1", Answer::Choice("9".to_owned())),
            ("I-2", Answer::Missing(Missing::Blank)),
            ("X-1", Answer::Choice("1".to_owned())),
        ];
        let given = given.map(|(id, answer)| (Id::from(id), answer));
        PreviousAnswers::new(Wave(wave), framework.as_of, given, framework)
    }

    #[test]
    fn previous_answers_are_as_they_would_be_understood_now() {
        let mut framework = gtmi();
        framework.wave = Wave(2025);
        let shown = |wave| -> Vec<String> {
            let all = previous(wave, &framework).answers;
            all.iter().map(|(id, answer)| format!("{id}: {}", answer.expression_value())).collect()
        };
        // I-40 is another construct in 2025, and I-17 was one in 2020.
        assert_eq!(shown(2022), ["I-17.1: A strategy of Kenya", "I-17.4: 1 3"]);
        assert_eq!(shown(2020), Vec::<String>::new());
        assert_eq!(shown(2021).len(), 2, "of that wave nothing is said");
        let left_out = |wave| -> Vec<String> {
            previous(wave, &framework).left_out.iter().map(ToString::to_string).collect()
        };
        assert_eq!(left_out(2022), ["I-1", "I-40"], "neither what is missing nor what is asked no more");
        assert_eq!(left_out(2020).len(), 4);
    }
}
