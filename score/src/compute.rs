//! From answers to scores, for one economy.
//!
//! ```text
//! points of a question   level: points x level of the choice taken
//!                        any:   points, if a choice with a level above 0 is taken
//!                        value: points x (value - lowest) / (highest - lowest) of an external index
//! value of an indicator  sum of points / sum of maxima of its scored questions; or, by the rule "number", the
//!                        number itself. An external index without a value leaves both sums
//! score of an indicator  its value, normalised
//! score of a subindex    share of points: sum of points / sum of maxima over all its questions;
//!                        or a weighted mean of its indicators or subindexes
//! composite              a weighted mean of the subindexes that have no parent
//! ```
//!
//! Source: the structure of the GovTech Maturity Index as published with its dataset of 2022, whose scores of
//! 198 economies the formulas reproduce (see the test `published_2022`); the means and normalisations are
//! those of COINr, whose ASEM index they reproduce (see the tests `asem`).

use std::collections::BTreeMap;

use maturity::answer::{Answer, Missing};
use maturity::applies::certainly_not;
use maturity::economy::EconomyCode;
use maturity::framework::{
    AnswerPolicy, ExternalPolicy, Framework, Indicator, Kind, Question, Scoring, ScoringRule, Subindex,
};
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::submission::Collected;
use maturity::withheld::Withheld;

use crate::aggregate::{Part, Rule, enough, mean};
use crate::normalize::{Population, normalize};

/// Scores one economy. `external` gives the value of an external index, absent where there is none;
/// `population` holds what is compared with other economies, and is empty where nothing is.
pub fn score(
    framework: &Framework,
    population: &Population,
    economy: &EconomyCode,
    collected: Option<Collected>,
    answers: &BTreeMap<Id, Answer>,
    external: &dyn Fn(&str) -> Option<f64>,
) -> EconomyScores {
    let scorer = Scorer { framework, answers, external };
    let mut done = BTreeMap::new();
    for subindex in framework.parts_of(None) {
        scorer.subindex(subindex, population, &mut done);
    }
    let subindexes: Vec<SubindexScore> =
        framework.subindexes.iter().filter_map(|subindex| done.remove(&subindex.id)).collect();
    let (score, withheld) = settle(composite(framework, &subindexes));
    let top = |scored: &&SubindexScore| framework.subindex(&scored.id).is_some_and(|s| s.parent.is_none());
    EconomyScores {
        economy: economy.clone(),
        wave: framework.wave,
        collected,
        coverage: subindexes
            .iter()
            .filter(top)
            .fold(Coverage::default(), |sum, subindex| sum.plus(subindex.coverage)),
        subindexes,
        id: framework.composite.id.clone(),
        group: score.and_then(|score| group(framework, score)),
        score,
        withheld,
    }
}

/// The id of the maturity group of an unrounded score.
pub fn group(framework: &Framework, score: f64) -> Option<String> {
    framework.group(score).map(|group| group.id.clone())
}

/// The composite from the scores of its subindexes, or why there is none.
pub fn composite(framework: &Framework, subindexes: &[SubindexScore]) -> Result<f64, Withheld> {
    let parts: Vec<Part> = framework
        .parts_of(None)
        .map(|subindex| {
            let scored = subindexes.iter().find(|scored| scored.id == subindex.id);
            let score = scored.and_then(|scored| scored.score);
            Part { id: &subindex.id, weight: subindex.weight, score }
        })
        .collect();
    let composite = &framework.composite;
    let rule = Rule {
        method: composite.method,
        missing_part: composite.missing_part,
        min_coverage: composite.min_coverage,
    };
    mean(&parts, rule)
}

fn settle(result: Result<f64, Withheld>) -> (Option<f64>, Option<Withheld>) {
    match result {
        // A score is a finite number or there is none: values near the end of the range overflow sums.
        Ok(score) if score.is_finite() => (Some(score), None),
        Ok(_) => (None, Some(Withheld::NoValue)),
        Err(reason) => (None, Some(reason)),
    }
}

