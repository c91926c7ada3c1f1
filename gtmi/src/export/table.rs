//! A tidy table: columns with meaning, rows in key order, values as text.

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Type {
    Text,
    Integer,
    Number,
}

/// One column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    pub(crate) kind: Type,
    pub(crate) meaning: &'static str,
}

/// One table.
#[derive(Debug)]
pub(crate) struct Table {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) columns: &'static [Column],
    /// The columns that tell rows apart.
    pub(crate) key: &'static [&'static str],
    pub(crate) rows: Vec<Vec<Value>>,
}

/// One value; `None` everywhere means missing and is written as nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Text of our own.
    Own(Option<String>),
    /// Text that somebody else wrote.
    Foreign(Option<String>),
    Number(Option<f64>),
    Integer(Option<i64>),
}

impl Value {
    pub(crate) fn own(text: impl Into<String>) -> Self {
        Self::Own(Some(text.into()))
    }

    pub(crate) fn count(count: u32) -> Self {
        Self::Integer(Some(i64::from(count)))
    }

    fn text(&self) -> String {
        match self {
            Self::Own(text) => text.clone().unwrap_or_default(),
            Self::Foreign(text) => text.as_deref().map(guarded).unwrap_or_default(),
            // Rust prints the shortest text that reads back as the same number.
            Self::Number(number) => number.map(|number| number.to_string()).unwrap_or_default(),
            Self::Integer(number) => number.map(|number| number.to_string()).unwrap_or_default(),
        }
    }
}

impl Table {
    /// The table as UTF-8 CSV with a heading row and lines that end in LF.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, csv::Error> {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.name))?;
        for row in &self.rows {
            writer.write_record(row.iter().map(Value::text))?;
        }
        writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }
}

/// Foreign text as spreadsheets may open it: one that they would run as a formula gets an apostrophe in
/// front. The rule: the first character that is no blank is one of `= + - @`, also in full width, or the text
/// starts with a tab or a line break; plain numbers are left alone.
fn guarded(text: &str) -> String {
    let first = text.trim_start().chars().next();
    let runs = first.is_some_and(|c| matches!(c, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || text.starts_with(['\t', '\r', '\n']);
    if runs && text.trim().parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_run_gets_an_apostrophe() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("  @SUM(A1)", "'  @SUM(A1)"),
            ("＝cmd", "'＝cmd"),
            ("\t=x", "'\t=x"),
            ("- a bullet", "'- a bullet"),
            ("-3.5", "-3.5"),
            ("Kenya", "Kenya"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expected);
        }
    }

    #[test]
    fn numbers_keep_full_precision_and_missing_is_empty() {
        assert_eq!(Value::Number(Some(0.1 + 0.2)).text(), "0.30000000000000004");
        assert_eq!(Value::Number(None).text(), "");
    }
}
