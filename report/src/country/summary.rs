//! The first sheet of a country report: one screen, one printed page.

use maturity::framework::Framework;
use rust_xlsxwriter::Workbook;

use super::{CountryReport, count};
use crate::ReportError;
use crate::chart;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label::{self, SEVERITIES};
use crate::page::{self, Page};
use crate::style::Align;

const FORM: Form = Form {
    name: Key::SheetSummary,
    paper: Paper::OnePage,
    widths: &[41.0, 11.0, 18.0, 11.0, 11.0, 11.0, 11.0],
    frozen: None,
    titles: 0,
    long: false,
    filtered: false,
};
const LAST: u16 = 6;
/// The height of the chart in rows of the default height, 20 pixels each.
const CHART_ROWS: u32 = 14;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &CountryReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    head(&mut page, report)?;
    let row = subindexes(&mut page, report, 7)?;
    let row = history(&mut page, report, row + 1)?;
    quality(&mut page, report, row + 1)?;
    page.finish()
}

/// The economy, its score and its group.
fn head(page: &mut Page, report: &CountryReport) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(0, &report.economy.name, &styles.title)?;
    page.height(0, 27.0);
    let wave = report.scores.wave.to_string();
    let title = report.framework.title.get(page.language());
    page.line(1, &words.fill(Key::CountrySubtitle, &[("title", title), ("wave", &wave)]), &styles.subtitle)?;
    let place = words.fill(
        Key::CountryPlace,
        &[
            ("region", &words.code("region", &report.economy.region)),
            ("income", &words.code("income", &report.economy.income)),
            ("collected", words.get(label::collected(report.scores.collected))),
        ],
    );
    page.line(2, &place, &styles.subtitle)?;
    page.text(4, 0, report.framework.composite.title.get(page.language()), &styles.caption)?;
    page.text(4, 2, words.get(Key::Group), &styles.caption)?;
    match report.scores.score {
        Some(score) => page.number(5, 0, score, &styles.figure)?,
        None => page.text(5, 0, words.get(Key::Absent), &styles.figure)?,
    }
    page.height(5, 36.0);
    let group =
        report.scores.group.as_ref().and_then(|id| report.framework.groups.iter().find(|g| g.id == *id));
    match group {
        Some(group) => page.wide(5, (2, 4), &label::group(words, group), styles.large_group(&group.id)),
        None => page.text(5, 2, words.get(Key::Absent), &styles.figure),
    }
}

/// The table of the subindexes and its chart; returns the first free row.
fn subindexes(page: &mut Page, report: &CountryReport, start: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.headings(
        start,
        &[
            (Key::Subindex, Align::Left),
            (Key::Score, Align::Right),
            (Key::Group, Align::Centre),
            (Key::Points, Align::Right),
            (Key::Maximum, Align::Right),
            (Key::Answered, Align::Right),
            (Key::Asked, Align::Right),
        ],
    )?;
    let mut row = start + 1;
    for subindex in &report.scores.subindexes {
        let title =
            report.framework.subindex(&subindex.id).map_or("", |known| known.title.get(page.language()));
        page.text(row, 0, &named(title, subindex.id.as_str()), &styles.text)?;
        page.optional(row, 1, subindex.score, &styles.score)?;
        group(page, row, report.framework, subindex.group.as_deref())?;
        page.number(row, 3, subindex.points, &styles.points)?;
        page.number(row, 4, subindex.max_points, &styles.value)?;
        page.number(row, 5, f64::from(subindex.coverage.answered), &styles.count)?;
        page.number(row, 6, f64::from(subindex.coverage.asked), &styles.count)?;
        row += 1;
    }
    let composite = &report.framework.composite;
    page.text(
        row,
        0,
        &named(composite.title.get(page.language()), composite.id.as_str()),
        &styles.total.text,
    )?;
    page.total(row, 1, report.scores.score)?;
    group(page, row, report.framework, report.scores.group.as_deref())?;
    // The composite is a mean of scores: it has no points of its own.
    page.text(row, 3, "", &styles.total.text)?;
    page.text(row, 4, "", &styles.total.text)?;
    page.number(row, 5, f64::from(report.scores.coverage.answered), &styles.total.count)?;
    page.number(row, 6, f64::from(report.scores.coverage.asked), &styles.total.count)?;

    let scores: Vec<Option<f64>> = report.scores.subindexes.iter().map(|subindex| subindex.score).collect();
    if !scores.is_empty() {
        let bars = chart::Bars {
            sheet: page.name(),
            title: words.get(Key::ChartSubindexes),
            alternative: &chart_text(page, report),
            absent: words.get(Key::Absent),
            rows: (start + 1, row - 1),
            label_column: 0,
            value_column: 1,
            size: (page.pixels(0, usize::from(LAST)), CHART_ROWS * 20 - 8),
        };
        page.chart(row + 1, 0, &chart::scores(&bars, &scores))?;
        row += CHART_ROWS + 1;
    }
    Ok(row)
}

