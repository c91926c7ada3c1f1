//! The expression language of `XLSForm`, as far as questionnaires need it: `relevant` and `constraint`.
//!
//! One expression is parsed once, when the framework is loaded. A function or an operator that is not
//! supported is an error with its position, never a silent pass. The grammar, loosest binding first:
//!
//! ```text
//! or  |  and  |  = !=  |  < <= > >=  |  + -  |  * div mod  |  unary -  |  literal ${id} . call (…)
//! ```
//!
//! Values follow `XPath` 1.0 as ODK's programs apply it:
//!
//! - An answer is a text: a code, codes separated by blanks, a number in its shortest form, a text. A missing
//!   answer is the empty text, whatever the reason.
//! - A text in arithmetic or in a comparison with a number is the number that it writes (`-12.5`; no exponent, no
//!   plus sign), else not a number. Whatever is not a number is neither equal to, nor above, nor below anything:
//!   `${q} = 0`, `${q} < 1` and `${q} > 0` are all false for an empty answer, and `${q} != 0` is true.
//! - Two texts are equal if they are the same, capitals included; `<` and `>` always compare numbers.
//! - As a condition an empty text, 0 and not-a-number are false. Programs differ in what a bare answer means
//!   as a condition, so frameworks must write `${q} != ''` (see [`Expression::bare_condition`]).
//! - `string-length` counts UTF-16 units, as ODK Collect, the web forms and Excel do; they differ from characters
//!   beyond the basic plane (emoji) only.
//! - `regex` matches the whole text; see [`Pattern`].
//! - `mod` has the sign of its left side; division by zero gives an infinite number, 0 by 0 no number.

mod evaluate;
mod parse;
mod pattern;

use std::collections::BTreeSet;
use std::fmt;

use crate::id::Id;

pub use evaluate::{Answers, Value};
pub use pattern::Pattern;

/// A parsed expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// A number literal.
    Number(f64),
    /// A text literal.
    Text(String),
    /// `.`, the answer to the question that the expression belongs to.
    This,
    /// `${id}`, the answer to another question.
    Reference(Id),
    /// `-x`.
    Negate(Box<Expression>),
    /// Two operands and what joins them.
    Binary(Operator, Box<Expression>, Box<Expression>),
    /// A function with its arguments; their number has been checked.
    Call(Function, Vec<Expression>),
    /// `regex(text, 'pattern')`: whether the whole text matches.
    Regex(Box<Expression>, Pattern),
}

/// What joins two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `or`
    Or,
    /// `and`
    And,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `div`
    Divide,
    /// `mod`
    Remainder,
}

impl Operator {
    /// The operator as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "div",
            Self::Remainder => "mod",
        }
    }

    /// How tightly the operator binds; more is tighter.
    fn precedence(self) -> u8 {
        match self {
            Self::Or => 1,
            Self::And => 2,
            Self::Equal | Self::NotEqual => 3,
            Self::Less | Self::LessOrEqual | Self::Greater | Self::GreaterOrEqual => 4,
            Self::Add | Self::Subtract => 5,
            Self::Multiply | Self::Divide | Self::Remainder => 6,
        }
    }
}

/// A supported function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// `selected(answer, code)`: whether the code is among those taken.
    Selected,
    /// `count-selected(answer)`: how many codes are taken.
    CountSelected,
    /// `string-length(text)`: UTF-16 units.
    StringLength,
    /// `if(condition, then, else)`.
    If,
    /// `coalesce(a, b)`: the first that is not empty.
    Coalesce,
    /// `not(condition)`.
    Not,
    /// `true()`.
    True,
    /// `false()`.
    False,
    /// `regex(text, 'pattern')`; parsed to [`Expression::Regex`], so never found in a call.
    Regex,
}

impl Function {
    const ALL: [Self; 9] = [
        Self::Selected,
        Self::CountSelected,
        Self::StringLength,
        Self::If,
        Self::Coalesce,
        Self::Not,
        Self::True,
        Self::False,
        Self::Regex,
    ];

    /// The function's name as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Selected => "selected",
            Self::CountSelected => "count-selected",
            Self::StringLength => "string-length",
            Self::If => "if",
            Self::Coalesce => "coalesce",
            Self::Not => "not",
            Self::True => "true",
            Self::False => "false",
            Self::Regex => "regex",
        }
    }

    /// How many arguments it takes.
    fn arguments(self) -> usize {
        match self {
            Self::True | Self::False => 0,
            Self::CountSelected | Self::StringLength | Self::Not => 1,
            Self::Selected | Self::Coalesce | Self::Regex => 2,
            Self::If => 3,
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|function| function.as_str() == name)
    }
}

/// An expression that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("at character {position}: {problem}")]
pub struct LogicError {
    /// The position in the expression, counted in characters from 1.
    pub position: usize,
    /// What is wrong and what is accepted.
    pub problem: String,
}

impl Expression {
    /// Parses an expression.
    pub fn parse(text: &str) -> Result<Self, LogicError> {
        parse::parse(text)
    }

    /// The questions that the expression refers to.
    pub fn references(&self) -> BTreeSet<&Id> {
        let mut found = BTreeSet::new();
        self.collect_references(&mut found);
        found
    }

