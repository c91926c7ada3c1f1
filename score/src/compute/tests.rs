//! The formulas by hand, as properties, and against everything that was published.

#![expect(clippy::float_cmp, reason = "small sums of halves and wholes are exact")]

use std::collections::BTreeMap;
use std::fmt::Write;

use maturity::framework::FrameworkSources;
use proptest::prelude::*;

use super::*;
use crate::testing::{POLICY, choice, external_index, gtmi, load, small_toml};

/// A framework whose scores can be computed on paper: 6 x level, 3 if any, 12 x external.
fn small() -> Framework {
    small_with(POLICY)
}

fn small_with(policy: &str) -> Framework {
    let toml = small_toml(2030, &[("S1", 3.0), ("S2", 1.0)], policy, &external_index("TII", "[0.0, 100.0]"));
    load(&FrameworkSources {
        framework: toml,
        indicators: "id,label\nQ-1,a\nQ-2,b\nQ-3,c\n".to_owned(),
        survey: "type,name,label,indicator,subindex,scoring,points\n\
                 select_one level,Q-1,a,Q-1,S1,level,6\n\
                 select_multiple kinds,Q-1.1,b,Q-1,S1,any,3\n\
                 external TII,Q-2,c,Q-2,S1,value,12\n\
                 select_one level,Q-3,d,Q-3,S2,any,5\n"
            .to_owned(),
        choices: "list_name,name,label,level\nlevel,0,no,0\nlevel,1,some,1\nlevel,2,yes,2\n\
                  kinds,a,none of these,0\nkinds,b,one,1\nkinds,c,two,1\n"
            .to_owned(),
    })
}

fn run(framework: &Framework, answers: &[(&str, Answer)], tii: Option<f64>) -> EconomyScores {
    let answers = answers.iter().map(|(id, answer)| (Id::from(*id), answer.clone())).collect();
    score(framework, &Population::default(), &EconomyCode::new("KEN"), None, &answers, &|_| tii)
}

fn close(left: Option<f64>, right: f64) -> bool {
    left.is_some_and(|left| (left - right).abs() < 1e-15)
}

#[test]
fn the_formulas_by_hand() {
    let framework = small();
    let kinds = Answer::Choices(vec!["a".to_owned(), "c".to_owned()]);
    let scores = run(&framework, &[("Q-1", choice("1")), ("Q-1.1", kinds), ("Q-3", choice("0"))], Some(40.0));
    // 6 x 1 + 3 + 12 x 0.4 = 13.8 of 12 + 3 + 12 = 27
    let one = scores.subindex("S1").unwrap();
    assert!((one.points - 13.8).abs() < 1e-12 && one.max_points == 27.0);
    assert!(close(one.score, 13.8 / 27.0));
    assert!(close(scores.subindex("S2").unwrap().score, 0.0));
    // Weights 3 and 1.
    assert!(close(scores.score, 3.0 * (13.8 / 27.0) / 4.0));
    assert_eq!(scores.group.as_deref(), Some("B"));
    assert_eq!(one.group.as_deref(), Some("A"));
    assert_eq!(scores.coverage, Coverage { answered: 4, asked: 4 });
}

#[test]
fn a_missing_external_index_leaves_points_and_maximum() {
    let framework = small();
    let with_none = run(&framework, &[("Q-1", choice("2")), ("Q-3", choice("1"))], None);
    let one = with_none.subindex("S1").unwrap();
    assert_eq!((one.points, one.max_points), (12.0, 15.0));
    let with_zero = run(&framework, &[("Q-1", choice("2")), ("Q-3", choice("1"))], Some(0.0));
    assert_eq!(with_zero.subindex("S1").unwrap().max_points, 27.0);
    assert_eq!(one.coverage, Coverage { answered: 1, asked: 2 }, "nobody is asked for it");
    let left_out = &one.indicators[1].terms[0];
    assert_eq!((left_out.status, left_out.max_points), (TermStatus::LeftOut, 0.0));
    assert_eq!(one.indicators[1].score, None, "no maximum, no score");
}

