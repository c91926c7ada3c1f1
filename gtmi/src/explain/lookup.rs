//! What is known about a number, looked up in the framework, the scores, the answers and the decisions.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::cell::Place;
use maturity::decision::{Decision, Verdict};
use maturity::framework::{Direction, EvidencePolicy, Framework, Kind, Question, Subindex, SubindexMethod};
use maturity::id::Id;
use maturity::language::Language;
use maturity::score::{EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::shown::number;
use maturity::uncertainty::ScoreUncertainty;
use maturity::withheld::Withheld;
use store::{ExternalStamp, SubmissionRow};

use super::{Explanation, Part, Source, Submission};
use crate::standing::Standing;

/// Everything that an explanation is looked up in.
pub(super) struct Lookup<'a> {
    pub(super) framework: &'a Framework,
    /// The external values that the scores were computed with.
    pub(super) external: &'a [ExternalStamp],
    pub(super) standing: &'a Standing<'a>,
    pub(super) scores: &'a EconomyScores,
    pub(super) answers: &'a BTreeMap<Id, AnswerRecord>,
    pub(super) uncertainty: Vec<ScoreUncertainty>,
    pub(super) language: &'a Language,
}

impl Lookup<'_> {
    /// What there is about an index, subindex, indicator or question, whatever the case of its id.
    pub(super) fn find(&self, asked: &str, row: &SubmissionRow) -> Option<Explanation> {
        let is = |id: &Id| id.as_str().eq_ignore_ascii_case(asked);
        if is(&self.scores.id) {
            return Some(self.composite(row));
        }
        if let Some(subindex) = self.scores.subindexes.iter().find(|subindex| is(&subindex.id)) {
            return Some(self.subindex(subindex, row));
        }
        let question = self.framework.questions.iter().find(|question| is(&question.id));
        // A key question has the id of its indicator; the indicator says more.
        if let Some((_, indicator)) = self.scores.indicators().find(|(_, indicator)| is(&indicator.id)) {
            return Some(self.indicator(indicator, row));
        }
        question.map(|question| self.question(question, row))
    }

    fn explanation(&self, id: &Id, level: &'static str, row: &SubmissionRow) -> Explanation {
        Explanation {
            economy: self.scores.economy.to_string(),
            wave: self.scores.wave.0,
            id: id.to_string(),
            level,
            score: None,
            group: None,
            points: None,
            max_points: None,
            answered: 0,
            asked: 0,
            withheld: None,
            method: None,
            value: None,
            normalization: None,
            lower_is_better: false,
            evidence_counts: self.framework.missing.evidence == EvidencePolicy::Required,
            uncertainty: self.uncertainty.iter().find(|one| one.id == *id && level != "question").cloned(),
            subindexes: Vec::new(),
            indicators: Vec::new(),
            terms: Vec::new(),
            submission: Submission {
                file: row.name.clone(),
                sha256: row.sha256.clone(),
                received_at: row.received_at.clone(),
                collected: self.scores.collected.map(maturity::submission::Collected::as_str),
            },
        }
    }

    fn sentence(&self, withheld: Option<&Withheld>) -> Option<String> {
        withheld.map(|withheld| withheld.sentence(self.language))
    }

    /// The subindexes that are parts of `parent`.
    fn parts(&self, parent: Option<&Id>) -> Vec<Part> {
        let of = |part: &Subindex| {
            let scored = self.scores.subindex(part.id.as_str())?;
            let has_points = self.framework.has_points_below(&part.id);
            Some(Part {
                id: part.id.to_string(),
                weight: part.weight,
                score: scored.score,
                points: Some(scored.points).filter(|_| has_points),
                max_points: Some(scored.max_points).filter(|_| has_points),
                value: None,
                lower_is_better: false,
                withheld: self.sentence(scored.withheld.as_ref()),
            })
        };
        self.framework.parts_of(parent).filter_map(of).collect()
    }

    fn composite(&self, row: &SubmissionRow) -> Explanation {
        Explanation {
            score: self.scores.score,
            group: self.scores.group.clone(),
            answered: self.scores.coverage.answered,
            asked: self.scores.coverage.asked,
            withheld: self.sentence(self.scores.withheld.as_ref()),
            method: Some(self.framework.composite.method.as_str()),
            subindexes: self.parts(None),
            ..self.explanation(&self.scores.id, "index", row)
        }
    }

    fn subindex(&self, subindex: &SubindexScore, row: &SubmissionRow) -> Explanation {
        let method = self.framework.subindex(&subindex.id).map(|subindex| subindex.method);
        let is_mean = method.is_some_and(|method| method.mean().is_some());
        let part = |indicator: &IndicatorScore, has_points: bool| Part {
            id: indicator.id.to_string(),
            weight: self.framework.indicator(&indicator.id).map_or(1.0, |indicator| indicator.weight),
            score: indicator.score,
            points: Some(indicator.points).filter(|_| has_points),
            max_points: Some(indicator.max_points).filter(|_| has_points),
            value: indicator.value,
            lower_is_better: self.lower_is_better(&indicator.id),
            withheld: self.sentence(indicator.withheld.as_ref()),
        };
        let scored = subindex.indicators.iter().filter(|indicator| is_mean && !indicator.terms.is_empty());
        let terms = subindex.indicators.iter().filter(|_| !is_mean).flat_map(|indicator| &indicator.terms);
        Explanation {
            score: subindex.score,
            group: subindex.group.clone(),
            points: Some(subindex.points).filter(|_| !is_mean),
            max_points: Some(subindex.max_points).filter(|_| !is_mean),
            answered: subindex.coverage.answered,
            asked: subindex.coverage.asked,
            withheld: self.sentence(subindex.withheld.as_ref()),
            method: method.map(SubindexMethod::as_str),
            subindexes: self.parts(Some(&subindex.id)),
            indicators: scored.map(|scored| part(scored, self.framework.has_points(&scored.id))).collect(),
            terms: terms.map(|term| self.source(term)).collect(),
            ..self.explanation(&subindex.id, "subindex", row)
        }
    }

    fn indicator(&self, indicator: &IndicatorScore, row: &SubmissionRow) -> Explanation {
        let has_points = self.framework.has_points(&indicator.id);
        let known = self.framework.indicator(&indicator.id);
        Explanation {
            score: indicator.score,
            points: Some(indicator.points).filter(|_| has_points),
            max_points: Some(indicator.max_points).filter(|_| has_points),
            answered: indicator.coverage.answered,
            asked: indicator.coverage.asked,
            withheld: self.sentence(indicator.withheld.as_ref()),
            value: indicator.value,
            normalization: known.map(|known| known.normalization.as_str()),
            lower_is_better: self.lower_is_better(&indicator.id),
            terms: indicator.terms.iter().map(|term| self.source(term)).collect(),
            ..self.explanation(&indicator.id, "indicator", row)
        }
    }

    fn lower_is_better(&self, indicator: &Id) -> bool {
        self.framework.indicator(indicator).is_some_and(|known| known.direction == Direction::Lower)
    }

    fn question(&self, question: &Question, row: &SubmissionRow) -> Explanation {
        let mut terms = self.scores.indicators().flat_map(|(_, indicator)| &indicator.terms);
        let explanation = self.explanation(&question.id, "question", row);
        if let Some(term) = terms.find(|term| term.question == question.id) {
            return Explanation {
                points: Some(term.points).filter(|_| !question.is_number()),
                max_points: Some(term.max_points).filter(|_| !question.is_number()),
                answered: u32::from(term.answer.is_given()),
                asked: u32::from(score::is_asked(self.framework, term)),
                terms: vec![self.source(term)],
                ..explanation
            };
        }
        // Asked, but without points: the answer is still of interest.
        let answer = self.answers.get(&question.id).map(|record| record.answer.clone());
        let answer = answer.unwrap_or(Answer::Missing(maturity::answer::Missing::Blank));
        let given = answer.is_given();
        let status = if given { TermStatus::Counted } else { TermStatus::NoAnswer };
        let term = Term { question: question.id.clone(), answer, points: 0.0, max_points: 0.0, status };
        Explanation { answered: u32::from(given), asked: 1, terms: vec![self.source(&term)], ..explanation }
    }

    fn source(&self, term: &Term) -> Source {
        let question = self.framework.question(&term.question);
        let record = self.answers.get(&term.question);
        let has_points = question.is_some_and(|known| known.scoring.is_some() && !known.is_number());
        Source {
            question: term.question.to_string(),
            label: question.map(|question| question.label.get(self.language).to_owned()).unwrap_or_default(),
            answer: question.map(|question| self.answer_text(question, &term.answer)).unwrap_or_default(),
            code: term.answer.expression_value().into_owned(),
            points: Some(term.points).filter(|_| has_points),
            max_points: Some(term.max_points).filter(|_| has_points),
            is_number: question.is_some_and(Question::is_number),
            status: term.status,
            evidence: record.and_then(|record| record.evidence.clone()),
            place: record
                .and_then(|record| record.place.as_ref())
                .map(|place| self.place(&term.question, place))
                .or_else(|| question.and_then(|question| self.edition(question))),
            changed_by: self.standing.overrides.get(&term.question).map(changed_by),
        }
    }

    /// The cell of an answer, with its file where that is another one than that of most answers.
    fn place(&self, question: &Id, place: &Place) -> String {
        let origin = self.standing.origin(question);
        if origin.id == self.standing.row.id {
            return place.to_string();
        }
        let sha256 = origin.sha256.get(..12).unwrap_or_default();
        format!("{place} of {} (sha256 {sha256}…)", origin.name)
    }

    /// Where the value of an external index comes from.
    fn edition(&self, question: &Question) -> Option<String> {
        let Kind::External(index) = &question.kind else { return None };
        let Some(stamp) = self.external.iter().find(|stamp| stamp.index == *index) else {
            return Some(format!("external index {index}"));
        };
        let source = stamp.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        Some(format!("external index {index} {}{source}, {}", stamp.edition, stamp.file))
    }

    fn answer_text(&self, question: &Question, answer: &Answer) -> String {
        let label = |code: &String| {
            let choice = self.framework.choices(question).and_then(|list| list.choice(code));
            choice.map_or_else(|| code.clone(), |choice| choice.label.get(self.language).to_owned())
        };
        match answer {
            Answer::Choice(code) => label(code),
            Answer::Choices(codes) => codes.iter().map(label).collect::<Vec<_>>().join("; "),
            Answer::Missing(missing) => format!("({})", missing.as_str().replace('-', " ")),
            Answer::Number(given) => number(*given),
            Answer::Text(text) => text.clone(),
        }
    }
}

