//! How economies moved between maturity groups.

use std::collections::BTreeMap;

use serde::Serialize;

/// How many economies went from which group to which: a matrix of counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Transitions {
    /// The groups in the order given, highest first, then groups that only one side knows.
    pub groups: Vec<String>,
    /// A row for each earlier group, a column for each later one, in the order of `groups`.
    pub counts: Vec<Vec<u32>>,
    /// Economies whose group is higher than before.
    pub up: u32,
    /// Economies whose group is the same.
    pub same: u32,
    /// Economies whose group is lower than before.
    pub down: u32,
    /// Economies that went from or to a group that is not among the known ones: which of the two is higher, nobody says.
    pub unranked: u32,
    /// Economies that have a group on one side only; they are in no cell.
    pub one_sided: u32,
}

impl Transitions {
    /// Counts moves. `groups` are the known groups, highest first; each move is an earlier and a later group.
    pub fn count<'a>(
        groups: impl IntoIterator<Item = &'a str>,
        moves: impl IntoIterator<Item = (Option<&'a str>, Option<&'a str>)>,
    ) -> Self {
        let mut groups: Vec<String> = groups.into_iter().map(str::to_owned).collect();
        let known = groups.len();
        let mut cells: BTreeMap<(usize, usize), u32> = BTreeMap::new();
        let mut one_sided = 0;
        for (from, to) in moves {
            let mut position = |group: &str| {
                groups.iter().position(|known| known == group).unwrap_or_else(|| {
                    groups.push(group.to_owned());
                    groups.len() - 1
                })
            };
            match (from, to) {
                (Some(from), Some(to)) => *cells.entry((position(from), position(to))).or_default() += 1,
                (None, None) => {}
                _ => one_sided += 1,
            }
        }
        let sum = |keep: &dyn Fn(usize, usize) -> bool| {
            cells.iter().filter(|((from, to), _)| keep(*from, *to)).map(|(_, count)| count).sum()
        };
        let is_ranked = |from: usize, to: usize| from < known && to < known;
        let row = |from: usize| {
            (0..groups.len()).map(|to| cells.get(&(from, to)).copied().unwrap_or(0)).collect::<Vec<u32>>()
        };
        Self {
            counts: (0..groups.len()).map(row).collect(),
            up: sum(&|from, to| is_ranked(from, to) && to < from),
            same: sum(&|from, to| to == from),
            down: sum(&|from, to| is_ranked(from, to) && to > from),
            unranked: sum(&|from, to| !is_ranked(from, to) && to != from),
            one_sided,
            groups,
        }
    }
}
