//! The scores of one economy as rows in the order of reading, and back: from its index to its indicators. Their terms
//! are a list beside them.

use maturity::comparator::Level;
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores, IndicatorScore, SubindexScore, Term};
use maturity::submission::{Collected, Wave};
use maturity::withheld::Withheld;

use crate::database::StoreError;
use crate::rows::corrupt;

/// One row of the table of scores.
pub(crate) struct ScoreRow {
    pub(crate) level: Level,
    pub(crate) id: Id,
    pub(crate) points: Option<f64>,
    pub(crate) max_points: Option<f64>,
    pub(crate) score: Option<f64>,
    pub(crate) group: Option<String>,
    pub(crate) coverage: Coverage,
    pub(crate) value: Option<f64>,
    pub(crate) withheld: Option<Withheld>,
}

impl ScoreRow {
    /// A row without any figures.
    fn of(level: Level, id: &Id) -> Self {
        Self {
            level,
            id: id.clone(),
            points: None,
            max_points: None,
            score: None,
            group: None,
            coverage: Coverage::default(),
            value: None,
            withheld: None,
        }
    }
}

/// A level by its name in the table.
pub(crate) fn level_of(name: &str) -> Option<Level> {
    [Level::Index, Level::Subindex, Level::Indicator].into_iter().find(|level| level.as_str() == name)
}

/// The rows of an economy, each level below the one before.
pub(crate) fn rows_of(scores: &EconomyScores) -> Vec<ScoreRow> {
    let mut rows = vec![ScoreRow {
        score: scores.score,
        withheld: scores.withheld.clone(),
        group: scores.group.clone(),
        coverage: scores.coverage,
        ..ScoreRow::of(Level::Index, &scores.id)
    }];
    for subindex in &scores.subindexes {
        rows.push(ScoreRow {
            points: Some(subindex.points),
            max_points: Some(subindex.max_points),
            score: subindex.score,
            withheld: subindex.withheld.clone(),
            group: subindex.group.clone(),
            coverage: subindex.coverage,
            ..ScoreRow::of(Level::Subindex, &subindex.id)
        });
        for indicator in &subindex.indicators {
            rows.push(ScoreRow {
                points: Some(indicator.points),
                max_points: Some(indicator.max_points),
                value: indicator.value,
                score: indicator.score,
                withheld: indicator.withheld.clone(),
                coverage: indicator.coverage,
                ..ScoreRow::of(Level::Indicator, &indicator.id)
            });
        }
    }
    rows
}

/// Puts terms back to their indicators.
pub(crate) fn add_terms(scores: &mut EconomyScores, terms: Vec<(Id, Vec<Term>)>) -> Result<(), StoreError> {
    let misplaced = || corrupt(format!("the terms of {}", scores.economy));
    let mut terms = terms.into_iter();
    for indicator in scores.subindexes.iter_mut().flat_map(|subindex| &mut subindex.indicators) {
        let (id, terms) = terms.next().ok_or_else(misplaced)?;
        if id != indicator.id {
            return Err(misplaced());
        }
        indicator.terms = terms;
    }
    terms.next().map_or(Ok(()), |_| Err(misplaced()))
}

/// Scores without terms from their rows.
pub(crate) fn tree_of(
    wave: Wave,
    economy: &EconomyCode,
    collected: Option<Collected>,
    rows: Vec<ScoreRow>,
) -> Result<EconomyScores, StoreError> {
    let misplaced = || corrupt(format!("the order of the scores of {economy}"));
    let mut rows = rows.into_iter();
    let first = rows.next().filter(|row| row.level == Level::Index).ok_or_else(misplaced)?;
    let mut scores = EconomyScores {
        economy: economy.clone(),
        wave,
        collected,
        subindexes: Vec::new(),
        id: first.id,
        score: first.score,
        withheld: first.withheld,
        group: first.group,
        coverage: first.coverage,
    };
    for row in rows {
        let (points, max_points) = (row.points.ok_or_else(misplaced)?, row.max_points.ok_or_else(misplaced)?);
        let id = row.id;
        match row.level {
            Level::Subindex => scores.subindexes.push(SubindexScore {
                id,
                indicators: Vec::new(),
                points,
                max_points,
                score: row.score,
                withheld: row.withheld,
                group: row.group,
                coverage: row.coverage,
            }),
            Level::Indicator => {
                let subindex = scores.subindexes.last_mut().ok_or_else(misplaced)?;
                subindex.indicators.push(IndicatorScore {
                    id,
                    terms: Vec::new(),
                    points,
                    max_points,
                    value: row.value,
                    score: row.score,
                    withheld: row.withheld,
                    coverage: row.coverage,
                });
            }
            Level::Index | Level::Question => return Err(misplaced()),
        }
    }
    Ok(scores)
}
