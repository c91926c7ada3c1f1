//! How much of a score is backed by evidence.
//!
//! A point is backed if the answer that earns it comes with a link or document: in its own evidence cell, in
//! the question of the instrument that holds its evidence, or with the question that its own relevance hangs
//! on, since the sub-questions about a system describe the system that the key question names. Points of an
//! external index are backed by its publication. An answer to a question that does not apply under the other answers
//! is backed by nothing: evidence of what the question above denies is none for what depends on it. Whether a link opens and says what it should is not asked
//! here.

use std::collections::BTreeMap;

use crate::answer::AnswerRecord;
use crate::applies::certainly_not_under;
use crate::framework::{Framework, Kind};
use crate::id::Id;
use crate::score::{EconomyScores, SubindexScore};

use crate::weights::factors;

/// What stands behind an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backing {
    /// Evidence of its own.
    Own,
    /// The evidence of another question, whose system it describes.
    Through(Id),
    /// The publication of an external index.
    Published,
    /// Nothing.
    None,
}

impl Backing {
    /// The name used in tables.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Through(_) => "through",
            Self::Published => "published",
            Self::None => "none",
        }
    }
}

/// The points of a score by what stands behind them. Of a composite they are the parts of the score itself,
/// so that they add up to it.
#[derive(Debug, Clone, PartialEq)]
pub struct EvidenceShare {
    /// The subindex or index.
    pub id: Id,
    /// All points earned.
    pub points: f64,
    /// Points of answers with evidence.
    pub evidence: f64,
    /// Points of external indices.
    pub published: f64,
    /// Points of answers without evidence.
    pub unbacked: f64,
}

impl EvidenceShare {
    /// The share of the points that something stands behind, 0 to 1; absent where there are no points.
    pub fn share(&self) -> Option<f64> {
        (self.points > 0.0).then(|| (self.evidence + self.published) / self.points)
    }
}

/// What stands behind the answer to a question.
pub fn backing(framework: &Framework, records: &BTreeMap<Id, AnswerRecord>, question: &Id) -> Backing {
    let Some(asked) = framework.question(question) else { return Backing::None };
    if matches!(asked.kind, Kind::External(_)) {
        return Backing::Published;
    }
    if certainly_not_under(framework, &|id| records.get(id).map(|record| &record.answer), asked) {
        return Backing::None;
    }
    if has_evidence(records, question) {
        return Backing::Own;
    }
    let Some(relevant) = &asked.relevant else { return Backing::None };
    // Of a handful of questions.
    let mut seen = vec![question];
    let mut above: Vec<&Id> = relevant.references().into_iter().collect();
    while let Some(id) = above.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        if has_evidence(records, id) {
            return Backing::Through(id.clone());
        }
        let relevant = framework.question(id).and_then(|question| question.relevant.as_ref());
        above.extend(relevant.iter().flat_map(|relevant| relevant.references()));
    }
    Backing::None
}

/// Whether the answer to a question came with evidence: what validation kept as such, from its own cell or from
/// the question of the instrument that holds its evidence. A placeholder was not kept.
pub fn has_evidence(records: &BTreeMap<Id, AnswerRecord>, question: &Id) -> bool {
    records.get(question).is_some_and(|record| record.evidence.is_some())
}

/// The points of the composite and of every subindex by what stands behind them; the composite comes first
/// and is left out if it is no sum of its subindexes or has no score.
pub fn evidence_shares(
    framework: &Framework,
    scores: &EconomyScores,
    records: &BTreeMap<Id, AnswerRecord>,
) -> Vec<EvidenceShare> {
    let subindexes: Vec<EvidenceShare> =
        scores.subindexes.iter().map(|subindex| of_subindex(framework, scores, subindex, records)).collect();
    let whole = factors(framework, scores).map(|factors| {
        let mut whole = EvidenceShare {
            id: scores.id.clone(),
            points: 0.0,
            evidence: 0.0,
            published: 0.0,
            unbacked: 0.0,
        };
        for ((share, scored), factor) in subindexes.iter().zip(&scores.subindexes).zip(factors) {
            let is_share = framework.subindex(&scored.id).is_some_and(|found| found.method.mean().is_none());
            if is_share && scored.max_points > 0.0 {
                whole.points += factor * share.points / scored.max_points;
                whole.evidence += factor * share.evidence / scored.max_points;
                whole.published += factor * share.published / scored.max_points;
                whole.unbacked += factor * share.unbacked / scored.max_points;
            }
        }
        whole
    });
    whole.into_iter().chain(subindexes).collect()
}

/// Its points are those of everything below it, as its score has them.
fn of_subindex(
    framework: &Framework,
    scores: &EconomyScores,
    subindex: &SubindexScore,
    records: &BTreeMap<Id, AnswerRecord>,
) -> EvidenceShare {
    let (mut evidence, mut published, mut unbacked) = (0.0, 0.0, 0.0);
    let below = scores.subindexes.iter().filter(|other| framework.is_within(&other.id, &subindex.id));
    for term in below.flat_map(|other| &other.indicators).flat_map(|indicator| &indicator.terms) {
        match backing(framework, records, &term.question) {
            Backing::Own | Backing::Through(_) => evidence += term.points,
            Backing::Published => published += term.points,
            Backing::None => unbacked += term.points,
        }
    }
    EvidenceShare { id: subindex.id.clone(), points: subindex.points, evidence, published, unbacked }
}
