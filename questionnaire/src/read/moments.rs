//! Times of submission as servers write them and as spreadsheet programs save them again, and the order that they tell.

use maturity::cell::CellValue;

/// How far clocks of the same moment are apart at most, in milliseconds: from UTC-12 to UTC+14.
const ANY_ZONE: i64 = 26 * 3_600_000;
const DAY: i64 = 86_400_000;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// When something was submitted, as far as a cell tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// A date in one order, or in the other: the day and the month are told by their places alone.
    Date { day_first: Option<Time>, month_first: Option<Time> },
    /// A date in which nothing can be mistaken.
    Clear(Time),
    /// Nothing that could be ordered.
    Unclear,
}

/// A point on a clock, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Time {
    at: i64,
    clock: Clock,
    /// Whether it is written as servers write it and no program shows dates: with a `T`, or with its distance from universal
    /// time. Then no program made a date of something else.
    is_stamp: bool,
}

/// Which clock a time was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Clock {
    /// That of the world.
    Universal,
    /// One that is not told; it is the same for all times of a file.
    Local,
    /// The same; only the day is told.
    Day,
}

impl Moment {
    /// What a cell tells.
    pub(super) fn of(value: &CellValue) -> Self {
        match value {
            CellValue::Text(text) => of_text(text.trim(), true).unwrap_or(Self::Unclear),
            CellValue::Date(text) => of_text(text.trim(), false).unwrap_or(Self::Unclear),
            _ => Self::Unclear,
        }
    }

    fn is_date(self) -> bool {
        matches!(self, Self::Date { .. })
    }

    fn time(self, day_first: bool) -> Option<Time> {
        match self {
            Self::Date { day_first: time, .. } if day_first => time,
            Self::Date { month_first: time, .. } => time,
            Self::Clear(time) => Some(time),
            Self::Unclear => None,
        }
    }
}

/// How the moments of one file are read: one program wrote them all.
#[derive(Debug)]
pub(super) struct Reading {
    /// Whether of some a place in the text tells what is the day, and others are dates that a program may have made, perhaps
    /// in the wrong order of day and month: it made real dates of those that it could read.
    is_mixed: bool,
    /// The orders in which every date of the file is one; the day first, or not.
    orders: Vec<bool>,
}

impl Reading {
    /// That of the moments of a file. Those that are unclear tell nothing of the others.
    pub(super) fn of(moments: &[Moment]) -> Self {
        let dates = || moments.iter().filter(|moment| moment.is_date());
        let is_possible = |day_first: &bool| dates().all(|moment| moment.time(*day_first).is_some());
        let is_made = |moment: &Moment| matches!(moment, Moment::Clear(time) if !time.is_stamp);
        let is_mixed = dates().next().is_some() && moments.iter().any(is_made);
        Self { is_mixed, orders: [true, false].into_iter().filter(is_possible).collect() }
    }

    /// The positions of some of the moments from the earliest to the latest, those of one moment in the order in which they
    /// stand there; none where the order is not certain.
    pub(super) fn order(&self, moments: &[Moment]) -> Option<Vec<usize>> {
        if moments.len() < 2 {
            return Some((0..moments.len()).collect());
        }
        let is_stamp = |moment: &Moment| matches!(moment, Moment::Clear(time) if time.is_stamp);
        if self.is_mixed && !moments.iter().all(is_stamp) {
            return None;
        }
        if !moments.iter().any(|moment| moment.is_date()) {
            return order_of(moments, true);
        }
        let mut orders = self.orders.iter().map(|day_first| order_of(moments, *day_first));
        let first = orders.next()??;
        orders.all(|other| other.as_ref() == Some(&first)).then_some(first)
    }
}

fn order_of(moments: &[Moment], day_first: bool) -> Option<Vec<usize>> {
    let times: Option<Vec<Time>> = moments.iter().map(|moment| moment.time(day_first)).collect();
    let mut times: Vec<(usize, Time)> = times?.into_iter().enumerate().collect();
    // Stable: of one moment, what stands first is first.
    times.sort_by_key(|(_, time)| time.at);
    let is_certain = |pair: &[(usize, Time)]| match pair {
        [(_, one), (_, other)] => match (one.clock, other.clock) {
            (Clock::Universal, Clock::Universal) | (Clock::Local, Clock::Local) => true,
            (Clock::Universal, _) | (_, Clock::Universal) => other.at - one.at > ANY_ZONE + DAY,
            _ => one.at.div_euclid(DAY) != other.at.div_euclid(DAY),
        },
        _ => true,
    };
    let certain = times.windows(2).all(is_certain);
    certain.then(|| times.into_iter().map(|(position, _)| position).collect())
}