#[test]
fn the_policies_decide_what_a_missing_value_does() {
    let answers = [("Q-1", choice("2")), ("Q-3", choice("1"))];
    let no_points = run(&small(), &answers, Some(100.0));
    assert!(close(no_points.subindex("S1").unwrap().score, 24.0 / 27.0));
    let framework = small_with("answer = \"leave-out\"\nexternal_index = \"leave-out\"");
    let left_out = run(&framework, &answers, Some(100.0));
    assert!(close(left_out.subindex("S1").unwrap().score, 1.0));
    let framework = small_with("answer = \"no-points\"\nexternal_index = \"withhold\"");
    let withheld = run(&framework, &answers, None);
    assert_eq!(withheld.subindex("S1").unwrap().score, None);
    assert_eq!((withheld.score, withheld.group), (None, None));
    assert!(run(&framework, &answers, Some(0.0)).score.is_some(), "0 is a value");
}

#[test]
fn unanswered_questions_bound_the_score() {
    use crate::bounds::{Backing, of_economy};
    // Open: with 3 of 15 points in S1 (weight 3); Q-3 with all of S2 (weight 1).
    let given = std::collections::BTreeSet::new();
    for policy in ["no-points", "leave-out"] {
        // Where unanswered questions leave the maximum, the bounds put them back; S2 has no score then.
        let framework = small_with(&format!("answer = \"{policy}\"\nexternal_index = \"leave-out\""));
        let scores = run(&framework, &[("Q-1", choice("1"))], None);
        let backing = Backing::new(&framework, &given);
        let bounds = of_economy(&framework, &Population::default(), &scores, &backing);
        let one = bounds[&Id::from("S1")];
        assert_eq!((one.lower, one.upper), (6.0 / 15.0, 9.0 / 15.0));
        if policy == "no-points" {
            let all = bounds[&Id::from("ALL")];
            assert!((all.lower - 0.3).abs() < 1e-15 && (all.upper - (1.8 + 1.0) / 4.0).abs() < 1e-15);
        } else {
            assert_eq!(bounds.len(), 1, "without a score there are no bounds");
        }
    }
}

#[test]
fn a_part_whose_answers_are_open_may_come_to_the_mean_or_not() {
    // S1 needs all answers, and is open: it would lie between 6 and 9 of 15.
    let mut framework = small_with("answer = \"no-points\"\nexternal_index = \"leave-out\"");
    framework.composite.missing_part = maturity::framework::PartPolicy::Rescale;
    framework.subindexes[0].min_coverage = 1.0;
    let of = |last: &str| {
        let answers = [("Q-1", choice("1")), ("Q-3", choice(last))];
        assert_eq!(run(&framework, &answers, None).subindex("S1").unwrap().score, None);
        let (lower, upper, ..) = open(&framework, &answers);
        (lower, upper)
    };
    assert_eq!(of("1"), (0.55, 1.0), "as it is, or (3 x 6/15 + 1) / 4");
    assert_eq!(of("0"), (0.0, 0.45), "as it is, or (3 x 9/15 + 0) / 4");
}

/// The bounds of the whole of a framework of two subindexes, and how many questions were answered of how many.
fn open(framework: &Framework, answers: &[(&str, Answer)]) -> (f64, f64, u32, u32) {
    use crate::bounds::{Backing, of_economy};
    let given = std::collections::BTreeSet::new();
    let scores = run(framework, answers, None);
    let bounds = of_economy(framework, &Population::default(), &scores, &Backing::new(framework, &given));
    let all = bounds[&Id::from("ALL")];
    let rounded = |value: f64| (value * 1e9).round() / 1e9;
    (rounded(all.lower), rounded(all.upper), scores.coverage.answered, scores.coverage.asked)
}