/// An override in words: what it replaces, who decided it, when and why.
fn changed_by(decision: &Decision) -> String {
    let replaced = match &decision.verdict {
        Verdict::Override { from, to, .. } if from == to => {
            format!(" of the evidence for \"{}\", which stays the answer", to.shown())
        }
        Verdict::Override { from, .. } => format!(" in place of \"{}\"", from.shown()),
        _ => String::new(),
    };
    format!("override {}{replaced}, by {}, {}: {}", decision.id(), decision.by, decision.at, decision.reason)
}

#[cfg(test)]
mod tests {
    use maturity::economy::EconomyCode;
    use maturity::submission::Wave;

    use super::*;

    #[test]
    fn an_override_says_what_it_replaces() {
        let told = |to: &str| {
            changed_by(&Decision {
                wave: Wave(2030),
                economy: EconomyCode::new("KEN"),
                verdict: Verdict::Override {
                    question: Id::from("Q-1"),
                    from: Answer::Choice("1".to_owned()),
                    to: Answer::Choice(to.to_owned()),
                    evidence: Some("https://example.org".to_owned()),
                },
                by: "A".to_owned(),
                reason: "seen".to_owned(),
                at: "2030-01-01T00:00:00Z".to_owned(),
                again: 0,
            })
        };
        assert!(told("2").contains(" in place of \"1\", by A"), "{}", told("2"));
        assert!(
            told("1").contains(" of the evidence for \"1\", which stays the answer, by A"),
            "{}",
            told("1")
        );
    }
}
