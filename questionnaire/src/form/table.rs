//! One sheet of a form: rows of named values, columns in a fixed order.

use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::Framework;
use maturity::language::Language;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

use crate::put::{Sheet, Style};

/// The languages of a form with the names that headings have for them, e.g. `Français (fr)`.
#[derive(Debug)]
pub(super) struct Languages(pub(super) Vec<(Language, String)>);

impl Languages {
    /// The languages of a framework.
    pub(super) fn of(framework: &Framework) -> Self {
        let named = |(language, name): &(Language, String)| {
            (language.clone(), format!("{name} ({})", language.tag()))
        };
        Self(framework.languages.iter().map(named).collect())
    }

    /// The name of a language.
    pub(super) fn name(&self, language: &Language) -> &str {
        self.0.iter().find(|(known, _)| known == language).map_or("", |(_, name)| name)
    }
}

/// A row by headings.
#[derive(Debug, Default, Clone)]
pub(super) struct Row(BTreeMap<String, String>);

impl Row {
    /// The row with a value; an empty one is left out.
    pub(super) fn with(mut self, heading: &str, value: impl Into<String>) -> Self {
        let value = value.into();
        if !value.is_empty() {
            self.0.insert(heading.to_owned(), value);
        }
        self
    }

    /// The row with a text in every language.
    pub(super) fn texts(
        mut self,
        heading: &str,
        languages: &Languages,
        text: impl Fn(&Language) -> String,
    ) -> Self {
        for (language, name) in &languages.0 {
            self = self.with(&format!("{heading}::{name}"), text(language));
        }
        self
    }
}

/// A sheet.
#[derive(Debug)]
pub(super) struct Table {
    headings: Vec<String>,
    rows: Vec<Row>,
}

impl Table {
    /// A table with these columns; those marked with `true` stand there once for each language.
    pub(super) fn new(columns: &[(&str, bool)], languages: &Languages, rows: Vec<Row>) -> Self {
        let used: BTreeSet<&String> = rows.iter().flat_map(|row| row.0.keys()).collect();
        let mut headings = Vec::new();
        for (column, translated) in columns {
            if *translated {
                headings.extend(languages.0.iter().map(|(_, name)| format!("{column}::{name}")));
            } else {
                headings.push((*column).to_owned());
            }
        }
        headings.retain(|heading| used.contains(heading));
        Self { headings, rows }
    }

    /// Writes the table; everything is text, as forms want it.
    pub(super) fn write(&self, book: &mut Workbook, name: &str) -> Result<(), XlsxError> {
        let mut sheet = Sheet::add(book, name)?;
        let (plain, bold) = (Style::from(Format::new()), Style::from(Format::new().set_bold()));
        for (column, heading) in (0_u16..).zip(&self.headings) {
            sheet.text(0, column, heading, &bold)?;
            sheet.set_column_width(column, 24)?;
            for (row, values) in (1_u32..).zip(&self.rows) {
                if let Some(value) = values.0.get(heading) {
                    sheet.text(row, column, value, &plain)?;
                }
            }
        }
        sheet.set_freeze_panes(1, 0)?;
        Ok(())
    }
}
