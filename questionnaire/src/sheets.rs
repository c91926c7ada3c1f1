//! One sheet for each subindex: a section for each indicator, a row for each question.

use maturity::cell::Address;
use maturity::framework::{Indicator, Kind, Question};
use maturity::language::Language;
use maturity::logic::Expression;
use maturity::submission::Field;
use rust_xlsxwriter::{IgnoreError, Workbook, XlsxError};

use crate::layout::{Column, FIRST_ROW, HEADING_ROW, KEY_ROW, LEGEND_ROW, Row, SheetPlan, TITLE_ROW};
use crate::lists::{MARKS, MEANINGS};
use crate::live::Mark;
use crate::mark_formats::Shape;
use crate::measure::{self, Type};
use crate::palette::{SMALL, TEXT};
use crate::put::{Computed, Sheet};
use crate::words::{say, tell};
use crate::write::Form;
use crate::{input, marks, overlay, page, progress};

/// Writes the sheet of one subindex.
pub(crate) fn write(book: &mut Workbook, form: &Form, plan: &SheetPlan) -> Result<(), XlsxError> {
    let sheet = &mut Sheet::add(book, plan.subindex.id.as_str())?;
    head(sheet, form, plan)?;
    for (row, content) in plan.rows() {
        match content {
            Row::Section(indicator) => section(sheet, form, indicator, row)?,
            Row::Question(asked) => question(sheet, form, asked, row)?,
        }
    }
    let (last_row, last) = (plan.last_row(), form.plan.columns.last());
    let footer = format!("{} · {}", form.title(), plan.subindex.id);
    overlay::lay(sheet, form, last_row)?;
    page::print(sheet, &footer, last_row, last)?;
    sheet
        .set_repeat_rows(HEADING_ROW, HEADING_ROW)?
        .set_freeze_panes(FIRST_ROW, 0)?
        .autofilter(HEADING_ROW, 0, last_row, last)?
        // Codes such as "1" are text on purpose.
        .ignore_error_range(FIRST_ROW, 0, last_row, last, IgnoreError::NumberStoredAsText)?;
    if let (Some((row, _)), Some(column)) =
        (plan.questions().next(), form.plan.columns.position(Column::Answer))
    {
        sheet.set_selection(row, column, row, column)?;
    }
    page::protect(sheet);
    page::direct(sheet, form);
    Ok(())
}

/// Title, legend, keys and headings.
fn head(sheet: &mut Sheet<'_>, form: &Form, plan: &SheetPlan) -> Result<(), XlsxError> {
    let (palette, language, last) = (form.palette, form.language(), form.plan.columns.last());
    sheet.fill(TITLE_ROW, 0, last, &palette.band)?;
    let title = format!("{}  ·  {}", plan.subindex.id, plan.subindex.title.get(language));
    sheet.text(TITLE_ROW, 0, &title, &palette.sheet_title)?;
    sheet.set_row_height(TITLE_ROW, 28)?;
    let (front, back, legend) = if form.marks.is_some() {
        ("sheet-receipt", "to-receipt", "legend-return")
    } else {
        ("sheet-cover", "to-cover", "legend")
    };
    let front = (say(front, language), Address::new(0, 0));
    sheet.text(LEGEND_ROW, 0, say(legend, language), &palette.legend)?;
    sheet.link(LEGEND_ROW, last, front, say(back, language), &palette.back)?;
    sheet.set_row_height(LEGEND_ROW, 18)?;
    let mut height: f64 = 0.0;
    for (position, column, width) in form.plan.columns.iter() {
        sheet.set_column_width(position, width)?;
        sheet.text(KEY_ROW, position, column.key(), &palette.key)?;
        let format = match column {
            Column::Status => &palette.mark_heading,
            Column::Id | Column::Question | Column::Marked => &palette.heading,
            _ => &palette.input_heading,
        };
        let heading = heading(form, column);
        height = height.max(measure::height(&heading, Type::bold(TEXT), width - 2.0));
        sheet.text(HEADING_ROW, position, &heading, format)?;
    }
    sheet.set_row_hidden(KEY_ROW)?;
    sheet.set_row_height(HEADING_ROW, measure::row(height).max(21.0))?;
    Ok(())
}

