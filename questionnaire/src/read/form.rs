//! Exports of the online form, as `KoboToolbox` and ODK Central write them: a row a submission.

use std::cell::LazyCell;

use maturity::cell::{Address, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::form::key;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::matching_key;
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response};

use super::beyond;
use super::dataset;
use super::form_columns::Columns;
use super::form_names::Names;
use super::form_order::{Row, Submitted, in_order, latest};
use super::moments::Moment;
use super::nothing::is_nothing;
use super::options::{self, Taken};
use super::question_ids::QuestionIds;
use super::room::Room;
use super::said::Said;
use super::summary::begins_summary;
use super::text;
use super::unread::Unread;
use super::unseen::Unseen;

/// The names of servers for states of review under which a submission is not taken. Some exports put them among others
/// in one text.
const NAMES_OF_REJECTED: [&str; 2] = ["validation_status_not_approved", "validation_status_rejected"];
/// The same in words, in the languages of servers, by their keys.
const REJECTED: [&str; 19] = [
    "rejected",
    "not_approved",
    "unapproved",
    "declined",
    "refused",
    "rejete",
    "rejetee",
    "refuse",
    "refusee",
    "non_approuve",
    "non_approuvee",
    "pas_approuve",
    "rechazado",
    "rechazada",
    "no_aprobado",
    "no_aprobada",
    "nao_aprovado",
    "rejeitado",
    "validation_status_declined",
];
/// States of review that leave nothing open, by their keys: every other one does.
const SETTLED: [&str; 17] = [
    "approved",
    "edited",
    "received",
    "validation_status_approved",
    "approuve",
    "approuvee",
    "modifie",
    "modifiee",
    "recu",
    "recue",
    "aprobado",
    "aprobada",
    "editado",
    "editada",
    "recibido",
    "recibida",
    "aprovado",
];

