//! One expression, one meaning: what the validator decides, what the formula in the questionnaire shows
//! (computed by `LibreOffice`) and what the online form asks agree, for random expressions over random answers.

mod cases;
mod online;
mod spreadsheet;