/// The heading of a column; that of the previous answers tells their wave and date.
fn heading(form: &Form, column: Column) -> String {
    let (wave, date) = form
        .request
        .previous
        .map(|previous| (previous.wave.to_string(), previous.as_of.to_string()))
        .unwrap_or_default();
    tell(column.heading(), form.language(), &[("wave", &wave), ("date", &date)])
}

/// The title of an indicator. It begins in the first column, so that the id column stays empty and no reader
/// takes the section for the question of the same id.
fn section(sheet: &mut Sheet<'_>, form: &Form, indicator: &Indicator, row: u32) -> Result<(), XlsxError> {
    sheet.fill(row, 0, form.plan.columns.last(), &form.palette.section)?;
    let title = format!("{}   {}", indicator.id, indicator.title.get(form.language()));
    sheet.text(row, 0, &title, &form.palette.section)?;
    progress::in_section(sheet, form, indicator, row, form.plan.columns.last())?;
    sheet.set_row_height(row, 23)?;
    Ok(())
}

fn question(sheet: &mut Sheet<'_>, form: &Form, question: &Question, row: u32) -> Result<(), XlsxError> {
    let palette = form.palette;
    let previous = input::shown(form, question, form.previous(&question.id));
    let entered = |field| form.entered(&question.id, field).to_owned();
    let mut height: f64 = 0.0;
    for (position, column, width) in form.plan.columns.iter() {
        let (text, kind) = match column {
            Column::Status => {
                status(sheet, form, question, row, position)?;
                continue;
            }
            Column::Id => {
                sheet.text(row, position, question.id.as_str(), &palette.id)?;
                continue;
            }
            Column::Question => {
                height = height.max(asked(sheet, form, question, row, position, width)?);
                continue;
            }
            Column::Previous => {
                sheet.text(row, position, &previous, &palette.still)?;
                (previous.clone(), Type::regular(SMALL))
            }
            Column::Answer => {
                input::answer(sheet, form, question, row, position)?;
                (input::shown(form, question, form.answer(&question.id)), Type::regular(TEXT))
            }
            Column::Confirm | Column::Reason if form.previous(&question.id).is_none() => {
                // Nothing to confirm: the cell takes no input.
                sheet.text(row, position, "", &palette.still)?;
                continue;
            }
            Column::Confirm => {
                input::confirm(sheet, form, question, row, position)?;
                continue;
            }
            Column::Reason => {
                input::reason(sheet, form, question, row, position)?;
                (entered(Field::Reason), Type::regular(TEXT))
            }
            Column::Evidence => {
                input::evidence(sheet, form, question, row, position)?;
                (entered(Field::Evidence), Type::regular(TEXT))
            }
            Column::Comment => {
                let comment = entered(Field::Comment);
                sheet.text(row, position, &comment, &palette.input_text)?;
                (comment, Type::regular(TEXT))
            }
            Column::Marked => {
                let mark = form.marks.and_then(|marks| marks.row(&question.id));
                let format =
                    mark.as_ref().map_or(&palette.check, |(gravest, _)| palette.marks.severity(*gravest));
                let text = mark.map(|(_, text)| text).unwrap_or_default();
                sheet.text(row, position, &text, format)?;
                (text, Type::bold(TEXT))
            }
            Column::Check => {
                let most = check(sheet, form, question, row, position)?;
                (most, Type::regular(SMALL))
            }
        };
        height = height.max(measure::height(&text, kind, width - 2.0));
    }
    sheet.set_row_height(row, measure::row(height))?;
    mark(sheet, form, question, row)
}

/// Colours the cells of a return that findings are about, and notes at each what to do.
fn mark(sheet: &mut Sheet<'_>, form: &Form, question: &Question, row: u32) -> Result<(), XlsxError> {
    let Some(marks) = form.marks else { return Ok(()) };
    for (position, column, _) in form.plan.columns.iter() {
        let findings = marks.at(&question.id, column);
        let Some(gravest) = findings.first() else { continue };
        let shape = match (column, &question.kind) {
            (Column::Answer, _) if form.is_date(&question.id) => Shape::Date,
            (Column::Answer, Kind::Integer | Kind::Decimal) => Shape::Number,
            _ => Shape::Text,
        };
        sheet.restyle(row, position, form.palette.marks.cell(gravest.severity, shape))?;
        let (text, size) = marks::note(form.request.framework, &findings, form.language());
        sheet.note(row, position, &text, size)?;
    }
    Ok(())
}

