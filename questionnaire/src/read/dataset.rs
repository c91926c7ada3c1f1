//! The publisher's wide table: which rows are economies, and their responses.

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response};

use super::dataset_columns::{Columns, QuestionColumns};
use super::question_ids::QuestionIds;
use super::unseen::Unseen;

/// What people write in front of a summary row; without a column of years nothing else tells them apart.
const SUMMARIES: [&str; 11] =
    ["sum", "total", "mean", "average", "avg", "median", "min", "max", "count", "note", "source"];

/// One row of an economy, with the year that it is for.
struct Row {
    year: Option<u16>,
    received: Received,
}

/// One submission for each economy of the wide tables in the visible sheets; empty if there is none.
pub(super) fn submissions(book: &Book, framework: &Framework, ids: &QuestionIds) -> Vec<Received> {
    let widest = |sheet: &Sheet| {
        sheet
            .rows()
            .filter_map(|(_, row)| Columns::of(row, ids))
            .map(|columns| columns.known)
            .max()
            .unwrap_or(0)
    };
    let sheets: Vec<_> =
        book.sheets.iter().filter(|sheet| sheet.visible).map(|sheet| (sheet, widest(sheet))).collect();
    let most = sheets.iter().map(|(_, known)| *known).max().unwrap_or(0);
    // The publisher's sheet of points has the headings of some of the questions. It is no table of answers, and
    // has far fewer of them than the table of answers beside it.
    let tables = sheets.iter().filter(|(_, known)| *known > 0 && *known * 2 > most);
    let rows: Vec<Row> = tables.flat_map(|(sheet, _)| rows(sheet, ids)).collect();

    let wave = Some(framework.wave.0);
    let has_wave = rows.iter().any(|row| row.year == wave);
    // Where the wave is not among the years, the rows are kept, so that somebody is told.
    rows.into_iter()
        .filter(|row| !has_wave || row.year.is_none() || row.year == wave)
        .map(|row| row.received)
        .collect()
}

fn rows(sheet: &Sheet, ids: &QuestionIds) -> Vec<Row> {
    let mut rows = Vec::new();
    let mut columns = None;
    for (number, cells) in sheet.rows() {
        if let Some(found) = Columns::of(cells, ids) {
            // Headings may stand there again, even in another order.
            columns = Some(found);
        } else if let Some(columns) = &columns {
            rows.extend(economy(sheet, number, cells, columns));
        }
    }
    rows
}

/// The row of an economy; anything else below the headings is a summary, a footnote or empty.
fn economy(sheet: &Sheet, number: u32, cells: &[Cell], columns: &Columns) -> Option<Row> {
    let code = at(cells, columns.code)?;
    let CellValue::Text(text) = &code.value else { return None };
    let text = tidy(text);
    if text.chars().count() < 2 || !text.chars().all(char::is_alphabetic) {
        return None;
    }
    let year = match columns.year {
        Some(column) => Some(year(&at(cells, column)?.value)?),
        None if SUMMARIES.contains(&matching_key(&text).as_str()) => return None,
        None => None,
    };
    let place = |column| Place::cell(&sheet.name, Address::new(number, column));
    let header = [
        (HeaderField::Economy, Some(columns.code)),
        (HeaderField::Wave, columns.year),
        (HeaderField::Collected, columns.source),
    ]
    .into_iter()
    .filter_map(|(field, column)| {
        let column = column?;
        Some(HeaderValue { field, value: at(cells, column)?.value.clone(), place: place(column) })
    })
    .collect();
    let mut unseen = Unseen::of(sheet);
    let response = |question: &QuestionColumns, column: u32| {
        let cell = at(cells, column);
        Response {
            question: question.id.clone(),
            field: Field::Answer,
            value: cell.map(|cell| cell.value.clone()).unwrap_or_default(),
            formula: cell.is_some_and(|cell| cell.formula),
            place: place(column),
        }
    };
    let responses = columns.questions.iter().flat_map(|question| {
        answers(cells, question).into_iter().map(|column| response(question, column)).collect::<Vec<_>>()
    });
    let responses: Vec<Response> = responses.collect();
    for response in responses.iter().filter(|response| !response.value.is_blank()) {
        if let Some(cell) = response.place.cell {
            unseen.note_answer(Some(Id::from(response.question.as_str())), cell);
        }
    }
    let received = Received {
        layout: Layout::Dataset,
        place: place(columns.code),
        header,
        responses,
        findings: unseen.findings(),
        contests: Vec::new(),
    };
    Some(Row { year, received })
}

/// The columns of a question that say something: the first that is not blank, and each further one that says
/// something else. If all are blank, the first; an unknown question that is blank says nothing at all.
fn answers(cells: &[Cell], question: &QuestionColumns) -> Vec<u32> {
    let mut told: Vec<&Cell> = Vec::new();
    for cell in question.columns.iter().filter_map(|column| at(cells, *column)) {
        if !cell.value.is_blank() && !told.iter().any(|other| same(&other.value, &cell.value)) {
            told.push(cell);
        }
    }
    if told.is_empty() && question.known {
        return question.columns.first().copied().into_iter().collect();
    }
    told.into_iter().map(|cell| cell.address.column).collect()
}

/// Whether two cells say the same, be it once as a number and once as text.
fn same(one: &CellValue, other: &CellValue) -> bool {
    let number = |value: &CellValue| value.display().trim().parse::<f64>().ok().map(f64::to_bits);
    match (number(one), number(other)) {
        (Some(one), Some(other)) => one == other,
        _ => matching_key(&one.display()) == matching_key(&other.display()),
    }
}

fn at(cells: &[Cell], column: u32) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |cell| cell.address.column).ok().and_then(|at| cells.get(at))
}

/// A year of four digits.
fn year(value: &CellValue) -> Option<u16> {
    let text = match value {
        CellValue::Text(text) => tidy(text),
        CellValue::Number(number) => number.to_string(),
        _ => return None,
    };
    // "2022.0" is how a year looks once it has been through a program that keeps only floats.
    let text = text.strip_suffix(".0").unwrap_or(&text);
    text.parse().ok().filter(|year| (1900..=2200).contains(year))
}
