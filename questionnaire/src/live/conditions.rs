//! The conditions behind the marks, each as an expression and as its formula.

use maturity::answer::Answer;
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::logic::{Expression, Function, Operator};
use maturity::previous;

use super::Places;
use super::values::Values;
use crate::formula::{AnswerCell, Cells, Holds, compile, fits, is_not_whole};
use crate::layout::Column;

/// A condition that a spreadsheet can decide as well.
#[derive(Debug)]
pub(super) struct Condition {
    expression: Expression,
    pub(super) formula: String,
}

impl Condition {
    /// Whether it holds for the answers that are filled in.
    pub(super) fn holds(&self, values: &Values, question: &Question) -> bool {
        self.expression.holds(values.get(&question.id), values.all())
    }
}

/// The conditions of one question, whoever is asked; absent where the question has none, or none that a formula
/// can decide.
#[derive(Debug)]
pub(super) struct Conditions {
    /// It does not apply.
    pub(super) off: Option<Condition>,
    /// Something that decides whether it applies was answered in a way that is not understood.
    pub(super) doubt: Option<Doubt>,
    /// One of the choices taken has a level above 0.
    pub(super) claims: Option<Condition>,
    /// The choice taken has no such level.
    pub(super) denies: Option<Condition>,
    /// There is no usable answer.
    pub(super) unusable: Option<String>,
    /// Nothing stands in the cell but a mark for "no answer".
    pub(super) untouched: Condition,
    /// The answer breaks the constraint.
    pub(super) broken: Option<Condition>,
}

/// Answers that decide whether a question applies, of which one may not be understood: then nobody knows whether it
/// applies.
#[derive(Debug)]
pub(super) struct Doubt {
    questions: Vec<Id>,
    pub(super) formula: String,
}

impl Doubt {
    fn of(places: &Places<'_, '_>, question: &Question) -> Option<Self> {
        let (mut questions, mut tests) = (Vec::new(), Vec::new());
        for id in question.relevant.as_ref()?.references() {
            let Some(other) = places.framework.question(id) else { continue };
            let filled = || untouched(places.framework, &places.at(id, Column::Answer)?);
            if let (Some(unusable), Some(untouched)) = (places.unusable(other), filled()) {
                questions.push(id.clone());
                tests.push(format!("AND({unusable},NOT({untouched}))"));
            }
        }
        let formula =
            if let [one] = tests.as_slice() { one.clone() } else { format!("OR({})", tests.join(",")) };
        (!tests.is_empty() && fits(&formula).is_ok()).then_some(Self { questions, formula })
    }

    /// Whether there is doubt with the answers that are filled in.
    pub(super) fn holds(&self, values: &Values) -> bool {
        self.questions.iter().any(|question| values.is_unread(question))
    }
}

/// The conditions that compare an answer with one economy's previous answer.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    /// The answer is that of the previous wave.
    pub(super) same: Option<Condition>,
    /// The answer is lower than that of the previous wave.
    pub(super) falls: Option<Condition>,
}

impl Conditions {
    pub(super) fn of(places: &Places<'_, '_>, question: &Question) -> Option<Self> {
        let framework = places.framework;
        let at = places.at(&question.id, Column::Answer)?;
        let condition = |expression| places.condition(question, expression);
        Some(Self {
            off: question.relevant.clone().map(not).and_then(condition),
            doubt: Doubt::of(places, question),
            claims: claims(framework, question).and_then(condition),
            denies: denies(framework, question).and_then(condition),
            unusable: places.unusable(question),
            untouched: Condition { expression: nothing(), formula: untouched(framework, &at)? },
            broken: question
                .constraint
                .as_ref()
                .map(|constraint| not(constraint.expression.clone()))
                .and_then(condition),
        })
    }
}

impl Conditions {
    /// The formula of "what stands in the cell needs not be cleared where the question does not apply", and whether that
    /// holds for the answers that are filled in.
    pub(super) fn harmless(&self, values: &Values, question: &Question) -> (String, bool) {
        let untouched = self.untouched.formula.as_str();
        let is_untouched = values.is_untouched(&question.id);
        match (&self.denies, &self.claims) {
            (Some(denies), _) => {
                let holds = is_untouched || denies.holds(values, question);
                (format!("OR({untouched},{})", denies.formula), holds)
            }
            (None, Some(claims)) if matches!(question.kind, Kind::SelectMultiple(_)) => {
                (format!("NOT({})", claims.formula), !claims.holds(values, question))
            }
            (None, None) if matches!(question.kind, Kind::SelectMultiple(_)) => ("TRUE".to_owned(), true),
            _ => (untouched.to_owned(), is_untouched),
        }
    }
}

