//! Years as people write them: alone, or inside a date of which only the year is asked.

use maturity::normalize::matching_key;

/// What a text or a date says as a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Year {
    /// One year, whoever reads it.
    Clear(u16),
    /// Two years, depending on who wrote it.
    Ambiguous(u16, u16),
    /// No year.
    None,
}

/// Years that a number formatted as a date by mistake may stand for.
const PLAUSIBLE: std::ops::RangeInclusive<i64> = 1900..=2100;

/// The year in a date cell (`2016-03-01`, with or without a time).
///
/// A number typed into a cell that is formatted as a date is stored as that many days: 2016 becomes 8 July 1905,
/// or 9 July 1909 in workbooks that count from 1904. Such a date is a question to its sender.
pub(crate) fn of_date(iso: &str) -> Year {
    let day = iso.split('T').next().unwrap_or_default();
    let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
    let (Some(Some(year)), Some(Some(month)), Some(Some(date)), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Year::None;
    };
    let Some(said) = u16::try_from(year).ok().filter(|year| (1000..=9999).contains(year)) else {
        return Year::None;
    };
    let serial = days(year, month, date);
    // 1,462 days lie between the beginnings of the two ways of counting.
    // Spreadsheets know a 29 February 1900. A date of that year is a small number in a cell formatted as a date.
    let early = Some(if (month, date) < (3, 1) { serial - 1 } else { serial }).filter(|_| year <= 1900);
    let number = [serial, serial - 1462].into_iter().find(|number| PLAUSIBLE.contains(number));
    let number = number.or(early.filter(|number| *number >= 0));
    match number.and_then(|number| u16::try_from(number).ok()) {
        Some(number) => Year::Ambiguous(number, said),
        None => Year::Clear(said),
    }
}

/// Days as spreadsheets count them since the end of 1899, after February 1900.
fn days(year: i64, month: i64, date: i64) -> i64 {
    // Years begin in March here, so that the leap day is the last day of a year.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 693,899 days lie between 1 March of the year 0 and 30 December 1899, from which spreadsheets count.
    year * 365 + leap_days + (153 * month + 2) / 5 + date - 1 - 693_899
}

/// The months in English, French and Spanish, without accents. People shorten them to three letters or more.
const MONTHS: [&str; 36] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "janvier",
    "fevrier",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "aout",
    "septembre",
    "octobre",
    "novembre",
    "decembre",
    "enero",
    "febrero",
    "marzo",
    "abril",
    "mayo",
    "junio",
    "julio",
    "agosto",
    "septiembre",
    "octubre",
    "noviembre",
    "diciembre",
];
/// The fewest letters of a month that is shortened.
const SHORTEST_MONTH: usize = 3;

/// The year in a text that is no plain number: `2016-03-01`, `03/04/2016`, `03.2016`, `1er mars 2016`. Day and month may stand
/// in any order, because only the year is asked. A remark in brackets behind it may say what it likes but another number.
pub(crate) fn of_text(text: &str) -> Year {
    let text = without_clock(without_remark(text));
    // What is left is a year alone only where it was in the company of a remark.
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0') {
        return text.parse().map_or(Year::None, Year::Clear);
    }
    let key = matching_key(text);
    if key.contains(char::is_alphabetic) {
        return of_words(&key).map_or(Year::None, Year::Clear);
    }
    let parts: Option<Vec<(usize, u16)>> = text
        .split(['-', '/', '.', ' '])
        .map(|part| {
            let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            Some((part.len(), part.parse().ok().filter(|_| digits)?))
        })
        .collect();
    let Some(parts) = parts else { return Year::None };
    let is_year = |(length, number): (usize, u16)| length == 4 && number >= 1000;
    let small = |(length, number): (usize, u16), most: u16| length <= 2 && (1..=most).contains(&number);
    match parts.as_slice() {
        [month, year] if is_year(*year) && small(*month, 12) => Year::Clear(year.1),
        // 2011/12 may be a month, or a fiscal year.
        [year, month] if is_year(*year) && month.0 == 2 && month.1 == (year.1 + 1) % 100 => {
            Year::Ambiguous(year.1, year.1 + 1)
        }
        [year, month] if is_year(*year) && small(*month, 12) => Year::Clear(year.1),
        [one, other, year] | [year, one, other]
            if is_year(*year)
                && small(*one, 31)
                && small(*other, 31)
                && (small(*one, 12) || small(*other, 12)) =>
        {
            Year::Clear(year.1)
        }
        _ => Year::None,
    }
}

