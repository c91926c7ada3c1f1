//! Columns of a table that nothing is read from although something stands in them: each is told once.

use std::collections::{BTreeMap, HashSet};

use maturity::cell::{Address, Cell, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};

/// Headings that mean nothing to the reader, by their columns.
#[derive(Debug, Default)]
pub(super) struct Headings(BTreeMap<u32, String>);

impl Headings {
    /// Notes one of them.
    pub(super) fn add(&mut self, column: u32, heading: &str) {
        self.0.insert(column, heading.to_owned());
    }

    /// Those of the columns in which a row says something. Results of formulas are nobody's answers.
    pub(super) fn filled(&self, row: &[Cell]) -> Vec<u32> {
        let filled = row.iter().filter(|cell| !cell.value.is_blank() && !cell.formula);
        filled.map(|cell| cell.address.column).filter(|column| self.0.contains_key(column)).collect()
    }
}

/// The columns of all tables of a file, and which of them were told.
#[derive(Debug, Default)]
pub(super) struct Unread<'a> {
    tables: Vec<(&'a Sheet, u32, Headings)>,
    told: HashSet<(usize, u32)>,
}

impl<'a> Unread<'a> {
    /// Adds the headings in a row of a sheet; gives the number of the table.
    pub(super) fn add(&mut self, sheet: &'a Sheet, row: u32, headings: Headings) -> usize {
        self.tables.push((sheet, row, headings));
        self.tables.len() - 1
    }

    /// The columns of a table in which a row says something.
    pub(super) fn filled(&self, table: usize, row: &[Cell]) -> Vec<u32> {
        self.tables.get(table).map(|(_, _, headings)| headings.filled(row)).unwrap_or_default()
    }

    /// What is to be said of the columns of a row, with the first row that has something in them. How many more there
    /// are is not told: the submission would be another one whenever a later row changes.
    pub(super) fn findings(&mut self, table: usize, filled: &[u32]) -> Vec<Finding> {
        let Some((sheet, row, headings)) = self.tables.get(table) else { return Vec::new() };
        let fresh = filled.iter().filter(|column| self.told.insert((table, **column)));
        let finding = |column: &u32| {
            let problem = Problem::ColumnUnread { found: headings.0.get(column)?.clone() };
            let place = Place::cell(&sheet.name, Address::new(*row, *column));
            Some(Finding::new(Severity::Info, problem).at(Some(place)))
        };
        fresh.filter_map(finding).collect()
    }
}
