//! Formats of cells below each other, given to the library once a run instead of once a cell: it looks a format up
//! by all that it says each time.
//!
//! Cells are written without a format, and each column remembers the runs of cells that wait for theirs, each directly
//! below the one before. They are formatted when a run begins elsewhere, before anything else is done to the column, and
//! at last when the sheet is done. Whatever the order in which cells are written, each ends with the format that it was
//! given last.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::Style;

/// The cells of a sheet that wait for their formats.
#[derive(Default)]
pub(super) struct Runs {
    columns: Vec<Column>,
    /// The first and the last row, the first and the last column in which something is.
    within: Option<(u32, u32, u16, u16)>,
}

/// To look a format up takes the library as long as to change the formats of so many cells.
const CELLS_A_LOOK: u32 = 24;

/// One column.
#[derive(Default)]
struct Column {
    /// From above to below, without a gap.
    waiting: Vec<Run>,
    /// The first row below all cells in which something is.
    end: u32,
}

/// Cells below each other that get the same format.
struct Run {
    style: Style,
    first: u32,
    last: u32,
}

impl Runs {
    /// Lets a cell that the library took without a format wait for this one.
    pub(super) fn add(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
        style: &Style,
    ) -> Result<(), XlsxError> {
        self.took(row, column);
        let Some(of) = self.columns.get_mut(usize::from(column)) else { return Ok(()) };
        match of.waiting.last_mut() {
            Some(run) if run.style.is(style) && (run.first..=run.last + 1).contains(&row) => {
                run.last = run.last.max(row);
                return Ok(());
            }
            Some(run) if run.last + 1 == row => {}
            _ => of.settle(sheet, column)?,
        }
        of.waiting.push(Run { style: style.clone(), first: row, last: row });
        Ok(())
    }

    /// Gives the cells of a column that wait their format.
    pub(super) fn settle(&mut self, sheet: &mut Worksheet, column: u16) -> Result<(), XlsxError> {
        self.columns.get_mut(usize::from(column)).map_or(Ok(()), |of| of.settle(sheet, column))
    }

    /// Before a cell is written that is to have no format: one that waits for it must not get it later.
    pub(super) fn settle_at(
        &mut self,
        sheet: &mut Worksheet,
        (row, column): (u32, u16),
    ) -> Result<(), XlsxError> {
        if self.is_below(row, column) { Ok(()) } else { self.settle(sheet, column) }
    }

    /// Gives all cells that wait their format.
    pub(super) fn settle_all(&mut self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        (0_u16..).zip(&mut self.columns).try_for_each(|(column, of)| of.settle(sheet, column))
    }

    /// Notes that the library took a cell.
    pub(super) fn took(&mut self, row: u32, column: u16) {
        let at = usize::from(column);
        if self.columns.len() <= at {
            self.columns.resize_with(at + 1, Column::default);
        }
        if let Some(of) = self.columns.get_mut(at) {
            of.end = of.end.max(row + 1);
        }
        let (top, bottom, left, right) = self.within.unwrap_or((row, row, column, column));
        self.within = Some((top.min(row), bottom.max(row), left.min(column), right.max(column)));
    }

    /// Whether a cell lies below all in its column in which something is.
    pub(super) fn is_below(&self, row: u32, column: u16) -> bool {
        self.columns.get(usize::from(column)).is_none_or(|of| of.end <= row)
    }

    /// Whether a format is all that it takes to make a cell: nothing is in it, and the library, which does not widen
    /// a sheet for formats, writes its row and column.
    pub(super) fn is_free(&self, row: u32, column: u16) -> bool {
        self.is_below(row, column)
            && self.within.is_some_and(|(top, bottom, left, right)| {
                (top..=bottom).contains(&row) && (left..=right).contains(&column)
            })
    }
}

impl Column {
    /// Gives all cells that wait their formats: first the one that most runs have, to all at once where that saves more
    /// looks than it costs, then the others.
    #[expect(clippy::disallowed_methods, reason = "cells that wait for their format")]
    fn settle(&mut self, sheet: &mut Worksheet, column: u16) -> Result<(), XlsxError> {
        let runs = std::mem::take(&mut self.waiting);
        let frequent = frequent(&runs);
        if let (Some(style), Some(top), Some(bottom)) = (frequent, runs.first(), runs.last()) {
            sheet.set_range_format(top.first, column, bottom.last, column, style.format())?;
        }
        let is_done = |run: &Run| frequent.is_some_and(|style| run.style.is(style));
        for run in runs.iter().filter(|run| !is_done(run)) {
            sheet.set_range_format(run.first, column, run.last, column, run.style.format())?;
        }
        Ok(())
    }
}

/// The style that most runs have, if giving it to the cells of all runs first costs less than it saves.
fn frequent(runs: &[Run]) -> Option<&Style> {
    let mut counts: Vec<(&Style, u32)> = Vec::new();
    for run in runs {
        match counts.iter_mut().find(|(style, _)| run.style.is(style)) {
            Some((_, count)) => *count += 1,
            None => counts.push((&run.style, 1)),
        }
    }
    let (style, looks) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let others = runs.iter().filter(|run| !run.style.is(style));
    let twice: u32 = others.map(|run| run.last - run.first + 1).sum();
    ((looks - 1).saturating_mul(CELLS_A_LOOK) > twice).then_some(style)
}
