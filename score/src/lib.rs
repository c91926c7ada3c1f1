//! Stage 3: answers become scores.
//!
//! Scoring runs in two passes: the first gathers what is compared with other economies (nothing, where an index
//! is made of points), the second scores each economy by itself.
//!
//! The computation is pure and its sums run in the order of the instrument, so equal input gives equal bits.
//! Nothing is rounded. A missing answer is never a zero in disguise: what it does is the framework's policy,
//! and the term says so.

mod again;
mod aggregate;
pub mod attribution;
pub mod backing;
pub mod bounds;
mod compute;
mod earlier;
mod import;
mod normalize;
mod overrides;
pub mod raise;
pub mod respondents;
mod scoring;
pub mod sql;
mod stage;
#[cfg(test)]
mod testing;
pub mod uncertainty;
pub mod weights;

pub use compute::{composite, group, is_asked, score};
pub use normalize::{Given, Population, Statistics};
pub use scoring::WaveScoring;
pub use stage::{ScoreError, outdated, population, run};
