//! The conditions behind the marks, each as an expression and as its formula.

use maturity::answer::Answer;
use maturity::framework::{Framework, Kind, Question};
use maturity::logic::{Expression, Function, Operator};
use maturity::previous;

use super::Places;
use super::values::Values;
use crate::formula::{AnswerCell, Cells, Holds, compile};
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
    /// The answer says more than "no": a choice with a level above 0, any number or text.
    pub(super) claims: Option<Condition>,
    /// There is no usable answer.
    pub(super) empty: Condition,
    /// Nothing stands in the cell but a mark for "no answer".
    pub(super) untouched: Condition,
    /// The answer breaks the constraint.
    pub(super) broken: Option<Condition>,
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
            claims: claims(framework, question).and_then(condition),
            empty: condition(nothing())?,
            untouched: Condition { expression: nothing(), formula: untouched(framework, &at)? },
            broken: question
                .constraint
                .as_ref()
                .map(|constraint| not(constraint.expression.clone()))
                .and_then(condition),
        })
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
    match framework.choices(question) {
        Some(list) => {
            let claiming = list.choices.iter().filter(|choice| choice.level > 0.0);
            takes(question, claiming.map(|choice| &choice.code))
        }
        None => Some(not(nothing())),
    }
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
