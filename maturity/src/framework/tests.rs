//! Loading and checking frameworks: the bundled one, and small ones with one fault each.

#![expect(clippy::float_cmp, reason = "small sums of halves and wholes are exact")]

use super::*;

/// The smallest framework that uses every feature.
pub(super) fn small() -> FrameworkSources {
    FrameworkSources {
        framework: r#"
id = "demo-2030"
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
title = { en = "Systems" }
weight = 1.0
method = "share-of-points"
[[maturity_group]]
id = "B"
title = { en = "Low" }
at_least = 0.0
[[maturity_group]]
id = "A"
title = { en = "High" }
at_least = 0.5
[missing]
answer = "no-points"
external_index = "leave-out"
marks = ["-"]
required = "error"
not_relevant = "warning"
[[external_index]]
id = "TII"
title = { en = "Infrastructure" }
range = [0.0, 1.0]
"#
        .to_owned(),
        indicators: "id,label\nQ-1,Cloud\nQ-2,Networks\n".to_owned(),
        survey: "type,name,label,indicator,subindex,required,relevant,constraint,constraint_message,scoring,points\n\
                 select_one yes_no,Q-1,Is there a cloud?,Q-1,S1,yes,,,,level,6\n\
                 integer,Q-1.1,Since when?,Q-1,S1,,${Q-1} > 0,. > 1900,Enter a year.,,\n\
                 external TII,Q-2,Infrastructure,Q-2,S1,,,,,value,12\n"
            .to_owned(),
        choices: "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Draft,1\nyes_no,2,Yes,2\n".to_owned(),
    }
}