/// The submissions of all exports in some sheets, the earliest first. Of several versions of one instance only the latest
/// is left: the one that was sent last, or else stands last. Where it is known to be a form, it needs no questions to be taken
/// for one.
pub(super) fn submissions(
    sheets: &[&Sheet],
    framework: &Framework,
    ids: &QuestionIds<'_>,
    is_form: bool,
) -> Result<Vec<Received>, Refusal> {
    let least = if is_form { 0 } else { ids.several() };
    let (mut rows, mut room) = (Vec::<Row>::new(), Room::default());
    let mut unread = Unread::of(framework.wave);
    let names = LazyCell::new(|| Names::of(framework));
    for sheet in sheets {
        let (mut columns, mut unseen): (Option<(Columns, usize)>, _) = (None, Unseen::of(sheet));
        let mut above = Vec::new();
        for (number, cells) in sheet.rows() {
            let found = Columns::of(cells, || &*names, ids, least);
            let lines = if found.is_some() && columns.is_none() {
                std::mem::take(&mut above)
            } else if columns.is_none() {
                above.push((number, cells));
                continue;
            } else if found.is_none() {
                vec![(number, cells)]
            } else {
                Vec::new()
            };
            let is_above = found.is_some();
            if let Some(mut found) = found {
                let headings = std::mem::take(&mut found.unread);
                columns = Some((found, unread.add(sheet, number, headings, true)));
            }
            let Some((columns, table)) = &columns else { continue };
            for (number, cells) in lines {
                if is_above && !is_sent(cells, columns) {
                    continue;
                }
                let Some(mut row) = row(framework, sheet, number, cells, columns, &mut unseen) else {
                    continue;
                };
                room.take(row.received.responses.len())?;
                if is_above {
                    let place = row.received.place.clone();
                    let cells = place.cell.map(|cell| cell.to_string()).unwrap_or_default();
                    let problem = Problem::AnswersAbove { count: 1, cells };
                    row.received.findings.push(Finding::new(Severity::Error, problem).at(Some(place)));
                }
                row.received.findings.extend(beyond::finding(sheet, cells, columns.last));
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

/// What is to be said of rows in sheets without headings that are submissions under the headings that were read.
pub(super) fn continued(
    read: &[&Sheet],
    others: &[&Sheet],
    framework: &Framework,
    ids: &QuestionIds<'_>,
    is_form: bool,
) -> Vec<Finding> {
    let least = if is_form { 0 } else { ids.several() };
    let names = LazyCell::new(|| Names::of(framework));
    let headings =
        |sheet: &&Sheet| sheet.rows().find_map(|(_, cells)| Columns::of(cells, || &*names, ids, least));
    let tables: Vec<Columns> = read.iter().take(dataset::MOST_TABLES).filter_map(headings).collect();
    let finding = |sheet: &&Sheet| {
        if headings(sheet).is_some() {
            return None;
        }
        let is_one = |cells: &[Cell]| tables.iter().any(|columns| is_sent(cells, columns));
        let count = sheet.rows().filter(|(_, cells)| is_one(cells)).count();
        let place = Some(Place::sheet(&sheet.name));
        (count > 0).then(|| Finding::new(Severity::Error, Problem::TableBeside { count }).at(place))
    };
    others.iter().filter_map(finding).collect()
}

/// Rows of a sheet in which headings are looked for that are not those of an export.
const TOP_ROWS: usize = 20;

/// Where a sheet has the headings of an export but for those of a server; how many questions they are, and which are
/// missing.
pub(super) fn missing(
    sheet: &Sheet,
    framework: &Framework,
    ids: &QuestionIds<'_>,
) -> Option<(Address, usize, String)> {
    let names = LazyCell::new(|| Names::of(framework));
    sheet.rows().take(TOP_ROWS).find_map(|(_, row)| {
        let (count, missing) = Columns::missing(row, || &*names, ids)?;
        Some((row.first()?.address, count, missing))
    })
}

/// Whether a row above the headings is a submission, and no title: it was sent at some time, and has answers.
fn is_sent(cells: &[Cell], columns: &Columns) -> bool {
    let submitted = columns.submitted.and_then(|column| at(cells, column));
    submitted.is_some_and(|cell| Moment::of(&cell.value) != Moment::Unclear)
        && columns.answered(cells).next().is_some()
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
    let submitted = given(columns.submitted);
    let instance = columns.instance.iter().find_map(|column| instance(framework, &read(*column)?.value));
    let nothing = |value: &CellValue| is_nothing(framework, value);
    let economies = columns.header.get(&HeaderField::Economy).map(Vec::as_slice).unwrap_or_default();
    let economy = first_of(framework, economies, read);
    let is_sum = || cells.iter().find(|cell| !cell.value.is_blank()).is_some_and(begins_summary);
    if submitted.is_none()
        && instance.is_none()
        && (given(economy).is_none() && columns.answered(cells).next().is_none() || is_sum())
    {
        return None;
    }
    let submitted = Submitted {
        moment: columns.submitted.and_then(read).map_or(Moment::Unclear, |cell| Moment::of(&cell.value)),
        found: submitted.unwrap_or_default(),
        place: place(columns.submitted.unwrap_or_default()),
    };
    let (mut header, mut findings) = header(framework, columns, read, place);
    if let Some(instance) = instance.as_ref().filter(|_| !submitted.found.is_empty()) {
        header.push(HeaderValue {
            field: HeaderField::Instance,
            value: CellValue::Text(format!("{instance} {}", submitted.found)),
            place: place(columns.instance.first().copied().unwrap_or_default()),
        });
    }
    let mut responses = Vec::new();
    let response = |question: &str, field, cell: Option<&Cell>, column| Response {
        question: question.to_owned(),
        field,
        value: cell.map(|cell| cell.value.clone()).unwrap_or_default(),
        formula: cell.is_some_and(|cell| cell.formula),
        place: place(column),
    };
    for (id, answer) in &columns.answers {
        let options =
            answer.options.iter().filter_map(|(column, code)| Some((code.as_str(), read(*column)?)));
        let taken = options::taken(framework, id, options);
        let Some(column) = answer.whole.or_else(|| answer.options.first().map(|(column, _)| *column)) else {
            continue;
        };
        let mut told = response(id.as_str(), Field::Answer, read(column), column);
        if let Some(taken) = taken {
            findings.extend(settle(framework, id, &mut told, taken, answer.whole.and_then(read), place));
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
    for ((id, field), columns) in &columns.others {
        let Some(column) = first_of(framework, columns, read) else { continue };
        if let Some(cell) = read(column).filter(|cell| !cell.value.is_blank()) {
            responses.push(response(id.as_str(), *field, Some(cell), column));
            let others = others_of(framework, columns, column, read);
            findings
                .extend(others.map(|other| doubled(&place(column), place(other.address.column)).about(id)));
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
    let states = columns.review.iter().filter_map(|column| review(framework, read(*column)?, place(*column)));
    // Of the columns of one state the gravest says most.
    findings.extend(states.min_by_key(|finding| finding.severity != Severity::Error));
    findings.extend(unseen.findings());
    let received = Received {
        layout: Layout::Form,
        place: place(economy.or(columns.instance.first().copied()).unwrap_or_default()),
        header,
        responses,
        findings,
        contests: Vec::new(),
    };
    let economy = economy.and_then(read).filter(|cell| !nothing(&cell.value));
    let economy = economy.map(|cell| matching_key(&cell.value.display())).unwrap_or_default();
    Some(Row { submitted, instance, economy, unread: (0, Vec::new()), received })
}

/// What a row says about its respondent and the form, and what is to be said of further columns that say something else.
fn header<'c>(
    framework: &Framework,
    columns: &Columns,
    read: impl Fn(u32) -> Option<&'c Cell> + Copy,
    place: impl Fn(u32) -> Place,
) -> (Vec<HeaderValue>, Vec<Finding>) {
    let (mut header, mut findings) = (Vec::new(), Vec::new());
    for (field, columns) in &columns.header {
        let Some(column) = first_of(framework, columns, read) else { continue };
        let value = |field, column| HeaderValue {
            field,
            value: header_value(framework, field, read(column)),
            place: place(column),
        };
        header.push(value(*field, column));
        for other in others_of(framework, columns, column, read) {
            if *field == HeaderField::Economy {
                header.push(value(HeaderField::OtherEconomy, other.address.column));
            } else {
                findings.push(doubled(&place(column), place(other.address.column)));
            }
        }
    }
    (header, findings)
}

/// Of several columns of one field the first that says something, else the first that is not blank, else the first.
fn first_of<'c>(
    framework: &Framework,
    columns: &[u32],
    read: impl Fn(u32) -> Option<&'c Cell>,
) -> Option<u32> {
    let says = |column: &&u32| read(**column).is_some_and(|cell| !is_nothing(framework, &cell.value));
    let given = |column: &&u32| read(**column).is_some_and(|cell| !cell.value.is_blank());
    columns.iter().find(says).or_else(|| columns.iter().find(given)).or(columns.first()).copied()
}

/// The cells of the other ones that say something else.
fn others_of<'c>(
    framework: &Framework,
    columns: &[u32],
    first: u32,
    read: impl Fn(u32) -> Option<&'c Cell>,
) -> impl Iterator<Item = &'c Cell> {
    let said = read(first).map(|cell| Said::of(&cell.value));
    let others = columns.iter().filter(|column| **column != first).filter_map(|column| read(*column));
    let others = others.filter(|cell| !is_nothing(framework, &cell.value));
    others.filter(|cell| Some(Said::of(&cell.value)) != said).collect::<Vec<_>>().into_iter()
}

fn doubled(used: &Place, other: Place) -> Finding {
    let problem = Problem::QuestionDoubled { used: used.to_string() };
    Finding::new(Severity::Warning, problem).at(Some(other))
}

/// Makes the answer what the columns of choices say; gives what is to be said where the column of the whole answer says
/// something else. What somebody chose is not undone by columns that say nothing but no.
fn settle(
    framework: &Framework,
    question: &Id,
    told: &mut Response,
    taken: Taken,
    whole: Option<&Cell>,
    place: impl Fn(u32) -> Place,
) -> Option<Finding> {
    let doubled = |used: u32, other: u32| doubled(&place(used), place(other)).about(question);
    let whole = whole.filter(|cell| !cell.value.is_blank() && !framework.is_missing_mark(&text(&cell.value)));
    if taken.is_nothing
        && let Some(whole) = whole
    {
        return Some(doubled(whole.address.column, taken.column));
    }
    let finding = whole
        .filter(|whole| options::contradict(framework, question, &taken.value, &whole.value))
        .map(|whole| doubled(taken.column, whole.address.column));
    // A finding about one column stands there.
    if taken.is_odd {
        told.place = place(taken.column);
    }
    (told.value, told.formula) = (taken.value, taken.formula);
    finding
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

/// The instance that a cell names. A number that was rounded names many.
fn instance(framework: &Framework, value: &CellValue) -> Option<String> {
    let found = text(value);
    let is_rounded = match value {
        CellValue::Number(number) => number.fract() != 0.0 || number.abs() >= MOST_DIGITS,
        CellValue::Text(_) => found.contains(['.', 'e', 'E']) && found.parse::<f64>().is_ok(),
        _ => false,
    };
    (!is_rounded && !is_nothing(framework, value)).then_some(found)
}

/// Numbers of more digits lose some in spreadsheet programs.
const MOST_DIGITS: f64 = 1e15;

/// What reviewers on the server said. A state that is not known leaves questions open.
fn review(framework: &Framework, cell: &Cell, place: Place) -> Option<Finding> {
    let found = text(&cell.value);
    let state = key(&matching_key(&found));
    let words = state.trim_matches('_');
    let (severity, problem) =
        if REJECTED.contains(&words) || NAMES_OF_REJECTED.iter().any(|name| state.contains(name)) {
            (Severity::Error, Problem::ReviewRejected { found })
        } else if SETTLED.contains(&words)
            || state.contains("validation_status_approved")
            || is_nothing(framework, &cell.value)
        {
            return None;
        } else {
            (Severity::Warning, Problem::ReviewOpen { found })
        };
    Some(Finding::new(severity, problem).at(Some(place)))
}
