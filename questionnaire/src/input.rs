//! The input cells of a question: their content, format, dropdown and input message.

use maturity::answer::{Answer, Missing};
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::language::Language;
use maturity::logic::{Expression, Operator};
use maturity::shown::{number, separated};
use maturity::submission::{Confirmation, Field};
use rust_xlsxwriter::{DataValidation, DataValidationRule, XlsxError};

use crate::layout::Column;
use crate::lists::{CONFIRMATIONS, confirmation_key};
use crate::put::{self, Given, Sheet};
use crate::words::{say, tell};
use crate::write::Form;

/// Writes the answer cell of `question` with everything that helps to fill it in.
pub(crate) fn answer(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    let palette = form.palette;
    let number = matches!(question.kind, Kind::Integer | Kind::Decimal);
    let format = match (form.is_date(&question.id), number) {
        (true, _) => &palette.input_date,
        (false, true) => &palette.input_number,
        (false, false) => &palette.input_text,
    };
    match form.answer(&question.id) {
        Some(Answer::Number(value)) => {
            sheet.number(row, column, *value, format)?;
        }
        answer => sheet.text(row, column, &shown(form, question, answer), format)?,
    }
    let validation = validation(form, question)?;
    sheet.add_data_validation(row, column, row, column, &validation)?;
    Ok(())
}

/// An answer as the respondent sees it: choices by their labels.
pub(crate) fn shown(form: &Form, question: &Question, answer: Option<&Answer>) -> String {
    let label = |code: &String| {
        let choice = form.request.framework.choices(question).and_then(|list| list.choice(code));
        choice.map_or_else(|| code.clone(), |choice| choice.label.get(form.language()).to_owned())
    };
    match answer {
        Some(Answer::Choice(code)) => label(code),
        Some(Answer::Choices(codes)) => codes.join(", "),
        Some(Answer::Number(number)) => number.to_string(),
        Some(Answer::Text(text)) => text.clone(),
        Some(Answer::Missing(Missing::NotApplicable)) => {
            form.request.framework.missing.marks.first().cloned().unwrap_or_default()
        }
        Some(Answer::Missing(Missing::Blank | Missing::Unreadable)) | None => String::new(),
    }
}

/// The dropdown or the accepted range, and the message beside the cell. An entry that does not fit is
/// questioned, not refused: the file can always be saved, and everything is checked again when it comes back.
fn validation(form: &Form, question: &Question) -> Result<DataValidation, XlsxError> {
    let language = form.language();
    let hint = question.hint.get(language);
    let mut message = hint.to_owned();
    let mut validation = put::question();
    match &question.kind {
        Kind::SelectOne(list) => {
            if let Some(range) = form.lists.reference(list) {
                validation = not_in_list(language).against(put::choice(validation, &range))?;
            }
            if hint.is_empty() {
                say("input-choice", language).clone_into(&mut message);
            }
        }
        Kind::SelectMultiple(_) => {
            message = several(form, question);
            validation = validation.allow_any_value();
        }
        Kind::Integer | Kind::Decimal => {
            validation = range(form, question, validation)?;
        }
        Kind::Text | Kind::External(_) => validation = validation.allow_any_value(),
    }
    Given { title: question.id.as_str(), text: &message }.beside(validation)
}

/// What is said where an entry is not in the list.
fn not_in_list(language: &Language) -> Given<'static> {
    Given { title: say("error-choice-title", language), text: say("error-choice", language) }
}

/// What is said beside the cell of a question, in words of the table of wording.
fn told<'a>(form: &'a Form, question: &'a Question, key: &'a str) -> Given<'a> {
    Given { title: question.id.as_str(), text: say(key, form.language()) }
}

/// How to answer a question with several choices: the codes and what they mean.
pub(crate) fn several(form: &Form, question: &Question) -> String {
    let language = form.language();
    let choices = || form.request.framework.choices(question).into_iter().flat_map(|list| &list.choices);
    let are_numbers = choices().all(|choice| choice.code.bytes().all(|byte| byte.is_ascii_digit()));
    let mut text = say(if are_numbers { "several" } else { "several-codes" }, language).to_owned();
    for choice in choices() {
        text.push('\n');
        text.push_str(&choice.code);
        text.push_str(" = ");
        text.push_str(choice.label.get(language));
    }
    text
}

