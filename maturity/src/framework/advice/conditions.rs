//! Conditions that cannot mean what they say: codes that a list does not have, texts that are compared as numbers,
//! constraints that no answer meets.

use std::collections::HashMap;

use crate::framework::load::SURVEY;
use crate::framework::{Framework, Kind, Question};
use crate::id::Id;
use crate::logic::{Expression, Function, Operator};

use super::{Advice, constants, finding};

/// Looks at the conditions of every question.
pub(super) fn look(framework: &Framework, found: &mut Advice) {
    for question in &framework.questions {
        let constraint = question.constraint.as_ref().map(|constraint| &constraint.expression);
        for (column, expression) in [("relevant", question.relevant.as_ref()), ("constraint", constraint)] {
            let Some(expression) = expression else { continue };
            let mut told = Vec::new();
            comparisons(framework, question, expression, &mut told);
            for what in told {
                let what = format!("{column} of \"{}\" {what}", question.id);
                let line = framework.question_line(&question.id);
                found.problems.push(finding(
                    SURVEY,
                    line,
                    what,
                    "correct the condition, or the list of choices",
                ));
            }
        }
        if let Some(expression) = constraint {
            met(framework, question, expression, found);
        }
    }
}

/// What is wrong with the comparisons in an expression.
fn comparisons(framework: &Framework, question: &Question, expression: &Expression, told: &mut Vec<String>) {
    match expression {
        Expression::Binary(operator, left, right) => {
            for (answer, constant) in [(left, right), (right, left)] {
                match operator {
                    Operator::Equal | Operator::NotEqual => {
                        told.extend(unknown_code(framework, question, answer, constant));
                    }
                    Operator::Less | Operator::LessOrEqual | Operator::Greater | Operator::GreaterOrEqual => {
                        told.extend(no_number(constant));
                    }
                    _ => {}
                }
            }
            comparisons(framework, question, left, told);
            comparisons(framework, question, right, told);
        }
        Expression::Call(function, arguments) => {
            if let (Function::Selected, [answer, code]) = (function, arguments.as_slice()) {
                told.extend(unknown_code(framework, question, answer, code));
            }
            for argument in arguments {
                comparisons(framework, question, argument, told);
            }
        }
        Expression::Negate(inner) | Expression::Regex(inner, _) => {
            comparisons(framework, question, inner, told);
        }
        Expression::Number(_) | Expression::Text(_) | Expression::This | Expression::Reference(_) => {}
    }
}

/// A constant that is compared with the answer to a question, and is no code of its list.
fn unknown_code(
    framework: &Framework,
    question: &Question,
    answer: &Expression,
    constant: &Expression,
) -> Option<String> {
    let asked = match answer {
        Expression::This => question,
        Expression::Reference(id) => framework.question(id)?,
        _ => return None,
    };
    let list = framework.choices(asked)?;
    let is_known = match constant {
        Expression::Text(text) => text.split_whitespace().all(|code| list.choice(code).is_some()),
        // A code is the number that it writes.
        #[expect(clippy::float_cmp, reason = "both are written out")]
        Expression::Number(number) => {
            list.choices.iter().any(|choice| choice.code.parse::<f64>().is_ok_and(|code| code == *number))
        }
        _ => true,
    };
    let codes: Vec<&str> = list.choices.iter().map(|choice| choice.code.as_str()).take(8).collect();
    let more = if list.choices.len() > codes.len() { ", …" } else { "" };
    (!is_known).then(|| {
        format!(
            "compares \"{}\" with {constant}, which is no choice of its list ({}{more})",
            asked.id,
            codes.join(", ")
        )
    })
}

/// A text that is no number, on one side of `<` and its like: nothing is above or below it.
fn no_number(constant: &Expression) -> Option<String> {
    let Expression::Text(text) = constant else { return None };
    text.trim().parse::<f64>().is_err().then(|| {
        format!("compares with {constant} by size, but only numbers have one, so that it never holds")
    })
}

/// Whether some answer meets a constraint that depends on nothing else.
fn met(framework: &Framework, question: &Question, constraint: &Expression, found: &mut Advice) {
    if !constraint.references().is_empty() {
        return;
    }
    let mut values = Vec::new();
    let certain = match (&question.kind, framework.choices(question)) {
        (Kind::SelectOne(_), Some(list)) => {
            values.extend(list.choices.iter().map(|choice| choice.code.clone()));
            true
        }
        (Kind::Integer | Kind::Decimal, _) => {
            constants(constraint, &mut values);
            let mut numbers: Vec<f64> = values.iter().filter_map(|value| value.parse().ok()).collect();
            numbers.sort_by(f64::total_cmp);
            let between = numbers.windows(2).filter_map(|pair| match pair {
                [low, high] => Some(f64::midpoint(*low, *high)),
                _ => None,
            });
            let between: Vec<String> = between.map(|number| number.to_string()).collect();
            values.extend(between);
            values.extend(["0", "1", "-1", "0.5", "1000000"].map(str::to_owned));
            false
        }
        // Of several choices and of texts there are more than can be tried.
        _ => return,
    };
    let nothing: HashMap<Id, String> = HashMap::new();
    if values.iter().any(|value| constraint.holds(value, &nothing)) {
        return;
    }
    let line = framework.question_line(&question.id);
    let (of, advice) = (&question.id, "correct constraint");
    if certain {
        let what = format!("no choice meets the constraint of \"{of}\": {constraint}");
        found.problems.push(finding(SURVEY, line, what, advice));
    } else {
        let what = format!("probably no number meets the constraint of \"{of}\": {constraint}");
        found.advice.push(finding(SURVEY, line, what, advice));
    }
}
