//! Tables of questions: a row a question, found by keys or headings in any language.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Format, Framework, Kind, Question};
use maturity::id::Id;
use maturity::link;
use maturity::normalize::matching_key;
use maturity::submission::{Confirmation, Field, Response};

use super::behind;
use super::contests;
use super::options;
use super::pointers::Pointers;
use super::question_ids::QuestionIds;
use super::said::Said;
use super::stray::Stray;
use super::table_columns::{Columns, HEADINGS, READ, is_own_heading};
use super::text;
use super::unseen::{Unseen, listed};
use crate::layout::Column;
use crate::lists;
use crate::words;

/// What the tables of questions of a workbook hold.
#[derive(Debug)]
pub(super) struct Tables<'b> {
    /// The responses in the order of the file.
    pub(super) responses: Vec<Response>,
    /// What was noticed beside them.
    pub(super) findings: Vec<Finding>,
    /// The visible sheets that hold none.
    pub(super) without: Vec<&'b Sheet>,
}

/// Reads all tables in the visible sheets.
pub(super) fn read<'b>(
    book: &'b Book,
    framework: &Framework,
    ids: &QuestionIds<'_>,
    pointers: &Pointers<'_>,
) -> Tables<'b> {
    let mut reader = Reader { framework, ids, pointers, responses: Vec::new(), findings: Vec::new() };
    let mut unread = Vec::new();
    for sheet in &book.sheets {
        if !sheet.visible || !reader.sheet(sheet) {
            unread.push(sheet);
        }
    }
    let findings = reader.unread(&unread);
    reader.findings.extend(findings);
    unread.retain(|sheet| sheet.visible);
    Tables { responses: reader.responses, findings: reader.findings, without: unread }
}

