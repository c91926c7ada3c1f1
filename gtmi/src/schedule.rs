//! `gtmi schedule`: stays in the foreground and runs at the times of `[schedule]`.

mod health;
pub(crate) mod units;

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use pipeline::config::Schedule;
use pipeline::stage::{CommonArgs, Failure};
use pipeline::{Context, Exit};
use serde_json::json;

use crate::arguments::ScheduleOptions;
use crate::metrics;
use crate::pins;
use crate::run::attempt::{self, Cause};
use crate::run::{self, Outcome};
use crate::say::{Tone, Voice};
use crate::stages::Stage;
use crate::stop;
use health::{Health, LastRun};

/// How often the clock and the signals are looked at. The clock on the wall counts, not the time slept: a machine
/// that was asleep sees at once that a time has passed.
const LOOK: Duration = Duration::from_millis(200);
/// A run that starts later than this, jitter aside, catches up on a missed time.
const LATE: SignedDuration = SignedDuration::from_secs(60);

/// Runs at the times of the configuration until a signal comes, or prints units for another scheduler.
pub(crate) fn schedule(
    context: &Context,
    common: &CommonArgs,
    voice: Voice,
    options: &ScheduleOptions,
) -> Result<Exit, Failure> {
    let Some(schedule) = &context.config.schedule else {
        let message = "the configuration has no [schedule] (add one, e.g. cron = \"30 5 * * *\")";
        return Err(Failure::new(Exit::Usage, message));
    };
    if let Some(system) = options.print {
        return units::print(context, schedule, system, options.out.as_deref(), voice);
    }
    // One document a run.
    let voice = voice.line_by_line();
    stop::listen().map_err(Failure::stage)?;
    let path = schedule.health.clone();
    let path = path.unwrap_or_else(|| context.config.store.with_extension("health.json"));
    let earlier = Health::read(&path).unwrap_or_default();
    let mut health = Health {
        process: std::process::id(),
        cron: schedule.cron.as_str().to_owned(),
        time_zone: schedule.zone_name.clone(),
        ..earlier.clone()
    };
    let mut next = first(schedule, &earlier, now(), jitter(schedule));
    // A file that can never be written is said at once; one that cannot be for a while ends no schedule.
    health.write(&path).map_err(Failure::stage)?;
    loop {
        health.note("waiting", next, &path);
        let Some(due) = next else {
            return Err(Failure::new(Exit::Usage, "the schedule has no further time"));
        };
        voice.line(&format!("next run at {} ({} {})", due, health.cron, health.time_zone));
        match wait(due) {
            Waited::Due => {}
            Waited::SetBack => {
                tracing::warn!("the clock was set back: the next run is the first by what it shows now");
                next = after(schedule, now(), jitter(schedule));
                continue;
            }
            Waited::Stopped => break,
        }
        health.note("running", next, &path);
        let last = tick(common, voice, cause(due, now()));
        if last.exit_code <= Exit::Attention.code() {
            health.last_success_at = Some(last.ended_at);
        }
        health.last = Some(last);
        // Times that passed during the run are over: runs do not pile up.
        next = after(schedule, now(), jitter(schedule));
    }
    health.note("stopped", next, &path);
    voice.line("stopped");
    Ok(Exit::Done)
}

/// Why the wait for a time ended.
enum Waited {
    Due,
    /// The clock went back by more than it is corrected by the way: the time may be years ahead now.
    SetBack,
    /// A signal came.
    Stopped,
}

fn wait(due: Timestamp) -> Waited {
    let mut latest = now();
    loop {
        let now = now();
        if stop::asked().is_some() {
            return Waited::Stopped;
        }
        if now >= due {
            return Waited::Due;
        }
        if is_set_back(latest, now) {
            return Waited::SetBack;
        }
        latest = latest.max(now);
        thread::sleep(LOOK);
    }
}

/// Whether the clock shows so much less than it did.
fn is_set_back(latest: Timestamp, now: Timestamp) -> bool {
    latest.duration_since(now) > LATE
}

