//! The answers that are filled in, as expressions see them and as the cells show them.

use std::collections::{HashMap, HashSet};

use maturity::answer::{Answer, Missing};
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;

use crate::formula::LONGEST_GROUP;
use crate::write::Request;

/// The values of all questions.
#[derive(Debug)]
pub(super) struct Values {
    values: HashMap<Id, String>,
    /// Cells that hold something that is no answer: nothing that can be read, or a part of a whole number.
    unread: HashSet<Id>,
}

impl Values {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let framework = request.framework;
        let mut all = Self { values: HashMap::new(), unread: HashSet::new() };
        for question in framework.asked_questions() {
            let Some(answer) = request.answers.get(&question.id) else { continue };
            let value = value(request, question, answer);
            let is_cut = question.kind == Kind::Integer && value.contains('.');
            if (value.is_empty() && !says_nothing(framework, &shown(answer))) || is_cut {
                all.unread.insert(question.id.clone());
            }
            all.values.insert(question.id.clone(), value);
        }
        all
    }

    /// The value of a question; empty if there is no usable answer.
    pub(super) fn get(&self, question: &Id) -> &str {
        self.values.get(question).map_or("", String::as_str)
    }

    pub(super) fn all(&self) -> &HashMap<Id, String> {
        &self.values
    }

    /// Whether there is no usable answer.
    pub(super) fn is_empty(&self, question: &Id) -> bool {
        self.get(question).is_empty()
    }

    /// Whether something stands there that is no answer.
    pub(super) fn is_unread(&self, question: &Id) -> bool {
        self.unread.contains(question)
    }

    /// Whether nothing stands in the answer's cell but a mark for "no answer".
    pub(super) fn is_untouched(&self, question: &Id) -> bool {
        self.is_empty(question) && !self.unread.contains(question)
    }
}

/// Whether a text is empty or a mark for "no answer".
pub(super) fn says_nothing(framework: &Framework, text: &str) -> bool {
    let text = text.trim();
    text.is_empty() || framework.is_missing_mark(text)
}

/// A text without blanks around it and with single ones in it, as spreadsheets trim it.
fn trimmed(text: &str) -> String {
    text.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn shown(answer: &Answer) -> String {
    match answer {
        Answer::Missing(Missing::NotApplicable) => String::new(),
        other => other.expression_value().into_owned(),
    }
}

/// The value that the formula reads out of the cell: a code, codes, a number, a text; empty if it is none.
fn value(request: &Request<'_>, question: &Question, answer: &Answer) -> String {
    let framework = request.framework;
    let text = shown(answer);
    if says_nothing(framework, &text) {
        return String::new();
    }
    match &question.kind {
        Kind::SelectOne(_) => {
            let choices = framework.choices(question).into_iter().flat_map(|list| &list.choices);
            let label = |label: &str| trimmed(label).to_lowercase() == trimmed(&text).to_lowercase();
            choices
                .filter(|choice| choice.code == text.trim() || label(choice.label.get(&request.language)))
                .map(|choice| choice.code.clone())
                .next()
                .unwrap_or_default()
        }
        Kind::SelectMultiple(_) => {
            let taken: Vec<&str> = text.split([',', ';', '|', ' ']).map(str::trim).collect();
            let choices = framework.choices(question).into_iter().flat_map(|list| &list.choices);
            let codes: Vec<&str> =
                choices.map(|choice| choice.code.as_str()).filter(|code| taken.contains(code)).collect();
            codes.join(" ")
        }
        Kind::Integer | Kind::Decimal | Kind::External(_) => {
            // As the formula has it: blanks stand between groups of three digits.
            let text = text.trim();
            let is_grouped = text.find(' ').is_none_or(|blank| blank <= LONGEST_GROUP);
            let number = text.replace(' ', "").parse::<f64>().ok();
            let number = number.filter(|number| number.is_finite() && is_grouped);
            number.map(|number| number.to_string()).unwrap_or_default()
        }
        Kind::Text => text,
    }
}