/// The group's letter and name in its colour.
fn group(page: &mut Page, row: u32, framework: &Framework, id: Option<&str>) -> Result<(), ReportError> {
    let known = id.and_then(|id| framework.groups.iter().find(|group| group.id == id));
    match known {
        Some(known) => page.text(row, 2, &label::group(page.words(), known), page.styles().group(&known.id)),
        None => page.group(row, 2, id),
    }
}

/// The scores of all known waves; returns the first free row.
fn history(page: &mut Page, report: &CountryReport, start: u32) -> Result<u32, ReportError> {
    if report.history.is_empty() {
        return Ok(start);
    }
    let (words, styles) = (page.words(), page.styles());
    page.line(start, words.get(Key::History), &styles.section)?;
    let composite = report.framework.composite.id.as_str();
    let mut headings = vec![
        (words.get(Key::Wave), Align::Left),
        (composite, Align::Right),
        (words.get(Key::Group), Align::Centre),
    ];
    // The table has room for four subindexes; the sheet is one page wide.
    let shown: Vec<_> = report.framework.subindexes.iter().take(usize::from(LAST) - 2).collect();
    headings.extend(shown.iter().map(|subindex| (subindex.id.as_str(), Align::Right)));
    page.header(start + 1, headings)?;
    let mut waves: Vec<_> = report.history.iter().collect();
    waves.sort_by_key(|published| published.wave);
    let mut row = start + 2;
    let this = report.scores.wave;
    let split = waves.partition_point(|published| published.wave <= this);
    let (before, after) = waves.split_at(split);
    for published in before {
        line(page, row, report, published)?;
        row += 1;
    }
    page.text(row, 0, &words.fill(Key::HistoryThis, &[("wave", &this.to_string())]), &styles.total.text)?;
    page.total(row, 1, report.scores.score)?;
    group(page, row, report.framework, report.scores.group.as_deref())?;
    for (column, subindex) in (3..).zip(&shown) {
        let score = report.scores.subindex(subindex.id.as_str()).and_then(|scored| scored.score);
        page.total(row, column, score)?;
    }
    row += 1;
    for published in after {
        line(page, row, report, published)?;
        row += 1;
    }
    page.wide(row, (0, LAST), words.get(Key::HistoryNote), &styles.note)?;
    Ok(row + 1)
}

fn line(
    page: &mut Page,
    row: u32,
    report: &CountryReport,
    published: &super::PublishedScore,
) -> Result<(), ReportError> {
    let styles = page.styles();
    let wave = page.words().fill(Key::HistoryPublished, &[("wave", &published.wave.to_string())]);
    page.text(row, 0, &wave, &styles.text)?;
    page.optional(row, 1, published.score, &styles.score)?;
    group(page, row, report.framework, published.group.as_deref())?;
    for (column, subindex) in (3..=LAST).zip(&report.framework.subindexes) {
        page.optional(row, column, published.subindexes.get(&subindex.id).copied(), &styles.score)?;
    }
    Ok(())
}

/// How good the data are, in one sentence, and how many findings there are.
fn quality(page: &mut Page, report: &CountryReport, start: u32) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(start, words.get(Key::DataQuality), &styles.section)?;
    let coverage = report.scores.coverage;
    let sentence = words.fill(
        Key::QualityLine,
        &[
            ("answered", &coverage.answered.to_string()),
            ("asked", &coverage.asked.to_string()),
            ("percent", &label::percent(coverage.answered, coverage.asked)),
            ("collected", words.get(label::collected(report.scores.collected))),
        ],
    );
    page.wide(start + 1, (0, LAST), &sentence, &styles.paragraph)?;
    page.headings(start + 3, &[(Key::Findings, Align::Left), (Key::Number, Align::Right)])?;
    for (row, severity) in (start + 4..).zip(SEVERITIES) {
        page.text(row, 0, words.get(label::severity(severity)), styles.severity(severity))?;
        page.number(row, 1, page::count(count(report.findings, severity)), &styles.count)?;
    }
    Ok(())
}

fn named(title: &str, id: &str) -> String {
    if title.is_empty() { id.to_owned() } else { format!("{title} ({id})") }
}

/// What the chart shows, in words.
fn chart_text(page: &Page, report: &CountryReport) -> String {
    let words = page.words();
    let scores: Vec<String> = report
        .scores
        .subindexes
        .iter()
        .map(|subindex| {
            let score =
                subindex.score.map_or_else(|| words.get(Key::Absent).to_owned(), |s| words.decimal(s, 3));
            format!("{} {score}", subindex.id)
        })
        .collect();
    format!("{}: {}", words.get(Key::ChartSubindexes), scores.join("; "))
}
