//! What can be typed about frameworks.

use std::path::PathBuf;

use clap::{Args, Subcommand};

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
