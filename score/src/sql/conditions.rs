//! Conditions of questions as SQL.
//!
//! `NULL` is what is not known, and its `AND`, `OR` and `NOT` are those of Kleene. A condition is split at these;
//! what is left must depend on one question:
//!
//! - with one choice: its codes are tried, whatever the condition says;
//! - with several: `selected`, `count-selected` compared with a number, a comparison with a text;
//! - a number: a comparison with a number, or with the empty text;
//! - a text: a comparison with the empty text.

use std::collections::{BTreeSet, HashMap};

use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::logic::{Expression, Function, Operator};

use super::Inexpressible;
use super::dialect::{Dialect, number};

/// The column that says whether a question certainly does not apply.
pub(super) fn off(question: &Id) -> String {
    format!("{question} off")
}

/// Stands for any text that was given.
pub(super) const GIVEN: &str = "given";

/// What conditions are written from.
pub(super) struct Conditions<'a> {
    pub(super) framework: &'a Framework,
    pub(super) dialect: Dialect,
    /// The question whose condition it is, for refusals.
    pub(super) question: &'a Question,
    /// The questions whose answers are needed; grows.
    pub(super) columns: &'a mut BTreeSet<Id>,
    /// Those of them that do not always apply themselves; grows.
    pub(super) hanging: &'a mut BTreeSet<Id>,
}

