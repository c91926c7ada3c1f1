//! The cover that came back: its values are found by the keys beside them, wherever they were moved to.

use std::collections::BTreeMap;

use maturity::cell::{Address, Book, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};
use maturity::normalize::matching_key;
use maturity::submission::{Collected, HeaderField, HeaderValue};

use crate::layout::MARKER_START;
use crate::words;

/// How many keys make a cover, where the marker is gone.
const ENOUGH: usize = 3;

/// What is told where covers differ in it. Of economy, wave and instrument others tell.
const TOLD: [HeaderField; 5] = [
    HeaderField::Language,
    HeaderField::Collected,
    HeaderField::ContactName,
    HeaderField::ContactOffice,
    HeaderField::ContactEmail,
];

/// What the cover says.
#[derive(Debug)]
pub(super) struct Identity {
    /// The name of the cover sheet.
    pub(super) sheet: String,
    /// Whether the marker is there.
    pub(super) marked: bool,
    /// The header values; a key without a value gives a blank one, so that its place can be named.
    pub(super) header: Vec<HeaderValue>,
    /// What is to be said of covers that differ.
    pub(super) findings: Vec<Finding>,
}

/// Finds the cover: the first one that is marked and seen, else the first marked one, else the first without a marker. A
/// hidden one counts: it identifies, it answers nothing.
///
/// Another cover that is seen may name another economy; what it names is kept beside what the first one names. Of whatever
/// else they say differently it is told which counts.
pub(super) fn find(book: &Book) -> Option<Identity> {
    let mut covers: Vec<(bool, Identity)> =
        book.sheets.iter().filter_map(|sheet| Some((sheet.visible, of_sheet(sheet)?))).collect();
    let seen = covers.iter().position(|(visible, cover)| *visible && cover.marked);
    let at = seen.or_else(|| covers.iter().position(|(_, cover)| cover.marked)).unwrap_or_default();
    if at >= covers.len() {
        return None;
    }
    let (_, mut first) = covers.remove(at);
    let named = first.economy().map(|value| matching_key(&value.value.display()));
    let others = covers.iter().filter(|(visible, cover)| *visible && (cover.marked || !first.marked));
    let others: Vec<&Identity> = others.map(|(_, cover)| cover).collect();
    let findings: Vec<Finding> = others.iter().flat_map(|other| first.contradicted(other)).collect();
    first.findings = findings;
    let mut others = others.into_iter().filter_map(Identity::economy);
    let other = others.find(|other| Some(matching_key(&other.value.display())) != named);
    let other = other.filter(|_| named.is_some()).map(|other| HeaderValue {
        field: HeaderField::OtherEconomy,
        value: other.value.clone(),
        place: other.place.clone(),
    });
    first.header.extend(other);
    Some(first)
}

impl Identity {
    /// What names the economy, if anything stands there.
    fn economy(&self) -> Option<&HeaderValue> {
        self.header.iter().find(|value| value.field == HeaderField::Economy && !value.value.is_blank())
    }

    /// What is to be said where another cover answers differently who collected the answers, and whom to ask.
    fn contradicted(&self, other: &Self) -> impl Iterator<Item = Finding> {
        let told = |field: &HeaderField| {
            let given = |cover: &'_ Self| {
                let value =
                    cover.header.iter().find(|value| value.field == *field && !value.value.is_blank());
                value.map(|value| (matching_key(&value.value.display()), value.place.clone()))
            };
            let ((used, place), (said, other)) = given(self).zip(given(other))?;
            let problem = Problem::QuestionDoubled { used: place.to_string() };
            (used != said).then(|| Finding::new(Severity::Warning, problem).at(Some(other)))
        };
        TOLD.iter().filter_map(told).collect::<Vec<_>>().into_iter()
    }
}

fn of_sheet(sheet: &Sheet) -> Option<Identity> {
    let mut columns: BTreeMap<u32, (bool, usize)> = BTreeMap::new();
    for cell in &sheet.cells {
        if is_marker(cell) {
            columns.entry(cell.address.column).or_default().0 = true;
        } else if key(cell).is_some() {
            columns.entry(cell.address.column).or_default().1 += 1;
        }
    }
    // Keys stand in one column. The same words elsewhere, in a note for example, are no keys.
    let (column, (marked, _)) = columns
        .into_iter()
        .filter(|(_, (marked, keys))| *marked || *keys >= ENOUGH)
        .max_by_key(|(column, (marked, keys))| (*keys, *marked, std::cmp::Reverse(*column)))?;
    let marked = marked || sheet.cells.iter().any(is_marker);
    let header = sheet.rows().filter_map(|(_, row)| value(sheet, row, column)).collect();
    Some(Identity { sheet: sheet.name.clone(), marked, header, findings: Vec::new() })
}

fn is_marker(cell: &Cell) -> bool {
    matches!(&cell.value, CellValue::Text(text) if text.trim_start().starts_with(MARKER_START))
}

fn key(cell: &Cell) -> Option<HeaderField> {
    match &cell.value {
        // Nearly every cell of a file passes here, and few begin like a key.
        CellValue::Text(text) if text.trim_start().starts_with(|start: char| start.is_ascii_lowercase()) => {
            HeaderField::parse(text.trim())
        }
        _ => None,
    }
}

/// The value to the right of the key in a row.
fn value(sheet: &Sheet, row: &[Cell], column: u32) -> Option<HeaderValue> {
    let at = row.iter().position(|cell| cell.address.column == column)?;
    let field = key(row.get(at)?)?;
    let given = row.iter().skip(at + 1).find(|cell| !cell.value.is_blank());
    let (address, value) = match given {
        Some(cell) => (cell.address, cell.value.clone()),
        None => (Address::new(row.get(at)?.address.row, column + 1), CellValue::Blank),
    };
    let value = if field == HeaderField::Collected { collected(value) } else { value };
    Some(HeaderValue { field, value, place: Place::cell(&sheet.name, address) })
}

/// The dropdown shows who collected the answers in words; only this crate knows the words, so they become the
/// plain name here.
fn collected(value: CellValue) -> CellValue {
    let found = matching_key(&value.display());
    let means = |key: &str| words::all(key).into_iter().any(|label| matching_key(label) == found);
    if means("collected-survey") {
        CellValue::Text(Collected::Survey.as_str().to_owned())
    } else if means("collected-remote") {
        CellValue::Text(Collected::Remote.as_str().to_owned())
    } else {
        value
    }
}
