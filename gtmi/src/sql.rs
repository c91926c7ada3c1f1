//! `gtmi sql`: the scoring of the framework as a query.

use clap::ValueEnum;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use score::sql::{self, Dialect, Level, Tables};
use serde_json::json;

use crate::arguments::SqlOptions;
use crate::say::Voice;

/// An engine that the query is written for.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Engine {
    /// `DuckDB`
    #[value(name = "duckdb")]
    DuckDb,
    /// `PostgreSQL`
    Postgres,
    /// Apache Spark
    Spark,
}

/// A level of scores.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ScoreLevel {
    /// The index as a whole
    Index,
    /// Its subindexes
    Subindex,
    /// Their indicators
    Indicator,
    /// The scored questions
    Question,
}

/// Prints the query.
pub(crate) fn sql(context: &Context, voice: Voice, options: &SqlOptions) -> Result<Exit, Failure> {
    let dialect = match options.dialect {
        Engine::DuckDb => Dialect::DuckDb,
        Engine::Postgres => Dialect::Postgres,
        Engine::Spark => Dialect::Spark,
    };
    let tables = match &options.tables {
        Some(place) => Tables::at(dialect, place).map_err(|error| Failure::new(Exit::Usage, error))?,
        None => Tables::named(),
    };
    let levels: Vec<Level> = options
        .levels
        .iter()
        .map(|level| match level {
            ScoreLevel::Index => Level::Index,
            ScoreLevel::Subindex => Level::Subindex,
            ScoreLevel::Indicator => Level::Indicator,
            ScoreLevel::Question => Level::Question,
        })
        .collect();
    let framework = &context.framework;
    let query =
        sql::query(framework, dialect, &tables, &levels).map_err(|error| Failure::new(Exit::Usage, error))?;
    let result = json!({
        "framework": framework.id,
        "version": framework.version,
        "sha256": framework.hash,
        "dialect": dialect.as_str(),
        "levels": levels.iter().map(|level| level.as_str()).collect::<Vec<_>>(),
        "sql": query,
    });
    voice.text(&query, &result)?;
    Ok(Exit::Done)
}
