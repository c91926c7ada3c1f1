//! What can be typed.

mod compare;
mod export;
mod framework;
mod review;
mod run;
mod workbook;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use pipeline::stage::CommonArgs;

pub(crate) use self::compare::{ComparatorsCommand, CompareOptions, DiffOptions};
pub(crate) use self::export::{ExportOptions, SqlOptions};
pub(crate) use self::framework::{FrameworkCommand, NewFrameworkOptions};
pub(crate) use self::review::{
    AcceptOptions, Author, FindingName, OverrideOptions, ReviewCommand, VerdictOptions,
};
pub(crate) use self::run::{ForgetOptions, NotifyOptions, PublishOptions, RunOptions, ScheduleOptions};
pub(crate) use self::workbook::{CheckOptions, DemoOptions, TemplateOptions};

/// The text under `gtmi --help`.
const AFTER_HELP: &str = "\
First steps:
  gtmi run                              read what came in, validate, score, write reports to out/
  gtmi status                           what came from whom, and where it stands
  gtmi explain KEN CGSI                 a score down to its answers and cells
  gtmi template --economy KEN --out .   the questionnaire for one economy

Exit codes: 0 done, 1 done but something was refused or returned, 2 wrong usage or configuration,
70 a stage failed, 75 another run holds the lock, 130 and 143 ended by SIGINT and SIGTERM.";

/// From government maturity questionnaires to published country reports.
#[derive(Debug, Parser)]
#[command(
    name = "gtmi",
    version,
    propagate_version = true,
    about,
    after_help = AFTER_HELP,
    max_term_width = 100
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// All four stages in order; skips what has not changed
    Run(RunOptions),
    /// The ledger: every run that did something or failed, the latest last
    Runs {
        /// Only the latest N
        #[arg(long, value_name = "N")]
        last: Option<usize>,
    },
    /// Stay in the foreground and run at the scheduled times; or print units for another scheduler
    Schedule(ScheduleOptions),
    /// Send the letters and messages that wait: what is new to those whom it concerns, as the configuration says
    Notify(NotifyOptions),
    /// Copy everything that a restore needs to a new folder; also while a run is writing
    Backup {
        /// The folder to make
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Go on without received files that are missing or damaged, and say which
        #[arg(long)]
        incomplete: bool,
    },
    /// Put a backup in the place of the store; what is there is kept under another name
    Restore {
        /// The folder that gtmi backup made
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Go on without received files that are missing or damaged, and say which
        #[arg(long)]
        incomplete: bool,
    },
    /// Stage 1: take in new files from the sources
    Ingest,
    /// Stage 2: turn responses into answers and findings
    Validate {
        /// Open the web addresses in evidence and warn of those that not everyone can open
        #[arg(long)]
        check_links: bool,
    },
    /// Stage 3: turn accepted answers into scores
    Score,
    /// Stage 4: write the country reports and the global workbook
    Report,
    /// Write questionnaires for economies to fill in
    Template(TemplateOptions),
    /// Check one filled-in workbook; stores nothing, exit 1 if it would be returned
    Check(CheckOptions),
    /// Every economy of the wave: what came, its state, its findings
    Status,
    /// A score down to its questions, answers, file, sheet and cell
    Explain {
        /// The economy's code, e.g. KEN
        economy: String,
        /// The index, a subindex, an indicator or a question, e.g. GTMI, CGSI, I-12, I-12.4
        id: Option<String>,
    },
    /// Write tidy tables as CSV and Parquet with a datapackage.json
    Export(ExportOptions),
    /// Print the scoring of the framework as one SQL query over the exported tables
    Sql(SqlOptions),
    /// An economy beside the world, its region, its income group and chosen peers
    Compare(CompareOptions),
    /// Sets of comparators: freeze those of now, list those that can be pinned
    Comparators {
        #[command(subcommand)]
        command: ComparatorsCommand,
    },
    /// Which edition of each external index is used, from whom, and for whom there is no value
    External,
    /// Who answered for an economy, where they disagree, what each alone would have given
    Respondents {
        /// The economy, by code or name
        economy: String,
        /// Also show the offices as the respondents wrote them (personal data)
        #[arg(long)]
        offices: bool,
    },
    /// The smallest sets of answers between a score and the next maturity group
    Raise {
        /// The economy, by code or name
        economy: String,
        /// The group to reach [default: the next]
        #[arg(long, value_name = "GROUP")]
        to: Option<String>,
    },
    /// Write the instrument as an online form (XLSForm) for Kobo, ODK Central and others
    Xlsform {
        /// The workbook to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// The language in which the form opens; it holds all [default: that of the framework]
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
    },
    /// What changed between two runs or two waves, by economy and cause
    Diff(DiffOptions),
    /// Write filled-in questionnaires from the bundled real answers
    Demo(DemoOptions),
    /// Decisions of reviewers: accept findings, override answers, return or approve submissions
    #[command(args_conflicts_with_subcommands = true, arg_required_else_help = true)]
    Review {
        /// Take decisions from a table: wave,economy,question,decision,replaces,answer,evidence,reason,reviewer
        #[arg(long, value_name = "CSV")]
        from: Option<PathBuf>,
        #[command(subcommand)]
        command: Option<ReviewCommand>,
    },
    /// Freeze the wave as it is: inputs, outputs and their hashes; --check says what differs since
    Publish(PublishOptions),
    /// Remove the names and addresses of an economy's respondents from the store; what was answered stays
    Forget(ForgetOptions),
    /// The catalogue of all rules: id, severity, wording, example
    Rules {
        /// Write it as a Markdown file instead
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Work on frameworks
    Framework {
        #[command(subcommand)]
        command: FrameworkCommand,
    },
}
