//! Stage 1: files become stored submissions with raw responses.
//!
//! A file is read once for each content, version of the program and instrument. One that cannot be read is
//! refused with one clear reason; it never stops the others.

mod content;
mod decisions;
mod directory;
mod known;
mod refused;
mod reviews;
mod source;
mod stage;
mod subject;
mod unread;
mod waiting;

pub use decisions::{Given, Taken, submissions as under_review, take as take_decisions};
pub use reviews::{Unread as UnreadReviews, take_table, unread as unread_reviews};
pub use source::{SourceError, SpoolError};
pub use stage::{IngestError, read_file, read_submissions, run};
pub use subject::Subject;
pub use waiting::{Reading, waiting_files};
