//! Stage 2: responses become typed answers, or findings that say what is wrong and what to do.
//!
//! An error means that an answer cannot be used or that the submission has to go back; everything else is
//! kept as it stands, with a warning where it does not fit together. All findings are collected.

mod choice;
mod decode;
mod doubled;
mod earlier;
mod evidence;
mod header;
mod judge;
mod links;
mod lookup;
mod number;
mod previous;
mod stage;
mod submission;
mod year;

pub use doubled::doubled;
pub use judge::judge;
pub use links::{LinkError, LookedAt, check_links};
pub use lookup::Lookup;
pub use stage::{ValidateError, run, run_with_links, waiting};
pub use submission::{Instruments, economy_of, validate};
