//! The layouts from outside: what is written is found again, and so is what people make of it.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail like tests")]

mod agreement;
mod dataset;
mod feedback;
mod form;
mod formats;
mod growth;
mod limits;
mod live;
mod office;
mod python;
mod questionnaire;
mod round_trip;
mod support;
mod workbook;
