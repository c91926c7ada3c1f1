//! Tables of questions: a row a question, found by keys or headings in any language.

use std::collections::{BTreeMap, BTreeSet, HashSet};
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
use super::said::Said;
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

/// The most further columns that are looked at in each row: nobody copies a column more often.
const MOST_FURTHER: usize = 16;

/// Where the fields of a question stand.
#[derive(Debug, Clone, Default)]
struct Columns {
    /// In the order of [`READ`]; each in a column of its own.
    first: [Option<u32>; READ.len()],
    /// Further columns with the heading of a field: a copy, or one that the sender added.
    further: Vec<(Column, u32)>,
}

impl Columns {
    /// The known headings of a row; of two equal ones the first comes first.
    fn of(row: &[Cell]) -> Self {
        let mut columns = Self::default();
        for cell in row {
            let CellValue::Text(text) = &cell.value else { continue };
            if text.len() > LONGEST_HEADING {
                continue;
            }
            if let Some(column) = HEADINGS.find(text) {
                columns.add(*column, cell.address.column);
            }
        }
        columns
    }

    /// Whether these are the headings of a table.
    fn are_of_table(&self) -> bool {
        self.get(Column::Id).is_some() && self.get(Column::Answer).is_some()
    }

    fn get(&self, column: Column) -> Option<u32> {
        READ.into_iter().zip(self.first).find(|(read, _)| *read == column).and_then(|(_, position)| position)
    }

    /// All positions of a column, the one that counts most first.
    fn all(&self, column: Column) -> impl Iterator<Item = u32> {
        let further = self.further.iter().filter(move |(further, _)| *further == column);
        self.get(column).into_iter().chain(further.map(|(_, position)| *position))
    }

    /// Adds a position of a column.
    fn add(&mut self, column: Column, position: u32) {
        let first = READ.into_iter().zip(&mut self.first).find(|(read, _)| *read == column);
        if let Some((_, first)) = first
            && *first.get_or_insert(position) != position
            && self.further.len() < MOST_FURTHER
        {
            self.further.push((column, position));
        }
    }

    fn claims(&self, position: u32) -> bool {
        self.first.contains(&Some(position)) || self.further.iter().any(|(_, further)| *further == position)
    }

    /// These columns, completed by those of an earlier table where these do not claim the same position.
    fn or(mut self, earlier: &Self) -> Self {
        let free: Vec<Option<u32>> = earlier
            .first
            .iter()
            .map(|position| position.filter(|position| !self.claims(*position)))
            .collect();
        for (first, earlier) in self.first.iter_mut().zip(free) {
            *first = first.or(earlier);
        }
        self
    }

