//! What can be typed about comparisons: with other economies, runs and waves.

use clap::{Args, Subcommand, ValueEnum};
use maturity::comparator::Kind;

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
pub(crate) struct DiffOptions {
    /// The earlier run: an id of run.json or its beginning, latest or previous of the wave
    #[arg(value_name = "RUN_A", default_value = "previous")]
    pub(crate) from: String,
    /// The later run
    #[arg(value_name = "RUN_B", default_value = "latest")]
    pub(crate) to: String,
    /// Two waves instead of two runs, the earlier one first
    #[arg(long, num_args = 2, value_names = ["FROM", "TO"], conflicts_with_all = ["from", "to"])]
    pub(crate) waves: Vec<u16>,
    /// Only these economies, by code or name, separated by commas
    #[arg(long, value_name = "CODES")]
    pub(crate) economy: Vec<String>,
}
