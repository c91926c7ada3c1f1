//! Tables as CSV: UTF-8, comma, LF, a heading row, numbers in full precision, missing = nothing.

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

/// Text as spreadsheets may open it: one that they would run as a formula gets an apostrophe in front.
///
/// The rule: the first character that is neither blank nor invisible is one of `= + - @`, also in full width
/// or small form, or a tab, a line break or NUL; plain numbers are left alone.
fn guarded(text: &str) -> String {
    let skipped = |c: &char| (c.is_whitespace() && !c.is_control()) || is_invisible(*c);
    let runs = text.chars().find(|c| !skipped(c)).is_some_and(|c| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0')
            || matches!(c, '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
    });
    if runs && !is_plain_number(text) { format!("'{text}") } else { text.to_owned() }
}

/// Marks that show nothing: zero-width blanks, direction marks, the byte order mark.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Sign, digits, point and exponent only: not the words that also read as floating-point values.
fn is_plain_number(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E'))
        && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_a_spreadsheet_would_run_gets_an_apostrophe() {
        for (text, expected) in [
            ("=1+1", "'=1+1"),
            ("  @SUM(A1)", "'  @SUM(A1)"),
            ("\u{a0}=x", "'\u{a0}=x"),
            ("\u{feff}=x", "'\u{feff}=x"),
            ("\u{200e}=x", "'\u{200e}=x"),
            ("＝cmd", "'＝cmd"),
            ("\t=x", "'\t=x"),
            (" \ttext", "' \ttext"),
            ("\rtext", "'\rtext"),
            ("\0text", "'\0text"),
            ("- a bullet", "'- a bullet"),
            ("-inf", "'-inf"),
            ("-1-1", "'-1-1"),
            ("-3.5", "-3.5"),
            ("+1e5", "+1e5"),
            ("Kenya", "Kenya"),
            ("a=b", "a=b"),
            ("'=1", "'=1"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expected, "{text:?}");
        }
    }

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
