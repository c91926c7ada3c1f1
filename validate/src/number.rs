//! Numbers as people write them. A text that can be read in two ways is a question to its sender, never a guess.

use maturity::digits::latin;

/// What a text says as a number.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Reading {
    /// A number as the program writes it.
    Exact(f64),
    /// A number in another usual form: a decimal comma, a percentage, blanks between thousands.
    Lenient(f64),
    /// Two numbers, depending on who wrote it.
    Ambiguous(f64, f64),
    /// No number.
    None,
}

/// The percent signs of ours and other scripts.
pub(crate) const PERCENT: [char; 3] = ['%', '\u{66a}', '\u{ff05}'];

/// A number as spreadsheet programs show it, who keep more of it than fifteen digits: 7 for the 7.000000000000001 that
/// 0.07 times 100 is.
pub(crate) fn shown(number: f64) -> f64 {
    format!("{number:.14e}").parse().unwrap_or(number)
}

/// Reads a tidied text.
pub(crate) fn read(text: &str) -> Reading {
    let latin = latin_digits(text);
    match separated(&latin) {
        Reading::Exact(number) if latin != text => Reading::Lenient(number),
        reading => reading,
    }
}

/// The same with digits of other scripts and widths as 0 to 9, and the signs beside them as ours. The Arabic mark
/// between thousands is nothing else, as an apostrophe is.
fn latin_digits(text: &str) -> String {
    let latin = |c: char| match c {
        '\u{2212}' => '-',
        '\u{66b}' | '\u{ff0c}' => ',',
        '\u{ff0e}' => '.',
        '\u{66c}' => '\'',
        _ if PERCENT.contains(&c) => '%',
        _ => latin(c),
    };
    text.chars().map(latin).collect()
}

fn separated(text: &str) -> Reading {
    if let Some(percent) = text.strip_suffix('%') {
        return match separated(percent.trim_end()) {
            Reading::Exact(number) | Reading::Lenient(number) => Reading::Lenient(number / 100.0),
            Reading::Ambiguous(one, other) => Reading::Ambiguous(one / 100.0, other / 100.0),
            Reading::None => Reading::None,
        };
    }
    let (sign, unsigned) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let marks: Vec<char> = unsigned.chars().filter(|c| !c.is_ascii_digit()).collect();
    let parse = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let signed = |number: Option<f64>| number.map_or(Reading::None, |number| Reading::Lenient(sign * number));
    match marks.as_slice() {
        [mark @ (',' | '.')] => {
            let Some((whole, fraction)) = unsigned.split_once(*mark) else { return Reading::None };
            if grouped(unsigned, *mark) {
                let thousands = parse(&format!("{whole}{fraction}"));
                return match thousands.zip(parse(&format!("{whole}.{fraction}"))) {
                    Some((thousands, decimal)) => Reading::Ambiguous(sign * thousands, sign * decimal),
                    None => Reading::None,
                };
            }
            if *mark == ',' && digits(whole) && digits(fraction) {
                return signed(parse(&format!("{whole}.{fraction}")));
            }
            plain(text).map_or(Reading::None, Reading::Exact)
        }
        // One kind of mark between groups of three digits: more than one comma, or any blank or apostrophe.
        [mark @ (',' | '.' | ' ' | '\'' | '\u{2019}'), rest @ ..]
            if rest.iter().all(|other| other == mark) =>
        {
            if grouped(unsigned, *mark) {
                signed(parse(&unsigned.replace(*mark, "")))
            } else {
                Reading::None
            }
        }
        // Two kinds: the last mark is the decimal one.
        [mark @ (',' | '.' | ' ' | '\'' | '\u{2019}'), rest @ .., decimal @ (',' | '.')]
            if decimal != mark && rest.iter().all(|other| other == mark) =>
        {
            match unsigned.split_once(*decimal) {
                Some((whole, fraction)) if grouped(whole, *mark) && digits(fraction) => {
                    signed(parse(&format!("{}.{fraction}", whole.replace(*mark, ""))))
                }
                _ => Reading::None,
            }
        }
        _ => plain(text).map_or(Reading::None, Reading::Exact),
    }
}

