//! Exports of the online form, as `KoboToolbox` and ODK Central write them: a row a submission.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::form::key;
use maturity::framework::Framework;
use maturity::normalize::matching_key;
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response};

use super::form_columns::{AnswerColumns, Columns, Names};
use super::question_ids::QuestionIds;
use super::room::Room;
use super::text;

/// States of review under which a submission is not taken, by their keys: the words and the names of servers.
const REJECTED: [&str; 4] =
    ["rejected", "not_approved", "validation_status_not_approved", "validation_status_rejected"];
/// States of review that leave questions open.
const OPEN: [&str; 4] = ["hasissues", "has_issues", "on_hold", "validation_status_on_hold"];

/// A row with what orders it among the others.
struct Row {
    submitted: String,
    instance: Option<String>,
    received: Received,
}

/// The submissions of all exports in the visible sheets, the earliest first. Of several versions of one instance
/// only the latest is left: the one that was sent last, or else stands last.
pub(super) fn submissions(
    book: &Book,
    framework: &Framework,
    ids: &QuestionIds<'_>,
) -> Result<Vec<Received>, Refusal> {
    let (mut rows, mut room) = (Vec::<Row>::new(), Room::default());
    let names = LazyCell::new(|| Names::of(framework));
    for sheet in book.sheets.iter().filter(|sheet| sheet.visible) {
        let mut columns = None;
        for (number, cells) in sheet.rows() {
            let found = Columns::of(cells, || &*names, ids);
            if found.is_some() {
                columns = found;
            } else if let Some(columns) = &columns
                && let Some(row) = row(framework, sheet, number, cells, columns)
            {
                room.take(row.received.responses.len())?;
                rows.push(row);
            }
        }
    }
    // Stable: rows of one moment stay in the order of the file.
    rows.sort_by(|one, other| one.submitted.cmp(&other.submitted));
    let mut latest: BTreeMap<&str, usize> = BTreeMap::new();
    for (position, row) in rows.iter().enumerate() {
        if let Some(instance) = &row.instance {
            latest.insert(instance, position);
        }
    }
    let superseded: Vec<bool> = rows
        .iter()
        .enumerate()
        .map(|(position, row)| {
            row.instance.as_ref().is_some_and(|instance| latest.get(instance.as_str()) != Some(&position))
        })
        .collect();
    Ok(rows.into_iter().zip(superseded).filter(|(_, old)| !old).map(|(row, _)| row.received).collect())
}

fn at(cells: &[Cell], column: u32) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |cell| cell.address.column).ok().and_then(|at| cells.get(at))
}

fn row(framework: &Framework, sheet: &Sheet, number: u32, cells: &[Cell], columns: &Columns) -> Option<Row> {
    let place = |column| Place::cell(&sheet.name, Address::new(number, column));
    let given = |column: Option<u32>| {
        column
            .and_then(|column| at(cells, column))
            .map(|cell| text(&cell.value))
            .filter(|text| !text.is_empty())
    };
    // What neither a server knows nor anybody answered is a blank or a line below the table.
    let (submitted, instance) = (given(columns.submitted), given(columns.instance));
    if submitted.is_none() && instance.is_none() {
        return None;
    }
    let header: Vec<HeaderValue> = columns
        .header
        .iter()
        .map(|(field, column)| HeaderValue {
            field: *field,
            value: header_value(framework, *field, at(cells, *column)),
            place: place(*column),
        })
        .collect();
    let response = |question: &str, field, cell: Option<&Cell>, column| Response {
        question: question.to_owned(),
        field,
        value: cell.map(|cell| cell.value.clone()).unwrap_or_default(),
        formula: cell.is_some_and(|cell| cell.formula),
        place: place(column),
    };
    let mut responses = Vec::new();
    for (id, answer) in &columns.answers {
        let taken = taken(cells, answer);
        let column = answer.whole.or_else(|| answer.options.first().map(|(column, _)| *column));
        let Some(column) = column else { continue };
        let mut answer = response(id.as_str(), Field::Answer, at(cells, column), column);
        if let Some(codes) = taken {
            answer.value = CellValue::Text(codes);
        }
        responses.push(answer);
    }
    for ((id, field), column) in &columns.others {
        if let Some(cell) = at(cells, *column).filter(|cell| !cell.value.is_blank()) {
            responses.push(response(id.as_str(), *field, Some(cell), *column));
        }
    }
    // There may be thousands of such headings over rows that are nearly empty.
    for cell in cells.iter().filter(|cell| !cell.value.is_blank()) {
        if let Some(heading) = columns.unknown.get(&cell.address.column) {
            responses.push(response(heading, Field::Answer, Some(cell), cell.address.column));
        }
    }
    let economy = columns.header.get(&HeaderField::Economy).copied();
    let findings = columns.review.and_then(|column| review(&given(Some(column))?, place(column)));
    let received = Received {
        layout: Layout::Form,
        place: place(economy.or(columns.instance).unwrap_or_default()),
        header,
        responses,
        findings: findings.into_iter().collect(),
        contests: Vec::new(),
    };
    Some(Row { submitted: submitted.unwrap_or_default(), instance, received })
}

/// A value of the header. Exports with labels name the language in itself; it becomes its tag.
fn header_value(framework: &Framework, field: HeaderField, cell: Option<&Cell>) -> CellValue {
    let value = cell.map(|cell| cell.value.clone()).unwrap_or_default();
    if field != HeaderField::Language {
        return value;
    }
    let found = matching_key(&value.display());
    let named = framework.languages.iter().find(|(_, name)| matching_key(name) == found);
    named.map_or(value, |(language, _)| CellValue::Text(language.tag().to_owned()))
}

/// The codes whose columns say that they are taken; none where no such column says anything.
fn taken(cells: &[Cell], answer: &AnswerColumns) -> Option<String> {
    let told: Vec<(&str, &CellValue)> = answer
        .options
        .iter()
        .filter_map(|(column, code)| Some((code.as_str(), &at(cells, *column)?.value)))
        .filter(|(_, value)| !value.is_blank())
        .collect();
    if told.is_empty() {
        return None;
    }
    let is_taken = |value: &CellValue| match value {
        CellValue::Number(number) => *number != 0.0,
        CellValue::Boolean(boolean) => *boolean,
        value => !matches!(key(&text(value)).as_str(), "0" | "0_0" | "false" | "no"),
    };
    let codes: Vec<&str> =
        told.into_iter().filter(|(_, value)| is_taken(value)).map(|(code, _)| code).collect();
    Some(codes.join(" "))
}

/// What reviewers on the server said.
fn review(found: &str, place: Place) -> Option<Finding> {
    let state = key(found);
    let found = found.to_owned();
    let (severity, problem) = if REJECTED.contains(&state.as_str()) {
        (Severity::Error, Problem::ReviewRejected { found })
    } else if OPEN.contains(&state.as_str()) {
        (Severity::Warning, Problem::ReviewOpen { found })
    } else {
        return None;
    };
    Some(Finding::new(severity, problem).at(Some(place)))
}
