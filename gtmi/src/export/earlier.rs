//! What lies in the folder of an export: an earlier export gives way, and nothing else does.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde::Deserialize;

use super::table::Definition;
use super::{ExportError, Format};
use crate::places;

/// The name of the description of the tables.
pub(super) const PACKAGE: &str = "datapackage.json";

/// The files that an earlier export left in a folder.
pub(super) struct Earlier {
    folder: PathBuf,
    /// The hash of each, by its name, as the description has it.
    files: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Package {
    resources: Vec<Resource>,
}

#[derive(Deserialize)]
struct Resource {
    path: String,
    hash: String,
}

impl Earlier {
    /// Looks into a folder. A description that no export wrote would be lost, so it is refused.
    pub(super) fn of(folder: &Path) -> Result<Self, ExportError> {
        let path = folder.join(PACKAGE);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Self { folder: folder.to_owned(), files: BTreeMap::new() });
            }
            Err(_) => return Err(ExportError::Taken(path)),
        };
        // Data Packages of others do not name the hashes of their files in this form.
        let package: Option<Package> = serde_json::from_str(&text).ok();
        let is_ours = |resource: &Resource| {
            resource.hash.starts_with("sha256:") && Path::new(&resource.path).components().count() == 1
        };
        match package {
            Some(package) if package.resources.iter().all(is_ours) => {
                let files = package.resources.into_iter().map(|resource| (resource.path, resource.hash));
                Ok(Self { folder: folder.to_owned(), files: files.collect() })
            }
            _ => Err(ExportError::Taken(path)),
        }
    }

    /// Whether a table may be written under a name: nothing is there, or what an export wrote. One that was ended before it
    /// came to its description is told by the columns.
    pub(super) fn gives_way(
        &self,
        name: &str,
        definition: &Definition,
        format: Format,
    ) -> Result<(), ExportError> {
        let path = self.folder.join(name);
        if !path.exists() || self.files.contains_key(name) {
            return Ok(());
        }
        let columns = match format {
            Format::Csv | Format::Sdmx => headings(&path),
            Format::Parquet => parquet_columns(&path),
        };
        let is_same = columns
            .is_some_and(|found| found.iter().eq(definition.columns.iter().map(|column| &*column.name)));
        if is_same { Ok(()) } else { Err(ExportError::Taken(path)) }
    }

    /// Removes what the earlier export wrote and this one did not, such as the tables in another format. What somebody wrote
    /// into since stays.
    pub(super) fn remove_others(&self, written: &[PathBuf]) -> Result<Vec<PathBuf>, ExportError> {
        let mut removed = Vec::new();
        for (name, hash) in &self.files {
            let path = self.folder.join(name);
            if written.contains(&path) {
                continue;
            }
            let is_untouched =
                pipeline::hash::of_file(&path).is_ok_and(|found| format!("sha256:{found}") == *hash);
            if is_untouched {
                fs::remove_file(&path)
                    .map_err(|source| ExportError::Remove { path: path.clone(), source })?;
                removed.push(path);
            }
        }
        if !removed.is_empty() {
            durable::settle(&self.folder.join(PACKAGE))?;
        }
        Ok(removed)
    }
}

fn headings(path: &Path) -> Option<Vec<String>> {
    let mut line = String::new();
    BufReader::new(File::open(path).ok()?).read_line(&mut line).ok()?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
    let record = reader.records().next()?.ok()?;
    Some(record.iter().map(str::to_owned).collect())
}

fn parquet_columns(path: &Path) -> Option<Vec<String>> {
    let reader = SerializedFileReader::new(File::open(path).ok()?).ok()?;
    let schema = reader.metadata().file_metadata().schema_descr();
    Some(schema.columns().iter().map(|column| column.name().to_owned()).collect())
}

/// Refuses a folder that holds what the configuration names: tables of the export have names such as `economies.csv` too.
pub(super) fn refuse_inputs(context: &Context, folder: &Path) -> Result<(), Failure> {
    let tables = ["scores.csv", "scores.parquet", PACKAGE].map(|name| folder.join(name));
    if let Some(source) = tables.iter().find_map(|table| context.config.source_of(table)) {
        let message = format!(
            "{} is in the folder of the source \"{}\", and tables of the export would be read as submissions (name another \
             folder with --out)",
            folder.display(),
            source.name
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    let Ok(folder) = folder.canonicalize() else { return Ok(()) };
    for path in places::inputs(&context.config) {
        let lies_there =
            path.canonicalize().is_ok_and(|path| path.parent().is_some_and(|parent| parent == folder));
        if lies_there {
            let message = format!(
                "{} holds {}, which the configuration names, and tables of the export may take its place (name another \
                 folder with --out)",
                folder.display(),
                path.file_name().unwrap_or_default().to_string_lossy()
            );
            return Err(Failure::new(Exit::Usage, message));
        }
    }
    Ok(())
}
