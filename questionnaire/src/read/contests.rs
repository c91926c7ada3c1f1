//! Objections to findings: the table in front of a return that came back.

use std::sync::LazyLock;

use maturity::cell::{Book, Cell, CellValue, Place, Sheet};
use maturity::normalize::{matching_key, tidy};
use maturity::review::Contest;

use super::keys::Keys;
use super::text;
use crate::receipt::FindingColumn;
use crate::words;

/// Bytes of the longest text that may be a heading, stray blanks included.
const LONGEST_HEADING: usize = 100;

/// The columns that are read, by their keys and their headings in all languages.
static HEADINGS: LazyLock<Keys<FindingColumn>> = LazyLock::new(|| {
    let mut known = Vec::new();
    for column in [FindingColumn::Rule, FindingColumn::Question, FindingColumn::Contest] {
        known.push((matching_key(column.key()), column));
        for heading in words::all(column.key()) {
            known.push((matching_key(heading), column));
        }
    }
    known.into_iter().collect()
});

/// Where the columns of the table stand.
#[derive(Debug, Clone, Copy)]
struct Columns {
    rule: u32,
    question: u32,
    contest: u32,
}

impl Columns {
    fn of(row: &[Cell]) -> Option<Self> {
        let at = |column: FindingColumn| {
            let named = |cell: &&Cell| match &cell.value {
                CellValue::Text(text) if text.len() <= LONGEST_HEADING => {
                    HEADINGS.find(text) == Some(&column)
                }
                _ => false,
            };
            row.iter().find(named).map(|cell| cell.address.column)
        };
        Some(Self {
            rule: at(FindingColumn::Rule)?,
            question: at(FindingColumn::Question)?,
            contest: at(FindingColumn::Contest)?,
        })
    }
}

/// Whether a sheet holds the table of findings that this program puts in front of a return.
pub(super) fn has_findings(sheet: &Sheet) -> bool {
    sheet.rows().any(|(_, row)| Columns::of(row).is_some())
}

/// The objections in the visible sheets, in the order of the file.
pub(super) fn contests(book: &Book) -> Vec<Contest> {
    let mut contests = Vec::new();
    for sheet in book.sheets.iter().filter(|sheet| sheet.visible) {
        let mut columns: Option<Columns> = None;
        for (_, row) in sheet.rows() {
            if let Some(found) = Columns::of(row) {
                columns = Some(found);
                continue;
            }
            let Some(columns) = columns else { continue };
            let at = |column: u32| row.iter().find(|cell| cell.address.column == column);
            let Some(cell) = at(columns.contest) else { continue };
            let said = tidy(&cell.value.display());
            if said.is_empty() {
                continue;
            }
            let value = |column| at(column).map(|cell| text(&cell.value)).unwrap_or_default();
            contests.push(Contest {
                rule: value(columns.rule),
                question: value(columns.question),
                text: said,
                place: Place::cell(&sheet.name, cell.address),
            });
        }
    }
    contests
}
