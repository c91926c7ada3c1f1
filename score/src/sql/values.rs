//! The numbers of the framework that the query needs, arranged for it.

use maturity::framework::{
    AnswerPolicy, CompositeMethod, Framework, Indicator, Kind, Normalization, PartPolicy, Question, Scoring,
    ScoringRule, Subindex, SubindexMethod,
};
use maturity::id::Id;

use super::skipped::Conditional;
use super::{Inexpressible, Level};

/// How the answer to a question is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One choice.
    One,
    /// Any number of choices.
    Many,
    /// A number that somebody answered.
    Number,
    /// The value of an external index.
    External,
}

impl Found {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Many => "many",
            Self::Number => "number",
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

/// The question that takes the value of an external index, and the points for the full value.
#[derive(Debug)]
pub(super) struct Scale {
    pub(super) question: Id,
    pub(super) index: String,
    pub(super) points: f64,
    pub(super) low: f64,
    pub(super) high: f64,
}

/// An indicator, or a subindex as the lowest level of sums.
#[derive(Debug)]
pub(super) struct Unit {
    pub(super) id: Id,
    pub(super) node: Id,
    /// Sum of the maxima that stay without an answer.
    pub(super) max_points: f64,
    pub(super) asked: usize,
    /// Questions that take the value of an external index.
    pub(super) external: usize,
    /// The weight in a mean.
    pub(super) weight: f64,
    /// Whether the value is a number that was reported, and not a share of points.
    pub(super) is_number: bool,
    /// 1, or -1 where less is better.
    pub(super) factor: f64,
    pub(super) normalization: Normalization,
}

/// A subindex or the composite.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) id: Id,
    /// 1 for one that is made of indicators only; one more than the highest of its parts otherwise.
    pub(super) height: usize,
    /// What it is part of; the composite is part of nothing.
    pub(super) parent: Option<Id>,
    pub(super) weight: f64,
    pub(super) method: SubindexMethod,
    pub(super) rescale: bool,
    pub(super) least: f64,
}

/// All of them.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) items: Vec<Item>,
    /// Those of them that do not always apply.
    pub(super) conditional: Conditional,
    pub(super) worths: Vec<Worth>,
    pub(super) scales: Vec<Scale>,
    pub(super) units: Vec<Unit>,
    /// The subindexes in the order of the framework, then the composite.
    pub(super) nodes: Vec<Node>,
}

impl Values {
    /// Collects the numbers in the order of the instrument.
    pub(super) fn of(framework: &Framework, units: Level) -> Result<Self, Inexpressible> {
        let mut values = Self::default();
        for subindex in &framework.subindexes {
            values.nodes.push(Node {
                id: subindex.id.clone(),
                height: height(framework, subindex, framework.subindexes.len()),
                parent: Some(subindex.parent.clone().unwrap_or_else(|| framework.composite.id.clone())),
                weight: subindex.weight,
                method: subindex.method,
                rescale: subindex.missing_part == PartPolicy::Rescale,
                least: subindex.min_coverage,
            });
            let whole = (units == Level::Subindex).then_some(&subindex.id);
            for indicator in framework.indicators_of(&subindex.id) {
                values.indicator(framework, subindex, indicator, whole)?;
            }
        }
        let composite = &framework.composite;
        values.nodes.push(Node {
            id: composite.id.clone(),
            height: values.nodes.iter().map(|node| node.height).max().unwrap_or(0) + 1,
            parent: None,
            weight: 1.0,
            method: match composite.method {
                CompositeMethod::ArithmeticMean => SubindexMethod::ArithmeticMean,
                CompositeMethod::GeometricMean => SubindexMethod::GeometricMean,
                CompositeMethod::HarmonicMean => SubindexMethod::HarmonicMean,
            },
            rescale: composite.missing_part == PartPolicy::Rescale,
            least: composite.min_coverage,
        });
        Ok(values)
    }

    fn indicator(
        &mut self,
        framework: &Framework,
        subindex: &Subindex,
        indicator: &Indicator,
        whole: Option<&Id>,
    ) -> Result<(), Inexpressible> {
        let unit = whole.unwrap_or(&indicator.id);
        if self.units.last().is_none_or(|last| last.id != *unit) {
            // In a share of points, points are weights, and values stand as they are.
            let is_mean = subindex.method.mean().is_some();
            self.units.push(Unit {
                id: unit.clone(),
                node: subindex.id.clone(),
                max_points: 0.0,
                asked: 0,
                external: 0,
                weight: indicator.weight,
                is_number: framework.is_number(&indicator.id),
                factor: if is_mean { indicator.direction.factor() } else { 1.0 },
                normalization: if is_mean { indicator.normalization } else { Normalization::None },
            });
        }
        let numbers = |(_, scoring): &(&Question, &Scoring)| scoring.rule == ScoringRule::Number;
        if framework.scored_questions(&indicator.id).filter(numbers).count() > 1 {
            return Err(Inexpressible {
                what: format!("indicator {}", indicator.id),
                why: "several of its questions are numbers".to_owned(),
            });
        }
        for (question, scoring) in framework.scored_questions(&indicator.id) {
            self.question(framework, question, scoring, unit)?;
        }
        Ok(())
    }

    fn question(
        &mut self,
        framework: &Framework,
        question: &Question,
        scoring: &Scoring,
        unit: &Id,
    ) -> Result<(), Inexpressible> {
        let found = self.answer(framework, question, scoring)?;
        let stays =
            matches!(found, Found::One | Found::Many) && framework.missing.answer == AnswerPolicy::NoPoints;
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
            (Kind::Integer | Kind::Decimal, ScoringRule::Number) => return Ok(Found::Number),
            (Kind::External(id), ScoringRule::Value | ScoringRule::Number) => {
                let Some(index) = framework.external_indices.iter().find(|index| index.id == *id) else {
                    return refused("its external index is not part of the framework");
                };
                let (low, high) = index.range;
                // As a number it is the value of the indicator and earns nothing.
                let points = if scoring.rule == ScoringRule::Value { scoring.points } else { 0.0 };
                let index = id.clone();
                self.scales.push(Scale { question: question.id.clone(), index, points, low, high });
                return Ok(Found::External);
            }
            _ => return refused("its rule does not score answers of its type"),
        };
        for choice in framework.choices(question).into_iter().flat_map(|list| &list.choices) {
            let points = match scoring.rule {
                ScoringRule::Level => scoring.points * choice.level,
                _ if choice.level > 0.0 => scoring.points,
                _ => 0.0,
            };
            self.worths.push(Worth { question: question.id.clone(), code: choice.code.clone(), points });
        }
        Ok(found)
    }
}

/// `deepest` ends the walk whatever the parents are; the loader has made sure that they go in no circle.
fn height(framework: &Framework, subindex: &Subindex, deepest: usize) -> usize {
    let below = framework.parts_of(Some(&subindex.id)).filter(|_| deepest > 0);
    1 + below.map(|part| height(framework, part, deepest - 1)).max().unwrap_or(0)
}