/// One economy's answers, ready to be scored.
pub(crate) struct Scorer<'a> {
    pub(crate) framework: &'a Framework,
    pub(crate) answers: &'a BTreeMap<Id, Answer>,
    pub(crate) external: &'a dyn Fn(&str) -> Option<f64>,
}

impl Scorer<'_> {
    /// Scores a subindex and everything below it; the loader has made sure that the walk ends.
    fn subindex(&self, subindex: &Subindex, population: &Population, done: &mut BTreeMap<Id, SubindexScore>) {
        let framework = self.framework;
        let below: Vec<&Subindex> = framework.parts_of(Some(&subindex.id)).collect();
        for part in &below {
            self.subindex(part, population, done);
        }
        let below: Vec<&SubindexScore> = below.iter().filter_map(|part| done.get(&part.id)).collect();
        let indicators: Vec<IndicatorScore> = framework
            .indicators_of(&subindex.id)
            .map(|indicator| self.indicator(indicator, subindex, population))
            .collect();
        // Summed term by term in the order of the instrument, not over rounded or regrouped partial sums.
        let terms = || indicators.iter().flat_map(|indicator| &indicator.terms);
        let points = total(terms().map(|term| term.points).chain(below.iter().map(|part| part.points)));
        let max_points =
            total(terms().map(|term| term.max_points).chain(below.iter().map(|part| part.max_points)));
        let coverage = indicators
            .iter()
            .map(|indicator| indicator.coverage)
            .chain(below.iter().map(|part| part.coverage))
            .fold(Coverage::default(), Coverage::plus);

        let lacking = terms().find(|term| {
            framework.missing.external_index == ExternalPolicy::Withhold
                && !term.answer.is_given()
                && is_external(framework, &term.question)
        });
        let result = match (lacking, subindex.method.mean()) {
            (Some(term), _) => Err(Withheld::ExternalIndex { question: term.question.clone() }),
            (None, None) => enough(size(coverage.answered), size(coverage.asked), subindex.min_coverage)
                .and_then(|()| share(points, max_points).ok_or(Withheld::NoValue)),
            (None, Some(method)) => {
                let of_subindexes = below.iter().map(|part| Part {
                    id: &part.id,
                    weight: framework.subindex(&part.id).map_or(1.0, |part| part.weight),
                    score: part.score,
                });
                // Indicators that are only asked have no terms and are no parts.
                let scored = indicators.iter().filter(|indicator| !indicator.terms.is_empty());
                let of_indicators = scored.map(|indicator| Part {
                    id: &indicator.id,
                    weight: framework.indicator(&indicator.id).map_or(1.0, |indicator| indicator.weight),
                    score: indicator.score,
                });
                let parts: Vec<Part> = of_subindexes.chain(of_indicators).collect();
                let (missing_part, min_coverage) = (subindex.missing_part, subindex.min_coverage);
                mean(&parts, Rule { method, missing_part, min_coverage })
            }
        };
        let (score, withheld) = settle(result);
        let scored = SubindexScore {
            id: subindex.id.clone(),
            coverage,
            indicators,
            points,
            max_points,
            group: score.and_then(|score| group(framework, score)),
            score,
            withheld,
        };
        done.insert(subindex.id.clone(), scored);
    }

    fn indicator(
        &self,
        indicator: &Indicator,
        subindex: &Subindex,
        population: &Population,
    ) -> IndicatorScore {
        let terms = self.terms(indicator);
        let points = total(terms.iter().map(|term| term.points));
        let max_points = total(terms.iter().map(|term| term.max_points));
        let answered = terms.iter().filter(|term| term.answer.is_given()).count();
        let asked = terms.iter().filter(|term| is_asked(self.framework, term)).count();
        let value = self.value_of(indicator, &terms);
        let result = match value {
            None => Err(Withheld::NoValue),
            Some(value) if subindex.method.mean().is_none() => Ok(value),
            Some(value) => normalize(value, indicator.normalization, indicator, population),
        };
        let (score, withheld) = settle(result);
        IndicatorScore {
            id: indicator.id.clone(),
            points,
            max_points,
            value,
            score,
            withheld,
            coverage: Coverage { answered: small(answered), asked: small(asked) },
            terms,
        }
    }

    /// The value of an indicator before it is normalised.
    pub(crate) fn value(&self, indicator: &Indicator) -> Option<f64> {
        self.value_of(indicator, &self.terms(indicator))
    }

    fn value_of(&self, indicator: &Indicator, terms: &[Term]) -> Option<f64> {
        if self.framework.is_number(&indicator.id) {
            return terms.iter().find_map(|term| match term.answer {
                Answer::Number(number) => Some(number),
                _ => None,
            });
        }
        share(total(terms.iter().map(|term| term.points)), total(terms.iter().map(|term| term.max_points)))
    }

    fn terms(&self, indicator: &Indicator) -> Vec<Term> {
        let questions = self.framework.scored_questions(&indicator.id);
        questions.map(|(question, scoring)| self.term(question, scoring)).collect()
    }

    fn term(&self, question: &Question, scoring: &Scoring) -> Term {
        let answer = match &question.kind {
            Kind::External(index) => {
                (self.external)(index).map_or(Answer::Missing(Missing::NotApplicable), Answer::Number)
            }
            _ => self.answers.get(&question.id).cloned().unwrap_or(Answer::Missing(Missing::Blank)),
        };
        let earned = earned(self.framework, question, scoring, &answer);
        let leaves = earned.is_none() && self.leaves(question, scoring);
        let status = match earned {
            Some(_) => TermStatus::Counted,
            None if !answer.is_given() && certainly_not(self.framework, self.answers, question) => {
                TermStatus::DoesNotApply
            }
            None if leaves => TermStatus::LeftOut,
            None => TermStatus::NoAnswer,
        };
        let points = earned.unwrap_or(0.0);
        let max_points = if leaves { 0.0 } else { scoring.max_points };
        Term { question: question.id.clone(), answer, points, max_points, status }
    }

    /// Whether a question without an answer leaves points and maximum.
    fn leaves(&self, question: &Question, scoring: &Scoring) -> bool {
        matches!(question.kind, Kind::External(_))
            || scoring.rule == ScoringRule::Number
            || self.framework.missing.answer == AnswerPolicy::LeaveOut
    }
}

