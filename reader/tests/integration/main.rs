//! What the gate takes in and what it turns away, told with whole files.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail loudly, too")]

mod asides;
mod crooked_zip;
mod dangers;
mod hostile_sheet;
mod kinds;
mod mutations;
mod package;
mod values;
mod wording;
