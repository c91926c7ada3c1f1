//! Hand-computed splits, one cause at a time and together; and properties over random pairs.

use std::collections::BTreeMap;

use maturity::answer::{Answer, Missing};
use maturity::change::{Cause, Parts};
use maturity::framework::FrameworkSources;
use maturity::submission::{Collected, Wave};
use proptest::prelude::*;

use super::pair::Computed;
use super::*;
use crate::compute::score;
use crate::normalize::Population;
use crate::testing::{POLICY, external_index, load, small_toml};

/// A small framework: Q-1 gives 6 x level (0..2), Q-2 gives 3 if any, Q-3 gives 12 x TII, all in one subindex;
/// `survey` rows come from `points`, the class of Q-2 from `class`.
fn framework(wave: u16, points: [u32; 3], range: &str, class: &str) -> Framework {
    let waves = r#"
[waves]
[[waves.class]]
id = "same"
title = { en = "Same" }
compares = [2030, 2034]
reason = { en = "Not asked." }
[[waves.class]]
id = "blocked"
title = { en = "Replaced" }
compares = [2030]
reason = { en = "Replaced." }
"#;
    let rest = format!("{}{waves}", external_index("TII", range));
    let framework = small_toml(wave, &[("S1", 1.0)], POLICY, &rest);
    let [one, two, three] = points;
    load(&FrameworkSources {
        framework,
        indicators: format!("id,label,comparability\nQ-1,a,same\nQ-2,b,{class}\nQ-3,c,same\n"),
        survey: format!(
            "type,name,label,indicator,subindex,scoring,points\n\
             select_one level,Q-1,a,Q-1,S1,level,{one}\n\
             select_one level,Q-2,b,Q-2,S1,any,{two}\n\
             external TII,Q-3,c,Q-3,S1,value,{three}\n"
        ),
        choices: "list_name,name,label,level\nlevel,0,No,0\nlevel,1,Draft,1\nlevel,2,Yes,2\n".to_owned(),
    })
}

const POINTS: [u32; 3] = [6, 3, 12];

fn scores(
    framework: &Framework,
    collected: Collected,
    answers: [Option<u8>; 2],
    tii: Option<f64>,
) -> EconomyScores {
    let answer = |given: Option<u8>| {
        given.map_or(Answer::Missing(Missing::Blank), |code| Answer::Choice(code.to_string()))
    };
    let answers: BTreeMap<Id, Answer> =
        ["Q-1", "Q-2"].into_iter().map(Id::from).zip(answers.map(answer)).collect();
    let none = Population::default();
    score(framework, &none, &EconomyCode::new("KEN"), Some(collected), &answers, &|_| tii)
}

/// The parts of the composite, and that they add up.
fn parts(found: &EconomyChange) -> Parts {
    let change = found.of(&Id::from("ALL")).unwrap();
    let parts = change.parts.unwrap();
    assert!((parts.sum() - change.difference().unwrap()).abs() <= 1e-12);
    parts
}

fn compare(from: Computed<'_>, to: Computed<'_>) -> EconomyChange {
    let state = |(framework, scores)| State::Computed { framework, scores };
    between(to.0, state(from), state(to))
}

fn assert_parts(found: Parts, expected: &[(Cause, f64)]) {
    for (cause, part) in found.iter() {
        let expected = expected.iter().find(|(known, _)| *known == cause).map_or(0.0, |(_, part)| *part);
        assert!((part - expected).abs() <= 1e-12, "{}: {part}, not {expected}", cause.as_str());
    }
}

#[test]
fn between_runs_of_a_wave_a_changed_answer_is_a_correction_and_a_changed_value_an_external_index() {
    // 27 points in all. Before: 6 + 0 + 12 x 0.5 = 12; after: 12 + 0 + 12 x 0.75 = 21.
    let framework = framework(2030, POINTS, "[0.0, 1.0]", "same");
    let before = scores(&framework, Collected::Survey, [Some(1), Some(0)], Some(0.5));
    let after = scores(&framework, Collected::Survey, [Some(2), Some(0)], Some(0.75));
    let found = compare((&framework, &before), (&framework, &after));
    assert_parts(parts(&found), &[(Cause::Correction, 6.0 / 27.0), (Cause::ExternalIndex, 3.0 / 27.0)]);
    let changed: Vec<_> =
        found.questions.iter().map(|change| (change.question.as_str(), change.cause)).collect();
    assert_eq!(changed, [("Q-1", Cause::Correction), ("Q-3", Cause::ExternalIndex)]);
    assert_eq!(found.questions[0].from_points, Some((6.0, 12.0)));
    assert_eq!(found.instrument_differs, Some(false));
}

