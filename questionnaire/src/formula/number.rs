//! Expressions as numbers. What is no number is an error in the formula, which arithmetic hands on.

use maturity::logic::{Answers, Expression, Function, Operator};

use super::{Cells, Holds, Unsupported, answer, condition, text};

/// A number literal as a formula writes it.
pub(super) fn literal(number: f64) -> String {
    if number.is_nan() {
        return "NA()".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "9E+307" } else { "(-9E+307)" }.to_owned();
    }
    let digits = if number != 0.0 && !(1e-4..1e15).contains(&number.abs()) {
        // Rust writes 1e300 with three hundred zeros, formulas do not take that.
        format!("{number:E}").replace('E', if number.abs() < 1.0 { "E" } else { "E+" })
    } else {
        number.to_string()
    };
    if number < 0.0 { format!("({digits})") } else { digits }
}

/// The number that a text writes, if it writes one.
pub(super) fn of_text(text: &str) -> Option<String> {
    let negated = Expression::Negate(Box::new(Expression::Text(text.to_owned())));
    let number = match negated.evaluate("", &NoAnswers) {
        maturity::logic::Value::Number(number) => -number,
        _ => f64::NAN,
    };
    (!number.is_nan()).then(|| literal(number))
}

/// No answers: for expressions that refer to none.
pub(super) struct NoAnswers;

impl Answers for NoAnswers {
    fn value(&self, _: &maturity::id::Id) -> &'static str {
        ""
    }
}

/// The expression as a number; an error where it is not one.
pub(super) fn number(expression: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    match expression {
        Expression::Number(number) => Ok(literal(*number)),
        Expression::Text(text) => Ok(of_text(text).unwrap_or_else(|| "NA()".to_owned())),
        Expression::This | Expression::Reference(_) => answer::as_number(&cells.of(expression)?),
        Expression::Negate(inner) => Ok(format!("(-{})", number(inner, cells)?)),
        Expression::Binary(operator, left, right) => match operator {
            Operator::Add
            | Operator::Subtract
            | Operator::Multiply
            | Operator::Divide
            | Operator::Remainder => {
                finite(left)?;
                finite(right)?;
                let (a, b) = (number(left, cells)?, number(right, cells)?);
                Ok(match operator {
                    Operator::Divide => match right.as_ref() {
                        Expression::Number(divisor) if *divisor != 0.0 => format!("({a}/{b})"),
                        _ => format!("IF({b}=0,IF({a}=0,NA(),SIGN({a})*9E+307),{a}/{b})"),
                    },
                    // MOD has the sign of the divisor, the language that of the dividend.
                    Operator::Remainder => format!("(SIGN({a})*MOD(ABS({a}),ABS({b})))"),
                    other => format!("({a}{}{b})", other.as_str()),
                })
            }
            _ => Ok(format!("IF({},1,0)", condition::holds(expression, cells)?)),
        },
        Expression::Regex(..) => Err(Unsupported::Regex),
        Expression::Call(function, arguments) => match (function, arguments.as_slice()) {
            (Function::CountSelected, [of]) => count(of, cells),
            (Function::StringLength, [of]) => length(of, cells),
            (Function::If, [test, then, other]) => Ok(format!(
                "IF({},{},{})",
                condition::holds(test, cells)?,
                number(then, cells)?,
                number(other, cells)?
            )),
            (Function::Coalesce, [first, second]) => match text::is_empty(first, cells)? {
                None => number(first, cells),
                Some(empty) => {
                    Ok(format!("IF({empty},{},{})", number(second, cells)?, number(first, cells)?))
                }
            },
            _ => Ok(format!("IF({},1,0)", condition::holds(expression, cells)?)),
        },
    }
}

/// Infinite numbers can be compared, but not reckoned with.
fn finite(expression: &Expression) -> Result<(), Unsupported> {
    let infinite = match expression {
        Expression::Binary(Operator::Divide, _, divisor) => {
            !matches!(divisor.as_ref(), Expression::Number(number) if *number != 0.0)
        }
        Expression::Negate(inner) => return finite(inner),
        Expression::Call(Function::If | Function::Coalesce, arguments) => {
            return arguments.iter().try_for_each(finite);
        }
        _ => false,
    };
    if infinite { Err(Unsupported::Meaning(format!("reckoning with {expression}"))) } else { Ok(()) }
}

/// How long a text is. That of a number is as long with a decimal comma as with a point.
fn length(of: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    if text::is_answer(of) {
        let cell = cells.of(of)?;
        if cell.holds == Holds::Number {
            return Ok(format!("LEN(IFERROR({},\"\"))", answer::number(&cell.at)));
        }
    }
    Ok(format!("LEN({})", text::text(of, cells)?))
}

/// How many codes are taken.
fn count(of: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    if text::is_answer(of)
        && let cell = cells.of(of)?
        && let Holds::Choices(choices) = &cell.holds
    {
        let tests: Result<Vec<_>, _> = choices
            .iter()
            .map(|choice| Ok(format!("IF({},1,0)", answer::is_selected(&cell.at, choice)?)))
            .collect();
        let tests = tests?;
        return Ok(if tests.is_empty() { "0".to_owned() } else { format!("({})", tests.join("+")) });
    }
    let words = format!("TRIM({})", text::text(of, cells)?);
    Ok(format!("IF({words}=\"\",0,LEN({words})-LEN(SUBSTITUTE({words},\" \",\"\"))+1)"))
}
