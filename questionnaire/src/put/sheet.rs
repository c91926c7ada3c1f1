//! A sheet that is being written, within Excel's limits.

use std::ops::{Deref, DerefMut};

use maturity::cell::Address;
use rust_xlsxwriter::{ConditionalFormatFormula, Format, Note, Url, Workbook, Worksheet, XlsxError};

use super::runs::Runs;
use super::streamed::Place;
use super::text::{Shown, clean, in_cell, looks_like_formula, shorten};
use super::{Computed, Side, Style, footer};

/// The most characters of a sheet's name, and those that it must not hold.
const SHEET_NAME: usize = 31;
const NOT_IN_SHEET_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
/// The most links of a sheet; with more, Excel drops them all.
const MOST_LINKS: u32 = 65_530;
/// The most UTF-16 units of a link, its `internal:` included.
const LINK: usize = 2_079;
/// The most UTF-16 units of a note that are still read.
const NOTE: usize = 2_000;
/// A sheet that is being written: the only way from a value to a cell.
///
/// How a sheet looks is set as the library sets it; what it holds and the formats of its cells pass through the
/// methods below. Formats reach the library when the sheet is dropped, which must be before the workbook can be saved.
pub struct Sheet<'w> {
    inner: &'w mut Worksheet,
    runs: Runs,
    links: u32,
    /// Of a sheet whose rows leave the memory: where it is.
    place: Option<Place>,
}

impl<'w> Sheet<'w> {
    /// Adds a sheet to a workbook. A name that Excel does not take is bent into one; see [`sheet_name`].
    #[expect(clippy::disallowed_methods, reason = "the name is one that Excel takes")]
    pub fn add(book: &'w mut Workbook, name: &str) -> Result<Self, XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(name))?;
        Ok(Self { inner: sheet, runs: Runs::default(), links: 0, place: None })
    }

    /// Adds a sheet of which one row at a time is in memory, beside texts that differ; the finished rows wait in the folder
    /// that [`keep_rows_in`](super::keep_rows_in) names, within [`with_rows_on_disk`](super::with_rows_on_disk).
    ///
    /// Its rows are written from above to below: what is meant for a row above the one that is being written is
    /// an error. Charts cannot show its cells.
    #[expect(clippy::disallowed_methods, reason = "the name is one that Excel takes")]
    pub fn streamed(book: &'w mut Workbook, name: &str) -> Result<Self, XlsxError> {
        let sheet = book.add_worksheet_with_low_memory()?;
        sheet.set_name(sheet_name(name))?;
        Ok(Self { inner: sheet, runs: Runs::default(), links: 0, place: Some(Place::default()) })
    }

    /// Before anything is done to a row: of a streamed sheet, the row above is finished now, and a row that is
    /// finished takes nothing more.
    fn reach(&mut self, row: u32) -> Result<(), XlsxError> {
        if self.place.as_mut().is_some_and(|place| place.leaves_for(row)) {
            self.runs.settle_all(self.inner)?;
        }
        self.place.as_mut().map_or(Ok(()), |place| place.reach(row))
    }

    /// Sets the height of a row in points.
    pub fn height(&mut self, row: u32, points: f64) -> Result<(), XlsxError> {
        self.place.as_ref().map_or(Ok(()), |place| place.is_open(row))?;
        self.inner.set_row_height(row, points)?;
        Ok(())
    }

    /// Whether one row at a time is in memory.
    pub fn is_streamed(&self) -> bool {
        self.place.is_some()
    }

    /// Writes text of any origin as text; never as a formula, a number or a link. Empty text leaves the cell
    /// empty.
    pub fn text(&mut self, row: u32, column: u16, text: &str, style: &Style) -> Result<(), XlsxError> {
        self.shown(row, column, &Shown::of(text), style)
    }

    /// Writes a text that was made safe to show, like [`Sheet::text`].
    #[expect(clippy::disallowed_methods, reason = "a string that Excel takes")]
    pub fn shown(&mut self, row: u32, column: u16, text: &Shown<'_>, style: &Style) -> Result<(), XlsxError> {
        let text = text.as_str();
        if text.is_empty() {
            return self.blank(row, column, style);
        }
        self.reach(row)?;
        if looks_like_formula(text) {
            // Someone may edit the cell: the mark keeps it text even then.
            let format = style.format().clone().set_quote_prefix();
            self.runs.settle(self.inner, column)?;
            self.inner.write_string_with_format(row, column, text, &format)?;
            self.runs.took(row, column);
            return Ok(());
        }
        self.inner.write_string(row, column, text)?;
        self.runs.add(self.inner, (row, column), style)
    }

