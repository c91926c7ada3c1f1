//! Effective weights: [`maturity::weights`], tested here with the scoring itself.

pub use maturity::weights::*;

#[cfg(test)]
mod tests;
