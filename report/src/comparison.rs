//! The comparators that reports show, ready to be looked up.

use std::collections::BTreeMap;

use maturity::comparator::{Comparator, ComparatorSet, Distribution, Item, Kind, Level};
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, Verdict};
use maturity::id::Id;
use maturity::submission::Wave;

/// A distribution, and the economy whose score it is where no other one has a score.
type Found = (Distribution, Option<EconomyCode>);

/// A set of comparators with the distributions of its wave.
#[derive(Debug, Clone)]
pub struct Comparators {
    set: ComparatorSet,
    distributions: BTreeMap<(Kind, String), BTreeMap<Item, Found>>,
}

impl Comparators {
    /// Sorts the rows of a set for looking up. Rows over the economies of two waves are left out, and so is what does not
    /// compare with the wave of the framework.
    pub fn new(set: ComparatorSet, framework: &Framework) -> Self {
        let mut distributions: BTreeMap<(Kind, String), BTreeMap<Item, Found>> = BTreeMap::new();
        let mut compares: BTreeMap<&Id, bool> = BTreeMap::new();
        for row in set.rows.iter().filter(|row| row.wave == set.wave && row.matched.is_none()) {
            let id = &row.item.id;
            let verdict = || framework.comparability(id, set.wave, framework.wave).verdict;
            if !*compares.entry(id).or_insert_with(|| verdict() != Verdict::No) {
                continue;
            }
            let of_group = distributions.entry((row.kind, row.name.clone())).or_default();
            of_group.insert(row.item.clone(), (row.distribution, row.only.clone()));
        }
        Self { set, distributions }
    }

    /// What an economy is compared with: the world first, then its region, its income group and sets of peers.
    pub fn of(&self, economy: &EconomyCode) -> Beside<'_> {
        let groups = self.set.comparators.iter().filter(|comparator| comparator.concerns(economy));
        let mut groups: Vec<Group<'_>> = groups
            .filter_map(|comparator| {
                let found = self.distributions.get(&(comparator.kind, comparator.name.clone()))?;
                Some(Group { comparator, economy: economy.clone(), found })
            })
            .collect();
        let key = |group: &Group<'_>| (group.comparator.kind, group.comparator.name.clone());
        groups.sort_by_cached_key(key);
        Beside {
            pin: self.set.pin.as_deref(),
            classified: self.set.classified.as_deref(),
            wave: self.set.wave,
            groups,
        }
    }
}

/// What one economy is compared with.
#[derive(Debug, Clone)]
pub struct Beside<'a> {
    /// The name of the set.
    pub(crate) pin: Option<&'a str>,
    /// Of when regions and income groups are.
    pub(crate) classified: Option<&'a str>,
    /// The wave of the distributions.
    pub(crate) wave: Wave,
    /// The comparators that contain the economy.
    pub(crate) groups: Vec<Group<'a>>,
}

/// One comparator beside an economy that it contains.
#[derive(Debug, Clone)]
pub(crate) struct Group<'a> {
    pub(crate) comparator: &'a Comparator,
    economy: EconomyCode,
    found: &'a BTreeMap<Item, Found>,
}

impl Group<'_> {
    /// The distribution of a score. One of the economy alone is its own score, which stands there already.
    pub(crate) fn distribution(&self, item: &Item) -> Option<&Distribution> {
        let (distribution, only) = self.found.get(item)?;
        (only.as_ref() != Some(&self.economy)).then_some(distribution)
    }

    /// Whether a distribution is left out because it is of the economy alone. Of questions none is shown.
    fn leaves_out(&self) -> bool {
        let shown = self.found.iter().filter(|(item, _)| item.level != Level::Question);
        shown.map(|(_, (_, only))| only).any(|only| only.as_ref() == Some(&self.economy))
    }
}

impl Beside<'_> {
    /// The distribution of an id over the first comparator of a kind.
    pub(crate) fn distribution(&self, kind: Kind, level: Level, id: &Id) -> Option<&Distribution> {
        let group = self.groups.iter().find(|group| group.comparator.kind == kind)?;
        group.distribution(&Item { level, id: id.clone() })
    }

    /// Whether there is no average somewhere because no other economy has a score.
    pub(crate) fn leaves_out(&self) -> bool {
        self.groups.iter().any(Group::leaves_out)
    }

    /// The mean of an id over the first comparator of a kind.
    pub(crate) fn mean(&self, kind: Kind, level: Level, id: &Id) -> Option<f64> {
        self.distribution(kind, level, id).map(|distribution| distribution.mean)
    }
}
