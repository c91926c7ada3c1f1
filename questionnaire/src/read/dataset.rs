//! The publisher's wide table: which rows are economies, and their responses.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};

use maturity::cell::{Address, Book, Cell, CellValue, Place, Region, Sheet};
use maturity::finding::{Finding, Problem, Refusal, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::{matching_key, tidy};
use maturity::submission::{Field, HeaderField, HeaderValue, Layout, Received, Response, Wave};

use super::answered::Answered;
use super::dataset_columns::{Columns, not_asked};
use super::question_ids::QuestionIds;
use super::room::Room;
use super::said::Said;
use super::unread::Unread;
use super::unseen::Unseen;

/// What people write in front of a summary row or a note, in the languages of questionnaires.
const SUMMARIES: [&str; 28] = [
    "sum", "total", "mean", "average", "avg", "median", "min", "max", "minimum", "maximum", "count", "note",
    "notes", "source", "sources", "somme", "moyenne", "mediane", "nombre", "remarque", "suma", "promedio",
    "media", "mediana", "minimo", "maximo", "nota", "fuente",
];

/// Of how many rows of the wave there must be one of another year, for that year to be a wave of the table.
const ROWS_TO_ONE: usize = 4;

/// One row of an economy, with the year that it is for.
struct Row {
    /// The year, if it says one.
    year: Option<Wave>,
    /// The matching key of what names the economy.
    economy: String,
    /// The number of the table, and the columns that are not read although the row has something in them.
    unread: (usize, Vec<u32>),
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
    let sheets = book.sheets.iter().filter(|sheet| sheet.visible);
    let sheets: Vec<(&Sheet, Columns)> =
        sheets.filter_map(|sheet| Some((sheet, widest(sheet, ids)?))).collect();
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
        unread: Unread::default(),
        room: Room::default(),
        rows: Vec::new(),
    };
    for (sheet, _) in &tables {
        reader.sheet(sheet)?;
    }
    let split = split_off(&tables, &others);
    let Reader { rows, mut unread, .. } = reader;
    let mut all = Vec::with_capacity(rows.len());
    for Row { unread: (table, filled), mut received, .. } in of_wave(rows, framework.wave) {
        received.findings.extend(unread.findings(table, &filled));
        received.findings.extend(split.iter().cloned());
        all.push(received);
    }
    Ok(all)
}

/// The columns of the row of headings in a sheet that has the most questions.
fn widest(sheet: &Sheet, ids: &QuestionIds) -> Option<Columns> {
    sheet.rows().filter_map(|(_, row)| Columns::of(row, ids)).max_by_key(|columns| columns.known.len())
}

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

/// The rows that are for the wave, and those of which somebody has to say whether they are.
///
/// A table may hold several waves. A row of another year is passed over where its economy has a row of the wave, too, or
/// where so many rows are of that year that it is a wave of the table; else the year may be a slip. Where no row is of
/// the wave, all are kept, so that somebody is told.
fn of_wave(rows: Vec<Row>, wave: Wave) -> Vec<Row> {
    let mut years: BTreeMap<Wave, usize> = BTreeMap::new();
    for year in rows.iter().filter_map(|row| row.year) {
        *years.entry(year).or_default() += 1;
    }
    let Some(of_wave) = years.get(&wave).copied() else { return rows };
    let economies: HashSet<String> =
        rows.iter().filter(|row| row.year == Some(wave)).map(|row| row.economy.clone()).collect();
    let is_wave = |year: Wave| {
        let rows = years.get(&year).copied().unwrap_or_default();
        rows > 1 && rows * ROWS_TO_ONE >= of_wave
    };
    let passed_over = |row: &Row| {
        row.year.is_some_and(|year| year != wave && (is_wave(year) || economies.contains(&row.economy)))
    };
    rows.into_iter().filter(|row| !passed_over(row)).collect()
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
}

