//! Tables as CSV: UTF-8, comma, LF, a heading row, numbers in full precision, missing = nothing.

use std::fmt::Write as _;
use std::io::Write;

use super::table::{Definition, Row, Value};
use pipeline::guard::guard;

/// A CSV file that rows are added to.
pub(super) struct Lines<W: Write> {
    writer: csv::Writer<W>,
    /// A cell while it is made.
    cell: String,
}

impl<W: Write> Lines<W> {
    /// Begins a file with its headings.
    pub(super) fn begin(file: W, definition: &Definition) -> Result<Self, csv::Error> {
        let mut writer = csv::Writer::from_writer(file);
        writer.write_record(definition.columns.iter().map(|column| column.name.as_ref()))?;
        Ok(Self { writer, cell: String::new() })
    }

    /// Adds rows.
    pub(super) fn add(&mut self, rows: &[Row<'_>]) -> Result<(), csv::Error> {
        for row in rows {
            for value in row {
                self.cell.clear();
                put(value, &mut self.cell);
                self.writer.write_field(&self.cell)?;
            }
            self.writer.write_record(None::<&[u8]>)?;
        }
        Ok(())
    }

    /// The finished file.
    pub(super) fn finish(self) -> Result<W, csv::Error> {
        self.writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
    }

    /// The file.
    pub(super) fn file(&self) -> &W {
        self.writer.get_ref()
    }
}

/// Adds a value as it stands in a cell. Nothing of this can fail: it is added to a text.
fn put(value: &Value<'_>, cell: &mut String) {
    let _ = match value {
        Value::Text(Some(text)) => {
            guard(text, cell);
            Ok(())
        }
        Value::Integer(Some(number)) => write!(cell, "{number}"),
        // Rust prints the shortest text that reads back as the same number.
        Value::Number(Some(number)) => write!(cell, "{number}"),
        Value::Boolean(Some(boolean)) => write!(cell, "{boolean}"),
        Value::Time(Some(time)) => write!(cell, "{time}"),
        _ => Ok(()),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &Value<'_>) -> String {
        let mut cell = String::new();
        put(value, &mut cell);
        cell
    }

    #[test]
    fn numbers_keep_full_precision_and_missing_is_empty() {
        for number in [0.1 + 0.2, f64::MIN_POSITIVE, f64::MAX, -0.0, 5e-324, 1.0 / 3.0] {
            let back: f64 = text(&Value::number(number)).parse().unwrap();
            assert_eq!(back.to_bits(), number.to_bits());
        }
        assert_eq!(text(&Value::number(0.1 + 0.2)), "0.30000000000000004");
        assert_eq!(text(&Value::Number(None)), "");
        assert_eq!(text(&Value::text("=1+1")), "'=1+1");
    }
}
