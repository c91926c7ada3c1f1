//! How many cells and how much text a workbook may still bring in; one budget for all its sheets.

use maturity::finding::Refusal;

use crate::Limits;
use crate::refusal::{count, size, too_large};

/// What is left for this workbook. Only cells with content are charged: styled empty cells are honest and free.
pub(crate) struct Budget<'l> {
    limits: &'l Limits,
    cells: usize,
    text: u64,
}

impl<'l> Budget<'l> {
    pub(crate) fn new(limits: &'l Limits) -> Self {
        Self { limits, cells: limits.cells, text: limits.all_text_bytes }
    }

    /// Charges one cell whose text has `text` bytes; called before the text is copied.
    pub(crate) fn charge(&mut self, text: usize) -> Result<(), Refusal> {
        self.charge_block(1, text)
    }

    /// Charges `cells` cells that all hold the same `text` bytes; called before the first is written down.
    pub(crate) fn charge_block(&mut self, cells: usize, text: usize) -> Result<(), Refusal> {
        if text > self.limits.text_bytes {
            let found = u64::try_from(text).unwrap_or(u64::MAX);
            let limit = u64::try_from(self.limits.text_bytes).unwrap_or(u64::MAX);
            return Err(too_large(format!("{} in one cell", size(found)), size(limit)));
        }
        self.cells = self
            .cells
            .checked_sub(cells)
            .ok_or_else(|| too_large("too many cells with content", count(self.limits.cells)))?;
        let text = u64::try_from(text.saturating_mul(cells)).unwrap_or(u64::MAX);
        self.text = self
            .text
            .checked_sub(text)
            .ok_or_else(|| too_large("too much text in its cells", size(self.limits.all_text_bytes)))?;
        Ok(())
    }
}
