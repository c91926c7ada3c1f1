//! Exports of the online form, as `KoboToolbox` and ODK Central write them: a row a submission.

use std::cell::LazyCell;
use std::collections::BTreeMap;

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::form::key;
use maturity::framework::Framework;
use maturity::normalize::matching_key;
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response};

use super::form_columns::{Columns, Names};
use super::moments::{self, Moment};
use super::options;
use super::question_ids::QuestionIds;
use super::room::Room;
use super::text;
use super::unread::Unread;
use super::unseen::Unseen;

/// States of review under which a submission is not taken, by their keys: the words and the names of servers.
const REJECTED: [&str; 4] =
    ["rejected", "not_approved", "validation_status_not_approved", "validation_status_rejected"];
/// States of review that leave questions open.
const OPEN: [&str; 4] = ["hasissues", "has_issues", "on_hold", "validation_status_on_hold"];

/// A row with what orders it among the others.
struct Row {
    submitted: Submitted,
    instance: Option<String>,
    /// The matching key of what names the economy.
    economy: String,
    /// The number of the table, and the columns that are not read although the row has something in them.
    unread: (usize, Vec<u32>),
    received: Received,
}

/// When a row was sent.
struct Submitted {
    moment: Moment,
    /// As it stands there.
    found: String,
    place: Place,
}

/// The submissions of all exports in the visible sheets, the earliest first. Of several versions of one instance
/// only the latest is left: the one that was sent last, or else stands last.
pub(super) fn submissions(
    book: &Book,
    framework: &Framework,
    ids: &QuestionIds<'_>,
) -> Result<Vec<Received>, Refusal> {
    let (mut rows, mut room, mut unread) = (Vec::<Row>::new(), Room::default(), Unread::default());
    let names = LazyCell::new(|| Names::of(framework));
    for sheet in book.sheets.iter().filter(|sheet| sheet.visible) {
        let (mut columns, mut unseen) = (None, Unseen::of(sheet));
        for (number, cells) in sheet.rows() {
            if let Some(mut found) = Columns::of(cells, || &*names, ids) {
                let table = unread.add(sheet, number, std::mem::take(&mut found.unread));
                columns = Some((found, table));
            } else if let Some((columns, table)) = &columns
                && let Some(mut row) = row(framework, sheet, number, cells, columns, &mut unseen)
            {
                room.take(row.received.responses.len())?;
                row.unread = (*table, unread.filled(*table, cells));
                rows.push(row);
            }
        }
    }
    let rows = latest(in_order(rows));
    let tell = |row: Row| {
        let mut received = row.received;
        received.findings.extend(unread.findings(row.unread.0, &row.unread.1));
        received
    };
    Ok(rows.into_iter().map(tell).collect())
}

/// The rows from the earliest to the latest. Where that is not certain they stay as they stand, and it is said of those
/// to which it matters.
fn in_order(rows: Vec<Row>) -> Vec<Row> {
    let moments: Vec<Moment> = rows.iter().map(|row| row.submitted.moment).collect();
    if let Some(order) = moments::order(&moments) {
        let mut rows: Vec<Option<Row>> = rows.into_iter().map(Some).collect();
        return order.into_iter().filter_map(|position| rows.get_mut(position)?.take()).collect();
    }
    let (mut instances, mut economies) = (BTreeMap::new(), BTreeMap::new());
    for row in &rows {
        *instances.entry(row.instance.clone()).or_insert(0_usize) += 1;
        *economies.entry(row.economy.clone()).or_insert(0_usize) += 1;
    }
    let several = |row: &Row| {
        (row.instance.is_some() && instances.get(&row.instance).is_some_and(|rows| *rows > 1))
            || (!row.economy.is_empty() && economies.get(&row.economy).is_some_and(|rows| *rows > 1))
    };
    let tell = |mut row: Row| {
        if several(&row) {
            let problem = Problem::SubmissionsUnordered { found: row.submitted.found.clone() };
            let place = Some(row.submitted.place.clone());
            row.received.findings.push(Finding::new(Severity::Warning, problem).at(place));
        }
        row
    };
    rows.into_iter().map(tell).collect()
}

