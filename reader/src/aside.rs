//! What hangs on cells without being their content: web addresses behind their texts, and notes.

use maturity::cell::{Address, Region, View};
use maturity::finding::Refusal;
use maturity::link::is_web;

use crate::budget::Budget;
use crate::grid::{COLUMNS, ROWS};

/// Up to how many cells of one region get its link each. Where somebody gave one to whole columns, only the first cell
/// has it.
const MOST_OF_ONE: u64 = 1_024;
/// How many characters of a note are kept: enough to know one that this program wrote.
const NOTE: usize = 60;

/// Notes the web address `target` that lies behind the cells of `region`. Addresses of files, of mail and of places in the
/// workbook are none that anybody else can open.
pub(crate) fn link(
    view: &mut View,
    region: Region,
    target: &str,
    budget: &mut Budget<'_>,
) -> Result<(), Refusal> {
    if !is_web(target) {
        return Ok(());
    }
    let Region { top_left: first, bottom_right: last } = region;
    let across = |first: u32, last: u32| u64::from(last.saturating_sub(first)) + 1;
    let cells = across(first.row, last.row).saturating_mul(across(first.column, last.column));
    let last = if cells > MOST_OF_ONE { first } else { last };
    for row in first.row..=last.row.min(ROWS - 1) {
        for column in first.column..=last.column.min(COLUMNS - 1) {
            budget.charge(target.len())?;
            view.links.push((Address::new(row, column), target.to_owned()));
        }
    }
    Ok(())
}

/// Notes that a cell carries a note, of which the beginning is kept.
pub(crate) fn note(
    view: &mut View,
    address: Address,
    text: &str,
    budget: &mut Budget<'_>,
) -> Result<(), Refusal> {
    let text: String = text.trim_start().chars().take(NOTE).collect();
    budget.charge(text.len())?;
    view.notes.push((address, text));
    Ok(())
}
