//! The memory of the pipeline: one `SQLite` file with everything that was received, understood and computed,
//! and beside it a folder with the bytes of every file ever received, named by their content.
//!
//! Nobody else speaks SQL. Every public method that writes is one transaction.

mod answers;
mod database;
mod fetched;
mod files;
mod previous;
mod reviews;
mod rows;
mod runs;
mod scores;
mod submissions;

pub use answers::Validation;
pub use database::{Store, StoreError};
pub use fetched::Fetched;
pub use files::{FileName, IncomingFile, RefusedFile};
pub use submissions::{SubmissionId, SubmissionRow};

#[cfg(test)]
mod tests;
