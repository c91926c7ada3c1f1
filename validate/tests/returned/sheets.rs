//! A questionnaire as a grid that can be edited like a person edits it, and written as a workbook again.

#![expect(clippy::disallowed_methods, reason = "tests write workbooks of all kinds")]

use std::collections::{BTreeMap, BTreeSet};

use maturity::cell::{Book, CellValue};
use rust_xlsxwriter::{FilterCondition, Format, Formula, Workbook};

/// What is put into a cell.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    Text(String),
    Number(f64),
    Boolean(bool),
    /// Days since the end of 1899, formatted as a date.
    Date(f64),
    /// A formula and its stored result.
    Formula(&'static str, &'static str),
}

pub(crate) fn text(text: &str) -> Content {
    Content::Text(text.to_owned())
}

pub(crate) fn number(number: f64) -> Content {
    Content::Number(number)
}

#[derive(Debug, Clone, Default)]
pub(crate) struct SheetGrid {
    pub(crate) name: String,
    visible: bool,
    cells: BTreeMap<(u32, u16), Content>,
    hidden_rows: BTreeSet<u32>,
    hidden_columns: BTreeSet<u16>,
    merged: Vec<((u32, u16), (u32, u16))>,
    /// The row of the filter's buttons, its last row, the column and the text that stays shown.
    filter: Option<(u32, u32, u16, String)>,
}

/// The sheets of a questionnaire being edited.
#[derive(Debug, Clone)]
pub(crate) struct Sheets(pub(crate) Vec<SheetGrid>);

impl Sheets {
    /// The grid of a workbook; live formulas are left out.
    pub(crate) fn of(book: &Book) -> Self {
        let sheets = book.sheets.iter().map(|sheet| {
            let mut grid =
                SheetGrid { name: sheet.name.clone(), visible: sheet.visible, ..SheetGrid::default() };
            for cell in sheet.cells.iter().filter(|cell| !cell.formula) {
                let content = match &cell.value {
                    CellValue::Number(number) => Content::Number(*number),
                    CellValue::Boolean(truth) => Content::Boolean(*truth),
                    value => Content::Text(value.display()),
                };
                let column = u16::try_from(cell.address.column).unwrap();
                grid.cells.insert((cell.address.row, column), content);
            }
            grid
        });
        Self(sheets.collect())
    }

    pub(crate) fn sheet(&mut self, name: &str) -> &mut SheetGrid {
        self.0.iter_mut().find(|sheet| sheet.name == name).unwrap()
    }

    /// The sheet and the row of a question.
    pub(crate) fn find(&mut self, question: &str) -> (&mut SheetGrid, u32) {
        for sheet in &mut self.0 {
            let Some(column) = sheet.column_of("id") else { continue };
            let row = sheet.cells.iter().find(|((_, at), content)| {
                *at == column && matches!(content, Content::Text(text) if text == question)
            });
            if let Some(((row, _), _)) = row {
                let row = *row;
                return (sheet, row);
            }
        }
        panic!("no row for {question}");
    }

    /// Puts something into a cell of a question's row; `column` is the column's key.
    pub(crate) fn put(&mut self, question: &str, column: &str, content: Content) {
        let (sheet, row) = self.find(question);
        let column = sheet.column_of(column).unwrap();
        sheet.cells.insert((row, column), content);
    }

    pub(crate) fn answer(&mut self, question: &str, content: Content) {
        self.put(question, "answer", content);
    }

    pub(crate) fn clear(&mut self, question: &str, column: &str) {
        let (sheet, row) = self.find(question);
        let column = sheet.column_of(column).unwrap();
        sheet.cells.remove(&(row, column));
    }

    /// Replaces the value beside a key of the cover.
    pub(crate) fn cover(&mut self, key: &str, content: Content) {
        for sheet in &mut self.0 {
            let found =
                sheet.cells.iter().find(|(_, cell)| matches!(cell, Content::Text(text) if text == key));
            if let Some(((row, column), _)) = found {
                let (row, column) = (*row, *column);
                sheet.cells.retain(|(at, next), _| *at != row || *next <= column);
                sheet.cells.insert((row, column + 1), content);
                return;
            }
        }
        panic!("no key {key}");
    }

    /// Merges the cells of a column from one question to another.
    pub(crate) fn merge(&mut self, from: &str, to: &str, column: &str) {
        let last = self.find(to).1;
        let (sheet, first) = self.find(from);
        let column = sheet.column_of(column).unwrap();
        sheet.merged.push(((first, column), (last, column)));
    }

