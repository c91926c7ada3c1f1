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
//! A part without a score whose answers are open may come to a mean or not, whichever leads further.
//!
//! Questions that the framework leaves out when they are not answered return to the maximum. External indices
//! are not asked for, so one without a value moves no bound.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::{CompositeMethod, Direction, EvidencePolicy, Framework, Indicator, PartPolicy};
use maturity::id::Id;
use maturity::score::{EconomyScores, IndicatorScore, SubindexScore, TermStatus};
use maturity::uncertainty::Bounds;
use maturity::withheld::Withheld;

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

impl Open {
    /// Whether any answer is open.
    fn is_any(self) -> bool {
        self.number || self.unanswered > 0.0 || self.returning > 0.0 || self.unbacked > 0.0
    }
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
    let mut walk = Walk { framework, population, scores, backing, found: BTreeMap::new() };
    let parts: Vec<(f64, Reach)> =
        framework.parts_of(None).map(|part| (part.weight, walk.below(&part.id))).collect();
    let composite = &framework.composite;
    if scores.score.is_some()
        && let Reach::Scored(Some(bounds)) = together(composite.method, composite.missing_part, true, &parts)
    {
        walk.found.insert(scores.id.clone(), bounds);
    }
    walk.found
}

/// Between which values a part of a mean lies; no bounds where they are not known.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Reach {
    /// It has a score.
    Scored(Option<Bounds>),
    /// It has none, and open answers could give it one.
    Open(Option<Bounds>),
    /// It has none, whatever is answered.
    Never,
}

struct Walk<'a> {
    framework: &'a Framework,
    population: &'a Population,
    scores: &'a EconomyScores,
    backing: &'a Backing<'a>,
    found: BTreeMap<Id, Bounds>,
}

impl Walk<'_> {
    fn below(&mut self, id: &Id) -> Reach {
        let framework = self.framework;
        let mut parts: Vec<(f64, Reach)> =
            framework.parts_of(Some(id)).map(|part| (part.weight, self.below(&part.id))).collect();
        let (Some(subindex), Some(own)) = (framework.subindex(id), self.scores.subindex(id.as_str())) else {
            return Reach::Never;
        };
        let is_scored = own.score.is_some();
        if !is_scored && (matches!(own.withheld, Some(Withheld::ExternalIndex { .. })) || !self.is_open(id)) {
            return Reach::Never;
        }
        let reach = match subindex.method.mean() {
            None if is_scored => Reach::Scored(points(framework, own, self.backing)),
            None => {
                points(framework, own, self.backing).map_or(Reach::Never, |bounds| Reach::Open(Some(bounds)))
            }
            Some(method) => {
                // Indicators that are only asked have no terms and are no parts.
                let scored = own.indicators.iter().filter(|one| !one.terms.is_empty());
                parts.extend(scored.filter_map(|one| self.indicator(one)));
                together(method, subindex.missing_part, is_scored, &parts)
            }
        };
        if let Reach::Scored(Some(bounds)) = reach {
            self.found.insert(id.clone(), bounds);
        }
        reach
    }

    fn indicator(&self, one: &IndicatorScore) -> Option<(f64, Reach)> {
        let indicator = self.framework.indicator(&one.id)?;
        let open = open(self.framework, one, self.backing);
        let bounds = || of_indicator(self.framework, self.population, indicator, one, open);
        let reach = match one.score {
            Some(_) => Reach::Scored(bounds()),
            None if open.is_any() => Reach::Open(bounds()),
            None => Reach::Never,
        };
        Some((indicator.weight, reach))
    }

    /// Whether an answer below a subindex is open.
    fn is_open(&self, id: &Id) -> bool {
        let within = self.scores.subindexes.iter().filter(|other| self.framework.is_within(&other.id, id));
        let mut indicators = within.flat_map(|other| &other.indicators);
        indicators.any(|one| open(self.framework, one, self.backing).is_any())
    }
}

/// The bounds of a mean. A part that has no score yet is in it only if its answers come, unless the mean needs all parts.
fn together(method: CompositeMethod, missing: PartPolicy, is_scored: bool, parts: &[(f64, Reach)]) -> Reach {
    let needs_all = !is_scored && missing == PartPolicy::Withhold;
    let (mut certain, mut possible) = (Vec::new(), Vec::new());
    for (weight, reach) in parts {
        match reach {
            Reach::Never if needs_all => return Reach::Never,
            Reach::Never => {}
            Reach::Scored(bounds) => certain.push(bounds.map(|bounds| (*weight, bounds))),
            Reach::Open(bounds) if needs_all => certain.push(bounds.map(|bounds| (*weight, bounds))),
            Reach::Open(bounds) => possible.push(bounds.map(|bounds| (*weight, bounds))),
        }
    }
    if certain.is_empty() && possible.is_empty() {
        return Reach::Never;
    }
    let (certain, possible): (Option<Vec<_>>, Option<Vec<_>>) =
        (certain.into_iter().collect(), possible.into_iter().collect());
    let bounds = certain.zip(possible).and_then(|(certain, possible)| mean(method, &certain, &possible));
    if is_scored { Reach::Scored(bounds) } else { Reach::Open(bounds) }
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

/// Means of the lower and of the upper ends, with those of the possible parts that widen them. A geometric or harmonic
/// mean tends to 0 where a part does.
fn mean(method: CompositeMethod, certain: &[(f64, Bounds)], possible: &[(f64, Bounds)]) -> Option<Bounds> {
    let end = |end: fn(&Bounds) -> f64, order: Ordering| -> Option<f64> {
        let ends = |parts: &[(f64, Bounds)]| -> Vec<(f64, f64)> {
            parts.iter().map(|(weight, bounds)| (*weight, end(bounds))).collect()
        };
        let (mut taken, mut more) = (ends(certain), ends(possible));
        more.sort_by(|a, b| if order == Ordering::Less { a.1.total_cmp(&b.1) } else { b.1.total_cmp(&a.1) });
        for part in more {
            // A mean moves towards each part that comes to it.
            if taken.is_empty() || of_ends(method, &taken)?.partial_cmp(&part.1) == Some(order.reverse()) {
                taken.push(part);
            }
        }
        of_ends(method, &taken)
    };
    Some(Bounds {
        lower: end(|bounds| bounds.lower, Ordering::Less)?,
        upper: end(|bounds| bounds.upper, Ordering::Greater)?,
    })
}

fn of_ends(method: CompositeMethod, parts: &[(f64, f64)]) -> Option<f64> {
    let mut sum = 0.0;
    let mut weights = 0.0;
    let mut vanishes = false;
    for (weight, value) in parts {
        if method.needs_positive() && *value <= 0.0 {
            if *value < 0.0 {
                return None;
            }
            vanishes = true;
            continue;
        }
        sum += weight * forward(method, *value);
        weights += weight;
    }
    if vanishes {
        return Some(0.0);
    }
    (weights > 0.0).then(|| back(method, sum / weights))
}
