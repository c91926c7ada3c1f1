//! Wrong configurations, frameworks and usage: exit 2, the line, and nothing written.

use std::fs::{self, File};
use std::path::Path;

use crate::desk::{Desk, root};

fn assert_refused(desk: &Desk, arguments: &[&str], expected: &[&str]) {
    let ran = desk.gtmi(arguments);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    for expected in expected {
        assert!(ran.stderr.contains(expected), "{expected}\n--- is not in\n{}", ran.stderr);
    }
    assert!(!desk.path("out").exists(), "something was written");
}

#[test]
fn a_bad_configuration_is_refused_with_line_and_near_spelling() {
    for (from, to, expected) in [
        (
            "wave = 2022",
            "wawe = 2022",
            "pipeline.toml:7: unknown field `wawe`, expected `wave` or `deadline`, did you mean \"wave\"?",
        ),
        ("wave = 2022", "wave = \"now\"", "pipeline.toml:7: invalid type: string \"now\", expected u16"),
        (
            "language = \"en\"",
            "language = \"de\"",
            "[output] language is \"de\", but the framework exists in: en, es, fr",
        ),
        ("wave = 2022", "wave = 2025", "the configuration asks for wave 2025"),
    ] {
        let desk = Desk::empty();
        let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
        assert!(text.contains(from));
        fs::write(desk.path("pipeline.toml"), text.replace(from, to)).unwrap();
        assert_refused(&desk, &["run"], &[expected]);
    }
}

/// A desk with a framework of its own that can be spoilt.
fn with_own_framework() -> Desk {
    let desk = Desk::empty();
    let target = desk.path("framework");
    fs::create_dir(&target).unwrap();
    for entry in fs::read_dir(root().join("frameworks/gtmi-2022")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), target.join(entry.file_name())).unwrap();
    }
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let bundled = root().canonicalize().unwrap().join("frameworks/gtmi-2022");
    let text = text.replace(&bundled.display().to_string(), "framework");
    fs::write(desk.path("pipeline.toml"), text).unwrap();
    desk
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn bad_framework_rows_are_refused_all_at_once_with_file_and_line() {
    let desk = with_own_framework();
    replace(
        &desk.path("framework/survey.csv"),
        "select_one cloud_platform,I-1,",
        "select_one cloud_plattform,I-1,",
    );
    replace(&desk.path("framework/choices.csv"), "cloud_type,3,", "cloud_type,2,");
    replace(&desk.path("framework/framework.toml"), "weight = 1.0", "weight = 0.0");
    let expected = [
        "problems in the framework",
        "survey.csv:2: the list of choices \"cloud_plattform\" of the question \"I-1\" is unknown, \
         did you mean \"cloud_platform\"?",
        "choices.csv:8: the list \"cloud_type\" has the choice \"2\" twice",
        "framework.toml:",
        "the weight of \"CGSI\" is 0 (give a number above 0)",
    ];
    assert_refused(&desk, &["run"], &expected);
    assert_refused(&desk, &["framework", "check"], &expected);
}

#[test]
fn another_wave_starts_by_copying_a_framework() {
    let desk = with_own_framework();
    replace(&desk.path("framework/framework.toml"), "id = \"gtmi-2022\"", "id = \"gtmi-2028\"");
    replace(&desk.path("framework/framework.toml"), "wave = 2022", "wave = 2028");
    let check = desk.gtmi(&["framework", "check", "framework"]);
    assert_eq!(check.code, 0, "{}", check.stderr);
    replace(&desk.path("pipeline.toml"), "wave = 2022", "wave = 2028");
    let template = desk.gtmi(&["template", "--economy", "Kenya", "--language", "fr", "--out", "KEN.xlsx"]);
    assert_eq!(template.code, 0, "{}", template.stderr);
    // The empty questionnaire is recognised, and sent back with what is missing.
    let check = desk.gtmi(&["check", "KEN.xlsx", "--json"]);
    assert_eq!(check.code, 1);
    let findings = check.json()[0]["findings"].as_array().unwrap().clone();
    assert!(!findings.is_empty() && findings.iter().all(|finding| finding["rule"] == "ANSWER-001"));
    // A questionnaire of the other wave is not taken for one of this wave.
    fs::copy(root().join("examples/wave-2022/PER.xlsx"), desk.path("inbox/PER.xlsx")).unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1);
    assert!(
        run.stderr.contains("LAYOUT-002: The questionnaire belongs to the framework \"gtmi-2022\""),
        "{}",
        run.stderr
    );
}

#[test]
fn a_second_run_at_the_same_time_is_turned_away() {
    let desk = Desk::after_run();
    let lock = File::options().write(true).open(desk.path("out/gtmi.lock")).unwrap();
    lock.lock().unwrap();
    let before = desk.outputs();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 75);
    assert!(run.stderr.contains("another run holds the lock"), "{}", run.stderr);
    assert!(desk.outputs() == before);
    drop(lock);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
}

#[test]
fn wrong_usage_exits_with_2() {
    let desk = Desk::empty();
    assert_refused(&desk, &["rum"], &["unrecognized subcommand 'rum'"]);
    assert_refused(
        &desk,
        &["run", "--wave", "2020"],
        &["--wave is 2020, but the configuration is for wave 2022"],
    );
    assert_refused(&desk, &["template", "--economy", "Kenja", "--out", "x.xlsx"], &["did you mean KEN?"]);
    assert_refused(&desk, &["template", "--language", "xx", "--out", "x"], &["it exists in: en, es, fr"]);
    assert_refused(&desk, &["explain", "KEN", "CGSI"], &["KEN has no scores yet"]);
    assert_refused(&desk, &["export", "--out", "x"], &["there is nothing to export yet"]);
}