/// One run with the configuration as it is now. Whatever becomes of it, the schedule goes on.
fn tick(common: &CommonArgs, voice: Voice, cause: Cause) -> LastRun {
    let started_at = now();
    let context = common.context().and_then(|context| pins::look(&context, voice).map(|()| context));
    let context = context.inspect_err(|failure| metrics::failed_to_begin(common, failure.exit));
    let result = context.and_then(|context| run::attempt(&context, voice, Stage::Ingest, cause));
    let (exit, run, error, unreachable) = match result {
        Ok(outcome) => {
            if let Err(failure) = outcome.print(voice) {
                tracing::error!(error = failure.chain(), "the run cannot be told on stdout");
            }
            let Outcome { exit, run, unreachable, .. } = outcome;
            (exit, run, None, unreachable.unwrap_or_default())
        }
        Err(failure) => (failure.exit, None, Some(failure.chain()), BTreeMap::new()),
    };
    if let Some(error) = &error {
        tracing::error!(error, exit_code = exit.code(), "a scheduled run did not end well");
        voice.line(&voice.toned(Tone::Attention, &format!("the run exited with {}: {error}", exit.code())));
        let told = voice.result(&json!({ "error": error, "exit_code": exit.code() }));
        if let Err(failure) = told {
            tracing::error!(error = failure.chain(), "the failed run cannot be told on stdout");
        }
    }
    LastRun {
        started_at,
        ended_at: now(),
        cause: cause.as_str().to_owned(),
        outcome: attempt::outcome(exit).to_owned(),
        exit_code: exit.code(),
        run,
        error,
        unreachable,
    }
}

/// The first run: at once where an earlier process had one due that never came, else at the next time.
fn first(schedule: &Schedule, earlier: &Health, now: Timestamp, jitter: SignedDuration) -> Option<Timestamp> {
    match earlier.next_at {
        Some(missed) if missed <= now => Some(missed),
        _ => after(schedule, now, jitter),
    }
}

/// The next time after `now`, late by `jitter`.
fn after(schedule: &Schedule, now: Timestamp, jitter: SignedDuration) -> Option<Timestamp> {
    schedule.next(now).map(|next| next.checked_add(jitter).unwrap_or(next))
}

/// Whether a run that was due then and starts now catches up.
fn cause(due: Timestamp, now: Timestamp) -> Cause {
    if now.duration_since(due) > LATE { Cause::CatchUp } else { Cause::Schedule }
}

/// How late the next run is to be.
fn jitter(schedule: &Schedule) -> SignedDuration {
    SignedDuration::from_secs(fastrand::u32(0..=schedule.jitter_seconds).into())
}

/// Now, to the second.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use pipeline::Config;

    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn nightly() -> Schedule {
        let folder = tempfile::tempdir().unwrap();
        for name in ["framework", "economies"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let text = "[run]\nwave = 2022\n[framework]\npath = \"framework\"\n[data]\neconomies = \"economies\"\n\
                    [schedule]\ncron = \"30 5 * * *\"\n[store]\npath = \"gtmi.db\"\n\
                    [output]\ndir = \"out\"\nlanguage = \"en\"\n";
        let config = Config::parse(&folder.path().join("pipeline.toml"), text, &[].into()).unwrap();
        config.schedule.unwrap()
    }

    #[test]
    fn many_missed_times_are_caught_up_on_once() {
        let (schedule, none) = (nightly(), SignedDuration::ZERO);
        let earlier = Health { next_at: Some(at("2022-11-20T05:30:00Z")), ..Health::default() };
        let now = at("2022-11-25T12:00:00Z");
        let first = first(&schedule, &earlier, now, none).unwrap();
        assert!(first <= now);
        assert_eq!(cause(first, now), Cause::CatchUp);
        // The run after it comes at the usual time.
        assert_eq!(after(&schedule, now, none), Some(at("2022-11-26T05:30:00Z")));
    }

    #[test]
    fn a_process_that_starts_before_its_time_waits_for_it() {
        let schedule = nightly();
        let now = at("2022-11-25T05:00:00Z");
        let late = SignedDuration::from_secs(90);
        let first = first(&schedule, &Health::default(), now, late).unwrap();
        assert_eq!(first, at("2022-11-25T05:31:30Z"));
        assert_eq!(cause(first, first), Cause::Schedule);
    }

    #[test]
    fn a_clock_that_is_corrected_by_a_little_is_not_set_back() {
        let latest = at("2036-11-25T05:00:00Z");
        for (now, expected) in [
            ("2036-11-25T05:00:01Z", false),
            ("2036-11-25T04:59:00Z", false),
            ("2036-11-25T04:58:59Z", true),
            ("2026-11-25T05:00:00Z", true),
        ] {
            assert_eq!(is_set_back(latest, at(now)), expected, "{now}");
        }
    }
}
