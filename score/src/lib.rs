//! Stage 3: answers become scores.
//!
//! The computation is pure and its sums run in the order of the instrument, so equal input gives equal bits.
//! Nothing is rounded. A missing answer is never a zero in disguise: what it does is the framework's policy,
//! and the term says so.

pub mod bounds;
mod compute;
pub mod sql;
mod stage;

pub use compute::{group, score};
pub use stage::{ScoreError, run};
