//! The smallest sets by hand, against trying everything, and on the real wave.

use maturity::economy::EconomyCode;
use proptest::prelude::*;

use super::*;
use crate::Population;
use crate::testing::{choice, framework, gtmi, real_wave, record, two_subindexes};

type Answers = BTreeMap<Id, Answer>;

fn records(answers: &[(&str, Answer)]) -> BTreeMap<Id, AnswerRecord> {
    answers.iter().map(|(id, answer)| (Id::from(*id), record(id, answer.clone()))).collect()
}

fn rescore(framework: &Framework, external: Option<f64>) -> impl Fn(&Answers) -> EconomyScores {
    move |answers| {
        crate::score(framework, &Population::default(), &EconomyCode::new("KEN"), None, answers, &|_| {
            external
        })
    }
}

fn find(
    framework: &Framework,
    records: &BTreeMap<Id, AnswerRecord>,
    external: Option<f64>,
    target: Option<&str>,
) -> Result<Raise, NoRaise> {
    let rescore = rescore(framework, external);
    let answers = records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect();
    raise(framework, &rescore(&answers), records, target, &rescore)
}

fn ids(set: &AnswerSet) -> Vec<&str> {
    set.changes.iter().map(|change| change.question.as_str()).collect()
}

/// The answers after a set.
fn applied(records: &BTreeMap<Id, AnswerRecord>, changes: &[Change]) -> Answers {
    let mut answers: Answers =
        records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect();
    answers.extend(changes.iter().map(|change| (change.question.clone(), change.to.clone())));
    answers
}

#[test]
fn one_answer_with_the_highest_gain_is_enough() {
    let framework = two_subindexes();
    // S1 = 6 of 27, S2 = 0 of 5: 0.1667. Q-1 to level 2 gives 12/27 x 3/4 = 0.3333; with Q-3 0.5833.
    let found = find(&framework, &records(&[("Q-1", choice("1"))]), Some(0.0), None).unwrap();
    assert_eq!((found.target.as_str(), found.proven), ("A", true));
    assert_eq!(ids(&found.sets[0]), ["Q-1", "Q-3"]);
    let change = &found.sets[0].changes[0];
    assert_eq!((&change.from, &change.to), (&choice("1"), &choice("2")));
    assert!((change.gain - 0.75 * 6.0 / 27.0).abs() < 1e-15);
    assert!((found.sets[0].score - (0.75 * 12.0 / 27.0 + 0.25)).abs() < 1e-15);
}

#[test]
fn a_question_that_does_not_apply_is_raised_only_together_with_the_one_it_hangs_on() {
    let survey = "type,name,label,indicator,subindex,relevant,required,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,,yes,level,1\n\
                  select_one level,Q-1.1,b,Q-1,S1,${Q-1} > 0,yes,any,10\n\
                  select_one level,Q-2,c,Q-2,S1,,yes,any,4\n\
                  select_one level,Q-3,d,Q-3,S2,,yes,any,5\n";
    let framework = framework(survey, "arithmetic-mean", "A:0.45 B:0.0");
    // alone would do: 3/4 x 10/16 = 0.47. But it applies only where Q-1 is above 0.
    let found = find(&framework, &records(&[("Q-1", choice("0"))]), None, None).unwrap();
    assert_eq!(ids(&found.sets[0]), ["Q-1", "Q-1.1"]);
    assert_eq!(found.sets[0].changes[0].opens, [Id::from("Q-1.1")]);
    let found = find(&framework, &records(&[("Q-1", choice("1"))]), None, None).unwrap();
    assert_eq!(ids(&found.sets[0]), ["Q-1.1"]);
}

#[test]
fn an_answer_that_needs_others_counts_with_them() {
    let survey = "type,name,label,indicator,subindex,constraint,constraint_message,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,,,level,1\n\
                  select_one level,Q-2,b,Q-2,S1,. != '2' or ${Q-1} = '2',Q-1 comes first.,level,10\n\
                  select_one level,Q-3,c,Q-3,S2,,,any,5\n";
    let framework = framework(survey, "arithmetic-mean", "A:0.6 B:0.3 C:0.0");
    let none = records(&[]);
    // Q-2 at level 1: 3/4 x 10/22 = 0.34, which reaches B alone; at level 2 it would need Q-1 as well.
    let found = find(&framework, &none, None, Some("b")).unwrap();
    assert_eq!(ids(&found.sets[0]), ["Q-2"]);
    assert_eq!(found.sets[0].changes[0].to, choice("1"));
    // A: 3/4 x 10/22 + 1/4 = 0.59 falls short, 3/4 x 22/22 = 0.75 does not.
    let found = find(&framework, &none, None, Some("A")).unwrap();
    assert_eq!(ids(&found.sets[0]), ["Q-1", "Q-2"]);
    assert!(found.proven);
}

