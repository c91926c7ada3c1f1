//! What several sheets of a report rest on, worked out once: the wave before, what stands behind each answer, and
//! where scores stand.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use maturity::backing::{Backing, backing};
use maturity::framework::{Framework, Reason, Verdict};
use maturity::id::Id;
use maturity::score::{IndicatorScore, Term};
use maturity::submission::Wave;

use super::cells::Cells;
use super::{CountryReport, progress};
use crate::wording::Words;

/// How far the scores of two waves compare: for a framework, whatever the economy.
#[derive(Debug)]
pub(super) struct Compared {
    verdicts: BTreeMap<Id, Verdict>,
    /// Why the composite does not compare, or only partly.
    pub(super) reasons: Vec<Reason>,
}

impl Compared {
    /// How far the composite, the subindexes and the indicators compare.
    pub(super) fn of(framework: &Framework, from: Wave, to: Wave) -> Self {
        let composite = framework.comparability(&framework.composite.id, from, to);
        let parts = framework.subindexes.iter().map(|subindex| &subindex.id);
        let parts = parts.chain(framework.indicators.iter().map(|indicator| &indicator.id));
        let mut verdicts: BTreeMap<Id, Verdict> =
            parts.map(|id| (id.clone(), framework.comparability(id, from, to).verdict)).collect();
        verdicts.insert(framework.composite.id.clone(), composite.verdict);
        Self { verdicts, reasons: composite.reasons }
    }
}

/// The scores of the wave before.
pub(super) struct Before<'a> {
    pub(super) wave: Wave,
    pub(super) scores: BTreeMap<&'a Id, f64>,
    pub(super) compared: Arc<Compared>,
}

impl Before<'_> {
    /// How far a score compares with that of the wave before.
    pub(super) fn verdict(&self, id: &Id) -> Verdict {
        self.compared.verdicts.get(id).copied().unwrap_or(Verdict::No)
    }
}

/// The answers that were scored, each with what stands behind it.
pub(super) type Terms<'a> = BTreeMap<&'a Id, (&'a Term, Backing)>;

/// A report with what its sheets share.
pub(super) struct Basis<'a> {
    report: &'a CountryReport<'a>,
    /// The scores of the latest wave before: computed from answers if the store holds them, else published.
    pub(super) before: Option<Before<'a>>,
    pub(super) terms: Terms<'a>,
    pub(super) cells: Cells<'a>,
}

impl<'a> Basis<'a> {
    /// Works out what the sheets share; `compared` tells how far two waves compare.
    pub(super) fn of(
        report: &'a CountryReport<'a>,
        words: Words,
        compared: impl FnOnce(Wave, Wave) -> Arc<Compared>,
    ) -> Self {
        let terms = report.scores.indicators().flat_map(|(_, indicator)| &indicator.terms);
        // Nothing stands behind what is not there.
        let behind = |term: &'a Term| {
            if term.answer.is_given() {
                (term, backing(report.framework, report.answers, &term.question))
            } else {
                (term, Backing::None)
            }
        };
        let terms: Terms = terms.map(|term| (&term.question, behind(term))).collect();
        let cells = Cells::of(report, &terms, words);
        Self { before: before(report, compared), terms, cells, report }
    }

    /// Score minus that of the wave before; absent where one is missing or the two do not compare.
    pub(super) fn change(&self, id: &Id, score: Option<f64>) -> Option<f64> {
        let before = self.before.as_ref()?;
        let from = *before.scores.get(id)?;
        (before.verdict(id) != Verdict::No).then_some(score? - from)
    }

    /// The share of an indicator's points that evidence or a publication stands behind.
    pub(super) fn backed_points(&self, indicator: &IndicatorScore) -> Option<f64> {
        let backed = indicator.terms.iter().filter(|term| {
            self.terms.get(&term.question).is_some_and(|(_, backing)| *backing != Backing::None)
        });
        let points = backed.fold(0.0, |sum, term| sum + term.points);
        (indicator.points > 0.0).then(|| points / indicator.points)
    }
}

impl<'a> Deref for Basis<'a> {
    type Target = CountryReport<'a>;

    fn deref(&self) -> &CountryReport<'a> {
        self.report
    }
}

fn before<'a>(
    report: &'a CountryReport<'a>,
    compared: impl FnOnce(Wave, Wave) -> Arc<Compared>,
) -> Option<Before<'a>> {
    let this = report.scores.wave;
    let movement = report.standing.and_then(|standing| standing.movement.as_ref());
    let published = report.history.iter().filter(|other| other.wave < this).max_by_key(|other| other.wave);
    match (movement, published) {
        (Some(movement), published) if published.is_none_or(|other| other.wave <= movement.wave) => {
            Some(Before {
                wave: movement.wave,
                scores: progress::of_movement(movement).collect(),
                compared: compared(movement.wave, this),
            })
        }
        (_, Some(published)) => {
            let composite = published.score.map(|score| (&report.framework.composite.id, score));
            let subindexes = published.subindexes.iter().map(|(id, score)| (id, *score));
            Some(Before {
                wave: published.wave,
                scores: composite.into_iter().chain(subindexes).collect(),
                compared: compared(published.wave, this),
            })
        }
        _ => None,
    }
}
