//! `gtmi export`: tidy tables as CSV and Parquet with a `datapackage.json`, and the scores as SDMX-CSV.

mod comma;
mod guard;
mod package;
mod parquet;
mod sdmx;
mod table;
mod tables;

use std::path::{Path, PathBuf};

use clap::ValueEnum;
use pipeline::comparators::PinError;
use pipeline::durable::{self, SweepError, WriteError};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;
use store::{Store, StoreError};

pub(crate) use self::guard::unguarded;
use self::package::Listed;
use self::tables::Sources;
use crate::arguments::ExportOptions;
use crate::compare;
use crate::diff::points::PointError;
use crate::say::Voice;

/// A form in which tables are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Format {
    /// Comma-separated text, a file for each table
    Csv,
    /// Apache Parquet, a file for each table
    Parquet,
    /// SDMX-CSV 2.0, one file with the scores
    Sdmx,
}

/// The tables cannot be made or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Point(#[from] PointError),
    #[error("the store says that {name:?} was received at {found:?}")]
    Time { name: String, found: String, source: jiff::Error },
    #[error("failed to make {table}.csv")]
    Csv { table: &'static str, source: csv::Error },
    #[error("failed to make {table}.parquet")]
    Parquet { table: &'static str, source: ::parquet::errors::ParquetError },
    #[error("failed to describe the tables")]
    Package(#[from] serde_json::Error),
    #[error(transparent)]
    Comparators(#[from] PinError<StoreError>),
    #[error(transparent)]
    Write(#[from] WriteError),
    #[error(transparent)]
    Sweep(#[from] SweepError),
}

/// Writes the tables of the wave into a folder.
pub(crate) fn export(context: &Context, voice: Voice, options: &ExportOptions) -> Result<Exit, Failure> {
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let store = store.ok_or_else(|| {
        Failure::new(Exit::Usage, "there is nothing to export yet (gtmi run reads and scores what came in)")
    })?;
    let written = write(context, &store, voice, options).map_err(|error| match error {
        ExportError::Comparators(error) => compare::failure(error),
        error => Failure::stage(error),
    })?;
    voice.result(&json!({ "written": written }))?;
    Ok(Exit::Done)
}

fn write(
    context: &Context,
    store: &Store,
    voice: Voice,
    options: &ExportOptions,
) -> Result<Vec<PathBuf>, ExportError> {
    let wanted = |format| options.format.contains(&format);
    let sources = Sources::read(context, store)?;
    let tables = tables::all(&sources)?;
    let names: Vec<&str> = tables.iter().map(|table| table.definition.name).collect();
    durable::sweep_leftovers(&options.out)?;
    let (mut resources, mut written) = (Vec::new(), Vec::new());
    let mut put = |file: &str, bytes: &[u8]| -> Result<(), ExportError> {
        let path = options.out.join(file);
        durable::write(&path, bytes)?;
        written.push(path);
        Ok(())
    };
    for table in &tables {
        let (definition, name) = (&table.definition, table.definition.name);
        let mut formats = Vec::new();
        if wanted(Format::Csv) {
            let bytes = comma::bytes(table).map_err(|source| ExportError::Csv { table: name, source })?;
            let path = format!("{name}.csv");
            put(&path, &bytes)?;
            let listed = Listed { name: name.to_owned(), path: &path, definition, bytes: &bytes };
            resources.push(listed.table(&names));
            formats.push("csv");
        }
        if wanted(Format::Parquet) {
            let bytes =
                parquet::bytes(table).map_err(|source| ExportError::Parquet { table: name, source })?;
            let path = format!("{name}.parquet");
            put(&path, &bytes)?;
            let listed = Listed { name: format!("{name}-parquet"), path: &path, definition, bytes: &bytes };
            resources.push(listed.parquet());
            formats.push("parquet");
        }
        if !formats.is_empty() {
            voice.line(&format!("{name:<13} {:>7} rows  {}", table.rows.len(), formats.join(", ")));
        }
    }
    if wanted(Format::Sdmx) {
        let table = sdmx::table(&sources);
        let name = table.definition.name;
        let bytes = comma::bytes(&table).map_err(|source| ExportError::Csv { table: name, source })?;
        let path = format!("{name}.csv");
        put(&path, &bytes)?;
        let listed =
            Listed { name: name.to_owned(), path: &path, definition: &table.definition, bytes: &bytes };
        resources.push(listed.table(&names));
        voice.line(&format!("{name:<13} {:>7} rows  csv", table.rows.len()));
    }
    let text = serde_json::to_string_pretty(&package::package(context, &resources))? + "\n";
    put("datapackage.json", text.as_bytes())?;
    voice.line(&format!("wrote {} files to {}", written.len(), shown(&options.out)));
    Ok(written)
}

fn shown(folder: &Path) -> String {
    folder.display().to_string()
}
