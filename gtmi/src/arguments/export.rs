//! What can be typed about tables for other programs.

use std::path::PathBuf;

use clap::Args;

use crate::export::Format;
use crate::sql::{Engine, ScoreLevel};

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
