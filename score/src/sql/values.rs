//! The numbers of the framework that the query needs, arranged for it.

use maturity::framework::{AnswerPolicy, Framework, Kind, Question, Scoring, ScoringRule};
use maturity::id::Id;

use super::{Inexpressible, Level};

/// How the answer to a question is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One choice.
    One,
    /// Any number of choices.
    Many,
    /// The value of an external index.
    External,
}

impl Found {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
            Self::External => "external",
        }
    }
}

/// A scored question.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) question: Id,
    /// The indicator or subindex under which it is summed first.
    pub(super) unit: Id,
    pub(super) found: Found,
    pub(super) max_points: f64,
    /// Whether its maximum stays without an answer.
    pub(super) stays: bool,
}

/// The points that a choice of a question earns.
#[derive(Debug)]
pub(super) struct Worth {
    pub(super) question: Id,
    pub(super) code: String,
    pub(super) points: f64,
}

/// The question that takes the value of an external index.
#[derive(Debug)]
pub(super) struct Scale {
    pub(super) question: Id,
    pub(super) index: String,
    pub(super) points: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// An indicator or subindex as the lowest level of sums.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) id: Id,
    pub(super) subindex: Id,
    /// Sum of the maxima that stay without an answer.
    pub(super) max_points: f64,
    pub(super) asked: usize,
    /// Questions that take the value of an external index.
    pub(super) external: usize,
}

/// All of them.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) items: Vec<Item>,
    pub(super) worths: Vec<Worth>,
    pub(super) scales: Vec<Scale>,
    pub(super) units: Vec<Unit>,
}

impl Values {
    /// Collects the numbers in the order of the instrument.
    pub(super) fn of(framework: &Framework, units: Level) -> Result<Self, Inexpressible> {
        let mut values =
            Self { items: Vec::new(), worths: Vec::new(), scales: Vec::new(), units: Vec::new() };
        for subindex in &framework.subindexes {
            let whole = (units == Level::Subindex).then(|| subindex.id.clone());
            for indicator in framework.indicators_of(&subindex.id) {
                let unit = whole.clone().unwrap_or_else(|| indicator.id.clone());
                if values.units.last().is_none_or(|last| last.id != unit) {
                    values.units.push(Unit {
                        id: unit.clone(),
                        subindex: subindex.id.clone(),
                        max_points: 0.0,
                        asked: 0,
                        external: 0,
                    });
                }
                for (question, scoring) in framework.scored_questions(&indicator.id) {
                    values.add(framework, question, scoring, &unit)?;
                }
            }
        }
        Ok(values)
    }

    fn add(
        &mut self,
        framework: &Framework,
        question: &Question,
        scoring: &Scoring,
        unit: &Id,
    ) -> Result<(), Inexpressible> {
        let found = self.answer(framework, question, scoring)?;
        let stays = found != Found::External && framework.missing.answer == AnswerPolicy::NoPoints;
        if let Some(last) = self.units.last_mut() {
            last.asked += 1;
            last.external += usize::from(found == Found::External);
            last.max_points += if stays { scoring.max_points } else { 0.0 };
        }
        self.items.push(Item {
            question: question.id.clone(),
            unit: unit.clone(),
            found,
            max_points: scoring.max_points,
            stays,
        });
        Ok(())
    }

    /// How the answer is found, and what it earns.
    fn answer(
        &mut self,
        framework: &Framework,
        question: &Question,
        scoring: &Scoring,
    ) -> Result<Found, Inexpressible> {
        let refused =
            |why: &str| Err(Inexpressible { what: format!("question {}", question.id), why: why.to_owned() });
        let found = match (&question.kind, scoring.rule) {
            (Kind::SelectOne(_), ScoringRule::Level | ScoringRule::Any) => Found::One,
            (Kind::SelectMultiple(_), ScoringRule::Any) => Found::Many,
            (Kind::External(id), ScoringRule::Value) => {
                let Some(index) = framework.external_indices.iter().find(|index| index.id == *id) else {
                    return refused("its external index is not part of the framework");
                };
                let (low, high) = index.range;
                self.scales.push(Scale {
                    question: question.id.clone(),
                    index: id.clone(),
                    points: scoring.points,
                    low,
                    high,
                });
                return Ok(Found::External);
            }
            _ => return refused("its rule does not score answers of its type"),
        };
        for choice in framework.choices(question).into_iter().flat_map(|list| &list.choices) {
            let points = match scoring.rule {
                ScoringRule::Level => scoring.points * choice.level,
                ScoringRule::Any | ScoringRule::Value if choice.level > 0.0 => scoring.points,
                ScoringRule::Any | ScoringRule::Value | ScoringRule::Number => 0.0,
            };
            self.worths.push(Worth { question: question.id.clone(), code: choice.code.clone(), points });
        }
        Ok(found)
    }
}
