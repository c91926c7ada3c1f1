//! One fault each, in small changes to the bundled framework.

use super::*;
use crate::framework::FrameworkProblems;

fn bundled() -> FrameworkSources {
    let [framework, indicators, survey, choices] = [
        include_str!("../../../../frameworks/gtmi-2022/framework.toml"),
        include_str!("../../../../frameworks/gtmi-2022/indicators.csv"),
        include_str!("../../../../frameworks/gtmi-2022/survey.csv"),
        include_str!("../../../../frameworks/gtmi-2022/choices.csv"),
    ]
    .map(str::to_owned);
    FrameworkSources { framework, indicators, survey, choices }
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from:?} is not in the sources");
    text.replacen(from, to, 1)
}

fn lines(found: &[FrameworkProblem]) -> String {
    found.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// Problems and advice after a change of the sources.
fn look(change: impl FnOnce(&mut FrameworkSources)) -> (String, String) {
    let mut sources = bundled();
    change(&mut sources);
    let framework = Framework::load(&sources).unwrap();
    let found = advice(&framework, &sources);
    (lines(&found.problems), lines(&found.advice))
}

#[test]
fn the_bundled_framework_needs_no_advice() {
    assert_eq!(look(|_| {}), (String::new(), String::new()));
}

#[test]
fn a_language_in_which_the_program_says_nothing_is_told() {
    let sources = bundled();
    let mut framework = Framework::load(&sources).unwrap();
    framework.languages.push((Language::new("ar"), "العربية".to_owned()));
    let advice = lines(&advice(&framework, &sources).advice);
    assert!(
        advice.contains("own sentences (findings, headings, guidance) do not exist in \"ar\""),
        "{advice}"
    );
    assert_eq!(advice.lines().count(), 1, "{advice}");
}

#[test]
fn a_question_that_no_choice_leads_to_is_a_problem() {
    let (problems, advice) = look(|sources| {
        sources.survey = replaced(&sources.survey, "${I-2} > 0", "${I-2} > 7");
    });
    assert!(
        problems.contains("survey.csv:")
            && problems.contains("nobody can reach \"I-2.1\": ${I-2} > 7 is never true"),
        "{problems}"
    );
    assert_eq!(advice, "");
}

#[test]
fn a_question_behind_one_out_of_reach_is_out_of_reach_too() {
    let (problems, _) = look(|sources| {
        sources.survey = sources.survey.replace("${I-1} > 0", "${I-1} = 9");
    });
    // I-1.9.1 asks for evidence of I-1.9, which nobody reaches any more.
    assert!(problems.contains("\"I-1.9.1\""), "{problems}");
}

#[test]
fn a_condition_on_a_number_is_only_probably_out_of_reach() {
    let (problems, advice) = look(|sources| {
        sources.survey = replaced(&sources.survey, "${I-2} > 0", "${I-2.3} > 2000 and ${I-2.3} < 1990");
    });
    assert_eq!(problems, "");
    assert!(advice.contains("probably nobody can reach \"I-2.1\""), "{advice}");
}

#[test]
fn style_is_advised_with_file_line_and_what_to_do() {
    type Change = fn(&mut FrameworkSources);
    let cases: [(Change, &str); 6] = [
        (
            |s| s.framework = replaced(&s.framework, "weight = 1.0", "weight = 2.0"),
            "the weights of the subindexes of \"GTMI\" sum to 5, and they are not equal (give shares that sum to 1",
        ),
        (
            |s| s.framework = replaced(&s.framework, "at_least = 0.75", "at_least = 0.10"),
            "the threshold 0.5 does not descend from the group before (list the highest maturity group first)",
        ),
        (
            |s| s.framework = replaced(&s.framework, "[2030]", "[2031]"),
            "the moving year 2031 stands in no constraint (remove it, or correct it)",
        ),
        (
            |s| s.indicators = replaced(&s.indicators, "T4,3-year", "T4,"),
            "indicators.csv:2: the indicator \"I-1\" has no class of comparability (name one",
        ),
        (
            |s| s.indicators = replaced(&s.indicators, "1-year", "2-year"),
            "no indicator is of the class of comparability \"1-year\" (remove it",
        ),
        (
            |s| {
                s.survey = s
                    .survey
                    .lines()
                    .map(|line| if line.starts_with("text,I-2.1,") { line_without_hint() } else { line })
                    .collect::<Vec<_>>()
                    .join("\n");
            },
            "the question \"I-2.1\" has no hint (say in hint what counts",
        ),
    ];
    for (change, expected) in cases {
        let (problems, advice) = look(change);
        assert_eq!(problems, "");
        assert!(advice.contains(expected), "expected {expected}\nfound {advice}");
    }
}

/// The row of I-2.1 with empty hints.
fn line_without_hint() -> &'static str {
    "text,I-2.1,I-2,CGSI,Name,Nom,Nombre,,,,,${I-2} > 0,,,,,,,,,,"
}

