//! Digits of other scripts and widths.

/// What stands for zero in the scripts whose digits people type; the others follow it.
const ZEROS: [char; 13] = [
    '\u{660}', '\u{6f0}', '\u{966}', '\u{9e6}', '\u{a66}', '\u{ae6}', '\u{be6}', '\u{e50}', '\u{ed0}',
    '\u{1040}', '\u{17e0}', '\u{1810}', '\u{ff10}',
];

/// The same character, or 0 to 9 for a digit of another script.
pub fn latin(c: char) -> char {
    if c.is_ascii() {
        return c;
    }
    let value =
        |zero: char| u32::from(c).checked_sub(u32::from(zero)).and_then(|value| char::from_digit(value, 10));
    ZEROS.into_iter().find_map(value).unwrap_or(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_of_other_scripts_are_those_of_ours() {
        for text in ["2022", "٢٠٢٢", "۲۰۲۲", "２０２２", "२०२२", "২০২২", "๒๐๒๒"]
        {
            assert_eq!(text.chars().map(latin).collect::<String>(), "2022", "{text}");
        }
        assert_eq!("é²–x".chars().map(latin).collect::<String>(), "é²–x");
    }
}
