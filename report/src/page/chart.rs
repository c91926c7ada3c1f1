//! Charts of a sheet, and the room that they have.

use rust_xlsxwriter::Chart;

use super::Page;
use crate::{ReportError, printing};

/// A place to the right of the left edge of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset {
    pub(crate) column: u16,
    pub(crate) pixels: u32,
}

impl Page<'_> {
    /// Puts a chart with its left upper corner at a cell.
    pub(crate) fn chart(&mut self, row: u32, column: u16, chart: &Chart) -> Result<(), ReportError> {
        self.sheet.insert_chart_with_offset(row, column, chart, 0, 4)?;
        Ok(())
    }

    /// Puts a chart some pixels to the right of the left edge of a cell.
    pub(crate) fn chart_at(&mut self, row: u32, offset: Offset, chart: &Chart) -> Result<(), ReportError> {
        self.sheet.insert_chart_with_offset(row, offset.column, chart, offset.pixels, 4)?;
        Ok(())
    }

    /// The width of the columns from `first` to `last` on the screen, in pixels.
    pub(crate) fn pixels(&self, first: usize, last: usize) -> u32 {
        let widths = self.widths.iter().take(last + 1).skip(first);
        widths.fold(0, |sum, width| sum + pixels(*width))
    }

    /// The first row that begins `pixels` below the top of `row`.
    pub(crate) fn row_below(&self, row: u32, pixels: u32) -> u32 {
        let (mut points, mut below) = (0.0, row);
        while points < f64::from(pixels) * 0.75 {
            points += self.heights.get(&below).copied().unwrap_or(printing::ROW);
            below += 1;
        }
        below
    }
}

/// The pixels of a column that is `width` characters of the default font wide: 7 a character and 5 beside.
fn pixels(width: f64) -> u32 {
    let mut pixels = 0_u32;
    // Widths are small; counting up spares a conversion that could lose its meaning.
    while f64::from(pixels) < width * 7.0 + 5.0 {
        pixels += 1;
    }
    pixels
}
