//! The publisher's wide table: which rows are economies, and their responses.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};

use maturity::cell::{Address, Cell, CellValue, Place, Region, Sheet};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response};

use super::answered::Answered;
use super::beyond;
use super::dataset_columns::{Again, Columns, not_asked};
use super::dataset_wave::{self as wave, OfYear};
use super::question_ids::QuestionIds;
use super::room::Room;
use super::said::Said;
use super::summary::{begins_summary, is_code, is_number, is_of_many, is_summary, is_total};
use super::unread::Unread;
use super::unseen::{Unseen, listed};

/// A table as its headings say that it is.
struct Table {
    columns: Columns,
    number: usize,
    /// Where the headings stand, if they do not say whose the answers are.
    incomplete: Option<Place>,
}

/// What a row of a sheet is.
enum Line {
    Headings(Table),
    /// The headings above once more.
    Repeated,
    Other,
}

/// One row of an economy, with the year that it is for.
struct Row {
    said: wave::Said,
    /// The matching key of what names the economy.
    economy: String,
    /// The number of the table, and the columns that are not read although the row has something in them.
    unread: (usize, Vec<u32>),
    received: Received,
}

impl OfYear for Row {
    fn said(&self) -> &wave::Said {
        &self.said
    }

    fn economy(&self) -> &str {
        &self.economy
    }

    fn place(&self) -> &Place {
        &self.received.place
    }
}

/// One cell that answers a question, or the place where one is missing.
struct Given<'q, 'c> {
    question: &'q str,
    column: u32,
    cell: Option<&'c Cell>,
}

/// One submission for each economy of the wide tables in some sheets; empty if there is none.
pub(super) fn submissions(
    sheets: &[&Sheet],
    framework: &Framework,
    ids: &QuestionIds,
) -> Result<Vec<Received>, Refusal> {
    let sheets: Vec<(&Sheet, Columns)> =
        sheets.iter().filter_map(|sheet| Some((*sheet, widest(sheet, ids)?))).collect();
    let most = sheets.iter().map(|(_, columns)| columns.known.len()).max().unwrap_or(0);
    // The publisher's sheet of points has the headings of some of the questions. It is no table of answers, and
    // has far fewer of them than the table of answers beside it.
    let (tables, others): (Vec<_>, Vec<_>) =
        sheets.into_iter().partition(|(_, columns)| columns.known.len() * 2 > most);
    let mut reader = Reader {
        framework,
        ids,
        not_asked: not_asked(framework),
        answered: OnceCell::new(),
        unread: Unread::of(framework.wave),
        room: Room::default(),
        rows: Vec::new(),
        unclear: Vec::new(),
    };
    for (sheet, _) in &tables {
        reader.sheet(sheet)?;
    }
    let split = split_off(&tables, &others);
    let Reader { rows, mut unread, unclear, .. } = reader;
    let mut all = Vec::with_capacity(rows.len());
    // Of the rows that are passed over the first submission tells.
    let (rows, mut passed_over) = wave::of_wave(rows, framework.wave);
    passed_over.extend(not_read(&unclear));
    for Row { unread: (table, filled), mut received, .. } in rows {
        received.findings.extend(unread.findings(table, &filled));
        received.findings.extend(split.iter().cloned());
        received.findings.append(&mut passed_over);
        all.push(received);
    }
    Ok(all)
}

/// Where a sheet has the headings of a wide table but for some fixed ones; how many questions they are, and which is missing.
pub(super) fn missing(sheet: &Sheet, ids: &QuestionIds) -> Option<(Address, usize, String)> {
    sheet.rows().find_map(|(_, row)| {
        let (count, missing) = Columns::missing(row, ids)?;
        Some((row.first()?.address, count, missing))
    })
}

/// The columns of the row of headings in a sheet that has the most questions.
fn widest(sheet: &Sheet, ids: &QuestionIds) -> Option<Columns> {
    sheet.rows().filter_map(|(_, row)| Columns::of(row, ids)).max_by_key(|columns| columns.known.len())
}

/// What is to be said of rows that seem to be those of an economy, and hold nothing that is an answer: one finding for each
/// sheet.
fn not_read(rows: &[(&Sheet, Address)]) -> Vec<Finding> {
    let of_sheet = |rows: &[(&Sheet, Address)]| {
        let (sheet, first) = rows.first()?;
        let addresses: Vec<Address> = rows.iter().map(|(_, address)| *address).collect();
        let found = sheet.get(*first).map(|cell| cell.value.display()).unwrap_or_default();
        let problem = Problem::StrayContent { found, count: addresses.len(), cells: listed(&addresses) };
        Some(Finding::new(Severity::Warning, problem).at(Some(Place::cell(&sheet.name, *first))))
    };
    rows.chunk_by(|(one, _), (other, _)| one.name == other.name).filter_map(of_sheet).collect()
}

