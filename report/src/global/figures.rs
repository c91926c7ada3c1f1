//! What the workbook of a wave shows of the scores of each economy, and nothing else: the workbook needs those of all
//! economies at once, and there may be many thousands.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores};
use maturity::submission::{Collected, Wave};

/// Takes figures from scores, and keeps once what many economies have in common.
#[derive(Debug)]
pub struct Gathering<'a> {
    framework: &'a Framework,
    economies: Vec<OfEconomy>,
    groups: BTreeSet<Arc<str>>,
    /// The maxima of the economy before: those of most economies are the same.
    maxima: Arc<[f64]>,
    /// Points and score of indicators, each pair once, and where it stands by its bits: most indicators are levels,
    /// which come in a few values.
    values: Vec<(f64, f64)>,
    known: HashMap<(u64, u64), u32>,
}

/// The figures of all economies of a wave that have scores.
#[derive(Debug)]
pub struct Gathered<'a> {
    framework: &'a Framework,
    /// By code.
    economies: Vec<OfEconomy>,
    /// A score that is absent is NaN here, and nowhere else.
    values: Vec<(f64, f64)>,
}

/// The figures of one economy.
#[derive(Debug, Clone, Copy)]
pub struct Figures<'a> {
    all: &'a Gathered<'a>,
    own: &'a OfEconomy,
}

#[derive(Debug)]
struct OfEconomy {
    economy: EconomyCode,
    wave: Wave,
    collected: Option<Collected>,
    score: Option<f64>,
    group: Option<Arc<str>>,
    coverage: Coverage,
    /// By the position of the subindex in the framework.
    subindexes: Box<[Option<OfSubindex>]>,
    /// Where points and score stand among the values, by the position of the indicator in the framework.
    indicators: Box<[u32]>,
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

impl<'a> Gathering<'a> {
    /// Nothing is taken yet.
    pub fn of(framework: &'a Framework) -> Self {
        Self {
            framework,
            economies: Vec::new(),
            groups: BTreeSet::new(),
            maxima: Arc::from([]),
            values: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Takes from `scores` what is shown; their terms are not.
    pub fn add(&mut self, scores: &EconomyScores) {
        let framework = self.framework;
        let mut subindexes = vec![None; framework.subindexes.len()];
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
        let mut indicators = vec![self.value(0.0, f64::NAN); framework.indicators.len()];
        let mut maxima = vec![f64::NAN; framework.indicators.len()];
        for (_, indicator) in scores.indicators() {
            let at = framework.indicators.iter().position(|known| known.id == indicator.id);
            let Some(at) = at else { continue };
            indicators[at] = self.value(indicator.points, indicator.score.unwrap_or(f64::NAN));
            maxima[at] = indicator.max_points;
        }
        let same = |a: &[f64], b: &[f64]| a.iter().map(|a| a.to_bits()).eq(b.iter().map(|b| b.to_bits()));
        if !same(&self.maxima, &maxima) {
            self.maxima = maxima.into();
        }
        let group = self.group(scores.group.as_deref());
        self.economies.push(OfEconomy {
            economy: scores.economy.clone(),
            wave: scores.wave,
            collected: scores.collected,
            score: scores.score,
            group,
            coverage: scores.coverage,
            subindexes: subindexes.into(),
            indicators: indicators.into(),
            maxima: Arc::clone(&self.maxima),
        });
    }

    /// Everything that was taken.
    pub fn finish(mut self) -> Gathered<'a> {
        self.economies.sort_by(|a, b| a.economy.cmp(&b.economy));
        Gathered { framework: self.framework, economies: self.economies, values: self.values }
    }

    fn value(&mut self, points: f64, score: f64) -> u32 {
        let values = &mut self.values;
        *self.known.entry((points.to_bits(), score.to_bits())).or_insert_with(|| {
            values.push((points, score));
            // 4,294,967,296 different ones do not fit into memory.
            u32::try_from(values.len() - 1).unwrap_or(u32::MAX)
        })
    }

    fn group(&mut self, group: Option<&str>) -> Option<Arc<str>> {
        let group = group?;
        if !self.groups.contains(group) {
            self.groups.insert(group.into());
        }
        self.groups.get(group).cloned()
    }
}

impl Gathered<'_> {
    /// The figures of an economy; absent where nothing could be scored.
    pub fn of(&self, economy: &EconomyCode) -> Option<Figures<'_>> {
        let at = self.economies.binary_search_by(|known| known.economy.cmp(economy)).ok()?;
        Some(Figures { all: self, own: self.economies.get(at)? })
    }
}

impl<'a> Figures<'a> {
    pub(super) fn economy(self) -> &'a EconomyCode {
        &self.own.economy
    }

    pub(super) fn wave(self) -> Wave {
        self.own.wave
    }

    pub(super) fn collected(self) -> Option<Collected> {
        self.own.collected
    }

    /// The score of the composite.
    pub(super) fn score(self) -> Option<f64> {
        self.own.score
    }

    /// The group of the composite.
    pub(super) fn group(self) -> Option<&'a str> {
        self.own.group.as_deref()
    }

    pub(super) fn coverage(self) -> Coverage {
        self.own.coverage
    }

    pub(super) fn subindex(self, id: &str) -> Option<&'a OfSubindex> {
        self.own.subindexes.get(subindex_at(self.all.framework, id)?)?.as_ref()
    }

    /// The subindexes with a place in the scores, in printing order.
    pub(super) fn subindexes(self) -> impl Iterator<Item = (&'a Id, &'a OfSubindex)> {
        let known = self.all.framework.subindexes.iter().zip(&self.own.subindexes);
        known.filter_map(|(known, figures)| Some((&known.id, figures.as_ref()?)))
    }

    /// The figures of the indicator at a position of the framework.
    pub(super) fn indicator_at(self, position: usize) -> Option<OfIndicator> {
        let max_points = *self.own.maxima.get(position).filter(|maximum| !maximum.is_nan())?;
        let at = usize::try_from(*self.own.indicators.get(position)?).ok()?;
        let (points, score) = *self.all.values.get(at)?;
        Some(OfIndicator { points, max_points, score: Some(score).filter(|score| !score.is_nan()) })
    }

    /// The indicators with a place in the scores, subindex by subindex, each in printing order.
    pub(super) fn indicators(self) -> impl Iterator<Item = (&'a Id, OfIndicator)> {
        self.all.framework.subindexes.iter().flat_map(move |subindex| {
            let known = self.all.framework.indicators.iter().enumerate();
            let of_subindex = known.filter(move |(_, known)| known.subindex == subindex.id);
            of_subindex.filter_map(move |(at, known)| Some((&known.id, self.indicator_at(at)?)))
        })
    }
}

fn subindex_at(framework: &Framework, id: &str) -> Option<usize> {
    framework.subindexes.iter().position(|known| known.id.as_str() == id)
}
