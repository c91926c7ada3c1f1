//! Two computed states of one economy: which cause each question belongs to, and the scores in between.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use maturity::answer::Answer;
use maturity::change::{Cause, Level, Parts, QuestionChange, Unknown, shares};
use maturity::framework::{Framework, Kind, Verdict};
use maturity::id::Id;
use maturity::score::{EconomyScores, Term};

use super::score_of;
use crate::compute::score;
use crate::normalize::Population;

/// The largest difference between a stored score and the same score computed again: both are sums of the same
/// numbers in the same order.
const REPRODUCED: f64 = 1e-13;

/// A framework with the scores that were computed with it.
pub(super) type Computed<'a> = (&'a Framework, &'a EconomyScores);

/// Two computed states of one economy, and which cause each question belongs to.
pub(super) struct Pair<'a> {
    from: Computed<'a>,
    to: Computed<'a>,
    from_terms: BTreeMap<&'a Id, &'a Term>,
    to_terms: BTreeMap<&'a Id, &'a Term>,
    owners: BTreeMap<&'a Id, Cause>,
}

fn terms(scores: &EconomyScores) -> BTreeMap<&Id, &Term> {
    scores
        .indicators()
        .flat_map(|(_, indicator)| &indicator.terms)
        .map(|term| (&term.question, term))
        .collect()
}

impl<'a> Pair<'a> {
    pub(super) fn new(guide: &Framework, from: Computed<'a>, to: Computed<'a>) -> Self {
        let (from_terms, to_terms) = (terms(from.1), terms(to.1));
        let mut pair = Self { from, to, from_terms, to_terms, owners: BTreeMap::new() };
        let mut comparable: BTreeMap<&Id, bool> = BTreeMap::new();
        let questions: BTreeSet<&Id> = pair.from_terms.keys().chain(pair.to_terms.keys()).copied().collect();
        for question in questions {
            let indicator = to.0.question(question).or_else(|| from.0.question(question));
            let compares = indicator.is_none_or(|question| {
                let indicator = &question.indicator;
                *comparable.entry(indicator).or_insert_with(|| {
                    guide.comparability(indicator, from.1.wave, to.1.wave).verdict != Verdict::No
                })
            });
            let owner = pair.owner(question, compares);
            pair.owners.insert(question, owner);
        }
        pair
    }

