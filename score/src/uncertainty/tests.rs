//! Bounds and replications: by hand, against a second implementation, and as properties.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::framework::{
    AnswerPolicy, Framework, FrameworkSources, Kind, PartPolicy, Question, ScoringRule, SubindexMethod,
};
use maturity::id::Id;
use maturity::score::TermStatus;
use maturity::uncertainty::Bounds;
use proptest::prelude::*;

use super::*;
use crate::compute::score;
use crate::testing::{POLICY, gtmi, load, small_toml};

/// Two subindexes of points: 10 + 10 (weight 1) and 10 (weight 1); Q-1 needs evidence.
fn framework(uncertainty: &str, evidence: &str) -> Framework {
    let missing = format!("{POLICY}\nevidence = \"{evidence}\"");
    let rest = format!("[evidence]\nneeded = \"asked\"\nplaceholders = [\"to follow\"]\n{uncertainty}\n");
    let framework = small_toml(2030, &[("S1", 1.0), ("S2", 1.0)], &missing, &rest);
    load(&FrameworkSources {
        framework,
        indicators: "id,label\nQ-1,a\nQ-2,b\nQ-3,c\n".to_owned(),
        survey: "type,name,label,indicator,subindex,evidence_for,scoring,points\n\
                 select_one yes_no,Q-1,a,Q-1,S1,,level,10\n\
                 text,Q-1.1,e,Q-1,S1,Q-1,,\n\
                 select_one yes_no,Q-2,b,Q-2,S1,,level,10\n\
                 select_one yes_no,Q-3,c,Q-3,S2,,level,10\n"
            .to_owned(),
        choices: "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Yes,1\n".to_owned(),
    })
}

const ALL: &str = "[uncertainty]\nseed = 5\nreplications = 2000\nsensitivity = 2000\nsubindex_weights = 0.25\n\
                   indicator_weights = 0.5\nunanswered = [0.0, 1.0]\nunbacked = [0.5, 1.0]\n";

fn scored(framework: &Framework, economy: &str, answers: &[(&str, &str)]) -> EconomyScores {
    let answers: BTreeMap<Id, Answer> =
        answers.iter().map(|(id, code)| (Id::from(*id), Answer::Choice((*code).to_owned()))).collect();
    score(framework, &Population::default(), &EconomyCode::new(economy), None, &answers, &|_| None)
}

fn uncertainty(framework: &Framework, scores: &EconomyScores, backed: &[&str]) -> Vec<ScoreUncertainty> {
    let given: BTreeSet<Id> = backed.iter().map(|id| Id::from(*id)).collect();
    let population = Population::default();
    let replications = Replications::new(framework, &population);
    let backing = Backing::new(framework, &given);
    replications.of_economies(&[(scores, &backing)], &mut Scratch::default()).remove(0)
}

fn close(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() <= tolerance
}

#[test]
fn bounds_by_hand() {
    // S1: Q-1 earns 10 without evidence, Q-2 is open; S2: Q-3 earns 0.
    let answers = [("Q-1", "1"), ("Q-3", "0")];
    let required = framework("", "required");
    let found = uncertainty(&required, &scored(&required, "KEN", &answers), &[]);
    let bounds: Vec<Bounds> = found.iter().map(|one| one.bounds.unwrap()).collect();
    assert_eq!(
        bounds,
        [(0.0, 0.5), (0.0, 1.0), (0.0, 0.0)].map(|(lower, upper)| Bounds { lower, upper }),
        "the unbacked answer may be wrong, the open one right"
    );
    let backed = uncertainty(&required, &scored(&required, "KEN", &answers), &["Q-1"]);
    assert_eq!(backed[1].bounds, Some(Bounds { lower: 0.5, upper: 1.0 }));
    let optional = framework("", "optional");
    let found = uncertainty(&optional, &scored(&optional, "KEN", &answers), &[]);
    assert_eq!(found[1].bounds, Some(Bounds { lower: 0.5, upper: 1.0 }));
    assert!(found.iter().all(|one| one.distribution.is_none() && one.sensitivity.is_empty()));
}

#[test]
fn nothing_open_and_nothing_drawn_is_the_score_itself() {
    let framework = framework("[uncertainty]\nseed = 1\nunanswered = [0.0, 1.0]\n", "optional");
    let scores = scored(&framework, "KEN", &[("Q-1", "1"), ("Q-2", "0"), ("Q-3", "1")]);
    let found = uncertainty(&framework, &scores, &[]);
    let distribution = found[0].distribution.as_ref().unwrap();
    assert_eq!(
        [distribution.p05, distribution.p50, distribution.p95].map(f64::to_bits),
        [0.75_f64.to_bits(); 3]
    );
    assert_eq!(distribution.groups, [("A".to_owned(), 1.0), ("B".to_owned(), 0.0)]);
    assert!(found[0].sensitivity.is_empty(), "what does not vary has no cause");
}

