//! What a number format shows a number as: spreadsheets say in their formats alone that one is a date, or in percent,
//! and can show a number as anything else.

use std::str::Chars;

use maturity::digits::latin;

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
    /// Something else: a text, other digits, or nothing.
    Masked,
}

/// The formats that every program knows by number (ECMA-376 part 1, 18.8.30), those of East Asia included.
fn built_in(id: u32) -> Shown {
    match id {
        9 | 10 => Shown::Percent,
        14..=22 | 27..=36 | 45 | 47 | 50..=58 => Shown::Date,
        46 => Shown::Duration,
        _ => Shown::Number,
    }
}

/// What numbers are shown as under one number format.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Format(Vec<Section>);

/// The part of a number format that is for some of the numbers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Section {
    /// The numbers that it is for, where it says so itself.
    condition: Option<(Relation, f64)>,
    /// Whether it shows a date or a duration.
    time: Option<Shown>,
    percents: u32,
    place: Place,
    /// Whether its literal characters or a scaling comma make other digits of those of the number.
    altered: bool,
    /// Whether a minus sign stands before the number.
    minus: bool,
    /// Whether it marks a negative number otherwise than by a minus sign.
    marks_negative: bool,
}

/// What a section has for the digits of a number.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
enum Place {
    /// No place.
    #[default]
    Nowhere,
    /// No place, and a dash, which accountants write for zero.
    Dash,
    /// A place that is empty where the number is zero, as `#` leaves it.
    UnlessZero,
    /// A place.
    Always,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Relation {
    Less,
    LessOrEqual,
    Equal,
    Unequal,
    GreaterOrEqual,
    Greater,
}

impl Format {
    /// The format of a code.
    pub(crate) fn of_code(code: &str) -> Self {
        let mut sections = Vec::new();
        let mut rest = code.chars();
        // The fourth section is for texts.
        while sections.len() < 3 {
            let (section, is_of_texts, ended) = section(&mut rest);
            if !is_of_texts || sections.is_empty() {
                sections.push(section);
            }
            if ended {
                break;
            }
        }
        match sections.as_slice() {
            // No code at all shows numbers as they are.
            [_] if code.is_empty() => Self::of(Shown::Number),
            _ => Self(sections),
        }
    }

    /// The format that every program knows by number.
    pub(crate) fn built_in(id: u32) -> Self {
        Self::of(built_in(id))
    }

    fn of(shown: Shown) -> Self {
        let plain = Section { place: Place::Always, ..Section::default() };
        Self(match shown {
            Shown::Number | Shown::Masked => Vec::new(),
            Shown::Percent => vec![Section { percents: 1, ..plain }],
            Shown::Date | Shown::Duration => vec![Section { time: Some(shown), ..plain }],
        })
    }

    /// Whether it shows every number as it is.
    pub(crate) fn is_plain(&self) -> bool {
        self.0.is_empty()
    }

