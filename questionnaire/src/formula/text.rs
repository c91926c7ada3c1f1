//! Expressions as texts. The text of a computed number is not the same in every spreadsheet, so it is left out.

use maturity::logic::{Expression, Function, Operator};

use super::{Cells, Unsupported, answer, condition, quoted};

/// What a value is, as far as it is known before the answers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Type {
    /// Text; every answer is one.
    Text,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// It depends on a condition which of these.
    Mixed,
}

/// Whether an expression is an answer and nothing else.
pub(super) fn is_answer(expression: &Expression) -> bool {
    matches!(expression, Expression::This | Expression::Reference(_))
}

/// The type of an expression's value.
pub(super) fn type_of(expression: &Expression) -> Type {
    match expression {
        Expression::Text(_) | Expression::This | Expression::Reference(_) => Type::Text,
        Expression::Number(_) | Expression::Negate(_) => Type::Number,
        Expression::Regex(..) => Type::Boolean,
        Expression::Binary(operator, ..) => match operator {
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => Type::Number,
            _ => Type::Boolean,
        },
        Expression::Call(function, arguments) => match (function, arguments.as_slice()) {
            (Function::CountSelected | Function::StringLength, _) => Type::Number,
            (Function::If, [_, one, other]) => either(type_of(one), type_of(other)),
            (Function::Coalesce, [first, second]) => match type_of(first) {
                // Only a text can be empty.
                Type::Number => Type::Number,
                Type::Boolean => Type::Boolean,
                first => either(first, type_of(second)),
            },
            _ => Type::Boolean,
        },
    }
}

fn either(one: Type, other: Type) -> Type {
    if one == other { one } else { Type::Mixed }
}

/// The expression as a text.
pub(super) fn text(expression: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    match expression {
        Expression::Text(text) => quoted(text),
        Expression::This | Expression::Reference(_) => answer::as_text(&cells.of(expression)?, cells),
        Expression::Regex(..) => Err(Unsupported::Regex),
        Expression::Call(Function::If, arguments) => match arguments.as_slice() {
            [test, then, other] => Ok(format!(
                "IF({},{},{})",
                condition::holds(test, cells)?,
                text(then, cells)?,
                text(other, cells)?
            )),
            _ => Err(Unsupported::Meaning(expression.to_string())),
        },
        Expression::Call(Function::Coalesce, arguments) => match arguments.as_slice() {
            [first, second] => match is_empty(first, cells)? {
                None => text(first, cells),
                Some(empty) => Ok(format!("IF({empty},{},{})", text(second, cells)?, text(first, cells)?)),
            },
            _ => Err(Unsupported::Meaning(expression.to_string())),
        },
        other if type_of(other) == Type::Boolean => {
            Ok(format!("IF({},\"true\",\"false\")", condition::holds(other, cells)?))
        }
        other if other.references().is_empty() && !other.uses_this() => {
            // A number that is known now is written now.
            let written =
                Expression::Call(Function::Coalesce, vec![Expression::Text(String::new()), other.clone()]);
            match written.evaluate("", &super::number::NoAnswers) {
                maturity::logic::Value::Number(number) if number.is_finite() => {
                    quoted(&(number + 0.0).to_string())
                }
                _ => Err(Unsupported::Meaning(format!("the text of {other}"))),
            }
        }
        other => Err(Unsupported::Meaning(format!("the text of {other}"))),
    }
}

/// The test whether a value is an empty text; none if it never is.
pub(super) fn is_empty(expression: &Expression, cells: &Cells<'_>) -> Result<Option<String>, Unsupported> {
    if matches!(type_of(expression), Type::Number | Type::Boolean) {
        return Ok(None);
    }
    let or_never = |test: Option<String>| test.unwrap_or_else(|| "FALSE".to_owned());
    match expression {
        Expression::Call(Function::If, arguments) => {
            let [test, then, other] = arguments.as_slice() else { return Ok(None) };
            let (then, other) = (or_never(is_empty(then, cells)?), or_never(is_empty(other, cells)?));
            Ok(Some(format!("IF({},{then},{other})", condition::holds(test, cells)?)))
        }
        Expression::Call(Function::Coalesce, arguments) => {
            let [first, second] = arguments.as_slice() else { return Ok(None) };
            let Some(first) = is_empty(first, cells)? else { return Ok(None) };
            Ok(is_empty(second, cells)?.map(|second| format!("AND({first},{second})")))
        }
        answer => condition::equal(answer, &Expression::Text(String::new()), cells).map(Some),
    }
}
