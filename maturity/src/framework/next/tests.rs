//! The next wave of the bundled framework, and what cannot be started.

use super::*;
use crate::framework::Verdict::{No, Partly, Yes};
use crate::framework::{Date, against_earlier};
use crate::id::Id;

fn bundled() -> (Framework, FrameworkSources) {
    let [framework, indicators, survey, choices] = [
        include_str!("../../../../frameworks/gtmi-2022/framework.toml"),
        include_str!("../../../../frameworks/gtmi-2022/indicators.csv"),
        include_str!("../../../../frameworks/gtmi-2022/survey.csv"),
        include_str!("../../../../frameworks/gtmi-2022/choices.csv"),
    ]
    .map(str::to_owned);
    let sources = FrameworkSources { framework, indicators, survey, choices };
    (Framework::load(&sources).unwrap(), sources)
}

fn started() -> (Framework, FrameworkSources) {
    let (framework, sources) = bundled();
    let next = next_wave(&framework, &sources, "gtmi-2028", Wave(2028)).unwrap();
    (Framework::load(&next).unwrap(), next)
}

#[test]
fn the_next_wave_has_its_own_names_and_the_same_questions() {
    let ((old, sources), (new, next)) = (bundled(), started());
    assert_eq!((new.id.as_str(), new.version.as_str(), new.wave), ("gtmi-2028", "2028.1", Wave(2028)));
    assert_eq!(new.as_of, Date { year: 2028, month: 11, day: 30 });
    assert_eq!(new.title.default_text(), "GovTech Maturity Index 2028");
    assert_eq!(new.waves.earlier.as_deref(), Some("gtmi-2022"));
    assert_eq!((&next.indicators, &next.choices), (&sources.indicators, &sources.choices));
    let ids = |framework: &Framework| -> Vec<Id> {
        framework.questions.iter().map(|question| question.id.clone()).collect()
    };
    assert_eq!(ids(&old), ids(&new));
    let found = against_earlier(&new, &old);
    assert_eq!((found.problems, found.advice), (vec![], vec![]));
}

#[test]
fn years_move_only_where_the_data_say_so() {
    let ((old, sources), (new, next)) = (bundled(), started());
    let lines = |text: &str| -> Vec<String> { text.lines().map(str::to_owned).collect() };
    let (before, after) = (lines(&sources.survey), lines(&next.survey));
    assert_eq!(before.len(), after.len());
    let changed: Vec<_> = before.iter().zip(&after).filter(|(before, after)| before != after).collect();
    let constrained = old.questions.iter().filter(|question| question.constraint.is_some());
    assert!(!changed.is_empty() && changed.len() <= constrained.count());
    for (before, after) in changed {
        assert_eq!(before.replace("2030", "2036"), **after, "only the moving year moves");
    }
    let question = new.question(&Id::from("I-2.3")).unwrap();
    let constraint = question.constraint.as_ref().unwrap();
    assert_eq!(constraint.expression.to_string(), ". >= 1600 and . <= 2036");
    assert!(constraint.message.all().all(|message| message.contains("2036")));
    assert_eq!(new.waves.moving_years, [2036]);
}

#[test]
fn lines_end_as_they_did() {
    let (_, mut sources) = bundled();
    sources.survey = sources.survey.replace('\n', "\r\n");
    let framework = Framework::load(&sources).unwrap();
    let next = next_wave(&framework, &sources, "gtmi-2028", Wave(2028)).unwrap();
    assert_eq!(next.survey, started().1.survey.replace('\n', "\r\n"));
}

#[test]
fn comparability_is_carried_over() {
    let (new, _) = started();
    let verdict =
        |id: &str, from: u16, to: u16| new.comparability(&Id::from(id), Wave(from), Wave(to)).verdict;
    assert_eq!([verdict("I-1", 2022, 2028), verdict("I-1", 2020, 2028)], [Yes, Yes]);
    assert_eq!([verdict("I-19", 2022, 2028), verdict("I-19", 2020, 2028)], [Yes, No]);
    // The construct of 2022 is asked again, under the number that 2025 gave to another one.
    assert_eq!([verdict("I-40", 2022, 2028), verdict("I-40", 2025, 2028)], [Yes, No]);
    assert_eq!([verdict("I-16", 2022, 2028), verdict("I-26", 2025, 2028)], [Partly, No]);
}

/// The classes name 2025 and say what compares with it: constructs that were replaced do not.
#[test]
fn classes_that_name_the_new_wave_already_stay_as_they_are() {
    let (framework, sources) = bundled();
    let next = next_wave(&framework, &sources, "gtmi-2025", Wave(2025)).unwrap();
    let new = Framework::load(&next).unwrap();
    let compares = |framework: &Framework| -> Vec<Vec<Wave>> {
        framework.waves.classes.iter().map(|class| class.compares.clone()).collect()
    };
    assert_eq!(compares(&new), compares(&framework));
    let verdict = |id: &str| new.comparability(&Id::from(id), Wave(2022), Wave(2025)).verdict;
    assert_eq!([verdict("I-1"), verdict("I-40")], [Yes, No]);
}

#[test]
fn a_wave_can_be_started_from_a_started_one() {
    let (new, next) = started();
    let later = next_wave(&new, &next, "gtmi-2031", Wave(2031)).unwrap();
    let later = Framework::load(&later).unwrap();
    assert_eq!(later.waves.earlier.as_deref(), Some("gtmi-2028"));
    assert_eq!(later.waves.class("3-year").unwrap().compares.last(), Some(&Wave(2031)));
    assert_eq!(later.waves.moving_years, [2039]);
}

#[test]
fn what_cannot_be_started_is_said() {
    let (framework, sources) = bundled();
    let start = |framework: &Framework, sources: &FrameworkSources, wave: u16| {
        next_wave(framework, sources, "next", Wave(wave)).unwrap_err().to_string()
    };
    let earlier = start(&framework, &sources, 2022);
    assert_eq!(earlier, "the new wave 2022 is not later than 2022, the wave of the framework to start from");
    let spread =
        sources.framework.replace("compares = [2020, 2022]\n", "compares = [\n  2020,\n  2022,\n]\n");
    let spread = FrameworkSources { framework: spread, ..sources };
    let loaded = Framework::load(&spread).unwrap();
    let found = start(&loaded, &spread, 2028);
    assert!(found.starts_with("failed to set compares in framework.toml (write it on a line"), "{found}");
}

#[test]
fn only_whole_numbers_are_taken_for_years() {
    assert_eq!(
        moved(". <= 2030 and 12030 or 20301.2030", &[(2030, 2036)]),
        ". <= 2036 and 12030 or 20301.2036"
    );
    assert_eq!(moved("2030", &[(2030, 2036)]), "2036");
    assert_eq!(
        with_wave("compares = [2020, 2022] # x\n", "2022", "2028"),
        "compares = [2020, 2022, 2028] # x\n"
    );
    assert_eq!(with_wave("compares = [2025]\n", "2022", "2028"), "compares = [2025]\n");
}
