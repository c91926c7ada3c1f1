//! Footers: 255 characters for all three parts with their codes, and `&` starts a code.

use super::text::line;

/// The most UTF-16 units of a footer.
const MOST: usize = 255;
/// No text in a footer is longer: the parts would run into each other.
const TEXT: usize = 100;

/// A part of a footer.
#[derive(Debug, Clone, Copy)]
pub enum Side<'a> {
    /// Nothing.
    Empty,
    /// A text of any origin.
    Text(&'a str),
    /// A text of our own with codes, such as `&P` for the number of the page.
    Codes(&'a str),
}

/// The footer with these parts at the left, in the middle and at the right. Texts are cut so that all fits.
pub(super) fn footer(parts: [Side<'_>; 3]) -> String {
    let mut texts = 0;
    let mut taken = 0;
    for (part, start) in parts.iter().zip(STARTS) {
        match part {
            Side::Empty => continue,
            Side::Text(_) => texts += 1,
            Side::Codes(codes) => taken += codes.encode_utf16().count(),
        }
        taken += start.len();
    }
    let room = MOST.saturating_sub(taken) / texts.max(1);
    let mut all = String::new();
    for (part, start) in parts.iter().zip(STARTS) {
        let shown = match part {
            Side::Empty => continue,
            Side::Text(text) => escaped(text, room),
            Side::Codes(codes) => (*codes).to_owned(),
        };
        all.push_str(start);
        all.push_str(&shown);
    }
    all
}

/// Where each part stands, and its size; a blank keeps a text that starts with a digit apart from the size.
const STARTS: [&str; 3] = ["&L&8 ", "&C&8 ", "&R&8 "];

/// A text in which `&` stands for itself, in at most `room` units.
fn escaped(text: &str, room: usize) -> String {
    let fits = |most: usize| {
        let shown = line(text, most).replace('&', "&&");
        (shown.encode_utf16().count() <= room).then_some(shown)
    };
    (1..=TEXT.min(room)).rev().find_map(fits).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_footer_never_exceeds_255_units_and_shows_what_is_written() {
        for text in
            ["Kenya", "R&D & more", &"x".repeat(101), &"&".repeat(300), &"😀&".repeat(300), "a\u{1}\nb"]
        {
            let parts = [Side::Text(text), Side::Codes("Page &P of &N"), Side::Text(text)];
            let footer = footer(parts);
            assert!(footer.encode_utf16().count() <= MOST, "{footer}");
            assert!(footer.contains("&C&8 Page &P of &N&R&8 "), "{footer}");
            assert!(!footer.contains(char::is_control), "{footer:?}");
        }
        let plain = footer([Side::Text("R&D"), Side::Empty, Side::Codes("&P / &N")]);
        assert_eq!(plain, "&L&8 R&&D&R&8 &P / &N");
        let whole = footer([Side::Text(&"x".repeat(100)), Side::Empty, Side::Empty]);
        assert_eq!(whole.len(), 105);
        let cut = footer([Side::Text(&"x".repeat(101)), Side::Empty, Side::Empty]);
        assert!(cut.ends_with("x…"), "{cut}");
    }
}