#[test]
fn one_open_answer_spreads_the_score_evenly() {
    // S1 = (10 + 10 u) / 20 from 0.5 to 1, S2 = 0: ALL is even in 0.25..0.5.
    let framework = framework("[uncertainty]\nseed = 3\nunanswered = [0.0, 1.0]\n", "optional");
    let scores = scored(&framework, "KEN", &[("Q-1", "1"), ("Q-3", "0")]);
    let found = uncertainty(&framework, &scores, &[]);
    let distribution = found[0].distribution.as_ref().unwrap();
    for (found, p) in [(distribution.p05, 0.05), (distribution.p50, 0.5), (distribution.p95, 0.95)] {
        assert!(close(found, 0.25 + 0.25 * p, 0.005), "{found} at {p}");
    }
    assert!(close(distribution.groups[1].1, 1.0, 1e-12), "0.5 is reached by no replication");
    assert_eq!(found[0].sensitivity.len(), 1);
    let only = &found[0].sensitivity[0];
    assert!(close(only.first, 1.0, 0.1) && close(only.total, 1.0, 0.1), "{only:?}");
}

#[test]
fn an_open_answer_varies_where_points_stand_between_fixed_goalposts_too() {
    // The mean of (10 u / 10 - 0.2) / 0.6, cut off below 0 and above 1, times 100 and of 0: between 0 and 50.
    let mut framework = framework("[uncertainty]\nseed = 3\nunanswered = [0.0, 1.0]\n", "optional");
    for subindex in &mut framework.subindexes {
        subindex.method = maturity::framework::SubindexMethod::ArithmeticMean;
    }
    for indicator in &mut framework.indicators {
        indicator.normalization =
            maturity::framework::Normalization::MinMax { to: (0.0, 100.0), from: Some((0.2, 0.8)) };
    }
    let scores = scored(&framework, "KEN", &[("Q-1", "0"), ("Q-3", "0")]);
    let found = uncertainty(&framework, &scores, &[]);
    assert_eq!(found[1].bounds, Some(Bounds { lower: 0.0, upper: 50.0 }));
    let distribution = found[1].distribution.as_ref().unwrap();
    for (found, p) in [(distribution.p05, 0.05), (distribution.p50, 0.5), (distribution.p95, 0.95)] {
        let expected = ((p - 0.2) / 0.6_f64).clamp(0.0, 1.0) * 50.0;
        assert!(close(found, expected, 0.7), "{found} at {p}");
    }
    // Nothing varies: the score itself, to the last bit.
    let scores = scored(&framework, "KEN", &[("Q-1", "1"), ("Q-2", "0"), ("Q-3", "1")]);
    let distribution = uncertainty(&framework, &scores, &[])[0].distribution.clone().unwrap();
    assert_eq!(Some(distribution.p50.to_bits()), scores.score.map(f64::to_bits));
}

/// S1 of 20 points; S2 without a score where Q-3 is open, which the composite then is without.
fn without_open_parts(uncertainty: &str) -> Framework {
    let mut framework = framework(uncertainty, "optional");
    framework.missing.answer = AnswerPolicy::LeaveOut;
    framework.composite.missing_part = PartPolicy::Rescale;
    framework
}

#[test]
fn a_part_without_a_score_comes_to_the_mean_where_its_open_answers_vary() {
    // S1 = 0.5, S2 = u: ALL is even in 0.25..0.75, though it is 0.5 as it stands.
    let points = without_open_parts("[uncertainty]\nseed = 3\nunanswered = [0.0, 1.0]\n");
    let mut mean = points.clone();
    mean.subindexes[1].method = SubindexMethod::ArithmeticMean;
    let mut few = points.clone();
    few.subindexes[1].min_coverage = 0.5;
    for framework in [points, mean, few] {
        let scores = scored(&framework, "KEN", &[("Q-1", "1"), ("Q-2", "0")]);
        assert_eq!((scores.score, scores.subindexes[1].score), (Some(0.5), None));
        let found = uncertainty(&framework, &scores, &[]);
        assert_eq!(found[0].bounds, Some(Bounds { lower: 0.25, upper: 0.75 }));
        let distribution = found[0].distribution.as_ref().unwrap();
        for (found, p) in [(distribution.p05, 0.05), (distribution.p50, 0.5), (distribution.p95, 0.95)] {
            assert!(close(found, 0.25 + 0.5 * p, 0.005), "{found} at {p}");
        }
        assert!(close(distribution.groups[0].1, 0.5, 0.02), "half of the replications reach 0.5");
        assert_eq!(found[2].distribution, None, "what has no score has no spread");
        let only = &found[0].sensitivity[0];
        assert!(close(only.first, 1.0, 0.1) && close(only.total, 1.0, 0.1), "{only:?}");
    }
}

