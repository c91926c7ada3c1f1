//! `[metrics] textfile`: figures about runs in the text form of Prometheus, for the textfile collector of
//! `node_exporter`. They are written after every run, also one that found nothing to do or failed.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;
use std::path::Path;

use maturity::submission::Wave;
use pipeline::stage::CommonArgs;
use pipeline::{Config, Exit, durable};
use store::{Store, StoreError};

use crate::run::record::StageRecord;

/// When the last good run ended, carried over from one file to the next.
const LAST_SUCCESS: &str = "gtmi_last_success_timestamp_seconds";

/// How many sources the last look at them could not read, carried over by runs that did not come to look.
const UNREACHABLE: &str = "gtmi_unreachable_sources";

/// Writes the file, if one is asked for. A run is not worse for a file of figures that cannot be written, so that is
/// only logged. Without a store that can be read, nothing is said of what it holds.
pub(crate) fn write(
    config: &Config,
    store: Option<&Store>,
    seconds: f64,
    stages: &[StageRecord],
    exit: Exit,
) {
    if let Some(path) = &config.metrics {
        write_to((path, config.wave), store, seconds, stages, exit);
    }
}

fn write_to(
    (path, wave): (&Path, Wave),
    store: Option<&Store>,
    seconds: f64,
    stages: &[StageRecord],
    exit: Exit,
) {
    let before = fs::read_to_string(path).ok();
    let last = |name: &str| before.as_deref().and_then(|text| last(text, name));
    let ended = jiff::Timestamp::now().as_second();
    let figures = store.and_then(|store| {
        Figures::of(store, wave)
            .inspect_err(|error| tracing::error!(%error, "the figures about runs cannot be read"))
            .ok()
    });
    let success = if matches!(exit, Exit::Done | Exit::Attention) { Some(ended) } else { last(LAST_SUCCESS) };
    let unreachable = unreachable(stages).or_else(|| last(UNREACHABLE));
    let text = text(wave.0, figures.as_ref(), seconds, (ended, success, unreachable), stages, exit);
    if let Err(error) = durable::write(path, text.as_bytes()) {
        tracing::error!(%error, "the figures about runs cannot be written");
    }
}

/// The same for a run that failed before it began, because of the configuration or what it names. Of a configuration that
/// is no TOML nobody knows whether a file is asked for.
pub(crate) fn failed_to_begin(common: &CommonArgs, exit: Exit) {
    if let Some((path, wave)) = Config::metrics_of(common.config.as_deref()) {
        write_to((&path, wave), None, 0.0, &[], exit);
    }
}

/// What the store holds.
#[derive(Debug, Default)]
struct Figures {
    /// Submissions by state.
    submissions: BTreeMap<&'static str, u64>,
    refused: usize,
    /// Letters and messages by state.
    messages: BTreeMap<String, u64>,
}

impl Figures {
    fn of(store: &Store, wave: Wave) -> Result<Self, StoreError> {
        let mut figures = Self {
            refused: store.refused(wave)?.len(),
            messages: store.message_counts(wave)?,
            ..Self::default()
        };
        for row in store.submission_states(wave)? {
            *figures.submissions.entry(row.state.as_str()).or_default() += 1;
        }
        Ok(figures)
    }
}

