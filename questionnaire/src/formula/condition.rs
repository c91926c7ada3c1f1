//! Expressions as conditions: formulas that are TRUE or FALSE.

use maturity::logic::{Answers, Expression, Function, Operator};

use super::number::{NoAnswers, number};
use super::text::{Type, is_answer, is_empty, text, type_of};
use super::{AnswerCell, Cells, Holds, Offered, Unsupported, answer, any_of, quoted};

/// The expression as a condition.
pub(super) fn holds(expression: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    if let Some(formula) = by_cases(expression, cells)? {
        return Ok(formula);
    }
    match expression {
        Expression::Binary(Operator::And, ..) => chain("AND", Operator::And, expression, cells),
        Expression::Binary(Operator::Or, ..) => chain("OR", Operator::Or, expression, cells),
        Expression::Binary(Operator::Equal, left, right) => equal(left, right, cells),
        Expression::Binary(Operator::NotEqual, left, right) => {
            Ok(format!("NOT({})", equal(left, right, cells)?))
        }
        Expression::Binary(
            operator
            @ (Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual),
            left,
            right,
        ) => {
            let (left, right) = (number(left, cells)?, number(right, cells)?);
            Ok(format!("IFERROR({left}{}{right},FALSE)", operator.as_str()))
        }
        Expression::Regex(..) => Err(Unsupported::Regex),
        Expression::Call(function, arguments) => match (function, arguments.as_slice()) {
            (Function::Not, [inner]) => Ok(format!("NOT({})", holds(inner, cells)?)),
            (Function::Selected, [of, code]) => selected(of, code, cells),
            (Function::If, [test, then, other]) => {
                Ok(format!("IF({},{},{})", holds(test, cells)?, holds(then, cells)?, holds(other, cells)?))
            }
            (Function::Coalesce, [first, second]) => match is_empty(first, cells)? {
                None => holds(first, cells),
                Some(empty) => Ok(format!("IF({empty},{},{})", holds(second, cells)?, holds(first, cells)?)),
            },
            _ => not_zero(expression, cells),
        },
        Expression::This | Expression::Reference(_) | Expression::Text(_) => {
            let empty = is_empty(expression, cells)?;
            Ok(empty.map_or_else(|| "TRUE".to_owned(), |empty| format!("NOT({empty})")))
        }
        Expression::Number(_) | Expression::Negate(_) | Expression::Binary(..) => not_zero(expression, cells),
    }
}

fn not_zero(expression: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    Ok(format!("IFERROR({}<>0,FALSE)", number(expression, cells)?))
}

/// A chain of the same operator as one function: chains may be long, nesting may not.
fn chain(
    name: &str,
    operator: Operator,
    expression: &Expression,
    cells: &Cells<'_>,
) -> Result<String, Unsupported> {
    let mut links = Vec::new();
    let mut rest = expression;
    while let Expression::Binary(found, left, right) = rest
        && *found == operator
    {
        links.push(right.as_ref());
        rest = left;
    }
    links.push(rest);
    let tests: Result<Vec<_>, _> = links.into_iter().rev().map(|link| holds(link, cells)).collect();
    let tests = tests?;
    if tests.len() > super::MOST_ARGUMENTS {
        return Err(Unsupported::Limit("255 arguments"));
    }
    Ok(format!("{name}({})", tests.join(",")))
}

/// A condition that depends on nothing, or on one single choice: it is decided here, for each choice and for no
/// answer, by the very evaluation of the validator. What is left is which choices make it hold.
fn by_cases(expression: &Expression, cells: &Cells<'_>) -> Result<Option<String>, Unsupported> {
    let references = expression.references();
    let uses_this = expression.uses_this();
    let (cell, id) = match (uses_this, references.len()) {
        (false, 0) => {
            let holds = expression.holds("", &NoAnswers);
            return Ok(Some(if holds { "TRUE" } else { "FALSE" }.to_owned()));
        }
        (true, 0) => (cells.of(&Expression::This)?, None),
        (false, 1) => {
            let Some(id) = references.into_iter().next() else { return Ok(None) };
            (cells.of(&Expression::Reference(id.clone()))?, Some(id))
        }
        _ => return Ok(None),
    };
    let Holds::Choice(choices) = &cell.holds else { return Ok(None) };
    let decide = |code: &str| match id {
        Some(_) => expression.holds("", &One(code)),
        None => expression.holds(code, &NoAnswers),
    };
    let without = decide("");
    // A mark for "no answer" is no answer, even where it is a code.
    let is_mark = |code: &str| cells.marks.iter().any(|mark| mark.eq_ignore_ascii_case(code));
    let member = answer::is_one_of(&cell.at, choices, |code| !is_mark(code) && decide(code) != without)?;
    Ok(Some(match (without, member.as_str()) {
        (false, _) => member,
        (true, "FALSE") => "TRUE".to_owned(),
        (true, _) => format!("NOT({member})"),
    }))
}

/// The same answer to every question: for expressions that refer to one.
struct One<'a>(&'a str);

impl Answers for One<'_> {
    fn value(&self, _: &maturity::id::Id) -> &str {
        self.0
    }
}