#[test]
fn a_question_that_does_not_apply_is_neither_open_nor_missing() {
    let survey = "type,name,label,indicator,subindex,relevant,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,,any,5\n\
                  select_one level,Q-1.1,b,Q-1,S1,${Q-1} > 0,any,3\n\
                  select_one level,Q-1.2,c,Q-1,S1,${Q-1.1} = '2' and ${Q-3} > 0,any,2\n\
                  select_one level,Q-3,d,Q-3,S2,,any,5\n";
    let framework = crate::testing::framework(survey, "arithmetic-mean", "A:0.5 B:0.0");
    let no = || choice("0");
    assert_eq!(open(&framework, &[]), (0.0, 1.0, 0, 4), "not known: everything may apply");
    // does not apply, so neither does what hangs on it.
    assert_eq!(open(&framework, &[("Q-1", no())]), (0.0, 0.25, 1, 2));
    // One part of a condition is enough if it does not hold, whatever the other becomes.
    assert_eq!(open(&framework, &[("Q-3", no())]), (0.0, 0.6, 1, 3));
    assert_eq!(open(&framework, &[("Q-1", choice("1"))]), (0.375, 1.0, 1, 4));
    let scores = run(&framework, &[("Q-1", no())], None);
    let terms = &scores.subindexes[0].indicators[0].terms;
    assert_eq!(terms[1].status, TermStatus::DoesNotApply);
    assert_eq!((terms[1].points, terms[1].max_points), (0.0, 3.0), "the published method keeps the maximum");
    // Answered all the same, it counts, as in the published wave.
    assert_eq!(open(&framework, &[("Q-1", no()), ("Q-1.1", choice("1"))]), (0.225, 0.475, 2, 3));
}

#[test]
fn conditions_that_meet_again_and_again_are_decided_once_each() {
    // Along all ways, the last of these would be reached more often than can be counted.
    let mut survey = "type,name,label,indicator,subindex,relevant,scoring,points\n\
                      select_one level,Q-1,a,Q-1,S1,,any,5\n\
                      select_one level,Q-1.1,b,Q-1,S1,${Q-1} > 0,any,1\n"
        .to_owned();
    for at in 2..100 {
        let both =
            [at - 1, at - 2].map(|other| if other == 0 { "Q-1".to_owned() } else { format!("Q-1.{other}") });
        let relevant = format!("${{{}}} > 0 and ${{{}}} > 0", both[0], both[1]);
        let _ = writeln!(survey, "select_one level,Q-1.{at},c,Q-1,S1,{relevant},any,1");
    }
    survey += "select_one level,Q-3,d,Q-3,S2,,any,5\n";
    let framework = crate::testing::framework(&survey, "arithmetic-mean", "A:0.5 B:0.0");
    let (.., answered, asked) = open(&framework, &[("Q-1", choice("0"))]);
    assert_eq!((answered, asked), (1, 2));
    let (.., asked) = open(&framework, &[("Q-1", choice("1"))]);
    assert_eq!(asked, 101);
}

#[test]
fn the_least_coverage_asks_for_what_applies() {
    let survey = "type,name,label,indicator,subindex,relevant,scoring,points\n\
                  select_one level,Q-1,a,Q-1,S1,,any,5\n\
                  select_one level,Q-1.1,b,Q-1,S1,${Q-1} > 0,any,3\n\
                  select_one level,Q-3,d,Q-3,S2,,any,5\n";
    let mut framework = crate::testing::framework(survey, "arithmetic-mean", "A:0.5 B:0.0");
    for subindex in &mut framework.subindexes {
        subindex.min_coverage = 0.9;
    }
    let answered = |code: &str| run(&framework, &[("Q-1", choice(code)), ("Q-3", choice("0"))], None).score;
    assert_eq!((answered("0"), answered("1")), (Some(0.0), None));
}

#[test]
fn thresholds_belong_to_the_higher_group() {
    let framework = gtmi();
    for (score, expected) in [
        (1.0, "A"),
        (0.75, "A"),
        (0.749_999_999_999, "B"),
        (0.5, "B"),
        (0.25, "C"),
        (0.2499, "D"),
        (0.0, "D"),
    ] {
        assert_eq!(group(framework, score).as_deref(), Some(expected), "{score}");
    }
}

/// The bundled answers of 2022: by economy, who collected them and the answers by question.
type Wave = BTreeMap<String, (Option<Collected>, BTreeMap<Id, Answer>)>;