/// Questions a number outside the question's range, where its constraint is a simple one.
fn range(form: &Form, question: &Question, validation: DataValidation) -> Result<DataValidation, XlsxError> {
    let Some((constraint, (low, high))) = question
        .constraint
        .as_ref()
        .and_then(|constraint| Some((constraint, bounds(&constraint.expression)?)))
    else {
        return Ok(validation.allow_any_value());
    };
    let language = form.language();
    let shown = |end: f64| separated(&number(end), language);
    let message = match constraint.message.get(language) {
        "" => tell("error-number", language, &[("low", &shown(low)), ("high", &shown(high))]),
        text => text.to_owned(),
    };
    let validation = match (&question.kind, whole(low.ceil()), whole(high.floor())) {
        (Kind::Integer, Some(low), Some(high)) => {
            validation.allow_whole_number(DataValidationRule::Between(low, high))
        }
        _ => validation.allow_decimal_number(DataValidationRule::Between(low, high)),
    };
    Given { title: say("error-number-title", language), text: &message }.against(validation)
}

/// A number without decimals as a whole one, if it is not too large.
fn whole(number: f64) -> Option<i32> {
    number.to_string().parse().ok()
}

/// The limits of a constraint of the form `. >= low and . <= high`.
fn bounds(expression: &Expression) -> Option<(f64, f64)> {
    let Expression::Binary(Operator::And, left, right) = expression else { return None };
    match (left.as_ref(), right.as_ref()) {
        (
            Expression::Binary(Operator::GreaterOrEqual, this, low),
            Expression::Binary(Operator::LessOrEqual, also, high),
        ) if **this == Expression::This && **also == Expression::This => {
            match (low.as_ref(), high.as_ref()) {
                (Expression::Number(low), Expression::Number(high)) => Some((*low, *high)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Writes the evidence cell of `question`. Where the instrument asks for the evidence in a question of its own,
/// the cell only points there.
pub(crate) fn evidence(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    let given = form.entered(&question.id, Field::Evidence);
    // Evidence that is there is never dropped, not even where another question asks for it.
    if given.is_empty()
        && let Some(pointer) = pointer(form.request.framework, question)
    {
        let text = pointer.text(form.language());
        let Some(place) = form.plan.cell(pointer.id, Column::Answer) else {
            return sheet.text(row, column, &text, &form.palette.still);
        };
        return sheet.link(row, column, place, &text, &form.palette.still_link);
    }
    sheet.text(row, column, given, &form.palette.input_text)?;
    let validation =
        told(form, question, "input-evidence").beside(DataValidation::new().allow_any_value())?;
    sheet.add_data_validation(row, column, row, column, &validation)?;
    Ok(())
}

/// Writes the cell in which the previous wave's answer is confirmed.
pub(crate) fn confirm(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    let language = form.language();
    let given = form.entered(&question.id, Field::Confirm);
    let shown = Confirmation::parse(given).map_or(given, |given| say(confirmation_key(given), language));
    sheet.text(row, column, shown, &form.palette.input_text)?;
    let mut validation = told(form, question, "input-confirm").beside(put::question())?;
    if let Some(range) = form.lists.reference(CONFIRMATIONS) {
        validation = not_in_list(language).against(put::choice(validation, &range))?;
    }
    sheet.add_data_validation(row, column, row, column, &validation)?;
    Ok(())
}

/// Writes the cell in which a fall is explained.
pub(crate) fn reason(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    sheet.text(row, column, form.entered(&question.id, Field::Reason), &form.palette.input_text)?;
    let validation = told(form, question, "input-reason").beside(DataValidation::new().allow_any_value())?;
    sheet.add_data_validation(row, column, row, column, &validation)?;
    Ok(())
}

/// What stands in an evidence cell that takes no input.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pointer<'a> {
    key: &'static str,
    id: &'a Id,
}

impl Pointer<'_> {
    /// The text of the cell.
    pub(crate) fn text(self, language: &Language) -> String {
        tell(self.key, language, &[("id", self.id.as_str())])
    }

    /// The text of the cell in every language, so that the reader does not take it for evidence.
    pub(crate) fn texts(self) -> Vec<String> {
        let fill = |text| maturity::wording::fill(text, |name| (name == "id").then(|| self.id.to_string()));
        crate::words::all(self.key).into_iter().map(fill).collect()
    }
}

/// The question that asks for the evidence of `question`.
pub(crate) fn evidence_elsewhere<'a>(framework: &'a Framework, question: &Question) -> Option<&'a Question> {
    framework.evidence_question(&question.id).filter(|other| other.is_asked())
}

/// Where the evidence of `question` stands, if not in its own row.
pub(crate) fn pointer<'a>(framework: &'a Framework, question: &'a Question) -> Option<Pointer<'a>> {
    if let Some(backed) = &question.evidence_for {
        return Some(Pointer { key: "evidence-for", id: backed });
    }
    let other = evidence_elsewhere(framework, question)?;
    Some(Pointer { key: "see-question", id: &other.id })
}
