//! `[schedule]`: when a run is started by `gtmi schedule`.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Seconds};
use croner::time::{CivilDate, CivilDateTime, CivilTime, CronDateTime, Resolution, Weekday};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ZonedDateTime};
use serde::Deserialize;
use toml::Spanned;

use super::{ConfigError, Located};

/// The section as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ScheduleTable {
    cron: Spanned<String>,
    time_zone: Option<Spanned<String>>,
    jitter_seconds: Option<u32>,
    health: Option<PathBuf>,
}

/// When runs are started.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The times: five fields of cron, or six with seconds first.
    pub cron: Cron,
    /// The zone that the times are in.
    pub zone: TimeZone,
    /// Its name, e.g. `Africa/Nairobi`.
    pub zone_name: String,
    /// A run starts up to so many seconds late, so that many machines do not ask one server at once.
    pub jitter_seconds: u32,
    /// The file that says how the schedule is doing; beside the store if not given.
    pub health: Option<PathBuf>,
}

impl ScheduleTable {
    pub(super) fn schedule(&self, root: &Path, located: &Located<'_>) -> Result<Schedule, ConfigError> {
        let text = self.cron.get_ref();
        let parser = CronParser::builder().seconds(Seconds::Optional).build();
        let cron = parser.parse(text).map_err(|error| {
            let what = format!(
                "\"{text}\" is not a schedule ({error}); write minute, hour, day, month, weekday, e.g. \"30 5 * * 1-5\""
            );
            located.invalid(self.cron.span(), what)
        })?;
        let (zone, zone_name) = match &self.time_zone {
            None => (TimeZone::UTC, "UTC".to_owned()),
            Some(name) => {
                let zone = TimeZone::get(name.get_ref()).map_err(|_| {
                    let what =
                        format!("\"{}\" is not a time zone (write e.g. \"Africa/Nairobi\")", name.get_ref());
                    located.invalid(name.span(), what)
                })?;
                (zone, name.get_ref().clone())
            }
        };
        let schedule = Schedule {
            cron,
            zone,
            zone_name,
            jitter_seconds: self.jitter_seconds.unwrap_or(0),
            health: self.health.as_ref().map(|path| root.join(path)),
        };
        if schedule.next(Timestamp::now()).is_none() {
            let what = format!("\"{text}\" never comes");
            return Err(located.invalid(self.cron.span(), what));
        }
        Ok(schedule)
    }
}

impl Schedule {
    /// The first time after `after`; absent if there is none.
    pub fn next(&self, after: Timestamp) -> Option<Timestamp> {
        let local = Local(after.to_zoned_datetime(self.zone.clone()));
        self.cron.find_next_occurrence(&local, false).ok().map(|local| local.0.timestamp())
    }
}

/// A time on the clocks of a zone, as the reader of schedules sees it.
#[derive(Debug, Clone)]
struct Local(ZonedDateTime);

impl CronDateTime for Local {
    fn to_civil(&self) -> CivilDateTime {
        let of = |number: i8| u32::try_from(number).unwrap_or(0);
        let time = &self.0;
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(time.year().into(), of(time.month()), of(time.day())),
            CivilTime::from_parts_unchecked(of(time.hour()), of(time.minute()), of(time.second())),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        Weekday::from_days_from_sunday(u32::try_from(self.0.weekday().to_sunday_zero_offset()).unwrap_or(0))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |number: u32| i8::try_from(number).map_err(|_| CronError::InvalidDate);
        let time = DateTime::new(
            i16::try_from(civil.year()).map_err(|_| CronError::InvalidDate)?,
            part(civil.month())?,
            part(civil.day())?,
            part(civil.hour())?,
            part(civil.minute())?,
            part(civil.second())?,
            0,
        )
        .map_err(|_| CronError::InvalidDate)?;
        let ambiguous = self.0.time_zone().to_ambiguous_zoned_datetime(time);
        let local =
            |zoned: Result<ZonedDateTime, jiff::Error>| zoned.map(Self).map_err(|_| CronError::InvalidTime);
        Ok(match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Resolution::Single(local(ambiguous.unambiguous())?),
            AmbiguousOffset::Fold { .. } => {
                Resolution::Ambiguous(local(ambiguous.clone().earlier())?, local(ambiguous.later())?)
            }
            AmbiguousOffset::Gap { .. } => Resolution::Gap,
        })
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.timestamp().cmp(&other.0.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(text: &str) -> Result<Schedule, String> {
        let table: ScheduleTable = toml::from_str(text).map_err(|error| error.to_string())?;
        let located = Located { name: "pipeline.toml", text: Some(text) };
        table.schedule(Path::new("/srv/gtmi"), &located).map_err(|error| error.to_string())
    }

    fn next(text: &str, after: &str) -> String {
        schedule(text).unwrap().next(after.parse().unwrap()).unwrap().to_string()
    }

    #[test]
    fn times_are_those_of_the_zone() {
        let nairobi = "cron = \"30 5 * * 1-5\"\ntime_zone = \"Africa/Nairobi\"";
        // A Friday, after the time: the next is on Monday, three hours before it is half past five in UTC.
        assert_eq!(next(nairobi, "2022-11-25T03:00:00Z"), "2022-11-28T02:30:00Z");
        assert_eq!(next("cron = \"30 5 * * 1-5\"", "2022-11-25T03:00:00Z"), "2022-11-25T05:30:00Z");
        assert_eq!(next("cron = \"*/20 * * * * *\"", "2022-11-25T03:00:21Z"), "2022-11-25T03:00:40Z");
    }

    #[test]
    fn a_day_on_which_clocks_change_has_one_run() {
        let paris = "cron = \"30 2 * * *\"\ntime_zone = \"Europe/Paris\"";
        // Half past two does not come on 2022-03-27, and comes twice on 2022-10-30.
        let count = |from: &str, until: &str| {
            let schedule = schedule(paris).unwrap();
            let (mut at, until): (Timestamp, Timestamp) = (from.parse().unwrap(), until.parse().unwrap());
            let mut times = Vec::new();
            while let Some(next) = schedule.next(at).filter(|next| *next < until) {
                times.push(next.to_string());
                at = next;
            }
            times
        };
        assert_eq!(count("2022-03-26T12:00:00Z", "2022-03-27T12:00:00Z"), ["2022-03-27T01:00:00Z"]);
        assert_eq!(count("2022-10-29T12:00:00Z", "2022-10-30T12:00:00Z"), ["2022-10-30T00:30:00Z"]);
    }

    #[test]
    fn what_is_no_schedule_is_refused_with_its_line() {
        for (text, expected) in [
            ("\ncron = \"every day\"", "pipeline.toml:2: \"every day\" is not a schedule"),
            ("cron = \"0 0 30 2 *\"", "never comes"),
            ("cron = \"0 5 * * *\"\ntime_zone = \"Kenya\"", "pipeline.toml:2: \"Kenya\" is not a time zone"),
            ("cron = \"0 5 * * *\"\njiter_seconds = 3", "unknown field `jiter_seconds`"),
        ] {
            let error = schedule(text).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
    }
}
