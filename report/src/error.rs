//! What can go wrong when a workbook is written.

use std::io;
use std::path::PathBuf;

use pipeline::durable;
use rust_xlsxwriter::XlsxError;

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The writer refused a value or a setting: a sheet name that is too long, a table with too many rows.
    #[error("failed to write the workbook")]
    Workbook(#[source] XlsxError),
    /// The rows of a sheet with many of them cannot wait on the disk until the workbook is packed.
    #[error("failed to keep the rows of a sheet in {folder:?}")]
    Rows {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] durable::WriteError),
}

impl From<XlsxError> for ReportError {
    fn from(error: XlsxError) -> Self {
        match error {
            XlsxError::TempFileError(folder, source) => Self::Rows { folder, source },
            error => Self::Workbook(error),
        }
    }
}
