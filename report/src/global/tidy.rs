//! One row a score, for reuse by programs: headings in the first row, the names of the exported tables,
//! nothing formatted, empty where there is no value.

use rust_xlsxwriter::Workbook;

use super::{Entry, Figures};
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
    for_programs: true,
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

/// Writes the table; where it has more than `most` rows, where it is to be had: a spreadsheet holds a million rows at
/// most, and people read none of them.
pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
    most: usize,
) -> Result<(), ReportError> {
    // Most cells of the workbook are here; they are written once, from above to below, and need not be held.
    let mut page = Page::add_long(workbook, context, &FORM, true)?;
    let numbers = ["wave", "points", "max_points", "score"];
    let aligned = |heading| if numbers.contains(&heading) { Align::Right } else { Align::Apart };
    page.header(0, HEADINGS.map(|heading| (heading, aligned(heading))))?;
    let all = entries.iter().filter_map(|entry| entry.scores);
    let rows: usize = all.map(|of| 1 + of.subindexes().count() + of.indicators().count()).sum();
    if rows > most {
        let elsewhere = page.words().fill(Key::TidyElsewhere, &[("rows", &rows.to_string())]);
        page.line(1, &elsewhere, &page.styles().plain)?;
        return page.finish();
    }
    let mut row = 1;
    // Rows in key order, like the exported tables.
    let mut scored: Vec<Figures> = entries.iter().filter_map(|entry| entry.scores).collect();
    scored.sort_by(|a, b| a.economy().cmp(b.economy()));
    for scores in scored {
        let composite = Line {
            level: "index",
            id: context.framework.composite.id.as_str(),
            points: None,
            score: scores.score(),
            group: scores.group(),
        };
        line(&mut page, row, scores, &composite)?;
        row += 1;
        for (id, subindex) in scores.subindexes() {
            let values = Line {
                level: "subindex",
                id: id.as_str(),
                points: Some(subindex.points).filter(|_| context.framework.has_points_below(id)),
                score: subindex.score,
                group: subindex.group.as_deref(),
            };
            line(&mut page, row, scores, &values)?;
            row += 1;
        }
        for (id, indicator) in scores.indicators() {
            let points = (indicator.points, indicator.max_points);
            let points = Some(points).filter(|_| context.framework.has_points(id));
            let id = id.as_str();
            let values = Line { level: "indicator", id, points, score: indicator.score, group: None };
            line(&mut page, row, scores, &values)?;
            row += 1;
        }
    }
    page.filter((0, row - 1), (0, 7))?;
    page.finish()
}

fn line(page: &mut Page, row: u32, scores: Figures, line: &Line) -> Result<(), ReportError> {
    page.bare_number(row, 0, f64::from(scores.wave().0))?;
    page.bare_text(row, 1, scores.economy().as_str())?;
    page.bare_text(row, 2, line.level)?;
    page.bare_text(row, 3, line.id)?;
    if let Some((points, max_points)) = line.points {
        page.bare_number(row, 4, points)?;
        page.bare_number(row, 5, max_points)?;
    }
    // What is no number is no value.
    if let Some(score) = line.score.filter(|score| score.is_finite()) {
        page.bare_number(row, 6, score)?;
    }
    line.group.map_or(Ok(()), |group| page.bare_text(row, 7, group))
}
