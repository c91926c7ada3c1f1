//! Row heights: xlsx has no row height that follows the text, so the wrapping is worked out here.

/// How much room a text needs in a column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Type {
    /// The size in points.
    pub(crate) size: f64,
    /// Whether it is bold.
    pub(crate) bold: bool,
}

impl Type {
    /// Regular type of that size.
    pub(crate) const fn regular(size: f64) -> Self {
        Self { size, bold: false }
    }

    /// Bold type of that size.
    pub(crate) const fn bold(size: f64) -> Self {
        Self { size, bold: true }
    }

    /// The distance from line to line in points.
    pub(crate) fn leading(self) -> f64 {
        self.size * 1.28
    }
}

/// The inner width in points of a column of `characters`: seven pixels a character at 96 pixels an inch.
fn points(characters: f64) -> f64 {
    // Programs differ a little in how they set type; the last word must fit in all of them.
    (characters * 7.0 - 4.0) * 0.75 * 0.96
}

/// The widths of the ASCII characters: most texts hold no others, and every text is measured.
const ASCII: [f64; 128] = {
    let mut widths = [0.0; 128];
    let mut code: u8 = 0;
    while code < 128 {
        widths[code as usize] = width(code as char);
        code += 1;
    }
    widths
};

fn advance(c: char) -> f64 {
    ASCII.get(c as usize).copied().unwrap_or_else(|| width(c))
}

/// The width of a character of Arial in parts of its size.
const fn width(c: char) -> f64 {
    match c {
        'i' | 'j' | 'l' | '\'' | '\u{2019}' => 0.222,
        ' ' | '\u{a0}' | 'f' | 't' | 'I' | '.' | ',' | ':' | ';' | '!' | '/' | '\\' | '|' => 0.278,
        'r' | '-' | '(' | ')' | '"' | '“' | '”' | '*' => 0.36,
        'c' | 'k' | 's' | 'v' | 'x' | 'y' | 'z' | 'J' => 0.5,
        'm' | 'M' => 0.833,
        'w' | 'C' | 'D' | 'H' | 'N' | 'R' | 'U' => 0.722,
        'G' | 'O' | 'Q' => 0.778,
        'W' | '%' | '—' | '…' => 0.95,
        'A' | 'B' | 'E' | 'F' | 'K' | 'L' | 'P' | 'S' | 'T' | 'V' | 'X' | 'Y' | 'Z' | '&' => 0.667,
        '\u{2e80}'..='\u{ffef}' | '\u{1f000}'.. => 1.0,
        c if c.is_ascii() => 0.556,
        _ => 0.6,
    }
}

fn length(text: &str, kind: Type) -> f64 {
    let heavier = if kind.bold { 1.08 } else { 1.0 };
    text.chars().map(advance).sum::<f64>() * kind.size * heavier
}

/// How many lines `text` takes in a column of `characters`.
pub(crate) fn lines(text: &str, kind: Type, characters: f64) -> u32 {
    let room = points(characters).max(1.0);
    text.lines().map(|line| wrapped(line, kind, room)).sum::<u32>().max(1)
}

fn wrapped(line: &str, kind: Type, room: f64) -> u32 {
    let blank = length(" ", kind);
    let mut lines = 1;
    let mut used = 0.0;
    // French keeps its double marks with the word before them: no line ends at such a blank.
    let breaks = |c: char| c.is_whitespace() && !matches!(c, '\u{a0}' | '\u{202f}');
    for word in line.split(breaks).filter(|word| !word.is_empty()) {
        let mut needs = length(word, kind);
        if used > 0.0 && used + blank + needs > room {
            lines += 1;
            used = 0.0;
        }
        // A word wider than the column (a web address) is broken wherever the column ends.
        while needs > room {
            lines += 1;
            needs -= room;
        }
        used += if used > 0.0 { blank + needs } else { needs };
    }
    lines
}

/// The height in points of the lines of `text`.
pub(crate) fn height(text: &str, kind: Type, characters: f64) -> f64 {
    f64::from(lines(text, kind, characters)) * kind.leading()
}

/// A row height with room above and below, within what Excel allows.
pub(crate) fn row(content: f64) -> f64 {
    (content + 5.0).clamp(17.0, 409.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Type = Type::regular(10.0);

    #[test]
    fn counts_lines_as_a_spreadsheet_wraps_them() {
        assert_eq!(lines("", PLAIN, 20.0), 1);
        assert_eq!(lines("short", PLAIN, 20.0), 1);
        assert_eq!(lines("one\ntwo\nthree", PLAIN, 20.0), 3);
        assert_eq!(lines(&"word ".repeat(20), PLAIN, 20.0), 5, "four words a line");
        let doubled = "word word wordword wordword word word";
        assert_eq!(lines(doubled, PLAIN, 20.0), 2);
        assert_eq!(
            lines(&doubled.replace("wordword wordword", "wordword\u{a0}wordword"), PLAIN, 20.0),
            3,
            "kept together"
        );
        assert!(lines(&"x".repeat(200), PLAIN, 20.0) >= 8, "a long word is broken");
        assert!(lines(&"問".repeat(40), PLAIN, 20.0) > lines(&"i".repeat(40), PLAIN, 20.0));
    }

    #[test]
    fn stays_within_what_excel_allows() {
        assert!((row(5000.0) - 409.0).abs() < f64::EPSILON);
        assert!(row(0.0) > 15.0);
    }
}
