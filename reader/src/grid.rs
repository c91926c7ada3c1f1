//! The grid of every spreadsheet program, and a sheet when all its cells are read.

use maturity::cell::{Cell, CellValue, Sheet, View};
use maturity::finding::Refusal;

use crate::refusal::{at, damaged};

/// Rows: XFD1048576 is the last cell.
pub(crate) const ROWS: u32 = 1_048_576;
/// Columns A to XFD.
pub(crate) const COLUMNS: u32 = 16_384;

/// More merged regions than these are no form that somebody filled in.
pub(crate) const MOST_MERGED: usize = 100_000;

/// Links of one sheet: Excel has no more than 65,530.
pub(crate) const MOST_LINKS: usize = 100_000;

/// Sorts the cells into reading order, leaves empty ones out and refuses a cell that is there twice.
pub(crate) fn finish(name: &str, visible: bool, mut cells: Vec<Cell>, view: View) -> Result<Sheet, Refusal> {
    cells.retain(|cell| {
        cell.formula || !matches!(&cell.value, CellValue::Blank) && !is_empty_text(&cell.value)
    });
    cells.sort_by_key(|cell| cell.address);
    for pair in cells.windows(2) {
        if let [first, second] = pair
            && first.address == second.address
        {
            let refusal = damaged(format!("the cell {} is in the sheet {name} twice", first.address));
            return Err(at(refusal, name, Some(first.address)));
        }
    }
    Ok(Sheet { name: name.to_owned(), visible, cells, view: view.in_order() })
}

fn is_empty_text(value: &CellValue) -> bool {
    matches!(value, CellValue::Text(text) if text.is_empty())
}
