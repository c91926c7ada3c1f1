//! The first sheet of the global workbook: the wave at a glance.

use maturity::economy::Economy;
use maturity::framework::Framework;
use rust_xlsxwriter::Workbook;

use super::statistics::{mean, median};
use super::{Entry, Figures, by_code};
use crate::ReportError;
use crate::chart;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::{Page, count};
use crate::style::Align;

const FORM: Form = Form {
    name: Key::SheetOverview,
    paper: Paper::OnePage,
    widths: &[41.0, 13.0, 13.0, 11.0, 11.0, 11.0, 11.0],
    frozen: None,
    titles: 0,
    long: false,
    filtered: false,
    for_programs: false,
};
const CHART_ROWS: u32 = 12;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let words = page.words();
    let scored =
        entries.iter().filter(|entry| entry.scores.is_some_and(|scores| scores.score().is_some())).count();
    let key = if entries.len() == 1 { Key::OverviewSubtitleOne } else { Key::OverviewSubtitle };
    let line = words.fill(
        key,
        &[
            ("wave", &page.framework().wave.to_string()),
            ("economies", &entries.len().to_string()),
            ("scored", &scored.to_string()),
        ],
    );
    page.head(page.framework().title.get(page.language()), &line)?;
    let row = scores(&mut page, entries, 3)?;
    let row = groups(&mut page, entries, row + 1)?;
    let row = comparison(&mut page, entries, row + 1, Key::Region, "region", |economy| &economy.region)?;
    let row = comparison(&mut page, entries, row + 1, Key::Income, "income", |economy| &economy.income)?;
    page.wide(row + 1, (0, 6), words.get(Key::OverviewNote), &page.styles().note)?;
    page.finish()
}

fn score(entry: &Entry) -> Option<f64> {
    entry.scores.and_then(Figures::score)
}

fn group<'a>(entry: &Entry<'a>) -> Option<&'a str> {
    entry.scores.and_then(Figures::group)
}

/// Mean and median of the composite and the subindexes; returns the first free row.
fn scores(page: &mut Page, entries: &[Entry], start: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let framework = page.framework();
    page.line(start, words.get(Key::OverviewScores), &styles.section)?;
    page.headings(
        start + 1,
        &[
            (Key::Score, Align::Left),
            (Key::Mean, Align::Right),
            (Key::Median, Align::Right),
            (Key::Economies, Align::Right),
        ],
    )?;
    let mut row = start + 2;
    let composite = &framework.composite;
    let name = format!("{} ({})", composite.title.get(page.language()), composite.id);
    let values: Vec<Option<f64>> = entries.iter().map(score).collect();
    page.text(row, 0, &name, &styles.total.text)?;
    page.total(row, 1, mean(values.iter().copied()))?;
    page.total(row, 2, median(values.iter().copied()))?;
    page.number(row, 3, count(values.iter().flatten().count()), &styles.total.count)?;
    for subindex in &framework.subindexes {
        row += 1;
        let values: Vec<Option<f64>> = entries
            .iter()
            .map(|entry| {
                entry.scores.and_then(|scores| scores.subindex(subindex.id.as_str())).and_then(|s| s.score)
            })
            .collect();
        page.text(
            row,
            0,
            &format!("{} ({})", subindex.title.get(page.language()), subindex.id),
            &styles.text,
        )?;
        page.optional(row, 1, mean(values.iter().copied()), &styles.score)?;
        page.optional(row, 2, median(values.iter().copied()), &styles.score)?;
        page.number(row, 3, count(values.iter().flatten().count()), &styles.count)?;
    }
    Ok(row + 1)
}

/// How many economies are in each group, with the chart, where the index has groups; returns the first free row.
fn groups(page: &mut Page, entries: &[Entry], start: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    if page.framework().groups.is_empty() {
        return Ok(start);
    }
    page.line(start, words.get(Key::OverviewGroups), &styles.section)?;
    page.headings(
        start + 1,
        &[(Key::Group, Align::Centre), (Key::Economies, Align::Right), (Key::Share, Align::Right)],
    )?;
    let grouped = entries.iter().filter_map(group).count();
    let mut told = Vec::new();
    let mut row = start + 2;
    for known in &page.framework().groups {
        let number = entries.iter().filter(|entry| group(entry) == Some(&known.id)).count();
        let name = label::group(words, known);
        page.text(row, 0, &name, styles.group(&known.id))?;
        page.number(row, 1, count(number), &styles.count)?;
        page.number(row, 2, count(number) / count(grouped), &styles.percent)?;
        told.push(words.titled(&name, &number.to_string()));
        row += 1;
    }
    let ungrouped = entries.len() - grouped;
    page.text(row, 0, words.get(Key::NoScore), &styles.text)?;
    page.number(row, 1, count(ungrouped), &styles.count)?;
    page.text(row, 2, "", &styles.text)?;
    if !told.is_empty() {
        let bars = chart::Bars {
            sheet: page.name(),
            title: words.get(Key::ChartGroups),
            alternative: &words.titled(words.get(Key::ChartGroups), &told.join("; ")),
            rows: (start + 2, row - 1),
            label_column: 0,
            value_column: 1,
            size: (page.pixels(0, 6), CHART_ROWS * 20 - 8),
        };
        page.chart(row + 1, 0, &chart::counts(&bars))?;
        row += CHART_ROWS;
    }
    Ok(row + 1)
}

/// Number, mean and groups of each region or income group; returns the first free row.
fn comparison(
    page: &mut Page,
    entries: &[Entry],
    start: u32,
    title: Key,
    family: &str,
    code: fn(&Economy) -> &str,
) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let framework: &Framework = page.framework();
    let mut headings = vec![
        (words.get(title), Align::Left),
        (words.get(Key::Economies), Align::Right),
        (words.get(Key::Mean), Align::Right),
    ];
    headings.extend(framework.groups.iter().map(|group| (group.id.as_str(), Align::Right)));
    page.header(start, headings)?;
    let mut row = start + 1;
    for (code, members) in by_code(entries, code) {
        let name = if code.is_empty() { words.get(Key::Unknown).into() } else { words.code(family, code) };
        page.text(row, 0, &name, &styles.text)?;
        // Those that the mean and the groups are of, as in the table above.
        let scored = members.iter().filter(|entry| score(entry).is_some()).count();
        page.number(row, 1, count(scored), &styles.count)?;
        page.optional(row, 2, mean(members.iter().map(|entry| score(entry))), &styles.score)?;
        for (column, known) in (3..).zip(&framework.groups) {
            let number = members.iter().filter(|entry| group(entry) == Some(&known.id)).count();
            page.number(row, column, count(number), &styles.count)?;
        }
        row += 1;
    }
    Ok(row)
}
