//! Text that others wrote, made safe to show: what a cell, a caption, a message or a footer can hold of it.

use std::borrow::Cow;

/// The most UTF-16 units that Excel keeps in a cell.
pub(crate) const CELL: usize = 32_767;
/// The most line breaks that Excel keeps in a cell.
const MOST_BREAKS: usize = 253;
/// Stands at the end of a text that was cut.
const CUT: &str = " […]";
/// Stands for a character that cannot be shown.
const REPLACEMENT: char = '\u{fffd}';
/// The most UTF-16 units of a title or a name in a chart.
const CAPTION: usize = 255;

/// A text as it can stand in a cell: line ends unified, control characters visible, no longer than Excel allows.
pub fn clean(text: &str) -> Cow<'_, str> {
    // Every byte is looked at, whatever the first ones are: many at a time.
    if text.len() <= CELL && text.bytes().fold(true, |plain, byte| plain & matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let breaks = text.bytes().filter(|byte| *byte == b'\n').count();
    let sound = !text.chars().any(needs_care) && breaks <= MOST_BREAKS;
    if sound && (text.len() <= CELL || text.encode_utf16().count() <= CELL) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(4 * CELL));
    let room = CELL - CUT.encode_utf16().count();
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
        if units > CELL {
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

/// A text as it can stand in a cell, by [`clean`], and as text to the library, which takes what looks like formatted runs
/// of its own (`<r>…</r>`) for such and writes it as XML: a blank before it keeps it text.
pub(super) fn in_cell(text: &str) -> Cow<'_, str> {
    let shown = clean(text);
    if shown.starts_with("<r>") && shown.ends_with("</r>") {
        return Cow::Owned(clean(&format!(" {shown}")).into_owned());
    }
    shown
}

/// A text as a cell shows it: made safe once, to be measured and then written.
#[derive(Debug, Clone)]
pub struct Shown<'t>(Cow<'t, str>);

impl<'t> Shown<'t> {
    /// Makes a text safe to show.
    pub fn of(text: &'t str) -> Self {
        Self(in_cell(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character is changed by [`clean`]: a control character, a code point that XML does not allow, or
/// a mark that reverses the order in which the text around it is shown.
fn needs_care(c: char) -> bool {
    (c.is_control() && c != '\n') || matches!(c, '\u{fffe}' | '\u{ffff}' | '\u{202d}' | '\u{202e}')
}

/// Whether a person who edits the cell would turn the text into a formula. A sign alone, as in tables for "no value",
/// stays text.
pub fn looks_like_formula(text: &str) -> bool {
    text.strip_prefix(['=', '+', '-', '@']).is_some_and(|rest| !rest.is_empty())
}

/// Cuts a text to at most `most` UTF-16 units, as Excel counts them, at the end of a word.
pub fn shorten(text: &str, most: usize) -> String {
    let units = |text: &str| text.encode_utf16().count();
    if units(text) <= most {
        return text.to_owned();
    }
    let mut left = most.saturating_sub(1);
    let mut end = 0;
    for (at, c) in text.char_indices() {
        let Some(rest) = left.checked_sub(c.len_utf16()) else { break };
        left = rest;
        end = at + c.len_utf8();
    }
    let kept = text.get(..end).unwrap_or_default();
    // A single long word (a web address) is cut where it is.
    let word = kept.rfind(char::is_whitespace).filter(|at| *at > end / 2).and_then(|at| kept.get(..at));
    format!("{}…", word.unwrap_or(kept).trim_end())
}

/// A text on one line, of at most `most` UTF-16 units.
pub(super) fn line(text: &str, most: usize) -> String {
    shorten(&clean(text).replace('\n', " "), most)
}

/// A text as a title or a name in a chart. There the library takes what begins with `=` for a range of cells.
pub fn caption(text: &str) -> String {
    let shown = line(text, CAPTION);
    if shown.starts_with('=') { shorten(&format!(" {shown}"), CAPTION) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sound_text_is_untouched() {
        for text in ["", "=1+1", "Côte d'Ivoire\nمرحبا", &"x".repeat(CELL)] {
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
            assert!((CELL - 1..=CELL).contains(&units), "{units}");
            assert!(shown.ends_with(CUT));
        }
        assert_eq!(clean(&"é".repeat(CELL)).chars().count(), CELL);
    }

    #[test]
    fn a_character_of_two_units_at_the_edge_is_kept_or_cut_whole() {
        let fits = format!("{}😀", "x".repeat(CELL - 2));
        assert_eq!(clean(&fits), fits);
        let over = format!("{}😀", "x".repeat(CELL - 1));
        assert_eq!(clean(&over), format!("{}{CUT}", "x".repeat(CELL - 4)));
        let cut_inside = format!("{}😀{}", "x".repeat(CELL - 5), "y".repeat(9));
        assert_eq!(clean(&cut_inside), format!("{}{CUT}", "x".repeat(CELL - 5)));
    }

    #[test]
    fn too_many_line_breaks_become_blanks() {
        let shown = clean(&"a\n".repeat(300)).into_owned();
        assert_eq!(shown.matches('\n').count(), MOST_BREAKS);
        assert_eq!(shown.matches("a ").count(), 300 - MOST_BREAKS);
    }

    #[test]
    fn shortens_at_a_word() {
        assert_eq!(shorten("one two three", 13), "one two three");
        assert_eq!(shorten("one two three", 12), "one two…");
        assert_eq!(shorten(&"x".repeat(300), 255).chars().count(), 255);
        assert_eq!(shorten("😀😀😀", 5).encode_utf16().count(), 5);
    }

    #[test]
    fn a_text_that_editing_would_turn_into_a_formula_is_known() {
        for text in ["=1", "+1", "-1", "@a", "- note"] {
            assert!(looks_like_formula(text), "{text}");
        }
        for text in ["", "-", "=", "1-1", " =1", "text"] {
            assert!(!looks_like_formula(text), "{text}");
        }
    }

    #[test]
    fn a_caption_is_one_line_and_never_a_range_of_cells() {
        assert_eq!(caption("=Sheet1!$A$1"), " =Sheet1!$A$1");
        assert_eq!(caption("a\nb\u{1}"), "a b�");
        for (length, kept) in [(255, 255), (256, 255), (40_000, 255)] {
            assert_eq!(caption(&"x".repeat(length)).encode_utf16().count(), kept);
        }
        assert_eq!(caption(&format!("={}", "x".repeat(254))).encode_utf16().count(), 255);
    }
}