/// The problems of comparing a changed copy with the bundled framework of an earlier wave.
fn against(change: impl FnOnce(&mut FrameworkSources)) -> (String, String) {
    let sources = bundled();
    let earlier = Framework::load(&sources).unwrap();
    let mut next =
        crate::framework::next_wave(&earlier, &sources, "next", crate::submission::Wave(2028)).unwrap();
    change(&mut next);
    let found = against_earlier(&Framework::load(&next).unwrap(), &earlier);
    (lines(&found.problems), lines(&found.advice))
}

#[test]
fn an_id_that_disappears_must_be_retired_and_one_that_is_retired_is_never_used_again() {
    let gone = |sources: &mut FrameworkSources| {
        let kept = sources.survey.lines().filter(|line| !line.starts_with("text,I-2.1,"));
        sources.survey = kept.collect::<Vec<_>>().join("\n");
    };
    let (problems, _) = against(gone);
    assert!(
        problems.contains("\"I-2.1\" was asked in \"gtmi-2022\" and is gone (add it to retired"),
        "{problems}"
    );
    let retired = r#"retired = [{ id = "I-2.1", construct = "name of the framework", until = 2022 }]"#;
    let (problems, _) = against(|sources| {
        gone(sources);
        sources.framework = replaced(&sources.framework, "retired = []", retired);
    });
    assert_eq!(problems, "");
    // Retired and asked again: the framework does not load.
    let mut reused = bundled();
    reused.framework = replaced(&reused.framework, "retired = []", &retired.replace("2022", "2020"));
    let FrameworkProblems(problems) = Framework::load(&reused).unwrap_err();
    let problems = lines(&problems);
    assert!(
        problems.contains("the retired id \"I-2.1\" (name of the framework, until 2020) is used again"),
        "{problems}"
    );
}

#[test]
fn an_id_that_takes_another_kind_of_answer_stands_for_another_construct() {
    let (problems, _) = against(|sources| {
        sources.survey = replaced(&sources.survey, "text,I-2.1,", "integer,I-2.1,");
    });
    assert!(problems.contains("\"I-2.1\" takes another kind of answer than in \"gtmi-2022\""), "{problems}");
}

#[test]
fn other_wording_and_other_levels_are_pointed_out() {
    let (problems, advice) = against(|sources| {
        sources.survey =
            replaced(&sources.survey, "Has the government adopted a government", "Is there a government");
        let label = "\"Sí, hay una plataforma en uso\",";
        sources.choices = replaced(&sources.choices, &format!("{label}2"), &format!("{label}3"));
    });
    assert_eq!(problems, "");
    assert!(advice.contains("\"I-2\" is worded otherwise than in \"gtmi-2022\""), "{advice}");
    assert!(advice.contains("the choices or levels of \"I-1\" are not those of \"gtmi-2022\""), "{advice}");
}