    /// What it shows a number as.
    pub(crate) fn shown(&self, number: f64) -> Shown {
        // Of dates the first section says that they are some, as every program takes it.
        if let Some(time) = self.0.first().and_then(|first| first.time) {
            return time;
        }
        let count = self.0.len();
        let applies = |(at, section): &(usize, &Section)| match section.condition {
            Some((relation, than)) => match relation {
                Relation::Less => number < than,
                Relation::LessOrEqual => number <= than,
                Relation::Equal => is(number, than),
                Relation::Unequal => !is(number, than),
                Relation::GreaterOrEqual => number >= than,
                Relation::Greater => number > than,
            },
            None if at + 1 == count => true,
            None if *at == 0 && count == 2 => number >= 0.0,
            None if *at == 0 => number > 0.0,
            None => number < 0.0,
        };
        match self.0.iter().enumerate().find(applies) {
            Some((at, section)) => section.shown(number, at),
            None if self.0.is_empty() => Shown::Number,
            None => Shown::Masked,
        }
    }
}

impl Section {
    /// What the section, which is the one at `at`, shows a number as.
    fn shown(&self, number: f64, at: usize) -> Shown {
        let (is_zero, is_negative) = (number == 0.0, number < 0.0);
        let is_there = match self.place {
            Place::Dash if is_zero => return Shown::Number,
            Place::Nowhere | Place::Dash => false,
            Place::UnlessZero => !is_zero,
            Place::Always => true,
        };
        // The first section adds the sign of its own accord.
        let sign_is_lost = is_negative && at > 0 && !self.minus && !self.marks_negative;
        if !is_there
            || self.time.is_some()
            || self.altered
            || self.percents > 1
            || !is_negative && self.minus
            || sign_is_lost
        {
            return Shown::Masked;
        }
        if self.percents == 1 { Shown::Percent } else { Shown::Number }
    }
}

/// Whether two numbers are the same one.
fn is(number: f64, other: f64) -> bool {
    number.total_cmp(&other).is_eq()
}

/// Reads one section: what it says, whether it is for texts, and whether it is the last.
fn section(rest: &mut Chars<'_>) -> (Section, bool, bool) {
    let mut found = Section::default();
    let (mut is_of_texts, mut ended) = (false, true);
    // Literal characters since the last place of a digit, and those before the first.
    let (mut literals, mut before) = (String::new(), String::new());
    let (mut fraction, mut comma) = (false, false);
    while let Some(character) = rest.next() {
        if comma && !matches!(character, '0' | '#' | '?' | ',') {
            found.altered = true;
            comma = false;
        }
        match character {
            // The width of the next character.
            '_' => {
                rest.next();
            }
            '\\' | '*' => literals.extend(rest.next()),
            '"' => literals.extend(rest.by_ref().take_while(|closing| *closing != '"')),
            '[' => {
                let inside: String = rest.by_ref().take_while(|closing| *closing != ']').collect();
                if let Some(currency) = inside.strip_prefix('$') {
                    literals.push_str(currency.split('-').next().unwrap_or_default());
                    continue;
                }
                let mut letters = inside.chars().map(|letter| letter.to_ascii_lowercase());
                if let Some(unit @ ('h' | 'm' | 's')) = letters.next()
                    && letters.all(|letter| letter == unit)
                {
                    found.time.get_or_insert(Shown::Duration);
                }
                found.condition = found.condition.or_else(|| condition(&inside));
                found.marks_negative |= inside.chars().all(char::is_alphanumeric);
            }
            ';' => {
                ended = false;
                break;
            }
            '%' => found.percents += 1,
            'd' | 'm' | 'y' | 'h' | 's' | 'D' | 'M' | 'Y' | 'H' | 'S' => {
                found.time.get_or_insert(Shown::Date);
            }
            'a' | 'A' => {
                let after = rest.as_str().get(..2).unwrap_or_default();
                if after.eq_ignore_ascii_case("m/") || after.eq_ignore_ascii_case("/p") {
                    found.time.get_or_insert(Shown::Date);
                }
            }
            '0' | '#' | '?' => {
                comma = false;
                if found.place == Place::Nowhere {
                    before.clone_from(&literals);
                    found.place = Place::UnlessZero;
                } else {
                    // Blanks and apostrophes stand between thousands, and nothing else between digits.
                    found.altered |= !fraction && literals.chars().any(|c| !BETWEEN.contains(&c));
                }
                literals.clear();
                if character == '0' {
                    found.place = Place::Always;
                }
            }
            ',' => comma = found.place != Place::Nowhere && (comma || literals.is_empty()),
            '.' => {}
            '/' if found.place != Place::Nowhere => (fraction, found.place) = (true, Place::Always),
            // Of "General", and of exponents.
            'G' | 'g' if rest.as_str().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("eneral")) => {
                rest.by_ref().take(6).for_each(drop);
                before.clone_from(&literals);
                literals.clear();
                found.place = Place::Always;
            }
            'E' | 'e' if found.place != Place::Nowhere && rest.as_str().starts_with(['+', '-']) => {
                rest.next();
            }
            '@' => (is_of_texts, found.place) = (true, Place::Always),
            '1'..='9' if fraction => {}
            other => literals.push(other),
        }
    }
    found.altered |= comma;
    if found.place == Place::Nowhere {
        before.clone_from(&literals);
        literals.clear();
    }
    // Digits before those of the number, or right behind them, are taken for some of its own.
    let behind = literals.trim_start();
    found.altered |= !fraction && (before.contains(char::is_numeric) || behind.starts_with(char::is_numeric));
    let before = before.trim();
    if found.place != Place::Nowhere {
        found.minus = before.ends_with(['-', '\u{2212}']);
    } else if DASHES.contains(&before) {
        found.place = Place::Dash;
    }
    found.marks_negative |= before.ends_with('(');
    (found, is_of_texts, ended)
}

/// What accountants write for zero.
const DASHES: [&str; 4] = ["-", "\u{2013}", "\u{2014}", "\u{2212}"];

/// What may stand between the digits of a number.
const BETWEEN: [char; 5] = [' ', '\u{a0}', '\u{202f}', '\'', '\u{2019}'];

/// The numbers that a section is for, such as `>=1000`.
fn condition(inside: &str) -> Option<(Relation, f64)> {
    let relations = [
        ("<=", Relation::LessOrEqual),
        (">=", Relation::GreaterOrEqual),
        ("<>", Relation::Unequal),
        ("<", Relation::Less),
        (">", Relation::Greater),
        ("=", Relation::Equal),
    ];
    let (rest, relation) = relations
        .into_iter()
        .find_map(|(sign, relation)| Some((inside.trim().strip_prefix(sign)?, relation)))?;
    Some((relation, rest.trim().parse().ok()?))
}

