//! A sheet that is being written: the only way from a value to a cell.

use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::Framework;
use maturity::language::Language;
use questionnaire::put::{Computed, Sheet, Style, choice, clean};
use rust_xlsxwriter::row_col_to_cell_absolute;
use rust_xlsxwriter::{Chart, DataValidation, Workbook};

use crate::ReportError;
use crate::form::{Context, Form};
use crate::keys::Key;
use crate::printing;
use crate::scale::Scale;
use crate::style::{Align, Styles};
use crate::text::lines;
use crate::wording::Words;

/// The height of one line of body text, in points.
const LINE: f64 = 12.0;
/// What a row needs beside its lines, in points.
const PADDING: f64 = 4.0;
/// The height of the row of a sheet's title, in points.
const TITLE: f64 = 27.0;
/// No row grows beyond this many lines: the rest of a long text is read in the cell itself.
const MOST_LINES: u32 = 12;

/// A place to the right of the left edge of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Offset {
    pub(crate) column: u16,
    pub(crate) pixels: u32,
}

/// Cells below each other that hold what can be chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) column: u16,
    pub(crate) first: u32,
    pub(crate) last: u32,
}

/// A sheet that is being written.
pub(crate) struct Page<'w> {
    sheet: Sheet<'w>,
    context: &'w Context<'w>,
    widths: Vec<f64>,
    heights: BTreeMap<u32, f64>,
    headed: BTreeSet<u32>,
    styles: &'w Styles,
    filtered: bool,
    /// The name as it stands in references to the sheet.
    name: &'static str,
}

impl<'w> Page<'w> {
    /// Adds a sheet to the workbook.
    pub(crate) fn add(
        workbook: &'w mut Workbook,
        context: &'w Context<'w>,
        form: &Form,
    ) -> Result<Self, ReportError> {
        let name = context.words.get(form.name);
        let mut sheet = Sheet::add(workbook, name)?;
        for (column, width) in (0_u16..).zip(form.widths) {
            sheet.set_column_width(column, *width)?;
        }
        printing::set_up(&mut sheet, context, form)?;
        Ok(Self {
            sheet,
            context,
            widths: form.widths.to_vec(),
            heights: BTreeMap::new(),
            headed: BTreeSet::new(),
            styles: if form.long { &context.looks.long } else { &context.looks.table },
            filtered: form.filtered,
            name,
        })
    }

