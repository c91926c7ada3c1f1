//! What can be typed.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use maturity::comparator::Kind;
use pipeline::stage::CommonArgs;

use crate::export::Format;
use crate::schedule::units::Scheduler;
use crate::sql::{Engine, ScoreLevel};
use crate::stages::Stage;

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
#[command(name = "gtmi", version, about, after_help = AFTER_HELP, max_term_width = 100)]
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
    },
    /// Put a backup in the place of the store; what is there is kept under another name
    Restore {
        /// The folder that gtmi backup made
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
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

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// Say what would be done and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Validate, score and report only these economies, by code or name, separated by commas
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) economy: Vec<String>,
    /// Start with this stage and take what the earlier ones left
    #[arg(long, value_enum, default_value_t, value_name = "STAGE", hide_default_value = true)]
    pub(crate) from: Stage,
    /// Also do what is up to date
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct NotifyOptions {
    /// Show what would be sent to whom, with headers, text, attachments and size; send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Also write each message to this folder, as files that mail programs open
    #[arg(long, value_name = "DIR", requires = "dry_run")]
    pub(crate) out: Option<PathBuf>,
    /// List all messages with what came of them
    #[arg(long, conflicts_with_all = ["dry_run", "again"])]
    pub(crate) list: bool,
    /// Send a message again that was given up or refused, or of which nobody knows whether it came
    #[arg(long, value_name = "NUMBER", conflicts_with = "dry_run")]
    pub(crate) again: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct ScheduleOptions {
    /// Print what another scheduler needs instead
    #[arg(long, value_enum, value_name = "SYSTEM")]
    pub(crate) print: Option<Scheduler>,
    /// Write it as files to this folder instead of printing it
    #[arg(long, value_name = "DIR", requires = "print")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FrameworkCommand {
    /// Check a framework's folder: all problems at once, and advice, with file, line and what to do
    Check {
        /// The folder; the configured framework if not given
        folder: Option<PathBuf>,
    },
    /// Write the method as a page to read: formulas, weights, maxima, rules, and an example worked out
    Method {
        /// The economy whose scores are worked out, by code or name
        #[arg(long, value_name = "CODE")]
        economy: Option<String>,
        /// The language of the page [default: that of the reports]
        #[arg(long, value_name = "TAG")]
        language: Option<String>,
        /// The file to write (Markdown); printed if not given
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Start the next wave (--wave YEAR) from a framework: ids, wording and comparability carried over
    New(NewFrameworkOptions),
}

#[derive(Debug, Args)]
pub(crate) struct NewFrameworkOptions {
    /// The framework to start from: its folder, or its id beside the configured framework
    #[arg(long, value_name = "ID")]
    pub(crate) from: String,
    /// The folder to make; beside the framework to start from if not given
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DiffOptions {
    /// The earlier run: an id of run.json or its beginning, latest or previous
    #[arg(value_name = "RUN_A", default_value = "previous")]
    pub(crate) from: String,
    /// The later run
    #[arg(value_name = "RUN_B", default_value = "latest")]
    pub(crate) to: String,
    /// Two waves instead of two runs, the earlier one first
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], conflicts_with_all = ["from", "to"])]
    pub(crate) waves: Vec<u16>,
    /// Only these economies, by code or name, separated by commas
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) economy: Vec<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// Accept a finding about the latest submission as it is, until the answer changes
    Accept(AcceptOptions),
    /// Take back what was accepted
    Withdraw(FindingName),
    /// What was accepted, by whom and why
    List {
        /// Only this economy
        economy: Option<String>,
    },
    /// Let another answer count in the place of the submitted one, until that changes
    Override(OverrideOptions),
    /// Send the latest submission back to its sender
    Return(VerdictOptions),
    /// Approve the latest accepted submission for publication
    Approve(VerdictOptions),
    /// Take back an override, a return or an approval
    Undo {
        /// The decision, as `gtmi review decisions` names it
        decision: String,
        #[command(flatten)]
        author: Author,
    },
    /// Every override, return and approval: by whom, why, and whether it counts
    Decisions {
        /// Only this economy
        economy: Option<String>,
    },
    /// The steps of an economy's submissions: received, returned, accepted, in review, approved, published
    Trail {
        /// The economy, by code or name
        economy: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Author {
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct VerdictOptions {
    /// The economy, by code or name
    pub(crate) economy: String,
    #[command(flatten)]
    pub(crate) author: Author,
}

#[derive(Debug, Args)]
pub(crate) struct OverrideOptions {
    /// The economy, by code or name
    pub(crate) economy: String,
    /// The question, e.g. I-12.4
    pub(crate) question: String,
    /// The answer that counts: a code or a label; - for none
    #[arg(long, value_name = "ANSWER", allow_hyphen_values = true)]
    pub(crate) answer: String,
    /// The submitted answer that you saw [default: the one that is submitted now]
    #[arg(long, value_name = "ANSWER", allow_hyphen_values = true)]
    pub(crate) replaces: Option<String>,
    /// The link or document that you found
    #[arg(long, value_name = "TEXT")]
    pub(crate) evidence: Option<String>,
    #[command(flatten)]
    pub(crate) author: Author,
}

#[derive(Debug, Args)]
pub(crate) struct PublishOptions {
    /// Who publishes
    #[arg(long, value_name = "NAME", required_unless_present = "check")]
    pub(crate) by: Option<String>,
    /// Publish nothing: say what differs from the latest publication, exit 1 if anything does
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetOptions {
    /// The economy, by code or name
    pub(crate) economy: String,
    /// Only respondents whose name or address contains this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) like: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FindingName {
    /// The economy, by code or name
    pub(crate) economy: String,
    /// The rule, e.g. CONSTRAINT-001
    pub(crate) rule: String,
    /// The question, where the finding is about one, e.g. I-12.4
    pub(crate) question: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AcceptOptions {
    #[command(flatten)]
    pub(crate) finding: FindingName,
    /// Who decides
    #[arg(long, value_name = "NAME")]
    pub(crate) by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Debug, Args)]
pub(crate) struct CheckOptions {
    /// The workbook
    pub(crate) file: PathBuf,
    /// Write the marked return: the same workbook with a receipt and every finding at its cell
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Say which findings are new since an earlier check, given as its --json output
    #[arg(long, value_name = "JSON")]
    pub(crate) against: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ComparatorsCommand {
    /// Freeze the comparators of the scores in force under a name, for `pin` in the section of comparators
    Pin {
        /// The name
        name: String,
    },
    /// The sets that can be pinned
    List,
}

/// What economies of a comparator have in common, as it is typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ComparatorKind {
    World,
    Region,
    Income,
    Peers,
}

impl From<ComparatorKind> for Kind {
    fn from(kind: ComparatorKind) -> Self {
        match kind {
            ComparatorKind::World => Self::World,
            ComparatorKind::Region => Self::Region,
            ComparatorKind::Income => Self::Income,
            ComparatorKind::Peers => Self::Peers,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct CompareOptions {
    /// The economy, by code or name
    pub(crate) economy: String,
    /// Only these comparators, separated by commas
    #[arg(long, value_enum, value_name = "KINDS", value_delimiter = ',')]
    pub(crate) with: Vec<ComparatorKind>,
    /// Every indicator too
    #[arg(long)]
    pub(crate) indicators: bool,
    /// Ranks as well; the rule for ties is printed
    #[arg(long)]
    pub(crate) ranks: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TemplateOptions {
    /// The economy, by code or name; all economies if not given
    #[arg(long, value_name = "CODE")]
    pub(crate) economy: Option<String>,
    /// The language of the questionnaire [default: that of the reports]
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// The deadline as it should read on the cover [default: that of the configuration]
    #[arg(long, value_name = "TEXT")]
    pub(crate) deadline: Option<String>,
    /// Fill in the previous wave's answers, each to be confirmed or changed
    #[arg(long)]
    pub(crate) prefill: bool,
    /// The file to write; a folder if no economy is given
    #[arg(long, value_name = "PATH")]
    pub(crate) out: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct ExportOptions {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The formats to write, separated by commas
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', default_value = "csv,parquet")]
    pub(crate) format: Vec<Format>,
}

#[derive(Debug, Args)]
pub(crate) struct SqlOptions {
    /// The engine that is to run the query
    #[arg(long, value_name = "NAME")]
    pub(crate) dialect: Engine,
    /// Where the tables are: a schema, or (not for postgres) a folder of Parquet files, e.g. ./export
    /// [default: tables or views of the names of the export]
    #[arg(long, value_name = "PLACE")]
    pub(crate) tables: Option<String>,
    /// The levels of scores to give, separated by commas; fewer cost less
    #[arg(
        long,
        value_name = "LEVELS",
        value_delimiter = ',',
        default_value = "index,subindex,indicator,question"
    )]
    pub(crate) levels: Vec<ScoreLevel>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoOptions {
    /// The folder to write to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// The most questionnaires to write
    #[arg(long, value_name = "N")]
    pub(crate) count: Option<usize>,
    /// Only these economies, by code, separated by commas
    #[arg(long, value_name = "CODES", value_delimiter = ',')]
    pub(crate) economy: Vec<String>,
    /// All but these economies, by code, separated by commas
    #[arg(long, value_name = "CODES", value_delimiter = ',', conflicts_with = "economy")]
    pub(crate) except: Vec<String>,
    /// The language of the questionnaires [default: that of the reports]
    #[arg(long, value_name = "TAG")]
    pub(crate) language: Option<String>,
    /// Only the first N answers of each economy, for half-filled questionnaires
    #[arg(long, value_name = "N")]
    pub(crate) answers: Option<usize>,
    /// One workbook in the publisher's wide layout instead of questionnaires
    #[arg(long)]
    pub(crate) dataset: bool,
}
