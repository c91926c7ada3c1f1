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
fn a_product_that_a_zero_takes_away_is_told() {
    let (problems, told) = look(|sources| {
        sources.framework =
            replaced(&sources.framework, "method = \"arithmetic-mean\"", "method = \"geometric-mean\"");
    });
    assert_eq!(problems, "");
    assert!(
        told.contains("\"GTMI\" is a geometric-mean and its part \"CGSI\" can be 0 or less (whoever has 0"),
        "{told}"
    );
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

/// No score compares with one of another wave then: that is told once, and not for each indicator.
#[test]
fn a_wave_after_another_without_classes_of_comparability_is_told() {
    let sources = bundled();
    let mut framework = Framework::load(&sources).unwrap();
    framework.waves.classes.clear();
    for indicator in &mut framework.indicators {
        indicator.comparability = None;
    }
    let told = |framework: &Framework| lines(&advice(framework, &sources).advice);
    assert_eq!(told(&framework), "", "a first wave needs none");
    framework.waves.earlier = Some("gtmi-2020".to_owned());
    let advice = told(&framework);
    assert!(
        advice.contains(
            "the framework follows \"gtmi-2020\" and has no class of comparability, so no score compares"
        ),
        "{advice}"
    );
    assert_eq!(advice.lines().count(), 1, "{advice}");
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

/// A framework with two kinds of numbers, whose faults are easily seen; problems and advice after a change.
fn small(change: impl FnOnce(&mut FrameworkSources)) -> (String, String) {
    let mut sources = FrameworkSources {
        framework: r#"
id = "demo"
version = "1"
wave = 2030
as_of = "2030-06-30"
title = { en = "Demo" }
language = "en"
[languages]
en = "English"
[composite]
id = "ALL"
title = { en = "All" }
method = "arithmetic-mean"
[[subindex]]
id = "S1"
title = { en = "S1" }
weight = 1.0
method = "share-of-points"
[[subindex]]
id = "S2"
title = { en = "S2" }
weight = 1.0
method = "arithmetic-mean"
[[normalization]]
id = "goal"
method = "min-max"
to = [0.0, 1.0]
from = [0.0, 100.0]
[[maturity_group]]
id = "High"
title = { en = "High" }
at_least = 0.0
[missing]
answer = "no-points"
external_index = "leave-out"
marks = ["-"]
required = "error"
not_relevant = "warning"
[[external_index]]
id = "NET"
title = { en = "Net" }
range = [0.0, 100.0]
"#
        .to_owned(),
        indicators: "id,label,normalization\nQ1,c,\nQ2,c,goal\n".to_owned(),
        survey: "type,name,label,hint,indicator,subindex,relevant,constraint,constraint_message,evidence_for,scoring,points\n\
                 select_one yes,Q1,a,h,Q1,S1,,. != '0',m,,level,2\n\
                 select_multiple kinds,Q1.1,a,h,Q1,S1,\"selected(${Q1}, '1')\",,,,any,1\n\
                 integer,Q1.2,a,h,Q1,S1,\"selected(${Q1.1}, 'bus') or ${Q1} = 1\",. >= 1900 and . <= 2030,m,,,\n\
                 text,Q1.3,a,h,Q1,S1,,,,Q1,,\n\
                 text,Q1.4,a,h,Q1,S1,,,,,,\n\
                 external NET,Q2,a,h,Q2,S2,,,,,number,\n"
            .to_owned(),
        choices: "list_name,name,label,level\nyes,0,No,0\nyes,1,Yes,1\nkinds,bus,Bus,0\nkinds,tram,Tram,1\n"
            .to_owned(),
    };
    change(&mut sources);
    let framework = Framework::load(&sources).unwrap_or_else(|problems| panic!("{problems}"));
    let found = advice(&framework, &sources);
    (lines(&found.problems), lines(&found.advice))
}

#[test]
fn what_cannot_mean_what_it_says_is_a_problem() {
    assert_eq!(small(|_| {}), (String::new(), String::new()));
    for (from, to, expected) in [
        (
            "'bus')",
            "'buss')",
            "survey.csv:4: relevant of \"Q1.2\" compares \"Q1.1\" with 'buss', which is no choice of its list (bus, tram)",
        ),
        ("${Q1} = 1", "${Q1} = 'x'", "compares \"Q1\" with 'x', which is no choice of its list (0, 1)"),
        ("${Q1} = 1", "${Q1} = 7", "compares \"Q1\" with 7, which is no choice of its list (0, 1)"),
        (". != '0'", ". = '0' and . = '1'", "survey.csv:2: no choice meets the constraint of \"Q1\""),
        (
            ". >= 1900",
            ". >= 'a'",
            "constraint of \"Q1.2\" compares with 'a' by size, but only numbers have one",
        ),
        (
            "Q1.4,a,h,Q1,S1,,,,,",
            "Q1.4,a,h,Q1,S1,,,,Q1,",
            "\"Q1.3\" and \"Q1.4\" are both evidence for \"Q1\"",
        ),
        (
            "Q1.4,",
            "Q1.4\u{200b},",
            "survey.csv:6: the name \"Q1.4\\u{200b}\" holds characters that nobody sees",
        ),
    ] {
        let (problems, _) = small(|sources| sources.survey = replaced(&sources.survey, from, to));
        assert!(problems.contains(expected), "expected {expected}\nfound {problems}");
    }
    let (problems, _) =
        small(|sources| sources.framework = replaced(&sources.framework, "id = \"High\"", "id = \"\""));
    assert!(problems.contains("a maturity group has an empty id (name it)"), "{problems}");
}

#[test]
fn what_is_probably_not_meant_is_advised() {
    let (problems, advice) =
        small(|sources| sources.survey = replaced(&sources.survey, "<= 2030", "<= 1800"));
    assert_eq!(problems, "");
    assert!(advice.contains("probably no number meets the constraint of \"Q1.2\""), "{advice}");
    let (_, advice) = small(|sources| {
        sources.framework = replaced(&sources.framework, "from = [0.0, 100.0]", "from = [0.0, 200.0]");
    });
    assert!(
        advice.contains(
            "indicators.csv:3: the goalposts of \"Q2\" are 0 and 200, but its index runs from 0 to 100"
        ),
        "{advice}"
    );
    let (_, advice) = small(|sources| {
        sources.framework = replaced(&sources.framework, "to = [0.0, 1.0]", "to = [0.0, 100.0]");
    });
    let told = "framework.toml:11: the parts of \"ALL\" are on different scales: \"S1\" on 0 to 1, \"S2\" on 0 to 100";
    assert!(advice.contains(told), "{advice}");
    let (_, advice) = small(|sources| {
        sources.choices = replaced(&sources.choices, "kinds,tram", "kinds,01-Jan");
    });
    assert!(
        advice.contains("the name \"01-Jan\" looks like what a spreadsheet makes of another one"),
        "{advice}"
    );
}
