//! How far open answers could move a score: the lowest and the highest value it could have.
//!
//! An answer is open if there is none, or if it earned points without the evidence that the framework requires.
//! A question that does not apply under the answers given is not open: it cannot earn anything. Where that
//! depends on an answer that is open itself, it is.
//!
//! ```text
//! share of points   lowest  = (points - points of unbacked answers) / maximum
//!                   highest = (points + maxima of unanswered questions) / maximum
//! number            lowest and highest value that the indicator can have, if the number is open
//! mean              the mean of the lowest, and of the highest values of its parts
//! ```
//!
//! Questions that the framework leaves out when they are not answered return to the maximum. External indices
//! are not asked for, so one without a value moves no bound.

use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::{CompositeMethod, Direction, EvidencePolicy, Framework, Indicator};
use maturity::id::Id;
use maturity::score::{EconomyScores, IndicatorScore, SubindexScore, TermStatus};
use maturity::uncertainty::Bounds;

use crate::aggregate::{back, forward};
use crate::normalize::{Population, normalize};

/// What of an indicator's points is settled and what is open.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Open {
    /// Points earned, unbacked ones included.
    pub(crate) points: f64,
    /// The maximum that counts in the score.
    pub(crate) max_points: f64,
    /// The most that unanswered questions could add to the points.
    pub(crate) unanswered: f64,
    /// What would return to the maximum if they were answered.
    pub(crate) returning: f64,
    /// Points of answers without the required evidence.
    pub(crate) unbacked: f64,
    /// Whether the number that is the value is open.
    pub(crate) number: bool,
}

/// Which answers need evidence and which have it.
pub struct Backing<'a> {
    needed: BTreeSet<&'a Id>,
    given: &'a BTreeSet<Id>,
}

impl<'a> Backing<'a> {
    /// `given` are the questions whose answers came with evidence.
    pub fn new(framework: &'a Framework, given: &'a BTreeSet<Id>) -> Self {
        let needed = match framework.missing.evidence {
            EvidencePolicy::Optional => BTreeSet::new(),
            EvidencePolicy::Required => framework
                .questions
                .iter()
                .filter(|question| framework.needs_evidence(question))
                .map(|question| &question.id)
                .collect(),
        };
        Self { needed, given }
    }

    fn lacks(&self, question: &Id) -> bool {
        self.needed.contains(question) && !self.given.contains(question)
    }
}

/// What is open in an indicator.
pub(crate) fn open(framework: &Framework, indicator: &IndicatorScore, backing: &Backing) -> Open {
    let mut open = Open { points: indicator.points, max_points: indicator.max_points, ..Open::default() };
    let is_number = framework.is_number(&indicator.id);
    for term in &indicator.terms {
        let Some(question) = framework.question(&term.question) else { continue };
        if term.status == TermStatus::DoesNotApply {
            continue;
        }
        if question.is_asked() && !term.answer.is_given() {
            let full = question.scoring.as_ref().map_or(0.0, |scoring| scoring.max_points);
            open.unanswered += full;
            if term.status == TermStatus::LeftOut {
                open.returning += full;
            }
            open.number |= is_number;
        } else if term.answer.is_given() && backing.lacks(&term.question) {
            open.unbacked += term.points;
            open.number |= is_number;
        }
    }
    open
}

/// The bounds of every subindex and of the composite, by id. What has no score has none, nor has what depends
/// on an open number without a known range.
pub fn of_economy(
    framework: &Framework,
    population: &Population,
    scores: &EconomyScores,
    backing: &Backing,
) -> BTreeMap<Id, Bounds> {
    let mut found = BTreeMap::new();
    for subindex in framework.parts_of(None) {
        below(framework, population, scores, &subindex.id, backing, &mut found);
    }
    if scores.score.is_some() {
        let parts: Option<Vec<(f64, Bounds)>> = framework
            .parts_of(None)
            .filter(|part| scores.subindex(part.id.as_str()).is_some_and(|scored| scored.score.is_some()))
            .map(|part| Some((part.weight, *found.get(&part.id)?)))
            .collect();
        if let Some(bounds) = parts.and_then(|parts| mean(framework.composite.method, &parts)) {
            found.insert(scores.id.clone(), bounds);
        }
    }
    found
}