/// Whether the text that a cell shows is that of its number, rounded or not, grouped or not, with a unit or not. The
/// number is a hundred times the cell's where that is shown in percent.
pub(crate) fn is_shown_by(number: f64, text: &str) -> bool {
    let text = text.trim();
    // A column that is too narrow for its numbers.
    if !text.is_empty() && text.chars().all(|c| c == '#') {
        return true;
    }
    let Some(start) = text.find(|c| latin(c).is_ascii_digit()) else {
        return number == 0.0 && DASHES.contains(&text);
    };
    let (before, from) = text.split_at(start);
    let is_part = |c: char| latin(c).is_ascii_digit() || BETWEEN.contains(&c) || MARKS.contains(&c);
    let end = from.find(|c| !is_part(c)).unwrap_or(from.len());
    let (figure, behind) = from.split_at(end);
    // Fractions and powers of ten are rounded in ways of their own.
    if behind.starts_with(['/', 'E', 'e', '\u{d7}', '\u{2044}']) {
        return true;
    }
    if number > 0.0 && before.trim_end().ends_with(['-', '\u{2212}']) {
        return false;
    }
    let digits: String = figure.chars().map(latin).filter(char::is_ascii_digit).collect();
    let Ok(whole) = digits.parse::<f64>() else { return false };
    // Whether the last mark is that of decimals is for the language of the sender to say, where three digits follow it.
    let behind_mark = figure
        .rsplit_once(MARKS)
        .map_or(0, |(_, behind)| behind.chars().filter(|c| latin(*c).is_ascii_digit()).count());
    let decimals = [Some(behind_mark), (behind_mark == 3).then_some(0)];
    decimals.into_iter().flatten().any(|decimals| {
        let moved = number.abs() * 10_f64.powi(i32::try_from(decimals).unwrap_or(i32::MAX));
        (moved - whole).abs() <= 0.5 + moved * 1e-14
    })
}

/// Marks of decimals and thousands, ours and the Arabic ones.
const MARKS: [char; 4] = [',', '.', '\u{66b}', '\u{66c}'];

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
            assert_eq!(Format::of_code(code).shown(12.0), shown, "{code}");
        }
    }

    #[test]
    fn what_shows_another_number_is_told_from_what_shows_it_with_a_unit() {
        for (code, number, masked) in [
            ("", 2.0, false),
            ("@", 2.0, false),
            ("0\" years\"", 12.0, false),
            ("#\\ ##0", 1234.0, false),
            ("# ##0.00\\ [$KES-441]", 1234.0, false),
            ("\"$\"#,##0.00", 12.0, false),
            ("0\" m2\"", 12.0, false),
            ("General\" km\"", 12.0, false),
            ("# ?/?", 0.5, false),
            ("# ?/16", 0.5, false),
            ("0.00E+00", 12.0, false),
            ("#,##0;[Red]#,##0", -3.0, false),
            ("0;-0;;@", 3.0, false),
            ("_-* #,##0_-;-* #,##0_-;_-* \"-\"_-;_-@_-", 0.0, false),
            ("_-* #,##0_-;-* #,##0_-;_-* \"-\"_-;_-@_-", -4.0, false),
            ("_(* #,##0_);_(* (#,##0);_(* \"-\"??_);_(@_)", -4.0, false),
            ("[<1000]0;[>=1000]#,##0", 1234.0, false),
            ("[>=1000]#,##0;0", 12.0, false),
            (";;;", 2016.0, true),
            (";;", 2016.0, true),
            ("0;-0;;@", 0.0, true),
            ("#,###", 0.0, true),
            ("\"0 - No\"", 2.0, true),
            ("\"1\"0", 2.0, true),
            ("\\10", 2.0, true),
            ("10", 2.0, true),
            ("0\"0\"", 2.0, true),
            ("\"2\"000", 16.0, true),
            ("[=2]\"No, or not known\";;General", 2.0, true),
            ("[=2]\"No, or not known\";;General", 1.0, false),
            ("0,", 12_000.0, true),
            ("0.0,,\" m\"", 12e6, true),
            ("0.0,", 1200.0, true),
            ("#,##0,;-#,##0,", 12e6, true),
            ("-0", 12.0, true),
            ("\"-\"0", 12.0, true),
            ("0;0", -12.0, true),
            ("0\\.0", 12.0, true),
            ("000\\-0000", 5_551_234.0, true),
            ("0%%", 0.5, true),
            ("[<1]0;[>5]0", 3.0, true),
        ] {
            assert_eq!(Format::of_code(code).shown(number) == Shown::Masked, masked, "{code}");
        }
    }

    #[test]
    fn the_text_of_a_cell_is_compared_with_its_number() {
        for (number, text, same) in [
            (2016.0, "2016", true),
            (2016.0, "2,016.00", true),
            (2016.0, "2 016 km", true),
            (0.6037, "0,60", true),
            (0.125, "0.13", true),
            (0.125, "0,125", true),
            (123_456.0, "1,23,456", true),
            (57.0, "5,7", false),
            (57.0, "0.57", false),
            (0.5, "1", true),
            (12.0, "KES 12.00", true),
            (12.0, "12 m2", true),
            (2022.0, "٢٠٢٢", true),
            (-3.0, "(3)", true),
            (0.0, "-", true),
            (0.5, "1/2", true),
            (1200.0, "1.2E+03", true),
            (1200.0, "###", true),
            (2016.0, "", false),
            (2.0, "0 - No", false),
            (2.0, "No, or not known", false),
            (2.0, "12", false),
            (16.0, "2016", false),
            (12e6, "12", false),
            (2.0, "-2", false),
            (0.0, "", false),
        ] {
            assert_eq!(is_shown_by(number, text), same, "{number} {text}");
        }
    }
}
