//! Columns of a table that nothing is read from although something stands in them: each is told once.

use std::collections::{BTreeMap, HashSet};

use maturity::cell::{Address, Cell, Place, Sheet};
use maturity::finding::{Finding, Problem, Severity};
use maturity::submission::Wave;

/// How far from the wave the years of a column are at most that may say the wave of each row.
const FARTHEST: u16 = 20;

/// Headings that mean nothing to the reader, by their columns.
#[derive(Debug, Default)]
pub(super) struct Headings {
    unknown: BTreeMap<u32, String>,
    /// Whether a column has a heading, known or not, up to the last one that has.
    has_heading: Vec<bool>,
}

impl Headings {
    /// None of them is unknown yet.
    pub(super) fn of(row: &[Cell]) -> Self {
        let mut has_heading = Vec::new();
        for cell in row.iter().filter(|cell| !cell.value.is_blank()) {
            let column = usize::try_from(cell.address.column).unwrap_or_default();
            has_heading.resize(column, false);
            has_heading.push(true);
        }
        Self { unknown: BTreeMap::new(), has_heading }
    }

    /// Notes one that is unknown.
    pub(super) fn add(&mut self, column: u32, heading: &str) {
        self.unknown.insert(column, heading.to_owned());
    }

    /// Whether nothing is read from a column. Of what stands beyond the last heading its row tells.
    fn is_unread(&self, column: u32) -> bool {
        let heading = usize::try_from(column).ok().and_then(|column| self.has_heading.get(column));
        heading == Some(&false) || self.unknown.contains_key(&column)
    }

    /// What a column is called: by its letters, if it has no heading.
    fn name(&self, column: u32) -> String {
        let letters = || Address::new(0, column).to_string().trim_end_matches('1').to_owned();
        self.unknown.get(&column).cloned().unwrap_or_else(letters)
    }
}

/// What a column says of years.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Years {
    /// Nothing but the wave.
    OfWave,
    /// Nothing but years, also other ones.
    Others,
    /// Something else, too.
    Mixed,
}

impl Years {
    fn of(cell: &Cell, wave: Wave) -> Self {
        match Wave::said_by(&cell.value) {
            Some(said) if said == wave => Self::OfWave,
            Some(said) if said.0.abs_diff(wave.0) <= FARTHEST => Self::Others,
            _ => Self::Mixed,
        }
    }

    fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Mixed, _) | (_, Self::Mixed) => Self::Mixed,
            (Self::OfWave, Self::OfWave) => Self::OfWave,
            _ => Self::Others,
        }
    }
}

#[derive(Debug)]
struct Table<'a> {
    sheet: &'a Sheet,
    /// The row of the headings.
    row: u32,
    headings: Headings,
    /// What the columns say of years, where no column is known to say the wave.
    years: Option<BTreeMap<u32, Years>>,
}

/// The columns of all tables of a file, and which of them were told.
#[derive(Debug)]
pub(super) struct Unread<'a> {
    wave: Wave,
    tables: Vec<Table<'a>>,
    told: HashSet<(usize, u32)>,
}

impl<'a> Unread<'a> {
    /// No table was read yet.
    pub(super) fn of(wave: Wave) -> Self {
        Self { wave, tables: Vec::new(), told: HashSet::new() }
    }

    /// Adds the headings in a row of a sheet; gives the number of the table. `has_years` tells whether a column of it says
    /// for which wave each row is.
    pub(super) fn add(&mut self, sheet: &'a Sheet, row: u32, headings: Headings, has_years: bool) -> usize {
        let years = (!has_years).then(BTreeMap::new);
        self.tables.push(Table { sheet, row, headings, years });
        self.tables.len() - 1
    }

    /// The columns of a table in which a row says something. Results of formulas are nobody's answers.
    pub(super) fn filled(&mut self, table: usize, row: &[Cell]) -> Vec<u32> {
        let Some(Table { headings, years, .. }) = self.tables.get_mut(table) else { return Vec::new() };
        let filled = row.iter().filter(|cell| !cell.value.is_blank() && !cell.formula);
        let filled = filled.filter(|cell| headings.is_unread(cell.address.column));
        let mut columns = Vec::new();
        for cell in filled {
            let column = cell.address.column;
            if let Some(years) = years {
                let said = Years::of(cell, self.wave);
                years.entry(column).and_modify(|all| *all = all.and(said)).or_insert(said);
            }
            columns.push(column);
        }
        columns
    }

    /// What is to be said of the columns of a row, with the first row that has something in them. How many more there
    /// are is not told: the submission would be another one whenever a later row changes.
    pub(super) fn findings(&mut self, table: usize, filled: &[u32]) -> Vec<Finding> {
        let Some(Table { sheet, row, headings, years }) = self.tables.get(table) else { return Vec::new() };
        let fresh = filled.iter().filter(|column| self.told.insert((table, **column)));
        let finding = |column: &u32| {
            let found = headings.name(*column);
            let years = years.as_ref().and_then(|years| years.get(column));
            let (severity, problem) = if years == Some(&Years::Others) {
                (Severity::Warning, Problem::YearsUnread { found })
            } else {
                (Severity::Info, Problem::ColumnUnread { found })
            };
            let place = Place::cell(&sheet.name, Address::new(*row, *column));
            Finding::new(severity, problem).at(Some(place))
        };
        fresh.map(finding).collect()
    }
}
