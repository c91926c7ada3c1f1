//! Text that others wrote, made safe to show in a cell, and the room that a text needs.

use std::borrow::Cow;

/// The most UTF-16 units that Excel keeps in a cell.
const MOST_UNITS: usize = 32_767;
/// The most line breaks that Excel keeps in a cell.
const MOST_BREAKS: usize = 253;
/// Stands at the end of a text that was cut.
const CUT: &str = " […]";
/// The width of a blank, compared with a digit.
const BLANK: f64 = 0.5;
/// Stands for a character that cannot be shown.
const REPLACEMENT: char = '\u{fffd}';

/// A text as it can stand in a cell: line ends unified, control characters visible, no longer than Excel allows.
pub(crate) fn clean(text: &str) -> Cow<'_, str> {
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    let sound = !text.chars().any(needs_care) && breaks <= MOST_BREAKS;
    if sound && (text.len() <= MOST_UNITS || text.encode_utf16().count() <= MOST_UNITS) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(4 * MOST_UNITS));
    let room = MOST_UNITS - CUT.encode_utf16().count();
    // The end of the last character after which the mark still fits: where the text is cut if it turns out
    // to be too long.
    let mut cut_at = 0;
    let (mut units, mut breaks) = (0, 0);
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let shown = match c {
            '\r' if characters.peek() == Some(&'\n') => continue,
            '\r' | '\n' if breaks >= MOST_BREAKS => ' ',
            '\r' | '\n' => {
                breaks += 1;
                '\n'
            }
            '\t' => ' ',
            c if needs_care(c) => REPLACEMENT,
            c => c,
        };
        units += shown.len_utf16();
        if units > MOST_UNITS {
            out.truncate(cut_at);
            out.push_str(CUT);
            return Cow::Owned(out);
        }
        out.push(shown);
        if units <= room {
            cut_at = out.len();
        }
    }
    Cow::Owned(out)
}

/// Whether a character is changed by [`clean`]: a control character, a code point that XML does not allow, or
/// a mark that reverses the order in which the text around it is shown.
fn needs_care(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202d}' | '\u{202e}')
}

/// Whether a person who edits the cell would turn the text into a formula.
pub(crate) fn looks_like_formula(text: &str) -> bool {
    text.starts_with(['=', '+', '-', '@'])
}

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
    fn sound_text_is_untouched() {
        for text in ["", "=1+1", "Côte d'Ivoire\nمرحبا", &"x".repeat(MOST_UNITS)] {
            assert!(matches!(clean(text), Cow::Borrowed(same) if same == text));
        }
    }

    #[test]
    fn control_characters_become_visible() {
        assert_eq!(clean("a\u{0}b\u{1b}c\u{9b}d\te\r\nf\rg\u{202e}h\u{ffff}"), "a�b�c�d e\nf\ng�h�");
    }

    #[test]
    fn long_text_is_cut_at_a_whole_character_with_a_mark() {
        for text in ["x".repeat(40_000), "😀".repeat(20_000), "\u{0}".repeat(40_000), "é".repeat(32_768)] {
            let shown = clean(&text);
            let units = shown.encode_utf16().count();
            assert!((MOST_UNITS - 1..=MOST_UNITS).contains(&units), "{units}");
            assert!(shown.ends_with(CUT));
        }
        assert_eq!(clean(&"é".repeat(MOST_UNITS)).chars().count(), MOST_UNITS);
    }

    #[test]
    fn too_many_line_breaks_become_blanks() {
        let shown = clean(&"a\n".repeat(300)).into_owned();
        assert_eq!(shown.matches('\n').count(), MOST_BREAKS);
        assert_eq!(shown.matches("a ").count(), 300 - MOST_BREAKS);
    }

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