fn answers_2022(framework: &Framework) -> Wave {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/answers-2022.csv").as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut all = Wave::new();
    for record in reader.records() {
        let record = record.unwrap();
        let mut answers = BTreeMap::new();
        for (heading, text) in headings.iter().zip(&record) {
            let id = Id::from(heading);
            let Some(question) = framework.question(&id) else { continue };
            let answer = match &question.kind {
                _ if framework.is_missing_mark(text) => Answer::Missing(Missing::NotApplicable),
                Kind::SelectOne(_) => Answer::Choice(text.to_owned()),
                Kind::SelectMultiple(_) => {
                    Answer::Choices(text.split(',').map(|c| c.trim().to_owned()).collect())
                }
                _ => continue,
            };
            answers.insert(id, answer);
        }
        all.insert(record[0].to_owned(), (Collected::parse(&record[1]), answers));
    }
    all
}

fn external_2022() -> BTreeMap<(String, String), f64> {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/external-indices.csv").as_bytes());
    let rows = reader.records().map(|record| record.unwrap());
    rows.map(|row| ((row[0].to_owned(), row[2].to_owned()), row[3].parse().unwrap())).collect()
}

/// Rows of the published scores: wave, economy, group, and the five scores in the order of the columns.
fn published() -> Vec<(String, String, String, [f64; 5])> {
    let mut reader = csv::Reader::from_reader(include_str!("../../../data/published-scores.csv").as_bytes());
    let rows = reader.records().map(|record| record.unwrap());
    rows.map(|row| {
        let score = |at: usize| row[at].parse::<f64>().unwrap();
        (
            row[0].to_owned(),
            row[1].to_owned(),
            row[2].to_owned(),
            [score(3), score(4), score(5), score(6), score(7)],
        )
    })
    .collect()
}

#[test]
fn published_2022_is_reproduced_for_all_198_economies() {
    let framework = gtmi();
    let external = external_2022();
    let answers = answers_2022(framework);
    assert_eq!(answers.len(), 198);
    let mut compared = 0;
    for (wave, economy, published_group, expected) in published() {
        if wave != "2022" {
            continue;
        }
        let (collected, answers) = &answers[&economy];
        let value = |index: &str| external.get(&(index.to_owned(), economy.clone())).copied();
        let scores = score(
            framework,
            &Population::default(),
            &EconomyCode::new(&economy),
            *collected,
            answers,
            &value,
        );
        let found = [
            (scores.score, &scores.group),
            (scores.subindexes[0].score, &scores.subindexes[0].group),
            (scores.subindexes[1].score, &scores.subindexes[1].group),
            (scores.subindexes[2].score, &scores.subindexes[2].group),
            (scores.subindexes[3].score, &scores.subindexes[3].group),
        ];
        for (position, ((found, found_group), expected)) in found.iter().zip(expected).enumerate() {
            let found = found.unwrap();
            assert!((found - expected).abs() <= 1e-12, "{economy} {position}: {found} is not {expected}");
            assert_eq!(**found_group, group(framework, expected), "{economy} {position}");
        }
        assert_eq!(scores.group, Some(published_group), "{economy}");
        compared += 1;
    }
    assert_eq!(compared, 198);
}

#[test]
fn the_composite_of_all_three_waves_is_the_mean_of_its_subindexes() {
    let framework = gtmi();
    let rows = published();
    assert_eq!(rows.len(), 593);
    for (wave, economy, published_group, [composite_score, subindexes @ ..]) in rows {
        let subindexes: Vec<SubindexScore> = framework
            .subindexes
            .iter()
            .zip(subindexes)
            .map(|(subindex, score)| SubindexScore {
                id: subindex.id.clone(),
                indicators: Vec::new(),
                points: 0.0,
                max_points: 0.0,
                score: Some(score),
                withheld: None,
                group: None,
                coverage: Coverage::default(),
            })
            .collect();
        let found = composite(framework, &subindexes).unwrap();
        assert!((found - composite_score).abs() <= 1e-12, "{wave} {economy}");
        assert_eq!(group(framework, found), Some(published_group), "{wave} {economy}");
    }
}

