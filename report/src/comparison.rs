//! The comparators that reports show, ready to be looked up.

use std::collections::BTreeMap;

use maturity::comparator::{Comparator, ComparatorSet, Distribution, Item, Kind, Level};
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, Verdict};
use maturity::id::Id;
use maturity::submission::Wave;

/// A set of comparators with the distributions of its wave.
#[derive(Debug, Clone)]
pub struct Comparators {
    set: ComparatorSet,
    distributions: BTreeMap<(Kind, String), BTreeMap<Item, Distribution>>,
}

impl Comparators {
    /// Sorts the rows of a set for looking up. Rows over the economies of two waves are left out, and so is what does not
    /// compare with the wave of the framework.
    pub fn new(set: ComparatorSet, framework: &Framework) -> Self {
        let mut distributions: BTreeMap<(Kind, String), BTreeMap<Item, Distribution>> = BTreeMap::new();
        let mut compares: BTreeMap<&Id, bool> = BTreeMap::new();
        for row in set.rows.iter().filter(|row| row.wave == set.wave && row.matched.is_none()) {
            let id = &row.item.id;
            let verdict = || framework.comparability(id, set.wave, framework.wave).verdict;
            if !*compares.entry(id).or_insert_with(|| verdict() != Verdict::No) {
                continue;
            }
            let of_group = distributions.entry((row.kind, row.name.clone())).or_default();
            of_group.insert(row.item.clone(), row.distribution);
        }
        Self { set, distributions }
    }

    /// What an economy is compared with: the world first, then its region, its income group and sets of peers.
    pub fn of(&self, economy: &EconomyCode) -> Beside<'_> {
        let groups = self.set.comparators.iter().filter(|comparator| comparator.concerns(economy));
        let mut groups: Vec<(&Comparator, &BTreeMap<Item, Distribution>)> = groups
            .filter_map(|comparator| {
                let key = (comparator.kind, comparator.name.clone());
                Some((comparator, self.distributions.get(&key)?))
            })
            .collect();
        groups.sort_by(|(a, _), (b, _)| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
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
    pub(crate) groups: Vec<(&'a Comparator, &'a BTreeMap<Item, Distribution>)>,
}

impl Beside<'_> {
    /// The distribution of an id over the first comparator of a kind.
    pub(crate) fn distribution(&self, kind: Kind, level: Level, id: &Id) -> Option<&Distribution> {
        let (_, items) = self.groups.iter().find(|(comparator, _)| comparator.kind == kind)?;
        items.get(&Item { level, id: id.clone() })
    }

    /// The mean of an id over the first comparator of a kind.
    pub(crate) fn mean(&self, kind: Kind, level: Level, id: &Id) -> Option<f64> {
        self.distribution(kind, level, id).map(|distribution| distribution.mean)
    }
}