    /// Writes text in several formats. Together the runs must fit into a cell, else they appear in one format.
    #[expect(clippy::disallowed_methods, reason = "a string that Excel takes")]
    pub fn runs(
        &mut self,
        row: u32,
        column: u16,
        runs: &[(&Format, &str)],
        style: &Style,
    ) -> Result<(), XlsxError> {
        let whole: String = runs.iter().map(|(_, text)| *text).collect();
        // What Excel would take for a character in hexadecimal (`_x0041_`) is marked by the library in plain text alone.
        let plain = runs.len() < 2 || runs.iter().any(|(_, text)| text.is_empty()) || whole.contains("_x");
        if plain || clean(&whole) != whole {
            return self.text(row, column, &whole, style);
        }
        self.reach(row)?;
        match self.inner.write_rich_string(row, column, runs) {
            // The library counts its XML, not the characters that are shown.
            Err(XlsxError::MaxStringLengthExceeded) => self.text(row, column, &whole, style),
            written => {
                written?;
                self.runs.add(self.inner, (row, column), style)
            }
        }
    }

    /// Writes a number. One that is none stands there as text: Excel has no cell for it.
    #[expect(clippy::disallowed_methods, reason = "a number that Excel takes")]
    pub fn number(&mut self, row: u32, column: u16, number: f64, style: &Style) -> Result<(), XlsxError> {
        if number.is_finite() {
            self.reach(row)?;
            self.inner.write_number(row, column, number)?;
            return self.runs.add(self.inner, (row, column), style);
        }
        self.text(row, column, &number.to_string(), style)
    }

    /// Writes text for programs, like [`Sheet::text`], in a cell that looks as the workbook has it.
    #[expect(clippy::disallowed_methods, reason = "a string that Excel takes")]
    pub fn bare_text(&mut self, row: u32, column: u16, text: &str) -> Result<(), XlsxError> {
        let text = in_cell(text);
        if text.is_empty() || looks_like_formula(&text) {
            return self.text(row, column, &text, &Style::default());
        }
        self.reach(row)?;
        self.runs.settle_at(self.inner, (row, column))?;
        self.inner.write_string(row, column, text)?;
        self.runs.took(row, column);
        Ok(())
    }

    /// Writes a number for programs, like [`Sheet::number`], in a cell that looks as the workbook has it.
    #[expect(clippy::disallowed_methods, reason = "a number that Excel takes")]
    pub fn bare_number(&mut self, row: u32, column: u16, number: f64) -> Result<(), XlsxError> {
        if !number.is_finite() {
            return self.text(row, column, &number.to_string(), &Style::default());
        }
        self.reach(row)?;
        self.runs.settle_at(self.inner, (row, column))?;
        self.inner.write_number(row, column, number)?;
        self.runs.took(row, column);
        Ok(())
    }

    /// Gives a cell a format without content.
    #[expect(clippy::disallowed_methods, reason = "the cell stays empty")]
    pub fn blank(&mut self, row: u32, column: u16, style: &Style) -> Result<(), XlsxError> {
        self.reach(row)?;
        if self.runs.is_free(row, column) {
            return self.runs.add(self.inner, (row, column), style);
        }
        self.runs.settle(self.inner, column)?;
        self.inner.write_blank(row, column, style.format())?;
        self.runs.took(row, column);
        Ok(())
    }

    /// Gives the cells of a row from `first` to `last` a format without content.
    #[expect(clippy::disallowed_methods, reason = "cells in which nothing is")]
    pub fn fill(&mut self, row: u32, first: u16, last: u16, style: &Style) -> Result<(), XlsxError> {
        // The ends first: between them the sheet is wide enough.
        self.blank(row, last, style)?;
        self.blank(row, first, style)?;
        let mut between = first + 1..last;
        if between.clone().all(|column| self.runs.is_free(row, column)) && !between.is_empty() {
            self.inner.set_range_format(row, between.start, row, last - 1, style.format())?;
            between.for_each(|column| self.runs.took(row, column));
            return Ok(());
        }
        between.try_for_each(|column| self.blank(row, column, style))
    }

    /// Gives a cell another format; its content stays.
    #[expect(clippy::disallowed_methods, reason = "after the formats that the column waits for")]
    pub fn restyle(&mut self, row: u32, column: u16, style: &Style) -> Result<(), XlsxError> {
        self.reach(row)?;
        // The library does not go on to a row for a format alone.
        let is_new = self.is_streamed() && self.runs.is_below(row, column);
        if is_new || self.runs.is_free(row, column) {
            return self.blank(row, column, style);
        }
        self.runs.settle(self.inner, column)?;
        self.inner.set_cell_format(row, column, style.format())?;
        Ok(())
    }

    /// Joins the cells of a row from `first` to `last`; what is written follows.
    #[expect(clippy::disallowed_methods, reason = "the cells stay empty")]
    pub fn join(&mut self, row: u32, (first, last): (u16, u16), style: &Style) -> Result<(), XlsxError> {
        if first < last {
            self.reach(row)?;
            (first..=last).try_for_each(|column| self.runs.settle(self.inner, column))?;
            self.inner.merge_range(row, first, row, last, "", style.format())?;
            (first..=last).for_each(|column| self.runs.took(row, column));
        }
        Ok(())
    }