/// A text without a remark in brackets at its end, or the mark of a footnote.
fn without_remark(text: &str) -> &str {
    let alone = text.strip_suffix(')').and_then(|text| text.rsplit_once('('));
    let alone =
        alone.filter(|(_, remark)| !remark.contains(char::is_numeric)).map(|(before, _)| before.trim_end());
    alone.unwrap_or(text).trim_end_matches(['*', '†', ' '])
}

/// The year of a date with the name of its month, given as a matching key: a month, a year and at most a day, and nothing else.
fn of_words(key: &str) -> Option<u16> {
    let (mut months, mut years, mut days) = (0, Vec::new(), 0);
    let words = key.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    for word in words.filter(|word| !matches!(*word, "de" | "del" | "of" | "the" | "le" | "el")) {
        let end = word.find(|c: char| !c.is_ascii_digit()).unwrap_or(word.len());
        let (digits, letters) = word.split_at_checked(end)?;
        match (digits.len(), letters) {
            (0, name) if is_month(name) => months += 1,
            (4, "") => years.push(digits.parse().ok().filter(|year| *year >= 1000)?),
            (1 | 2, "" | "st" | "nd" | "rd" | "th" | "er")
                if digits.parse().is_ok_and(|day| (1..=31).contains(&day)) =>
            {
                days += 1;
            }
            _ => return None,
        }
    }
    years.pop().filter(|_| months == 1 && years.is_empty() && days <= 1)
}

fn is_month(name: &str) -> bool {
    name.len() >= SHORTEST_MONTH && MONTHS.iter().any(|month| month.starts_with(name))
}

/// A date without the time of day that programs write behind it: `2016-03-01 00:00:00`.
fn without_clock(text: &str) -> &str {
    let is_clock = |time: &str| {
        time.contains(':')
            && time.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.' | b'Z'))
    };
    text.split_once(['T', ' ']).filter(|(_, time)| is_clock(time)).map_or(text, |(date, _)| date)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_spreadsheets() {
        assert_eq!(days(1900, 3, 1), 61);
        assert_eq!(days(2022, 4, 3), 44_654);
        assert_eq!(days(2000, 2, 29), 36_585);
    }

    #[test]
    fn the_year_of_a_date_is_clear_unless_the_date_is_a_number_in_disguise() {
        for (date, expected) in [
            ("2016-03-01", Year::Clear(2016)),
            ("2016-03-01T10:00:00", Year::Clear(2016)),
            ("1904-01-01", Year::Clear(1904)),
            ("1900-01-15", Year::Ambiguous(15, 1900)),
            ("1900-03-01", Year::Ambiguous(61, 1900)),
            ("1901-01-01", Year::Clear(1901)),
            ("1905-07-08", Year::Ambiguous(2016, 1905)),
            ("1909-07-09", Year::Ambiguous(2016, 1909)),
            ("12:00:00", Year::None),
            ("60", Year::None),
            ("0004-01-01", Year::None),
        ] {
            assert_eq!(of_date(date), expected, "{date}");
        }
    }

    #[test]
    fn the_year_in_a_text_is_clear_or_asked_about() {
        for (text, expected) in [
            ("03/04/2025", Year::Clear(2025)),
            ("31.12.2019", Year::Clear(2019)),
            ("2019-12-31", Year::Clear(2019)),
            ("03/2016", Year::Clear(2016)),
            ("2016-03", Year::Clear(2016)),
            ("2011/12", Year::Ambiguous(2011, 2012)),
            ("2011-2012", Year::None),
            ("03/04/25", Year::None),
            ("31/31/2019", Year::None),
            ("2016-03-01 00:00:00", Year::Clear(2016)),
            ("2016-03-01T00:00:00Z", Year::Clear(2016)),
            ("2016 (revised)", Year::Clear(2016)),
            ("2016*", Year::Clear(2016)),
            ("03/2016 (loi)", Year::Clear(2016)),
            ("2011/12 (fiscal year)", Year::Ambiguous(2011, 2012)),
            ("March 2016", Year::Clear(2016)),
            ("Sept. 2016", Year::Clear(2016)),
            ("March 1st, 2016", Year::Clear(2016)),
            ("1er février 2016", Year::Clear(2016)),
            ("1 de agosto de 2016", Year::Clear(2016)),
            ("Dec-2016", Year::Clear(2016)),
            ("2016 (or 2018)", Year::None),
            ("(2016)", Year::None),
            ("March 2016 or 2018", Year::None),
            ("March or May 2016", Year::None),
            ("March 40, 2016", Year::None),
            ("March 16", Year::None),
            ("market 2016", Year::None),
            ("before March 2016", Year::None),
            ("about 2016", Year::None),
            ("2016-W10", Year::None),
            ("", Year::None),
        ] {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}
