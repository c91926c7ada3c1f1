//! How much of a score is backed by evidence: [`maturity::backing`], tested here with the scoring itself.

pub use maturity::backing::*;

#[cfg(test)]
mod tests;
