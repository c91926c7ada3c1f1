//! The memory of the pipeline: one `SQLite` file with everything that was received, understood and computed,
//! and beside it a folder with the bytes of every file ever received, named by their content.
//!
//! Nobody else speaks SQL. Every public method that writes is one transaction.

mod answers;
mod at_rest;
mod backup;
mod carried;
mod comparators;
mod database;
mod decisions;
mod fetched;
mod files;
mod imported;
mod in_force;
mod ledger;
mod links;
mod lists;
mod migrations;
mod outbox;
mod places;
mod previous;
mod publications;
mod receiving;
mod reviews;
mod rows;
mod runs;
mod score_tree;
mod scores;
mod snapshots;
mod soundness;
mod standing;
mod submissions;
mod told;
mod uncertainty;

pub use answers::{OpenFindings, Validation};
pub use carried::{Carried, Since};
pub use comparators::ComparatorPin;
pub use database::{Store, StoreError};
pub use decisions::Step;
pub use fetched::Fetched;
pub use files::{FileName, IncomingFile, ReadFile, RefusedFile};
pub use in_force::ExternalStamp;
pub use ledger::LedgerEntry;
pub use links::CheckedLink;
pub use maturity::respondent::Respondent;
pub use outbox::{Message, NewMessage, Settled, Told};
pub use places::Placed;
pub use previous::Previous;
pub use publications::Forgotten;
pub use runs::RunRow;
pub use scores::Scored;
pub use snapshots::{RunStates, Snapshot};
pub use soundness::advised;
pub use submissions::{SubmissionId, SubmissionRow, SubmissionState};
pub use told::Identified;

#[cfg(test)]
mod tests;