#[test]
fn a_part_without_a_score_stays_out_where_answers_do_not_vary_or_do_not_lead_to_one() {
    let weights =
        without_open_parts("[uncertainty]\nseed = 3\nindicator_weights = 0.5\nunbacked = [0.5, 1.0]\n");
    let spread = |framework: &Framework| {
        let scores = scored(framework, "KEN", &[("Q-1", "1"), ("Q-2", "1")]);
        let distribution = uncertainty(framework, &scores, &[])[0].distribution.clone().unwrap();
        [distribution.p05, distribution.p50, distribution.p95]
    };
    assert!(spread(&weights).iter().all(|value| close(*value, 1.0, 1e-12)));
    // The number that Q-3 asks for does not vary.
    let mut number = without_open_parts("[uncertainty]\nseed = 3\nunanswered = [0.0, 1.0]\n");
    number.subindexes[1].method = SubindexMethod::ArithmeticMean;
    let asked = number.questions.iter_mut().find(|question| question.id == Id::from("Q-3")).unwrap();
    asked.scoring.as_mut().unwrap().rule = ScoringRule::Number;
    asked.kind = Kind::Decimal;
    assert!(spread(&number).iter().all(|value| value.to_bits() == 1.0_f64.to_bits()));
}

#[test]
fn weights_alone_spread_as_the_ratio_of_two_even_numbers() {
    // S1 = 1, S2 = 0: ALL = w1 / (w1 + w2), symmetrical about 1/2, between 0.75 / 2 and 1.25 / 2.
    let framework = framework("[uncertainty]\nseed = 3\nsubindex_weights = 0.25\n", "optional");
    let scores = scored(&framework, "KEN", &[("Q-1", "1"), ("Q-2", "1"), ("Q-3", "0")]);
    let distribution = uncertainty(&framework, &scores, &[])[0].distribution.clone().unwrap();
    assert!(close(distribution.p50, 0.5, 0.003));
    assert!(close(distribution.p05 + distribution.p95, 1.0, 0.005));
    assert!(distribution.p05 > 0.375 && distribution.p95 < 0.625);
    assert!(close(distribution.groups[0].1, 0.5, 0.02), "half of the replications reach 0.5");
}

/// The published wave with everything that varies, once more in the plainest way.
#[test]
fn a_second_implementation_agrees_replication_by_replication() {
    let framework = framework(ALL, "required");
    let scores = scored(&framework, "KEN", &[("Q-1", "1"), ("Q-3", "1")]);
    let given = BTreeSet::new();
    let population = Population::default();
    let replications = Replications::new(&framework, &population);
    let mut scratch = Scratch::default();
    replications.of_economies(&[(&scores, &Backing::new(&framework, &given))], &mut scratch);

    let varies = framework.uncertainty.as_ref().unwrap();
    let draw = |thing: &str, id: &str, low: f64, high: f64| {
        draws::Stream::of(varies.seed, Sample::A, thing, id).between(low, high, 2000)
    };
    let node = |id| draw("subindex-weights", id, 0.75, 1.25);
    let leaf = |id| draw("indicator-weights", id, 0.5, 1.5);
    let (s1, s2, q1, q2) = (node("S1"), node("S2"), leaf("Q-1"), leaf("Q-2"));
    let (open, kept) = (draw("unanswered", "KEN", 0.0, 1.0), draw("unbacked", "KEN", 0.5, 1.0));
    for at in 0..2000 {
        let one = (q1[at] * 10.0 * kept[at] + q2[at] * 10.0 * open[at]) / ((q1[at] + q2[at]) * 10.0);
        let all = (s1[at] * one + s2[at]) / (s1[at] + s2[at]);
        assert!(close(scratch.of_a[0][0][at], one, 1e-14), "replication {at}");
        assert!(close(scratch.of_a[0][2][at], all, 1e-14), "replication {at}");
    }
}

#[test]
fn the_first_random_numbers_are_known() {
    // Pinned: a change of library, platform or key would change every published percentile.
    let found = draws::Stream::of(2022, Sample::A, "unanswered", "KEN").between(0.0, 1.0, 3);
    let again = draws::Stream::of(2022, Sample::A, "unanswered", "KEN").between(0.0, 1.0, 2);
    assert_eq!(found[..2], again[..]);
    assert_eq!(found.iter().map(|one| one.to_bits()).collect::<Vec<_>>(), PINNED);
}

