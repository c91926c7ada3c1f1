//! The first sheet of a country report: one screen, one printed page.

mod charts;
mod head;
mod side;

use maturity::comparator::{Kind, Level};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::shown::percent;
use rust_xlsxwriter::Workbook;

use super::basis::Basis;
use super::{CountryReport, count};
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label::{self, SEVERITIES};
use crate::page::Page;
use crate::scale::Scale;
use crate::style::Align;

pub(super) use side::sentence as outlook_sentence;

/// The averages beside the scores, in the order of their columns.
const AVERAGES: [Kind; 3] = [Kind::Region, Kind::Income, Kind::World];

const FORM: Form = Form {
    name: Key::SheetSummary,
    paper: Paper::OneLandscape,
    widths: &[9.0, 32.0, 9.0, 15.0, 9.5, 9.5, 9.5, 10.5, 2.0, 8.0, 34.0, 9.0, 13.0],
    frozen: None,
    titles: 0,
    long: false,
    filtered: false,
    for_programs: false,
};
/// The last column of the left half, the first and the last of the right half.
const LEFT: u16 = 7;
const RIGHT: u16 = 9;
const LAST: u16 = 12;
/// The row of the headings of the scores.
const TABLE: u32 = 7;
/// The height of the charts in pixels.
const CHARTS: u32 = 296;

pub(super) fn write(workbook: &mut Workbook, context: &Context, report: &Basis) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    head::write(&mut page, report, &report.cells)?;
    let left = scores(&mut page, report)?;
    let right = side::strengths_and_gaps(&mut page, report, TABLE)?;
    let start = left.max(right) + 1;
    let right = side::outlook(&mut page, report, start)?;
    charts::put(&mut page, report, start)?;
    let below = right.max(page.row_below(start, CHARTS));
    quality(&mut page, report, below)?;
    page.finish()
}

/// The table of the subindexes beside the averages of others; returns the first free row.
fn scores(page: &mut Page, report: &Basis) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let since = report.before.as_ref().map(|before| before.wave.to_string());
    let change = since.map_or_else(String::new, |wave| words.fill(Key::ChangeSince, &[("wave", &wave)]));
    let get = |key| words.get(key).to_owned();
    page.header(
        TABLE,
        [
            (get(Key::Id), Align::Left),
            (get(Key::Subindex), Align::Left),
            (get(Key::Score), Align::Right),
            (page.group_heading().to_owned(), Align::Centre),
            (get(Key::RegionMean), Align::Right),
            (get(Key::IncomeMean), Align::Right),
            (get(Key::WorldMean), Align::Right),
            (change, Align::Right),
        ],
    )?;
    let mut row = TABLE + 1;
    for subindex in &report.scores.subindexes {
        let title =
            report.framework.subindex(&subindex.id).map_or("", |known| known.title.get(page.language()));
        page.text(row, 0, subindex.id.as_str(), &styles.text)?;
        page.text(row, 1, title, &styles.text)?;
        page.formula(
            row,
            2,
            report.cells.subindex(&subindex.id),
            subindex.score,
            page.score_style(subindex.score),
        )?;
        group(page, row, report.framework, subindex.group.as_deref())?;
        averages(page, report, row, Level::Subindex, &subindex.id, false)?;
        match report.before {
            Some(_) => {
                let change = report.change(&subindex.id, subindex.score);
                page.optional(row, LEFT, change, &styles.change)?;
            }
            // Nothing is missing where there was no wave before: the column has no heading then.
            None => page.blank(row, LEFT, &styles.change)?,
        }
        row += 1;
    }
    let composite = &report.framework.composite;
    page.text(row, 0, composite.id.as_str(), &styles.total.text)?;
    page.text(row, 1, composite.title.get(page.language()), &styles.total.text)?;
    match report.scores.score {
        Some(score) => {
            page.formula(row, 2, Some(report.cells.composite()), Some(score), page.total_style(score))?;
        }
        None => page.total(row, 2, None)?,
    }
    group(page, row, report.framework, report.scores.group.as_deref())?;
    averages(page, report, row, Level::Index, &composite.id, true)?;
    match report.change(&composite.id, report.scores.score) {
        Some(change) => page.number(row, LEFT, change, &styles.total.change)?,
        None if report.before.is_none() => page.text(row, LEFT, "", &styles.total.text)?,
        None => page.total(row, LEFT, None)?,
    }
    page.bars((TABLE + 1, row), (2, 2), Scale::of_index(report.framework))?;
    let mut note = averages_source(page, report);
    if let Some(before) = &report.before {
        let verdict = words.get(label::verdict(before.verdict(&composite.id)));
        note.push(' ');
        note.push_str(&words.fill(Key::ChangeComparable, &[("verdict", verdict)]));
    }
    page.wide(row + 1, (0, LEFT), &note, &styles.note)?;
    row += 2;
    for subindex in &report.scores.subindexes {
        let Some(withheld) = &subindex.withheld else { continue };
        let reason = words.titled(subindex.id.as_str(), &withheld.sentence(page.language()));
        page.wide(row, (0, LEFT), &reason, &styles.note)?;
        row += 1;
    }
    Ok(row)
}

