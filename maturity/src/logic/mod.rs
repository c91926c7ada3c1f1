//! The expression language of `XLSForm`, as far as questionnaires need it: `relevant` and `constraint`.
//!
//! One expression is parsed once, when the framework is loaded. A function or an operator that is not
//! supported is an error with its position, never a silent pass. The grammar, loosest binding first:
//!
//! ```text
//! or  |  and  |  = !=  |  < <= > >=  |  + -  |  * div mod  |  unary -  |  literal ${id} . call (…)
//! ```

mod evaluate;
mod parse;

use std::collections::BTreeSet;
use std::fmt;

use crate::id::Id;

pub use evaluate::{Answers, Value};

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
    /// `string-length(text)`: characters.
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
}

impl Function {
    const ALL: [Self; 8] = [
        Self::Selected,
        Self::CountSelected,
        Self::StringLength,
        Self::If,
        Self::Coalesce,
        Self::Not,
        Self::True,
        Self::False,
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
        }
    }

    /// How many arguments it takes.
    fn arguments(self) -> usize {
        match self {
            Self::True | Self::False => 0,
            Self::CountSelected | Self::StringLength | Self::Not => 1,
            Self::Selected | Self::Coalesce => 2,
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
            Self::Negate(inner) => inner.collect_references(found),
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
            Self::Text(text) if text.contains('\'') => write!(f, "\"{text}\""),
            Self::Text(text) => write!(f, "'{text}'"),
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
        }
    }
}

#[cfg(test)]
mod tests;
