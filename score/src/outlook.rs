//! What reports say beside the scores: gathered from what backs them, what they weigh and what would raise them.

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::outlook::{Backed, Outlook, Raise, Step};
use maturity::score::EconomyScores;

use crate::backing::evidence_shares;
use crate::raise::{Rescore, raise};
use crate::weights::factors;

/// The outlook of an economy. `rescore` is its scoring.
pub(crate) fn outlook(
    framework: &Framework,
    scores: &EconomyScores,
    records: &BTreeMap<Id, AnswerRecord>,
    rescore: Rescore<'_>,
) -> Outlook {
    let found = raise(framework, scores, records, None, rescore).ok();
    let way = found.and_then(|found| {
        let first = found.sets.into_iter().next()?;
        let steps = first.changes.into_iter();
        Some(Raise {
            target: found.target,
            threshold: found.threshold,
            score: first.score,
            proven: found.proven,
            steps: steps
                .map(|change| Step {
                    question: change.question,
                    from: change.from,
                    to: change.to,
                    gain: change.gain,
                })
                .collect(),
        })
    });
    let backed = evidence_shares(framework, scores, records).into_iter();
    Outlook {
        raise: way,
        backed: backed
            .map(|share| Backed {
                id: share.id,
                points: share.points,
                evidence: share.evidence,
                published: share.published,
            })
            .collect(),
        carried: carried(framework, scores),
    }
}

/// The share of the composite that each question's points make up: weight of its subindex x points / maximum of
/// the subindex / composite.
fn carried(framework: &Framework, scores: &EconomyScores) -> BTreeMap<Id, f64> {
    let (Some(whole), Some(factors)) =
        (scores.score.filter(|score| *score > 0.0), factors(framework, scores))
    else {
        return BTreeMap::new();
    };
    let mut all = BTreeMap::new();
    for (subindex, factor) in scores.subindexes.iter().zip(factors) {
        for term in subindex.indicators.iter().flat_map(|indicator| &indicator.terms) {
            if term.points > 0.0 && subindex.max_points > 0.0 {
                all.insert(term.question.clone(), factor * term.points / subindex.max_points / whole);
            }
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use maturity::economy::EconomyCode;

    use super::*;
    use crate::Population;
    use crate::testing::{choice, gtmi, real_wave, record, two_subindexes};

    #[test]
    fn what_answers_carry_adds_up_to_the_whole_score() {
        let framework = gtmi();
        for (records, scores) in real_wave().into_iter().take(20) {
            let all = carried(framework, &scores);
            let sum: f64 = all.values().sum();
            assert!((sum - 1.0).abs() < 1e-12, "{} {sum}", scores.economy);
            assert!(!records.is_empty());
        }
    }

    #[test]
    fn the_way_is_the_first_set_and_nothing_where_there_is_none() {
        let framework = two_subindexes();
        let records = BTreeMap::from([(Id::from("Q-1"), record("Q-1", choice("1")))]);
        let score = |answers: &BTreeMap<Id, maturity::answer::Answer>| {
            let economy = EconomyCode::new("KEN");
            crate::score(&framework, &Population::default(), &economy, None, answers, &|_| Some(0.0))
        };
        let answers = BTreeMap::from([(Id::from("Q-1"), choice("1"))]);
        let found = outlook(&framework, &score(&answers), &records, &score);
        let way = found.raise.unwrap();
        let asked: Vec<&str> = way.steps.iter().map(|step| step.question.as_str()).collect();
        assert_eq!((way.target.as_str(), asked.as_slice()), ("A", ["Q-1", "Q-3"].as_slice()));
        assert!(way.score >= way.threshold && way.proven);
        assert_eq!(found.backed[0].share(), Some(0.0));

        let all = BTreeMap::from([(Id::from("Q-1"), choice("2")), (Id::from("Q-3"), choice("2"))]);
        assert_eq!(outlook(&framework, &score(&all), &BTreeMap::new(), &score).raise, None);
    }
}
