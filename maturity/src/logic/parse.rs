//! From the text of an expression to its tree: a scanner and a precedence-climbing parser.

use crate::id::Id;

use super::{Expression, Function, LogicError, Operator, Pattern};

/// Deeper nesting than any questionnaire needs; keeps hostile input from exhausting the stack.
const DEEPEST: usize = 64;

pub(super) fn parse(text: &str) -> Result<Expression, LogicError> {
    let mut parser = Parser { tokens: scan(text)?, at: 0, end: text.chars().count() + 1, depth: 0 };
    let expression = parser.expression(1)?;
    match parser.tokens.get(parser.at) {
        None => Ok(expression),
        Some((position, token)) => Err(error(*position, format!("unexpected {}", token.describe()))),
    }
}

fn error(position: usize, problem: impl Into<String>) -> LogicError {
    LogicError { position, problem: problem.into() }
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Number(f64),
    Text(String),
    Reference(String),
    Name(String),
    Symbol(&'static str),
}

impl Token {
    fn describe(&self) -> String {
        match self {
            Self::Number(number) => format!("number {number}"),
            Self::Text(text) => format!("text '{text}'"),
            Self::Reference(id) => format!("reference ${{{id}}}"),
            Self::Name(name) => format!("word \"{name}\""),
            Self::Symbol(symbol) => format!("\"{symbol}\""),
        }
    }
}

/// The longer symbols stand first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 12] = ["!=", "<=", ">=", "=", "<", ">", "+", "-", "*", "(", ")", ","];

fn scan(text: &str) -> Result<Vec<(usize, Token)>, LogicError> {
    let mut tokens = Vec::new();
    let mut rest = text;
    let mut position = 1;
    while let Some(first) = rest.chars().next() {
        let (length, token) = match first {
            c if c.is_whitespace() => (first.len_utf8(), None),
            '\'' | '"' => {
                let inner = rest.get(1..).unwrap_or_default();
                let close = inner.find(first).ok_or_else(|| error(position, "the text is not closed"))?;
                (close + 2, Some(Token::Text(inner.get(..close).unwrap_or_default().to_owned())))
            }
            '$' => {
                let close = rest.find('}').filter(|_| rest.starts_with("${"));
                let close = close.ok_or_else(|| error(position, "a reference is written ${question}"))?;
                let id = rest.get(2..close).unwrap_or_default().trim();
                if id.is_empty() {
                    return Err(error(position, "the reference names no question"));
                }
                (close + 1, Some(Token::Reference(id.to_owned())))
            }
            c if c.is_ascii_digit() => {
                let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                let digits = rest.get(..length).unwrap_or_default();
                let number =
                    digits.parse().map_err(|_| error(position, format!("\"{digits}\" is not a number")))?;
                (length, Some(Token::Number(number)))
            }
            '.' => (1, Some(Token::Symbol("."))),
            c if c.is_alphabetic() => {
                let ends = |c: char| !(c.is_alphanumeric() || c == '-' || c == '_');
                let length = rest.find(ends).unwrap_or(rest.len());
                (length, Some(Token::Name(rest.get(..length).unwrap_or_default().to_owned())))
            }
            other => {
                let symbol = SYMBOLS.into_iter().find(|symbol| rest.starts_with(symbol));
                let symbol = symbol
                    .ok_or_else(|| error(position, format!("the character \"{other}\" is not supported")))?;
                (symbol.len(), Some(Token::Symbol(symbol)))
            }
        };
        if let Some(token) = token {
            tokens.push((position, token));
        }
        let (read, after) = rest.split_at(length);
        position += read.chars().count();
        rest = after;
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    at: usize,
    /// The position just behind the text, for what is missing at the end.
    end: usize,
    depth: usize,
}

impl Parser {
    fn position(&self) -> usize {
        self.tokens.get(self.at).map_or(self.end, |(position, _)| *position)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).map(|(_, token)| token.clone());
        self.at += 1;
        token
    }

    fn take(&mut self, symbol: &str) -> bool {
        let found = matches!(self.tokens.get(self.at), Some((_, Token::Symbol(s))) if *s == symbol);
        if found {
            self.at += 1;
        }
        found
    }

    fn expect(&mut self, symbol: &str) -> Result<(), LogicError> {
        if self.take(symbol) {
            Ok(())
        } else {
            Err(error(self.position(), format!("\"{symbol}\" is missing here")))
        }
    }

    fn operator(&self) -> Option<Operator> {
        let (_, token) = self.tokens.get(self.at)?;
        let text = match token {
            Token::Symbol(symbol) => symbol,
            Token::Name(name) => name.as_str(),
            _ => return None,
        };
        [
            Operator::Or,
            Operator::And,
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessOrEqual,
            Operator::Greater,
            Operator::GreaterOrEqual,
            Operator::Add,
            Operator::Subtract,
            Operator::Multiply,
            Operator::Divide,
            Operator::Remainder,
        ]
        .into_iter()
        .find(|operator| operator.as_str() == text)
    }

    fn expression(&mut self, loosest: u8) -> Result<Expression, LogicError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(error(self.position(), format!("nested more than {DEEPEST} levels deep")));
        }
        let mut left = self.operand()?;
        while let Some(operator) = self.operator().filter(|operator| operator.precedence() >= loosest) {
            self.at += 1;
            let right = self.expression(operator.precedence() + 1)?;
            left = Expression::Binary(operator, Box::new(left), Box::new(right));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn operand(&mut self) -> Result<Expression, LogicError> {
        let position = self.position();
        match self.next() {
            None => Err(error(position, "the expression ends too early")),
            Some(Token::Number(number)) => Ok(Expression::Number(number)),
            Some(Token::Text(text)) => Ok(Expression::Text(text)),
            Some(Token::Reference(id)) => Ok(Expression::Reference(Id::from(id))),
            Some(Token::Symbol(".")) => Ok(Expression::This),
            Some(Token::Symbol("-")) => Ok(Expression::Negate(Box::new(self.expression(7)?))),
            Some(Token::Symbol("(")) => {
                let inner = self.expression(1)?;
                self.expect(")")?;
                Ok(inner)
            }
            Some(Token::Name(name)) => self.call(position, &name),
            Some(token) => Err(error(position, format!("unexpected {}", token.describe()))),
        }
    }

    fn call(&mut self, position: usize, name: &str) -> Result<Expression, LogicError> {
        let function = Function::named(name).ok_or_else(|| {
            let known: Vec<_> = Function::ALL.iter().map(|function| function.as_str()).collect();
            error(
                position,
                format!("the function \"{name}\" is not supported (supported: {})", known.join(", ")),
            )
        })?;
        self.expect("(")?;
        let mut arguments = Vec::new();
        let mut positions = Vec::new();
        if !self.take(")") {
            loop {
                positions.push(self.position());
                arguments.push(self.expression(1)?);
                if !self.take(",") {
                    break;
                }
            }
            self.expect(")")?;
        }
        if arguments.len() != function.arguments() {
            let (wanted, found) = (function.arguments(), arguments.len());
            return Err(error(position, format!("{name}() takes {wanted} argument(s), {found} given")));
        }
        if function == Function::Regex {
            return regex(arguments, positions.last().copied().unwrap_or(position));
        }
        Ok(Expression::Call(function, arguments))
    }
}

/// `regex(text, 'pattern')`: the pattern is compiled here, so it has to be written out.
fn regex(mut arguments: Vec<Expression>, position: usize) -> Result<Expression, LogicError> {
    let (Some(Expression::Text(source)), Some(text)) = (arguments.pop(), arguments.pop()) else {
        return Err(error(position, "the pattern of regex() must be a text in quotes"));
    };
    // The quote is one character in front of the pattern.
    let pattern = Pattern::new(&source).map_err(|fault| error(position + 1 + fault.offset, fault.problem))?;
    Ok(Expression::Regex(Box::new(text), pattern))
}
