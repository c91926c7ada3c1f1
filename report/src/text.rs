//! The room that a text needs.

/// The width of a blank, compared with a digit.
const BLANK: f64 = 0.5;
/// No character is wider than so many digits.
const WIDEST: f64 = 1.8;
/// The widths of the first characters, which are nearly all that there are.
static FIRST: [f64; 128] = first();

/// The lines that a text takes in a column of `width` characters of the default font.
pub(crate) fn lines(text: &str, width: f64) -> u32 {
    // A column is counted in digits of Arial 10, 7 pixels each; a digit of the body font, Arial 9, takes
    // 6.7 pixels, and spreadsheet programs differ by a few percent.
    let room = (width * 1.02).max(1.0);
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if f64::from(bytes) * WIDEST <= room && !text.contains('\n') {
        return 1;
    }
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
    let known = usize::try_from(u32::from(c)).ok().and_then(|code| FIRST.get(code));
    match (known, c) {
        (Some(width), _) => *width,
        (
            None,
            '\u{1100}'..='\u{11ff}'
            | '\u{2e80}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{ff00}'..='\u{ff60}',
        ) => WIDEST,
        (None, c) if c.is_uppercase() => 1.25,
        _ => 1.0,
    }
}

const fn first() -> [f64; 128] {
    let mut widths = [1.0; 128];
    let mut code = 0;
    while code < 128_u8 {
        widths[code as usize] = match code {
            b'i' | b'j' | b'l' | b'f' | b't' | b'I' | b'.' | b',' | b':' | b';' | b'\'' | b'|' | b'!'
            | b'/' => 0.5,
            b'r' | b'(' | b')' | b'-' | b'"' => 0.6,
            b'm' | b'w' | b'M' | b'W' | b'%' | b'@' => 1.6,
            b'A'..=b'Z' => 1.25,
            _ => 1.0,
        };
        code += 1;
    }
    widths
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
