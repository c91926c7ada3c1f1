//! All indicators, grouped by subindex: what was answered to the key question and what it earned.
//!
//! Points and maxima stand in columns of their own, and the row of a subindex stands right above its
//! indicators, so that formulas can take the place of the sums and shares.

use maturity::score::{IndicatorScore, SubindexScore};
use rust_xlsxwriter::Workbook;

use super::CountryReport;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label::{self, Shown};
use crate::page::Page;
use crate::style::Align;

const HEADER: u32 = 3;
const FORM: Form = Form {
    name: Key::SheetIndicators,
    paper: Paper::Portrait,
    widths: &[8.0, 38.0, 36.0, 9.0, 10.0, 12.0, 10.5, 9.0],
    frozen: Some((HEADER + 1, 2)),
    titles: HEADER,
    long: false,
    filtered: false,
};
const SCORE: u16 = 5;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &CountryReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let (words, styles) = (page.words(), page.styles());
    page.line(0, words.get(Key::IndicatorsTitle), &styles.title)?;
    page.height(0, 27.0);
    page.line(1, words.get(Key::IndicatorsNote), &styles.subtitle)?;
    let headings = [
        (Key::Id, Align::Left),
        (Key::Indicator, Align::Left),
        (Key::MainAnswer, Align::Left),
        (Key::Points, Align::Right),
        (Key::Maximum, Align::Right),
        (Key::Score, Align::Right),
        (Key::Answered, Align::Right),
        (Key::Asked, Align::Right),
    ];
    page.headings(HEADER, &headings)?;
    let mut row = HEADER + 1;
    for subindex in &report.scores.subindexes {
        total(&mut page, row, report, subindex)?;
        let first = row + 1;
        row = first;
        for indicator in &subindex.indicators {
            line(&mut page, row, report, indicator)?;
            row += 1;
        }
        if row > first {
            page.bars((first, row - 1), (SCORE, SCORE))?;
        }
    }
    page.finish()
}

fn total(
    page: &mut Page,
    row: u32,
    report: &CountryReport,
    subindex: &SubindexScore,
) -> Result<(), ReportError> {
    let styles = page.styles();
    let title = report.framework.subindex(&subindex.id).map_or("", |known| known.title.get(page.language()));
    page.text(row, 0, subindex.id.as_str(), &styles.total.text)?;
    page.text(row, 1, title, &styles.total.text)?;
    let known =
        subindex.group.as_ref().and_then(|id| report.framework.groups.iter().find(|group| group.id == *id));
    page.text(
        row,
        2,
        &known.map_or_else(String::new, |group| label::group(page.words(), group)),
        &styles.total.text,
    )?;
    page.number(row, 3, subindex.points, &styles.total.points)?;
    page.number(row, 4, subindex.max_points, &styles.total.value)?;
    page.total(row, SCORE, subindex.score)?;
    page.number(row, 6, f64::from(subindex.coverage.answered), &styles.total.count)?;
    page.number(row, 7, f64::from(subindex.coverage.asked), &styles.total.count)
}

fn line(
    page: &mut Page,
    row: u32,
    report: &CountryReport,
    indicator: &IndicatorScore,
) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let title =
        report.framework.indicator(&indicator.id).map_or("", |known| known.title.get(page.language()));
    page.text(row, 0, indicator.id.as_str(), &styles.text)?;
    page.text(row, 1, title, &styles.text)?;
    // The key question of an indicator bears its id.
    let question = report.framework.question(&indicator.id);
    let asked = question.is_some_and(|question| !question.disabled);
    let answer = report.answers.get(&indicator.id).map(|record| &record.answer).or_else(|| {
        indicator.terms.iter().find(|term| term.question == indicator.id).map(|term| &term.answer)
    });
    match answer.map(|answer| label::answer(report.framework, page.language(), question, answer)) {
        _ if !asked => page.text(row, 2, words.get(Key::NotAsked), &styles.text)?,
        Some(Shown::Text(text)) => page.text(row, 2, &text, &styles.text)?,
        Some(Shown::Number(number)) => page.number(row, 2, number, &styles.value_left)?,
        Some(Shown::None(key)) => page.text(row, 2, words.get(key), &styles.text)?,
        None => page.text(row, 2, words.get(Key::MissingBlank), &styles.text)?,
    }
    page.number(row, 3, indicator.points, &styles.points)?;
    page.number(row, 4, indicator.max_points, &styles.value)?;
    page.optional(row, SCORE, indicator.score, &styles.score)?;
    page.number(row, 6, f64::from(indicator.coverage.answered), &styles.count)?;
    page.number(row, 7, f64::from(indicator.coverage.asked), &styles.count)
}
