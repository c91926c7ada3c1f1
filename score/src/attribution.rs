//! Why the scores of an economy changed between two states: two waves, or two runs of one wave.
//!
//! Every question that counts belongs to one cause, which its answer moves with:
//!
//! 1. *instrument*, if its construct does not compare between the waves, if it counts on one side only, or if
//!    its answer on one side cannot be given on the other (another kind of question, other choices);
//! 2. else *external index*, if its value is that of an index of another organisation;
//! 3. else *source*, if the answers were collected by others: a survey on one side, public sources on the other;
//! 4. else *correction* within one wave, *answers* between waves.
//!
//! The framework itself (points, weights, policies) moves with *instrument*. For each set of causes the economy
//! is scored once as if only these had acted; [`maturity::change::shares`] makes parts of these scores.

mod pair;

use maturity::change::{Change, EconomyChange, Level, Origin, Side, Unknown};
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, Verdict};
use maturity::id::Id;
use maturity::score::{EconomyScores, ImportedScores};
use maturity::submission::{Collected, Wave};

use pair::Pair;

/// One side of a comparison.
#[derive(Debug, Clone, Copy)]
pub enum State<'a> {
    /// Scores computed from answers.
    Computed {
        /// The framework that they were computed with.
        framework: &'a Framework,
        /// The scores with their terms.
        scores: &'a EconomyScores,
    },
    /// Scores that others published.
    Imported(&'a ImportedScores),
}

impl<'a> State<'a> {
    fn wave(&self) -> Wave {
        match self {
            Self::Computed { scores, .. } => scores.wave,
            Self::Imported(scores) => scores.wave,
        }
    }

    fn economy(&self) -> &'a EconomyCode {
        match self {
            Self::Computed { scores, .. } => &scores.economy,
            Self::Imported(scores) => &scores.economy,
        }
    }

    fn collected(&self) -> Option<Collected> {
        match self {
            Self::Computed { scores, .. } => scores.collected,
            Self::Imported(scores) => scores.collected,
        }
    }

    fn side(&self) -> Side {
        let (origin, group) = match self {
            Self::Computed { scores, .. } => (Origin::Computed, scores.group.clone()),
            Self::Imported(scores) => (Origin::Imported, scores.group.clone()),
        };
        Side { wave: self.wave(), origin, group, collected: self.collected() }
    }

    fn score(&self, level: Level, id: &Id) -> Option<f64> {
        match self {
            Self::Computed { scores, .. } => score_of(scores, level, id),
            Self::Imported(scores) => {
                scores.scores.iter().find(|(known, _)| known == id).map(|(_, score)| *score)
            }
        }
    }
}

fn score_of(scores: &EconomyScores, level: Level, id: &Id) -> Option<f64> {
    match level {
        Level::Index => scores.score.filter(|_| scores.id == *id),
        Level::Subindex => scores.subindex(id.as_str())?.score,
        Level::Indicator => scores.indicators().find(|(_, indicator)| indicator.id == *id)?.1.score,
    }
}

/// What changed for one economy between two states. `guide` says which values compare; it is the framework of
/// the later wave where that is known. Indicators are compared where both sides were computed.
pub fn between(guide: &Framework, from: State<'_>, to: State<'_>) -> EconomyChange {
    let pair = match (from, to) {
        (
            State::Computed { framework: from_framework, scores: from_scores },
            State::Computed { framework: to_framework, scores: to_scores },
        ) => Some(Pair::new(guide, (from_framework, from_scores), (to_framework, to_scores))),
        _ => None,
    };
    let mut ids = vec![(Level::Index, guide.composite.id.clone())];
    ids.extend(guide.subindexes.iter().map(|subindex| (Level::Subindex, subindex.id.clone())));
    if pair.is_some() {
        ids.extend(guide.indicators.iter().map(|indicator| (Level::Indicator, indicator.id.clone())));
    }
    let split = pair.as_ref().map(|pair| pair.split(&ids));
    let changes = ids
        .into_iter()
        .enumerate()
        .map(|(at, (level, id))| {
            let comparability = guide.comparability(&id, from.wave(), to.wave());
            let (before, after) = (from.score(level, &id), to.score(level, &id));
            let parts = match (&split, before, after) {
                _ if comparability.verdict == Verdict::No => Err(Unknown::NotComparable),
                (_, None, _) | (_, _, None) => Err(Unknown::NoScore),
                (None, ..) => Err(Unknown::ScoresOnly),
                (Some(split), Some(_), Some(_)) => {
                    split.get(at).copied().unwrap_or(Err(Unknown::NotReproduced))
                }
            };
            Change { id, level, from: before, to: after, comparability, parts }
        })
        .filter(|change| change.from.is_some() || change.to.is_some())
        .collect();
    EconomyChange {
        economy: to.economy().clone(),
        from: from.side(),
        to: to.side(),
        changes,
        questions: pair.as_ref().map(Pair::questions).unwrap_or_default(),
        instrument_differs: pair.as_ref().map(Pair::instrument_differs),
    }
}

#[cfg(test)]
mod tests;