/// A figure in an earlier file.
fn last(text: &str, name: &str) -> Option<i64> {
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// How many sources could not be read to their end; absent where no stage looked at them.
fn unreachable(stages: &[StageRecord]) -> Option<i64> {
    let ingest = stages.iter().find(|stage| stage.summary.stage == "ingest")?;
    let count = ingest.summary.counts.get("unreachable").copied().unwrap_or(0);
    i64::try_from(count).ok()
}

/// The whole file. A name says its unit; labels are few and bounded.
fn text(
    wave: u16,
    figures: Option<&Figures>,
    seconds: f64,
    (ended, success, unreachable): (i64, Option<i64>, Option<i64>),
    stages: &[StageRecord],
    exit: Exit,
) -> String {
    let mut text = String::new();
    let mut family = |name: &str, help: &str, samples: Vec<(String, String)>| {
        if samples.is_empty() {
            return;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in samples {
            let _ = writeln!(text, "{name}{{wave=\"{wave}\"{labels}}} {value}");
        }
    };
    let plain = |value: String| vec![(String::new(), value)];
    family("gtmi_last_run_timestamp_seconds", "When the last run ended.", plain(ended.to_string()));
    family("gtmi_last_run_exit_code", "How the last run exited.", plain(exit.code().to_string()));
    family("gtmi_last_run_duration_seconds", "How long the last run took.", plain(format!("{seconds:.3}")));
    let success = success.map_or_else(Vec::new, |success| plain(success.to_string()));
    family(LAST_SUCCESS, "When the last run ended that exited with 0 or 1.", success);
    let of_stages = |value: &dyn Fn(&StageRecord) -> String| {
        let sample = |stage: &StageRecord| (format!(",stage=\"{}\"", stage.summary.stage), value(stage));
        stages.iter().map(sample).collect::<Vec<_>>()
    };
    family(
        "gtmi_stage_duration_seconds",
        "How long each stage of the last run took.",
        of_stages(&|stage| format!("{:.3}", stage.seconds)),
    );
    family(
        "gtmi_stage_done",
        "Units of work that each stage of the last run did.",
        of_stages(&|stage| stage.summary.done.to_string()),
    );
    family(
        "gtmi_stage_unchanged",
        "Units of work that were up to date.",
        of_stages(&|stage| stage.summary.unchanged.to_string()),
    );
    if let Some(figures) = figures {
        family(
            "gtmi_submissions",
            "Submissions in the store by state.",
            figures
                .submissions
                .iter()
                .map(|(state, count)| (format!(",state=\"{state}\""), count.to_string()))
                .collect(),
        );
        family("gtmi_refused_files", "Files that were refused.", plain(figures.refused.to_string()));
        let messages = figures.messages.iter();
        family(
            "gtmi_messages",
            "Letters and messages by state.",
            messages.map(|(state, count)| (format!(",state=\"{state}\""), count.to_string())).collect(),
        );
    }
    let unreachable = unreachable.map_or_else(Vec::new, |unreachable| plain(unreachable.to_string()));
    family(UNREACHABLE, "Sources that the last look at them could not read to their end.", unreachable);
    text
}

#[cfg(test)]
mod tests {
    use pipeline::Summary;

    use super::*;

    #[test]
    fn a_failed_run_keeps_the_time_of_the_last_good_one() {
        let figures = Figures {
            submissions: [("accepted", 12)].into(),
            refused: 1,
            messages: [("waiting".to_owned(), 4)].into(),
        };
        let stage = StageRecord { summary: Summary { done: 3, ..Summary::of("ingest") }, seconds: 0.25 };
        let at = 1_669_000_000;
        let good = text(2022, Some(&figures), 1.5, (at, Some(at), Some(2)), &[stage], Exit::Done);
        assert_eq!((last(&good, LAST_SUCCESS), last(&good, UNREACHABLE)), (Some(at), Some(2)));
        for line in [
            "gtmi_last_run_exit_code{wave=\"2022\"} 0",
            "gtmi_stage_duration_seconds{wave=\"2022\",stage=\"ingest\"} 0.250",
            "gtmi_stage_done{wave=\"2022\",stage=\"ingest\"} 3",
            "gtmi_submissions{wave=\"2022\",state=\"accepted\"} 12",
            "gtmi_messages{wave=\"2022\",state=\"waiting\"} 4",
            "gtmi_refused_files{wave=\"2022\"} 1",
        ] {
            assert!(good.lines().any(|found| found == line), "{line}\n{good}");
        }
        let kept = (at + 999, last(&good, LAST_SUCCESS), last(&good, UNREACHABLE));
        let failed = text(2022, Some(&figures), 1.5, kept, &[], Exit::Failed);
        assert!(failed.contains("gtmi_last_success_timestamp_seconds{wave=\"2022\"} 1669000000"), "{failed}");
        assert!(failed.contains("gtmi_last_run_timestamp_seconds{wave=\"2022\"} 1669000999"), "{failed}");
        assert!(failed.contains("gtmi_unreachable_sources{wave=\"2022\"} 2"), "{failed}");
        let never = text(2022, Some(&figures), 1.5, (at + 999, None, None), &[], Exit::Failed);
        assert_eq!((last(&never, LAST_SUCCESS), last(&never, UNREACHABLE)), (None, None));
    }
}