/// What a text tells; `is_written` if it stands there as it is, and no program made it of a date.
fn of_text(text: &str, is_written: bool) -> Option<Moment> {
    if let Some(moment) = named_month(text) {
        return Some(moment);
    }
    let (date, rest) = text.split_once(['T', ' ', '\u{a0}', '\u{202f}']).unwrap_or((text, ""));
    let rest = rest.trim();
    let separator = date.chars().find(|c| !c.is_ascii_digit())?;
    let parts: Vec<&str> = date.split(separator).collect();
    let [one, two, three] = parts.as_slice() else { return None };
    let (time, clock) = clock(rest)?;
    let at = |year: &str, month: &str, day: &str| {
        let days = days(number(year, 4..=4)?, number(month, 1..=2)?, number(day, 1..=2)?)?;
        let is_stamp = is_written && (clock == Clock::Universal || text.contains('T'));
        Some(Time { at: days * DAY + time, clock, is_stamp })
    };
    if one.len() == 4 {
        return at(one, two, three).map(Moment::Clear);
    }
    let (day_first, month_first) = (at(three, two, one), at(three, one, two));
    (day_first.is_some() || month_first.is_some()).then_some(Moment::Date { day_first, month_first })
}

/// `Nov 25, 2022 8:00:00 AM`.
fn named_month(text: &str) -> Option<Moment> {
    let mut words = text.splitn(4, [' ', '\u{a0}', '\u{202f}']);
    let (month, day, year) = (words.next()?.to_lowercase(), words.next()?, words.next()?);
    let month = MONTHS.iter().position(|known| month.get(..3) == Some(known))?;
    let days = days(
        number(year.trim_end_matches(','), 4..=4)?,
        i64::try_from(month).ok()? + 1,
        number(day.trim_end_matches(','), 1..=2)?,
    )?;
    let (time, clock) = clock(words.next().unwrap_or_default().trim())?;
    Some(Moment::Clear(Time { at: days * DAY + time, clock, is_stamp: false }))
}

/// The time of a day, less its distance from universal time, and the clock.
fn clock(text: &str) -> Option<(i64, Clock)> {
    if text.is_empty() {
        return Some((0, Clock::Day));
    }
    let end =
        text.find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ','))).unwrap_or(text.len());
    let (time, mark) = (text.get(..end)?, text.get(end..)?.trim());
    let mut parts = time.split(':');
    let (hour, minute, second) = (number(parts.next()?, 1..=2)?, number(parts.next()?, 2..=2)?, parts.next());
    if parts.next().is_some() || hour > 23 || minute > 59 {
        return None;
    }
    let second = match second {
        Some(second) => milliseconds(second)?,
        None => 0,
    };
    let at = |hour: i64| (hour * 60 + minute) * 60_000 + second;
    match mark.to_lowercase().replace(['.', ' ', '\u{a0}', '\u{202f}'], "").as_str() {
        "" => Some((at(hour), Clock::Local)),
        "z" | "utc" | "gmt" => Some((at(hour), Clock::Universal)),
        "am" if (1..=12).contains(&hour) => Some((at(hour % 12), Clock::Local)),
        "pm" if (1..=12).contains(&hour) => Some((at(hour % 12 + 12), Clock::Local)),
        zone => Some((at(hour) - distance(zone)?, Clock::Universal)),
    }
}

/// `+03:00`, `-0330` and `+03` in milliseconds.
fn distance(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next()? {
        '+' => 1,
        '-' | '\u{2212}' => -1,
        _ => return None,
    };
    let digits: String = zone.chars().skip(1).filter(|c| *c != ':').collect();
    let (hours, minutes) = (digits.get(..2)?, digits.get(2..)?);
    let minutes = if minutes.is_empty() { 0 } else { number(minutes, 2..=2)? };
    Some(sign * (number(hours, 2..=2)? * 60 + minutes) * 60_000)
}

/// `05` and `05.123` in milliseconds.
fn milliseconds(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once(['.', ',']).unwrap_or((text, ""));
    let whole = number(whole, 2..=2).filter(|second| *second <= 60)?;
    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit());
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    Some(whole * 1000 + number(&thousandths, 3..=3).filter(|_| is_fraction)?)
}