/// Whether a text is digits in groups of three, the first of one to three, with `mark` between them. Nobody begins them
/// with a zero: `0.123.456` has a mark too many.
fn grouped(text: &str, mark: char) -> bool {
    let mut groups = text.split(mark);
    let first =
        groups.next().is_some_and(|group| digits(group) && group.len() <= 3 && !group.starts_with('0'));
    first && groups.all(|group| digits(group) && group.len() == 3)
}

fn digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number with an optional sign, decimal point and exponent. Rust's own parser also takes words such as
/// "inf" and "nan", which are no answers.
fn plain(text: &str) -> Option<f64> {
    let allowed = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'e' | b'E');
    if !text.bytes().all(allowed) || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_they_are_shown() {
        for (number, seen) in [
            (7.000_000_000_000_001, 7.0),
            (1.999_999_999_999_999_8, 2.0),
            (2016.0, 2016.0),
            (0.1, 0.1),
            (-3.0, -3.0),
            (0.0, 0.0),
            (1.000_000_000_01, 1.000_000_000_01),
        ] {
            assert_eq!(shown(number).to_string(), seen.to_string());
        }
    }

    #[test]
    fn reads_what_is_clear_asks_about_what_is_not() {
        for (text, expected) in [
            ("2016", Reading::Exact(2016.0)),
            ("0.60370000000000001", Reading::Exact(0.6037)),
            ("5.2035127272014627E-2", Reading::Exact(0.052_035_127_272_014_63)),
            ("-3", Reading::Exact(-3.0)),
            ("0,5", Reading::Lenient(0.5)),
            ("-12,75", Reading::Lenient(-12.75)),
            ("95%", Reading::Lenient(0.95)),
            ("0,5 %", Reading::Lenient(0.005)),
            ("1 234 567", Reading::Lenient(1_234_567.0)),
            ("0,125", Reading::Lenient(0.125)),
            ("1,234", Reading::Ambiguous(1234.0, 1.234)),
            ("1.234", Reading::Ambiguous(1234.0, 1.234)),
            ("-1.234", Reading::Ambiguous(-1234.0, -1.234)),
            ("0.125", Reading::Exact(0.125)),
            ("12.3456", Reading::Exact(12.3456)),
            ("1234.567", Reading::Exact(1234.567)),
            ("1234,567", Reading::Lenient(1234.567)),
            ("1,234,567", Reading::Lenient(1_234_567.0)),
            ("1.234.567", Reading::Lenient(1_234_567.0)),
            ("1'234", Reading::Lenient(1234.0)),
            ("1.234,5", Reading::Lenient(1234.5)),
            ("1,234.5", Reading::Lenient(1234.5)),
            ("1 234,567", Reading::Lenient(1234.567)),
            ("-1 234,5", Reading::Lenient(-1234.5)),
            ("\u{2212}3", Reading::Lenient(-3.0)),
            ("２０１６", Reading::Lenient(2016.0)),
            ("٢٠١٦", Reading::Lenient(2016.0)),
            ("٠٫٥", Reading::Lenient(0.5)),
            ("١٬٢٣٤٫٥", Reading::Lenient(1234.5)),
            ("٥٠٪", Reading::Lenient(0.5)),
            ("５０％", Reading::Lenient(0.5)),
            ("+5", Reading::Exact(5.0)),
            // Groups of thousands with a zero in front are none.
            ("0.123.456", Reading::None),
            ("01.234.567", Reading::None),
            ("0 123", Reading::None),
            ("0,123.4", Reading::None),
            ("000,5", Reading::Lenient(0.5)),
            ("12,34,567", Reading::None),
            ("1,234.5.6", Reading::None),
            ("2016-03", Reading::None),
            ("-", Reading::None),
            ("1 2345", Reading::None),
            ("12,345%", Reading::Ambiguous(123.45, 0.12345)),
            ("95%+", Reading::None),
            ("inf", Reading::None),
            ("nan", Reading::None),
            ("1e999", Reading::None),
            ("e", Reading::None),
            ("1,2,3", Reading::None),
            ("1 23", Reading::None),
            ("about 3", Reading::None),
            ("", Reading::None),
            ("3/4", Reading::None),
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }
}
