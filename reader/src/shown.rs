//! What a number format shows a number as: spreadsheets say in their formats alone that one is a date, or in percent.

/// What a number is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    Number,
    /// A hundred times the number, with a percent sign.
    Percent,
    /// A date, a time of day, or both.
    Date,
    /// Hours, minutes or seconds that have passed.
    Duration,
}

/// The formats that every program knows by number (ECMA-376 part 1, 18.8.30), those of East Asia included.
pub(crate) fn built_in(id: u32) -> Shown {
    match id {
        9 | 10 => Shown::Percent,
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Date,
        46 => Shown::Duration,
        _ => Shown::Number,
    }
}

/// What a format code shows a positive number as: its first section counts, without literal characters.
pub(crate) fn of_code(code: &str) -> Shown {
    let mut shown = Shown::Number;
    let mut rest = code.chars();
    while let Some(character) = rest.next() {
        match character {
            // The next character is a literal, a width or a filler.
            '\\' | '_' | '*' => drop(rest.next()),
            '"' => drop(rest.by_ref().find(|closing| *closing == '"')),
            '[' => {
                let inside: String = rest.by_ref().take_while(|closing| *closing != ']').collect();
                let mut letters = inside.chars().map(|letter| letter.to_ascii_lowercase());
                if let Some(unit @ ('h' | 'm' | 's')) = letters.next()
                    && letters.all(|letter| letter == unit)
                {
                    return Shown::Duration;
                }
            }
            ';' => break,
            '%' => shown = Shown::Percent,
            'd' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S' => return Shown::Date,
            'a' | 'A' => {
                let after = rest.as_str().get(..2).unwrap_or_default();
                if after.eq_ignore_ascii_case("m/") || after.eq_ignore_ascii_case("/p") {
                    return Shown::Date;
                }
            }
            _ => {}
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_apart_without_their_literal_characters() {
        for (code, shown) in [
            ("General", Shown::Number),
            ("0.00", Shown::Number),
            ("#,##0_);[Red](#,##0)", Shown::Number),
            ("\"days\" 0", Shown::Number),
            ("0\\d", Shown::Number),
            ("0;yyyy", Shown::Number),
            ("[$-409]#,##0.00", Shown::Number),
            ("0%", Shown::Percent),
            ("0.0\\ %;[Red]-0.0\\ %", Shown::Percent),
            ("0\"%\"", Shown::Number),
            ("0\\%", Shown::Number),
            ("0;0%", Shown::Number),
            ("[Magenta]0", Shown::Number),
            ("yyyy-mm-dd", Shown::Date),
            ("[$-F800]dddd\\,\\ mmmm\\ dd", Shown::Date),
            ("H:MM", Shown::Date),
            ("AM/PM", Shown::Date),
            ("A/P", Shown::Date),
            ("[h]:mm:ss", Shown::Duration),
            ("[Blue][MM]", Shown::Duration),
        ] {
            assert_eq!(of_code(code), shown, "{code}");
        }
    }
}
