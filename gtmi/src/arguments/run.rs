//! What can be typed about runs and what follows them.

use std::path::PathBuf;

use clap::Args;

use crate::schedule::units::Scheduler;
use crate::stages::Stage;

#[derive(Debug, Args)]
pub(crate) struct RunOptions {
    /// Say what would be done and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Validate, score and report only these economies, by code or name, separated by commas
    #[arg(long, value_name = "CODES")]
    pub(crate) economy: Vec<String>,
    /// Start with this stage and take what the earlier ones left
    #[arg(long, value_enum, default_value_t, value_name = "STAGE", hide_default_value = true)]
    pub(crate) from: Stage,
    /// Also do what is up to date
    #[arg(long)]
    pub(crate) force: bool,
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
    /// Send a message again that was given up or refused, or of which nobody knows whether it came; where its address was
    /// corrected since, to the address of now
    #[arg(long, value_name = "NUMBER", conflicts_with = "dry_run")]
    pub(crate) again: Option<i64>,
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