/// The number that so many digits are.
fn number(text: &str, digits: std::ops::RangeInclusive<usize>) -> Option<i64> {
    let is_number = digits.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// Days since 1970, of a date that exists.
fn days(year: i64, month: i64, day: i64) -> Option<i64> {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let longest = match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=longest).contains(&day) || year < 1970 {
        return None;
    }
    // Years begin in March here, so that the leap day is the last day of a year.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 719,468 days lie between 1 March of the year 0 and 1 January 1970.
    Some(year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ordered(texts: &[&str]) -> Option<Vec<usize>> {
        let moments: Vec<Moment> =
            texts.iter().map(|text| Moment::of(&CellValue::Text((*text).to_owned()))).collect();
        Reading::of(&moments).order(&moments)
    }

    #[test]
    fn times_are_read_as_servers_and_programs_write_them() {
        let expected = 19_321 * DAY + 20 * 3_600_000 + 30 * 60_000;
        for (text, clock, is_stamp) in [
            ("2022-11-25T20:30:00Z", Clock::Universal, true),
            ("2022-11-25T20:30:00.000Z", Clock::Universal, true),
            ("2022-11-25T23:30:00.000+03:00", Clock::Universal, true),
            ("2022-11-25 17:00:00 -0330", Clock::Universal, true),
            ("2022-11-25T20:30:00", Clock::Local, true),
            ("2022-11-25 20:30", Clock::Local, false),
            ("Nov 25, 2022 8:30:00 PM", Clock::Local, false),
            ("Nov 25, 2022 20:30:00", Clock::Local, false),
        ] {
            let moment = Moment::of(&CellValue::Text(text.to_owned()));
            assert_eq!(moment, Moment::Clear(Time { at: expected, clock, is_stamp }), "{text}");
        }
        let slashed = Moment::of(&CellValue::Text("11/25/2022 8:30 PM".to_owned()));
        let time = Some(Time { at: expected, clock: Clock::Local, is_stamp: false });
        assert_eq!(slashed, Moment::Date { day_first: None, month_first: time });
        for text in ["", "yesterday", "25/11/22 08:00", "2022-02-30", "2022-11-25 25:00", "44890.3", "2022"] {
            assert_eq!(Moment::of(&CellValue::Text(text.to_owned())), Moment::Unclear, "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_moments_or_not_certain() {
        for (times, expected) in [
            (["2022-11-25T08:00:00", "2022-12-03T09:00:00"], Some([0, 1])),
            (["2022-11-25T23:30:00+03:00", "2022-11-25T21:00:00Z"], Some([0, 1])),
            (["2022-11-25T23:30:00-03:00", "2022-11-25T21:00:00Z"], Some([1, 0])),
            // Only as a day and a month can these be dates.
            (["03/12/2022 09:00", "25/11/2022 08:00"], Some([1, 0])),
            (["12/3/2022 9:00", "11/25/2022 8:00"], Some([1, 0])),
            // As both, and in the same order.
            (["02/02/2022 09:00", "01/01/2022 09:00"], Some([1, 0])),
            (["09/12/2022 08:00", "10/11/2022 09:00"], None),
            (["25/11/2022 08:00", "11/25/2022 08:00"], None),
            (["2022-11-25T08:00:00", "03/12/2022 09:00"], None),
            // The same moment: as they stand there.
            (["2022-11-25T08:00:00", "2022-11-25T08:00:00"], Some([0, 1])),
            (["2022-11-25", "2022-11-25T08:00:00"], None),
            (["2022-11-26", "2022-11-25T08:00:00"], Some([1, 0])),
            (["2022-11-25T08:00:00", "2022-11-25T09:00:00Z"], None),
            (["2022-11-25T08:00:00", "2022-11-29T09:00:00Z"], Some([0, 1])),
            (["2022-11-25T08:00:00", "soon"], None),
            (["2022-11-25T08:00:00Z", "03/12/2022 09:00"], None),
        ] {
            assert_eq!(ordered(&times), expected.map(|order| order.to_vec()), "{times:?}");
        }
        assert_eq!(ordered(&["soon"]), Some(vec![0]));
        // What some of them say is certain although others are not.
        let all =
            ["2022-11-26T08:00:00Z", "soon", "2022-11-25T08:00:00Z", "03/12/2022 09:00", "25/11/2022 08:00"];
        let all = all.map(|text| Moment::of(&CellValue::Text(text.to_owned())));
        let reading = Reading::of(&all);
        assert_eq!(reading.order(&[all[0], all[2]]), Some(vec![1, 0]));
        assert_eq!(reading.order(&[all[0], all[1]]), None);
        assert_eq!(reading.order(&[all[3], all[4]]), Some(vec![1, 0]));
        let made = Moment::of(&CellValue::Date("2022-03-12T09:00:00".to_owned()));
        let reading = Reading::of(&[all[0], all[2], all[3], all[4], made]);
        assert_eq!(reading.order(&[all[3], all[4]]), None, "a program may have made dates of some");
        assert_eq!(reading.order(&[made, made]), None);
        assert_eq!(reading.order(&[all[0], all[2]]), Some(vec![1, 0]), "but not of these");
        assert_eq!(ordered(&[]), Some(Vec::new()));
    }
}
