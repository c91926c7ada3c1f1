//! What a sender did not see of a sheet that is read: hidden and filtered cells, cells under a merged one.

use std::collections::BTreeMap;

use maturity::cell::{Address, Place, Region, Sheet, Span};
use maturity::finding::{Finding, Problem, Severity};
use maturity::id::Id;
use maturity::review::Standing;

/// How many places a finding lists before it stops.
const MOST_PLACES: usize = 12;

/// Watches the answers of one sheet as they are read, row by row.
#[derive(Debug)]
pub(super) struct Unseen<'a> {
    sheet: &'a Sheet,
    merged: Merged,
    hidden_rows: Vec<Seen>,
    filtered_rows: Vec<Seen>,
    hidden_columns: Vec<Seen>,
    covered: Vec<Finding>,
}

/// An answer and where it stands.
type Seen = (Option<Id>, Address);

/// The merged regions of a sheet. Each is looked at once as the rows go by: a stranger decides how many there are and how
/// many columns each has.
#[derive(Debug)]
struct Merged {
    /// Those that begin further down, the next one last.
    below: Vec<Region>,
    /// Those that began, by their first columns; some have ended.
    begun: BTreeMap<u32, Region>,
}

impl Merged {
    fn of(sheet: &Sheet) -> Self {
        let mut below = sheet.view.merged.clone();
        below.sort_unstable_by(|one, other| other.cmp(one));
        Self { below, begun: BTreeMap::new() }
    }

    /// The region that holds a cell of the present row or of one further down. Merged regions do not overlap, so the
    /// last one that begins to the left is the only one that can reach the cell.
    fn region(&mut self, cell: Address) -> Option<Region> {
        while let Some(next) = self.below.pop_if(|next| next.top_left.row <= cell.row) {
            self.begun.insert(next.top_left.column, next);
        }
        while let Some((column, region)) = self.begun.range(..=cell.column).next_back() {
            if region.bottom_right.row >= cell.row {
                return region.contains(cell).then_some(*region);
            }
            let ended = *column;
            self.begun.remove(&ended);
        }
        None
    }
}

impl<'a> Unseen<'a> {
    /// Nothing of `sheet` has been read yet.
    pub(super) fn of(sheet: &'a Sheet) -> Self {
        Self {
            sheet,
            merged: Merged::of(sheet),
            hidden_rows: Vec::new(),
            filtered_rows: Vec::new(),
            hidden_columns: Vec::new(),
            covered: Vec::new(),
        }
    }

    /// The region that a cell disappears under, unless the cell is its first. Rows are asked about from top to bottom.
    pub(super) fn covering(&mut self, cell: Address) -> Option<Region> {
        self.merged.region(cell).filter(|region| region.top_left != cell)
    }

    /// The columns of a row that disappear under merged cells, of those that are asked about.
    pub(super) fn covered(&mut self, row: u32, columns: impl Iterator<Item = u32>) -> BTreeMap<u32, Region> {
        if self.sheet.view.merged.is_empty() {
            return BTreeMap::new();
        }
        let covering = |column| Some((column, self.covering(Address::new(row, column))?));
        columns.filter_map(covering).collect()
    }

    /// Notes that nothing could be read in a cell because it is merged with others.
    pub(super) fn note_covered(&mut self, question: Option<Id>, cell: Address, region: Region) {
        self.covered.push(Finding {
            severity: Severity::Warning,
            question,
            place: Some(Place::cell(&self.sheet.name, cell)),
            problem: Problem::CellMerged { region: region.to_string(), used: region.top_left.to_string() },
            standing: Standing::default(),
        });
    }

    /// Notes that an answer was read.
    pub(super) fn note_answer(&mut self, question: Option<Id>, cell: Address) {
        let view = &self.sheet.view;
        if Span::any_contains(&view.filtered_rows, cell.row) {
            self.filtered_rows.push((question, cell));
        } else if Span::any_contains(&view.hidden_rows, cell.row) {
            self.hidden_rows.push((question, cell));
        } else if Span::any_contains(&view.hidden_columns, cell.column) {
            self.hidden_columns.push((question, cell));
        }
    }

