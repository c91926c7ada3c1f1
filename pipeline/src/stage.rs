//! What the `main` of every stage does: arguments, configuration, lock, run, summary, exit code.

use std::collections::BTreeMap;
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, FromArgMatches, Parser, ValueEnum};
use serde::Serialize;
use signal_hook::consts::{SIGCHLD, SIGXFSZ};

use crate::advice;
use crate::context::Context;
use crate::durable::{self, SweepError};
use crate::exit::Exit;
use crate::hash::Digest;
use crate::lock::{Lock, LockError};
use crate::logging::{self, Listener, LogFormat, SAID, Verbosity};
use crate::terminal::harmless;

/// When to use colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The options that every command takes.
#[derive(Debug, Clone, Args)]
pub struct CommonArgs {
    /// The configuration; searched upward from the current folder if not given
    #[arg(long, global = true, value_name = "PATH")]
    pub config: Option<PathBuf>,
    /// The wave to work on; it must be the framework's
    #[arg(long, global = true, value_name = "YEAR")]
    pub wave: Option<u16>,
    /// Print the result, or the failure, as one JSON document on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Say more; twice for each submission and file
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: ColorChoice,
    /// The form of log lines on stderr
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub log_format: LogFormat,
}

impl CommonArgs {
    /// Whether text on stderr may be coloured.
    pub fn colors(&self) -> bool {
        match self.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => {
                std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
                    && io::stderr().is_terminal()
            }
        }
    }

    /// Starts logging as asked for. A command that itself tells people what was refused logs only errors to
    /// them, so that nothing is said twice.
    pub fn start_logging(&self, tells_people: bool, listener: Option<Listener>) {
        let verbosity = Verbosity { quiet: self.quiet, verbose: self.verbose };
        let usual = if tells_people && self.log_format == LogFormat::Human { "error" } else { "warn" };
        logging::start(self.log_format, verbosity, usual, self.colors(), listener);
    }

    /// Loads the configuration and everything that it names.
    pub fn context(&self) -> Result<Context, Failure> {
        let context =
            Context::load(self.config.as_deref()).map_err(|error| Failure::new(Exit::Usage, error))?;
        match self.wave {
            Some(asked) if asked != context.config.wave.0 => {
                let found = context.config.wave;
                let message = format!("--wave is {asked}, but the configuration is for wave {found}");
                Err(Failure::new(Exit::Usage, message))
            }
            _ => Ok(context),
        }
    }
}

/// Takes the lock of a run, and removes what killed runs left among the outputs.
pub fn lock(context: &Context) -> Result<Lock, Failure> {
    let lock = Lock::take(&context.config.lock_path()).map_err(|error| {
        let exit = if matches!(error, LockError::Held { .. }) { Exit::Locked } else { Exit::Failed };
        Failure::new(exit, error)
    })?;
    for folder in ["", "reports", "feedback", "refused"] {
        let folder = context.config.output.join(folder);
        durable::sweep(&folder).map_err(|source| Failure::stage(SweepError { folder, source }))?;
    }
    Ok(lock)
}

/// A command that could not do its work: what to print and how to exit.
#[derive(Debug)]
pub struct Failure {
    /// How to exit.
    pub exit: Exit,
    /// What went wrong, with its chain of sources.
    pub error: Box<dyn Error + Send + Sync>,
    /// What to do about it, where whoever failed knows more than the error says.
    advice: Option<String>,
}

impl Failure {
    /// A failure of this kind.
    pub fn new(exit: Exit, error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { exit, error: error.into(), advice: None }
    }

    /// A stage's failure: outputs of earlier runs are intact.
    pub fn stage(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(Exit::Failed, error)
    }

    /// The same failure with what to do about it, as a fragment.
    #[must_use]
    pub fn advised(self, advice: String) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// The message and its causes, joined by colons, and what to do in brackets.
    pub fn chain(&self) -> String {
        let mut text = self.error.to_string();
        let mut source = self.error.source();
        while let Some(cause) = source {
            text.push_str(": ");
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        let of_disk = || advice::on_disk(self.error.as_ref()).map(str::to_owned);
        if let Some(advice) = self.advice.clone().or_else(of_disk) {
            text.push_str(" (");
            text.push_str(&advice);
            text.push(')');
        }
        text
    }
}

/// What a stage did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// The stage's name.
    pub stage: String,
    /// Units of work that were done.
    pub done: u64,
    /// Units that were up to date already.
    pub unchanged: u64,
    /// Further counts by name, e.g. `refused`.
    pub counts: BTreeMap<String, u64>,
    /// Files that were written, relative to the folder of outputs, with their SHA-256.
    pub written: BTreeMap<String, Digest>,
    /// What people should know and no count says, e.g. a source that could not be reached and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// The sources that could not be read to their end, with what the notes say of each.
    #[serde(skip)]
    pub unreachable: BTreeMap<String, String>,
    /// Whether something was refused or returned and waits for its sender.
    pub attention: bool,
}

impl Summary {
    /// An empty summary.
    pub fn of(stage: &str) -> Self {
        Self { stage: stage.to_owned(), ..Self::default() }
    }

    /// The counts in one line.
    pub fn line(&self) -> String {
        use std::fmt::Write;
        let mut line = format!("{}: {} done, {} unchanged", self.stage, self.done, self.unchanged);
        for (name, count) in self.counts.iter().filter(|(_, count)| **count > 0) {
            // Writing to a String cannot fail.
            let _ = write!(line, ", {count} {name}");
        }
        line
    }
}