#[test]
fn what_cannot_be_raised_says_why() {
    let framework = two_subindexes();
    let all = records(&[("Q-1", choice("2")), ("Q-3", choice("1"))]);
    assert_eq!(find(&framework, &all, None, None), Err(NoRaise::Reached { group: "A".to_owned() }));
    assert_eq!(
        find(&framework, &all, None, Some("X")).unwrap_err().to_string(),
        "there is no maturity group \"X\" (there are: A, B)"
    );
    let mut scores = rescore(&framework, None)(&BTreeMap::new());
    scores.score = None;
    let found = raise(&framework, &scores, &all, None, &rescore(&framework, None));
    assert_eq!(found, Err(NoRaise::NoScore));
    let survey = "type,name,label,indicator,subindex,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,any,1\n\
                  external TII,Q-2,c,Q-2,S1,value,99\n\
                  select_one level,Q-3,d,Q-3,S2,any,5\n";
    let bound = crate::testing::framework(survey, "arithmetic-mean", "A:0.5 B:0.0");
    let found = find(&bound, &records(&[]), Some(0.0), None);
    let Err(NoRaise::OutOfReach { best, .. }) = found else { panic!("{found:?}") };
    assert!((best - (0.75 * 0.01 + 0.25)).abs() < 1e-12);
}

#[test]
fn the_sets_of_all_economies_reach_the_next_group_and_none_has_a_needless_answer() {
    let framework = gtmi();
    let mut raised = 0;
    for (records, scores) in real_wave().into_iter().step_by(9) {
        let external: BTreeMap<String, f64> = scores
            .indicators()
            .flat_map(|(_, indicator)| &indicator.terms)
            .filter_map(|term| match (&framework.question(&term.question)?.kind, &term.answer) {
                (maturity::framework::Kind::External(index), Answer::Number(value)) => {
                    Some((index.clone(), *value))
                }
                _ => None,
            })
            .collect();
        let value = |index: &str| external.get(index).copied();
        let rescore = |answers: &Answers| {
            crate::score(framework, &Population::default(), &scores.economy, None, answers, &value)
        };
        let Ok(found) = raise(framework, &scores, &records, None, &rescore) else {
            assert_eq!(scores.group.as_deref(), Some("A"), "{}", scores.economy);
            continue;
        };
        raised += 1;
        assert!(found.proven, "{}", scores.economy);
        let smallest = found.sets[0].changes.len();
        for set in &found.sets {
            assert!(set.changes.len() >= smallest);
            let after = rescore(&applied(&records, &set.changes));
            assert_eq!(after.group.as_deref(), Some(found.target.as_str()), "{}", scores.economy);
            assert_eq!(after.score, Some(set.score));
            let sum: f64 = set.changes.iter().map(|change| change.gain).sum();
            assert!((found.score + sum - set.score).abs() < 1e-9, "gains add up");
            if set.changes.len() > smallest {
                continue;
            }
            for at in 0..set.changes.len() {
                let mut fewer = set.changes.clone();
                fewer.remove(at);
                let falls = rescore(&applied(&records, &fewer)).score.unwrap() < found.threshold;
                assert!(falls || !sound(framework, &records, &fewer), "{} {at}", scores.economy);
            }
        }
    }
    assert!(raised > 10);
}

/// Whether changed answers apply and break no rule, asked of the expressions directly.
fn sound(framework: &Framework, records: &BTreeMap<Id, AnswerRecord>, changes: &[Change]) -> bool {
    let values = |answers: &Answers| -> std::collections::HashMap<Id, String> {
        answers.iter().map(|(id, answer)| (id.clone(), answer.expression_value().into_owned())).collect()
    };
    let (before, after) = (values(&applied(records, &[])), values(&applied(records, changes)));
    framework.asked_questions().all(|question| {
        let moved = changes.iter().any(|change| change.question == question.id);
        let value = after.get(&question.id).cloned().unwrap_or_default();
        let applies = |values| question.relevant.as_ref().is_none_or(|relevant| relevant.holds("", values));
        let holds = |values| {
            question.constraint.as_ref().is_none_or(|constraint| constraint.expression.holds(&value, values))
        };
        value.is_empty()
            || (applies(&after) || (!moved && !applies(&before)))
                && (holds(&after) || (!moved && !holds(&before)))
    })
}

