//! The scoring of a framework as one SQL query over the exported tables.
//!
//! For populations beyond one machine, and for people who want to check a score with a tool of their own: the
//! query gives the rows of the table `scores`, and equals what [`score`](fn@crate::score) computes to 1e-12.
//! It is made of common table expressions and standard functions; the framework's numbers stand in it as
//! values, so that its text is the whole method and needs no table but the economies, their answers and the
//! external indices. What the framework asks for and the query cannot say is refused by name.
//!
//! ```text
//! population   economies that are scored
//! answered     one row a scored question with an answer, and the points that it earns
//! skipped      one row a question without an answer that does not apply under the answers given
//! earned       points and maxima of these, summed by unit (an indicator, or a subindex if that is enough)
//! sums         every economy with every unit: earned + the maxima that stay without an answer
//! valued       the value of each unit: a share of points, or a number that was reported
//! parts        the score of each unit: its value, normalised over the population where the framework says so
//! level_1 …    subindexes that are made of units, then those that are made of these, and so on
//! level_n      the composite
//! ```

mod conditions;
mod constants;
mod dialect;
mod means;
mod normal;
mod query;
mod rows;
mod skipped;
mod units;
mod values;

use maturity::framework::Framework;

pub use dialect::{Dialect, Tables, TablesError};

/// A level of scores, the rows of one kind in the table `scores`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The index as a whole.
    Index,
    /// Its subindexes.
    Subindex,
    /// Their indicators.
    Indicator,
    /// The scored questions.
    Question,
}

impl Level {
    /// All levels, highest first.
    pub const ALL: [Self; 4] = [Self::Index, Self::Subindex, Self::Indicator, Self::Question];

    /// The name in the column `level`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Subindex => "subindex",
            Self::Indicator => "indicator",
            Self::Question => "question",
        }
    }
}

/// Something that the framework asks for and the query cannot say.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} cannot be expressed in the query: {why}")]
pub struct Inexpressible {
    /// What it is about, e.g. `question I-3`.
    pub what: String,
    /// Why not.
    pub why: String,
}

/// The query that scores a population with `framework`; gives rows of `levels`.
pub fn query(
    framework: &Framework,
    dialect: Dialect,
    tables: &Tables,
    levels: &[Level],
) -> Result<String, Inexpressible> {
    // A share of points can be summed by subindex at once, which is far fewer rows.
    let are_shares = framework.subindexes.iter().all(|subindex| {
        subindex.method.mean().is_none() || framework.indicators_of(&subindex.id).next().is_none()
    });
    let whole = are_shares && !levels.contains(&Level::Indicator);
    let units = if whole { Level::Subindex } else { Level::Indicator };
    let mut values = values::Values::of(framework, units)?;
    values.conditional = skipped::Conditional::of(framework, dialect, &values.items)?;
    Ok(query::text(framework, dialect, tables, levels, &values))
}

#[cfg(test)]
mod tests;
