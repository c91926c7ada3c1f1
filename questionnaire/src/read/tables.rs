//! Tables of questions: a row a question, found by keys or headings in any language.

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::normalize::matching_key;
use maturity::submission::{Confirmation, Field, Response};

use super::keys::Keys;
use super::pointers::Pointers;
use super::question_ids::QuestionIds;
use super::stray::Stray;
use super::text;
use super::unseen::Unseen;
use crate::layout::{self, Column};
use crate::lists;
use crate::words;

/// Bytes of the longest text that may be a heading, stray blanks included.
const LONGEST_HEADING: usize = 100;

/// The columns that are read, the id first. All others are for the respondent alone: the live marks are formulas,
/// and the previous wave's answer is compared with what is stored, never with what the sheet says.
const READ: [Column; 6] =
    [Column::Id, Column::Answer, Column::Confirm, Column::Reason, Column::Evidence, Column::Comment];

/// The columns that are read, by their keys and their headings in all languages.
static HEADINGS: LazyLock<Keys<Column>> = LazyLock::new(|| {
    let mut known = Vec::new();
    for column in READ {
        known.push((matching_key(column.key()), column));
        for heading in words::all(column.heading()) {
            known.push((matching_key(heading), column));
        }
    }
    known.into_iter().collect()
});

/// Every heading and key of the questionnaire, read or not.
static OWN: LazyLock<Keys<()>> = LazyLock::new(|| {
    let headings = words::WORDING.iter().filter(|(key, _)| key.starts_with("column-"));
    let headings = headings.flat_map(|(_, text)| text.all().map(matching_key).collect::<Vec<_>>());
    let keys = layout::Columns::of(true, true).iter().map(|(_, column, _)| matching_key(column.key()));
    headings.chain(keys).chain(HEADINGS.iter().map(str::to_owned)).map(|key| (key, ())).collect()
});

/// What the tables of questions of a workbook hold.
#[derive(Debug)]
pub(super) struct Tables {
    /// The responses in the order of the file.
    pub(super) responses: Vec<Response>,
    /// What was noticed beside them.
    pub(super) findings: Vec<Finding>,
}

/// Reads all tables in the visible sheets.
pub(super) fn read(
    book: &Book,
    framework: &Framework,
    ids: &QuestionIds<'_>,
    pointers: &Pointers<'_>,
) -> Tables {
    let mut reader = Reader { framework, ids, pointers, responses: Vec::new(), findings: Vec::new() };
    let mut unread = Vec::new();
    for sheet in &book.sheets {
        if !sheet.visible || !reader.sheet(sheet) {
            unread.push(sheet);
        }
    }
    let findings = reader.unread(&unread);
    reader.findings.extend(findings);
    Tables { responses: reader.responses, findings: reader.findings }
}

/// Whether a cell holds a heading of the questionnaire.
fn is_own_heading(cell: &Cell) -> bool {
    match &cell.value {
        CellValue::Text(text) => text.len() <= LONGEST_HEADING && OWN.find(text).is_some(),
        _ => false,
    }
}

/// Where the fields of a question stand, in the order of [`READ`]; each in a column of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Columns([Option<u32>; READ.len()]);

impl Columns {
    /// The known headings of a row; of two equal ones the first.
    fn of(row: &[Cell]) -> Self {
        let mut columns = Self::default();
        for cell in row {
            let CellValue::Text(text) = &cell.value else { continue };
            if text.len() > LONGEST_HEADING {
                continue;
            }
            if let Some(column) = HEADINGS.find(text) {
                columns.set(*column, cell.address.column);
            }
        }
        columns
    }

    fn get(self, column: Column) -> Option<u32> {
        READ.into_iter().zip(self.0).find(|(read, _)| *read == column).and_then(|(_, position)| position)
    }

    /// Sets the position of a column that has none yet.
    fn set(&mut self, column: Column, position: u32) {
        for (read, slot) in READ.into_iter().zip(&mut self.0) {
            if read == column {
                slot.get_or_insert(position);
            }
        }
    }

    /// These columns, completed by earlier ones where those do not claim the same column.
    fn or(self, earlier: Self) -> Self {
        let free = |column: &u32| !self.0.contains(&Some(*column));
        let mut all = self;
        for (slot, earlier) in all.0.iter_mut().zip(earlier.0) {
            *slot = slot.or(earlier.filter(free));
        }
        all
    }
}

