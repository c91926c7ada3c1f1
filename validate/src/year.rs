//! Years as people write them: alone, or inside a date of which only the year is asked.

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

/// The year in a text that is no plain number: `2016-03-01`, `03/04/2016`, `03.2016`. Day and month may stand in
/// any order, because only the year is asked.
pub(crate) fn of_text(text: &str) -> Year {
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
            ("about 2016", Year::None),
            ("2016", Year::None),
            ("", Year::None),
        ] {
            assert_eq!(of_text(text), expected, "{text}");
        }
    }
}
