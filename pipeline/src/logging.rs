//! Logs: people read them on a terminal, machines as JSON lines; always on stderr.

use clap::ValueEnum;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;

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

/// Sends log lines to stderr, down to the level `usual` unless told otherwise. `RUST_LOG` wins over the
/// verbosity. Called once, by a `main`.
pub fn start(format: LogFormat, verbosity: Verbosity, usual: &str, color: bool) {
    let level = match verbosity {
        Verbosity { quiet: true, .. } => "error",
        Verbosity { verbose: 0, .. } => usual,
        Verbosity { verbose: 1, .. } => "info",
        Verbosity { .. } => "debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(level));
    let builder = fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber (in tests, say) is no reason to stop: the first one stays.
    let _ = match format {
        LogFormat::Json => builder.json().flatten_event(true).with_ansi(false).try_init(),
        LogFormat::Human => builder.with_ansi(color).with_target(false).without_time().try_init(),
    };
}
