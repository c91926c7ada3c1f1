//! A sheet that is being written, within Excel's limits.

use std::ops::{Deref, DerefMut};

use maturity::cell::Address;
use rust_xlsxwriter::{ConditionalFormatFormula, Format, Note, Url, Workbook, Worksheet, XlsxError};

use super::text::{clean, looks_like_formula, shorten};
use super::{Computed, Side, footer};

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
/// How a sheet looks is set as the library sets it; what it holds passes through the methods below.
pub struct Sheet<'w> {
    sheet: &'w mut Worksheet,
    links: u32,
}

impl<'w> Sheet<'w> {
    /// Adds a sheet to a workbook. A name that Excel does not take is bent into one; see [`sheet_name`].
    #[expect(clippy::disallowed_methods, reason = "the name is one that Excel takes")]
    pub fn add(book: &'w mut Workbook, name: &str) -> Result<Self, XlsxError> {
        let sheet = book.add_worksheet();
        sheet.set_name(sheet_name(name))?;
        Ok(Self { sheet, links: 0 })
    }

    /// Writes text of any origin as text; never as a formula, a number or a link. Empty text leaves the cell
    /// empty.
    #[expect(clippy::disallowed_methods, reason = "a string that Excel takes")]
    pub fn text(&mut self, row: u32, column: u16, text: &str, format: &Format) -> Result<(), XlsxError> {
        let text = clean(text);
        if looks_like_formula(&text) {
            // Someone may edit the cell: the mark keeps it text even then.
            let format = format.clone().set_quote_prefix();
            self.sheet.write_string_with_format(row, column, text, &format)?;
        } else {
            self.sheet.write_string_with_format(row, column, text, format)?;
        }
        Ok(())
    }

    /// Writes text in several formats. Together the runs must fit into a cell, else they appear in one format.
    #[expect(clippy::disallowed_methods, reason = "a string that Excel takes")]
    pub fn runs(
        &mut self,
        row: u32,
        column: u16,
        runs: &[(&Format, &str)],
        format: &Format,
    ) -> Result<(), XlsxError> {
        let whole: String = runs.iter().map(|(_, text)| *text).collect();
        if runs.len() < 2 || runs.iter().any(|(_, text)| text.is_empty()) || clean(&whole) != whole {
            return self.text(row, column, &whole, format);
        }
        self.sheet.write_rich_string_with_format(row, column, runs, format)?;
        Ok(())
    }

    /// Writes a number. One that is none stands there as text: Excel has no cell for it.
    #[expect(clippy::disallowed_methods, reason = "a number that Excel takes")]
    pub fn number(&mut self, row: u32, column: u16, number: f64, format: &Format) -> Result<(), XlsxError> {
        if number.is_finite() {
            self.sheet.write_number_with_format(row, column, number, format)?;
            return Ok(());
        }
        self.text(row, column, &number.to_string(), format)
    }

    /// Gives a cell a format without content.
    #[expect(clippy::disallowed_methods, reason = "the cell stays empty")]
    pub fn blank(&mut self, row: u32, column: u16, format: &Format) -> Result<(), XlsxError> {
        self.sheet.write_blank(row, column, format)?;
        Ok(())
    }

    /// Gives the cells of a row from `first` to `last` a format without content.
    pub fn fill(&mut self, row: u32, first: u16, last: u16, format: &Format) -> Result<(), XlsxError> {
        (first..=last).try_for_each(|column| self.blank(row, column, format))
    }

    /// Joins the cells of a row from `first` to `last`; what is written follows.
    #[expect(clippy::disallowed_methods, reason = "the cells stay empty")]
    pub fn join(&mut self, row: u32, (first, last): (u16, u16), format: &Format) -> Result<(), XlsxError> {
        if first < last {
            self.sheet.merge_range(row, first, row, last, "", format)?;
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
        format: &Format,
    ) -> Result<(), XlsxError> {
        if let Some(formula) = formula.with(&clean(value)) {
            self.sheet.write_formula_with_format(row, column, formula, format)?;
            return Ok(());
        }
        match value.parse() {
            Ok(number) => self.number(row, column, number, format),
            Err(_) => self.text(row, column, value, format),
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
        format: &Format,
    ) -> Result<(), XlsxError> {
        let target = format!("internal:'{}'!{cell}", sheet.replace('\'', "''"));
        if self.links >= MOST_LINKS || target.encode_utf16().count() > LINK {
            return self.text(row, column, text, format);
        }
        self.links += 1;
        let url = Url::new(target);
        self.sheet.write_url_with_options(row, column, url, clean(text), "", Some(format))?;
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
        let note = Note::new(note_text(text)).add_author_prefix(false).set_width(width).set_height(height);
        self.sheet.insert_note(row, column, &note)?;
        Ok(())
    }

    /// Sets the footer: its parts at the left, in the middle and at the right.
    #[expect(clippy::disallowed_methods, reason = "a footer that Excel takes")]
    pub fn footer(&mut self, parts: [Side<'_>; 3]) {
        self.sheet.set_footer(footer::footer(parts));
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
        self.sheet.add_conditional_format(first_row, first_column, last_row, last_column, &rule)?;
        Ok(())
    }
}

impl Deref for Sheet<'_> {
    type Target = Worksheet;

    fn deref(&self) -> &Worksheet {
        self.sheet
    }
}

impl DerefMut for Sheet<'_> {
    fn deref_mut(&mut self) -> &mut Worksheet {
        self.sheet
    }
}

/// The text of a note: no more than is still read.
pub(crate) fn note_text(text: &str) -> String {
    shorten(&clean(text), NOTE)
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