/// Says a failure on stderr and gives its exit code. Where a document is asked for on stdout and none was printed yet, the
/// failure is the document.
pub fn fail(failure: &Failure, common: &CommonArgs, is_told: bool) -> ExitCode {
    let text = failure.chain();
    match common.log_format {
        LogFormat::Json => tracing::error!(target: SAID, exit_code = failure.exit.code(), "{text}"),
        LogFormat::Human => {
            let label = if common.colors() { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
            // Nothing can be done about a closed stderr.
            let _ = writeln!(io::stderr(), "{label}: {}", harmless(&text));
        }
    }
    if common.json && !is_told {
        tell_failure(&text, failure.exit.code());
    }
    failure.exit.into()
}

/// Prints a failure as the document that was asked for.
fn tell_failure(text: &str, exit_code: u8) {
    let document = serde_json::json!({ "error": text, "exit_code": exit_code });
    // Nothing can be done about a closed stdout either.
    let _ = writeln!(io::stdout(), "{document:#}");
}

/// What was typed; else how to exit, after the help or what is wrong was said in the form that was asked for.
pub fn typed<T: FromArgMatches>(command: clap::Command) -> Result<T, ExitCode> {
    let all: Vec<OsString> = std::env::args_os().collect();
    // These are needed before it is known what the rest means.
    let options: Vec<&OsString> = all.iter().skip(1).take_while(|option| *option != "--").collect();
    let has = |name: &str, value: &str| {
        let joined = format!("{name}={value}");
        options.iter().any(|option| ***option == *joined)
            || options.windows(2).any(|pair| *pair[0] == *name && *pair[1] == *value)
    };
    let color = match (has("--color", "never"), has("--color", "always")) {
        (true, _) => clap::ColorChoice::Never,
        (false, true) => clap::ColorChoice::Always,
        (false, false) => clap::ColorChoice::Auto,
    };
    let mut command = command.color(color);
    let read = command.try_get_matches_from_mut(&all);
    let error = match read.and_then(|found| T::from_arg_matches(&found)) {
        Ok(typed) => return Ok(typed),
        Err(error) => error.format(&mut command),
    };
    let code = u8::try_from(error.exit_code()).unwrap_or(Exit::Usage.code());
    if !error.use_stderr() {
        let _ = error.print();
        return Err(code.into());
    }
    let text = error.render().to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text).trim();
    if has("--log-format", "json") {
        logging::start(LogFormat::Json, Verbosity::default(), "error", false, None);
        tracing::error!(target: SAID, exit_code = code, "{text}");
    } else {
        let _ = error.print();
    }
    if options.iter().any(|option| *option == "--json") {
        tell_failure(text, code);
    }
    Err(code.into())
}

/// No options beside those that every command takes.
#[derive(Debug, Args)]
pub struct NoOptions {}

#[derive(Parser)]
struct StageArgs<Options: Args> {
    #[command(flatten)]
    common: CommonArgs,
    #[command(flatten)]
    options: Options,
}

/// Undoes what signals would do to the program in some surroundings. A limit on the size of files becomes a failure to write
/// like any other: the signal that comes with it would end the program without a word. And where it was started with the
/// signal of ended children ignored, it learns again how they ended.
pub fn meet_signals() {
    for signal in [SIGXFSZ, SIGCHLD] {
        // Where that cannot be had, the program ends by the first signal, and a worker that ends is an error.
        let _ = signal_hook::flag::register(signal, Arc::default());
    }
}

/// The whole `main` of a stage binary: everything but the stage's own work.
pub fn main<Options: Args>(
    name: &'static str,
    about: &'static str,
    run: impl FnOnce(&Context, &Options) -> Result<Summary, Failure>,
) -> ExitCode {
    use clap::CommandFactory;
    meet_signals();
    let command = StageArgs::<Options>::command().name(name).about(about).version(env!("CARGO_PKG_VERSION"));
    let StageArgs { common, options } = match typed(command) {
        Ok(args) => args,
        Err(exit) => return exit,
    };
    common.start_logging(false, None);
    let result = common.context().and_then(|context| {
        let _lock = lock(&context)?;
        let summary = run(&context, &options)?;
        if summary.done > 0 {
            context.known_files.save().map_err(Failure::stage)?;
        }
        Ok(summary)
    });
    match result {
        Ok(summary) => {
            if common.json {
                let _ = serde_json::to_writer(io::stdout(), &summary);
                let _ = writeln!(io::stdout());
            }
            // As the command tells it that runs all stages: what was noted is said whatever else is printed.
            for line in std::iter::once(summary.line()).chain(summary.notes.iter().cloned()) {
                if common.log_format == LogFormat::Json {
                    tracing::info!(target: SAID, "{line}");
                } else if !common.quiet {
                    let _ = writeln!(io::stderr(), "{}", harmless(&line));
                }
            }
            if summary.attention { Exit::Attention.into() } else { Exit::Done.into() }
        }
        Err(failure) => fail(&failure, &common, false),
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_child_is_told_whatever_was_inherited() {
        meet_signals();
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        let caught = u64::from_str_radix(caught.trim(), 16).unwrap();
        for signal in [SIGXFSZ, SIGCHLD] {
            assert!(caught & (1 << (signal - 1)) != 0, "{signal}");
        }
    }
}
