//! Content of a row beyond the last heading of its table.

use maturity::cell::{Address, Cell, CellValue, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};

use super::unseen::listed;

/// What is to be said of it. It stands there because values moved to the right, into columns of other questions, or because
/// two rows became one; only a single text with a gap before it is a remark. Results of formulas are nobody's answers.
pub(super) fn finding(sheet: &Sheet, row: &[Cell], last: u32) -> Option<Finding> {
    let beyond = row.iter().rev().take_while(|cell| cell.address.column > last);
    let mut beyond: Vec<&Cell> = beyond.filter(|cell| !cell.value.is_blank() && !cell.formula).collect();
    beyond.reverse();
    let first = beyond.first()?;
    let addresses: Vec<Address> = beyond.iter().map(|cell| cell.address).collect();
    let (found, cells) = (first.value.display(), listed(&addresses));
    let is_text = matches!(&first.value, CellValue::Text(text) if text.contains(char::is_alphabetic));
    let (severity, problem) = if is_text && beyond.len() == 1 && first.address.column > last + 1 {
        (Severity::Warning, Problem::StrayContent { found, count: 1, cells })
    } else {
        (Severity::Error, Problem::RowTooLong { found, cells })
    };
    Some(Finding::new(severity, problem).at(Some(Place::cell(&sheet.name, first.address))))
}