impl Conditions<'_> {
    /// The condition.
    pub(super) fn condition(&mut self, condition: &Expression) -> Result<String, Inexpressible> {
        Ok(match condition {
            Expression::Binary(operator @ (Operator::And | Operator::Or), left, right) => {
                let word = if *operator == Operator::And { "AND" } else { "OR" };
                let (left, right) = (self.condition(left)?, self.condition(right)?);
                format!("({left} {word} {right})")
            }
            Expression::Call(Function::Not, arguments) if arguments.len() == 1 => {
                let inner = arguments.iter().map(|inner| self.condition(inner));
                format!("(NOT {})", inner.collect::<Result<String, _>>()?)
            }
            _ => self.atom(condition)?,
        })
    }

    /// A condition that is not made of others.
    fn atom(&mut self, condition: &Expression) -> Result<String, Inexpressible> {
        let mut asked = condition.references().into_iter().filter_map(|id| self.framework.question(id));
        let (Some(question), None) = (asked.next(), asked.next()) else {
            if condition.references().is_empty() {
                return Ok(truth(condition.holds("", &HashMap::<Id, String>::new())));
            }
            return self.refused("its condition compares several questions");
        };
        let holds = |answer: &str| condition.holds("", &HashMap::from([(question.id.clone(), answer)]));
        if !question.is_asked() {
            return Ok(truth(holds("")));
        }
        let (answer, skipped) = self.answer(question);
        let list = self.framework.choices(question);
        if let (Kind::SelectOne(_), Some(list)) = (&question.kind, list) {
            let codes = list.choices.iter().map(|choice| choice.code.as_str()).chain([""]);
            let codes: Vec<String> =
                codes.filter(|code| holds(code)).map(|code| self.dialect.literal(code)).collect();
            let value = self.or_empty(&answer, skipped.as_deref());
            return Ok(if codes.is_empty() {
                format!("CASE WHEN {value} IS NOT NULL THEN FALSE END")
            } else {
                format!("{value} IN ({})", codes.join(", "))
            });
        }
        let Some(given) = self.of_an_answer(condition, &question.kind, &answer) else {
            return self.refused("what its condition asks of its answer has no form there");
        };
        // What is known to stay empty decides by itself.
        let skipped = skipped.map(|skipped| format!(" WHEN {skipped} THEN {}", truth(holds(""))));
        Ok(format!("CASE WHEN {answer} IS NOT NULL THEN {given}{} END", skipped.unwrap_or_default()))
    }

    /// A condition on an answer that is given; absent where there is no form for it.
    fn of_an_answer(&self, condition: &Expression, kind: &Kind, answer: &str) -> Option<String> {
        let several = matches!(kind, Kind::SelectMultiple(_));
        match condition {
            Expression::Call(Function::Selected, arguments) => match arguments.as_slice() {
                // No code has a blank in it.
                [Expression::Reference(_), Expression::Text(code)]
                    if several && code.trim().contains(' ') =>
                {
                    Some(truth(false))
                }
                [Expression::Reference(_), Expression::Text(code)] if several => {
                    let code = self.dialect.literal(&format!(" {} ", code.trim()));
                    let blank = self.dialect.literal(" ");
                    Some(format!("POSITION({code} IN ({blank} || {answer} || {blank})) > 0"))
                }
                _ => None,
            },
            Expression::Binary(operator, left, right) => {
                let sign = comparison(*operator)?;
                // Two texts that are put in order are compared as numbers.
                let of_texts = matches!(operator, Operator::Equal | Operator::NotEqual);
                let is_text = |side: &Expression| matches!(constant(side), Some(Constant::Text(_)));
                if !of_texts && (is_text(left) || is_text(right)) {
                    return None;
                }
                let (left, right) =
                    (self.side(left, kind, answer, right)?, self.side(right, kind, answer, left)?);
                Some(format!("{left} {sign} {right}"))
            }
            _ => None,
        }
    }

    /// One side of a comparison, with the other beside it.
    fn side(&self, side: &Expression, kind: &Kind, answer: &str, other: &Expression) -> Option<String> {
        let several = matches!(kind, Kind::SelectMultiple(_));
        let is_number = matches!(kind, Kind::Integer | Kind::Decimal);
        match side {
            Expression::Reference(_) => match constant(other)? {
                Constant::Number(_) if is_number => Some(answer.to_owned()),
                // No number that is given is the empty text, and no text.
                Constant::Text("") if is_number || *kind == Kind::Text => Some(self.dialect.literal(GIVEN)),
                Constant::Text(_) if several => Some(answer.to_owned()),
                _ => None,
            },
            Expression::Call(Function::CountSelected, arguments) => {
                match (arguments.as_slice(), constant(other)?) {
                    // A given answer has one code more than blanks.
                    ([Expression::Reference(_)], Constant::Number(_)) if several => {
                        let blank = self.dialect.literal(" ");
                        let without = format!("REPLACE({answer}, {blank}, {})", self.dialect.literal(""));
                        Some(format!("LENGTH({answer}) - LENGTH({without}) + 1"))
                    }
                    _ => None,
                }
            }
            _ => Some(match constant(side)? {
                Constant::Number(value) => number(value),
                Constant::Text(text) => self.dialect.literal(text),
            }),
        }
    }

    /// The column of an answer, and the one that says whether none will come, if that may be.
    fn answer(&mut self, question: &Question) -> (String, Option<String>) {
        self.columns.insert(question.id.clone());
        let column = format!("c.{}", self.dialect.quoted(question.id.as_str()));
        if question.relevant.is_none() {
            return (column, None);
        }
        self.hanging.insert(question.id.clone());
        (column, Some(format!("c.{}", self.dialect.quoted(&off(&question.id)))))
    }

    /// The code of an answer; empty if there is none and there will be none; `NULL` if there is none yet.
    fn or_empty(&self, answer: &str, skipped: Option<&str>) -> String {
        match skipped {
            Some(skipped) => {
                format!("COALESCE({answer}, CASE WHEN {skipped} THEN {} END)", self.dialect.literal(""))
            }
            None => answer.to_owned(),
        }
    }

    fn refused<T>(&self, why: &str) -> Result<T, Inexpressible> {
        Err(Inexpressible { what: format!("question {}", self.question.id), why: why.to_owned() })
    }
}

enum Constant<'e> {
    Number(f64),
    Text(&'e str),
}

fn constant(expression: &Expression) -> Option<Constant<'_>> {
    match expression {
        Expression::Number(number) => Some(Constant::Number(*number)),
        Expression::Negate(inner) => match constant(inner)? {
            Constant::Number(number) => Some(Constant::Number(-number)),
            Constant::Text(_) => None,
        },
        Expression::Text(text) => Some(Constant::Text(text)),
        _ => None,
    }
}

/// The sign of a comparison.
fn comparison(operator: Operator) -> Option<&'static str> {
    match operator {
        Operator::Equal => Some("="),
        Operator::NotEqual => Some("<>"),
        Operator::Less => Some("<"),
        Operator::LessOrEqual => Some("<="),
        Operator::Greater => Some(">"),
        Operator::GreaterOrEqual => Some(">="),
        _ => None,
    }
}

fn truth(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}