struct Reader<'a, 'f> {
    framework: &'a Framework,
    ids: &'a QuestionIds<'a>,
    pointers: &'a Pointers<'f>,
    responses: Vec<Response>,
    findings: Vec<Finding>,
}

impl Reader<'_, '_> {
    /// Reads a sheet; tells whether it holds a table.
    fn sheet(&mut self, sheet: &Sheet) -> bool {
        let is_heading =
            |columns: Columns| columns.get(Column::Id).is_some() && columns.get(Column::Answer).is_some();
        let columns_of_rows: Vec<Columns> = sheet.rows().map(|(_, row)| Columns::of(row)).collect();
        let headed = columns_of_rows.iter().any(|columns| is_heading(*columns));
        let mut current = if headed { None } else { self.inferred(sheet) };
        let (mut unseen, mut stray) = (Unseen::of(sheet), Stray::default());
        for ((number, row), columns) in sheet.rows().zip(columns_of_rows) {
            if headed && is_heading(columns) {
                current = Some((number, columns.or(current.map(|(_, earlier)| earlier).unwrap_or_default())));
                stray.headings(row, is_own_heading);
            } else if let Some((heading, columns)) = current {
                if number == heading {
                    stray.headings(row, is_own_heading);
                    columns.get(Column::Id).into_iter().for_each(|column| stray.known_column(column));
                } else if number > heading {
                    self.row(sheet, row, columns, &mut unseen, &mut stray);
                }
            }
        }
        self.findings.extend(unseen.findings());
        self.findings.extend(stray.findings(sheet));
        current.is_some()
    }

    /// What is to be said of sheets that are hidden or hold no table.
    fn unread(&self, sheets: &[&Sheet]) -> Vec<Finding> {
        let read: HashSet<&str> = self.responses.iter().map(|response| response.question.as_str()).collect();
        sheets.iter().filter_map(|sheet| self.not_read(sheet, &read)).collect()
    }

    /// Reports a sheet with question numbers that is hidden or has no answers, if its questions were read nowhere
    /// else.
    fn not_read(&self, sheet: &Sheet, read: &HashSet<&str>) -> Option<Finding> {
        let known = |cell: &Cell| self.ids.find_value(&cell.value).map(|id| (cell.address, id));
        let found: Vec<_> = sheet.cells.iter().filter_map(known).collect();
        let mut columns: BTreeMap<u32, Vec<&Id>> = BTreeMap::new();
        for (address, id) in &found {
            columns.entry(address.column).or_default().push(id);
        }
        let longest = columns.into_values().max_by_key(Vec::len).unwrap_or_default();
        if longest.len() < self.ids.several() || longest.iter().any(|id| read.contains(id.as_str())) {
            return None;
        }
        let names: Vec<&str> = longest.iter().map(|id| id.as_str()).collect();
        let questions = names.join(", ");
        let problem = if sheet.visible {
            Problem::SheetNotRead { questions }
        } else {
            Problem::SheetHidden { questions }
        };
        Some(Finding::new(Severity::Error, problem).at(Some(Place::sheet(&sheet.name))))
    }

    /// A table whose id column has lost its heading: several known ids in one column and, above them, the
    /// heading of the answers. Gives the heading's row and the columns.
    fn inferred(&self, sheet: &Sheet) -> Option<(u32, Columns)> {
        let mut known: BTreeMap<u32, (usize, u32)> = BTreeMap::new();
        for cell in sheet.cells.iter().filter(|cell| self.ids.find_value(&cell.value).is_some()) {
            known.entry(cell.address.column).or_insert((0, cell.address.row)).0 += 1;
        }
        let (column, (count, first)) =
            known.into_iter().max_by_key(|(column, (count, _))| (*count, std::cmp::Reverse(*column)))?;
        let headings = sheet.rows().take_while(|(number, _)| *number < first).map(|(number, row)| {
            let columns = Columns::of(row);
            let mut inferred = Columns::default();
            inferred.set(Column::Id, column);
            (number, inferred.or(columns))
        });
        let found = headings
            .filter(|(_, columns)| columns.get(Column::Answer).is_some_and(|answer| answer != column))
            .last()?;
        (count >= self.ids.several()).then_some(found)
    }