#[test]
fn an_index_that_is_no_sum_gets_a_sound_set_that_is_not_called_proven() {
    let survey = "type,name,label,indicator,subindex,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,level,6\n\
                  select_one level,Q-3,d,Q-3,S2,any,5\n";
    let mut framework = framework(survey, "arithmetic-mean", "A:0.9 B:0.5 C:0.0");
    framework.missing.answer = maturity::framework::AnswerPolicy::LeaveOut;
    let answers = records(&[("Q-1", choice("0")), ("Q-3", choice("0"))]);
    let found = find(&framework, &answers, None, Some("A")).unwrap();
    assert!(!found.proven);
    assert_eq!(ids(&found.sets[0]), ["Q-1", "Q-3"]);
    let found = find(&framework, &answers, None, Some("B")).unwrap();
    assert_eq!((ids(&found.sets[0]), found.proven), (vec!["Q-1"], true), "one is as few as there can be");
}

const OPENING: &str = "type,name,label,indicator,subindex,relevant,scoring,points\n\
                       select_one level,Q-1,a,Q-1,S1,,any,1\n\
                       select_one level,Q-2,b,Q-2,S1,${Q-1} = '1',level,5\n\
                       select_one level,Q-3,c,Q-3,S2,,any,1\n";

#[test]
fn an_answer_of_no_higher_level_counts_where_it_makes_others_apply() {
    let framework = framework(OPENING, "arithmetic-mean", "A:0.9 B:0.0");
    // Q-1 stays full of points or loses them, and only with 1 is there Q-2 with 10 of 11 points to ask about.
    let answers = records(&[("Q-1", choice("2")), ("Q-3", choice("1"))]);
    let found = find(&framework, &answers, None, None).unwrap();
    assert_eq!(ids(&found.sets[0]), ["Q-1", "Q-2"]);
    assert_eq!((&found.sets[0].changes[0].to, found.proven), (&choice("1"), true));
    assert!((found.sets[0].score - 1.0).abs() < 1e-12);
}

#[test]
fn an_answer_that_gains_nothing_itself_is_taken_for_what_it_makes_apply() {
    let survey = "type,name,label,indicator,subindex,relevant,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,,,\n\
                  select_one level,Q-1.1,b,Q-1,S1,${Q-1} > 0,,\n\
                  select_one level,Q-2,c,Q-2,S1,${Q-1.1} > 0,level,5\n\
                  select_one level,Q-2.1,d,Q-2,S1,,level,1\n\
                  select_one level,Q-3,e,Q-3,S2,,level,1\n";
    let framework = framework(survey, "geometric-mean", "A:0.8 B:0.0");
    let answers = records(&[("Q-1", choice("0")), ("Q-2.1", choice("1")), ("Q-3", choice("1"))]);
    let found = find(&framework, &answers, None, None).unwrap();
    let all = ids(&found.sets[0]);
    assert!(all.starts_with(&["Q-1", "Q-1.1", "Q-2"]), "{all:?}");
    assert!(found.sets[0].score >= 0.8 && !found.proven);
    let gains: f64 = found.sets[0].changes.iter().map(|change| change.gain).sum();
    assert!((found.score + gains - found.sets[0].score).abs() < 1e-12, "gains lead to the score: {gains}");
}

