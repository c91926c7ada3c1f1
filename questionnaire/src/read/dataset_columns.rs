//! The columns of the publisher's wide table, found by their headings.

use std::collections::HashMap;

use maturity::cell::{Cell, CellValue};
use maturity::normalize::{matching_key, tidy};

use super::question_ids::QuestionIds;
use crate::dataset::headings;

/// How many known ids make a row of headings a wide table.
const ENOUGH: usize = 20;
/// Bytes of the longest text that may be a fixed heading, stray blanks included.
const LONGEST_HEADING: usize = 32;

/// The columns of one question: several, where a second block repeats it.
#[derive(Debug)]
pub(super) struct QuestionColumns {
    /// The question's id; as it stands there if it is unknown.
    pub(super) id: String,
    /// Whether the framework has the question.
    pub(super) known: bool,
    /// From left to right.
    pub(super) columns: Vec<u32>,
}

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    /// The economy's code.
    pub(super) code: u32,
    /// The year, if there is a column of years.
    pub(super) year: Option<u32>,
    /// Survey or remote.
    pub(super) source: Option<u32>,
    /// The questions in the order of their first columns.
    pub(super) questions: Vec<QuestionColumns>,
    /// How many of the questions are known.
    pub(super) known: usize,
}

impl Columns {
    /// The columns, if a row holds the headings of a wide table.
    pub(super) fn of(row: &[Cell], ids: &QuestionIds) -> Option<Self> {
        let fixed = |heading: &str| {
            let key = matching_key(heading);
            let is_heading = |cell: &&Cell| match &cell.value {
                CellValue::Text(text) => text.len() <= LONGEST_HEADING && matching_key(text) == key,
                _ => false,
            };
            row.iter().find(is_heading).map(|cell| cell.address.column)
        };
        // Nearly every row of a large sheet ends here.
        let (code, _) = (fixed(headings::CODE)?, fixed(headings::ECONOMY)?);
        let mut questions: Vec<QuestionColumns> = Vec::new();
        let mut positions: HashMap<String, usize> = HashMap::new();
        for cell in row {
            let CellValue::Text(text) = &cell.value else { continue };
            let (id, known) = match ids.find(text) {
                Some(id) => (id.to_string(), true),
                None if ids.looks_like_one(text) => (tidy(text), false),
                None => continue,
            };
            let position = *positions.entry(matching_key(&id)).or_insert(questions.len());
            match questions.get_mut(position) {
                Some(question) => question.columns.push(cell.address.column),
                None => questions.push(QuestionColumns { id, known, columns: vec![cell.address.column] }),
            }
        }
        let known = questions.iter().filter(|question| question.known).count();
        let (year, source) = (fixed(headings::YEAR), fixed(headings::SOURCE));
        (known >= ids.at_most(ENOUGH)).then_some(Self { code, year, source, questions, known })
    }
}
