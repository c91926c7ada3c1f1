//! The scores of all economies of one wave, by level and id.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Comparator, Distribution, Row};
use crate::economy::EconomyCode;
use crate::id::Id;
use crate::score::{EconomyScores, IndicatorScore};
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
    /// Every level, from the index down.
    pub const ALL: [Self; 4] = [Self::Index, Self::Subindex, Self::Indicator, Self::Question];

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
    /// Every origin.
    pub const ALL: [Self; 2] = [Self::Computed, Self::Published];

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

/// Whether an economy has a score, and what is known of its level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// There is no score.
    Absent,
    /// There is a score; of its level nothing is known.
    Given,
    /// There is a score below the full level.
    Partial,
    /// There is a score at the full level.
    Full,
}

/// The scores of one item, by the number of the economy in the panel: a panel of many thousand economies has millions of
/// scores, which take nine bytes each.
#[derive(Debug, Clone, Default)]
struct Column {
    scores: Vec<f64>,
    marks: Vec<Mark>,
}

impl Column {
    fn set(&mut self, number: usize, (score, full): Value, room: usize) {
        if self.marks.len() <= number {
            self.marks.reserve_exact(room.saturating_sub(self.marks.len()));
            self.scores.reserve_exact(room.saturating_sub(self.scores.len()));
            self.marks.resize(number + 1, Mark::Absent);
            self.scores.resize(number + 1, 0.0);
        }
        let mark = full.map_or(Mark::Given, |full| if full { Mark::Full } else { Mark::Partial });
        if let (Some(place), Some(of)) = (self.scores.get_mut(number), self.marks.get_mut(number)) {
            (*place, *of) = (score, mark);
        }
    }

    fn get(&self, number: usize) -> Option<Value> {
        let full = match self.marks.get(number)? {
            Mark::Absent => return None,
            Mark::Given => None,
            Mark::Partial => Some(false),
            Mark::Full => Some(true),
        };
        Some((*self.scores.get(number)?, full))
    }

    fn has(&self, number: usize) -> bool {
        self.marks.get(number).is_some_and(|mark| *mark != Mark::Absent)
    }
}

/// The scores of all economies of one wave.
#[derive(Debug, Clone)]
pub struct Panel {
    /// The wave.
    pub wave: Wave,
    /// Where the scores come from.
    pub origin: Origin,
    /// The numbers of the economies, in the order in which they were added.
    economies: BTreeMap<EconomyCode, usize>,
    columns: BTreeMap<Item, Column>,
    /// How many economies there will be, as far as that is known.
    room: usize,
}

impl Panel {
    /// A panel without scores.
    pub fn new(wave: Wave, origin: Origin) -> Self {
        Self { wave, origin, economies: BTreeMap::new(), columns: BTreeMap::new(), room: 0 }
    }

