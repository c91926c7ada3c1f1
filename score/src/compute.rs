//! From answers to scores, for one economy.
//!
//! ```text
//! points of a question   level: points x level of the choice taken
//!                        any:   points, if a choice with a level above 0 is taken
//!                        value: points x (value - lowest) / (highest - lowest) of an external index
//! score of a subindex    sum of points / sum of maxima of its scored questions; an external index without a
//!                        value leaves both sums
//! composite              sum of weight x subindex / sum of weights
//! ```
//!
//! Source: the structure of the GovTech Maturity Index as published with its dataset of 2022; the formulas
//! reproduce the published scores of its 198 economies (see the test `published_2022`).

use std::collections::BTreeMap;

use maturity::answer::{Answer, Missing};
use maturity::economy::EconomyCode;
use maturity::framework::{
    AnswerPolicy, CompositeMethod, ExternalPolicy, Framework, Kind, Question, Scoring, ScoringRule, Subindex,
    SubindexMethod,
};
use maturity::id::Id;
use maturity::score::{Coverage, EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::submission::Collected;

/// Scores one economy. `external` gives the value of an external index, absent where there is none.
pub fn score(
    framework: &Framework,
    economy: &EconomyCode,
    collected: Option<Collected>,
    answers: &BTreeMap<Id, Answer>,
    external: &dyn Fn(&str) -> Option<f64>,
) -> EconomyScores {
    let subindexes: Vec<SubindexScore> = framework
        .subindexes
        .iter()
        .map(|subindex| score_subindex(framework, subindex, answers, external))
        .collect();
    let score = composite(framework, &subindexes);
    EconomyScores {
        economy: economy.clone(),
        wave: framework.wave,
        collected,
        coverage: subindexes.iter().fold(Coverage::default(), |sum, subindex| sum.plus(subindex.coverage)),
        subindexes,
        id: framework.composite.id.clone(),
        group: score.and_then(|score| group(framework, score)),
        score,
    }
}

/// The id of the maturity group of an unrounded score.
pub fn group(framework: &Framework, score: f64) -> Option<String> {
    framework.group(score).map(|group| group.id.clone())
}

fn composite(framework: &Framework, subindexes: &[SubindexScore]) -> Option<f64> {
    let CompositeMethod::ArithmeticMean = framework.composite.method;
    let mut sum = 0.0;
    let mut weights = 0.0;
    for (subindex, scored) in framework.subindexes.iter().zip(subindexes) {
        sum += subindex.weight * scored.score?;
        weights += subindex.weight;
    }
    (weights > 0.0).then(|| sum / weights)
}

fn score_subindex(
    framework: &Framework,
    subindex: &Subindex,
    answers: &BTreeMap<Id, Answer>,
    external: &dyn Fn(&str) -> Option<f64>,
) -> SubindexScore {
    let SubindexMethod::ShareOfPoints = subindex.method;
    let indicators: Vec<IndicatorScore> = framework
        .indicators_of(&subindex.id)
        .map(|indicator| score_indicator(framework, &indicator.id, answers, external))
        .collect();
    // Summed term by term in the order of the instrument, not over rounded or regrouped partial sums.
    let terms = || indicators.iter().flat_map(|indicator| &indicator.terms);
    let points: f64 = terms().map(|term| term.points).sum();
    let max_points: f64 = terms().map(|term| term.max_points).sum();
    let withheld = framework.missing.external_index == ExternalPolicy::Withhold
        && terms().any(|term| term.status == TermStatus::LeftOut && is_external(framework, &term.question));
    let score = if withheld { None } else { share(points, max_points) };
    SubindexScore {
        id: subindex.id.clone(),
        coverage: indicators.iter().fold(Coverage::default(), |sum, indicator| sum.plus(indicator.coverage)),
        indicators,
        points,
        max_points,
        group: score.and_then(|score| group(framework, score)),
        score,
    }
}

fn is_external(framework: &Framework, question: &Id) -> bool {
    framework.question(question).is_some_and(|question| matches!(question.kind, Kind::External(_)))
}

fn share(points: f64, max_points: f64) -> Option<f64> {
    (max_points > 0.0).then(|| points / max_points)
}

fn score_indicator(
    framework: &Framework,
    indicator: &Id,
    answers: &BTreeMap<Id, Answer>,
    external: &dyn Fn(&str) -> Option<f64>,
) -> IndicatorScore {
    let terms: Vec<Term> = framework
        .scored_questions(indicator)
        .map(|(question, scoring)| term(framework, question, scoring, answers, external))
        .collect();
    let points = terms.iter().map(|term| term.points).sum();
    let max_points = terms.iter().map(|term| term.max_points).sum();
    let answered = terms.iter().filter(|term| term.answer.is_given()).count();
    IndicatorScore {
        id: indicator.clone(),
        points,
        max_points,
        score: share(points, max_points),
        coverage: Coverage { answered: small(answered), asked: small(terms.len()) },
        terms,
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn term(
    framework: &Framework,
    question: &Question,
    scoring: &Scoring,
    answers: &BTreeMap<Id, Answer>,
    external: &dyn Fn(&str) -> Option<f64>,
) -> Term {
    let answer = match &question.kind {
        Kind::External(index) => {
            external(index).map_or(Answer::Missing(Missing::NotApplicable), Answer::Number)
        }
        _ => answers.get(&question.id).cloned().unwrap_or(Answer::Missing(Missing::Blank)),
    };
    let (points, max_points, status) = match earned(framework, question, scoring, &answer) {
        Some(points) => (points, scoring.max_points, TermStatus::Counted),
        None if leaves(framework, question) => (0.0, 0.0, TermStatus::LeftOut),
        None => (0.0, scoring.max_points, TermStatus::NoAnswer),
    };
    Term { question: question.id.clone(), answer, points, max_points, status }
}

/// Whether a question without an answer leaves points and maximum.
fn leaves(framework: &Framework, question: &Question) -> bool {
    matches!(question.kind, Kind::External(_)) || framework.missing.answer == AnswerPolicy::LeaveOut
}

/// The points that an answer earns; nothing if there is no answer.
fn earned(framework: &Framework, question: &Question, scoring: &Scoring, answer: &Answer) -> Option<f64> {
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
        _ => None,
    }
}

#[cfg(test)]
mod tests;
