//! Logs: people read them on a terminal, machines as JSON lines; always on stderr.

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// The target of spans that are for traces only. Log lines keep to the span of the run, so that each names its run.
pub const TRACES: &str = "gtmi::traces";

/// The target of what a command says to people, where log lines are JSON: then there is nothing else on stderr.
pub const SAID: &str = "gtmi::said";

/// The target of warnings that the notes of a stage say too, at its end: lines for people that were not asked to say more leave
/// them to the notes.
pub const NOTED: &str = "gtmi::noted";

/// Somebody else who hears of spans and events.
pub type Listener = Box<dyn Layer<Registry> + Send + Sync>;

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object a line, times in UTC.
    Json,
}

/// How much is said.
#[derive(Debug, Clone, Copy, Default)]
pub struct Verbosity {
    /// Errors only.
    pub quiet: bool,
    /// 1: what each stage does; 2 and more: each submission and file.
    pub verbose: u8,
}

/// Sends log lines to stderr, down to the level `usual` unless told otherwise, and everything to `listener`, which has
/// a filter of its own. `RUST_LOG` wins over the verbosity. Called once, by a `main`.
pub fn start(format: LogFormat, verbosity: Verbosity, usual: &str, color: bool, listener: Option<Listener>) {
    let filter =
        EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level(format, verbosity, usual)));
    let lines = fmt::layer().with_writer(std::io::stderr);
    let lines = match format {
        LogFormat::Json => lines.json().flatten_event(true).with_ansi(false).with_filter(filter).boxed(),
        LogFormat::Human => {
            lines.with_ansi(color).with_target(false).without_time().with_filter(filter).boxed()
        }
    };
    let mut listeners: Vec<Listener> = vec![lines];
    listeners.extend(listener);
    // A second subscriber (in tests, say) is no reason to stop: the first one stays.
    let _ = tracing_subscriber::registry().with(listeners).try_init();
}

/// What is logged, as a filter.
fn level(format: LogFormat, verbosity: Verbosity, usual: &str) -> String {
    let level = match verbosity {
        Verbosity { quiet: true, .. } => "error",
        Verbosity { verbose: 0, .. } => usual,
        Verbosity { verbose: 1, .. } => "info",
        Verbosity { .. } => "debug",
    };
    match (format, verbosity) {
        (LogFormat::Json, Verbosity { quiet: false, .. }) => format!("{level},{SAID}=info"),
        (LogFormat::Human, Verbosity { verbose: 0, .. }) => format!("{level},{NOTED}=off"),
        _ => level.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_notes_of_a_stage_say_is_logged_to_people_who_ask_for_more() {
        let is_logged = |format, verbosity| {
            let filter = EnvFilter::new(level(format, verbosity, "warn"));
            let log = tracing_subscriber::registry().with(filter);
            tracing::subscriber::with_default(log, || {
                [
                    tracing::enabled!(tracing::Level::WARN),
                    tracing::enabled!(target: NOTED, tracing::Level::WARN),
                ]
            })
        };
        let usual = Verbosity::default();
        assert_eq!(is_logged(LogFormat::Human, usual), [true, false]);
        assert_eq!(is_logged(LogFormat::Human, Verbosity { verbose: 1, ..usual }), [true, true]);
        assert_eq!(is_logged(LogFormat::Human, Verbosity { quiet: true, ..usual }), [false, false]);
        assert_eq!(is_logged(LogFormat::Json, usual), [true, true]);
    }
}
