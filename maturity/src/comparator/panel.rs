//! The scores of all economies of one wave, by level and id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Comparator, Distribution, Row};
use crate::economy::EconomyCode;
use crate::id::Id;
use crate::score::EconomyScores;
use crate::submission::Wave;

/// What a score is a score of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// The index as a whole.
    Index,
    /// A subindex.
    Subindex,
    /// An indicator.
    Indicator,
    /// A question.
    Question,
}

impl Level {
    /// The name used in tables, e.g. `subindex`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Subindex => "subindex",
            Self::Indicator => "indicator",
            Self::Question => "question",
        }
    }
}

/// A score that every economy may have.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Item {
    /// Its level; a key question has the id of its indicator.
    pub level: Level,
    /// Its id.
    pub id: Id,
}

/// Where the scores of a panel come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Origin {
    /// Computed from submissions.
    Computed,
    /// Taken over as published.
    Published,
}

impl Origin {
    /// The name used in tables, e.g. `published`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Computed => "computed",
            Self::Published => "published",
        }
    }
}

/// One score, and whether it is at the full level, where that is known.
type Value = (f64, Option<bool>);

/// A code is found among some hundred by about so many comparisons.
const LOOK_UP: usize = 8;

/// The values of those economies that are in `wanted`. Both are in the order of codes and walked through together.
fn common<'a>(
    wanted: impl Iterator<Item = &'a EconomyCode>,
    values: impl Iterator<Item = (&'a EconomyCode, &'a Value)>,
) -> impl Iterator<Item = (&'a EconomyCode, &'a Value)> {
    let mut wanted = wanted.peekable();
    values.filter(move |(economy, _)| {
        while wanted.next_if(|next| next < economy).is_some() {}
        wanted.next_if(|next| next == economy).is_some()
    })
}

/// The scores of all economies of one wave.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The wave.
    pub wave: Wave,
    /// Where the scores come from.
    pub origin: Origin,
    values: BTreeMap<Item, BTreeMap<EconomyCode, Value>>,
}

impl Panel {
    /// A panel without scores.
    pub fn new(wave: Wave, origin: Origin) -> Self {
        Self { wave, origin, values: BTreeMap::new() }
    }

    /// Adds a score; one that is not known is left out, since it is not 0.
    pub fn add(
        &mut self,
        economy: &EconomyCode,
        level: Level,
        id: &Id,
        score: Option<f64>,
        full: Option<bool>,
    ) {
        if let Some(score) = score {
            let of_item = self.values.entry(Item { level, id: id.clone() }).or_default();
            of_item.insert(economy.clone(), (score, full));
        }
    }

    /// Adds all scores of an economy. The full level is that of all points.
    pub fn add_scores(&mut self, scores: &EconomyScores) {
        let economy = &scores.economy;
        let full = |points: f64, max_points: f64| (max_points > 0.0).then_some(points >= max_points);
        let mut all_full = Some(true);
        for subindex in &scores.subindexes {
            let is_full = full(subindex.points, subindex.max_points);
            all_full = all_full.zip(is_full).map(|(all, this)| all && this);
            self.add(economy, Level::Subindex, &subindex.id, subindex.score, is_full);
        }
        self.add(economy, Level::Index, &scores.id, scores.score, all_full);
        for (_, indicator) in scores.indicators() {
            let is_full = full(indicator.points, indicator.max_points);
            self.add(economy, Level::Indicator, &indicator.id, indicator.score, is_full);
            for term in &indicator.terms {
                let share = (term.max_points > 0.0).then(|| term.points / term.max_points);
                let is_full = full(term.points, term.max_points);
                self.add(economy, Level::Question, &term.question, share, is_full);
            }
        }
    }

    /// Whether there is no score at all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The score of an economy.
    pub fn score(&self, economy: &EconomyCode, item: &Item) -> Option<f64> {
        self.values.get(item)?.get(economy).map(|(score, _)| *score)
    }

    /// The scores of the economies of a comparator, in the order of their codes.
    pub fn scores<'a>(&'a self, comparator: &'a Comparator, item: &Item) -> impl Iterator<Item = f64> {
        let of_item = self.values.get(item).into_iter().flatten();
        of_item.filter(|(economy, _)| comparator.economies.contains(*economy)).map(|(_, (score, _))| *score)
    }

    /// The distributions of a comparator; with another panel, over the economies that have a score in both,
    /// for what both panels hold.
    pub(super) fn rows<'a>(
        &'a self,
        comparator: &'a Comparator,
        matched: Option<&'a Self>,
    ) -> impl Iterator<Item = Row> {
        self.values.iter().filter_map(move |(item, economies)| {
            let other = match matched {
                Some(other) => Some(other.values.get(item)?),
                None => None,
            };
            let taken: Vec<Value> = if comparator.economies.len() * LOOK_UP < economies.len() {
                let in_other = |economy: &EconomyCode| other.is_none_or(|other| other.contains_key(economy));
                let members = comparator.economies.iter().filter(|economy| in_other(economy));
                members.filter_map(|economy| economies.get(economy).copied()).collect()
            } else {
                let members = common(comparator.economies.iter(), economies.iter());
                match other {
                    Some(other) => common(other.keys(), members).map(|(_, value)| *value).collect(),
                    None => members.map(|(_, value)| *value).collect(),
                }
            };
            Some(Row {
                wave: self.wave,
                origin: self.origin,
                matched: matched.map(|other| other.wave),
                kind: comparator.kind,
                name: comparator.name.clone(),
                item: item.clone(),
                distribution: Distribution::of(&taken)?,
            })
        })
    }
}
