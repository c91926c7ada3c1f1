//! The room that a text needs.

/// The width of a blank, compared with a digit.
const BLANK: f64 = 0.5;
/// The lines that a text takes in a column of `width` characters of the default font.
pub(crate) fn lines(text: &str, width: f64) -> u32 {
    // A column is counted in digits of Arial 10, 7 pixels each; a digit of the body font, Arial 9, takes
    // 6.7 pixels, and spreadsheet programs differ by a few percent.
    let room = (width * 1.02).max(1.0);
    let count = text.split('\n').map(|line| lines_of_paragraph(line, room)).fold(0_u32, u32::saturating_add);
    count.max(1)
}

fn lines_of_paragraph(paragraph: &str, room: f64) -> u32 {
    let (mut lines, mut used) = (1_u32, 0.0);
    for word in paragraph.split(' ') {
        let mut length: f64 = word.chars().map(units).sum();
        if used > 0.0 && used + BLANK + length > room {
            lines = lines.saturating_add(1);
            used = 0.0;
        }
        // Links have no blanks: they are broken where the column ends.
        while length > room {
            lines = lines.saturating_add(1);
            length -= room;
        }
        used += length + if used > 0.0 { BLANK } else { 0.0 };
    }
    lines
}

/// The width of a character in Arial, compared with a digit.
fn units(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | 'f' | 't' | 'I' | '.' | ',' | ':' | ';' | '\'' | '|' | '!' | '/' => 0.5,
        'r' | '(' | ')' | '-' | '"' => 0.6,
        'm' | 'w' | 'M' | 'W' | '%' | '@' => 1.6,
        '\u{1100}'..='\u{11ff}'
        | '\u{2e80}'..='\u{9fff}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{ff00}'..='\u{ff60}' => 1.8,
        c if c.is_uppercase() => 1.25,
        _ => 1.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines() {
        assert_eq!(lines("", 10.0), 1);
        assert_eq!(lines("short", 10.0), 1);
        assert_eq!(lines("one two three four", 10.0), 2);
        assert_eq!(lines("a\nb\nc", 10.0), 3);
        assert_eq!(lines(&"x".repeat(100), 10.0), 10);
        assert_eq!(lines("政府雲端平台政府", 10.0), 2);
    }
}