    /// Notes that evidence was read. Of a row that cannot be seen its answer tells.
    pub(super) fn note_evidence(&mut self, question: Option<Id>, cell: Address) {
        if Span::any_contains(&self.sheet.view.hidden_columns, cell.column) {
            self.hidden_columns.push((question, cell));
        }
    }

    /// What is to be said of what was read since the last time: one finding a cause, and one for each cell that merging
    /// took away.
    pub(super) fn findings(&mut self) -> Vec<Finding> {
        let sheet = self.sheet;
        let [hidden_rows, filtered_rows, hidden_columns] =
            [&mut self.hidden_rows, &mut self.filtered_rows, &mut self.hidden_columns].map(std::mem::take);
        let finding = |seen: Vec<Seen>, problem: fn(usize, String) -> Problem| {
            let (question, first) = seen.first()?.clone();
            let places: Vec<Address> = seen.iter().map(|(_, address)| *address).collect();
            Some(Finding {
                severity: Severity::Warning,
                question: question.filter(|_| seen.len() == 1),
                place: Some(Place::cell(&sheet.name, first)),
                problem: problem(seen.len(), listed(&places)),
                standing: Standing::default(),
            })
        };
        let mut findings: Vec<Finding> = [
            finding(hidden_rows, |count, cells| Problem::RowsHidden { count, cells }),
            finding(filtered_rows, |count, cells| Problem::RowsFiltered { count, cells }),
            finding(hidden_columns, |count, cells| Problem::ColumnHidden { count, cells }),
        ]
        .into_iter()
        .flatten()
        .collect();
        findings.append(&mut self.covered);
        findings
    }
}

/// Cells as a person lists them: `D9:D12, D14`; cut after some.
pub(super) fn listed(cells: &[Address]) -> String {
    let mut runs: Vec<Region> = Vec::new();
    for cell in cells {
        match runs.last_mut() {
            Some(run) if run.bottom_right.column == cell.column && run.bottom_right.row + 1 == cell.row => {
                run.bottom_right = *cell;
            }
            _ => runs.push(Region { top_left: *cell, bottom_right: *cell }),
        }
    }
    let more = runs.len() > MOST_PLACES;
    let one = |run: &Region| {
        if run.top_left == run.bottom_right { run.top_left.to_string() } else { run.to_string() }
    };
    let mut list: Vec<String> = runs.iter().take(MOST_PLACES).map(one).collect();
    if more {
        list.push("…".to_owned());
    }
    list.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_listed_in_runs_and_cut() {
        let cells =
            [(8, 3), (9, 3), (10, 3), (12, 3), (12, 4)].map(|(row, column)| Address::new(row, column));
        assert_eq!(listed(&cells), "D9:D11, D13, E13");
        let many: Vec<_> = (0..40).map(|row| Address::new(row * 2, 0)).collect();
        assert!(listed(&many).ends_with("A23, …"), "{}", listed(&many));
    }

    #[test]
    fn a_cell_under_a_merged_one_is_found_in_any_column_of_it() {
        let mut sheet = Sheet::new("S", Vec::new());
        sheet.view.merged = ["B2:C4", "B9:B10", "D1:D20"].map(|region| region.parse().unwrap()).to_vec();
        let mut unseen = Unseen::of(&sheet);
        for (cell, expected) in [
            ("B2", None),
            ("C2", Some("B2:C4")),
            ("B4", Some("B2:C4")),
            ("B5", None),
            ("B10", Some("B9:B10")),
            ("C10", None),
            ("D20", Some("D1:D20")),
        ] {
            let found = unseen.covering(cell.parse().unwrap()).map(|region| region.to_string());
            assert_eq!(found.as_deref(), expected, "{cell}");
        }
    }
}
