//! `gtmi export`: tidy tables as CSV and Parquet with a `datapackage.json`, and the scores as SDMX-CSV.

mod comma;
mod earlier;
mod files;
mod fill;
mod package;
mod parquet;
mod sdmx;
mod table;
mod tables;

use std::path::PathBuf;

use clap::ValueEnum;
use pipeline::comparators::PinError;
use pipeline::durable::{self, SweepError, WriteError};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;
use store::{Store, StoreError};

use self::earlier::{Earlier, PACKAGE};
use self::fill::fill;
use self::package::Listed;
use crate::arguments::ExportOptions;
use crate::compare;
use crate::diff::points::PointError;
use crate::places;
use crate::say::{Voice, counted};

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

impl Format {
    /// What its files end in.
    fn ending(self) -> &'static str {
        match self {
            Self::Csv | Self::Sdmx => "csv",
            Self::Parquet => "parquet",
        }
    }
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
    #[error("{} is there already, and no export wrote it (name another place with --out)", .0.display())]
    Taken(PathBuf),
    #[error("failed to remove {path:?}, which an earlier export wrote")]
    Remove { path: PathBuf, source: std::io::Error },
}

/// Writes the tables of the wave into a folder.
pub(crate) fn export(context: &Context, voice: Voice, options: &ExportOptions) -> Result<Exit, Failure> {
    places::folder(&options.out)?;
    earlier::refuse_inputs(context, &options.out)?;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let store = store.ok_or_else(|| {
        Failure::new(Exit::Usage, "there is nothing to export yet (gtmi run reads and scores what came in)")
    })?;
    let written = write(context, &store, voice, options).map_err(|error| match error {
        ExportError::Comparators(error) => compare::failure(error),
        error @ ExportError::Taken(_) => Failure::new(Exit::Usage, error),
        error => Failure::stage(error),
    })?;
    voice.result(&json!({ "written": places::shown(&written) }))?;
    Ok(Exit::Done)
}

fn write(
    context: &Context,
    store: &Store,
    voice: Voice,
    options: &ExportOptions,
) -> Result<Vec<PathBuf>, ExportError> {
    let earlier = Earlier::of(&options.out)?;
    durable::sweep_leftovers(&options.out)?;
    // All tables show the store as it is at one moment, also while a run is writing.
    let full = store.look(|store| fill(context, store, voice, (options, &earlier)))?;
    let names: Vec<&str> = full.iter().map(|table| table.definition.name).collect();
    let (mut resources, mut written) = (Vec::new(), Vec::new());
    let (mut places, mut growing) = (Vec::new(), Vec::new());
    let mut lines = Vec::new();
    for table in &full {
        let formats: Vec<&str> = table.files.iter().map(|file| file.format.ending()).collect();
        if !formats.is_empty() {
            let (name, formats) = (table.definition.name, formats.join(", "));
            lines.push(format!("{name:<15} {:>7} rows  {formats}", table.rows));
        }
    }
    for table in full {
        for file in table.files {
            growing.push(file.file);
            places.push((table.definition.clone(), file.format, file.name));
        }
    }
    let all = durable::finish(growing)?;
    // Said once the tables are there.
    for line in &lines {
        voice.line(line);
    }
    for ((definition, format, path), content) in places.iter().zip(all) {
        let listed = Listed { path, definition, content };
        resources.push(match format {
            Format::Parquet => listed.parquet(),
            Format::Csv | Format::Sdmx => listed.table(&names),
        });
        written.push(options.out.join(path));
    }
    let text = serde_json::to_string_pretty(&package::package(context, &resources))? + "\n";
    let path = options.out.join(PACKAGE);
    durable::write(&path, text.as_bytes())?;
    let removed = earlier.remove_others(&written)?;
    written.push(path);
    voice.line(&format!("wrote {} to {}", counted(written.len(), "file", "files"), options.out.display()));
    match removed.len() {
        0 => {}
        1 => voice.line("removed 1 file of the export before, which this one does not have"),
        more => {
            voice.line(&format!("removed {more} files of the export before, which this one does not have"));
        }
    }
    Ok(written)
}
