//! Effective weights by hand, and that they add up for every economy of the wave of 2022.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkSources};
use maturity::id::Id;
use maturity::score::EconomyScores;

use super::*;
use crate::Population;
use crate::testing::{choice, gtmi, real_wave, two_subindexes};

#[test]
fn weights_by_hand_after_a_term_has_left() {
    let framework = two_subindexes();
    let answers = BTreeMap::from([(Id::from("Q-1"), choice("1"))]);
    let scores = |external| {
        crate::score(&framework, &Population::default(), &EconomyCode::new("KEN"), None, &answers, &|_| {
            external
        })
    };
    let weight = |scores: &EconomyScores, level: &str, id: &str| {
        let all = effective_weights(&framework, scores).unwrap();
        all.into_iter().find(|weight| weight.level == level && weight.id.as_str() == id).unwrap().weight
    };
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found} {expected}");
    // S1 has weight 3 of 4 and 12 + 3 + 12 points, or 12 + 3 without its external index.
    close(weight(&scores(Some(50.0)), "question", "Q-1"), 0.75 * 12.0 / 27.0);
    close(weight(&scores(None), "question", "Q-1"), 0.75 * 12.0 / 15.0);
    close(weight(&scores(None), "question", "Q-2"), 0.0);
    close(weight(&scores(None), "indicator", "Q-1"), 0.75);
    close(weight(&scores(None), "subindex", "S2"), 0.25);
}

#[test]
fn the_weights_of_every_economy_add_up_to_one_at_every_level() {
    let framework = gtmi();
    for (_, scores) in real_wave() {
        let all = effective_weights(framework, &scores).unwrap();
        for level in ["subindex", "indicator", "question"] {
            let sum: f64 =
                all.iter().filter(|weight| weight.level == level).map(|weight| weight.weight).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{} {level} {sum}", scores.economy);
        }
    }
}

#[test]
fn an_economy_without_a_score_has_no_weights() {
    let framework = two_subindexes();
    let mut scores = crate::score(
        &framework,
        &Population::default(),
        &EconomyCode::new("KEN"),
        None,
        &BTreeMap::<Id, Answer>::new(),
        &|_| None,
    );
    scores.score = None;
    assert_eq!(effective_weights(&framework, &scores), None);
}

/// The bundled framework of that name whose indicators are numbers, each with the value 1.
fn of_numbers(sources: &FrameworkSources) -> (Framework, EconomyScores) {
    let framework = Framework::load(sources).unwrap_or_else(|problems| panic!("{problems}"));
    let economy = EconomyCode::new("KEN");
    let answers: BTreeMap<Id, Answer> =
        framework.asked_questions().map(|question| (question.id.clone(), Answer::Number(1.0))).collect();
    // Two economies, so that what is normalised over the wave can be.
    let more = answers.keys().map(|id| (id.clone(), Answer::Number(2.0))).collect();
    let other = EconomyCode::new("UGA");
    let given = [
        crate::Given { economy: &economy, answers: &answers },
        crate::Given { economy: &other, answers: &more },
    ];
    let population = Population::gather(&framework, &given, &|_, _| Some(0.5));
    let scores = crate::score(&framework, &population, &economy, None, &answers, &|_| Some(0.5));
    (framework, scores)
}

#[test]
fn the_weights_of_a_tree_of_means_are_the_products_of_the_weights_on_the_way_up() {
    let (framework, scores) = of_numbers(&FrameworkSources {
        framework: include_str!("../../../frameworks/un-egdi-2022/framework.toml").to_owned(),
        indicators: include_str!("../../../frameworks/un-egdi-2022/indicators.csv").to_owned(),
        survey: include_str!("../../../frameworks/un-egdi-2022/survey.csv").to_owned(),
        choices: include_str!("../../../frameworks/un-egdi-2022/choices.csv").to_owned(),
    });
    let all = effective_weights(&framework, &scores).unwrap();
    assert_eq!(all.len(), 9, "three subindexes, each of one indicator of one question");
    assert!(all.iter().all(|weight| (weight.weight - 1.0 / 3.0).abs() < 1e-15), "{all:?}");

    let (framework, scores) = of_numbers(&FrameworkSources {
        framework: include_str!("../../../frameworks/asem-2018/framework.toml").to_owned(),
        indicators: include_str!("../../../frameworks/asem-2018/indicators.csv").to_owned(),
        survey: include_str!("../../../frameworks/asem-2018/survey.csv").to_owned(),
        choices: include_str!("../../../frameworks/asem-2018/choices.csv").to_owned(),
    });
    let all = effective_weights(&framework, &scores).unwrap();
    for level in ["indicator", "question"] {
        let sum: f64 = all.iter().filter(|weight| weight.level == level).map(|weight| weight.weight).sum();
        assert!((sum - 1.0).abs() < 1e-12, "{level} {sum}");
    }
    let top: f64 = framework
        .parts_of(None)
        .filter_map(|part| all.iter().find(|weight| weight.level == "subindex" && weight.id == part.id))
        .map(|weight| weight.weight)
        .sum();
    assert!((top - 1.0).abs() < 1e-12);
}
