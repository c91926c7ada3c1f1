//! Numbers and shares as people read them. What is stored and computed with is never rounded.

use crate::language::Language;

/// Digits that count: arithmetic in binary is exact to 15, and what was added up may have lost some of them.
const DIGITS: usize = 12;

/// A number without the last digits that arithmetic leaves behind: `0.3` for `0.1 + 0.2`.
pub fn number(number: f64) -> String {
    let rounded = format!("{number:.*e}", DIGITS - 1).parse::<f64>().unwrap_or(number);
    // A rounded nothing has no sign.
    if rounded == 0.0 { "0".to_owned() } else { rounded.to_string() }
}

/// Two numbers beside each other. Where they would read the same and are not, each keeps all its digits.
pub fn pair(one: f64, other: f64) -> (String, String) {
    let shown = (number(one), number(other));
    if shown.0 == shown.1 && one.to_string() != other.to_string() {
        return (one.to_string(), other.to_string());
    }
    shown
}

/// A share in percent with up to `decimals` decimals, without the sign. Only all reads `100` and only nothing reads `0`:
/// what rounds to them and is not reads `>99`, `<1`, and with one decimal `>99.9`, `<0.1`.
pub fn percent(share: f64, decimals: usize) -> String {
    let step = 10_f64.powi(-i32::try_from(decimals).unwrap_or_default());
    let text = format!("{:.decimals$}", share * 100.0);
    let rounded = text.parse::<f64>().unwrap_or_default();
    // Shares are quotients and sums: what misses the end in the last digits is there.
    let is = |end: f64| (share - end).abs() < 1e-12;
    if rounded >= 100.0 && share < 1.0 && !is(1.0) {
        return format!(">{:.decimals$}", 100.0 - step);
    }
    if rounded <= 0.0 && share > 0.0 && !is(0.0) {
        return format!("<{step:.decimals$}");
    }
    let text = if rounded == 0.0 { text.trim_start_matches('-').to_owned() } else { text };
    if text.contains('.') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// A change or difference to `decimals` decimals, which its sign begins. What reads as nothing went neither up nor down.
pub fn signed(change: f64, decimals: usize) -> String {
    let text = format!("{change:+.decimals$}");
    if text.parse() == Ok(0.0) { text[1..].to_owned() } else { text }
}

/// A number that was written with a decimal point, with the separator of a language.
pub fn separated(number: &str, language: &Language) -> String {
    if matches!(language.tag(), "fr" | "es") { number.replace('.', ",") } else { number.to_owned() }
}

/// What stands between a name and what is said of it: in French, no line ends before the colon.
pub fn colon(language: &Language) -> &'static str {
    if language.tag() == "fr" { "\u{a0}: " } else { ": " }
}

/// A text that somebody wrote, as a sentence: with a full stop, unless it ends with a mark of its own.
pub fn sentence(text: &str) -> String {
    let text = text.trim_end();
    let last = text.chars().next_back();
    // Scripts without blanks have a full stop of their own.
    let is_open = last.is_some_and(|c| (c.is_alphanumeric() && c < '\u{2e80}') || matches!(c, ')' | '%'));
    if is_open { format!("{text}.") } else { text.to_owned() }
}

/// An address, or the name of a file that is known by one, as people read it: with the signs for which `%` and two digits stand.
/// Other names stay as they are, and so does one that is no text then.
pub fn decoded(name: &str) -> String {
    // An address has no other signs than these: in the name of an attachment, "%" is one of a person.
    if !name.contains('%') || !name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return name.to_owned();
    }
    let mut plain = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let triple = (*first == b'%').then(|| after.split_at_checked(2)).flatten();
        let value = triple.and_then(|(digits, after)| Some((byte(digits)?, after)));
        let (byte, after) = value.unwrap_or((*first, after));
        plain.push(byte);
        rest = after;
    }
    match String::from_utf8(plain) {
        Ok(plain) if !plain.chars().any(char::is_control) => plain,
        _ => name.to_owned(),
    }
}

/// The byte that two hexadecimal digits name.
fn byte(digits: &[u8]) -> Option<u8> {
    let digit = |digit: &u8| char::from(*digit).to_digit(16);
    let [high, low] = digits else { return None };
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_lose_what_arithmetic_left_and_keep_what_tells_them_apart() {
        assert_eq!(
            [0.1 + 0.2, 184.666, -0.0, 1e-15, 12.0, -2.5].map(number),
            ["0.3", "184.666", "0", "0.000000000000001", "12", "-2.5"]
        );
        assert_eq!(number(123_456_789_012_345.0), "123456789012000");
        let text = |one: &str, other: &str| (one.to_owned(), other.to_owned());
        assert_eq!(pair(0.1 + 0.2, 0.5), text("0.3", "0.5"));
        assert_eq!(pair(0.3, 0.3), text("0.3", "0.3"));
        assert_eq!(pair(0.3, 0.1 + 0.2), text("0.3", "0.30000000000000004"));
    }

    #[test]
    fn only_all_is_a_hundred_percent_and_only_nothing_is_none() {
        let whole = |share| percent(share, 0);
        assert_eq!([1.0, 0.9997, 0.994, 0.5, 0.003, 0.0].map(whole), ["100", ">99", "99", "50", "<1", "0"]);
        assert_eq!([1.0 - 1e-15, 1e-16].map(whole), ["100", "0"], "but for the order of a sum");
        let fine = |share| percent(share, 2);
        assert_eq!(
            [1.0, 0.999_999, 0.1, 0.125, 0.000_001].map(fine),
            ["100", ">99.99", "10", "12.5", "<0.01"]
        );
    }

    #[test]
    fn what_reads_as_nothing_went_neither_up_nor_down() {
        let told = [0.25, -0.25, 0.000_04, -0.000_04, -0.000_06, 0.0, -0.0].map(|change| signed(change, 4));
        assert_eq!(told, ["+0.2500", "-0.2500", "0.0000", "0.0000", "-0.0001", "0.0000", "0.0000"]);
    }

    #[test]
    fn what_somebody_wrote_ends_as_a_sentence() {
        let told = ["It moved", "It moved.", "Why?", "Of 2020 (new)", "変わった", ""].map(sentence);
        assert_eq!(told, ["It moved.", "It moved.", "Why?", "Of 2020 (new).", "変わった", ""]);
        assert_eq!(["en", "fr"].map(|tag| colon(&Language::new(tag))), [": ", "\u{a0}: "]);
    }

    #[test]
    fn the_separator_is_that_of_the_language() {
        let said = ["en", "fr", "es"].map(|tag| separated("0.6", &Language::new(tag)));
        assert_eq!(said, ["0.6", "0,6", "0,6"]);
    }

    #[test]
    fn names_of_fetched_files_are_read_as_people_write_them() {
        for (name, expected) in [
            ("files.example/wave/KEN%20%232.xlsx", "files.example/wave/KEN #2.xlsx"),
            ("files.example/C%C3%B4te%20d%27Ivoire.xlsx", "files.example/Côte d'Ivoire.xlsx"),
            ("files.example/100%25.xlsx", "files.example/100%.xlsx"),
            ("files.example/100%.xlsx", "files.example/100%.xlsx"),
            ("files.example/%FF.xlsx", "files.example/%FF.xlsx"),
            ("files.example/%0A.xlsx", "files.example/%0A.xlsx"),
            ("uuid:1/50%20 done.xlsx", "uuid:1/50%20 done.xlsx"),
            ("files.example/KEN.xlsx", "files.example/KEN.xlsx"),
        ] {
            assert_eq!(decoded(name), expected);
        }
    }
}