/// How many rows in sheets without headings of their own continue the tables that were read, one finding for each sheet.
pub(super) fn continued(
    read: &[&Sheet],
    others: &[&Sheet],
    framework: &Framework,
    ids: &QuestionIds,
) -> Vec<Finding> {
    let tables: Vec<Columns> = read.iter().take(MOST_TABLES).filter_map(|sheet| widest(sheet, ids)).collect();
    let answered = Answered::of(framework);
    let finding = |sheet: &&Sheet| {
        if widest(sheet, ids).is_some() {
            return None;
        }
        let is_one = |cells: &[Cell]| {
            tables.iter().any(|columns| {
                let named = [columns.code, columns.name].into_iter().filter_map(|column| at(cells, column));
                named.into_iter().any(has_word) && answered.is(cells, columns, of_titles(columns), true)
            })
        };
        let count = sheet.rows().filter(|(_, cells)| is_one(cells)).count();
        let place = Some(Place::sheet(&sheet.name));
        (count > 0).then(|| Finding::new(Severity::Error, Problem::TableBeside { count }).at(place))
    };
    others.iter().filter_map(finding).collect()
}

/// Keeps the sheets with a table that is as wide as one of those that were read, or has questions of its own: the
/// publisher's sheet of points is none.
pub(super) fn keep_alike(sheets: &mut Vec<&Sheet>, read: &[&Sheet], ids: &QuestionIds) {
    let tables: Vec<Columns> = read.iter().filter_map(|sheet| widest(sheet, ids)).collect();
    let most = tables.iter().map(|columns| columns.known.len()).max().unwrap_or_default();
    let known: HashSet<&str> = tables.iter().flat_map(Columns::known_ids).collect();
    sheets.retain(|sheet| {
        widest(sheet, ids).is_some_and(|columns| {
            columns.known.len() * 2 > most || columns.known_ids().any(|id| !known.contains(id))
        })
    });
}

/// Under how many tables that were read the rows of a sheet without headings are looked at: more are all alike.
pub(super) const MOST_TABLES: usize = 8;

/// What is to be said of tables that are not read although questions stand nowhere else.
fn split_off(read: &[(&Sheet, Columns)], others: &[(&Sheet, Columns)]) -> Vec<Finding> {
    let known: HashSet<&str> = read.iter().flat_map(|(_, columns)| columns.known_ids()).collect();
    let finding = |(sheet, columns): &(&Sheet, Columns)| {
        let questions: Vec<&str> = columns.known_ids().filter(|id| !known.contains(id)).collect();
        let problem = Problem::TableUnread { questions: questions.join(", ") };
        let place = Some(Place::sheet(&sheet.name));
        (!questions.is_empty()).then(|| Finding::new(Severity::Error, problem).at(place))
    };
    others.iter().filter_map(finding).collect()
}

struct Reader<'a, 's> {
    framework: &'a Framework,
    ids: &'a QuestionIds<'a>,
    not_asked: HashSet<String>,
    /// Worked out for the first row that is not named as it should be.
    answered: OnceCell<Answered<'a>>,
    unread: Unread<'s>,
    room: Room,
    rows: Vec<Row>,
    /// Named rows that were passed over because they hold no answers, though something.
    unclear: Vec<(&'s Sheet, Address)>,
}

impl<'s> Reader<'_, 's> {
    fn sheet(&mut self, sheet: &'s Sheet) -> Result<(), Refusal> {
        let (mut table, mut unseen): (Option<Table>, _) = (None, Unseen::of(sheet));
        let mut above = Vec::new();
        for (number, cells) in sheet.rows() {
            match (self.headings(sheet, number, cells, table.as_ref()), &table) {
                (Line::Headings(found), _) => {
                    for (number, cells) in above.drain(..) {
                        self.row(sheet, number, cells, &found, &mut unseen, true)?;
                    }
                    table = Some(found);
                }
                (Line::Other, Some(table)) => self.row(sheet, number, cells, table, &mut unseen, false)?,
                (Line::Other, None) => above.push((number, cells)),
                (Line::Repeated, _) => {}
            }
        }
        Ok(())
    }