impl Comparison {
    /// Compares with `previous`; there is nothing to compare with where it is absent.
    pub(super) fn of(places: &Places<'_, '_>, question: &Question, previous: Option<&Answer>) -> Self {
        let condition = |expression| places.condition(question, expression);
        Self {
            same: previous.and_then(same).and_then(condition),
            falls: previous
                .and_then(|previous| falls(places.framework, question, previous))
                .and_then(condition),
        }
    }
}

impl Places<'_, '_> {
    /// An expression with its formula, if it has one.
    fn condition(&self, question: &Question, expression: Expression) -> Option<Condition> {
        let cell = self.answer(&question.id)?;
        let find = |id: &_| self.answer(id);
        let cells = Cells { question: &find, this: Some(&cell), marks: &self.framework.missing.marks };
        let formula = compile(&expression, &cells).ok()?;
        Some(Condition { expression, formula })
    }

    /// The formula of "there is no usable answer". Several choices may be written in more ways than a formula can tell; a
    /// text is always one.
    fn unusable(&self, question: &Question) -> Option<String> {
        match question.kind {
            Kind::SelectMultiple(_) | Kind::Text => None,
            Kind::Integer => Some(is_not_whole(&self.at(&question.id, Column::Answer)?)),
            _ => self.condition(question, nothing()).map(|condition| condition.formula),
        }
    }
}

/// The formula of "nothing stands in this cell but a mark for no answer", whatever the cell is for.
pub(super) fn untouched(framework: &Framework, at: &str) -> Option<String> {
    let cell = AnswerCell { at: at.to_owned(), holds: Holds::Text };
    let cells = Cells { question: &|_| None, this: Some(&cell), marks: &framework.missing.marks };
    compile(&nothing(), &cells).ok()
}

/// `. = ''`
fn nothing() -> Expression {
    equals(Expression::Text(String::new()))
}

fn equals(value: Expression) -> Expression {
    Expression::Binary(Operator::Equal, Box::new(Expression::This), Box::new(value))
}

fn not(expression: Expression) -> Expression {
    Expression::Call(Function::Not, vec![expression])
}

/// The answer is one of these codes, or several are taken and one of these is among them.
fn takes<'a>(question: &Question, codes: impl Iterator<Item = &'a String>) -> Option<Expression> {
    let several = matches!(question.kind, Kind::SelectMultiple(_));
    let test = |code: &String| {
        let code = Expression::Text(code.clone());
        if several {
            Expression::Call(Function::Selected, vec![Expression::This, code])
        } else {
            equals(code)
        }
    };
    codes.map(test).reduce(|left, right| Expression::Binary(Operator::Or, Box::new(left), Box::new(right)))
}

fn claims(framework: &Framework, question: &Question) -> Option<Expression> {
    let claiming = framework.choices(question)?.choices.iter().filter(|choice| choice.level > 0.0);
    takes(question, claiming.map(|choice| &choice.code))
}

fn denies(framework: &Framework, question: &Question) -> Option<Expression> {
    let Kind::SelectOne(_) = question.kind else { return None };
    let denying = framework.choices(question)?.choices.iter().filter(|choice| choice.level <= 0.0);
    takes(question, denying.map(|choice| &choice.code))
}

fn same(previous: &Answer) -> Option<Expression> {
    match previous {
        Answer::Choice(_) | Answer::Choices(_) | Answer::Text(_) => {
            Some(equals(Expression::Text(previous.expression_value().into_owned())))
        }
        Answer::Number(number) => Some(equals(Expression::Number(*number))),
        Answer::Missing(_) => None,
    }
}

fn falls(framework: &Framework, question: &Question, previous: &Answer) -> Option<Expression> {
    let Kind::SelectOne(_) = question.kind else { return None };
    let level = previous::level(framework, question, previous)?;
    let lower = framework.choices(question)?.choices.iter().filter(|choice| choice.level < level);
    takes(question, lower.map(|choice| &choice.code))
}