#[test]
fn what_was_not_found_is_not_said_to_be_impossible() {
    // Q-2 would do, and only a number makes it apply: numbers are not tried.
    let survey = OPENING.replace("select_one level,Q-1,a,Q-1,S1,,any,1", "integer,Q-1,a,Q-1,S1,,,");
    let sum = framework(&survey, "arithmetic-mean", "A:0.5 B:0.0");
    let none = records(&[]);
    let missing = NoRaise::NotFound { group: "A".to_owned(), threshold: 0.5 };
    assert_eq!(find(&sum, &none, None, None), Err(missing.clone()));
    assert_eq!(missing.to_string(), "no answers were found that reach group A (threshold 0.5)");
    // Where gains do not add up, nothing is known of what was not tried.
    let little = records(&[("Q-1", Answer::Number(2.0)), ("Q-2", choice("1")), ("Q-3", choice("1"))]);
    let survey = survey.replace("${Q-1} = '1'", "${Q-1} > 3");
    let product = framework(&survey, "geometric-mean", "A:0.8 B:0.0");
    assert!(matches!(find(&product, &little, None, None), Err(NoRaise::NotFound { .. })));
    let framework = framework(
        &survey.replace("level,5", "level,5\nexternal TII,Q-1.1,x,Q-1,S1,,value,90"),
        "arithmetic-mean",
        "A:0.5 B:0.0",
    );
    let found = find(&framework, &none, Some(0.0), None);
    let Err(NoRaise::OutOfReach { best, .. }) = found else { panic!("{found:?}") };
    assert!((best - (0.75 * 0.1 + 0.25)).abs() < 1e-12, "nothing exceeds this: {best}");
}

/// A small instrument with a condition and a rule between answers.
fn tangled() -> Framework {
    framework(
        "type,name,label,indicator,subindex,relevant,constraint,constraint_message,scoring,points\n\
         select_one level,Q-1,a,Q-1,S1,,,,level,2\n\
         select_one level,Q-1.1,b,Q-1,S1,${Q-1} > 0,,,any,7\n\
         select_one level,Q-2,c,Q-2,S1,,. != '2' or ${Q-3} = '2',Q-3 comes first.,level,5\n\
         select_one level,Q-3,d,Q-3,S2,,,,level,3\n\
         select_one level,Q-3.1,e,Q-3,S2,${Q-3} > 0 and ${Q-1} > 0,,,any,4\n",
        "arithmetic-mean",
        "A:0.75 B:0.5 C:0.25 D:0.0",
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Every combination of better answers is tried; none that stands and reaches the threshold is smaller.
    #[test]
    fn no_smaller_set_exists(codes in proptest::collection::vec(0_usize..4, 5), target in 0_usize..3) {
        let framework = tangled();
        let names = ["Q-1", "Q-1.1", "Q-2", "Q-3", "Q-3.1"];
        let given: Vec<(&str, Answer)> = names
            .iter()
            .zip(&codes)
            .filter(|(_, code)| **code < 3)
            .map(|(id, code)| (*id, choice(&code.to_string())))
            .collect();
        let records = records(&given);
        let target = ["A", "B", "C"][target];
        let threshold = framework.groups.iter().find(|group| group.id == target).unwrap().at_least;
        let rescore = rescore(&framework, None);
        let mut fewest = usize::MAX;
        // Four ways for each of five questions: as it is, or answered with 0, 1 or 2.
        for combination in 0..4_usize.pow(5) {
            let mut changes = Vec::new();
            let mut rest = combination;
            for (id, code) in names.iter().zip(&codes) {
                let way = rest % 4;
                rest /= 4;
                if way > 0 {
                    let present = if *code < 3 { *code } else { 0 };
                    // Only more mature answers are asked for.
                    if way - 1 <= present { changes.clear(); break; }
                    changes.push(Change {
                        question: Id::from(*id),
                        from: choice("0"),
                        to: choice(&(way - 1).to_string()),
                        gain: 0.0,
                        evidence: None,
                        evidence_given: false,
                        opens: Vec::new(),
                    });
                }
            }
            if changes.is_empty() || changes.len() >= fewest || !sound(&framework, &records, &changes) {
                continue;
            }
            if rescore(&applied(&records, &changes)).score.unwrap() >= threshold {
                fewest = changes.len();
            }
        }
        match find(&framework, &records, None, Some(target)) {
            Ok(found) => {
                prop_assert!(found.proven);
                prop_assert_eq!(found.sets[0].changes.len(), fewest);
                for set in &found.sets {
                    prop_assert!(rescore(&applied(&records, &set.changes)).score.unwrap() >= threshold);
                    prop_assert!(sound(&framework, &records, &set.changes));
                }
            }
            Err(NoRaise::Reached { .. }) => {}
            Err(other) => prop_assert!(fewest == usize::MAX, "{} but {} would do", other, fewest),
        }
    }
}