    /// What a row is to a table: headings may stand there again, even in another order.
    fn headings(&mut self, sheet: &'s Sheet, number: u32, cells: &[Cell], current: Option<&Table>) -> Line {
        let (columns, incomplete) = if let Some(columns) = Columns::of(cells, self.ids) {
            (columns, None)
        } else {
            match current.and_then(|current| current.columns.again(cells, self.ids)) {
                Some(Again::Other(columns)) => {
                    let first = cells.first().map_or(Address::new(number, 0), |cell| cell.address);
                    (columns, Some(Place::cell(&sheet.name, first)))
                }
                Some(Again::Same) => return Line::Repeated,
                None => return Line::Other,
            }
        };
        let unread = columns.unread(cells, &self.not_asked);
        let number = self.unread.add(sheet, number, unread, columns.year.is_some());
        Line::Headings(Table { columns, number, incomplete })
    }

    /// Takes a row below the headings of a table, or above them, if it is that of an economy.
    fn row(
        &mut self,
        sheet: &'s Sheet,
        number: u32,
        cells: &[Cell],
        table: &Table,
        unseen: &mut Unseen<'_>,
        is_above: bool,
    ) -> Result<(), Refusal> {
        let mut row = match self.economy(sheet, number, cells, &table.columns, unseen, is_above) {
            Ok(row) => row,
            Err(named) => {
                self.unclear.extend(named.map(|named| (sheet, named)));
                return Ok(());
            }
        };
        self.room.take(row.received.responses.len())?;
        let place = row.received.place.clone();
        let mut tell = |problem| {
            row.received.findings.push(Finding::new(Severity::Error, problem).at(Some(place.clone())));
        };
        if is_above {
            let cells = place.cell.map(|cell| cell.to_string()).unwrap_or_default();
            tell(Problem::AnswersAbove { count: 1, cells });
        }
        if let Some(headings) = &table.incomplete {
            tell(Problem::HeadingsDiffer { headings: headings.to_string() });
        }
        row.received.findings.extend(beyond::finding(sheet, cells, table.columns.last));
        row.unread = (table.number, self.unread.filled(table.number, cells));
        self.rows.push(row);
        Ok(())
    }

