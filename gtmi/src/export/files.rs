//! The files of one table, while rows are added to them.

use std::path::Path;

use ::parquet::errors::ParquetError;
use pipeline::durable::Growing;

use super::comma::Lines;
use super::parquet::Columns;
use super::table::{Definition, Row};
use super::{ExportError, Format};

/// The files of a table.
pub(super) struct Files {
    definition: Definition,
    rows: usize,
    growing: Vec<File>,
}

/// A file that grows.
enum File {
    Lines(Format, Box<Lines<Growing>>),
    Columns(Box<Columns<Growing>>),
}

/// A table with all its rows, in files that are not in their places yet.
pub(super) struct Full {
    pub(super) definition: Definition,
    /// How many rows it has.
    pub(super) rows: usize,
    pub(super) files: Vec<FullFile>,
}

/// One of its files.
pub(super) struct FullFile {
    pub(super) format: Format,
    /// Its name in the folder.
    pub(super) name: String,
    pub(super) file: Growing,
}

impl Files {
    /// Begins the files of a table.
    pub(super) fn begin(
        folder: &Path,
        definition: Definition,
        formats: impl IntoIterator<Item = Format>,
    ) -> Result<Self, ExportError> {
        let begin = |format: Format| {
            let file = Growing::begin(&folder.join(name(&definition, format)))?;
            Ok(match format {
                Format::Csv | Format::Sdmx => {
                    let lines = Lines::begin(file, &definition).map_err(csv_of(&definition))?;
                    File::Lines(format, Box::new(lines))
                }
                Format::Parquet => {
                    let columns = Columns::begin(file, &definition).map_err(parquet_of(&definition))?;
                    File::Columns(Box::new(columns))
                }
            })
        };
        let growing = formats.into_iter().map(begin).collect::<Result<_, ExportError>>()?;
        Ok(Self { definition, rows: 0, growing })
    }

    /// Adds rows that come after all that were added.
    pub(super) fn add(&mut self, mut rows: Vec<Row<'_>>) -> Result<(), ExportError> {
        let definition = &self.definition;
        definition.order_rows(&mut rows);
        self.rows += rows.len();
        self.growing.iter_mut().try_for_each(|file| match file {
            File::Lines(_, lines) => lines.add(&rows).map_err(csv_of(definition)),
            File::Columns(columns) => columns.add(&rows).map_err(parquet_of(definition)),
        })
    }

    /// How many bytes of rows wait for their row group to be full.
    pub(super) fn gathered(&self) -> usize {
        let columns = self.growing.iter().filter_map(|file| match file {
            File::Lines(..) => None,
            File::Columns(columns) => Some(columns.gathered()),
        });
        columns.sum()
    }

    /// Ends the row group that gathers before it is full.
    pub(super) fn write_group(&mut self) -> Result<(), ExportError> {
        self.growing.iter_mut().try_for_each(|file| match file {
            File::Lines(..) => Ok(()),
            File::Columns(columns) => columns.write_group().map_err(parquet_of(&self.definition)),
        })
    }

    /// Whether the disk refused something.
    pub(super) fn is_broken(&self) -> bool {
        self.growing.iter().any(|file| match file {
            File::Lines(_, lines) => lines.file().is_broken(),
            File::Columns(columns) => columns.file().is_broken(),
        })
    }

    /// The files with all their rows.
    pub(super) fn finish(self) -> Result<Full, ExportError> {
        let definition = self.definition;
        let finish = |file| {
            let (format, file) = match file {
                File::Lines(format, lines) => (format, lines.finish().map_err(csv_of(&definition))?),
                File::Columns(columns) => {
                    (Format::Parquet, columns.finish().map_err(parquet_of(&definition))?)
                }
            };
            Ok(FullFile { format, name: name(&definition, format), file })
        };
        let files = self.growing.into_iter().map(finish).collect::<Result<_, ExportError>>()?;
        Ok(Full { definition, rows: self.rows, files })
    }
}

/// The name of a table's file.
pub(super) fn name(definition: &Definition, format: Format) -> String {
    format!("{}.{}", definition.name, format.ending())
}

fn csv_of(definition: &Definition) -> impl Fn(csv::Error) -> ExportError + use<> {
    let table = definition.name;
    move |source| ExportError::Csv { table, source }
}

fn parquet_of(definition: &Definition) -> impl Fn(ParquetError) -> ExportError + use<> {
    let table = definition.name;
    move |source| ExportError::Parquet { table, source }
}