    /// The same with room for so many economies: without it, columns that grow leave memory behind them.
    #[must_use]
    pub fn with_room(self, economies: usize) -> Self {
        Self { room: economies, ..self }
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
            let number = self.number(economy);
            self.set(number, level, id, (score, full));
        }
    }

    fn number(&mut self, economy: &EconomyCode) -> usize {
        if let Some(number) = self.economies.get(economy) {
            return *number;
        }
        let number = self.economies.len();
        self.economies.insert(economy.clone(), number);
        number
    }

    fn set(&mut self, number: usize, level: Level, id: &Id, value: Value) {
        self.columns.entry(Item { level, id: id.clone() }).or_default().set(number, value, self.room);
    }

    /// Adds all scores of an economy. The full level is that of all points.
    pub fn add_scores(&mut self, scores: &EconomyScores) {
        let number = self.number(&scores.economy);
        let full = |points: f64, max_points: f64| (max_points > 0.0).then_some(points >= max_points);
        let mut add = |level, id, score: Option<f64>, full| {
            if let Some(score) = score {
                self.set(number, level, id, (score, full));
            }
        };
        // Where a number counts beside points, all points are not all that there is.
        let is_number = |indicator: &IndicatorScore| indicator.score.is_some() && indicator.max_points <= 0.0;
        let has_numbers = scores.indicators().any(|(_, indicator)| is_number(indicator));
        let mut all_full = Some(true);
        for subindex in &scores.subindexes {
            let numbers =
                subindex.indicators.iter().any(is_number) || subindex.indicators.is_empty() && has_numbers;
            let is_full = full(subindex.points, subindex.max_points).filter(|_| !numbers);
            all_full = all_full.zip(is_full).map(|(all, this)| all && this);
            add(Level::Subindex, &subindex.id, subindex.score, is_full);
        }
        add(Level::Index, &scores.id, scores.score, all_full);
        for (_, indicator) in scores.indicators() {
            let is_full = full(indicator.points, indicator.max_points);
            add(Level::Indicator, &indicator.id, indicator.score, is_full);
            for term in &indicator.terms {
                let share = (term.max_points > 0.0).then(|| term.points / term.max_points);
                let is_full = full(term.points, term.max_points);
                add(Level::Question, &term.question, share, is_full);
            }
        }
    }

    /// Whether there is no score at all.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    /// The score of an economy.
    pub fn score(&self, economy: &EconomyCode, item: &Item) -> Option<f64> {
        let number = self.economies.get(economy)?;
        self.columns.get(item)?.get(*number).map(|(score, _)| score)
    }

    /// The scores of the economies of a comparator, in the order of their codes.
    pub fn scores<'a>(&'a self, comparator: &'a Comparator, item: &Item) -> impl Iterator<Item = f64> {
        let of_item = self.columns.get(item).into_iter();
        of_item.flat_map(move |column| {
            let members = comparator.economies.iter().filter_map(|economy| self.economies.get(economy));
            members.filter_map(|number| column.get(*number)).map(|(score, _)| score)
        })
    }

    /// The distributions of a comparator; with another panel, over the economies that have a score in both,
    /// for what both panels hold.
    pub(super) fn rows<'a>(
        &'a self,
        comparator: &'a Comparator,
        matched: Option<&'a Self>,
    ) -> impl Iterator<Item = Row> {
        // In the order of codes, whatever order they were added in: sums have a fixed order.
        let members = comparator.economies.iter().filter_map(|economy| {
            let in_other = match matched {
                Some(other) => *other.economies.get(economy)?,
                None => 0,
            };
            Some((economy, *self.economies.get(economy)?, in_other))
        });
        let members: Vec<(&EconomyCode, usize, usize)> = members.collect();
        self.columns.iter().filter_map(move |(item, column)| {
            let other = match matched {
                Some(other) => Some(other.columns.get(item)?),
                None => None,
            };
            let in_both = |in_other: usize| other.is_none_or(|other| other.has(in_other));
            let of_both = || members.iter().filter(|(_, _, in_other)| in_both(*in_other));
            let taken: Vec<Value> = of_both().filter_map(|(_, number, _)| column.get(*number)).collect();
            let has_score = |(_, number, _): &&(&EconomyCode, usize, usize)| column.has(*number);
            let only = (taken.len() == 1).then(|| of_both().find(has_score)).flatten();
            Some(Row {
                wave: self.wave,
                origin: self.origin,
                matched: matched.map(|other| other.wave),
                kind: comparator.kind,
                name: comparator.name.clone(),
                item: item.clone(),
                distribution: Distribution::of(&taken)?,
                only: only.map(|(economy, ..)| (*economy).clone()),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::score::{Coverage, SubindexScore};

    #[test]
    fn nobody_is_at_the_full_level_where_a_number_counts_beside_points() {
        let coverage = Coverage::default();
        let indicator = |id: &str, points: f64, max_points: f64| IndicatorScore {
            id: Id::from(id),
            points,
            max_points,
            value: Some(0.9),
            score: Some(0.9),
            withheld: None,
            coverage,
            terms: Vec::new(),
        };
        let full = |indicators: Vec<IndicatorScore>| {
            let subindex = SubindexScore {
                id: Id::from("S"),
                indicators,
                points: 6.0,
                max_points: 6.0,
                score: Some(0.95),
                withheld: None,
                group: None,
                coverage,
            };
            let scores = EconomyScores {
                wave: Wave(2030),
                economy: EconomyCode::new("AAA"),
                id: Id::from("ALL"),
                subindexes: vec![subindex],
                score: Some(0.95),
                withheld: None,
                group: None,
                coverage,
                collected: None,
            };
            let mut panel = Panel::new(Wave(2030), Origin::Computed);
            panel.add_scores(&scores);
            let of = |level, id: &str| {
                let item = Item { level, id: Id::from(id) };
                let column = panel.columns.get(&item).unwrap();
                column.get(0).unwrap().1
            };
            (of(Level::Subindex, "S"), of(Level::Index, "ALL"))
        };
        assert_eq!(full(vec![indicator("I-1", 6.0, 6.0)]), (Some(true), Some(true)));
        assert_eq!(full(vec![indicator("I-1", 6.0, 6.0), indicator("I-2", 0.0, 0.0)]), (None, None));
    }
}
