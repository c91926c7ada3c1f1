//! What the `main` of every stage does: arguments, configuration, lock, run, summary, exit code.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Parser, ValueEnum};
use serde::Serialize;
use signal_hook::consts::SIGXFSZ;

use crate::advice;
use crate::context::Context;
use crate::durable::{self, SweepError};
use crate::exit::Exit;
use crate::hash::Digest;
use crate::lock::{Lock, LockError};
use crate::logging::{self, Listener, LogFormat, Verbosity};
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
    /// Print the result as one JSON document on stdout
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

/// Prints a failure to stderr and gives its exit code.
pub fn fail(failure: &Failure, color: bool) -> ExitCode {
    let label = if color { "\u{1b}[1;31merror\u{1b}[0m" } else { "error" };
    // Nothing can be done about a closed stderr.
    let _ = writeln!(io::stderr(), "{label}: {}", harmless(&failure.chain()));
    failure.exit.into()
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

/// Makes a limit on the size of files a failure to write like any other: the signal that comes with it would end the
/// program without a word.
pub fn meet_limits() {
    // Where that cannot be had, the program ends by the signal.
    let _ = signal_hook::flag::register(SIGXFSZ, Arc::default());
}

/// The whole `main` of a stage binary: everything but the stage's own work.
pub fn main<Options: Args>(
    name: &'static str,
    about: &'static str,
    run: impl FnOnce(&Context, &Options) -> Result<Summary, Failure>,
) -> ExitCode {
    use clap::{CommandFactory, FromArgMatches};
    meet_limits();
    let command = StageArgs::<Options>::command().name(name).about(about).version(env!("CARGO_PKG_VERSION"));
    let StageArgs { common, options } = match StageArgs::from_arg_matches(&command.get_matches()) {
        Ok(args) => args,
        Err(error) => error.exit(),
    };
    common.start_logging(false, None);
    let result = common.context().and_then(|context| {
        let _lock = lock(&context)?;
        run(&context, &options)
    });
    match result {
        Ok(summary) => {
            if common.json {
                let _ = serde_json::to_writer(io::stdout(), &summary);
                let _ = writeln!(io::stdout());
            } else if !common.quiet {
                let _ = writeln!(io::stderr(), "{}", summary.line());
            }
            if summary.attention { Exit::Attention.into() } else { Exit::Done.into() }
        }
        Err(failure) => fail(&failure, common.colors()),
    }
}
