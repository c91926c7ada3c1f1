//! The value of an expression, by the rules of `XPath` 1.0 as ODK applies them.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};

use crate::id::Id;

use super::{Expression, Function, Operator};

/// Where the values of referenced questions come from.
pub trait Answers {
    /// The answer as expressions see it: a code, codes separated by blanks, a number, a text; empty if missing.
    fn value(&self, question: &Id) -> &str;
}

impl<K: Borrow<Id> + Eq + Hash, V: AsRef<str>, S: BuildHasher> Answers for HashMap<K, V, S> {
    fn value(&self, question: &Id) -> &str {
        self.get(question).map_or("", AsRef::as_ref)
    }
}

/// A value of the expression language.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text; every answer is one.
    Text(String),
    /// A number, possibly not a number (an empty answer in arithmetic).
    Number(f64),
    /// True or false.
    Boolean(bool),
}

impl Value {
    /// The value as a condition: a non-empty text, a number that is neither 0 nor NaN, or true.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Text(text) => !text.is_empty(),
            Self::Number(number) => *number != 0.0 && !number.is_nan(),
            Self::Boolean(boolean) => *boolean,
        }
    }

    /// The value as a number; what is no number is NaN, as in `XPath`, so that every comparison with it fails.
    fn number(&self) -> f64 {
        match self {
            Self::Text(text) => number_of(text),
            Self::Number(number) => *number,
            Self::Boolean(boolean) => f64::from(u8::from(*boolean)),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Number(number) if number.is_infinite() => {
                if *number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned()
            }
            // Adding zero turns -0 into 0.
            Self::Number(number) => (number + 0.0).to_string(),
            Self::Boolean(boolean) => boolean.to_string(),
        }
    }
}

/// The number that a text writes by the grammar of `XPath`: digits with at most one point, a minus in front, blanks
/// around it. Rust's own parser also takes `1e5`, `+1`, `inf` and `nan`, which are no numbers there.
fn number_of(text: &str) -> f64 {
    let text = text.trim_matches([' ', '\t', '\n', '\r']);
    let allowed = |byte: u8| byte.is_ascii_digit() || byte == b'.' || byte == b'-';
    if !text.bytes().all(allowed) {
        return f64::NAN;
    }
    text.parse().unwrap_or(f64::NAN)
}

pub(super) fn evaluate(expression: &Expression, this: &str, answers: &dyn Answers) -> Value {
    let value = |inner: &Expression| evaluate(inner, this, answers);
    match expression {
        Expression::Number(number) => Value::Number(*number),
        Expression::Text(text) => Value::Text(text.clone()),
        Expression::This => Value::Text(this.to_owned()),
        Expression::Reference(id) => Value::Text(answers.value(id).to_owned()),
        Expression::Negate(inner) => Value::Number(-value(inner).number()),
        Expression::Binary(Operator::Or, left, right) => {
            Value::Boolean(value(left).is_true() || value(right).is_true())
        }
        Expression::Binary(Operator::And, left, right) => {
            Value::Boolean(value(left).is_true() && value(right).is_true())
        }
        Expression::Binary(operator, left, right) => binary(*operator, &value(left), &value(right)),
        Expression::Call(function, arguments) => {
            let argument = |at: usize| arguments.get(at).map_or_else(|| Value::Text(String::new()), value);
            call(*function, argument)
        }
        Expression::Regex(text, pattern) => Value::Boolean(pattern.matches(&value(text).text())),
    }
}

fn binary(operator: Operator, left: &Value, right: &Value) -> Value {
    let (a, b) = (left.number(), right.number());
    match operator {
        Operator::Equal => Value::Boolean(equal(left, right)),
        Operator::NotEqual => Value::Boolean(!equal(left, right)),
        Operator::Less => Value::Boolean(a < b),
        Operator::LessOrEqual => Value::Boolean(a <= b),
        Operator::Greater => Value::Boolean(a > b),
        Operator::GreaterOrEqual => Value::Boolean(a >= b),
        Operator::Add => Value::Number(a + b),
        Operator::Subtract => Value::Number(a - b),
        Operator::Multiply => Value::Number(a * b),
        Operator::Divide => Value::Number(a / b),
        Operator::Remainder => Value::Number(a % b),
        // Both are decided before their right side is looked at.
        Operator::Or | Operator::And => Value::Boolean(false),
    }
}

/// `XPath` equality: as conditions if one side is one, else as numbers if one side is one, else as texts.
#[expect(
    clippy::float_cmp,
    reason = "answers are codes and typed-in numbers; equality means the same number"
)]
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Boolean(_), _) | (_, Value::Boolean(_)) => left.is_true() == right.is_true(),
        (Value::Number(_), _) | (_, Value::Number(_)) => left.number() == right.number(),
        (Value::Text(a), Value::Text(b)) => a == b,
    }
}

/// `argument` works an argument out, and no other: calls stand within calls, and each would double the work.
fn call(function: Function, argument: impl Fn(usize) -> Value) -> Value {
    match function {
        Function::Selected => {
            let code = argument(1).text();
            let code = code.trim();
            Value::Boolean(argument(0).text().split_whitespace().any(|taken| taken == code))
        }
        Function::CountSelected => {
            let count = argument(0).text().split_whitespace().count();
            Value::Number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
        }
        Function::StringLength => {
            let length = argument(0).text().encode_utf16().count();
            Value::Number(f64::from(u32::try_from(length).unwrap_or(u32::MAX)))
        }
        Function::If => argument(if argument(0).is_true() { 1 } else { 2 }),
        Function::Coalesce => {
            let first = argument(0);
            if first.text().is_empty() { argument(1) } else { first }
        }
        Function::Not => Value::Boolean(!argument(0).is_true()),
        Function::True => Value::Boolean(true),
        // A call of regex() is parsed to an expression of its own.
        Function::False | Function::Regex => Value::Boolean(false),
    }
}
