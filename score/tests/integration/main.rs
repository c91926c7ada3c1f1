//! Whole indices as data: the numbers of other software, without a line of Rust for any of them.

mod asem;
mod egdi;
