//! A sheet that is being written: the only way from a value to a cell.

mod chart;
mod table;

use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::Framework;
use maturity::language::Language;
use questionnaire::put::{Computed, Sheet, Shown, Style};
use rust_xlsxwriter::Workbook;

use crate::ReportError;
use crate::form::{Context, Form};
use crate::keys::Key;
use crate::printing;
use crate::style::Styles;
use crate::text::lines;
use crate::wording::Words;

pub(crate) use chart::Offset;
pub(crate) use table::Range;

/// The height of one line of body text, in points.
const LINE: f64 = 12.0;
/// What a row needs beside its lines, in points.
const PADDING: f64 = 4.0;
/// The height of the row of a sheet's title, in points.
const TITLE: f64 = 27.0;
/// No row grows beyond this many lines: the rest of a long text is read in the cell itself.
const MOST_LINES: u32 = 12;

/// A text as it can stand in a cell, with the lines that it takes in a column.
#[derive(Debug)]
pub(crate) struct Laid<'t> {
    text: Shown<'t>,
    lines: u32,
}

impl<'t> Laid<'t> {
    /// A text in a column of `width` characters.
    pub(crate) fn of(text: &'t str, width: f64) -> Self {
        let text = Shown::of(text);
        Self { lines: lines(text.as_str(), width), text }
    }
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
        let sheet = Sheet::add(workbook, context.words.get(form.name))?;
        Self::of(sheet, context, form)
    }

    /// Adds a sheet with a row for each of many economies: of a `streamed` one a single row is in memory, so that its
    /// rows are written from above to below.
    pub(crate) fn add_long(
        workbook: &'w mut Workbook,
        context: &'w Context<'w>,
        form: &Form,
        streamed: bool,
    ) -> Result<Self, ReportError> {
        if !streamed {
            return Self::add(workbook, context, form);
        }
        let sheet = Sheet::streamed(workbook, context.words.get(form.name))?;
        Self::of(sheet, context, form)
    }

    fn of(mut sheet: Sheet<'w>, context: &'w Context<'w>, form: &Form) -> Result<Self, ReportError> {
        for (column, width) in (0_u16..).zip(form.widths) {
            sheet.set_column_width(column, *width)?;
        }
        printing::set_up(&mut sheet, context, form)?;
        if context.framework.is_right_to_left(context.language()) && !form.for_programs {
            sheet.set_right_to_left(true);
        }
        Ok(Self {
            sheet,
            context,
            widths: form.widths.to_vec(),
            heights: BTreeMap::new(),
            headed: BTreeSet::new(),
            styles: if form.long { &context.looks.long } else { &context.looks.table },
            filtered: form.filtered,
            name: context.words.get(form.name),
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
        let width = self.widths.get(usize::from(column)).copied().unwrap_or(8.0);
        self.laid(row, column, &Laid::of(text, width), style)
    }

    /// Writes a text that is laid out already into the column that it was laid out for. The row grows with the text.
    pub(crate) fn laid(
        &mut self,
        row: u32,
        column: u16,
        text: &Laid<'_>,
        style: &Style,
    ) -> Result<(), ReportError> {
        self.grow(row, text.lines);
        Ok(self.at(row)?.shown(row, column, &text.text, style)?)
    }

    /// Writes text over the columns from `first` to `last`; the row grows with the text.
    pub(crate) fn wide(
        &mut self,
        row: u32,
        (first, last): (u16, u16),
        text: &str,
        style: &Style,
    ) -> Result<(), ReportError> {
        let width = self.widths.iter().take(usize::from(last) + 1).skip(usize::from(first)).sum();
        let text = Laid::of(text, width);
        self.grow(row, text.lines);
        self.at(row)?.join(row, (first, last), style)?;
        Ok(self.at(row)?.shown(row, first, &text.text, style)?)
    }

    /// Writes text as it is, without giving it room.
    pub(crate) fn plain(
        &mut self,
        row: u32,
        column: u16,
        text: &str,
        style: &Style,
    ) -> Result<(), ReportError> {
        Ok(self.at(row)?.text(row, column, text, style)?)
    }

    /// Writes text for programs, without look or room.
    pub(crate) fn bare_text(&mut self, row: u32, column: u16, text: &str) -> Result<(), ReportError> {
        Ok(self.at(row)?.bare_text(row, column, text)?)
    }

    /// Writes a number for programs, without look.
    pub(crate) fn bare_number(&mut self, row: u32, column: u16, number: f64) -> Result<(), ReportError> {
        Ok(self.at(row)?.bare_number(row, column, number)?)
    }

    /// Leaves a cell for readers to write in.
    pub(crate) fn entry(&mut self, row: u32, column: u16) -> Result<(), ReportError> {
        self.blank(row, column, &self.styles().entry)
    }

    /// Writes the title of the sheet and the line beneath it.
    pub(crate) fn head(&mut self, title: &str, note: &str) -> Result<(), ReportError> {
        self.head_at(0, title, note)
    }

    /// A further line beneath a heading, that runs over the columns beside it.
    pub(crate) fn aside(&mut self, row: u32, column: u16, text: &str) -> Result<(), ReportError> {
        let styles = self.styles();
        Ok(self.at(row)?.text(row, column, text, &styles.subtitle)?)
    }

    /// The same from a column on: a text in columns that are printed on several pages would be cut on all but the first.
    pub(crate) fn head_at(&mut self, column: u16, title: &str, note: &str) -> Result<(), ReportError> {
        let styles = self.styles();
        self.at(0)?.text(0, column, title, &styles.title)?;
        self.height(0, TITLE);
        Ok(self.at(1)?.text(1, column, note, &styles.subtitle)?)
    }

    /// Writes a line that may run over the empty cells to its right, such as a title.
    pub(crate) fn line(&mut self, row: u32, text: &str, style: &Style) -> Result<(), ReportError> {
        Ok(self.at(row)?.text(row, 0, text, style)?)
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
            return Ok(self.at(row)?.number(row, column, number, style)?);
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
                Ok(self.at(row)?.computed(row, column, &formula, &number.to_string(), style)?)
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
        self.at(row)?.join(row, (first, last), style)?;
        self.formula(row, first, Some(formula), Some(number), style)
    }

    /// Leaves a cell without a value: lines of charts have a gap there, where text would count as 0.
    pub(crate) fn blank(&mut self, row: u32, column: u16, style: &Style) -> Result<(), ReportError> {
        Ok(self.at(row)?.blank(row, column, style)?)
    }

    /// Writes that there is no value.
    pub(crate) fn absent(&mut self, row: u32, column: u16) -> Result<(), ReportError> {
        let text = self.words().get(Key::Absent);
        let style = &self.styles.absent;
        Ok(self.at(row)?.text(row, column, text, style)?)
    }

    /// Sets the height of a row in points.
    pub(crate) fn height(&mut self, row: u32, points: f64) {
        self.heights.insert(row, points);
    }

    /// Sets the heights of rows that have more than one line.
    pub(crate) fn finish(mut self) -> Result<(), ReportError> {
        for (row, height) in self.heights {
            self.sheet.height(row, height)?;
        }
        Ok(())
    }

    /// The sheet before something is written to a row. Of a streamed sheet the rows above are finished then, and get
    /// their heights while they still can.
    fn at(&mut self, row: u32) -> Result<&mut Sheet<'w>, ReportError> {
        while self.sheet.is_streamed() {
            let Some(above) = self.heights.first_entry().filter(|entry| *entry.key() < row) else { break };
            let (above, height) = above.remove_entry();
            self.sheet.height(above, height)?;
        }
        Ok(&mut self.sheet)
    }

    fn grow(&mut self, row: u32, lines: u32) {
        let lines = lines.min(MOST_LINES);
        if lines > 1 {
            let height = f64::from(lines) * LINE + PADDING;
            let now = self.heights.entry(row).or_insert(height);
            *now = now.max(height);
        }
    }
}

/// A count as a number for a cell.
pub(crate) fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
