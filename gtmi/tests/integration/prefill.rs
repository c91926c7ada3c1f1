//! The next wave: questionnaires with the answers of the last one, from a table and from the store.

use std::fs;

use crate::desk::{Desk, root};

/// Turns a desk to a wave of 2025 that asks what the wave of 2022 asked. `data` are further keys of `[data]`.
fn next_wave(desk: &Desk, data: &str) {
    let bundled = root().join("frameworks/gtmi-2022");
    let folder = desk.path("gtmi-2025");
    fs::create_dir(&folder).unwrap();
    for file in ["indicators.csv", "survey.csv", "choices.csv"] {
        fs::copy(bundled.join(file), folder.join(file)).unwrap();
    }
    let framework = fs::read_to_string(bundled.join("framework.toml")).unwrap();
    let framework =
        framework.replace("id = \"gtmi-2022\"", "id = \"gtmi-2025\"").replace("wave = 2022", "wave = 2025");
    fs::write(folder.join("framework.toml"), framework).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let start = config.find("path = \"").unwrap();
    let end = start + config[start..].find('\n').unwrap();
    let mut config = format!("{}path = \"gtmi-2025\"{}", &config[..start], &config[end..]);
    config = config.replace("wave = 2022", "wave = 2025").replace("[data]", &format!("[data]\n{data}"));
    fs::write(desk.path("pipeline.toml"), config).unwrap();
}

fn rules(desk: &Desk, file: &str) -> String {
    desk.gtmi(&["check", file]).stderr
}

#[test]
fn a_questionnaire_is_filled_in_from_the_table_of_the_previous_wave() {
    let desk = Desk::empty();
    let answers = root().canonicalize().unwrap().join("data/answers-2022.csv");
    let table = format!(
        "previous_answers = {{ path = \"{}\", wave = 2022, date = \"2022-11-30\" }}",
        answers.display()
    );
    next_wave(&desk, &table);
    let ran = desk.gtmi(&["template", "--economy", "KEN", "--prefill", "--out", "KEN.xlsx", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["unfilled"], serde_json::json!([]));
    // The indicators that stand for something else in 2025.
    let told = "left out, as what is asked or may be chosen is another now: ";
    assert!(ran.stderr.contains(told), "{}", ran.stderr);
    assert!(ran.stderr.contains("I-40"), "{}", ran.stderr);
    let found = rules(&desk, "KEN.xlsx");
    assert!(found.contains("PREVIOUS-001"), "{found}");
    assert!(found.contains("was filled in from wave 2022 and is not confirmed yet"), "{found}");

    desk.gtmi(&["template", "--economy", "KEN", "--out", "plain.xlsx"]);
    assert!(!rules(&desk, "plain.xlsx").contains("PREVIOUS"), "nobody was asked to confirm");
}

#[test]
fn the_store_fills_in_what_it_holds_of_an_earlier_wave_and_keeps_it() {
    let desk = Desk::after_run();
    fs::remove_dir_all(desk.path("inbox")).unwrap();
    fs::create_dir(desk.path("inbox")).unwrap();
    next_wave(&desk, "");
    let template = || {
        let ran = desk.gtmi(&["template", "--economy", "KEN", "--prefill", "--out", "KEN.xlsx", "--json"]);
        assert_eq!((ran.code, &ran.json()["unfilled"]), (0, &serde_json::json!([])), "{}", ran.stderr);
        fs::read(desk.path("KEN.xlsx")).unwrap()
    };
    let before = template();
    assert!(rules(&desk, "KEN.xlsx").contains("PREVIOUS-001"));
    let ran = desk.gtmi(&["run"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert!(before == template(), "a run of the next wave leaves the earlier one alone");
}

#[test]
fn an_economy_of_which_nothing_is_known_is_named() {
    let desk = Desk::empty();
    next_wave(&desk, "");
    let ran = desk.gtmi(&["template", "--economy", "KEN", "--prefill", "--out", "KEN.xlsx", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(ran.json()["unfilled"], serde_json::json!(["KEN"]));
    assert!(ran.stderr.contains("no answers of a wave before 2025 are known"), "{}", ran.stderr);
    assert!(desk.path("KEN.xlsx").is_file());
}
