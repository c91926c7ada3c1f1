//! Stage 4: scores become workbooks.
//!
//! [`country`] makes the report of one economy, [`global`] the workbook of a wave. Both are pure: values in,
//! the bytes of a workbook out, and the same values always give the same bytes. Nothing here computes a
//! score or reads a file.
//!
//! One sheet is one file. Sheets are written through `page::Page`, the only way from a value to a cell: it
//! cleans what others wrote, keeps absent values apart from 0 and finds the heights of rows. Colours stand
//! in `palette`, formats in `style`, every sentence in `wording.csv`.

pub mod country;
pub mod global;

mod chart;
mod comparison;
mod decided;
mod error;
mod feedback;
mod form;
mod keys;
mod label;
mod method;
mod methodology;
mod page;
mod palette;
mod printing;
mod recorded;
mod scale;
mod stage;
mod style;
mod text;
mod wording;

#[cfg(test)]
mod testing;

pub use comparison::{Beside, Comparators};
pub use error::ReportError;
pub use feedback::{MadeReturns, open_findings, returns};
pub use methodology::methodology;
pub use stage::{StageError, is_global_outdated, outdated, recorded_hash, run};
