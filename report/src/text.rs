//! The room that a text needs.

/// The width of a digit: widths are counted in twentieths of it.
const DIGIT: u32 = 20;
const BLANK: u32 = 10;
/// No character is wider.
const WIDEST: u32 = 36;
/// The widths of the first characters, which are nearly all that there are.
static FIRST: [u32; 128] = first();

/// The lines that a text takes in a column of `width` characters of the default font.
pub(crate) fn lines(text: &str, width: f64) -> u32 {
    // A column is counted in digits of Arial 10, 7 pixels each; a digit of the body font, Arial 9, takes
    // 6.7 pixels, and spreadsheet programs differ by a few percent.
    let room = (width * 1.02).max(1.0) * f64::from(DIGIT);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "the width of a sheet's columns is positive and below 2^32 twentieths of a digit"
    )]
    let room = room as u32;
    let bytes = u32::try_from(text.len()).unwrap_or(u32::MAX);
    if bytes.saturating_mul(WIDEST) <= room && !text.contains('\n') {
        return 1;
    }
    let count = text.split('\n').map(|line| lines_of_paragraph(line, room)).fold(0_u32, u32::saturating_add);
    count.max(1)
}

fn lines_of_paragraph(paragraph: &str, room: u32) -> u32 {
    let (mut lines, mut used, mut length) = (1_u32, 0_u32, 0_u32);
    let mut word_ends = |length: &mut u32| {
        if used > 0 && used.saturating_add(BLANK).saturating_add(*length) > room {
            lines = lines.saturating_add(1);
            used = 0;
        }
        // Links have no blanks: they are broken where the column ends.
        while *length > room {
            lines = lines.saturating_add(1);
            *length -= room;
        }
        used = used.saturating_add(*length).saturating_add(if used > 0 { BLANK } else { 0 });
        *length = 0;
    };
    for c in paragraph.chars() {
        if c == ' ' {
            word_ends(&mut length);
        } else {
            length = length.saturating_add(units(c));
        }
    }
    word_ends(&mut length);
    lines
}

/// The width of a character in Arial.
fn units(c: char) -> u32 {
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
        (None, c) if c.is_uppercase() => 25,
        _ => DIGIT,
    }
}

const fn first() -> [u32; 128] {
    let mut widths = [DIGIT; 128];
    let mut code = 0;
    while code < 128_u8 {
        widths[code as usize] = match code {
            b'i' | b'j' | b'l' | b'f' | b't' | b'I' | b'.' | b',' | b':' | b';' | b'\'' | b'|' | b'!'
            | b'/' => 10,
            b'r' | b'(' | b')' | b'-' | b'"' => 12,
            b'm' | b'w' | b'M' | b'W' | b'%' | b'@' => 32,
            b'A'..=b'Z' => 25,
            _ => DIGIT,
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
