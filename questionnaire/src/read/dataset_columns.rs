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

/// The columns of a table.
#[derive(Debug)]
pub(super) struct Columns {
    /// The economy's code.
    pub(super) code: u32,
    /// The year, if there is a column of years.
    pub(super) year: Option<u32>,
    /// Survey or remote.
    pub(super) source: Option<u32>,
    /// The ids of the questions in the order of their first columns; of an unknown question the id as it stands there.
    pub(super) questions: Vec<String>,
    /// The position of the question that a column is of: several, where a second block repeats it.
    by_column: HashMap<u32, usize>,
    /// The known questions: their positions and their first columns.
    pub(super) known: Vec<(usize, u32)>,
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
        let mut questions: Vec<String> = Vec::new();
        let mut positions: HashMap<String, usize> = HashMap::new();
        let (mut by_column, mut known) = (HashMap::new(), Vec::new());
        for cell in row {
            let CellValue::Text(text) = &cell.value else { continue };
            let (id, is_known) = match ids.find(text) {
                Some(id) => (id.to_string(), true),
                None if ids.looks_like_one(text) => (tidy(text), false),
                None => continue,
            };
            let position = *positions.entry(matching_key(&id)).or_insert(questions.len());
            let column = cell.address.column;
            by_column.insert(column, position);
            if position == questions.len() {
                if is_known {
                    known.push((position, column));
                }
                questions.push(id);
            }
        }
        let (year, source) = (fixed(headings::YEAR), fixed(headings::SOURCE));
        (known.len() >= ids.at_most(ENOUGH)).then_some(Self {
            code,
            year,
            source,
            questions,
            by_column,
            known,
        })
    }

    /// The position of the question that a column is of.
    pub(super) fn question_at(&self, column: u32) -> Option<usize> {
        self.by_column.get(&column).copied()
    }
}
