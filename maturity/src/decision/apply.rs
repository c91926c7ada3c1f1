//! Answers of reviewers in the place of submitted ones.

use std::collections::BTreeMap;

use super::{Decision, Verdict};
use crate::answer::{Answer, AnswerRecord, Missing};
use crate::framework::Framework;
use crate::id::Id;

/// Puts the answers of the overrides that count, by question, in the place of the submitted ones.
///
/// An answer that is the evidence for another question is the evidence there as well, unless the reviewer gave that
/// question some of its own.
pub fn apply(
    applied: &BTreeMap<Id, Decision>,
    framework: &Framework,
    records: &mut BTreeMap<Id, AnswerRecord>,
) {
    for (question, decision) in applied {
        let record = records.entry(question.clone()).or_insert_with(|| AnswerRecord {
            question: question.clone(),
            answer: Answer::Missing(Missing::Blank),
            evidence: None,
            place: None,
        });
        decision.replace(framework, record);
    }
    for (question, decision) in applied {
        let Verdict::Override { from, to, .. } = &decision.verdict else { continue };
        let asked_for = framework.question(question).and_then(|question| question.evidence_for.as_ref());
        let Some(record) = asked_for.and_then(|target| records.get_mut(target)) else { continue };
        if applied.get(&record.question).is_some_and(|decision| decision.has_evidence(framework)) {
            continue;
        }
        match to {
            Answer::Text(text) if !framework.evidence.is_known_placeholder(text) => {
                record.evidence = Some(text.clone());
            }
            // What stands in a cell of the question itself stays.
            _ => {
                let is_it = |known: &String| matches!(from, Answer::Text(before) if before == known);
                if record.evidence.as_ref().is_some_and(is_it) {
                    record.evidence = None;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::tests::gtmi;
    use crate::economy::EconomyCode;
    use crate::submission::Wave;

    fn decided(question: &str, from: Answer, to: Answer, evidence: Option<&str>) -> (Id, Decision) {
        let question = Id::from(question);
        let evidence = evidence.map(str::to_owned);
        let decision = Decision {
            wave: Wave(2022),
            economy: EconomyCode::new("KEN"),
            verdict: Verdict::Override { question: question.clone(), from, to, evidence },
            by: "A".to_owned(),
            reason: "seen".to_owned(),
            at: "2022-10-01T00:00:00Z".to_owned(),
            again: 0,
        };
        (question, decision)
    }

    fn text(text: &str) -> Answer {
        Answer::Text(text.to_owned())
    }

    #[test]
    fn a_link_that_a_reviewer_found_is_evidence_where_it_was_asked_for() {
        let framework = gtmi();
        let (asks, target) = framework
            .questions
            .iter()
            .find_map(|question| Some((question.id.clone(), question.evidence_for.clone()?)))
            .unwrap();
        let none = Answer::Missing(Missing::Blank);
        let submitted = |link: &Answer, evidence: Option<&str>| {
            let record = |question: &Id, answer: Answer, evidence: Option<&str>| {
                let evidence = evidence.map(str::to_owned);
                (question.clone(), AnswerRecord { question: question.clone(), answer, evidence, place: None })
            };
            let choice = Answer::Choice("2".to_owned());
            BTreeMap::from([record(&target, choice, evidence), record(&asks, link.clone(), None)])
        };
        let evidence = |mut records: BTreeMap<Id, AnswerRecord>, decisions: Vec<(Id, Decision)>| {
            apply(&decisions.into_iter().collect(), &framework, &mut records);
            records[&target].evidence.clone()
        };
        let (link, found) = (
            text("https://a.example"),
            decided(asks.as_str(), none.clone(), text("https://b.example"), None),
        );
        assert_eq!(
            evidence(submitted(&none, None), vec![found.clone()]).as_deref(),
            Some("https://b.example")
        );
        // What is taken away as no evidence is none any more; what stood beside the answer itself stays.
        let taken = decided(asks.as_str(), link.clone(), none.clone(), None);
        assert_eq!(evidence(submitted(&link, Some("https://a.example")), vec![taken.clone()]), None);
        assert_eq!(evidence(submitted(&link, Some("Act 12")), vec![taken]).as_deref(), Some("Act 12"));
        // The answer stays as it is, and its evidence is another.
        let same = Answer::Choice("2".to_owned());
        let own = decided(target.as_str(), same.clone(), same, Some("Act 13"));
        assert_eq!(evidence(submitted(&none, None), vec![found, own]).as_deref(), Some("Act 13"));
    }
}
