//! The columns of the publisher's wide table, found by their headings.

use std::collections::{HashMap, HashSet};

use maturity::cell::{Cell, CellValue};
use maturity::framework::Framework;
use maturity::normalize::{matching_key, tidy};

use super::question_ids::QuestionIds;
use super::unread::Headings;
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
    /// The economy's name.
    pub(super) name: u32,
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

/// The matching keys of what the publisher's table says about economies and their scores: it is known, and it is no answer.
pub(super) fn not_asked(framework: &Framework) -> HashSet<String> {
    let about = headings::ABOUT.into_iter().map(str::to_owned);
    let scores = framework.subindexes.iter().map(|subindex| subindex.id.to_string());
    let groups = (1..=framework.subindexes.len()).map(headings::group_of);
    let all = about.chain(scores).chain(groups).chain([framework.composite.id.to_string()]);
    all.map(|heading| matching_key(&heading)).collect()
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
        let (code, name) = (fixed(headings::CODE)?, fixed(headings::ECONOMY)?);
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
            name,
            year,
            source,
            questions,
            by_column,
            known,
        })
    }

    /// The headings of the row that are neither those of questions nor of anything else that is known.
    pub(super) fn unread(&self, row: &[Cell], not_asked: &HashSet<String>) -> Headings {
        let fixed = [Some(self.code), Some(self.name), self.year, self.source];
        let mut unread = Headings::default();
        for cell in row.iter().filter(|cell| !cell.value.is_blank()) {
            let (column, CellValue::Text(text)) = (cell.address.column, &cell.value) else { continue };
            let is_read = fixed.contains(&Some(column)) || self.by_column.contains_key(&column);
            if !is_read && !not_asked.contains(&matching_key(text)) {
                unread.add(column, &tidy(text));
            }
        }
        unread
    }

    /// The ids of the known questions.
    pub(super) fn known_ids(&self) -> impl Iterator<Item = &str> {
        self.known.iter().filter_map(|(position, _)| self.questions.get(*position)).map(String::as_str)
    }

    /// The position of the question that a column is of.
    pub(super) fn question_at(&self, column: u32) -> Option<usize> {
        self.by_column.get(&column).copied()
    }
}