#[test]
fn between_waves_a_changed_answer_is_real_unless_others_collected_it() {
    let (old, new) =
        (framework(2030, POINTS, "[0.0, 1.0]", "same"), framework(2034, POINTS, "[0.0, 1.0]", "same"));
    let before = scores(&old, Collected::Remote, [Some(0), Some(0)], Some(0.5));
    for (collected, cause) in [(Collected::Remote, Cause::Answers), (Collected::Survey, Cause::Source)] {
        let after = scores(&new, collected, [Some(1), Some(0)], Some(0.5));
        let found = compare((&old, &before), (&new, &after));
        assert_parts(parts(&found), &[(cause, 6.0 / 27.0)]);
        assert_eq!(found.source_changed(), Some(cause == Cause::Source));
    }
}

#[test]
fn new_points_are_a_change_of_the_instrument_and_share_with_the_answers() {
    // Q-2 from 3 to 9 points: 27 or 33 in all. Q-1 level 1 to 2 (6 to 12 points), Q-2 any, TII 0.5.
    // Scores: nothing 15/27, answers 21/27, instrument 21/33, both 27/33. By hand:
    //   answers    = ((21/27 - 15/27) + (27/33 - 21/33)) / 2
    //   instrument = ((21/33 - 15/27) + (27/33 - 21/27)) / 2
    let (old, new) =
        (framework(2030, POINTS, "[0.0, 1.0]", "same"), framework(2034, [6, 9, 12], "[0.0, 1.0]", "same"));
    let before = scores(&old, Collected::Survey, [Some(1), Some(1)], Some(0.5));
    let after = scores(&new, Collected::Survey, [Some(2), Some(1)], Some(0.5));
    let found = compare((&old, &before), (&new, &after));
    let answers = f64::midpoint(21.0 / 27.0 - 15.0 / 27.0, 27.0 / 33.0 - 21.0 / 33.0);
    let instrument = f64::midpoint(21.0 / 33.0 - 15.0 / 27.0, 27.0 / 33.0 - 21.0 / 27.0);
    assert_parts(parts(&found), &[(Cause::Answers, answers), (Cause::Instrument, instrument)]);
    assert_eq!(found.instrument_differs, Some(true));
    let points = found.questions.iter().find(|change| change.question == Id::from("Q-2")).unwrap();
    assert_eq!((points.cause, points.to_points), (Cause::Instrument, Some((9.0, 9.0))));
}

#[test]
fn a_blocked_construct_is_never_compared_and_counts_as_instrument_above() {
    let (old, new) =
        (framework(2030, POINTS, "[0.0, 1.0]", "same"), framework(2034, POINTS, "[0.0, 1.0]", "blocked"));
    let before = scores(&old, Collected::Survey, [Some(1), Some(0)], Some(0.5));
    let after = scores(&new, Collected::Survey, [Some(1), Some(2)], Some(0.5));
    let found = compare((&old, &before), (&new, &after));
    let blocked = found.of(&Id::from("Q-2")).unwrap();
    assert_eq!((blocked.from, blocked.to), (Some(0.0), Some(1.0)), "both values are shown");
    assert_eq!((blocked.difference(), blocked.parts), (None, Err(Unknown::NotComparable)));
    assert_parts(parts(&found), &[(Cause::Instrument, 3.0 / 27.0)]);
    assert_eq!(found.of(&Id::from("ALL")).unwrap().comparability.verdict, Verdict::Partly);
}

#[test]
fn an_external_index_on_another_scale_is_carried_over_and_not_taken_for_a_change() {
    let (old, new) =
        (framework(2030, POINTS, "[0.0, 100.0]", "same"), framework(2034, POINTS, "[0.0, 1.0]", "same"));
    let before = scores(&old, Collected::Survey, [Some(1), Some(1)], Some(50.0));
    let after = scores(&new, Collected::Survey, [Some(1), Some(1)], Some(0.75));
    assert_parts(parts(&compare((&old, &before), (&new, &after))), &[(Cause::ExternalIndex, 3.0 / 27.0)]);
}

#[test]
fn a_value_that_comes_or_goes_is_a_change_of_the_external_index_and_not_of_zero() {
    // Without TII the maximum is 15: 9 / 15 = 0.6; with it (9 + 6) / 27.
    let framework = framework(2030, POINTS, "[0.0, 1.0]", "same");
    let before = scores(&framework, Collected::Survey, [Some(1), Some(1)], None);
    let after = scores(&framework, Collected::Survey, [Some(1), Some(1)], Some(0.5));
    let found = compare((&framework, &before), (&framework, &after));
    assert_parts(parts(&found), &[(Cause::ExternalIndex, 15.0 / 27.0 - 0.6)]);
    let external = found.of(&Id::from("Q-3")).unwrap();
    assert_eq!((external.from, external.parts), (None, Err(Unknown::NoScore)));
}