    /// These columns with those of the row of headings above, keys over words. Where a column has several positions, the
    /// one that both rows name counts most: a heading is easily copied, the key above it less so.
    fn below(self, above: &Self) -> Self {
        let mut both = Self::default();
        for column in READ {
            let agreed =
                self.all(column).filter(|position| above.all(column).any(|above| above == *position));
            let unclaimed = above.all(column).filter(|position| !self.claims(*position));
            let mut positions: Vec<u32> = agreed.chain(self.all(column)).chain(unclaimed).collect();
            let mut seen = BTreeSet::new();
            positions.retain(|position| seen.insert(*position));
            for position in positions {
                both.add(column, position);
            }
        }
        both
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
        let headings = sheet.rows().map(|(number, row)| (number, Columns::of(row)));
        let mut headings = headings.filter(|(_, columns)| columns.are_of_table()).peekable();
        let mut current = if headings.peek().is_some() { None } else { self.inferred(sheet) };
        let mut headings: BTreeMap<u32, Columns> = headings.collect();
        let (mut unseen, mut stray) = (Unseen::of(sheet), Stray::default());
        // Whether nothing stands between the present row and headings above it.
        let mut below_headings = false;
        for (number, row) in sheet.rows() {
            if let Some(found) = headings.remove(&number) {
                let columns = match &current {
                    Some((_, above)) if below_headings => found.below(above),
                    Some((_, earlier)) => found.or(earlier),
                    None => found,
                };
                current = Some((number, columns));
                below_headings = true;
                stray.headings(row, is_own_heading);
            } else if let Some((heading, columns)) = &current {
                if number == *heading {
                    stray.headings(row, is_own_heading);
                    columns.get(Column::Id).into_iter().for_each(|column| stray.known_column(column));
                } else if number > *heading {
                    below_headings = false;
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
            let mut inferred = Columns { first: [None; READ.len()], further: columns.further.clone() };
            inferred.add(Column::Id, column);
            (number, inferred.or(&columns))
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
        columns: &Columns,
        unseen: &mut Unseen<'_>,
        stray: &mut Stray,
    ) {
        let at = |column: Option<u32>| {
            row.binary_search_by_key(&column?, |cell| cell.address.column).ok().and_then(|at| row.get(at))
        };
        let Some(number) = row.first().map(|cell| cell.address.row) else { return };
        let id = at(columns.get(Column::Id)).map(|cell| text(&cell.value)).unwrap_or_default();
        if HEADINGS.find(&id) == Some(&Column::Id) {
            // Headings again, of which not all are known.
            return;
        }
        stray.row(row);
        if id.is_empty() {
            // The title of a section, or something that belongs to no question.
            let read = READ.into_iter().skip(1).flat_map(|column| columns.all(column));
            let read = read.filter_map(|column| at(Some(column)));
            read.filter(|cell| !cell.value.is_blank() && !cell.formula).for_each(|cell| stray.cell(cell));
            return;
        }
        let known = self.ids.find(&id);
        let question = known.map_or(id, ToString::to_string);
        for column in READ {
            let (Some(field), Some(first)) = (column.field(), columns.get(column)) else { continue };
            let covering = unseen.covering(Address::new(number, first));
            if let Some(region) = covering
                // Merged with a cell beside it, it could not be filled in; merged with those above, it looks as if it
                // were.
                && (field == Field::Answer || region.top_left.column == first)
            {
                unseen.note_covered(known.cloned(), Address::new(number, first), region);
            }
            let mut given: Vec<&Cell> = columns.all(column).filter_map(|column| at(Some(column))).collect();
            given.retain(|cell| unseen.covering(cell.address).is_none());
            // A formula without a result says that something should stand there.
            let blank = given.iter().copied().filter(|cell| cell.value.is_blank());
            let blank = blank.max_by_key(|cell| (cell.formula, cell.address.column == first));
            given.retain(|cell| !cell.value.is_blank());
            let was_given = !given.is_empty();
            // What this program wrote there itself is no evidence.
            given.retain(|cell| field != Field::Evidence || !self.is_pointer(known, &cell.value));
            let (told, is_pointer) = (given.first().copied(), was_given && given.is_empty());
            let blank = blank.filter(|cell| cell.formula || cell.address.column == first);
            let place = told.or(blank).map_or(first, |cell| cell.address.column);
            // A blank answer can be pointed at. So can a blank confirmation, which says that the previous answer is not
            // confirmed yet, a reason that is still to be given, and missing evidence where it is needed.
            let counts = match field {
                Field::Answer => true,
                _ if told.is_some() => true,
                Field::Confirm | Field::Reason => covering.is_none(),
                Field::Evidence => covering.is_none() && !is_pointer && self.needs_evidence(known),
                Field::Comment => false,
            };
            if !counts {
                continue;
            }
            let mut response = |cell: Option<&Cell>, column| {
                let value = cell.map(|cell| cell.value.clone()).unwrap_or_default();
                self.responses.push(Response {
                    question: question.clone(),
                    field,
                    value: if field == Field::Confirm { confirmation(value) } else { value },
                    formula: cell.is_some_and(|cell| cell.formula),
                    place: Place::cell(&sheet.name, Address::new(number, column)),
                });
            };
            response(told.or(blank), place);
            let Some(told) = told else { continue };
            if field == Field::Answer {
                unseen.note_answer(known.cloned(), told.address);
            }
            if given.len() < 2 {
                continue;
            }
            let mut said = HashSet::from([Said::of(&told.value)]);
            for other in given.into_iter().filter(|other| said.insert(Said::of(&other.value))) {
                if field == Field::Answer {
                    // Of different answers to one question the validator tells, wherever they stand.
                    response(Some(other), other.address.column);
                } else if let Some(known) = known {
                    let used = Place::cell(&sheet.name, told.address).to_string();
                    let problem = Problem::QuestionDoubled { used };
                    let place = Some(Place::cell(&sheet.name, other.address));
                    self.findings.push(Finding::new(Severity::Warning, problem).about(known).at(place));
                }
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