fn below(
    framework: &Framework,
    population: &Population,
    scores: &EconomyScores,
    id: &Id,
    backing: &Backing,
    found: &mut BTreeMap<Id, Bounds>,
) {
    for part in framework.parts_of(Some(id)) {
        below(framework, population, scores, &part.id, backing, found);
    }
    let (Some(subindex), Some(own)) = (framework.subindex(id), scores.subindex(id.as_str())) else {
        return;
    };
    if own.score.is_none() {
        return;
    }
    let bounds = match subindex.method.mean() {
        None => points(framework, own, backing),
        Some(method) => {
            let of_subindexes = framework
                .parts_of(Some(id))
                .filter(|part| scores.subindex(part.id.as_str()).is_some_and(|part| part.score.is_some()))
                .map(|part| Some((part.weight, *found.get(&part.id)?)));
            let of_indicators = own.indicators.iter().filter_map(|one| {
                let indicator = framework.indicator(&one.id)?;
                let open = open(framework, one, backing);
                // What is neither scored nor open is no part of the mean.
                let counts = one.score.is_some() || open.number || open.returning > 0.0;
                counts.then(|| {
                    let bounds = of_indicator(framework, population, indicator, one, open)?;
                    Some((indicator.weight, bounds))
                })
            });
            let parts: Option<Vec<(f64, Bounds)>> = of_subindexes.chain(of_indicators).collect();
            parts.and_then(|parts| mean(method, &parts))
        }
    };
    if let Some(bounds) = bounds {
        found.insert(id.clone(), bounds);
    }
}

fn points(framework: &Framework, subindex: &SubindexScore, backing: &Backing) -> Option<Bounds> {
    let mut sum = Open::default();
    for indicator in &subindex.indicators {
        let open = open(framework, indicator, backing);
        sum.unanswered += open.unanswered;
        sum.returning += open.returning;
        sum.unbacked += open.unbacked;
    }
    share(Open { points: subindex.points, max_points: subindex.max_points, ..sum })
}

fn share(open: Open) -> Option<Bounds> {
    let maximum = open.max_points + open.returning;
    (maximum > 0.0).then(|| Bounds {
        lower: (open.points - open.unbacked) / maximum,
        upper: (open.points + open.unanswered) / maximum,
    })
}

fn of_indicator(
    framework: &Framework,
    population: &Population,
    indicator: &Indicator,
    scored: &IndicatorScore,
    open: Open,
) -> Option<Bounds> {
    if framework.is_number(&indicator.id) {
        if !open.number {
            return scored.score.map(|score| Bounds { lower: score, upper: score });
        }
        let range = framework.indicator_range(indicator);
        return (range.low.is_finite() && range.high.is_finite())
            .then_some(Bounds { lower: range.low, upper: range.high });
    }
    let share = share(open)?;
    let scored = |value| normalize(value, indicator.normalization, indicator, population).ok();
    let (lower, upper) = (scored(share.lower)?, scored(share.upper)?);
    Some(match indicator.direction {
        Direction::Higher => Bounds { lower, upper },
        Direction::Lower => Bounds { lower: upper, upper: lower },
    })
}

/// Means of the lower and of the upper ends. A geometric or harmonic mean tends to 0 where a part does.
fn mean(method: CompositeMethod, parts: &[(f64, Bounds)]) -> Option<Bounds> {
    let end = |end: fn(&Bounds) -> f64| -> Option<f64> {
        let mut sum = 0.0;
        let mut weights = 0.0;
        let mut vanishes = false;
        for (weight, bounds) in parts {
            let value = end(bounds);
            if method.needs_positive() && value <= 0.0 {
                if value < 0.0 {
                    return None;
                }
                vanishes = true;
                continue;
            }
            sum += weight * forward(method, value);
            weights += weight;
        }
        if vanishes {
            return Some(0.0);
        }
        (weights > 0.0).then(|| back(method, sum / weights))
    };
    Some(Bounds { lower: end(|bounds| bounds.lower)?, upper: end(|bounds| bounds.upper)? })
}
