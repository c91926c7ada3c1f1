//! The columns of a table of questions, found by keys or headings in any language.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use maturity::cell::{Cell, CellValue};
use maturity::normalize::matching_key;

use super::keys::Keys;
use crate::layout::{self, Column};
use crate::words;

/// Bytes of the longest text that may be a heading, stray blanks included.
const LONGEST_HEADING: usize = 100;

/// The columns that are read, the id first. All others are for the respondent alone: the live marks are formulas,
/// and the previous wave's answer is compared with what is stored, never with what the sheet says.
pub(super) const READ: [Column; 6] =
    [Column::Id, Column::Answer, Column::Confirm, Column::Reason, Column::Evidence, Column::Comment];

/// The columns that are read, by their keys and their headings in all languages.
pub(super) static HEADINGS: LazyLock<Keys<Column>> = LazyLock::new(|| {
    let mut known = Vec::new();
    for column in READ {
        known.push((matching_key(column.key()), column));
        for heading in words::all(column.heading()) {
            known.push((matching_key(heading), column));
        }
    }
    known.into_iter().collect()
});

/// Every heading and key of the questionnaire, read or not.
static OWN: LazyLock<Keys<()>> = LazyLock::new(|| {
    let headings = words::WORDING.iter().filter(|(key, _)| key.starts_with("column-"));
    let headings = headings.flat_map(|(_, text)| text.all().map(matching_key).collect::<Vec<_>>());
    let keys = layout::Columns::of(true, true).iter().map(|(_, column, _)| matching_key(column.key()));
    headings.chain(keys).chain(HEADINGS.iter().map(str::to_owned)).map(|key| (key, ())).collect()
});

/// Whether a cell holds a heading of the questionnaire.
pub(super) fn is_own_heading(cell: &Cell) -> bool {
    match &cell.value {
        CellValue::Text(text) => text.len() <= LONGEST_HEADING && OWN.find(text).is_some(),
        _ => false,
    }
}

/// The most further columns that are looked at in each row: nobody copies a column more often.
const MOST_FURTHER: usize = 16;

/// Where the fields of a question stand.
#[derive(Debug, Clone, Default)]
pub(super) struct Columns {
    /// In the order of [`READ`]; each in a column of its own.
    first: [Option<u32>; READ.len()],
    /// Further columns with the heading of a field: a copy, or one that the sender added.
    further: Vec<(Column, u32)>,
}

impl Columns {
    /// The known headings of a row; of two equal ones the first comes first.
    pub(super) fn of(row: &[Cell]) -> Self {
        let mut columns = Self::default();
        for cell in row {
            let CellValue::Text(text) = &cell.value else { continue };
            if text.len() > LONGEST_HEADING {
                continue;
            }
            if let Some(column) = HEADINGS.find(text) {
                columns.add(*column, cell.address.column);
            }
        }
        columns
    }

    /// Whether these are the headings of a table.
    pub(super) fn are_of_table(&self) -> bool {
        self.get(Column::Id).is_some() && self.get(Column::Answer).is_some()
    }

    pub(super) fn get(&self, column: Column) -> Option<u32> {
        READ.into_iter().zip(self.first).find(|(read, _)| *read == column).and_then(|(_, position)| position)
    }

    /// All positions of a column, the one that counts most first.
    pub(super) fn all(&self, column: Column) -> impl Iterator<Item = u32> {
        let further = self.further.iter().filter(move |(further, _)| *further == column);
        self.get(column).into_iter().chain(further.map(|(_, position)| *position))
    }

    /// Adds a position of a column.
    pub(super) fn add(&mut self, column: Column, position: u32) {
        let first = READ.into_iter().zip(&mut self.first).find(|(read, _)| *read == column);
        if let Some((_, first)) = first
            && *first.get_or_insert(position) != position
            && self.further.len() < MOST_FURTHER
        {
            self.further.push((column, position));
        }
    }

    /// These columns, with the ids in one of several columns of ids: another one holds numbers of the sender's own.
    pub(super) fn with_ids_first(&self, column: u32) -> Self {
        let mut columns = self.clone();
        columns.further.retain(|(further, _)| *further != Column::Id);
        if let Some(first) = columns.first.first_mut() {
            *first = Some(column);
        }
        columns
    }

    /// These columns, with the ids in a column that has no heading.
    pub(super) fn with_ids_in(&self, column: u32) -> Self {
        let mut columns = Self { first: [None; READ.len()], further: self.further.clone() };
        columns.add(Column::Id, column);
        columns.or(self)
    }

    fn claims(&self, position: u32) -> bool {
        self.first.contains(&Some(position)) || self.further.iter().any(|(_, further)| *further == position)
    }

    /// These columns, completed by those of an earlier table where these do not claim the same position.
    pub(super) fn or(mut self, earlier: &Self) -> Self {
        let free: Vec<Option<u32>> = earlier
            .first
            .iter()
            .map(|position| position.filter(|position| !self.claims(*position)))
            .collect();
        for (first, earlier) in self.first.iter_mut().zip(free) {
            *first = first.or(earlier);
        }
        self
    }

    /// These columns with those of the row of headings above, keys over words. Where a column has several positions, the
    /// one that both rows name counts most: a heading is easily copied, the key above it less so.
    pub(super) fn below(self, above: &Self) -> Self {
        let mut both = Self::default();
        for column in READ {
            let agreed =
                self.all(column).filter(|position| above.all(column).any(|above| above == *position));
            let unclaimed = above.all(column).filter(|position| !self.claims(*position));
            let mut positions: Vec<u32> = agreed.chain(self.all(column)).chain(unclaimed).collect();
            let mut seen = BTreeSet::new();
            positions.retain(|position| seen.insert(*position));
            for position in positions {
                both.add(column, position);
            }
        }
        both
    }
}