/// Writes the live mark.
fn status(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
) -> Result<(), XlsxError> {
    let Some(status) = form.live.status(&question.id) else { return Ok(()) };
    sheet.computed(row, column, &status.formula, status.mark.symbol(), &form.palette.mark)
}

/// Writes what the live mark says; gives the longest text that may appear there.
fn check(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
) -> Result<String, XlsxError> {
    let (lists, language) = (form.lists, form.language());
    let (Some(status), Some(marks), Some(meanings), Some(mark)) = (
        form.live.status(&question.id),
        lists.reference(MARKS),
        lists.reference(MEANINGS),
        form.plan.columns.position(Column::Status),
    ) else {
        return Ok(String::new());
    };
    let constraint = question.constraint.as_ref().map_or("", |constraint| constraint.message.get(language));
    let said = match status.mark {
        Mark::Broken if !constraint.is_empty() => constraint,
        mark => mark.words(language),
    };
    let mark = Address::new(row, mark.into());
    let meaning = format!("IFERROR(INDEX({meanings},MATCH({mark},{marks},0)),\"\")");
    let formula = match lists.message(question) {
        Some(message) => format!("IF({mark}=\"{}\",{message},{meaning})", Mark::Broken.symbol()),
        None => meaning,
    };
    sheet.computed(row, column, &Computed::new(&formula), said, &form.palette.check)?;
    Ok(constraint.to_owned())
}

/// Writes the question with its small print; gives the height that it needs.
fn asked(
    sheet: &mut Sheet<'_>,
    form: &Form,
    question: &Question,
    row: u32,
    column: u16,
    width: f64,
) -> Result<f64, XlsxError> {
    let palette = form.palette;
    let label = question.label.get(form.language());
    let help = help(form, question);
    let (run, kind) = if question.required {
        (&palette.required_run, Type::bold(TEXT))
    } else {
        (&palette.question_run, Type::regular(TEXT))
    };
    let (star, below) = (" *", format!("\n{help}"));
    let mut runs = vec![(run, label)];
    if question.required {
        runs.push((&palette.star_run, star));
    }
    if !help.is_empty() {
        runs.push((&palette.hint_run, below.as_str()));
    }
    if label.is_empty() {
        sheet.text(row, column, "", &palette.question)?;
    } else {
        sheet.runs(row, column, &runs, &palette.question)?;
    }
    let mut height = measure::height(&format!("{label}{star}"), kind, width);
    if !help.is_empty() {
        height += measure::height(&help, Type::regular(SMALL), width);
    }
    Ok(height)
}

/// The small print below a question: when it applies, what counts, how to answer it. Input messages repeat it,
/// but they are lost on paper and in some programs.
fn help(form: &Form, question: &Question) -> String {
    let mut help =
        question.relevant.as_ref().and_then(|expression| condition(form, expression)).unwrap_or_default();
    let hint = question.hint.get(form.language());
    if !help.is_empty() && !hint.is_empty() {
        // In one line, sentences that run in two directions would stand within each other.
        help.push(if form.right_to_left() { '\n' } else { ' ' });
    }
    help.push_str(hint);
    if matches!(question.kind, Kind::SelectMultiple(_)) {
        help.push('\n');
        help.push_str(&input::several(form, question));
    }
    help.trim().to_owned()
}

/// A condition of the form `${id} > number` on a question with one choice, in words. Other conditions are told
/// by the findings only.
fn condition(form: &Form, expression: &Expression) -> Option<String> {
    let language: &Language = form.language();
    let (question, excluded) = form.request.framework.ruled_out_by(expression, language)?;
    let labels = excluded.join(say("or", language));
    Some(tell("condition", language, &[("id", question.id.as_str()), ("label", &labels)]))
}