/// The problems of the small framework after `change`, one a line.
fn problems(change: impl FnOnce(&mut FrameworkSources)) -> String {
    let mut sources = small();
    change(&mut sources);
    match Framework::load(&sources) {
        Ok(_) => "none".to_owned(),
        Err(FrameworkProblems(all)) => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

fn replace(text: &mut String, from: &str, to: &str) {
    assert!(text.contains(from), "{from:?} is not in the sources");
    *text = text.replace(from, to);
}

#[test]
fn a_sound_framework_loads() {
    let framework = Framework::load(&small()).unwrap();
    assert_eq!(framework.groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(framework.group(0.5).map(|group| group.id.as_str()), Some("A"));
    assert_eq!(framework.group(0.499_999_999).map(|group| group.id.as_str()), Some("B"));
    let decimals =
        [0.5, 0.4994, 0.4995, 0.499_94, 0.499_999_999].map(|score| framework.decimals_shown(score, 3));
    assert_eq!(decimals, [3, 3, 4, 4, 9], "none is shown as 0.500 but what reaches it");
    let question = framework.question(&Id::from("Q-1")).unwrap();
    assert_eq!(question.scoring.unwrap().max_points, 12.0);
    assert_eq!(framework.asked_questions().count(), 2);
    assert_eq!(framework.hash.len(), 64);
}

#[test]
fn each_fault_is_named_with_file_line_and_advice() {
    type Change = fn(&mut FrameworkSources);
    let cases: [(Change, &str); 27] = [
        (
            |s| replace(&mut s.framework, "wave = 2030", "wave = 2030\nrounds = 3"),
            "framework.toml:5: unknown field `rounds`, expected one of",
        ),
        (|s| replace(&mut s.framework, "wave = 2030", "wawe = 2030"), "did you mean \"wave\"?"),
        (
            |s| replace(&mut s.framework, "2030-06-30", "2030-13-30"),
            "framework.toml:5: \"2030-13-30\" is not a date (write it as in 2022-11-30)",
        ),
        (
            |s| replace(&mut s.framework, "weight = 1.0", "weight = -1.0"),
            "framework.toml:15: the weight of \"S1\" is -1 (give a number above 0)",
        ),
        (|s| replace(&mut s.framework, "at_least = 0.0", "at_least = 0.1"), "no maturity group starts at 0"),
        (|s| replace(&mut s.framework, "at_least = 0.5", "at_least = 0.0"), "two maturity groups start at 0"),
        (|s| replace(&mut s.framework, "at_least = 0.5", "at_least = 1.5"), "the threshold of \"A\" is 1.5"),
        (|s| replace(&mut s.framework, "[0.0, 1.0]", "[1.0, 0.0]"), "the range of \"TII\" is 1 to 0"),
        (
            |s| replace(&mut s.survey, "external TII", "external TIL"),
            "survey.csv:4: the external index \"TIL\" of the question \"Q-2\" is unknown, did you mean \"TII\"?",
        ),
        (
            |s| s.survey.push_str("text,Q-1,Again,Q-1,S1,,,,,,\n"),
            "survey.csv:5: the question \"Q-1\" stands there twice, first on line 2",
        ),
        (
            |s| replace(&mut s.survey, "yes_no,Q-1", "yes_mo,Q-1"),
            "survey.csv:2: the list of choices \"yes_mo\" of the question \"Q-1\" is unknown, did you mean \"yes_no\"?",
        ),
        (
            |s| s.choices.push_str("maybe,0,Perhaps,0\n"),
            "choices.csv:5: no question uses the list of choices \"maybe\"",
        ),
        (
            |s| s.choices.push_str("yes_no,2,Surely,2\n"),
            "choices.csv:5: the list \"yes_no\" has the choice \"2\" twice",
        ),
        (|s| replace(&mut s.choices, "Draft", " yes"), "two choices of the list \"yes_no\" read \"Yes\""),
        (|s| replace(&mut s.choices, "Yes,2", "Yes,two"), "choices.csv:4: \"two\" is not a level"),
        (
            |s| replace(&mut s.survey, "${Q-1} > 0", "${Q-9} > 0"),
            "survey.csv:3: relevant refers to \"Q-9\", which is no question, did you mean \"Q-1\"?",
        ),
        (
            |s| replace(&mut s.survey, "${Q-1} > 0", "${Q-1.1} > 0"),
            "survey.csv:3: relevant goes in a circle: Q-1.1 needs Q-1.1 (break the circle)",
        ),
        (
            |s| replace(&mut s.survey, "yes,,,,level", "yes,${Q-1.1} > 0,,,level"),
            "survey.csv:2: relevant goes in a circle: Q-1 needs Q-1.1 needs Q-1",
        ),
        (
            |s| replace(&mut s.survey, ". > 1900", "pulldata(.)"),
            "survey.csv:3: constraint \"pulldata(.)\": at character 1: the function \"pulldata\" is not supported",
        ),
        (|s| replace(&mut s.survey, "Enter a year.", ""), "survey.csv:3: the constraint has no message"),
        (
            |s| {
                replace(
                    &mut s.survey,
                    "integer,Q-1.1,Since when?,Q-1,S1,,${Q-1} > 0,. > 1900,Enter a year.,,",
                    "text,Q-1.1,Name,Q-1,S1,,,,,any,3",
                );
            },
            "survey.csv:3: the scoring rule \"any\" does not fit the type \"text\"",
        ),
        (
            |s| replace(&mut s.survey, "level,6", "levels,6"),
            "did you mean \"level\"? (write level, any, value or number)",
        ),
        (|s| replace(&mut s.survey, "level,6", "level,many"), "survey.csv:2: \"many\" are no points"),
        (
            |s| replace(&mut s.survey, "level,6", ",6"),
            "survey.csv:2: there are 6 points, but no scoring rule",
        ),
        (
            |s| replace(&mut s.survey, "Q-1,S1,yes", "Q-1,S9,yes"),
            "the subindex \"S9\" of the question \"Q-1\" is unknown",
        ),
        (
            |s| s.indicators.push_str("Q-3,Nothing\n"),
            "indicators.csv:4: no question belongs to the indicator \"Q-3\"",
        ),
        (
            |s| replace(&mut s.survey, "required,", "reqired,"),
            "survey.csv:1: the column \"reqired\" is not known, did you mean \"required\"? (remove it or correct its heading)",
        ),
    ];
    for (change, expected) in cases {
        let found = problems(change);
        assert!(found.contains(expected), "expected {expected:?}, found:\n{found}");
    }
}

/// The small framework as a tree: numbers, normalised, in a mean of means.
fn tree() -> FrameworkSources {
    let mut sources = small();
    replace(
        &mut sources.framework,
        "[[maturity_group]]\nid = \"B\"",
        r#"[[subindex]]
id = "S2"
title = { en = "Networks" }
weight = 2.0
method = "arithmetic-mean"
missing_part = "rescale"
min_coverage = 0.5
[[subindex]]
id = "S3"
title = { en = "Lines" }
parent = "S2"
weight = 1.0
method = "arithmetic-mean"
[[normalization]]
id = "scaled"
method = "min-max"
to = [0.0, 1.0]
[[normalization]]
id = "places"
method = "percent-rank"
[uncertainty]
seed = 7
subindex_weights = 0.25
unanswered = [0.0, 1.0]
normalizations = ["scaled", "places"]
[[maturity_group]]
id = "B""#,
    );
    sources.indicators = "id,label,weight,direction,normalization\nQ-1,Cloud,,,\nQ-2,Networks,,,\n\
                          Q-3,Lines,2.5,-1,\nQ-4,Masts,,,places\n"
        .to_owned();
    sources.survey.push_str(
        "decimal,Q-3,How many lines?,Q-3,S3,,,,,number,\ndecimal,Q-4,How many masts?,Q-4,S3,,,,,number,\n",
    );
    sources
}

#[test]
fn a_tree_of_means_loads() {
    let framework = Framework::load(&tree()).unwrap_or_else(|problems| panic!("{problems}"));
    let ids = |parent: Option<&str>| {
        let parent = parent.map(Id::from);
        framework.parts_of(parent.as_ref()).map(|part| part.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(ids(None), ["S1", "S2"]);
    assert_eq!(ids(Some("S2")), ["S3"]);
    let lines = framework.indicator(&Id::from("Q-3")).unwrap();
    assert_eq!((lines.weight, lines.direction), (2.5, Direction::Lower));
    assert_eq!(lines.normalization, Normalization::MinMax { to: (0.0, 1.0), from: None }, "the first one");
    let points = framework.indicator(&Id::from("Q-1")).unwrap();
    assert_eq!(points.normalization, Normalization::None, "points are never normalised");
    let uncertainty = framework.uncertainty.as_ref().unwrap();
    assert_eq!((uncertainty.replications, uncertainty.sensitivity), (10_000, 1_000));
    assert_eq!(framework.composite_range(), Range::SHARE);
}

#[test]
fn each_fault_of_scoring_is_named_with_advice() {
    type Change = fn(&mut FrameworkSources);
    let cases: [(Change, &str); 25] = [
        (
            |s| replace(&mut s.framework, "parent = \"S2\"", "parent = \"S9\""),
            "the parent \"S9\" of \"S3\" is no subindex, did you mean",
        ),
        (
            |s| replace(&mut s.framework, "parent = \"S2\"", "parent = \"S3\""),
            "\"S3\" is part of itself through its parents (break the circle)",
        ),
        (
            |s| replace(&mut s.framework, "parent = \"S2\"", "parent = \"S1\""),
            "framework.toml:15: \"S1\" has both subindexes and indicators",
        ),
        (
            |s| replace(&mut s.framework, "parent = \"S2\"", "parent = \"S1\""),
            "\"S1\" is a share of points, but is made of subindexes",
        ),
        (
            |s| replace(&mut s.framework, "parent = \"S2\"", ""),
            "no scored question belongs to the subindex \"S2\"",
        ),
        (
            |s| replace(&mut s.framework, "min_coverage = 0.5", "min_coverage = 50"),
            "min_coverage of \"S2\" is 50",
        ),
        (|s| replace(&mut s.framework, "min_coverage", "min_covrage"), "did you mean \"min_coverage\"?"),
        (
            |s| replace(&mut s.framework, "to = [0.0, 1.0]", "to = [1.0, 0.0]"),
            "to of the normalization \"scaled\" is 1 to 0",
        ),
        (
            |s| replace(&mut s.framework, "to = [0.0, 1.0]", "sd = 2.0"),
            "the normalization \"scaled\" has sd, which only z-score has",
        ),
        (|s| replace(&mut s.framework, "\"min-max\"", "\"minmax\""), "did you mean \"min-max\"?"),
        (
            |s| replace(&mut s.indicators, ",places", ",place"),
            "indicators.csv:5: the normalization \"place\" is unknown, did you mean \"places\"?",
        ),
        (|s| replace(&mut s.indicators, "2.5", "0"), "indicators.csv:4: \"0\" is no weight"),
        (|s| replace(&mut s.indicators, ",-1,", ",down,"), "indicators.csv:4: the direction is \"down\""),
        (
            |s| replace(&mut s.indicators, "Cloud,,", "Cloud,2,"),
            "indicators.csv:2: \"Q-1\" has a weight, direction or normalization, but is summed up as points",
        ),
        (
            |s| replace(&mut s.survey, "number,\ndecimal", "number,3\ndecimal"),
            "survey.csv:5: there are 3 points, but a number earns none",
        ),
        (
            |s| replace(&mut s.survey, "decimal,Q-3", "text,Q-3"),
            "the scoring rule \"number\" does not fit the type \"text\"",
        ),
        (
            |s| replace(&mut s.survey, "Q-4,S3", "Q-3,S3"),
            "indicators.csv:4: the indicator \"Q-3\" has a number and 1 more",
        ),
        (|s| replace(&mut s.survey, "Q-4,S3", "Q-4,S1"), "\"Q-4\" is a number in \"S1\", a share of points"),
        (
            |s| replace(&mut s.framework, "\"percent-rank\"", "\"rank\""),
            "rank gives \"Q-3\" another scale than min-max",
        ),
        (
            |s| replace(&mut s.framework, "[\"scaled\", \"places\"]", "[\"scaled\", \"placed\"]"),
            "the normalization \"placed\" under [uncertainty] is unknown, did you mean \"places\"?",
        ),
        (
            |s| replace(&mut s.framework, "[\"scaled\", \"places\"]", "[\"scaled\"]"),
            "normalizations has one choice",
        ),
        (
            |s| {
                replace(
                    &mut s.framework,
                    "seed = 7",
                    "seed = 7\naggregations = [\"geometric-mean\", \"harmonic-mean\"]",
                );
            },
            "aggregations lacks arithmetic-mean, the composite's own method",
        ),
        (|s| replace(&mut s.framework, "weights = 0.25", "weights = 25"), "subindex_weights is 25"),
        (|s| replace(&mut s.framework, "seed = 7", "seed = 7\nreplications = 5"), "replications is 5"),
        (
            |s| replace(&mut s.framework, "unanswered = [0.0, 1.0]", "unanswered = [0.5, 1.5]"),
            "unanswered is 0.5 to 1.5",
        ),
    ];
    let mut wrong = Vec::new();
    for (change, expected) in cases {
        let mut sources = tree();
        change(&mut sources);
        let found =
            Framework::load(&sources).map_or_else(|problems| problems.to_string(), |_| "none".to_owned());
        if !found.contains(expected) {
            wrong.push(format!("expected {expected:?}, found:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_would_mean_two_things_is_refused() {
    type Change = fn(&mut FrameworkSources);
    let cases: [(Change, &str); 5] = [
        (
            |s| s.survey.push_str("text,q_1.1,Again,Q-1,S1,,,,,,\n"),
            "survey.csv:5: in an online form \"q_1.1\" cannot be told from \"Q-1.1\"",
        ),
        (
            |s| s.survey.push_str("text,contact_name,Who?,Q-1,S1,,,,,,\n"),
            "survey.csv:5: in an online form \"contact_name\" cannot be told from the field \"contact-name\" of every",
        ),
        (
            |s| replace(&mut s.choices, "yes_no,0,No,0", "yes_no,0,-,0"),
            "choices.csv:2: a choice of the list \"yes_no\" reads \"-\", a mark for no answer",
        ),
        (
            |s| replace(&mut s.survey, "${Q-1} > 0", "${Q-1}"),
            "survey.csv:3: relevant takes the answer ${Q-1} for a condition (compare it",
        ),
        (
            |s| replace(&mut s.survey, ". > 1900", "\"regex(., '[0-9')\""),
            "survey.csv:3: constraint \"regex(., '[0-9')\": at character 11: the pattern cannot be used: unclosed",
        ),
    ];
    for (change, expected) in cases {
        let found = problems(change);
        assert!(found.contains(expected), "expected {expected:?}, found:\n{found}");
    }
}

#[test]
fn all_problems_are_told_at_once() {
    let found = problems(|sources| {
        replace(&mut sources.framework, "weight = 1.0", "weight = 0.0");
        replace(&mut sources.choices, "Yes,2", "Yes,-2");
        replace(&mut sources.survey, "${Q-1} > 0", "${Q-1} >");
    });
    assert_eq!(found.lines().count(), 3, "{found}");
}

#[test]
fn a_declared_language_must_be_complete() {
    let found = problems(|sources| {
        replace(&mut sources.framework, "en = \"English\"\n", "en = \"English\"\nfr = \"Français\"\n");
    });
    assert!(found.contains("survey.csv:2: a text of the question \"Q-1\" is missing in Français"), "{found}");
    assert!(found.contains("framework.toml:16: the title of S1 is missing"), "{found}");
    let found = problems(|sources| {
        replace(
            &mut sources.choices,
            "list_name,name,label,level",
            "list_name,name,label::German (de),label",
        );
    });
    assert!(found.contains("the column \"level\" is missing"), "{found}");
    assert!(found.contains("columns in the language \"de\", which is not declared"), "{found}");
}

#[test]
fn the_default_language_is_declared_and_complete() {
    let found =
        problems(|sources| replace(&mut sources.framework, "language = \"en\"", "language = \"eng\""));
    assert!(found.contains("the default language \"eng\" is not declared, did you mean \"en\"?"), "{found}");
    let found = problems(|sources| {
        replace(&mut sources.framework, "en = \"English\"\n", "en = \"English\"\nfr = \"Français\"\n");
        let title =
            sources.framework.lines().find(|line| line.starts_with("title = { en = ")).unwrap().to_owned();
        replace(&mut sources.framework, &title, "title = { fr = \"Indice\" }");
    });
    assert!(found.contains("the title of the index is missing in English"), "{found}");
}

#[test]
fn lines_that_excel_ends_are_counted_like_others() {
    let wrong = |ends: &str| {
        problems(|sources| {
            replace(&mut sources.survey, "Q-1,", "Q 1,");
            sources.survey = sources.survey.replace('\n', ends);
        })
    };
    let lines = wrong("\n");
    assert!(lines.contains("survey.csv:2"), "{lines}");
    assert_eq!(wrong("\r\n"), lines);
}

#[test]
fn moving_text_between_files_changes_the_hash() {
    let one = Framework::load(&small()).unwrap();
    let mut sources = small();
    sources.survey.push('\n');
    let other = Framework::load(&sources).unwrap();
    assert_ne!(one.hash, other.hash);
    assert_ne!(one.instrument_hash, other.instrument_hash);
}

#[test]
fn what_a_program_puts_around_a_table_makes_no_other_instrument() {
    let one = Framework::load(&small()).unwrap();
    let mut sources = small();
    for table in [&mut sources.survey, &mut sources.choices, &mut sources.indicators] {
        *table = format!("\u{feff}{}", table.replace('\n', "\r\n"));
    }
    let other = Framework::load(&sources).unwrap();
    assert_eq!(one.instrument_hash, other.instrument_hash, "its questionnaires are the same");
}

#[test]
fn a_choice_without_a_label_is_told() {
    let found = problems(|s| replace(&mut s.choices, "yes_no,1,Draft,1", "yes_no,1,,1"));
    assert!(found.contains("choices.csv:3: the choice \"1\" of the list \"yes_no\" has no label"), "{found}");
}

#[test]
fn marks_for_no_answer_are_known_in_capitals() {
    let mut sources = small();
    replace(&mut sources.framework, "marks = [\"-\"]", "marks = [\"-\", \"sin información\"]");
    let framework = Framework::load(&sources).unwrap();
    for (text, expected) in [("SIN INFORMACIÓN", true), ("sin información", true), ("-", true), ("–", false)]
    {
        assert_eq!(framework.is_missing_mark(text), expected, "{text}");
    }
}

#[test]
fn policies_of_rules_and_evidence_are_checked_against_the_catalogue() {
    let with = |tables: &str| problems(|sources| sources.framework.push_str(tables));
    for (tables, expected) in [
        (
            "[[rule]]\nid = \"EVIDENCE-01\"\nseverity = \"info\"\n",
            "framework.toml:38: the rule \"EVIDENCE-01\" is not known, did you mean \"EVIDENCE-001\"?",
        ),
        (
            "[[rule]]\nid = \"FILE-004\"\nseverity = \"info\"\n",
            "cannot be set here: a file that cannot be read is always refused",
        ),
        ("[[rule]]\nid = \"ANSWER-001\"\nseverity = \"info\"\n", "its severity stands in [missing] required"),
        ("[[rule]]\nid = \"LINK-001\"\n", "has neither a severity nor a first blocking wave"),
        (
            "[[rule]]\nid = \"LINK-001\"\nseverity = \"info\"\n[[rule]]\nid = \"LINK-001\"\nblocking_from = 2030\n",
            "stands there twice",
        ),
        ("[[rule]]\nid = \"LINK-001\"\nseverity = \"bad\"\n", "unknown variant `bad`"),
        (
            "[evidence]\nneeded = \"scored\"\nplaceholder = []\n",
            "unknown field `placeholder`, expected `needed` or `placeholders`, did you mean \"placeholders\"?",
        ),
    ] {
        let found = with(tables);
        assert!(found.contains(expected), "{expected}\n--- is not in\n{found}");
    }
    assert_eq!(
        with(
            "[evidence]\nneeded = \"asked\"\nplaceholders = []\n[[rule]]\nid = \"LINK-001\"\nseverity = \"info\"\n"
        ),
        "none"
    );
}

#[test]
fn a_rule_blocks_from_the_named_wave_on() {
    let mut sources = small();
    sources.framework.push_str("[[rule]]\nid = \"LINK-001\"\nseverity = \"info\"\nblocking_from = 2032\n");
    let framework = Framework::load(&sources).unwrap();
    assert_eq!(framework.severity("LINK-001", Severity::Warning), Severity::Info);
    assert_eq!(framework.severity("TEXT-001", Severity::Warning), Severity::Warning);
    let later = framework.rules["LINK-001"].severity(Wave(2032), Severity::Warning);
    assert_eq!(later, Severity::Error);
}

mod bundled {
    use super::*;

    fn gtmi() -> Framework {
        Framework::load(&FrameworkSources {
            framework: include_str!("../../../frameworks/gtmi-2022/framework.toml").to_owned(),
            indicators: include_str!("../../../frameworks/gtmi-2022/indicators.csv").to_owned(),
            survey: include_str!("../../../frameworks/gtmi-2022/survey.csv").to_owned(),
            choices: include_str!("../../../frameworks/gtmi-2022/choices.csv").to_owned(),
        })
        .unwrap_or_else(|problems| panic!("{problems}"))
    }

    #[test]
    fn has_48_indicators_and_351_questions() {
        let framework = gtmi();
        assert_eq!(framework.indicators.len(), 48);
        assert_eq!(framework.questions.len(), 351);
        assert_eq!(framework.questions.iter().filter(|question| question.scoring.is_some()).count(), 200);
    }

    #[test]
    fn has_the_published_maxima() {
        let framework = gtmi();
        let maximum = |subindex: &str, external: bool| -> f64 {
            framework
                .questions
                .iter()
                .filter(|q| q.subindex.as_str() == subindex && (external || q.is_asked()))
                .filter_map(|q| q.scoring.map(|scoring| scoring.max_points))
                .sum()
        };
        let found: Vec<_> =
            ["CGSI", "PSDI", "DCEI", "GTEI"].iter().map(|s| (maximum(s, true), maximum(s, false))).collect();
        assert_eq!(found, [(243.0, 231.0), (206.0, 182.0), (109.0, 97.0), (403.0, 355.0)]);
    }
}

#[test]
fn a_language_is_a_name_or_a_table_with_its_direction() {
    let load = |languages: &str| {
        let mut sources = small();
        sources.framework = sources.framework.replace("en = \"English\"", languages);
        Framework::load(&sources)
    };
    let plain = load("en = \"English\"").unwrap();
    assert!(!plain.is_right_to_left(&Language::english()));
    let turned = load("en = { name = \"English\", direction = \"rtl\" }").unwrap();
    assert!(turned.is_right_to_left(&Language::english()));
    assert_eq!(turned.languages, plain.languages);
    for (languages, expected) in [
        ("en = { name = \"English\", direction = \"rtll\" }", "did you mean \"rtl\"?"),
        ("en = { name = \"English\", directon = \"rtl\" }", "did you mean \"direction\"?"),
        ("en = { direction = \"rtl\" }", "missing field `name`"),
        ("en = 3", "expected the name of a language, or {"),
    ] {
        let problems = load(languages).unwrap_err().to_string();
        assert!(problems.contains(expected), "expected {expected:?}, found {problems:?}");
        assert!(problems.contains("framework.toml:9"), "{problems}");
    }
}

#[test]
fn earlier_versions_are_loaded_and_checked() {
    let earlier = |questions: &str, choices: &str| {
        format!(
            "\n[[earlier_version]]\nversion = \"0\"\ninstrument_hash = \"aa\"\n\
             [earlier_version.questions]\n{questions}\n[earlier_version.choices.{choices}\n"
        )
    };
    let mut sources = small();
    sources.framework += &earlier("\"Q-9\" = \"Q-1\"\n\"Q-8\" = \"dropped\"", "yes_no]\nPartly = \"1\"");
    let framework = Framework::load(&sources).unwrap_or_else(|problems| panic!("{problems}"));
    let version = &framework.earlier_versions[0];
    assert_eq!(version.target(" q-9"), Some(&Target::Question(Id::from("Q-1"))));
    assert_eq!(version.target("Q-8"), Some(&Target::Dropped));
    assert_eq!(version.target("Q-1"), None);
    assert_eq!(version.code("yes_no", "PARTLY"), Some("1"));

    let found = problems(|sources| {
        sources.framework +=
            &earlier("\"Q-9\" = \"Q-1\"\n\"Q-8\" = \"Q-1\"\n\"Q-7\" = \"Q-1.11\"", "yes_no]\nPartly = \"7\"");
        sources.framework += &earlier("", "yesno]\n");
    });
    for expected in [
        "two questions of version \"0\" became \"Q-1\"",
        "\"Q-7\" of version \"0\" became \"Q-1.11\", which is no question, did you mean \"Q-1.1\"?",
        "\"Partly\" of version \"0\" became \"7\", which is no choice of \"yes_no\"",
        "names the unknown list of choices \"yesno\", did you mean \"yes_no\"?",
        "the earlier version \"0\" has the hash of another version",
    ] {
        assert!(found.contains(expected), "{expected}\n{found}");
    }
}

#[test]
fn a_format_must_fit_the_type() {
    let found = problems(|sources| {
        sources.survey =
            sources.survey.replace("constraint_message,scoring", "constraint_message,format,scoring");
        sources.survey = sources
            .survey
            .replace("Enter a year.,,", "Enter a year.,link,,")
            .replace(",,,,level", ",,,,year,level")
            .replace(",,,,value", ",,,,,value");
    });
    assert!(found.contains("survey.csv:2: the format \"year\" does not fit the type"), "{found}");
    assert!(found.contains("survey.csv:3: the format \"link\" does not fit the type"), "{found}");
}

#[test]
fn columns_in_which_nothing_stands_are_passed_over_and_tags_may_have_capitals() {
    assert_eq!(problems(|sources| replace(&mut sources.indicators, "\n", ",,\n")), "none");
    let mut sources = small();
    sources.framework = sources.framework.replace("{ en = ", "{ pt-BR = ").replace("\"en\"", "\"pt-BR\"");
    sources.framework = sources.framework.replace("en = \"English\"", "pt-BR = \"Português\"");
    let framework = Framework::load(&sources).unwrap();
    assert_eq!(framework.language().tag(), "pt-br");
    assert_eq!(framework.composite.title.get(&framework.language()), "All");
}

#[test]
fn an_indicator_and_a_subindex_of_one_id_are_told() {
    let found = problems(|sources| {
        replace(&mut sources.indicators, "Q-2,", "S1,");
        replace(
            &mut sources.survey,
            "external TII,Q-2,Infrastructure,Q-2,",
            "external TII,Q-2,Infrastructure,S1,",
        );
    });
    assert_eq!(
        found,
        "indicators.csv:3: the id \"S1\" is that of a subindex or of the composite, too (give each indicator, subindex and the composite an id of its own)"
    );
}

#[test]
fn a_table_with_other_separators_is_one_problem() {
    let found = problems(|sources| sources.survey = sources.survey.replace(',', ";"));
    assert_eq!(
        found,
        "survey.csv:1: the columns are separated by semicolons (save the table as CSV with commas)"
    );
}

#[test]
fn all_keys_that_are_missing_are_told_at_once() {
    let found = problems(|sources| {
        for key in ["marks = [\"-\"]\n", "required = \"error\"\n", "version = \"1\"\n"] {
            sources.framework = sources.framework.replace(key, "");
        }
    });
    assert!(found.contains("framework.toml: the file lacks version (add what is missing)"), "{found}");
    assert!(
        found.contains("framework.toml:26: [missing] lacks marks, required (add what is missing)"),
        "{found}"
    );
}

#[test]
fn a_row_with_a_translation_alone_is_not_dropped_silently() {
    let found = problems(|sources| {
        sources.framework =
            sources.framework.replace("en = \"English\"", "en = \"English\"\nfr = \"Français\"");
        sources.choices =
            "list_name,name,label,label::French (fr),level\nyes_no,0,No,Non,0\nyes_no,1,Draft,Projet,1\n\
                           yes_no,2,Yes,Oui,2\n,,,Peut-être,\n"
                .to_owned();
    });
    assert!(found.contains("choices.csv:5: the row has translations and nothing else"), "{found}");
}
