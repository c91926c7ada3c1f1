//! A round of review: a report goes to the reviewer, comes back with decisions, and they count.

use std::fs;

use crate::desk::{Desk, root};
use crate::dirty::altered;
use crate::office::fill;

/// A desk at which one economy was run, with a folder for reports that come back.
fn desk() -> Desk {
    let desk = Desk::empty().returning();
    fs::create_dir(desk.path("reviews")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[review]\ndir = \"reviews\"\n")).unwrap();
    fs::copy(root().join("examples/wave-2022/KEN.xlsx"), desk.path("inbox/KEN.xlsx")).unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    desk
}

/// Fills in the sheet of decisions of the present report and sends it back.
fn send_back(desk: &Desk, name: &str, rows: &[&str]) -> bool {
    let arguments: Vec<&str> = rows.iter().flat_map(|row| ["--decide", row]).collect();
    fill(&desk.path("out/reports/KEN.xlsx"), &desk.path(&format!("reviews/{name}")), &arguments)
}

/// The answer to a question as exported: its code, and the override that changed it.
fn answer(desk: &Desk, question: &str) -> (String, String) {
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let rows = desk.table("answers");
    let row = rows.iter().find(|row| row["economy"] == "KEN" && row["question"] == question).unwrap();
    (row["code"].clone(), row["changed_by"].clone())
}

/// The row of a question in a sheet of the present report.
fn report(desk: &Desk, sheet: &str, question: &str) -> Vec<String> {
    let bytes = fs::read(desk.path("out/reports/KEN.xlsx")).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    let rows = book.sheet(sheet).unwrap().rows();
    let shown = rows.map(|(_, cells)| cells.iter().map(|cell| cell.value.display()).collect::<Vec<_>>());
    let mut of_question = shown.filter(|cells| cells.iter().take(4).any(|cell| cell == question));
    of_question.next().unwrap_or_default()
}

fn messages(desk: &Desk, rule: &str) -> Vec<String> {
    let rows = desk.table("findings").into_iter().filter(|row| row["rule"] == rule);
    rows.map(|row| row["message"].clone()).collect()
}

#[test]
fn decisions_made_in_a_report_count_and_malformed_ones_are_told_with_their_cells() {
    let desk = desk();
    let rows = [
        "I-5.13|Override|0 = No, or not known||The bus is not in use.|A. Reviewer",
        "I-6.7|Override|||no answer is given|A. Reviewer",
        "I-8.8|Accept|||Confirmed by telephone.|A. Reviewer",
        "I-11.9|Override|7||no such answer|A. Reviewer",
    ];
    if !send_back(&desk, "KEN.xlsx", &rows) {
        return;
    }
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    for expected in [
        "KEN.xlsx: Review!H7: An override of I-6.7 needs the new answer.",
        "The answer \"7\" is not accepted",
    ] {
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    let told = "; reviews – decisions: 1, findings accepted: 2, decisions not taken: 2\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
    // The next report says what counts, who decided it and why, and what was submitted.
    let cells = report(&desk, "Answers", "I-5.13");
    assert!(cells.contains(&"No, or not known".to_owned()), "{cells:?}");
    let decided = "A. Reviewer: The bus is not in use. Submitted: 2 = ";
    assert!(cells.iter().any(|cell| cell.starts_with(decided)), "{cells:?}");
    let (code, changed_by) = answer(&desk, "I-5.13");
    assert_eq!((code.as_str(), changed_by.len()), ("0", 12));
    assert_eq!(answer(&desk, "I-6.7"), ("2".to_owned(), String::new()));
    assert_eq!(answer(&desk, "I-11.9"), ("2".to_owned(), String::new()));
    let told = messages(&desk, "OVERRIDE-001");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("A. Reviewer") && told[0].contains("The bus is not in use."), "{told:?}");
    let accepted = desk.table("findings").into_iter().filter(|row| row["status"] == "accepted");
    assert!(accepted.clone().count() > 0 && accepted.clone().all(|row| row["question"] == "I-8.8"));

    // The same file again is the same decisions; what is wrong in it is told until it is corrected.
    let again = desk.gtmi(&["run"]);
    assert_eq!(again.code, 1, "{}", again.stderr);
    assert!(
        again.stderr.contains("nothing changed") && again.stderr.contains("Review!H7"),
        "{}",
        again.stderr
    );
    assert_eq!(desk.gtmi(&["review", "decisions", "--json"]).json().as_array().unwrap().len(), 1);

    // What is undone stays undone, although the file still lies there.
    let undo = desk.gtmi(&["review", "undo", &changed_by, "--by", "A. Reviewer", "--reason", "a mistake"]);
    assert_eq!(undo.code, 0, "{}", undo.stderr);
    desk.gtmi(&["run"]);
    assert_eq!(answer(&desk, "I-5.13"), ("2".to_owned(), String::new()));
}