    /// The workbook.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut workbook = Workbook::new();
        let date = Format::new().set_num_format("yyyy-mm-dd");
        for grid in &self.0 {
            let sheet = workbook.add_worksheet();
            sheet.set_name(&grid.name).unwrap();
            sheet.set_hidden(!grid.visible);
            for ((top, left), (bottom, right)) in &grid.merged {
                sheet.merge_range(*top, *left, *bottom, *right, "", &Format::new()).unwrap();
            }
            for ((row, column), content) in &grid.cells {
                match content {
                    Content::Text(text) => sheet.write_string(*row, *column, text).unwrap(),
                    Content::Number(number) => sheet.write_number(*row, *column, *number).unwrap(),
                    Content::Boolean(truth) => sheet.write_boolean(*row, *column, *truth).unwrap(),
                    Content::Date(serial) => {
                        sheet.write_number_with_format(*row, *column, *serial, &date).unwrap()
                    }
                    Content::Formula(formula, result) => sheet
                        .write_formula(*row, *column, Formula::new(*formula).set_result(*result))
                        .unwrap(),
                };
            }
            for row in &grid.hidden_rows {
                sheet.set_row_hidden(*row).unwrap();
            }
            for column in &grid.hidden_columns {
                sheet.set_column_hidden(*column).unwrap();
            }
            if let Some((first, last, column, shown)) = &grid.filter {
                sheet.autofilter(*first, 0, *last, *column).unwrap();
                sheet
                    .filter_column(*column, &FilterCondition::new().add_list_filter(shown.as_str()))
                    .unwrap();
            }
        }
        workbook.save_to_buffer().unwrap()
    }
}

impl SheetGrid {
    /// The column of a key of the hidden row, or of a heading.
    pub(crate) fn column_of(&self, key: &str) -> Option<u16> {
        let is_key = |content: &Content| matches!(content, Content::Text(text) if text == key);
        self.cells
            .iter()
            .find(|((row, _), content)| *row < 8 && is_key(content))
            .map(|((_, column), _)| *column)
    }

    pub(crate) fn set(&mut self, row: u32, column: u16, content: Content) {
        self.cells.insert((row, column), content);
    }

    pub(crate) fn get(&self, row: u32, column: u16) -> Option<&Content> {
        self.cells.get(&(row, column))
    }

    pub(crate) fn last_row(&self) -> u32 {
        self.cells.keys().map(|(row, _)| *row).max().unwrap()
    }

    pub(crate) fn last_column(&self) -> u16 {
        self.cells.keys().map(|(_, column)| *column).max().unwrap()
    }

    pub(crate) fn hide(&mut self) {
        self.visible = false;
    }

    pub(crate) fn hide_row(&mut self, row: u32) {
        self.hidden_rows.insert(row);
    }

    pub(crate) fn hide_column(&mut self, column: u16) {
        self.hidden_columns.insert(column);
    }

    /// Shows only the rows below the headings whose cell in the column of that key holds `shown`.
    pub(crate) fn filter(&mut self, key: &str, shown: &str) {
        let first = self.cells.keys().map(|(row, _)| *row).find(|row| self.is_heading(*row)).unwrap();
        self.filter = Some((first, self.last_row(), self.column_of(key).unwrap(), shown.to_owned()));
    }

    /// The last row that names both the id and the answer column: the visible headings.
    fn is_heading(&self, row: u32) -> bool {
        let (id, answer) = (self.column_of("id").unwrap(), self.column_of("answer").unwrap());
        let below = |row: u32| self.cells.contains_key(&(row, id)) && self.cells.contains_key(&(row, answer));
        below(row) && row > 0 && below(row - 1)
    }

    /// Moves everything from `row` down by `count` rows.
    pub(crate) fn insert_rows(&mut self, row: u32, count: u32) {
        self.cells = std::mem::take(&mut self.cells)
            .into_iter()
            .map(|((at, column), content)| ((if at >= row { at + count } else { at }, column), content))
            .collect();
    }

    /// Moves everything from `column` to the right by `count` columns.
    pub(crate) fn insert_columns(&mut self, column: u16, count: u16) {
        self.cells = std::mem::take(&mut self.cells)
            .into_iter()
            .map(|((row, at), content)| ((row, if at >= column { at + count } else { at }), content))
            .collect();
    }

    /// Exchanges two columns with their headings.
    pub(crate) fn swap_columns(&mut self, one: u16, other: u16) {
        let moved = |column| match column {
            column if column == one => other,
            column if column == other => one,
            column => column,
        };
        self.cells = std::mem::take(&mut self.cells)
            .into_iter()
            .map(|((row, column), content)| ((row, moved(column)), content))
            .collect();
    }

    pub(crate) fn remove_row(&mut self, row: u32) {
        self.cells.retain(|(at, _), _| *at != row);
    }

    pub(crate) fn remove_cell(&mut self, row: u32, column: u16) {
        self.cells.remove(&(row, column));
    }

    /// The sheet as lines of a text table.
    pub(crate) fn as_csv(&self, separator: char) -> String {
        let shown = |column: u16, row: u32| match self.get(row, column) {
            Some(Content::Text(text)) => format!("\"{}\"", text.replace('"', "\"\"")),
            Some(Content::Number(number)) => number.to_string(),
            _ => String::new(),
        };
        let mut lines = String::new();
        for row in 0..=self.last_row() {
            let cells: Vec<String> = (0..=self.last_column()).map(|column| shown(column, row)).collect();
            lines.push_str(&cells.join(&separator.to_string()));
            lines.push_str("\r\n");
        }
        lines
    }

    /// The rows that hold the keys and the headings.
    pub(crate) fn heading_rows(&self) -> Vec<u32> {
        let (id, answer) = (self.column_of("id").unwrap(), self.column_of("answer").unwrap());
        let text = |row: u32, column: u16| matches!(self.get(row, column), Some(Content::Text(_)));
        (0..8).filter(|row| text(*row, id) && text(*row, answer)).take(2).collect()
    }
}
