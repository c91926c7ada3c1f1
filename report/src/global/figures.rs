//! What the workbook of a wave shows of the scores of one economy, and nothing else: the workbook needs those of all
//! economies at once, and there may be many thousands.

use std::sync::Arc;

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores};
use maturity::submission::{Collected, Wave};

/// The figures of one economy.
#[derive(Debug, Clone)]
pub struct Figures<'a> {
    framework: &'a Framework,
    pub(super) economy: EconomyCode,
    pub(super) wave: Wave,
    pub(super) collected: Option<Collected>,
    /// The composite.
    pub(super) score: Option<f64>,
    pub(super) group: Option<Arc<str>>,
    pub(super) coverage: Coverage,
    /// By the position of the subindex in the framework.
    subindexes: Box<[Option<OfSubindex>]>,
    /// By the position of the indicator in the framework.
    indicators: Box<[Option<OfIndicator>]>,
}

#[derive(Debug, Clone)]
pub(super) struct OfSubindex {
    pub(super) points: (f64, f64),
    pub(super) score: Option<f64>,
    pub(super) group: Option<Arc<str>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct OfIndicator {
    pub(super) points: f64,
    pub(super) max_points: f64,
    pub(super) score: Option<f64>,
}

impl<'a> Figures<'a> {
    /// Takes from `scores` what is shown; their terms are not.
    pub fn of(framework: &'a Framework, scores: &EconomyScores) -> Self {
        let mut figures = Self {
            framework,
            economy: scores.economy.clone(),
            wave: scores.wave,
            collected: scores.collected,
            score: scores.score,
            group: scores.group.as_deref().map(Arc::from),
            coverage: scores.coverage,
            subindexes: vec![None; framework.subindexes.len()].into(),
            indicators: vec![None; framework.indicators.len()].into(),
        };
        for subindex in &scores.subindexes {
            if let Some(place) =
                subindex_at(framework, subindex.id.as_str()).and_then(|at| figures.subindexes.get_mut(at))
            {
                *place = Some(OfSubindex {
                    points: (subindex.points, subindex.max_points),
                    score: subindex.score,
                    group: subindex.group.as_deref().map(Arc::from),
                });
            }
        }
        for (_, indicator) in scores.indicators() {
            let at = framework.indicators.iter().position(|known| known.id == indicator.id);
            if let Some(place) = at.and_then(|at| figures.indicators.get_mut(at)) {
                *place = Some(OfIndicator {
                    points: indicator.points,
                    max_points: indicator.max_points,
                    score: indicator.score,
                });
            }
        }
        figures
    }

    pub(super) fn subindex(&self, id: &str) -> Option<&OfSubindex> {
        self.subindexes.get(subindex_at(self.framework, id)?)?.as_ref()
    }

    /// The subindexes with a place in the scores, in printing order.
    pub(super) fn subindexes(&self) -> impl Iterator<Item = (&'a Id, &OfSubindex)> {
        let known = self.framework.subindexes.iter().zip(&self.subindexes);
        known.filter_map(|(known, figures)| Some((&known.id, figures.as_ref()?)))
    }

    /// The figures of the indicator at a position of the framework.
    pub(super) fn indicator_at(&self, position: usize) -> Option<OfIndicator> {
        *self.indicators.get(position)?
    }

    /// The indicators with a place in the scores, subindex by subindex, each in printing order.
    pub(super) fn indicators(&self) -> impl Iterator<Item = (&'a Id, OfIndicator)> {
        self.framework.subindexes.iter().flat_map(move |subindex| {
            let known = self.framework.indicators.iter().zip(&self.indicators);
            let of_subindex = known.filter(move |(known, _)| known.subindex == subindex.id);
            of_subindex.filter_map(|(known, figures)| Some((&known.id, (*figures)?)))
        })
    }
}

fn subindex_at(framework: &Framework, id: &str) -> Option<usize> {
    framework.subindexes.iter().position(|known| known.id.as_str() == id)
}