    /// The formats, free of the borrow of the page.
    pub(crate) fn styles(&self) -> &'w Styles {
        self.styles
    }

    /// The wording.
    pub(crate) fn words(&self) -> Words<'w> {
        self.context.words
    }

    /// The framework.
    pub(crate) fn framework(&self) -> &'w Framework {
        self.context.framework
    }

    /// The reader's language.
    pub(crate) fn language(&self) -> &'w Language {
        self.context.language()
    }

    /// The sheet's name, for charts.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Writes text of any origin as text; never as a formula, a number or a link. Empty text leaves the
    /// cell empty. The row grows with the text.
    pub(crate) fn text(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        style: &Style,
    ) -> Result<(), ReportError> {
        let text = clean(text);
        let width = self.widths.get(usize::from(column)).copied().unwrap_or(8.0);
        self.grow(row, &text, width);
        Ok(self.sheet.text(row, column, &text, style)?)
    }

    /// Writes text over the columns from `first` to `last`; the row grows with the text.
    pub(crate) fn wide(
        &mut self,
        row: u32,
        (first, last): (u16, u16),
        text: &str,
        style: &Style,
    ) -> Result<(), ReportError> {
        let text = clean(text);
        let width = self.widths.iter().take(usize::from(last) + 1).skip(usize::from(first)).sum();
        self.grow(row, &text, width);
        self.sheet.join(row, (first, last), style)?;
        Ok(self.sheet.text(row, first, &text, style)?)
    }

    /// Writes text as it is, without giving it room.
    pub(crate) fn plain(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        style: &Style,
    ) -> Result<(), ReportError> {
        Ok(self.sheet.text(row, column, text, style)?)
    }

    /// Leaves a cell for readers to write in.
    pub(crate) fn entry(&mut self, row: u32, column: u16) -> Result<(), ReportError> {
        self.blank(row, column, &self.styles().entry)
    }

    /// Lets readers choose from a list in a cell; other texts are possible unless it is `strict`.
    pub(crate) fn choose(&mut self, cell: (u32, u16), list: Range, strict: bool) -> Result<(), ReportError> {
        let start = row_col_to_cell_absolute(list.first, list.column);
        let end = row_col_to_cell_absolute(list.last, list.column);
        let rule = choice(DataValidation::new(), &format!("{start}:{end}")).show_error_message(strict);
        self.sheet.add_data_validation(cell.0, cell.1, cell.0, cell.1, &rule)?;
        Ok(())
    }

    /// Keeps columns from view, from the first to before the last.
    pub(crate) fn hide(&mut self, (first, end): (u16, u16)) -> Result<(), ReportError> {
        for column in first..end {
            self.sheet.set_column_hidden(column)?;
        }
        Ok(())
    }

    /// Writes the title of the sheet and the line beneath it.
    pub(crate) fn head(&mut self, title: &str, note: &str) -> Result<(), ReportError> {
        self.line(0, title, &self.styles().title)?;
        self.height(0, TITLE);
        self.line(1, note, &self.styles().subtitle)
    }

    /// Writes a line that may run over the empty cells to its right, such as a title.
    pub(crate) fn line(&mut self, row: u32, text: &str, style: &Style) -> Result<(), ReportError> {
        Ok(self.sheet.text(row, 0, text, style)?)
    }

    /// Writes a number; one that is not finite is shown as absent.
    pub(crate) fn number(
        &mut self,
        row: u32,
        column: u16,
        number: f64,
        style: &Style,
    ) -> Result<(), ReportError> {
        if number.is_finite() {
            return Ok(self.sheet.number(row, column, number, style)?);
        }
        self.absent(row, column)
    }

    /// Writes a number if there is one, else that there is none: an absent value is never 0.
    pub(crate) fn optional(
        &mut self,
        row: u32,
        column: u16,
        number: Option<f64>,
        style: &Style,
    ) -> Result<(), ReportError> {
        self.number(row, column, number.unwrap_or(f64::NAN), style)
    }

    /// Writes a number that a formula makes from other cells, with the number as its stored result: programs that
    /// do not compute show the same. A number that is not finite, or that no formula makes, stands by itself.
    pub(crate) fn formula(
        &mut self,
        row: u32,
        column: u16,
        formula: Option<String>,
        number: Option<f64>,
        style: &Style,
    ) -> Result<(), ReportError> {
        match (formula, number) {
            (Some(formula), Some(number)) if number.is_finite() => {
                let formula = Computed::new(formula.trim_start_matches('='));
                Ok(self.sheet.computed(row, column, &formula, &number.to_string(), style)?)
            }
            (_, number) => self.optional(row, column, number, style),
        }
    }

    /// The same over the columns from `first` to `last`.
    pub(crate) fn wide_formula(
        &mut self,
        row: u32,
        (first, last): (u16, u16),
        formula: String,
        number: f64,
        style: &Style,
    ) -> Result<(), ReportError> {
        self.sheet.join(row, (first, last), style)?;
        self.formula(row, first, Some(formula), Some(number), style)
    }

    /// Leaves a cell without a value: lines of charts have a gap there, where text would count as 0.
    pub(crate) fn blank(&mut self, row: u32, column: u16, style: &Style) -> Result<(), ReportError> {
        Ok(self.sheet.blank(row, column, style)?)
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

    /// Writes that there is no value.
    pub(crate) fn absent(&mut self, row: u32, column: u16) -> Result<(), ReportError> {
        let text = self.words().get(Key::Absent);
        Ok(self.sheet.text(row, column, text, &self.styles.absent)?)
    }

    /// Writes a score of a row that sums up others, if there is one, else that there is none.
    pub(crate) fn total(&mut self, row: u32, column: u16, score: Option<f64>) -> Result<(), ReportError> {
        match score {
            Some(score) => self.number(row, column, score, &self.styles().total.score),
            None => self.text(row, column, self.words().get(Key::Absent), &self.styles().total.absent),
        }
    }

    /// Writes the letter of a maturity group in its colour, or that there is none.
    pub(crate) fn group(&mut self, row: u32, column: u16, group: Option<&str>) -> Result<(), ReportError> {
        match group {
            Some(group) => self.text(row, column, group, self.styles().group(group)),
            None => self.no_group(row, column),
        }
    }

    /// Writes that there is no maturity group.
    pub(crate) fn no_group(&mut self, row: u32, column: u16) -> Result<(), ReportError> {
        self.text(row, column, self.words().get(Key::Absent), &self.styles().absent_centred)
    }

    /// Writes a row of table headings from column 0 on.
    pub(crate) fn header<T: AsRef<str>>(
        &mut self,
        row: u32,
        headings: impl IntoIterator<Item = (T, Align)>,
    ) -> Result<(), ReportError> {
        self.header_at(row, 0, headings)
    }

    /// Writes a row of table headings from a column on.
    pub(crate) fn header_at<T: AsRef<str>>(
        &mut self,
        row: u32,
        column: u16,
        headings: impl IntoIterator<Item = (T, Align)>,
    ) -> Result<(), ReportError> {
        let filtered = self.filtered;
        let first = *self.heights.entry(row).or_insert(16.0);
        for (column, (heading, align)) in (column..).zip(headings) {
            self.text(row, column, heading.as_ref(), self.styles().header(align, filtered))?;
        }
        // Headings have more air than rows; once, however many tables begin in the row.
        if self.headed.insert(row) {
            self.heights.entry(row).and_modify(|height| *height = height.max(first) + 4.0);
        }
        Ok(())
    }

    /// Writes a row of table headings in the reader's language from column 0 on.
    pub(crate) fn headings(&mut self, row: u32, headings: &[(Key, Align)]) -> Result<(), ReportError> {
        let words = self.words();
        self.header(row, headings.iter().map(|(key, align)| (words.get(*key), *align)))
    }

    /// Sets the height of a row in points.
    pub(crate) fn height(&mut self, row: u32, points: f64) {
        self.heights.insert(row, points);
    }

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

    /// Puts bars behind the numbers of a range, full at the high end of the scale.
    pub(crate) fn bars(
        &mut self,
        rows: (u32, u32),
        columns: (u16, u16),
        scale: Scale,
    ) -> Result<(), ReportError> {
        let bars = crate::style::data_bar(scale);
        self.sheet.add_conditional_format(rows.0, columns.0, rows.1, columns.1, &bars)?;
        Ok(())
    }

    /// Colours the numbers of a range from the low end of the scale (light) to the high end (dark).
    pub(crate) fn heat(
        &mut self,
        rows: (u32, u32),
        columns: (u16, u16),
        scale: Scale,
    ) -> Result<(), ReportError> {
        let colours = crate::style::heat(scale);
        self.sheet.add_conditional_format(rows.0, columns.0, rows.1, columns.1, &colours)?;
        Ok(())
    }

    /// Lets readers filter a table whose headings stand in the first of the rows, and spares them the
    /// warning that codes are numbers stored as text.
    pub(crate) fn filter(&mut self, rows: (u32, u32), columns: (u16, u16)) -> Result<(), ReportError> {
        self.sheet.autofilter(rows.0, columns.0, rows.1, columns.1)?;
        self.sheet.ignore_error_range(
            rows.0,
            columns.0,
            rows.1,
            columns.1,
            rust_xlsxwriter::IgnoreError::NumberStoredAsText,
        )?;
        Ok(())
    }

    /// Sets the heights of rows that have more than one line.
    pub(crate) fn finish(mut self) -> Result<(), ReportError> {
        for (row, height) in self.heights {
            self.sheet.set_row_height(row, height)?;
        }
        Ok(())
    }

    fn grow(&mut self, row: u32, text: &str, width: f64) {
        let lines = lines(text, width).min(MOST_LINES);
        if lines > 1 {
            let height = f64::from(lines) * LINE + PADDING;
            let now = self.heights.entry(row).or_insert(height);
            *now = now.max(height);
        }
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

/// A count as a number for a cell.
pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
