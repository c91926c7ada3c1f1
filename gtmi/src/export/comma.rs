//! Tables as CSV: UTF-8, comma, LF, a heading row, numbers in full precision, missing = nothing.

use super::guard::guarded;
use super::table::{Table, Value};

/// The table as CSV.
pub(super) fn bytes(table: &Table) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.definition.columns.iter().map(|column| column.name.as_ref()))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(text))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

fn text(value: &Value) -> String {
    let shown = match value {
        Value::Text(text) => text.as_deref().map(guarded),
        Value::Integer(number) => number.map(|number| number.to_string()),
        // Rust prints the shortest text that reads back as the same number.
        Value::Number(number) => number.map(|number| number.to_string()),
        Value::Boolean(boolean) => boolean.map(|boolean| boolean.to_string()),
        Value::Time(time) => time.map(|time| time.to_string()),
    };
    shown.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_full_precision_and_missing_is_empty() {
        for number in [0.1 + 0.2, f64::MIN_POSITIVE, f64::MAX, -0.0, 5e-324, 1.0 / 3.0] {
            let back: f64 = text(&Value::number(number)).parse().unwrap();
            assert_eq!(back.to_bits(), number.to_bits());
        }
        assert_eq!(text(&Value::number(0.1 + 0.2)), "0.30000000000000004");
        assert_eq!(text(&Value::Number(None)), "");
    }
}