    fn collect_references<'a>(&'a self, found: &mut BTreeSet<&'a Id>) {
        match self {
            Self::Reference(id) => {
                found.insert(id);
            }
            Self::Negate(inner) | Self::Regex(inner, _) => inner.collect_references(found),
            Self::Binary(_, left, right) => {
                left.collect_references(found);
                right.collect_references(found);
            }
            Self::Call(_, arguments) => {
                for argument in arguments {
                    argument.collect_references(found);
                }
            }
            Self::Number(_) | Self::Text(_) | Self::This => {}
        }
    }

    /// The value of the expression; `this` is the answer that `.` stands for.
    pub fn evaluate(&self, this: &str, answers: &dyn Answers) -> Value {
        evaluate::evaluate(self, this, answers)
    }

    /// Whether the expression holds.
    pub fn holds(&self, this: &str, answers: &dyn Answers) -> bool {
        self.evaluate(this, answers).is_true()
    }

    /// Whether the answer to the question itself, `.`, occurs.
    pub fn uses_this(&self) -> bool {
        match self {
            Self::This => true,
            Self::Negate(inner) | Self::Regex(inner, _) => inner.uses_this(),
            Self::Binary(_, left, right) => left.uses_this() || right.uses_this(),
            Self::Call(_, arguments) => arguments.iter().any(Self::uses_this),
            Self::Number(_) | Self::Text(_) | Self::Reference(_) => false,
        }
    }

    /// An answer that stands alone where a condition is needed, e.g. in `${a} and ${b} = 1`. ODK Collect takes it
    /// for its value, web forms for the existence of the question: such an expression has no one meaning.
    pub fn bare_condition(&self) -> Option<&Self> {
        match self {
            Self::This | Self::Reference(_) => Some(self),
            Self::Call(Function::If, arguments) => {
                arguments.iter().find_map(Self::bare_condition).or_else(|| self.bare_inside())
            }
            Self::Call(Function::Coalesce, arguments) => arguments.iter().find_map(Self::bare_condition),
            _ => self.bare_inside(),
        }
    }

    /// Bare conditions in the parts of an expression that itself may be any value.
    fn bare_inside(&self) -> Option<&Self> {
        match self {
            Self::Binary(Operator::And | Operator::Or, left, right) => {
                left.bare_condition().or_else(|| right.bare_condition())
            }
            Self::Binary(Operator::Equal | Operator::NotEqual, left, right)
                if left.is_boolean() || right.is_boolean() =>
            {
                left.bare_condition().or_else(|| right.bare_condition())
            }
            Self::Binary(_, left, right) => left.bare_inside().or_else(|| right.bare_inside()),
            Self::Call(Function::Not, arguments) => arguments.iter().find_map(Self::bare_condition),
            Self::Call(Function::If, arguments) => {
                let condition = arguments.first().and_then(Self::bare_condition);
                condition.or_else(|| arguments.iter().skip(1).find_map(Self::bare_inside))
            }
            Self::Call(_, arguments) => arguments.iter().find_map(Self::bare_inside),
            Self::Negate(inner) | Self::Regex(inner, _) => inner.bare_inside(),
            Self::This | Self::Reference(_) | Self::Number(_) | Self::Text(_) => None,
        }
    }

    /// Whether the value is true or false, whatever the answers are.
    fn is_boolean(&self) -> bool {
        match self {
            Self::Binary(operator, ..) => operator.precedence() <= Operator::Less.precedence(),
            Self::Regex(..) => true,
            Self::Call(function, arguments) => match function {
                Function::Selected | Function::Not | Function::True | Function::False | Function::Regex => {
                    true
                }
                Function::If => arguments.iter().skip(1).any(Self::is_boolean),
                Function::Coalesce => arguments.iter().any(Self::is_boolean),
                Function::CountSelected | Function::StringLength => false,
            },
            _ => false,
        }
    }

    fn precedence(&self) -> u8 {
        match self {
            Self::Binary(operator, ..) => operator.precedence(),
            Self::Negate(_) => 7,
            _ => 8,
        }
    }
}

/// Writes the expression so that parsing it again gives the same expression.
impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nested = |f: &mut fmt::Formatter<'_>, inner: &Self, needs: u8| {
            if inner.precedence() < needs { write!(f, "({inner})") } else { write!(f, "{inner}") }
        };
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Text(text) => quoted(f, text),
            Self::This => f.write_str("."),
            Self::Reference(id) => write!(f, "${{{id}}}"),
            Self::Negate(inner) => {
                f.write_str("-")?;
                nested(f, inner, 7)
            }
            Self::Binary(operator, left, right) => {
                nested(f, left, operator.precedence())?;
                write!(f, " {} ", operator.as_str())?;
                nested(f, right, operator.precedence() + 1)
            }
            Self::Call(function, arguments) => {
                write!(f, "{}(", function.as_str())?;
                for (position, argument) in arguments.iter().enumerate() {
                    if position > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{argument}")?;
                }
                f.write_str(")")
            }
            Self::Regex(text, pattern) => {
                write!(f, "{}({text}, ", Function::Regex.as_str())?;
                quoted(f, pattern.as_str())?;
                f.write_str(")")
            }
        }
    }
}

/// A text in the quotes that it does not hold itself; no text holds both, or it could not have been written.
fn quoted(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    if text.contains('\'') { write!(f, "\"{text}\"") } else { write!(f, "'{text}'") }
}

#[cfg(test)]
mod tests;
