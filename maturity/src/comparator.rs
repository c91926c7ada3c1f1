//! Comparators: the world, a region, an income group, chosen peers; how their scores are distributed, and how
//! they changed between two waves over the same economies.
//!
//! Regions and income groups move from year to year, so a set of comparators carries the date of the
//! classification that it was made with. Means over different economies do not compare: between waves only
//! economies that have a score in both are taken. There are no ranks unless somebody asks for them.

mod distribution;
mod panel;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::economy::{Economies, EconomyCode};
use crate::id::Id;
use crate::submission::Wave;

pub use distribution::{Distribution, Rank, rank};
pub use panel::{Item, Level, Origin, Panel};

/// What economies of a comparator have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// All economies.
    World,
    /// The region.
    Region,
    /// The income group.
    Income,
    /// They were chosen.
    Peers,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::World, Self::Region, Self::Income, Self::Peers];

    /// The name used in tables and on the command line, e.g. `income`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::World => "world",
            Self::Region => "region",
            Self::Income => "income",
            Self::Peers => "peers",
        }
    }
}

/// A group of economies that others are compared with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparator {
    /// What they have in common.
    pub kind: Kind,
    /// Which region, income group or set of peers; `world` for all economies.
    pub name: String,
    /// The economies.
    pub economies: BTreeSet<EconomyCode>,
}

impl Comparator {
    /// The world, every region, every income group, and the sets of chosen peers, in that order. Economies
    /// without a region or income group are in none.
    pub fn all(economies: &Economies, peers: &BTreeMap<String, BTreeSet<EconomyCode>>) -> Vec<Self> {
        let mut groups: BTreeMap<(Kind, &str), BTreeSet<EconomyCode>> = BTreeMap::new();
        for economy in economies.iter() {
            let of = [
                (Kind::World, Kind::World.as_str()),
                (Kind::Region, economy.region.as_str()),
                (Kind::Income, economy.income.as_str()),
            ];
            for key in of.into_iter().filter(|(_, name)| !name.is_empty()) {
                groups.entry(key).or_default().insert(economy.code.clone());
            }
        }
        for (name, chosen) in peers {
            groups.insert((Kind::Peers, name), chosen.clone());
        }
        let comparator =
            |((kind, name), economies): ((Kind, &str), _)| Self { kind, name: name.to_owned(), economies };
        groups.into_iter().map(comparator).collect()
    }

    /// Whether an economy is compared with this group: it belongs to it, or its peers were chosen.
    pub fn concerns(&self, economy: &EconomyCode) -> bool {
        self.economies.contains(economy)
    }
}

/// How the scores of one comparator are distributed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The wave of the scores.
    pub wave: Wave,
    /// Where they come from.
    pub origin: Origin,
    /// The wave in which the same economies have a score too; all economies of the comparator, if absent.
    pub matched: Option<Wave>,
    /// What the economies have in common.
    pub kind: Kind,
    /// Which comparator.
    pub name: String,
    /// The level and id of the score.
    pub item: Item,
    /// The distribution.
    pub distribution: Distribution,
    /// The economy whose score this is, where no other one has a score. Sets that earlier versions of this program froze do
    /// not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<EconomyCode>,
}

impl Row {
    /// Whether this is nothing but the economy's own score: beside it there would be nothing to compare with.
    pub fn is_own(&self, economy: &EconomyCode) -> bool {
        self.only.as_ref() == Some(economy)
    }
}

/// The distributions of all comparators: what reports, tables and comparisons are made from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComparatorSet {
    /// The name of a pinned set; of a set that moves with the scores in force, none.
    pub pin: Option<String>,
    /// The date or year of the classification by region and income group.
    pub classified: Option<String>,
    /// The wave that is compared.
    pub wave: Wave,
    /// The comparators with their economies.
    pub comparators: Vec<Comparator>,
    /// The distributions, by wave, matched wave, comparator, level and id.
    pub rows: Vec<Row>,
}

impl ComparatorSet {
    /// Computes the distributions of every comparator: for all economies of each panel, and for those that
    /// each pair of panels of different waves has in common.
    pub fn compute(
        pin: Option<&str>,
        classified: Option<&str>,
        wave: Wave,
        comparators: Vec<Comparator>,
        panels: &[Panel],
    ) -> Self {
        let mut rows = Vec::new();
        for panel in panels {
            for comparator in &comparators {
                rows.extend(panel.rows(comparator, None));
                let others = panels.iter().filter(|other| other.wave != panel.wave);
                rows.extend(others.flat_map(|other| panel.rows(comparator, Some(other))));
            }
        }
        rows.sort_by(|a, b| {
            let key = |row: &Row| (row.wave, row.matched, row.kind);
            key(a).cmp(&key(b)).then_with(|| (&a.name, &a.item).cmp(&(&b.name, &b.item)))
        });
        Self {
            pin: pin.map(str::to_owned),
            classified: classified.map(str::to_owned),
            wave,
            comparators,
            rows,
        }
    }

    /// The comparators that an economy is compared with: those that it belongs to.
    pub fn of<'a>(&'a self, economy: &'a EconomyCode) -> impl Iterator<Item = &'a Comparator> {
        self.comparators.iter().filter(move |comparator| comparator.concerns(economy))
    }

    /// The row of one score in one comparator.
    pub fn row(
        &self,
        comparator: &Comparator,
        wave: Wave,
        matched: Option<Wave>,
        id: &Id,
        level: Level,
    ) -> Option<&Row> {
        self.rows.iter().find(|row| {
            (row.wave, row.matched, row.kind) == (wave, matched, comparator.kind)
                && row.name == comparator.name
                && row.item.level == level
                && row.item.id == *id
        })
    }
}

#[cfg(test)]
mod tests;