    /// Writes a formula with the value that stands there before a program computes it.
    #[expect(clippy::disallowed_methods, reason = "a formula of our own that Excel takes")]
    pub fn computed(
        &mut self,
        row: u32,
        column: u16,
        formula: &Computed,
        value: &str,
        style: &Style,
    ) -> Result<(), XlsxError> {
        if let Some(formula) = formula.with(&clean(value)) {
            self.reach(row)?;
            self.inner.write_formula(row, column, formula)?;
            return self.runs.add(self.inner, (row, column), style);
        }
        match value.parse() {
            Ok(number) => self.number(row, column, number, style),
            Err(_) => self.text(row, column, value, style),
        }
    }

    /// Writes a text that leads to a cell of the same workbook. No link leads out of a workbook.
    ///
    /// A sheet's links are counted: a text beyond the last one that Excel keeps stands there without.
    #[expect(clippy::disallowed_methods, reason = "a link that Excel takes")]
    pub fn link(
        &mut self,
        row: u32,
        column: u16,
        (sheet, cell): (&str, Address),
        text: &str,
        style: &Style,
    ) -> Result<(), XlsxError> {
        let target = format!("internal:'{}'!{cell}", sheet.replace('\'', "''"));
        // In place of an empty text the library shows the target.
        if text.is_empty() || self.links >= MOST_LINKS || target.encode_utf16().count() > LINK {
            return self.text(row, column, text, style);
        }
        self.reach(row)?;
        self.links += 1;
        let url = Url::new(target);
        self.runs.settle(self.inner, column)?;
        self.inner.write_url_with_options(row, column, url, in_cell(text), "", Some(style.format()))?;
        self.runs.took(row, column);
        Ok(())
    }

    /// Writes a note beside a cell, `width` and `height` pixels large. A note does not grow with its text.
    #[expect(clippy::disallowed_methods, reason = "a text that Excel takes")]
    pub fn note(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        (width, height): (u32, u32),
    ) -> Result<(), XlsxError> {
        let note = Note::new(shorten(&clean(text), NOTE))
            .add_author_prefix(false)
            .set_width(width)
            .set_height(height);
        self.inner.insert_note(row, column, &note)?;
        Ok(())
    }

    /// Sets the footer: its parts at the left, in the middle and at the right.
    #[expect(clippy::disallowed_methods, reason = "a footer that Excel takes")]
    pub fn footer(&mut self, parts: [Side<'_>; 3]) {
        self.inner.set_footer(footer::footer(parts));
    }

    /// Lays a format over the cells of a range (first row and column, last row and column) in which a formula
    /// holds.
    pub(crate) fn rule(
        &mut self,
        (first_row, first_column, last_row, last_column): (u32, u16, u32, u16),
        formula: &Computed,
        format: &Format,
    ) -> Result<(), XlsxError> {
        let Some(formula) = formula.bare() else { return Ok(()) };
        let rule = ConditionalFormatFormula::new().set_rule(formula).set_format(format);
        self.inner.add_conditional_format(first_row, first_column, last_row, last_column, &rule)?;
        Ok(())
    }
}

impl Drop for Sheet<'_> {
    fn drop(&mut self) {
        // In memory alone, also where the disk has just failed. A cell that waits for its format was taken by the library, so it lies within the library's limits, and
        // nothing else can be wrong with a range of cells below each other.
        let settled = self.runs.settle_all(self.inner);
        debug_assert!(settled.is_ok(), "a cell outside the sheet waits for its format");
    }
}

impl Deref for Sheet<'_> {
    type Target = Worksheet;

    fn deref(&self) -> &Worksheet {
        self.inner
    }
}

impl DerefMut for Sheet<'_> {
    fn deref_mut(&mut self) -> &mut Worksheet {
        self.inner
    }
}

/// The text of a note and its last line: no more than is still read.
pub(crate) fn note_text(text: &str, last: &str) -> String {
    let last = format!("\n\n{}", clean(last));
    shorten(&clean(text), NOTE.saturating_sub(last.encode_utf16().count())) + &last
}

/// A name that Excel takes for a sheet: at most 31 UTF-16 units, none of `[ ] : * ? / \`, no apostrophe at an end,
/// not empty and not "History", which Excel keeps for itself.
pub fn sheet_name(name: &str) -> String {
    let shown = clean(name).replace('\n', " ").replace(NOT_IN_SHEET_NAMES, "-");
    let shown = shorten(&shown, SHEET_NAME);
    let shown = shown.trim_matches('\'');
    if shown.trim().is_empty() || shown.eq_ignore_ascii_case("history") {
        return format!("{}_", shown.trim());
    }
    shown.to_owned()
}
