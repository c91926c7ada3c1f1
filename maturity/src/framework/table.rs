//! CSV tables of a framework: rows with line numbers, columns by heading, texts in several languages.

use std::collections::BTreeMap;

use crate::language::{Language, Text, column_language};
use crate::spelling::did_you_mean;

use super::problem::FrameworkProblem;

/// A table as read: headings checked, values trimmed.
pub(super) struct Table {
    pub(super) file: &'static str,
    pub(super) rows: Vec<Row>,
    /// The languages that some column is in, beside the default.
    pub(super) languages: Vec<Language>,
}

/// One row.
pub(super) struct Row {
    pub(super) line: u64,
    values: BTreeMap<&'static str, String>,
    translations: BTreeMap<(&'static str, Language), String>,
}

impl Row {
    /// The value in the column; empty where the table lacks it.
    pub(super) fn get(&self, column: &'static str) -> &str {
        self.values.get(column).map_or("", String::as_str)
    }

    /// The text in the column and its translations.
    pub(super) fn text(&self, column: &'static str) -> Text {
        let mut text = Text::new(self.get(column));
        for ((_, language), value) in self.translations.iter().filter(|((base, _), _)| *base == column) {
            text.insert(language.clone(), value);
        }
        text
    }
}

/// The columns of a table: those that it must have, those that it may have, and which of them are texts.
pub(super) struct Columns {
    pub(super) needed: &'static [&'static str],
    pub(super) optional: &'static [&'static str],
    pub(super) texts: &'static [&'static str],
}

impl Columns {
    fn all(&self) -> impl Iterator<Item = &'static str> {
        self.needed.iter().chain(self.optional).copied()
    }
}

/// What stands between the columns of a line of headings.
fn separator(headings: &str) -> u8 {
    if headings.contains(',') {
        return b',';
    }
    [b';', b'\t'].into_iter().find(|mark| headings.contains(char::from(*mark))).unwrap_or(b',')
}

/// The content of a table without what programs put around it and nobody reads: a mark of its encoding in front, and line
/// ends of two characters.
pub(super) fn plain(content: &str) -> String {
    content.strip_prefix('\u{feff}').unwrap_or(content).replace("\r\n", "\n")
}

/// Reads a table; problems with its headings and form are added to `problems`.
pub(super) fn read(
    file: &'static str,
    content: &str,
    columns: &Columns,
    problems: &mut Vec<FrameworkProblem>,
) -> Table {
    let mut table = Table { file, rows: Vec::new(), languages: Vec::new() };
    let mut problem = |line: Option<u64>, what: String, advice: &str| {
        problems.push(FrameworkProblem { file, line, what, advice: advice.to_owned() });
    };
    // The library counts a line end of two characters in the line behind it.
    let content = plain(content);
    // Read as it is separated, so that one problem is told and not one for each column and row.
    let separator = separator(content.lines().next().unwrap_or_default());
    if separator != b',' {
        let name = if separator == b';' { "semicolons" } else { "tabs" };
        problem(Some(1), format!("the columns are separated by {name}"), "save the table as CSV with commas");
    }
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .delimiter(separator)
        .trim(csv::Trim::All)
        .from_reader(content.as_bytes());
    let headings = match reader.headers() {
        Ok(headings) => headings.clone(),
        Err(error) => {
            problem(Some(1), format!("the headings cannot be read: {error}"), "save the table as UTF-8 CSV");
            return table;
        }
    };

    let mut targets: Vec<Option<(&'static str, Option<Language>)>> = Vec::new();
    for heading in &headings {
        let (base, language) = column_language(heading);
        let known = columns.all().find(|column| *column == base);
        let is_text = columns.texts.contains(&base);
        let target = known.filter(|_| language.is_none() || is_text).map(|column| (column, language.clone()));
        // Spreadsheets save columns in which nothing stands.
        if target.is_none() && !heading.is_empty() {
            let guess = did_you_mean(base, columns.all());
            problem(
                Some(1),
                format!("the column \"{heading}\" is not known{guess}"),
                "remove it or correct its heading",
            );
        } else if targets.iter().flatten().any(|other| Some(other) == target.as_ref()) {
            problem(Some(1), format!("the column \"{heading}\" stands there twice"), "keep one of them");
        }
        if let Some(language) = language
            && is_text
            && !table.languages.contains(&language)
        {
            table.languages.push(language);
        }
        targets.push(target);
    }
    for needed in columns.needed {
        if !targets.iter().flatten().any(|(column, language)| column == needed && language.is_none()) {
            problem(Some(1), format!("the column \"{needed}\" is missing"), "add it");
        }
    }

    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                let line = error.position().map(csv::Position::line);
                problem(line, format!("the row cannot be read: {error}"), "save the table as UTF-8 CSV");
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != headings.len() && !record.iter().all(str::is_empty) {
            let (found, wanted) = (record.len(), headings.len());
            problem(
                Some(line),
                format!("the row has {found} values, the table has {wanted} columns"),
                "check the quotes and commas of this row",
            );
            continue;
        }
        let mut row = Row { line, values: BTreeMap::new(), translations: BTreeMap::new() };
        for (target, value) in targets.iter().zip(record.iter()) {
            match target {
                Some((column, None)) => {
                    row.values.insert(column, value.to_owned());
                }
                Some((column, Some(language))) => {
                    row.translations.insert((column, language.clone()), value.to_owned());
                }
                None => {}
            }
        }
        if !row.values.values().all(String::is_empty) {
            table.rows.push(row);
        } else if row.translations.values().any(|text| !text.is_empty()) {
            let what = "the row has translations and nothing else".to_owned();
            problem(Some(line), what, "fill in its other columns, or clear it");
        }
    }
    table
}
