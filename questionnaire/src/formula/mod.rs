//! An expression of the framework as a spreadsheet formula, for live checks in the questionnaire.
//!
//! [`compile`] gives a formula that is TRUE exactly where [`Expression::holds`] is, for answers as a questionnaire
//! holds them: a label of the dropdown or a code, codes with commas, numbers, texts, blanks and the marks for "no
//! answer". It uses what every Excel since 2013 and `LibreOffice` know, no array constants and no names, so that it
//! may stand in conditional formats and in cells alike.
//!
//! What has no equivalent (`regex`, the exact text of a computed number) is [`Unsupported`] and says so: the live
//! check is left out then, and the validator alone decides. A wrong mark is worse than none.
//!
//! | value | in the formula |
//! | --- | --- |
//! | not a number | the error `#N/A` or `#VALUE!`; a comparison turns it into FALSE, `!=` into TRUE |
//! | infinite | 9E+307 with its sign; only ever compared |
//! | an unreadable answer | as no answer, as in the validator |
//! | an error value in an answer cell | mostly an error, which marks nothing |
//!
//! Spreadsheets take two numbers for equal that differ in the sixteenth digit; expressions do not.

mod answer;
mod condition;
mod fit;
mod number;
mod text;

pub(crate) use answer::{LONGEST_GROUP, is_not_whole};
pub(crate) use fit::fits;
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::logic::Expression;

/// Excel's limit for a text inside a formula.
const LONGEST_TEXT: usize = 255;
/// Excel's limit for the arguments of a function.
const MOST_ARGUMENTS: usize = 255;

/// Where an answer stands and what may stand there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerCell {
    /// The reference, as a formula writes it: `$D$7`, or `CGSI!$D$7` from another sheet.
    pub at: String,
    /// What a respondent may enter.
    pub holds: Holds,
}

/// What an answer cell may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holds {
    /// One of these.
    Choice(Vec<Offered>),
    /// The codes of some of these, separated by commas; or the label of one.
    Choices(Vec<Offered>),
    /// A number.
    Number,
    /// Text.
    Text,
}

/// A choice as it can be entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offered {
    /// Its code.
    pub code: String,
    /// The cell that holds its label, as a formula writes it, e.g. `Lists!$B$3`; none if only codes are entered.
    pub label: Option<String>,
}

impl AnswerCell {
    /// The answer cell of `question` at the reference `at`. `label` names the cell of the label of a choice: the
    /// list and the position in it, from 0.
    pub fn of(
        framework: &Framework,
        question: &Question,
        at: &str,
        label: &dyn Fn(&str, usize) -> Option<String>,
    ) -> Self {
        let offered = |list: &str| {
            let choices = framework.choices(question).map(|list| list.choices.as_slice()).unwrap_or_default();
            let offer = |(position, choice): (usize, &maturity::framework::Choice)| Offered {
                code: choice.code.clone(),
                label: label(list, position),
            };
            choices.iter().enumerate().map(offer).collect()
        };
        let holds = match &question.kind {
            Kind::SelectOne(list) => Holds::Choice(offered(list)),
            Kind::SelectMultiple(list) => Holds::Choices(offered(list)),
            Kind::Integer | Kind::Decimal | Kind::External(_) => Holds::Number,
            Kind::Text => Holds::Text,
        };
        Self { at: at.to_owned(), holds }
    }
}

/// Where the answers of a questionnaire stand, seen from the cell of the formula.
#[derive(Clone, Copy)]
pub struct Cells<'a> {
    /// The answer cell of a question; none if the workbook has none.
    pub question: &'a dyn Fn(&Id) -> Option<AnswerCell>,
    /// The answer cell that `.` stands for.
    pub this: Option<&'a AnswerCell>,
    /// The framework's marks for "no answer".
    pub marks: &'a [String],
}

impl Cells<'_> {
    /// The cell that a reference or `.` means.
    fn of(&self, expression: &Expression) -> Result<AnswerCell, Unsupported> {
        let cell = match expression {
            Expression::This => self.this.cloned(),
            Expression::Reference(id) => (self.question)(id),
            _ => None,
        };
        cell.ok_or_else(|| Unsupported::NoCell(expression.to_string()))
    }
}

impl std::fmt::Debug for Cells<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cells").field("this", &self.this).field("marks", &self.marks).finish_non_exhaustive()
    }
}

/// Why an expression has no formula.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// Spreadsheets have no regular expressions that all of them know.
    #[error("regex() has no equivalent in a spreadsheet")]
    Regex,
    /// A question has no cell in the workbook, or `.` is used where it means nothing.
    #[error("{0} has no cell in the workbook")]
    NoCell(String),
    /// A value that a spreadsheet would write or read otherwise.
    #[error("{0} would not mean the same in a spreadsheet")]
    Meaning(String),
    /// One of Excel's limits.
    #[error("the formula would exceed Excel's limit of {0}")]
    Limit(&'static str),
}

/// Compiles a condition to a formula without its leading `=`.
pub fn compile(expression: &Expression, cells: &Cells<'_>) -> Result<String, Unsupported> {
    let formula = condition::holds(expression, cells)?;
    fits(&formula)?;
    Ok(formula)
}

/// A text as a formula writes it.
fn quoted(text: &str) -> Result<String, Unsupported> {
    if text.encode_utf16().count() > LONGEST_TEXT {
        return Err(Unsupported::Limit("255 characters of a text"));
    }
    Ok(format!("\"{}\"", text.replace('"', "\"\"")))
}

/// `OR(…)` of the tests, or the one test, or FALSE.
fn any_of(tests: &[String]) -> Result<String, Unsupported> {
    match tests {
        [] => Ok("FALSE".to_owned()),
        [one] => Ok(one.clone()),
        all if all.len() > MOST_ARGUMENTS => Err(Unsupported::Limit("255 arguments")),
        all => Ok(format!("OR({})", all.join(","))),
    }
}

#[cfg(test)]
mod tests;
