//! Content beside the cells that are read: text that a sender may take for an answer.

use std::collections::{BTreeMap, BTreeSet};

use maturity::cell::{Address, Cell, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};
use maturity::review::Standing;

use super::unseen::listed;

/// Collects what stands in a table of questions where nothing is read.
#[derive(Debug, Default)]
pub(super) struct Stray {
    /// Columns of the questionnaire, read or not.
    known: BTreeSet<u32>,
    /// Columns with a heading of the sender's own, and how many cells below it are filled.
    added: BTreeMap<u32, (Address, String, usize)>,
    cells: Vec<(Address, String)>,
}

impl Stray {
    /// Notes a row of headings; `is_known` tells the questionnaire's own.
    pub(super) fn headings(&mut self, row: &[Cell], is_known: impl Fn(&Cell) -> bool) {
        for cell in row.iter().filter(|cell| !cell.value.is_blank()) {
            let column = cell.address.column;
            if is_known(cell) {
                self.known.insert(column);
                self.added.remove(&column);
            } else if !self.known.contains(&column) {
                self.added.insert(column, (cell.address, cell.value.display(), 0));
            }
        }
    }

    /// Notes a column that is known although its heading is gone.
    pub(super) fn known_column(&mut self, column: u32) {
        self.known.insert(column);
        self.added.remove(&column);
    }

    /// Notes a row below the headings. Results of formulas are nobody's answers.
    pub(super) fn row(&mut self, row: &[Cell]) {
        for cell in row.iter().filter(|cell| !cell.value.is_blank() && !cell.formula) {
            let column = cell.address.column;
            if let Some((_, _, filled)) = self.added.get_mut(&column) {
                *filled += 1;
            } else if !self.known.contains(&column) {
                self.cell(cell);
            }
        }
    }

    /// Notes one cell that is not read.
    pub(super) fn cell(&mut self, cell: &Cell) {
        self.cells.push((cell.address, cell.value.display()));
    }

    /// What is to be said: one finding for all stray cells of the sheet, one for each added column in use.
    pub(super) fn findings(self, sheet: &Sheet) -> Vec<Finding> {
        let mut findings = Vec::new();
        if let Some((first, text)) = self.cells.first() {
            let addresses: Vec<Address> = self.cells.iter().map(|(address, _)| *address).collect();
            findings.push(Finding {
                severity: Severity::Warning,
                question: None,
                place: Some(Place::cell(&sheet.name, *first)),
                problem: Problem::StrayContent {
                    found: text.clone(),
                    count: addresses.len(),
                    cells: listed(&addresses),
                },
                standing: Standing::default(),
            });
        }
        for (_, (address, heading, filled)) in self.added.into_iter().filter(|(_, added)| added.2 > 0) {
            findings.push(Finding {
                severity: Severity::Info,
                question: None,
                place: Some(Place::cell(&sheet.name, address)),
                problem: Problem::ColumnAdded { found: heading, count: filled },
                standing: Standing::default(),
            });
        }
        findings
    }
}