/// The averages of the region, the income group and the world.
fn averages(
    page: &mut Page,
    report: &CountryReport,
    row: u32,
    level: Level,
    id: &Id,
    total: bool,
) -> Result<(), ReportError> {
    for (column, kind) in (4..).zip(AVERAGES) {
        let mean = report.beside.as_ref().and_then(|beside| beside.mean(kind, level, id));
        if total {
            page.total(row, column, mean)?;
        } else {
            page.optional(row, column, mean, &page.styles().score)?;
        }
    }
    Ok(())
}

/// Where the averages come from, or that there are none.
pub(super) fn averages_source(page: &Page, report: &CountryReport) -> String {
    let words = page.words();
    let Some(beside) = &report.beside else { return words.get(Key::AveragesNone).to_owned() };
    let (wave, this) = (beside.wave, report.framework.wave);
    let source = words.fill(
        Key::AveragesSource,
        &[
            ("pin", beside.pin.unwrap_or_default()),
            ("wave", &wave.to_string()),
            ("classified", beside.classified.unwrap_or_else(|| words.get(Key::Unknown))),
        ],
    );
    let mut sentences = vec![source];
    if wave != this {
        let (wave, this) = (wave.to_string(), this.to_string());
        sentences.push(words.fill(Key::AveragesApart, &[("wave", &wave), ("this", &this)]));
    }
    if beside.leaves_out() {
        sentences.push(words.get(Key::AveragesAlone).to_owned());
    }
    sentences.join(" ")
}

/// The group's letter and name in its colour.
fn group(page: &mut Page, row: u32, framework: &Framework, id: Option<&str>) -> Result<(), ReportError> {
    let known = id.and_then(|id| framework.groups.iter().find(|group| group.id == id));
    match known {
        Some(known) => page.text(row, 3, &label::group(page.words(), known), page.styles().group(&known.id)),
        None => page.group(row, 3, id),
    }
}

/// How good the data are, in one line.
fn quality(page: &mut Page, report: &CountryReport, row: u32) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(row, words.get(Key::DataQuality), &styles.section)?;
    let coverage = report.scores.coverage;
    let answered = f64::from(coverage.answered) / f64::from(coverage.asked.max(1));
    let mut sentences = vec![words.fill(
        Key::QualityLine,
        &[
            ("answered", &coverage.answered.to_string()),
            ("asked", &coverage.asked.to_string()),
            ("percent", &percent(answered, 0)),
            ("collected", words.get(label::collected(report.scores.collected))),
        ],
    )];
    if let Some(share) = report.backed_share() {
        sentences.push(words.fill(Key::QualityBacked, &[("percent", &percent(share, 0))]));
    }
    let [errors, warnings, infos] = SEVERITIES.map(|severity| count(report.findings, severity).to_string());
    sentences.push(
        words.fill(Key::QualityFindings, &[("errors", &errors), ("warnings", &warnings), ("infos", &infos)]),
    );
    if !report.review.replaced.is_empty() {
        let count = report.review.replaced.len().to_string();
        sentences.push(words.fill(Key::QualityReplaced, &[("count", &count)]));
    }
    page.wide(row + 1, (0, LAST), &sentences.join(" "), &styles.paragraph)
}
