//! What can go wrong when a workbook is written.

use rust_xlsxwriter::XlsxError;

/// A workbook could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The writer refused a value or a setting: a sheet name that is too long, a table with too many rows.
    #[error("failed to write the workbook")]
    Workbook(#[from] XlsxError),
}