#[test]
fn a_number_is_the_one_at_its_position_however_many_are_drawn() {
    let stream = || draws::Stream::of(7, Sample::B, "unbacked", "KEN");
    let mut one_by_one = stream().0;
    let numbers: Vec<f64> = (0..1500).map(|_| draws::below_one(one_by_one.next_u64())).collect();
    for count in [0, 1, 31, 32, 33, 511, 512, 513, 1024, 1500] {
        assert_eq!(stream().between(0.0, 1.0, count), numbers[..count], "{count}");
    }
}

/// As an implementation of the cipher in another language gives them.
const PINNED: [u64; 3] = [4_601_488_772_049_111_010, 4_597_183_290_170_502_204, 4_597_639_294_457_141_736];

mod of_the_gtmi {
    use super::*;

    fn answers(framework: &Framework, codes: &[Option<usize>]) -> BTreeMap<Id, Answer> {
        let scored = framework.questions.iter().filter(|q| q.scoring.is_some() && q.is_asked());
        let answer = |question: &Question, position: usize| {
            let list = &framework.choices(question).unwrap().choices;
            let code = list[position.min(list.len() - 1)].code.clone();
            match question.kind {
                Kind::SelectMultiple(_) => Answer::Choices(vec![code]),
                _ => Answer::Choice(code),
            }
        };
        let pairs = scored.zip(codes.iter().cycle());
        pairs.filter_map(|(q, code)| Some((q.id.clone(), answer(q, (*code)?)))).collect()
    }

    #[test]
    fn an_economy_has_the_same_numbers_alone_and_among_others_on_any_thread() {
        let framework = gtmi();
        let population = Population::default();
        let given = BTreeSet::new();
        let backing = Backing::new(framework, &given);
        let economies: Vec<EconomyScores> = ["AAA", "BBB", "CCC", "DDD"]
            .iter()
            .zip([Some(0), None, Some(1), Some(2)])
            .map(|(code, first)| {
                let answers = answers(framework, &[first, Some(1), None]);
                // One has no value of an external index: it can earn fewer points than the others.
                let external = |_: &_| (*code != "CCC").then_some(0.4);
                score(framework, &population, &EconomyCode::new(code), None, &answers, &external)
            })
            .collect();
        let replications = Replications::new(framework, &population);
        let mut scratch = Scratch::default();
        let some: Vec<_> = economies.iter().map(|one| (one, &backing)).collect();
        let together: Vec<_> =
            some.chunks(3).flat_map(|some| replications.of_economies(some, &mut scratch)).collect();
        let apart: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = economies
                .iter()
                .rev()
                .map(|one| {
                    let (framework, population, backing) = (framework, &population, &backing);
                    scope.spawn(move || {
                        let replications = Replications::new(framework, population);
                        replications.of_economies(&[(one, backing)], &mut Scratch::default()).remove(0)
                    })
                })
                .collect();
            threads.into_iter().rev().map(|thread| thread.join().unwrap()).collect()
        });
        assert_eq!(together, apart);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn bounds_hold_and_probabilities_sum_to_one(
            codes in prop::collection::vec(prop::option::weighted(0.7, 0_usize..6), 200),
            filled in prop::collection::vec(0_usize..6, 200),
            tii in prop::option::of(0.0_f64..=1.0),
        ) {
            let framework = gtmi();
            let population = Population::default();
            let score_of = |answers: &BTreeMap<Id, Answer>| {
                score(framework, &population, &EconomyCode::new("KEN"), None, answers, &|_| tii)
            };
            let some = answers(framework, &codes);
            let scores = score_of(&some);
            let found = uncertainty(framework, &scores, &[]);
            // Whatever the open questions are answered with, the score stays within the bounds.
            let mut all = answers(framework, &filled.iter().map(|code| Some(*code)).collect::<Vec<_>>());
            all.extend(some);
            // One that does not apply is not open.
            for (_, indicator) in scores.indicators() {
                let skipped = indicator.terms.iter().filter(|term| term.status == TermStatus::DoesNotApply);
                skipped.for_each(|term| drop(all.remove(&term.question)));
            }
            let after = score_of(&all);
            let ids = std::iter::once((&after.id, after.score))
                .chain(after.subindexes.iter().map(|subindex| (&subindex.id, subindex.score)));
            for ((id, score), one) in ids.zip(&found) {
                prop_assert_eq!(id, &one.id);
                let bounds = one.bounds.unwrap();
                let score = score.unwrap();
                prop_assert!(bounds.lower - 1e-12 <= score && score <= bounds.upper + 1e-12);
                let distribution = one.distribution.as_ref().unwrap();
                let sum: f64 = distribution.groups.iter().map(|(_, share)| *share).sum();
                prop_assert!((sum - 1.0).abs() < 1e-12);
                prop_assert!(distribution.p05 <= distribution.p50 && distribution.p50 <= distribution.p95);
            }
        }
    }
}
