//! What people are told after a run: what is new since they were last told, as a summary for everybody who watches
//! the pipeline and as letters to those whom it concerns. Everything here is composed and nothing is sent: the same
//! facts give the same bytes.
//!
//! A text is written once, as a [`Page`] of blocks, and comes out as Markdown, HTML and plain text. The words are
//! those of `wording/notices.csv`, in every language of that table.

mod letter;
mod news;
mod page;
mod signature;
mod summary;
mod words;

pub use letter::{Letter, Occasion, Recipient, to_focal_point, to_reviewers};
pub use news::{Decided, Facts, GroupChange, Known, News, Refused, Seen, Submitted, Unreachable};
pub use page::{Block, Page};
pub use signature::{SIGNATURE, TIMESTAMP, sign, verify};
pub use summary::{Outputs, Summary};
pub use words::speaks;
