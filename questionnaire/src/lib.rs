//! The layouts of workbooks that go out and come back: the questionnaire and the publisher's wide table.
//!
//! This is the only crate that knows where answers stand in a workbook. It writes them ([`fn@write`],
//! [`write_dataset`]) and finds them again ([`Recogniser`]), by keys and headings and never by position. What an
//! answer means is decided elsewhere: here cells become responses, each with its place.

mod blank;
mod cover;
mod dataset;
mod feedback;
mod form;
pub mod formula;
mod input;
mod layout;
mod limits;
mod lists;
mod live;
mod mark_formats;
mod marks;
mod measure;
mod overlay;
mod page;
mod palette;
mod progress;
pub mod put;
mod read;
mod receipt;
mod review;
mod sheets;
mod words;
mod write;

pub use blank::Writer;
pub use dataset::{DatasetRequest, DatasetRow, PublishedScores, write_dataset};
pub use feedback::{Return, is_prefilled, receipt_line, write_return};
pub use form::{FormRequest, write_form};
pub use limits::limits;
pub use read::Recogniser;
pub use review::{ReviewColumn, ReviewSheet, reviewed, submission_heading};
pub use write::{Entered, Request, WriteError, write};