#[test]
fn reviewers_who_disagree_and_answers_that_changed_leave_the_submitted_answer_in_force() {
    let desk = desk();
    let one = "I-5.13|Override|0 = No, or not known||The bus is not in use.|A. Reviewer";
    let other = "I-5.13|Override|1 = Yes, through separate interfaces||Interfaces were shown.|B. Reviewer";
    if !send_back(&desk, "a.xlsx", &[one, "I-8.8|Return|||Please check.|A. Reviewer"])
        || !send_back(&desk, "b.xlsx", &[other])
    {
        return;
    }
    // The submission changes before the reports come back: only what still fits is applied.
    let corrected = altered(&desk, "KEN", &[("CGSI", "D64", "1")]);
    fs::write(desk.path("inbox/KEN.xlsx"), corrected).unwrap();
    fs::rename(desk.path("reviews"), desk.path("later")).unwrap();
    fs::create_dir(desk.path("reviews")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    fs::copy(desk.path("later/a.xlsx"), desk.path("reviews/a.xlsx")).unwrap();
    let stale = desk.gtmi(&["run"]);
    assert_eq!(stale.code, 1, "{}", stale.stderr);
    assert!(stale.stderr.contains("was made on another submission"), "{}", stale.stderr);
    assert_eq!(answer(&desk, "I-5.13"), ("1".to_owned(), String::new()));
    assert_eq!(messages(&desk, "OVERRIDE-002").len(), 1);

    let desk = self::desk();
    assert!(send_back(&desk, "a.xlsx", &[one]) && send_back(&desk, "b.xlsx", &[other]));
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(answer(&desk, "I-5.13"), ("2".to_owned(), String::new()));
    let conflict = messages(&desk, "OVERRIDE-003");
    assert_eq!(conflict.len(), 1);
    assert!(conflict[0].contains("A. Reviewer") && conflict[0].contains("B. Reviewer"), "{conflict:?}");
}

#[test]
fn answers_that_changed_since_the_approval_are_new_questions() {
    let desk = desk();
    assert!(report(&desk, "Review", "I-5.12").is_empty(), "nothing is open about it");
    let approved = desk.gtmi(&["review", "approve", "KEN", "--by", "A. Reviewer", "--reason", "complete"]);
    assert_eq!(approved.code, 0, "{}", approved.stderr);
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(report(&desk, "Review", "I-5.12").is_empty(), "what was approved is not new");

    let before = answer(&desk, "I-5.12").0;
    let now = if before == "1" { "0" } else { "1" };
    let corrected = altered(&desk, "KEN", &[("CGSI", "D63", now)]);
    fs::write(desk.path("inbox/KEN.xlsx"), corrected).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(answer(&desk, "I-5.12").0, now);
    let row = report(&desk, "Review", "I-5.12");
    assert!(row.contains(&"New".to_owned()), "{row:?}");
    assert!(
        row.iter().any(|cell| cell.contains(&format!("{before} = "))),
        "it says what was approved: {row:?}"
    );
}
