//! Numbers as people write them. A text that can be read in two ways is a question to its sender, never a guess.

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

/// Reads a tidied text.
pub(crate) fn read(text: &str) -> Reading {
    if let Some(number) = plain(text) {
        return Reading::Exact(number);
    }
    if let Some(percent) = text.strip_suffix('%') {
        return match read(percent.trim_end()) {
            Reading::Exact(number) | Reading::Lenient(number) => Reading::Lenient(number / 100.0),
            Reading::Ambiguous(one, other) => Reading::Ambiguous(one / 100.0, other / 100.0),
            Reading::None => Reading::None,
        };
    }
    if let Some((whole, rest)) = text.split_once(' ') {
        let grouped = rest.split(' ').all(|group| group.len() == 3 && digits(group));
        let number =
            (digits(whole) && whole.len() <= 3 && grouped).then(|| text.replace(' ', "").parse().ok());
        return number.flatten().map_or(Reading::None, Reading::Lenient);
    }
    decimal_comma(text)
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

/// `0,5` is a decimal comma; `1,234` may be one, or a separator of thousands.
fn decimal_comma(text: &str) -> Reading {
    let (sign, unsigned) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    let Some((whole, fraction)) = unsigned.split_once(',') else { return Reading::None };
    if !digits(whole) || !digits(fraction) {
        return Reading::None;
    }
    let parse = |text: String| text.parse::<f64>().ok().filter(|number| number.is_finite());
    let Some(decimal) = parse(format!("{whole}.{fraction}")) else { return Reading::None };
    if fraction.len() == 3 && whole.len() <= 3 && !whole.starts_with('0') {
        return match parse(format!("{whole}{fraction}")) {
            Some(thousands) => Reading::Ambiguous(sign * thousands, sign * decimal),
            None => Reading::None,
        };
    }
    Reading::Lenient(sign * decimal)
}

#[cfg(test)]
mod tests {
    use super::*;

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
