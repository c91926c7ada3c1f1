//! One row a score, for reuse by programs: headings in the first row, the names of the exported tables,
//! nothing formatted, empty where there is no value.

use maturity::score::EconomyScores;
use rust_xlsxwriter::Workbook;

use super::Entry;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::page::Page;
use crate::style::Align;

const FORM: Form = Form {
    name: Key::SheetTidy,
    paper: Paper::Portrait,
    widths: &[8.0, 10.0, 12.0, 10.0, 14.0, 12.0, 14.0, 8.0],
    frozen: Some((1, 0)),
    titles: 0,
    long: false,
    filtered: true,
};
/// The headings: the same names in every language, so that programs find them.
const HEADINGS: [&str; 8] = ["wave", "economy", "level", "id", "points", "max_points", "score", "group"];

/// One row.
struct Line<'a> {
    level: &'a str,
    id: &'a str,
    points: Option<(f64, f64)>,
    score: Option<f64>,
    group: Option<&'a str>,
}

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let numbers = ["wave", "points", "max_points", "score"];
    let aligned = |heading| if numbers.contains(&heading) { Align::Right } else { Align::Apart };
    page.header(0, HEADINGS.map(|heading| (heading, aligned(heading))))?;
    let mut row = 1;
    // Rows in key order, like the exported tables.
    let mut scored: Vec<&EconomyScores> = entries.iter().filter_map(|entry| entry.scores).collect();
    scored.sort_by(|a, b| a.economy.cmp(&b.economy));
    for scores in scored {
        let composite = Line {
            level: "index",
            id: scores.id.as_str(),
            points: None,
            score: scores.score,
            group: scores.group.as_deref(),
        };
        line(&mut page, row, scores, &composite)?;
        row += 1;
        for subindex in &scores.subindexes {
            let points = Some((subindex.points, subindex.max_points));
            let values = Line {
                level: "subindex",
                id: subindex.id.as_str(),
                points,
                score: subindex.score,
                group: subindex.group.as_deref(),
            };
            line(&mut page, row, scores, &values)?;
            row += 1;
        }
        for (_, indicator) in scores.indicators() {
            let points = Some((indicator.points, indicator.max_points));
            let id = indicator.id.as_str();
            let values = Line { level: "indicator", id, points, score: indicator.score, group: None };
            line(&mut page, row, scores, &values)?;
            row += 1;
        }
    }
    page.filter((0, row - 1), (0, 7))?;
    page.finish()
}

fn line(page: &mut Page, row: u32, scores: &EconomyScores, line: &Line) -> Result<(), ReportError> {
    let plain = &page.styles().plain;
    page.number(row, 0, f64::from(scores.wave.0), plain)?;
    page.text(row, 1, scores.economy.as_str(), plain)?;
    page.text(row, 2, line.level, plain)?;
    page.text(row, 3, line.id, plain)?;
    if let Some((points, max_points)) = line.points {
        page.number(row, 4, points, plain)?;
        page.number(row, 5, max_points, plain)?;
    }
    if let Some(score) = line.score {
        page.number(row, 6, score, plain)?;
    }
    page.text(row, 7, line.group.unwrap_or_default(), plain)
}