/// Whether two values are equal: as conditions, as numbers or as texts, as their types are.
pub(super) fn equal(left: &Expression, right: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    let whole = Expression::Binary(Operator::Equal, Box::new(left.clone()), Box::new(right.clone()));
    if let Some(formula) = by_cases(&whole, cells)? {
        return Ok(formula);
    }
    let (one, other) = (type_of(left), type_of(right));
    let texts = one == Type::Text && other == Type::Text;
    // A value that depends on a condition is compared behind it.
    if one == Type::Mixed || (texts && !is_leaf(left)) {
        return each(left, cells, &|left| equal(left, right, cells));
    }
    if other == Type::Mixed || (texts && !is_leaf(right)) {
        return each(right, cells, &|right| equal(left, right, cells));
    }
    match (one, other) {
        (Type::Boolean, _) | (_, Type::Boolean) => {
            Ok(format!("(({})=({}))", holds(left, cells)?, holds(right, cells)?))
        }
        (Type::Number, _) | (_, Type::Number) => {
            Ok(format!("IFERROR({}={},FALSE)", number(left, cells)?, number(right, cells)?))
        }
        _ => same_text(left, right, cells),
    }
}

fn is_leaf(expression: &Expression) -> bool {
    is_answer(expression) || matches!(expression, Expression::Text(_))
}

/// Decides for each value that `if` or `coalesce` may give.
fn each(
    expression: &Expression,
    cells: &Cells<'_>,
    decide: &dyn Fn(&Expression) -> Result<String, Unsupported>,
) -> Result<String, Unsupported> {
    match expression {
        Expression::Call(Function::If, arguments) => match arguments.as_slice() {
            [test, then, other] => {
                Ok(format!("IF({},{},{})", holds(test, cells)?, decide(then)?, decide(other)?))
            }
            _ => Err(Unsupported::Meaning(expression.to_string())),
        },
        Expression::Call(Function::Coalesce, arguments) => match arguments.as_slice() {
            [first, second] => match is_empty(first, cells)? {
                None => decide(first),
                Some(empty) => Ok(format!("IF({empty},{},{})", decide(second)?, decide(first)?)),
            },
            _ => Err(Unsupported::Meaning(expression.to_string())),
        },
        _ => Err(Unsupported::Meaning(expression.to_string())),
    }
}

/// Whether two texts are the same, capitals included; each is an answer or written out.
fn same_text(left: &Expression, right: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    match (left, right) {
        (Expression::Text(text), answer) | (answer, Expression::Text(text)) if is_answer(answer) => {
            let cell = cells.of(answer)?;
            match &cell.holds {
                Holds::Number => Ok(same_number(&cell.at, text)),
                _ => Ok(format!("EXACT({},{})", answer::as_text(&cell, cells)?, quoted(text)?)),
            }
        }
        (Expression::Text(_), Expression::Text(_)) => {
            Ok(format!("EXACT({},{})", text(left, cells)?, text(right, cells)?))
        }
        _ => {
            let (one, other) = (cells.of(left)?, cells.of(right)?);
            match (&one.holds, &other.holds) {
                (Holds::Number, Holds::Number) => {
                    let (a, b) = (answer::number(&one.at), answer::number(&other.at));
                    let (has_a, has_b) = (answer::is_number(&one.at), answer::is_number(&other.at));
                    Ok(format!("IF({has_a},IFERROR({a}={b},FALSE),NOT({has_b}))"))
                }
                (Holds::Number, Holds::Choice(choices)) => number_and_choice(&one, &other, choices),
                (Holds::Choice(choices), Holds::Number) => number_and_choice(&other, &one, choices),
                (Holds::Number, _) | (_, Holds::Number) => {
                    Err(Unsupported::Meaning("the text of a number".to_owned()))
                }
                _ => Ok(format!(
                    "EXACT({},{})",
                    answer::as_text(&one, cells)?,
                    answer::as_text(&other, cells)?
                )),
            }
        }
    }
}

/// Whether the number in a cell is written as `text`.
fn same_number(at: &str, text: &str) -> String {
    if text.is_empty() {
        return format!("NOT({})", answer::is_number(at));
    }
    let written = text.parse::<f64>().ok().filter(|number| number.is_finite() && number.to_string() == text);
    match written {
        Some(value) => format!("IFERROR({}={},FALSE)", answer::number(at), super::number::literal(value)),
        None => "FALSE".to_owned(),
    }
}

/// Whether a number is written as the code that is taken.
fn number_and_choice(
    number: &AnswerCell,
    choice: &AnswerCell,
    choices: &[Offered],
) -> Result<String, Unsupported> {
    let mut formula = same_number(&number.at, "");
    for offered in choices.iter().rev() {
        let taken = answer::is_one_of(&choice.at, std::slice::from_ref(offered), |_| true)?;
        formula = format!("IF({taken},{},{formula})", same_number(&number.at, &offered.code));
    }
    Ok(formula)
}

/// Whether a code is among those taken.
fn selected(of: &Expression, code: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    let Expression::Text(code) = code else {
        return Err(Unsupported::Meaning(format!("selected(…, {code})")));
    };
    let code = code.trim();
    if code.is_empty() || code.contains(char::is_whitespace) {
        return Ok("FALSE".to_owned());
    }
    if !is_answer(of) {
        let code = Expression::Text(code.to_owned());
        return each(of, cells, &|of| {
            let taken = Expression::Call(Function::Selected, vec![of.clone(), code.clone()]);
            holds(&taken, cells)
        });
    }
    let cell = cells.of(of)?;
    match &cell.holds {
        Holds::Choice(choices) => answer::is_one_of(&cell.at, choices, |offered| offered == code),
        Holds::Choices(choices) => {
            let taken = choices.iter().filter(|choice| choice.code == code);
            let tests: Result<Vec<_>, _> =
                taken.map(|choice| answer::is_selected(&cell.at, choice)).collect();
            any_of(&tests?)
        }
        Holds::Number => Ok(same_number(&cell.at, code)),
        Holds::Text => {
            let words = answer::text(&cell.at, cells.marks)?;
            Ok(format!("ISNUMBER(FIND({},\" \"&{words}&\" \"))", quoted(&format!(" {code} "))?))
        }
    }
}
