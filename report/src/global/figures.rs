//! What the workbook of a wave shows of the scores of one economy, and nothing else: the workbook needs those of all
//! economies at once, and there may be many thousands.

use std::collections::BTreeSet;
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
    /// Points and score by the position of the indicator in the framework. A score that is absent is NaN here, and
    /// nowhere else.
    indicators: Box<[(f64, f64)]>,
    /// The maxima of the points; NaN for an indicator without a place in the scores.
    maxima: Arc<[f64]>,
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

/// Takes figures from scores, and keeps once what many economies have in common.
#[derive(Debug)]
pub struct Gathering<'a> {
    framework: &'a Framework,
    groups: BTreeSet<Arc<str>>,
    /// The maxima of the economy before: those of most economies are the same.
    maxima: Arc<[f64]>,
}

impl<'a> Gathering<'a> {
    /// Nothing is taken yet.
    pub fn of(framework: &'a Framework) -> Self {
        Self { framework, groups: BTreeSet::new(), maxima: Arc::from([]) }
    }

    /// Takes from `scores` what is shown; their terms are not.
    pub fn figures(&mut self, scores: &EconomyScores) -> Figures<'a> {
        let framework = self.framework;
        let mut subindexes = vec![None; framework.subindexes.len()];
        let mut indicators = vec![(0.0, f64::NAN); framework.indicators.len()];
        let mut maxima = vec![f64::NAN; framework.indicators.len()];
        for subindex in &scores.subindexes {
            if let Some(place) =
                subindex_at(framework, subindex.id.as_str()).and_then(|at| subindexes.get_mut(at))
            {
                *place = Some(OfSubindex {
                    points: (subindex.points, subindex.max_points),
                    score: subindex.score,
                    group: self.group(subindex.group.as_deref()),
                });
            }
        }
        for (_, indicator) in scores.indicators() {
            let at = framework.indicators.iter().position(|known| known.id == indicator.id);
            let Some(at) = at else { continue };
            indicators[at] = (indicator.points, indicator.score.unwrap_or(f64::NAN));
            maxima[at] = indicator.max_points;
        }
        let same = |a: &[f64], b: &[f64]| a.iter().map(|a| a.to_bits()).eq(b.iter().map(|b| b.to_bits()));
        if !same(&self.maxima, &maxima) {
            self.maxima = maxima.into();
        }
        Figures {
            framework,
            economy: scores.economy.clone(),
            wave: scores.wave,
            collected: scores.collected,
            score: scores.score,
            group: self.group(scores.group.as_deref()),
            coverage: scores.coverage,
            subindexes: subindexes.into(),
            indicators: indicators.into(),
            maxima: Arc::clone(&self.maxima),
        }
    }

    fn group(&mut self, group: Option<&str>) -> Option<Arc<str>> {
        let group = group?;
        if !self.groups.contains(group) {
            self.groups.insert(group.into());
        }
        self.groups.get(group).cloned()
    }
}

impl<'a> Figures<'a> {
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
        let max_points = *self.maxima.get(position).filter(|maximum| !maximum.is_nan())?;
        let (points, score) = *self.indicators.get(position)?;
        Some(OfIndicator { points, max_points, score: Some(score).filter(|score| !score.is_nan()) })
    }

    /// The indicators with a place in the scores, subindex by subindex, each in printing order.
    pub(super) fn indicators(&self) -> impl Iterator<Item = (&'a Id, OfIndicator)> {
        self.framework.subindexes.iter().flat_map(move |subindex| {
            let known = self.framework.indicators.iter().enumerate();
            let of_subindex = known.filter(move |(_, known)| known.subindex == subindex.id);
            of_subindex.filter_map(|(at, known)| Some((&known.id, self.indicator_at(at)?)))
        })
    }
}

fn subindex_at(framework: &Framework, id: &str) -> Option<usize> {
    framework.subindexes.iter().position(|known| known.id.as_str() == id)
}