#[test]
fn the_sum_of_terms_is_the_score_and_input_order_does_not_matter() {
    let framework = gtmi();
    let (collected, answers) = &answers_2022(framework)["KEN"];
    let scores =
        score(framework, &Population::default(), &EconomyCode::new("KEN"), *collected, answers, &|_| {
            Some(0.5)
        });
    for subindex in &scores.subindexes {
        let terms = subindex.indicators.iter().flat_map(|indicator| &indicator.terms);
        let (points, max_points) =
            terms.fold((0.0, 0.0), |(points, max), term| (points + term.points, max + term.max_points));
        assert_eq!(subindex.score, Some(points / max_points));
    }
    let mut reversed: Vec<_> = answers.iter().collect();
    reversed.sort_by(|a, b| b.0.cmp(a.0));
    let reversed = reversed.into_iter().map(|(id, answer)| (id.clone(), answer.clone())).collect();
    assert_eq!(
        score(framework, &Population::default(), &EconomyCode::new("KEN"), *collected, &reversed, &|_| Some(
            0.5
        )),
        scores
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Raising one answer never lowers a score, and scores stay within 0 and 1.
    #[test]
    fn scores_are_monotone_and_bounded(codes in prop::collection::vec(0_usize..8, 200), raised in 0_usize..200, tii in prop::option::of(0.0_f64..=1.0)) {
        let framework = gtmi();
        let scored: Vec<_> = framework.questions.iter().filter(|q| q.scoring.is_some() && q.is_asked()).collect();
        let answer = |question: &Question, position: usize| {
            let list = framework.choices(question).unwrap();
            let code = list.choices[position.min(list.choices.len() - 1)].code.clone();
            match question.kind {
                Kind::SelectMultiple(_) => Answer::Choices(vec![code]),
                _ => Answer::Choice(code),
            }
        };
        let mut answers: BTreeMap<Id, Answer> =
            scored.iter().zip(&codes).map(|(q, code)| (q.id.clone(), answer(q, *code))).collect();
        let before = score(framework, &Population::default(), &EconomyCode::new("KEN"), None, &answers, &|_| tii);
        let question = scored[raised % scored.len()];
        answers.insert(question.id.clone(), answer(question, codes[raised % scored.len()] + 1));
        let after = score(framework, &Population::default(), &EconomyCode::new("KEN"), None, &answers, &|_| tii);
        prop_assert!(after.score >= before.score);
        for scores in [&before, &after] {
            for subindex in &scores.subindexes {
                prop_assert!((0.0..=1.0).contains(&subindex.score.unwrap()));
            }
        }
    }
}

#[test]
fn the_table_of_published_indicators_is_what_the_published_answers_give() {
    let mut reader =
        csv::Reader::from_reader(include_str!("../../../data/published-indicators.csv").as_bytes());
    let headings = reader.headers().unwrap().clone();
    let kept: BTreeMap<String, BTreeMap<String, String>> = reader
        .records()
        .map(|row| {
            let row = row.unwrap();
            let cells = headings.iter().map(str::to_owned).zip(row.iter().map(str::to_owned));
            (row[1].to_owned(), cells.collect())
        })
        .collect();
    let wave = crate::testing::real_wave();
    assert_eq!((wave.len(), kept.len()), (198, 198));
    let mut compared = 0;
    for (_, scores) in wave {
        let row = &kept[scores.economy.as_str()];
        for (_, indicator) in scores.indicators() {
            let expected = row.get(indicator.id.as_str()).and_then(|text| text.parse::<f64>().ok());
            match (expected, indicator.score) {
                (Some(expected), Some(found)) => {
                    assert!((expected - found).abs() < 1e-12, "{} {}", scores.economy, indicator.id);
                    compared += 1;
                }
                (expected, found) => assert_eq!(expected, found, "{} {}", scores.economy, indicator.id),
            }
        }
    }
    assert!(compared > 9000, "{compared} scores were compared");
}
