//! Logs: people read them on a terminal, machines as JSON lines; always on stderr.

use clap::ValueEnum;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

/// The target of spans that are for traces only. Log lines keep to the span of the run, so that each names its run.
pub const TRACES: &str = "gtmi::traces";

/// The target of what a command says to people, where log lines are JSON: then there is nothing else on stderr.
pub const SAID: &str = "gtmi::said";

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
    let level = match verbosity {
        Verbosity { quiet: true, .. } => "error",
        Verbosity { verbose: 0, .. } => usual,
        Verbosity { verbose: 1, .. } => "info",
        Verbosity { .. } => "debug",
    };
    let level = match format {
        LogFormat::Json if !verbosity.quiet => format!("{level},{SAID}=info"),
        _ => level.to_owned(),
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
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
