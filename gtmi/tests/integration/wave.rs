//! The real wave of 2022: published scores reproduced, nothing done twice, every number explained.

use std::collections::BTreeMap;
use std::fs;

use crate::desk::{Desk, is_workbook, root};

/// The published rows of 2022: by economy, the scores by id, and the group of the composite.
pub(crate) fn published() -> BTreeMap<String, (BTreeMap<String, f64>, String)> {
    let mut reader = csv::Reader::from_path(root().join("data/published-scores.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    let mut all = BTreeMap::new();
    for record in reader.records().map(Result::unwrap).filter(|record| &record[0] == "2022") {
        let scores =
            headings.iter().zip(&record).skip(3).map(|(id, score)| (id.to_owned(), score.parse().unwrap()));
        all.insert(record[1].to_owned(), (scores.collect(), record[2].to_owned()));
    }
    all
}

/// The group of a score by the published thresholds, written here a second time on purpose.
fn group(score: f64) -> &'static str {
    match score {
        score if score >= 0.75 => "A",
        score if score >= 0.5 => "B",
        score if score >= 0.25 => "C",
        _ => "D",
    }
}

/// Exports at the desk and compares all 5 x 198 scores and groups with the published ones.
fn assert_published_scores(desk: &Desk) {
    let export = desk.gtmi(&["export", "--out", "export"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    let published = published();
    let mut compared = 0;
    for row in desk.table("scores").iter().filter(|row| row["level"] == "index" || row["level"] == "subindex")
    {
        let (scores, published_group) = &published[&row["economy"]];
        let (found, expected): (f64, f64) = (row["score"].parse().unwrap(), scores[&row["id"]]);
        assert!((found - expected).abs() <= 1e-12, "{} {}: {found}, {expected}", row["economy"], row["id"]);
        assert_eq!(row["group"], group(expected), "{} {}", row["economy"], row["id"]);
        if row["level"] == "index" {
            assert_eq!(row["group"], *published_group, "{}", row["economy"]);
        }
        compared += 1;
    }
    assert_eq!(compared, 5 * 198);
}

#[test]
fn the_examples_give_198_reports_with_the_published_scores() {
    let desk = Desk::after_run();
    let outputs = desk.outputs();
    assert_eq!(outputs.keys().filter(|path| path.starts_with("reports/")).count(), 198);
    assert_eq!(outputs.keys().filter(|path| path.starts_with("feedback/")).count(), 198);
    assert!(outputs.contains_key("global.xlsx") && outputs.contains_key("run.json"));
    assert_published_scores(&desk);
    let layouts: Vec<_> = desk.table("submissions").iter().map(|row| row["layout"].clone()).collect();
    assert_eq!(layouts.iter().filter(|layout| *layout == "questionnaire").count(), 12);
    assert_eq!(layouts.iter().filter(|layout| *layout == "dataset").count(), 186);
    // What the published data contain is never blocking.
    let findings = desk.table("findings");
    assert!(!findings.is_empty() && findings.iter().all(|row| row["severity"] != "error"));
    let of_rule = |rule: &str| findings.iter().filter(|row| row["rule"] == rule).count();
    assert_eq!((of_rule("CONSTRAINT-001"), of_rule("RELEVANT-001")), (120, 39));
}

#[test]
fn questionnaires_of_all_198_economies_give_the_published_scores() {
    let desk = Desk::empty();
    for (language, arguments) in [("fr", ["--count", "66"]), ("es", ["--except", "AFG"])] {
        // The second call overwrites most of the first: two languages and a remainder are read together.
        let demo = desk
            .gtmi(&[&["demo", "--out", "inbox", "--force", "--language", language][..], &arguments].concat());
        assert_eq!(demo.code, 0, "{}", demo.stderr);
    }
    assert_eq!(fs::read_dir(desk.path("inbox")).unwrap().count(), 198);
    // Stage by stage, as a scheduler may; the reports have tests of their own.
    for stage in ["ingest", "validate", "score"] {
        let ran = desk.gtmi(&[stage]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert_published_scores(&desk);
}

#[test]
fn the_wide_table_of_all_198_economies_gives_the_published_scores() {
    let desk = Desk::empty();
    let demo = desk.gtmi(&["demo", "--out", "inbox", "--dataset"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    for stage in ["ingest", "validate", "score"] {
        let ran = desk.gtmi(&[stage]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    assert_published_scores(&desk);
    let layouts = desk.table("submissions");
    assert!(layouts.len() == 198 && layouts.iter().all(|row| row["layout"] == "dataset"));
}

#[test]
fn a_second_run_changes_no_byte_and_says_so() {
    let desk = Desk::after_run();
    let before = desk.outputs();
    let again = desk.gtmi(&["run"]);
    assert_eq!(again.code, 0);
    assert!(again.stderr.contains("nothing changed since the last run"), "{}", again.stderr);
    assert!(desk.outputs() == before, "a file changed");
}

#[test]
fn equal_input_gives_equal_bytes_at_another_desk() {
    // The other desk gets the questionnaires only, so that they have other numbers in its store.
    let (one, other) = (Desk::after_run(), Desk::with_examples());
    fs::remove_file(other.path("inbox/answers-wide.xlsx")).unwrap();
    assert_eq!(other.gtmi(&["run"]).code, 0);
    let (one, other) = (one.outputs(), other.outputs());
    let reports: Vec<_> = other.keys().filter(|path| path.starts_with("reports/")).collect();
    assert_eq!(reports.len(), 12);
    for path in reports {
        assert!(one[path] == other[path], "{path}");
    }
}

#[test]
fn one_changed_workbook_redoes_that_economy_and_nothing_else() {
    let desk = Desk::after_run();
    let before = desk.outputs();
    // Kenya sends its questionnaire again, in French: same answers, another file.
    let demo = desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN", "--language", "fr", "--force"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    let run = desk.gtmi(&["run", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let done: Vec<u64> = run.json()["stages"]
        .as_array()
        .unwrap()
        .iter()
        .map(|stage| stage["done"].as_u64().unwrap())
        .collect();
    assert_eq!(
        done,
        [1, 1, 1, 3],
        "one file, one submission, one economy, its report, its return and the global workbook"
    );
    let after = desk.outputs();
    let changed: Vec<_> = before
        .iter()
        .filter(|(path, bytes)| is_workbook(path) && after.get(*path) != Some(*bytes))
        .map(|(path, _)| path.as_str())
        .collect();
    assert_eq!(changed, ["feedback/KEN.xlsx", "global.xlsx", "reports/KEN.xlsx"]);
}

#[test]
fn a_lost_or_altered_report_is_made_again() {
    let desk = Desk::after_run();
    let before = desk.outputs();
    fs::remove_file(desk.path("out/reports/KEN.xlsx")).unwrap();
    fs::write(desk.path("out/reports/PER.xlsx"), "altered").unwrap();
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0);
    let after = desk.outputs();
    for report in ["reports/KEN.xlsx", "reports/PER.xlsx"] {
        assert!(after[report] == before[report], "{report}");
    }
    // Decisions may stand in what somebody wrote there: it is kept, and told once.
    let kept: Vec<&String> = after.keys().filter(|path| path.starts_with("altered/")).collect();
    assert!(kept.len() == 1 && kept[0].starts_with("altered/PER-"), "{kept:?}");
    assert_eq!(after[kept[0]], b"altered");
    assert!(ran.stderr.contains("reports/PER.xlsx is now altered/PER-"), "{}", ran.stderr);
    let idle = desk.gtmi(&["run"]);
    assert!(!idle.stderr.contains("altered") && desk.outputs() == after, "{}", idle.stderr);
    assert_eq!(desk.gtmi(&["publish", "--by", "C. Head"]).code, 0);
    // The same again is kept once, also where the economy has no report any more.
    fs::write(desk.path("out/reports/PER.xlsx"), "altered").unwrap();
    fs::write(desk.path("out/reports/KEN.xlsx"), "altered too").unwrap();
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    assert!(desk.gtmi(&["run"]).code <= 1);
    assert_eq!(fs::read_dir(desk.path("out/altered")).unwrap().count(), 2);
}

#[test]
fn the_same_file_under_two_names_is_one_submission() {
    let desk = Desk::after_run();
    fs::copy(desk.path("inbox/KEN.xlsx"), desk.path("inbox/Kenya final (2).xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    assert_eq!(desk.table("submissions").iter().filter(|row| row["economy"] == "KEN").count(), 1);
}

#[test]
fn explain_shows_every_question_with_its_cell_and_adds_up() {
    let desk = Desk::after_run();
    let explained = desk.gtmi(&["explain", "KEN", "CGSI", "--json"]).json();
    let terms = explained["terms"].as_array().unwrap();
    assert_eq!(terms.len(), 86);
    let sum = |field: &str| -> f64 { terms.iter().map(|term| term[field].as_f64().unwrap()).sum() };
    let score = explained["score"].as_f64().unwrap();
    assert!((sum("points") / sum("max_points") - score).abs() <= 1e-15);
    assert!((score - published()["KEN"].0["CGSI"]).abs() <= 1e-12);
    assert_eq!(explained["submission"]["file"], "KEN.xlsx");
    for term in terms {
        let place = term["place"].as_str().unwrap();
        assert!(
            place.starts_with("CGSI!D") || place.starts_with("external index TII 2022 (United Nations"),
            "{place}"
        );
    }
    // The text for people says the same.
    let text = desk.gtmi(&["explain", "ken", "cgsi"]).stderr;
    assert!(text.contains("KEN Kenya, wave 2022, CGSI: 0.759942, group A"), "{text}");
    assert!(text.contains("I-1.9        0.000      4  No, or not known"), "{text}");
}

#[test]
fn explain_reaches_the_composite_an_indicator_a_question_and_a_missing_index() {
    let desk = Desk::after_run();
    let composite = desk.gtmi(&["explain", "HKG", "--json"]).json();
    assert_eq!(composite["subindexes"].as_array().unwrap().len(), 4);
    assert_eq!(composite["subindexes"][0]["max_points"], 231.0);
    let external = desk.gtmi(&["explain", "HKG", "I-16", "--json"]).json();
    assert_eq!(external["terms"][0]["status"], "left-out");
    assert_eq!(external["score"], serde_json::Value::Null, "no value is not 0");
    let question = desk.gtmi(&["explain", "AGO", "I-12.4", "--json"]).json();
    assert!(question["terms"][0]["place"].as_str().unwrap().starts_with("CG_GTMI_Data!"));
    let wrong = desk.gtmi(&["explain", "KEN", "CGSJ"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("did you mean \"CGSI\"?"), "{}", wrong.stderr);
}

#[test]
fn status_tells_where_every_economy_stands() {
    let desk = Desk::after_run();
    let lines = desk.gtmi(&["status", "--json"]).json();
    let lines = lines.as_array().unwrap();
    assert_eq!(lines.len(), 198);
    let kenya = lines.iter().find(|line| line["economy"] == "KEN").unwrap();
    assert_eq!((kenya["state"].as_str(), kenya["group"].as_str()), (Some("accepted"), Some("B")));
    let nothing = Desk::empty().gtmi(&["status", "--json"]).json();
    assert_eq!(nothing.as_array().unwrap().len(), 198);
    assert!(nothing.as_array().unwrap().iter().all(|line| line["state"] == "nothing received"));
}