    fn owner(&self, question: &Id, compares: bool) -> Cause {
        let (Some(before), Some(after)) = (self.from_terms.get(question), self.to_terms.get(question)) else {
            return Cause::Instrument;
        };
        let kinds = self.from.0.question(question).zip(self.to.0.question(question));
        let Some((before_kind, after_kind)) = kinds.map(|(before, after)| (&before.kind, &after.kind)) else {
            return Cause::Instrument;
        };
        let same_kind = match (before_kind, after_kind) {
            (Kind::External(one), Kind::External(other)) => one == other,
            (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
        };
        let readable = can_be_given(self.to.0, question, &before.answer)
            && can_be_given(self.from.0, question, &after.answer);
        if !(compares && same_kind && readable) {
            return Cause::Instrument;
        }
        if matches!(after_kind, Kind::External(_)) {
            return Cause::ExternalIndex;
        }
        match (self.from.1.collected, self.to.1.collected) {
            (Some(before), Some(after)) if before != after => Cause::Source,
            _ if self.from.1.wave == self.to.1.wave => Cause::Correction,
            _ => Cause::Answers,
        }
    }

    /// The causes that something can be attributed to.
    fn causes(&self) -> BTreeSet<Cause> {
        let mut causes: BTreeSet<Cause> = self
            .owners
            .iter()
            .filter(|(question, _)| self.answer_changed(question))
            .map(|(_, cause)| *cause)
            .collect();
        if self.from.0.hash != self.to.0.hash {
            causes.insert(Cause::Instrument);
        }
        causes
    }

    fn answer_changed(&self, question: &Id) -> bool {
        let before = self.from_terms.get(question).map(|term| &term.answer);
        let after = self.to_terms.get(question).map(|term| &term.answer);
        match (before, after) {
            (Some(before), Some(after)) => (before.is_given() || after.is_given()) && before != after,
            (before, after) => before.is_some() != after.is_some(),
        }
    }

    /// The parts of the change of each id.
    pub(super) fn split(&self, ids: &[(Level, Id)]) -> Vec<Result<Parts, Unknown>> {
        // What depends on other economies cannot be told from one economy's states.
        let compared = |framework: &Framework| {
            framework.indicators.iter().any(|indicator| indicator.normalization.needs_population())
        };
        if compared(self.from.0) || compared(self.to.0) {
            return vec![Err(Unknown::Population); ids.len()];
        }
        let values = |scores: &EconomyScores| -> Vec<Option<f64>> {
            ids.iter().map(|(level, id)| score_of(scores, *level, id)).collect()
        };
        let causes = self.causes();
        let reproduced =
            [(BTreeSet::new(), self.from.1), (causes.clone(), self.to.1)].map(|(acted, stored)| {
                let near = |(again, stored): (Option<f64>, Option<f64>)| match (again, stored) {
                    (Some(again), Some(stored)) => (again - stored).abs() <= REPRODUCED,
                    (again, stored) => again.is_none() && stored.is_none(),
                };
                let again = values(&self.hybrid(&acted));
                again.into_iter().zip(values(stored)).map(near).collect::<Vec<bool>>()
            });
        let parts = shares(&causes, |acted| values(&self.hybrid(acted)));
        let [start, end] = reproduced;
        parts
            .into_iter()
            .zip(start.into_iter().zip(end))
            .map(|(parts, (start, end))| match parts {
                _ if !(start && end) => Err(Unknown::NotReproduced),
                Some(parts) => Ok(parts),
                None => Err(Unknown::Withheld),
            })
            .collect()
    }

    /// The scores as if only these causes had acted.
    fn hybrid(&self, acted: &BTreeSet<Cause>) -> EconomyScores {
        let (framework, scores) = if acted.contains(&Cause::Instrument) { self.to } else { self.from };
        let mut answers: BTreeMap<Id, Answer> = BTreeMap::new();
        let mut external: BTreeMap<&str, f64> = BTreeMap::new();
        for (question, owner) in &self.owners {
            let after = acted.contains(owner);
            let (side, terms) =
                if after { (self.to.0, &self.to_terms) } else { (self.from.0, &self.from_terms) };
            let Some(term) = terms.get(question) else { continue };
            match (framework.question(question).map(|question| &question.kind), &term.answer) {
                (Some(Kind::External(index)), Answer::Number(value)) => {
                    external.insert(index, rescaled(index, *value, side, framework));
                }
                _ => {
                    answers.insert((*question).clone(), term.answer.clone());
                }
            }
        }
        let value = |index: &str| external.get(index).copied();
        score(framework, &Population::default(), &scores.economy, scores.collected, &answers, &value)
    }

    /// The questions whose answer, points or maximum changed, in the order of the later instrument.
    pub(super) fn questions(&self) -> Vec<QuestionChange> {
        let mut changed: Vec<QuestionChange> = self
            .owners
            .iter()
            .filter_map(|(question, owner)| {
                let (before, after) = (self.from_terms.get(question), self.to_terms.get(question));
                let points = |term: &&'a Term| (term.points, term.max_points);
                let (from_points, to_points) = (before.map(points), after.map(points));
                let answered = self.answer_changed(question);
                (answered || from_points != to_points).then(|| QuestionChange {
                    question: (*question).clone(),
                    cause: if answered { *owner } else { Cause::Instrument },
                    from: before.map(|term| term.answer.clone()),
                    to: after.map(|term| term.answer.clone()),
                    from_points,
                    to_points,
                })
            })
            .collect();
        changed.sort_by_key(|change| {
            (
                self.to.0.position(&change.question).unwrap_or(usize::MAX),
                self.from.0.position(&change.question),
            )
        });
        changed
    }

    pub(super) fn instrument_differs(&self) -> bool {
        self.from.0.hash != self.to.0.hash && signature(self.from.0) != signature(self.to.0)
    }
}

/// Whether a framework has the question and could take the answer.
fn can_be_given(framework: &Framework, question: &Id, answer: &Answer) -> bool {
    let Some(question) = framework.question(question) else { return false };
    let known = |code: &String| framework.choices(question).is_some_and(|list| list.choice(code).is_some());
    match answer {
        Answer::Choice(code) => known(code),
        Answer::Choices(codes) => codes.iter().all(known),
        _ => true,
    }
}

/// The value of an external index on the scale of another framework.
fn rescaled(index: &str, value: f64, from: &Framework, to: &Framework) -> f64 {
    let range = |framework: &Framework| {
        framework.external_indices.iter().find(|known| known.id == index).map(|known| known.range)
    };
    match (range(from), range(to)) {
        (Some((low, high)), Some((to_low, to_high))) if (low, high) != (to_low, to_high) => {
            to_low + (value - low) / (high - low) * (to_high - to_low)
        }
        _ => value,
    }
}

/// Everything in a framework that a score depends on beside answers and values.
fn signature(framework: &Framework) -> String {
    let composite = &framework.composite;
    let mut text = format!(
        "{:?} {:?} {} {:?}",
        composite.method, composite.missing_part, composite.min_coverage, framework.missing
    );
    // Writing to a String cannot fail.
    for subindex in &framework.subindexes {
        let _ = write!(
            text,
            " {} {:?} {} {:?} {:?} {}",
            subindex.id,
            subindex.parent,
            subindex.weight,
            subindex.method,
            subindex.missing_part,
            subindex.min_coverage
        );
    }
    for external in &framework.external_indices {
        let _ = write!(text, " {} {:?}", external.id, external.range);
    }
    for indicator in &framework.indicators {
        let _ = write!(
            text,
            "\n{} {} {:?} {:?}",
            indicator.id, indicator.weight, indicator.direction, indicator.normalization
        );
    }
    for question in framework.questions.iter().filter(|question| question.scoring.is_some()) {
        let _ = write!(
            text,
            "\n{} {} {} {:?} {:?}",
            question.id, question.indicator, question.subindex, question.kind, question.scoring
        );
        for choice in framework.choices(question).iter().flat_map(|list| &list.choices) {
            let _ = write!(text, " {}={}", choice.code, choice.level);
        }
    }
    text
}