    /// The row of an economy; anything else below the headings is a summary, a footnote or empty. A row of answers that
    /// does not say as it should whose they are and of which year, is one, too: its sender is asked. Above the headings
    /// there are titles, and only a row of answers is one. Of a row that is none, but named as if it were and filled where
    /// answers belong, it gives the place.
    fn economy(
        &self,
        sheet: &Sheet,
        number: u32,
        cells: &[Cell],
        columns: &Columns,
        unseen: &mut Unseen<'_>,
        is_above: bool,
    ) -> Result<Row, Option<Address>> {
        let fixed = [Some(columns.code), Some(columns.name), columns.year].into_iter().flatten();
        let filled = cells.iter().map(|cell| cell.address.column);
        let first = columns.known.iter().map(|(_, column)| *column);
        let covered = unseen.covered(number, fixed.chain(filled).chain(first));
        let read = |column: u32| at(cells, column).filter(|_| !covered.contains_key(&column));
        // What is merged is the year, the code and the name of all its rows.
        let merged = |column: u32| match covered.get(&column) {
            Some(region) if region.top_left.column == column => (region.top_left, sheet.get(region.top_left)),
            Some(_) => (Address::new(number, column), None),
            None => (Address::new(number, column), at(cells, column)),
        };
        let given = |column: u32| merged(column).1.filter(|cell| self.is_given(cell));

        let year = columns.year.map(merged);
        let said = year.and_then(|(_, cell)| Some(wave::Said::of(&cell?.value, self.framework.wave)));
        let said = said.unwrap_or(wave::Said::Nothing);
        let is_dated = said.year().is_some();
        let (code, name) = (given(columns.code), given(columns.name));
        let is_clear = code.is_some_and(is_code) && (columns.year.is_none() || is_dated);
        // A code of digits says little alone. With a name and a year beside it it is no sum.
        let is_numbered = code.is_some_and(is_number)
            && name.is_some_and(has_word)
            && (columns.year.is_none() || is_dated)
            && !is_above;
        let labels = match (is_clear || is_numbered, columns.year) {
            (true, Some(_)) => [None; 3],
            (true, None) if is_clear => [code, None, None],
            _ => [code, name, year.and_then(|(_, cell)| cell)],
        };
        // What is told of a row that is passed over although it is filled.
        let filled = |place: Option<Address>| {
            let given = cells.iter().filter(|cell| !cell.formula && self.is_given(cell));
            let mut given = given.map(|cell| cell.address.column);
            place.filter(|_| given.any(|column| columns.question_at(column).is_some()))
        };
        let place = code.or(name).map(|cell| cell.address);
        if labels.into_iter().flatten().any(is_summary) {
            return Err(filled(place.filter(|_| is_numbered)));
        }
        if name.is_some_and(|name| is_numbered && is_total(name) || code.is_none() && is_of_many(name)) {
            return Err(filled(place));
        }
        let is_known = !is_above
            && (is_clear
                || is_numbered
                || is_dated && (name.is_some_and(has_word) || code.is_some_and(is_number)));
        let is_named = is_dated || [code, name].into_iter().flatten().any(has_word);
        // A single figure beside no name may be a count.
        let least = if is_above { of_titles(columns) } else { usize::from(!is_named) + 1 };
        let is_doubtful = !is_clear || is_above || labels.into_iter().flatten().any(begins_summary);
        if is_doubtful && !self.is_answered(cells, columns, least, is_known) {
            let is_summary = [code, name].into_iter().flatten().any(begins_summary);
            return Err(filled(place.filter(|_| is_known && !is_summary)));
        }

        let economy = code.or(name);
        let value = |cell: Option<&Cell>| cell.map(|cell| cell.value.clone()).unwrap_or_default();
        let place = |column| Place::cell(&sheet.name, Address::new(number, column));
        let placed = |cell: &Cell| Place::cell(&sheet.name, cell.address);
        let mut header = vec![HeaderValue {
            field: HeaderField::Economy,
            value: value(economy),
            place: economy.map_or_else(|| place(columns.code), placed),
        }];
        // Whether both mean the same, whoever knows the economies tells.
        header.extend(code.and(name).map(|cell| HeaderValue {
            field: HeaderField::OtherEconomy,
            value: cell.value.clone(),
            place: placed(cell),
        }));
        header.extend(year.map(|(address, cell)| HeaderValue {
            field: HeaderField::Wave,
            value: value(cell),
            place: Place::cell(&sheet.name, address),
        }));
        let source = columns.source.and_then(read);
        header.extend(source.map(|cell| HeaderValue {
            field: HeaderField::Collected,
            value: cell.value.clone(),
            place: place(cell.address.column),
        }));

        let mut responses = Vec::with_capacity(columns.known.len());
        for Given { question, column, cell } in answers(cells, columns, &covered) {
            let address = Address::new(number, column);
            if let Some(region) = covered.get(&column) {
                unseen.note_covered(Some(Id::from(question)), address, *region);
            } else if cell.is_some_and(|cell| !cell.value.is_blank()) {
                unseen.note_answer(Some(Id::from(question)), address);
            }
            responses.push(Response {
                question: question.to_owned(),
                field: Field::Answer,
                value: value(cell),
                formula: cell.is_some_and(|cell| cell.formula),
                place: place(column),
            });
        }
        let received = Received {
            layout: Layout::Dataset,
            place: place(columns.code),
            header,
            responses,
            findings: unseen.findings(),
            contests: Vec::new(),
        };
        let economy = economy.map(|cell| matching_key(&cell.value.display())).unwrap_or_default();
        Ok(Row { said, economy, unread: (0, Vec::new()), received })
    }

    /// Whether a row holds answers, at least so many.
    fn is_answered(&self, cells: &[Cell], columns: &Columns, least: usize, is_named: bool) -> bool {
        let answered = self.answered.get_or_init(|| Answered::of(self.framework));
        answered.is(cells, columns, least, is_named)
    }

    /// Whether something stands in a cell, and not a mark for what is missing.
    fn is_given(&self, cell: &Cell) -> bool {
        !cell.value.is_blank() && !self.framework.is_missing_mark(&tidy(&cell.value.display()))
    }
}

/// How many answers make a row above the headings one of answers, and not of titles.
fn of_titles(columns: &Columns) -> usize {
    columns.known.len().div_ceil(4).clamp(2, 5)
}

/// Whether a cell holds a word, and not only a letter or a number.
fn has_word(cell: &Cell) -> bool {
    matches!(&cell.value, CellValue::Text(text) if text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some())
}

/// The cells that answer the questions, in the order of the questions: of each one the first that is not blank, and each
/// further one that says something else. A known question without any has its first column; an unknown one that is blank
/// says nothing at all.
///
/// Columns are looked up by the cells of the row: a table may have thousands of headings over rows that are nearly empty.
///
/// Cells under merged ones are passed over, and are told as such where the question has no other answer.
fn answers<'q, 'c>(
    cells: &'c [Cell],
    columns: &'q Columns,
    covered: &BTreeMap<u32, Region>,
) -> Vec<Given<'q, 'c>> {
    let given = cells.iter().filter(|cell| !cell.value.is_blank());
    let given = given.filter(|cell| !covered.contains_key(&cell.address.column));
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
            // A formula without a result says that something should stand there.
            let blank = at(cells, *first).filter(|_| !covered.contains_key(first));
            found.push((*position, *first, blank));
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
