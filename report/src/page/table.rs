//! Tables of a sheet: headings, sums, letters of groups, filters, and what shows numbers by more than digits.

use questionnaire::put::{Style, choice};
use rust_xlsxwriter::{ConditionalFormat, DataValidation, IgnoreError, row_col_to_cell_absolute};

use super::Page;
use crate::ReportError;
use crate::keys::Key;
use crate::scale::Scale;
use crate::style::{self, Align, DECIMALS};

/// Cells below each other that hold what can be chosen.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Range {
    pub(crate) column: u16,
    pub(crate) first: u32,
    pub(crate) last: u32,
}

impl<'w> Page<'w> {
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

    /// Writes a score of a row that sums up others, if there is one, else that there is none.
    pub(crate) fn total(&mut self, row: u32, column: u16, score: Option<f64>) -> Result<(), ReportError> {
        match score {
            Some(score) => self.number(row, column, score, self.total_style(score)),
            None => self.text(row, column, self.words().get(Key::Absent), &self.styles().total.absent),
        }
    }

    /// How a score stands beside its maturity group: it never seems to have reached another one.
    pub(crate) fn score_style(&self, score: Option<f64>) -> &'w Style {
        let styles = self.styles();
        styles.score_near.style(self.decimals(score.unwrap_or(f64::NAN))).unwrap_or(&styles.score)
    }

    /// The same in a row that sums up others.
    pub(crate) fn total_style(&self, score: f64) -> &'w Style {
        let styles = &self.styles().total;
        styles.score_near.style(self.decimals(score)).unwrap_or(&styles.score)
    }

    /// The same for the large number of a summary.
    pub(crate) fn figure_style(&self, score: f64) -> &'w Style {
        let styles = self.styles();
        styles.figure_near.style(self.decimals(score)).unwrap_or(&styles.figure)
    }

    fn decimals(&self, score: f64) -> usize {
        self.framework().decimals_shown(score, DECIMALS)
    }

    /// Writes the letter of a maturity group in its colour, or that there is none.
    pub(crate) fn group(&mut self, row: u32, column: u16, group: Option<&str>) -> Result<(), ReportError> {
        match group {
            Some(group) => self.text(row, column, group, self.styles().group(group)),
            None => self.no_group(row, column),
        }
    }

    /// The heading of a column of maturity groups; none where the framework has no groups.
    pub(crate) fn group_heading(&self) -> &'static str {
        if self.framework().groups.is_empty() { "" } else { self.words().get(Key::Group) }
    }

    /// Writes that there is no maturity group, where the framework has any.
    pub(crate) fn no_group(&mut self, row: u32, column: u16) -> Result<(), ReportError> {
        if self.framework().groups.is_empty() {
            return self.text(row, column, "", &self.styles().text);
        }
        self.text(row, column, self.words().get(Key::Absent), &self.styles().absent_centred)
    }

    /// Puts bars behind the numbers of a range, full at the high end of the scale.
    pub(crate) fn bars(
        &mut self,
        rows: (u32, u32),
        columns: (u16, u16),
        scale: Scale,
    ) -> Result<(), ReportError> {
        self.show(rows, columns, &style::data_bar(scale))
    }

    /// Colours the numbers of a range from the low end of the scale (light) to the high end (dark).
    pub(crate) fn heat(
        &mut self,
        rows: (u32, u32),
        columns: (u16, u16),
        scale: Scale,
    ) -> Result<(), ReportError> {
        self.show(rows, columns, &style::heat(scale))
    }

    /// Shows the numbers of a range by more than their digits.
    fn show(
        &mut self,
        rows: (u32, u32),
        columns: (u16, u16),
        look: &(impl ConditionalFormat + Send + Sync),
    ) -> Result<(), ReportError> {
        self.sheet.add_conditional_format(rows.0, columns.0, rows.1, columns.1, look)?;
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
            IgnoreError::NumberStoredAsText,
        )?;
        Ok(())
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
}