impl<'s> Reader<'_, 's> {
    fn sheet(&mut self, sheet: &'s Sheet) -> Result<(), Refusal> {
        let (mut columns, mut unseen) = (None, Unseen::of(sheet));
        for (number, cells) in sheet.rows() {
            if let Some(found) = Columns::of(cells, self.ids) {
                // Headings may stand there again, even in another order.
                let table = self.unread.add(sheet, number, found.unread(cells, &self.not_asked));
                columns = Some((found, table));
            } else if let Some((columns, table)) = &columns
                && let Some(mut row) = self.economy(sheet, number, cells, columns, &mut unseen)
            {
                self.room.take(row.received.responses.len())?;
                row.unread = (*table, self.unread.filled(*table, cells));
                self.rows.push(row);
            }
        }
        Ok(())
    }

    /// The row of an economy; anything else below the headings is a summary, a footnote or empty. A row of answers that
    /// does not say as it should whose they are and of which year, is one, too: its sender is asked.
    fn economy(
        &self,
        sheet: &Sheet,
        number: u32,
        cells: &[Cell],
        columns: &Columns,
        unseen: &mut Unseen<'_>,
    ) -> Option<Row> {
        let fixed = [Some(columns.code), Some(columns.name), columns.year].into_iter().flatten();
        let filled = cells.iter().map(|cell| cell.address.column);
        let first = columns.known.iter().map(|(_, column)| *column);
        let covered = unseen.covered(number, fixed.chain(filled).chain(first));
        let read = |column: u32| at(cells, column).filter(|_| !covered.contains_key(&column));
        let given = |column: u32| read(column).filter(|cell| self.is_given(cell));

        // What is merged is the year of all its rows.
        let year = columns.year.map(|column| match covered.get(&column) {
            Some(region) => (region.top_left, sheet.get(region.top_left)),
            None => (Address::new(number, column), at(cells, column)),
        });
        let said = year.and_then(|(_, cell)| Wave::said_by(&cell?.value));
        let (code, name) = (given(columns.code), given(columns.name));
        let is_clear = code.is_some_and(is_code) && (columns.year.is_none() || said.is_some());
        let labels = match (is_clear, columns.year) {
            (true, Some(_)) => [None; 3],
            (true, None) => [code, None, None],
            (false, _) => [code, name, year.and_then(|(_, cell)| cell)],
        };
        if labels.into_iter().flatten().any(is_summary) {
            return None;
        }
        let is_named = said.is_some() || [code, name].into_iter().flatten().any(has_word);
        if !is_clear && !self.is_answered(cells, columns, is_named) {
            return None;
        }

        let economy = code.or(name);
        let value = |cell: Option<&Cell>| cell.map(|cell| cell.value.clone()).unwrap_or_default();
        let place = |column| Place::cell(&sheet.name, Address::new(number, column));
        let mut header = vec![HeaderValue {
            field: HeaderField::Economy,
            value: value(economy),
            place: place(economy.map_or(columns.code, |cell| cell.address.column)),
        }];
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
        Some(Row { year: said, economy, unread: (0, Vec::new()), received })
    }

    /// Whether a row holds answers. A single figure beside no name may be a count.
    fn is_answered(&self, cells: &[Cell], columns: &Columns, is_named: bool) -> bool {
        let answered = self.answered.get_or_init(|| Answered::of(self.framework));
        answered.is(cells, columns, if is_named { 1 } else { 2 })
    }

    /// Whether something stands in a cell, and not a mark for what is missing.
    fn is_given(&self, cell: &Cell) -> bool {
        !cell.value.is_blank() && !self.framework.is_missing_mark(&tidy(&cell.value.display()))
    }
}

/// Whether a cell holds what looks like the code of an economy.
fn is_code(cell: &Cell) -> bool {
    let CellValue::Text(text) = &cell.value else { return false };
    let text = tidy(text);
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    text.chars().count() >= 2 && text.starts_with(char::is_alphabetic) && text.chars().all(fits)
}

/// Whether a cell holds a word, and not only a letter or a number.
fn has_word(cell: &Cell) -> bool {
    matches!(&cell.value, CellValue::Text(text) if text.chars().filter(|c| c.is_alphabetic()).nth(1).is_some())
}

/// Whether a cell says that the row is a summary or a note.
fn is_summary(cell: &Cell) -> bool {
    let key = matching_key(&cell.value.display());
    let first = key.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    SUMMARIES.contains(&first)
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