/// What a sheet that is not read has of its own.
#[derive(Default)]
struct OwnAnswers {
    /// The rows that answer a question otherwise than elsewhere, or alone.
    rows: HashSet<u32>,
    /// How many of them answer it alone.
    sole: usize,
    /// Whether any stands under headings of questions and answers.
    below_headings: bool,
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
        let mut above = Vec::new();
        // Whether nothing stands between the present row and headings above it.
        let mut below_headings = false;
        for (number, row) in sheet.rows() {
            if let Some(found) = headings.remove(&number) {
                let columns = match &current {
                    Some((_, above)) if below_headings => found.below(above),
                    Some((_, earlier)) => found.or(earlier),
                    None => {
                        self.findings.extend(self.above(sheet, &above, &found));
                        found
                    }
                };
                let columns = self.with_known_ids(sheet, number, columns);
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
            } else {
                above.push(row);
            }
        }
        self.findings.extend(unseen.findings());
        self.findings.extend(stray.findings(sheet));
        if current.is_some() {
            self.findings.extend(behind::notes(sheet));
        }
        current.is_some()
    }

    /// The columns with the ids where, of several columns with such a heading, the most known ones stand below.
    fn with_known_ids(&self, sheet: &Sheet, heading: u32, columns: Columns) -> Columns {
        if columns.all(Column::Id).nth(1).is_none() {
            return columns;
        }
        let mut known: BTreeMap<u32, usize> = columns.all(Column::Id).map(|column| (column, 0)).collect();
        for cell in sheet.cells.iter().filter(|cell| cell.address.row > heading) {
            if let Some(count) = known.get_mut(&cell.address.column)
                && self.ids.find_value(&cell.value).is_some()
            {
                *count += 1;
            }
        }
        let most = known.values().copied().max().unwrap_or_default();
        let best = columns.all(Column::Id).find(|column| known.get(column) == Some(&most));
        best.map_or_else(|| columns.clone(), |best| columns.with_ids_first(best))
    }

    /// What is to be said of answers above the first headings of a sheet.
    fn above(&self, sheet: &Sheet, rows: &[&[Cell]], columns: &Columns) -> Option<Finding> {
        let given = |row: &&[Cell]| {
            let at = |column: Column| {
                let column = columns.get(column)?;
                row.iter().find(|cell| cell.address.column == column && !cell.value.is_blank())
            };
            self.ids
                .find_value(&at(Column::Id)?.value)
                .and_then(|_| at(Column::Answer))
                .map(|cell| cell.address)
        };
        let given: Vec<Address> = rows.iter().filter_map(given).collect();
        let problem = Problem::AnswersAbove { count: given.len(), cells: listed(&given) };
        let place = Place::cell(&sheet.name, *given.first()?);
        Some(Finding::new(Severity::Error, problem).at(Some(place)))
    }

    /// What is to be said of sheets that are hidden or hold no table.
    fn unread(&self, sheets: &[&Sheet]) -> Vec<Finding> {
        let mut read: HashMap<&str, Vec<&CellValue>> = HashMap::new();
        for response in self.responses.iter().filter(|response| response.field == Field::Answer) {
            let answers = read.entry(response.question.as_str()).or_default();
            answers.extend(Some(&response.value).filter(|value| !value.is_blank()));
        }
        sheets.iter().filter_map(|sheet| self.not_read(sheet, &read)).collect()
    }

    /// Reports a sheet with question numbers that is hidden or has no answers, if its questions were read nowhere else, or
    /// if it has answers of its own to some of them.
    fn not_read(&self, sheet: &Sheet, read: &HashMap<&str, Vec<&CellValue>>) -> Option<Finding> {
        let known = |cell: &Cell| self.ids.find_value(&cell.value).map(|id| (cell.address, id));
        let found: Vec<_> = sheet.cells.iter().filter_map(known).collect();
        let mut columns: BTreeMap<u32, Vec<(Address, &Id)>> = BTreeMap::new();
        for (address, id) in found {
            columns.entry(address.column).or_default().push((address, id));
        }
        let mut longest = columns.into_values().max_by_key(Vec::len).unwrap_or_default();
        if longest.len() < self.ids.several() || contests::has_findings(sheet) {
            return None;
        }
        let mut severity = Severity::Error;
        if longest.iter().any(|(_, id)| read.contains_key(id.as_str())) {
            let own = self.own_answers(sheet, &longest, read);
            // A sender's own list of questions may hold numbers that could be answers: pages, priorities. Where most
            // questions have no other answer, it is the sheet of a questionnaire.
            if !own.below_headings && own.sole * 2 < longest.len() {
                severity = Severity::Warning;
            }
            longest.retain(|(address, _)| own.rows.contains(&address.row));
        }
        if longest.is_empty() {
            return None;
        }
        let mut seen = HashSet::new();
        let names: Vec<&str> =
            longest.iter().map(|(_, id)| id.as_str()).filter(|id| seen.insert(*id)).collect();
        let questions = names.join(", ");
        let problem = if sheet.visible {
            Problem::SheetNotRead { questions }
        } else {
            Problem::SheetHidden { questions }
        };
        Some(Finding::new(severity, problem).at(Some(Place::sheet(&sheet.name))))
    }

    /// The rows of a sheet, of those with the id of a question, that answer it and were not read: it has no answer
    /// elsewhere, or another one.
    fn own_answers(
        &self,
        sheet: &Sheet,
        ids: &[(Address, &Id)],
        read: &HashMap<&str, Vec<&CellValue>>,
    ) -> OwnAnswers {
        let ids: BTreeMap<u32, (u32, &Id)> =
            ids.iter().map(|(address, id)| (address.row, (address.column, *id))).collect();
        let (mut own, mut headings) = (OwnAnswers::default(), None);
        for (number, row) in sheet.rows() {
            let found = Columns::of(row);
            if found.are_of_table() {
                headings = Some(found);
            }
            let Some((column, id)) = ids.get(&number) else { continue };
            let Some(question) = self.framework.question(id) else { continue };
            // Under headings only one cell of a row is an answer; without any each may be one.
            let may_be = |cell: &&Cell| {
                let answers = headings.as_ref().map(|headings| headings.all(Column::Answer));
                let is_answer = answers.is_none_or(|mut answers| answers.any(|at| at == cell.address.column));
                is_answer && cell.address.column != *column && !cell.value.is_blank() && !cell.formula
            };
            let said: BTreeSet<String> =
                row.iter().filter(may_be).filter_map(|cell| self.meaning(question, &cell.value)).collect();
            let elsewhere = read.get(id.as_str()).map(Vec::as_slice).unwrap_or_default();
            let is_other = match elsewhere {
                [] => !said.is_empty(),
                // Of several numbers none is certain to be an answer: there are tables of points and weights.
                _ => {
                    said.len() == 1
                        && !elsewhere.iter().any(|value| {
                            self.meaning(question, value).is_some_and(|meaning| said.contains(&meaning))
                        })
                }
            };
            if is_other {
                own.rows.insert(number);
                own.sole += usize::from(elsewhere.is_empty());
                own.below_headings |= headings.is_some();
            }
        }
        own
    }

    /// What a cell says if it can be an answer to the question, so that two that say the same are equal: numbers of
    /// questions, their texts and remarks stand in many lists.
    fn meaning(&self, question: &Question, value: &CellValue) -> Option<String> {
        let text = text(value);
        if self.framework.is_missing_mark(&text) || !text.contains(char::is_alphanumeric) {
            return None;
        }
        match &question.kind {
            Kind::SelectOne(_) | Kind::SelectMultiple(_) => {
                let named = options::named(self.framework.choices(question)?, &text)?;
                Some(format!("{named:?}"))
            }
            Kind::Integer | Kind::Decimal => {
                let number: f64 = text.parse().ok()?;
                let constraint = question.constraint.as_ref().map(|constraint| &constraint.expression);
                let alone = constraint.filter(|expression| expression.references().is_empty());
                let fits = alone.is_none_or(|expression| {
                    expression.holds(&number.to_string(), &HashMap::<Id, String>::new())
                });
                fits.then(|| number.to_string())
            }
            Kind::Text => {
                let key = matching_key(&text);
                let is_asked = || question.label.all().any(|label| matching_key(label) == key);
                let is_link = question.format == Some(Format::Link);
                let fits = if is_link {
                    link::addresses(&text).next().is_some()
                } else {
                    text.contains(char::is_alphabetic) && self.ids.find(&text).is_none() && !is_asked()
                };
                fits.then_some(key)
            }
            Kind::External(_) => None,
        }
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
        let headings = sheet
            .rows()
            .take_while(|(number, _)| *number < first)
            .map(|(number, row)| (number, Columns::of(row).with_ids_in(column)));
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
            let mut linked = Vec::new();
            let mut response = |cell: Option<&Cell>, column| {
                let mut value = cell.map(|cell| cell.value.clone()).unwrap_or_default();
                if let Some((whole, told)) = behind::with_link(self.framework, known, field, sheet, cell) {
                    value = whole;
                    linked.extend(told);
                }
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
            match field {
                Field::Answer => unseen.note_answer(known.cloned(), told.address),
                Field::Evidence => unseen.note_evidence(known.cloned(), told.address),
                Field::Confirm | Field::Reason | Field::Comment => {}
            }
            if given.len() < 2 {
                self.findings.extend(linked);
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
            self.findings.extend(linked);
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