/// Whether a scored question counts as asked. One that does not apply does not; and nobody is asked for an index of others:
/// one without a value leaves the sums, and nothing is missing.
pub fn is_asked(framework: &Framework, term: &Term) -> bool {
    match term.status {
        TermStatus::DoesNotApply => false,
        TermStatus::LeftOut => !is_external(framework, &term.question),
        TermStatus::Counted | TermStatus::NoAnswer => true,
    }
}

fn is_external(framework: &Framework, question: &Id) -> bool {
    framework.question(question).is_some_and(|question| matches!(question.kind, Kind::External(_)))
}

/// In the order given; `sum` of nothing would be -0.
fn total(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

fn share(points: f64, max_points: f64) -> Option<f64> {
    (max_points > 0.0).then(|| points / max_points)
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

/// The points that an answer earns; nothing if there is no answer.
pub(crate) fn earned(
    framework: &Framework,
    question: &Question,
    scoring: &Scoring,
    answer: &Answer,
) -> Option<f64> {
    let list = framework.choices(question);
    let level = |code: &str| list.and_then(|list| list.choice(code)).map(|choice| choice.level);
    match (scoring.rule, answer) {
        (ScoringRule::Level, Answer::Choice(code)) => Some(scoring.points * level(code)?),
        (ScoringRule::Any, Answer::Choice(code)) => {
            Some(if level(code)? > 0.0 { scoring.points } else { 0.0 })
        }
        (ScoringRule::Any, Answer::Choices(codes)) => {
            let any = codes.iter().filter_map(|code| level(code)).any(|level| level > 0.0);
            Some(if any { scoring.points } else { 0.0 })
        }
        (ScoringRule::Value, Answer::Number(value)) => {
            let Kind::External(id) = &question.kind else { return None };
            let (low, high) = framework.external_indices.iter().find(|index| index.id == *id)?.range;
            Some(scoring.points * ((value - low) / (high - low)))
        }
        // The number is the value of the indicator; it earns no points.
        (ScoringRule::Number, Answer::Number(_)) => Some(0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
