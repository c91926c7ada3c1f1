//! Turns the library's values into ours: numbers finite, dates as ISO text, error values as their text.

use calamine::{CellErrorType, Data};
use maturity::cell::CellValue;

/// 31 December 9999, the last day that spreadsheet programs know.
const LAST_SERIAL: f64 = 2_958_465.0;
/// 1 January 1904 counted in the 1900 system.
const SHIFT_1904: f64 = 1462.0;
const DAY_MILLIS: i64 = 86_400_000;

/// Our value for the library's. The text is kept as it is, without trimming.
pub(crate) fn cell_value(data: Data, from_1904: bool) -> CellValue {
    match data {
        Data::Empty => CellValue::Blank,
        Data::String(text) => CellValue::Text(text),
        Data::Float(number) => self::number(number),
        // The library makes whole numbers of 30 bits only; a wider one would keep its nearest float.
        Data::Int(whole) => whole.to_string().parse().map_or(CellValue::Blank, self::number),
        Data::Bool(flag) => CellValue::Boolean(flag),
        Data::DateTime(serial) if serial.is_datetime() => date(serial.as_f64(), from_1904),
        Data::DateTime(duration) => day_number(duration.as_f64()),
        Data::DateTimeIso(text) | Data::DurationIso(text) => CellValue::Date(text),
        Data::Error(CellErrorType::GettingData) => CellValue::Error("#GETTING_DATA".to_owned()),
        Data::Error(error) => CellValue::Error(error.to_string()),
    }
}

/// The bytes of text that a value brings along.
pub(crate) fn text_length(data: &Data) -> usize {
    match data {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => text.len(),
        _ => 0,
    }
}

/// A finite number; the others are what Excel shows for them.
pub(crate) fn number(number: f64) -> CellValue {
    if number.is_finite() { CellValue::Number(number) } else { CellValue::Error("#NUM!".to_owned()) }
}

/// A finite number that is shown in percent.
pub(crate) fn percent(number: f64) -> CellValue {
    match self::number(number) {
        CellValue::Number(number) => CellValue::Percent(number),
        other => other,
    }
}

/// A finite number that is shown as something else.
pub(crate) fn masked(number: f64) -> CellValue {
    match self::number(number) {
        CellValue::Number(number) => CellValue::Masked(number),
        other => other,
    }
}

/// A number of days that is no date, as its text.
pub(crate) fn day_number(serial: f64) -> CellValue {
    if serial.is_finite() {
        CellValue::Date(serial.to_string())
    } else {
        CellValue::Error("#NUM!".to_owned())
    }
}

/// A serial date as ISO text. A time of day alone is the time; what is no date keeps its number.
pub(crate) fn date(serial: f64, from_1904: bool) -> CellValue {
    let shifted = if from_1904 { serial + SHIFT_1904 } else { serial };
    let in_range = serial >= 0.0 && shifted < LAST_SERIAL + 1.0;
    if !in_range {
        return day_number(serial);
    }
    let days = shifted.floor();
    // Excel keeps milliseconds; the product is below 86,400,001, so nothing is cut.
    #[expect(clippy::cast_possible_truncation, reason = "both numbers are range-checked above")]
    let (mut day, mut millis) = (days as i64, ((shifted - days) * 86_400_000.0).round() as i64);
    if millis >= DAY_MILLIS {
        day += 1;
        millis -= DAY_MILLIS;
    }
    let time = clock(millis);
    if serial < 1.0 && serial > 0.0 || serial == 0.0 && !from_1904 {
        return CellValue::Date(time);
    }
    // Excel counts a 29 February 1900 that never was: serial 60 is no date, and those before it lag a day.
    let since_1970 = match day {
        60 => return day_number(serial),
        1..60 => day - 25_568,
        _ => day - 25_569,
    };
    let (year, month, date) = civil(since_1970);
    let date = format!("{year:04}-{month:02}-{date:02}");
    CellValue::Date(if millis == 0 { date } else { format!("{date}T{time}") })
}

fn clock(millis: i64) -> String {
    let (seconds, rest) = (millis / 1000, millis % 1000);
    let (hour, minute, second) = (seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    if rest == 0 {
        format!("{hour:02}:{minute:02}:{second:02}")
    } else {
        format!("{hour:02}:{minute:02}:{second:02}.{rest:03}")
    }
}

/// Year, month and day of a day counted from 1 January 1970, in the Gregorian calendar.
fn civil(since_1970: i64) -> (i64, i64, i64) {
    // Years begin in March here, so that the leap day is the last day of a year.
    let day = since_1970 + 719_468;
    let era = day.div_euclid(146_097);
    let day_of_era = day.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let date = day_of_year - (153 * march_month + 2) / 5 + 1;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(serial: f64, from_1904: bool) -> String {
        match date(serial, from_1904) {
            CellValue::Date(text) => text,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn serials_become_iso_dates_in_the_1900_system() {
        for (serial, text) in [
            (0.0, "00:00:00"),
            (0.5, "12:00:00"),
            (1.0, "1900-01-01"),
            (59.0, "1900-02-28"),
            (60.0, "60"),
            (61.0, "1900-03-01"),
            (44_654.0, "2022-04-03"),
            (44_654.416_666_666_664, "2022-04-03T10:00:00"),
            (44_653.999_999_999_9, "2022-04-03"),
            (2_958_465.0, "9999-12-31"),
        ] {
            assert_eq!(text_of(serial, false), text, "{serial}");
        }
    }

    #[test]
    fn serials_become_iso_dates_in_the_1904_system() {
        for (serial, text) in [
            (0.0, "1904-01-01"),
            (43_192.0, "2022-04-03"),
            (2_957_003.0, "9999-12-31"),
            (2_957_004.0, "2957004"),
        ] {
            assert_eq!(text_of(serial, true), text, "{serial}");
        }
    }

    #[test]
    fn what_is_no_date_keeps_its_number() {
        for (serial, text) in [(-1.0, "-1"), (2_958_466.0, "2958466"), (1e15, "1000000000000000")] {
            assert_eq!(text_of(serial, false), text);
        }
        assert_eq!(date(f64::NAN, false), CellValue::Error("#NUM!".to_owned()));
    }

    #[test]
    fn numbers_that_are_not_finite_become_error_values() {
        assert_eq!(cell_value(Data::Float(f64::INFINITY), false), CellValue::Error("#NUM!".to_owned()));
        assert_eq!(cell_value(Data::Int(7), false), CellValue::Number(7.0));
    }
}