/// The last one of the rows of each instance, and every row without one.
fn latest(rows: Vec<Row>) -> Vec<Row> {
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
    rows.into_iter().zip(superseded).filter(|(_, old)| !old).map(|(row, _)| row).collect()
}

fn at(cells: &[Cell], column: u32) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |cell| cell.address.column).ok().and_then(|at| cells.get(at))
}

fn row(
    framework: &Framework,
    sheet: &Sheet,
    number: u32,
    cells: &[Cell],
    columns: &Columns,
    unseen: &mut Unseen<'_>,
) -> Option<Row> {
    let place = |column| Place::cell(&sheet.name, Address::new(number, column));
    let covered = unseen.covered(number, columns.all().chain(cells.iter().map(|cell| cell.address.column)));
    let read = |column: u32| at(cells, column).filter(|_| !covered.contains_key(&column));
    let given = |column: Option<u32>| {
        column.and_then(read).map(|cell| text(&cell.value)).filter(|text| !text.is_empty())
    };
    // What neither a server knows nor anybody answered is a blank or a line below the table.
    let (submitted, instance) = (given(columns.submitted), given(columns.instance));
    if submitted.is_none() && instance.is_none() {
        return None;
    }
    let submitted = Submitted {
        moment: columns.submitted.and_then(read).map_or(Moment::Unclear, |cell| Moment::of(&cell.value)),
        found: submitted.unwrap_or_default(),
        place: place(columns.submitted.unwrap_or_default()),
    };
    let header: Vec<HeaderValue> = columns
        .header
        .iter()
        .map(|(field, column)| HeaderValue {
            field: *field,
            value: header_value(framework, *field, read(*column)),
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
    let (mut responses, mut findings) = (Vec::new(), Vec::new());
    for (id, answer) in &columns.answers {
        let options =
            answer.options.iter().filter_map(|(column, code)| Some((code.as_str(), read(*column)?)));
        let taken = options::taken(framework, id, options);
        let Some(column) = answer.whole.or_else(|| answer.options.first().map(|(column, _)| *column)) else {
            continue;
        };
        let mut told = response(id.as_str(), Field::Answer, read(column), column);
        if let Some(taken) = taken {
            if let Some(whole) = answer.whole.and_then(read)
                && options::contradict(framework, id, &taken.value, &whole.value)
            {
                let problem = Problem::QuestionDoubled { used: place(taken.column).to_string() };
                let place = Some(place(whole.address.column));
                findings.push(Finding::new(Severity::Warning, problem).about(id).at(place));
            }
            // A finding about one column stands there.
            if taken.is_odd {
                told.place = place(taken.column);
            }
            (told.value, told.formula) = (taken.value, taken.formula);
        }
        let mut columns = answer.whole.into_iter().chain(answer.options.iter().map(|(column, _)| *column));
        let under = columns.find_map(|column| Some((column, *covered.get(&column)?)));
        if !told.value.is_blank() {
            unseen.note_answer(Some(id.clone()), told.place.cell.unwrap_or(Address::new(number, column)));
        } else if let Some((column, region)) = under {
            unseen.note_covered(Some(id.clone()), Address::new(number, column), region);
        }
        responses.push(told);
    }
    for ((id, field), column) in &columns.others {
        if let Some(cell) = read(*column).filter(|cell| !cell.value.is_blank()) {
            responses.push(response(id.as_str(), *field, Some(cell), *column));
        }
    }
    // There may be thousands of such headings over rows that are nearly empty.
    for cell in cells.iter().filter(|cell| !cell.value.is_blank()) {
        let column = cell.address.column;
        if let Some(heading) = columns.unknown.get(&column)
            && !covered.contains_key(&column)
        {
            responses.push(response(heading, Field::Answer, Some(cell), column));
        }
    }
    let economy = columns.header.get(&HeaderField::Economy).copied();
    findings.extend(columns.review.and_then(|column| review(&given(Some(column))?, place(column))));
    findings.extend(unseen.findings());
    let received = Received {
        layout: Layout::Form,
        place: place(economy.or(columns.instance).unwrap_or_default()),
        header,
        responses,
        findings,
        contests: Vec::new(),
    };
    let economy = given(economy).map(|name| matching_key(&name)).unwrap_or_default();
    Some(Row { submitted, instance, economy, unread: (0, Vec::new()), received })
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
