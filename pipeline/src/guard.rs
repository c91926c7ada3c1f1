//! Text in CSV files that people open in a spreadsheet program.
//!
//! A text that the program would run as a formula gets an apostrophe in front. The rule: apostrophes at the start set
//! aside, the first character that is neither blank nor invisible is one of `= + - @`, also in full width or small
//! form, or a tab, a line break or NUL; plain numbers are left alone. The same rule takes the apostrophe off again, so
//! nothing is lost: a text that had one of its own has two in the file.

/// Adds a text to a cell as it stands in such a file.
pub fn guard(text: &str, cell: &mut String) {
    if is_risky(text) {
        cell.push('\'');
    }
    cell.push_str(text);
}

/// The text that stands in a cell after [`guard`].
pub fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|_| is_risky(text)).unwrap_or(text)
}

/// Whether a spreadsheet program would run the text, or one that differs by apostrophes in front.
fn is_risky(text: &str) -> bool {
    let text = text.trim_start_matches('\'');
    let skipped = |c: &char| (c.is_whitespace() && !c.is_control()) || is_invisible(*c);
    let runs = text.chars().find(|c| !skipped(c)).is_some_and(|c| {
        matches!(c, '=' | '+' | '-' | '@' | '\t' | '\r' | '\n' | '\0')
            || matches!(c, '＝' | '＋' | '－' | '＠' | '﹦' | '﹢' | '﹣' | '﹫')
    });
    runs && !is_plain_number(text)
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

    fn guarded(text: &str) -> String {
        let mut cell = String::new();
        guard(text, &mut cell);
        cell
    }

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
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
            ("'-3.5", "'-3.5"),
            ("'Kenya", "'Kenya"),
            ("", ""),
        ] {
            assert_eq!(guarded(text), expected, "{text:?}");
            assert_eq!(unguarded(expected), text, "{expected:?}");
        }
    }

    #[test]
    fn every_short_text_of_risky_characters_comes_back() {
        let alphabet = ['\'', '=', '-', '1', ' ', '\t', 'a', '＝'];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            let longer: Vec<String> =
                texts.iter().flat_map(|text| alphabet.map(|c| format!("{text}{c}"))).collect();
            texts.extend(longer);
        }
        for text in texts {
            let file = guarded(&text);
            assert_eq!(unguarded(&file), text, "{file:?}");
            assert!(file == text || file.starts_with('\''), "{file:?}");
        }
    }
}
