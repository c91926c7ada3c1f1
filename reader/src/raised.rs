//! Raised and lowered digits: as marks of footnotes they are none of the number that they stand behind.

/// What a character is written as where it stands raised or lowered.
pub(crate) type Sign = fn(char) -> char;

/// A raised digit; other characters stay what they are.
pub(crate) fn superscript(c: char) -> char {
    match c {
        '1' => '\u{b9}',
        '2' => '\u{b2}',
        '3' => '\u{b3}',
        _ => moved(c, '\u{2070}'),
    }
}

/// A lowered digit; other characters stay what they are.
pub(crate) fn subscript(c: char) -> char {
    moved(c, '\u{2080}')
}

/// The digit in the block of digits that begins with `zero`.
fn moved(c: char, zero: char) -> char {
    c.to_digit(10).and_then(|digit| char::from_u32(u32::from(zero) + digit)).unwrap_or(c)
}

/// A text that is put together of pieces, some of which stand raised or lowered.
#[derive(Default)]
pub(crate) struct Line {
    /// Whether something stands on the line: a cell that is raised as a whole is no footnote.
    begun: bool,
}

impl Line {
    /// Notes that what stands in `text` from the byte `from` on is the next piece, and writes its digits as what they are with
    /// its sign.
    pub(crate) fn add(&mut self, text: &mut String, from: usize, sign: Option<Sign>) {
        match sign {
            Some(sign) if self.begun => {
                let small: String = text.split_off(from).chars().map(sign).collect();
                text.push_str(&small);
            }
            Some(_) => {}
            None => self.begun = self.begun || text.get(from..).is_some_and(|piece| !piece.trim().is_empty()),
        }
    }
}

/// A run of a text: the position of its first character, in units of UTF-16, and whether it stands raised or lowered.
pub(crate) type Run = (usize, Option<Sign>);

/// The text of these runs, of which each goes on to the next one.
pub(crate) fn of_runs(text: &str, runs: &[Run]) -> String {
    let (mut written, mut line) = (String::with_capacity(text.len()), Line::default());
    let mut runs = runs.iter().peekable();
    let (mut at, mut from, mut sign) = (0, 0, None);
    for c in text.chars() {
        while let Some((_, next)) = runs.next_if(|(start, _)| *start <= at) {
            line.add(&mut written, from, sign);
            (from, sign) = (written.len(), *next);
        }
        written.push(c);
        at += c.len_utf16();
    }
    line.add(&mut written, from, sign);
    written
}

/// Whether two texts are the same one, wherever their digits stand.
pub(crate) fn is_same(text: &str, other: &str) -> bool {
    text.chars().map(on_the_line).eq(other.chars().map(on_the_line))
}

/// A raised or lowered digit as the digit that it is; other characters stay what they are.
fn on_the_line(c: char) -> char {
    ('0'..='9').find(|digit| superscript(*digit) == c || subscript(*digit) == c).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_raised_and_lowered_and_nothing_else_is() {
        let text = "0123456789th";
        let (above, below): (String, String) =
            (text.chars().map(superscript).collect(), text.chars().map(subscript).collect());
        assert_eq!((above.as_str(), below.as_str()), ("⁰¹²³⁴⁵⁶⁷⁸⁹th", "₀₁₂₃₄₅₆₇₈₉th"));
        assert!(is_same(text, &above) && is_same(&above, &below));
        assert!(!is_same("2022", "2022\u{b9}"));
    }
}