    fn row(
        &mut self,
        sheet: &Sheet,
        row: &[Cell],
        columns: Columns,
        unseen: &mut Unseen<'_>,
        stray: &mut Stray,
    ) {
        let at = |column: Option<u32>| row.iter().find(|cell| Some(cell.address.column) == column);
        let (Some(answer_column), Some(number)) =
            (columns.get(Column::Answer), row.first().map(|cell| cell.address.row))
        else {
            return;
        };
        let id = at(columns.get(Column::Id)).map(|cell| text(&cell.value)).unwrap_or_default();
        if HEADINGS.find(&id) == Some(&Column::Id) {
            // Headings again, of which not all are known.
            return;
        }
        stray.row(row);
        if id.is_empty() {
            // The title of a section, or something that belongs to no question.
            let read = READ.into_iter().skip(1).filter_map(|column| at(columns.get(column)));
            read.filter(|cell| !cell.value.is_blank() && !cell.formula).for_each(|cell| stray.cell(cell));
            return;
        }
        let known = self.ids.find(&id);
        let question = known.map_or(id, ToString::to_string);
        let response = |field, cell: Option<&Cell>, column| Response {
            question: question.clone(),
            field,
            value: cell.map(|cell| cell.value.clone()).unwrap_or_default(),
            formula: cell.is_some_and(|cell| cell.formula),
            place: Place::cell(&sheet.name, Address::new(number, column)),
        };
        let here = Address::new(number, answer_column);
        let covering = unseen.covering(here);
        let answer = at(Some(answer_column)).filter(|_| covering.is_none());
        if let Some(region) = covering {
            unseen.note_covered(known.cloned(), here, region);
        } else if answer.is_some_and(|cell| !cell.value.is_blank()) {
            unseen.note_answer(known.cloned(), here);
        }
        self.responses.push(response(Field::Answer, answer, answer_column));
        for column in READ {
            let (Some(field), Some(position)) = (column.field(), columns.get(column)) else { continue };
            let here = Address::new(number, position);
            if field != Field::Answer
                && let Some(region) = unseen.covering(here)
            {
                // Merged with a cell beside it, it could not be filled in; merged with those above, it looks as if
                // it were.
                if region.top_left.column == position {
                    unseen.note_covered(known.cloned(), here, region);
                }
                continue;
            }
            let cell = at(Some(position));
            let blank = cell.is_none_or(|cell| cell.value.is_blank());
            match field {
                Field::Answer => {}
                // A blank one says something too: that the previous answer is not confirmed yet.
                Field::Confirm => {
                    let mut confirm = response(field, cell, position);
                    confirm.value = confirmation(confirm.value);
                    self.responses.push(confirm);
                }
                Field::Evidence if cell.is_some_and(|cell| self.is_pointer(known, &cell.value)) => {}
                // So does missing evidence where it is needed: its absence can be pointed at.
                Field::Evidence if blank && !self.needs_evidence(known) => {}
                Field::Evidence => self.responses.push(response(field, cell, position)),
                _ if blank => {}
                _ => self.responses.push(response(field, cell, position)),
            }
        }
    }

    fn needs_evidence(&self, question: Option<&Id>) -> bool {
        question.is_some_and(|id| {
            self.framework.question(id).is_some_and(|asked| self.framework.needs_evidence(asked))
        })
    }

    /// Whether an evidence cell holds our own "see I-1.2", in whatever language.
    fn is_pointer(&self, question: Option<&Id>, value: &CellValue) -> bool {
        // Most evidence is none.
        !value.is_blank() && question.is_some_and(|id| self.pointers.has(id, &value.display()))
    }
}

/// The dropdown shows confirmations in words; only this crate knows the words, so they become plain names here.
fn confirmation(value: CellValue) -> CellValue {
    let found = matching_key(&value.display());
    let means = |confirmation: &Confirmation| {
        let key = lists::confirmation_key(*confirmation);
        found == confirmation.as_str()
            || words::all(key).into_iter().any(|label| matching_key(label) == found)
    };
    match Confirmation::ALL.iter().find(|confirmation| means(confirmation)) {
        Some(confirmation) => CellValue::Text(confirmation.as_str().to_owned()),
        None => value,
    }
}
