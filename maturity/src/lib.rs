//! The vocabulary of a maturity index: economies, waves, frameworks, submissions, answers, findings, scores.
//!
//! Everything here is pure: no files, no network, no spreadsheet format. The other crates speak to each
//! other in these types.

pub mod answer;
pub mod applies;
pub mod backing;
pub mod cell;
pub mod change;
pub mod comparator;
pub mod decision;
pub mod digits;
pub mod economy;
pub mod finding;
pub mod form;
pub mod fragment;
pub mod framework;
pub mod id;
pub mod language;
pub mod link;
pub mod logic;
pub mod normalize;
pub mod previous;
pub mod receipt;
pub mod respondent;
pub mod review;
pub mod rule;
pub mod score;
pub mod shown;
pub mod spelling;
pub mod standing;
pub mod submission;
pub mod together;
pub mod truth;
pub mod uncertainty;
pub mod weights;
pub mod withheld;
pub mod wording;
