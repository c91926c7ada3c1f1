//! What stands behind points, by hand.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::economy::EconomyCode;
use maturity::id::Id;

use super::*;
use crate::Population;
use crate::testing::{choice, gtmi, record, two_subindexes};

fn shares(evidence: &[&str]) -> Vec<EvidenceShare> {
    let framework = two_subindexes();
    let mut records: BTreeMap<Id, AnswerRecord> =
        [("Q-1", choice("2")), ("Q-1.1", Answer::Choices(vec!["b".to_owned()])), ("Q-3", choice("1"))]
            .into_iter()
            .map(|(id, answer)| (Id::from(id), record(id, answer)))
            .collect();
    for id in evidence {
        records.get_mut(&Id::from(*id)).unwrap().evidence = Some("https://example.org".to_owned());
    }
    let answers = records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect();
    let scores =
        crate::score(&framework, &Population::default(), &EconomyCode::new("KEN"), None, &answers, &|_| {
            Some(50.0)
        });
    evidence_shares(&framework, &scores, &records)
}

#[test]
fn points_are_backed_by_their_own_evidence_or_that_of_the_question_they_hang_on() {
    // S1: 12 points for Q-1, 3 for, which applies where Q-1 > 0, and 6 of the external index.
    let found = |evidence: &[&str]| {
        let one = &shares(evidence)[1];
        (one.evidence, one.published, one.unbacked)
    };
    assert_eq!(found(&[]), (0.0, 6.0, 15.0));
    assert_eq!(found(&["Q-1.1"]), (3.0, 6.0, 12.0));
    assert_eq!(found(&["Q-1"]), (15.0, 6.0, 0.0));
}

#[test]
fn the_parts_of_the_composite_add_up_to_its_score() {
    let all = shares(&["Q-1"]);
    let whole = &all[0];
    assert_eq!(whole.id.as_str(), "ALL");
    // 3/4 x 21/27 + 1/4 x 5/5
    assert!((whole.points - (0.75 * 21.0 / 27.0 + 0.25)).abs() < 1e-15);
    assert!((whole.evidence + whole.published + whole.unbacked - whole.points).abs() < 1e-15);
    let share = whole.share().unwrap();
    assert!((share - (0.75 * 21.0 / 27.0) / whole.points).abs() < 1e-15);
}

#[test]
fn a_score_of_nothing_has_no_share() {
    let framework = two_subindexes();
    let none = BTreeMap::new();
    let scores = crate::score(
        &framework,
        &Population::default(),
        &EconomyCode::new("KEN"),
        None,
        &BTreeMap::new(),
        &|_| None,
    );
    assert_eq!(evidence_shares(&framework, &scores, &none)[0].share(), None);
}

#[test]
fn what_hangs_on_a_question_with_evidence_is_backed_through_it() {
    let framework = gtmi();
    let holder = framework.questions.iter().find(|question| question.evidence_for.is_some()).unwrap();
    let backed = holder.evidence_for.clone().unwrap();
    let mut answered = record(backed.as_str(), Answer::Number(0.0));
    answered.evidence = Some("https://example.org".to_owned());
    let records = BTreeMap::from([(backed.clone(), answered)]);
    assert_eq!(backing(framework, &records, &backed), Backing::Own);
    assert_eq!(backing(framework, &BTreeMap::new(), &backed), Backing::None);
    let below = framework.questions.iter().find(|question| {
        question.scoring.is_some()
            && question.relevant.as_ref().is_some_and(|relevant| relevant.references().contains(&backed))
    });
    assert_eq!(backing(framework, &records, &below.unwrap().id), Backing::Through(backed));
}
