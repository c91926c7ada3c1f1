//! What may be written to a terminal.

/// Stands for a character that cannot be shown.
pub const REPLACEMENT: char = '\u{fffd}';

/// Whether a character does something to a terminal other than to stand there: clears it, colours it, renames it, moves
/// on, or reverses the order in which text is shown. Line breaks and tabs are such characters, too.
pub fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text of several lines without what steers a terminal.
pub fn harmless(text: &str) -> String {
    text.chars().map(|c| if c != '\n' && steers(c) { REPLACEMENT } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_steers_the_terminal() {
        assert_eq!(harmless("a\u{1b}[2Jb\u{7}c\u{9b}31md\u{202e}e\rf\tg"), "a�[2Jb�c�31md�e�f�g");
        assert_eq!(harmless("two\nlines, é, 漢字, العربية"), "two\nlines, é, 漢字, العربية");
    }
}
