//! The publisher's wide table: which rows are economies, and their responses.

use std::collections::HashSet;

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::finding::Refusal;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response};

use super::dataset_columns::Columns;
use super::question_ids::QuestionIds;
use super::room::Room;
use super::unseen::Unseen;

/// What people write in front of a summary row; without a column of years nothing else tells them apart.
const SUMMARIES: [&str; 11] =
    ["sum", "total", "mean", "average", "avg", "median", "min", "max", "count", "note", "source"];

/// One row of an economy, with the year that it is for.
struct Row {
    year: Option<u16>,
    received: Received,
}

/// One cell that answers a question, or the place where one is missing.
struct Given<'q, 'c> {
    question: &'q str,
    column: u32,
    cell: Option<&'c Cell>,
}

/// One submission for each economy of the wide tables in the visible sheets; empty if there is none.
pub(super) fn submissions(
    book: &Book,
    framework: &Framework,
    ids: &QuestionIds,
) -> Result<Vec<Received>, Refusal> {
    let widest = |sheet: &Sheet| {
        sheet
            .rows()
            .filter_map(|(_, row)| Columns::of(row, ids))
            .map(|columns| columns.known.len())
            .max()
            .unwrap_or(0)
    };
    let sheets: Vec<_> =
        book.sheets.iter().filter(|sheet| sheet.visible).map(|sheet| (sheet, widest(sheet))).collect();
    let most = sheets.iter().map(|(_, known)| *known).max().unwrap_or(0);
    // The publisher's sheet of points has the headings of some of the questions. It is no table of answers, and
    // has far fewer of them than the table of answers beside it.
    let tables = sheets.iter().filter(|(_, known)| *known > 0 && *known * 2 > most);
    let (mut rows, mut room) = (Vec::new(), Room::default());
    for (sheet, _) in tables {
        rows_of(sheet, ids, &mut rows, &mut room)?;
    }

    let wave = Some(framework.wave.0);
    let has_wave = rows.iter().any(|row: &Row| row.year == wave);
    // Where the wave is not among the years, the rows are kept, so that somebody is told.
    let of_wave = |row: &Row| !has_wave || row.year.is_none() || row.year == wave;
    Ok(rows.into_iter().filter(of_wave).map(|row| row.received).collect())
}

fn rows_of(sheet: &Sheet, ids: &QuestionIds, rows: &mut Vec<Row>, room: &mut Room) -> Result<(), Refusal> {
    let (mut columns, mut unseen) = (None, Unseen::of(sheet));
    for (number, cells) in sheet.rows() {
        if let Some(found) = Columns::of(cells, ids) {
            // Headings may stand there again, even in another order.
            columns = Some(found);
        } else if let Some(columns) = &columns
            && let Some(row) = economy(sheet, number, cells, columns, &mut unseen)
        {
            room.take(row.received.responses.len())?;
            rows.push(row);
        }
    }
    Ok(())
}

/// The row of an economy; anything else below the headings is a summary, a footnote or empty.
fn economy(
    sheet: &Sheet,
    number: u32,
    cells: &[Cell],
    columns: &Columns,
    unseen: &mut Unseen<'_>,
) -> Option<Row> {
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
    let response = |Given { question, column, cell }: Given<'_, '_>| Response {
        question: question.to_owned(),
        field: Field::Answer,
        value: cell.map(|cell| cell.value.clone()).unwrap_or_default(),
        formula: cell.is_some_and(|cell| cell.formula),
        place: place(column),
    };
    let responses: Vec<Response> = answers(cells, columns).into_iter().map(response).collect();
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

/// What a cell says, be it as a number or as text.
#[derive(Debug, PartialEq, Eq, Hash)]
enum Said {
    Number(u64),
    Text(String),
}

impl Said {
    fn of(value: &CellValue) -> Self {
        let key = matching_key(&value.display());
        key.parse::<f64>().map_or_else(|_| Self::Text(key), |number| Self::Number(number.to_bits()))
    }
}

/// The cells that answer the questions, in the order of the questions: of each one the first that is not blank, and each
/// further one that says something else. A known question without any has its first column; an unknown one that is blank
/// says nothing at all.
///
/// Columns are looked up by the cells of the row: a table may have thousands of headings over rows that are nearly empty.
fn answers<'q, 'c>(cells: &'c [Cell], columns: &'q Columns) -> Vec<Given<'q, 'c>> {
    let given = cells.iter().filter(|cell| !cell.value.is_blank());
    let mut given: Vec<(usize, &Cell)> =
        given.filter_map(|cell| Some((columns.question_at(cell.address.column)?, cell))).collect();
    // Stable: the cells of a question stay in the order of the row.
    given.sort_by_key(|(position, _)| *position);
    let mut found: Vec<(usize, u32, Option<&Cell>)> =
        Vec::with_capacity(columns.known.len().max(given.len()));
    for cells in given.chunk_by(|(one, _), (other, _)| one == other) {
        let mut told = HashSet::new();
        for (position, cell) in cells {
            if cells.len() == 1 || told.insert(Said::of(&cell.value)) {
                found.push((*position, cell.address.column, Some(cell)));
            }
        }
    }
    for (position, first) in &columns.known {
        if given.binary_search_by_key(position, |(given, _)| *given).is_err() {
            found.push((*position, *first, None));
        }
    }
    found.sort_by_key(|(position, ..)| *position);
    let question = |position: usize| columns.questions.get(position).map(String::as_str);
    found
        .into_iter()
        .filter_map(|(position, column, cell)| Some(Given { question: question(position)?, column, cell }))
        .collect()
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
