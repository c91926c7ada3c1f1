//! What stands behind points, by hand.

use std::collections::BTreeMap;

use maturity::answer::{Answer, AnswerRecord};
use maturity::economy::EconomyCode;
use maturity::framework::FrameworkSources;
use maturity::id::Id;

use super::*;
use crate::Population;
use crate::testing::{POLICY, choice, gtmi, load, record, small_toml, two_subindexes};

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
fn a_subindex_made_of_subindexes_is_backed_as_what_is_below_it_is() {
    let toml = small_toml(2030, &[("S1", 3.0), ("S2", 1.0)], POLICY, "");
    let toml = toml.replace(
        "[[maturity_group]]\nid = \"A\"",
        "[[subindex]]\nid = \"UP\"\ntitle = { en = \"UP\" }\nweight = 1.0\nmethod = \"geometric-mean\"\n\
         [[maturity_group]]\nid = \"A\"",
    );
    let toml = toml.replace("weight = 3.0", "weight = 3.0\nparent = \"UP\"");
    let framework = load(&FrameworkSources {
        framework: toml,
        indicators: "id,label\nQ-1,c\nQ-3,c\n".to_owned(),
        survey: "type,name,label,indicator,subindex,scoring,points\n\
                 select_one level,Q-1,a,Q-1,S1,level,6\nselect_one level,Q-3,d,Q-3,S2,any,5\n"
            .to_owned(),
        choices: "list_name,name,label,level\nlevel,0,no,0\nlevel,1,some,1\nlevel,2,yes,2\n".to_owned(),
    });
    let mut backed = record("Q-1", choice("2"));
    backed.evidence = Some("https://example.org".to_owned());
    let records = BTreeMap::from([(Id::from("Q-1"), backed), (Id::from("Q-3"), record("Q-3", choice("1")))]);
    let answers = records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect();
    let scores =
        crate::score(&framework, &Population::default(), &EconomyCode::new("KEN"), None, &answers, &|_| None);
    let all = evidence_shares(&framework, &scores, &records);
    let of = |id: &str| all.iter().find(|share| share.id.as_str() == id).unwrap();
    // The composite, which is no sum at every level, has none.
    assert_eq!(all.len(), 3);
    assert_eq!((of("UP").points, of("UP").evidence, of("UP").share()), (12.0, 12.0, Some(1.0)));
    assert_eq!((of("S1").share(), of("S2").share()), (Some(1.0), Some(0.0)));
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
    let mut answered = record(backed.as_str(), choice("2"));
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

#[test]
fn what_does_not_apply_is_backed_by_nothing() {
    let framework = two_subindexes();
    let given = |key: &str| {
        let mut above = record("Q-1", choice(key));
        above.evidence = Some("https://example.org".to_owned());
        let mut below = record("Q-1.1", Answer::Choices(vec!["b".to_owned()]));
        below.evidence = Some("https://example.org/b".to_owned());
        BTreeMap::from([(Id::from("Q-1"), above), (Id::from("Q-1.1"), below)])
    };
    let below = Id::from("Q-1.1");
    assert_eq!(backing(&framework, &given("2"), &below), Backing::Own);
    let mut denied = given("0");
    assert_eq!(backing(&framework, &denied, &below), Backing::None, "nor by its own evidence");
    denied.get_mut(&below).unwrap().evidence = None;
    assert_eq!(
        backing(&framework, &denied, &below),
        Backing::None,
        "evidence of a no is none of what hangs on it"
    );
    assert_eq!(backing(&framework, &denied, &Id::from("Q-1")), Backing::Own);
}