#[test]
fn with_published_scores_only_the_total_is_known() {
    let framework = framework(2034, POINTS, "[0.0, 1.0]", "same");
    let after = scores(&framework, Collected::Survey, [Some(2), Some(1)], Some(0.5));
    let imported = ImportedScores {
        wave: Wave(2030),
        economy: EconomyCode::new("KEN"),
        group: Some("B".to_owned()),
        collected: Some(Collected::Remote),
        scores: vec![(Id::from("ALL"), 0.25), (Id::from("S1"), 0.25)],
    };
    let after = State::Computed { framework: &framework, scores: &after };
    let found = between(&framework, State::Imported(&imported), after);
    assert_eq!(found.changes.len(), 2, "no indicators");
    for change in &found.changes {
        assert_eq!(change.parts, Err(Unknown::ScoresOnly), "unknown, not 0");
        assert!((change.difference().unwrap() - (21.0 / 27.0 - 0.25)).abs() <= 1e-12);
    }
    assert_eq!(found.source_changed(), Some(true), "who collected is known all the same");
    assert_eq!(found.instrument_differs, None);
}

#[test]
fn scores_that_cannot_be_reproduced_are_not_split() {
    let framework = framework(2030, POINTS, "[0.0, 1.0]", "same");
    let mut before = scores(&framework, Collected::Survey, [Some(1), Some(1)], Some(0.5));
    let after = scores(&framework, Collected::Survey, [Some(2), Some(1)], Some(0.5));
    before.score = Some(0.123);
    let found = compare((&framework, &before), (&framework, &after));
    assert_eq!(found.of(&Id::from("ALL")).unwrap().parts, Err(Unknown::NotReproduced));
    assert!(found.of(&Id::from("S1")).unwrap().parts.is_ok());
}

prop_compose! {
    /// A wave, points, the class of Q-2, who collected, the answers and the value of the external index.
    fn side(wave: u16)(
        points in [1..9_u32, 1..9_u32, 1..20_u32],
        percent in any::<bool>(),
        survey in any::<bool>(),
        answers in [prop::option::of(0..3_u8), prop::option::of(0..3_u8)],
        tii in prop::option::of(0.0..1.0_f64),
        blocked in any::<bool>(),
    ) -> (Framework, EconomyScores) {
        let (range, factor) = if percent { ("[0.0, 100.0]", 100.0) } else { ("[0.0, 1.0]", 1.0) };
        let framework = framework(wave, points, range, if blocked { "blocked" } else { "same" });
        let collected = if survey { Collected::Survey } else { Collected::Remote };
        let scores = scores(&framework, collected, answers, tii.map(|value| value * factor));
        (framework, scores)
    }
}

proptest! {
    #[test]
    fn parts_add_up_and_turn_their_sign_with_time(
        (from, before) in side(2030),
        (to, after) in side(2034),
    ) {
        let state = |framework, scores| State::Computed { framework, scores };
        let there = between(&to, state(&from, &before), state(&to, &after));
        let back = between(&to, state(&to, &after), state(&from, &before));
        for (one, other) in there.changes.iter().zip(&back.changes) {
            prop_assert_eq!(one.difference().map(|d| -d), other.difference());
            let (Ok(parts), Ok(turned)) = (one.parts, other.parts) else {
                prop_assert_eq!(one.parts.err(), other.parts.err());
                continue;
            };
            prop_assert!((parts.sum() - one.difference().unwrap()).abs() <= 1e-12);
            for (cause, part) in parts.iter() {
                prop_assert!((part + turned.of(cause)).abs() <= 1e-12, "{}", cause.as_str());
            }
        }
        // The composite of the one subindex is never left unsplit.
        prop_assert!(there.of(&Id::from("ALL")).unwrap().parts.is_ok());
    }

    #[test]
    fn nothing_changes_between_a_state_and_itself((framework, scores) in side(2030)) {
        let state = State::Computed { framework: &framework, scores: &scores };
        let found = between(&framework, state, state);
        prop_assert!(found.questions.is_empty());
        for change in &found.changes {
            if let Ok(parts) = change.parts {
                prop_assert_eq!(parts, Parts::default());
            }
        }
    }
}
