//! What people type: options that every command takes, files that are not written over, and messages that say what to do.

use std::fs;
use std::os::unix::fs::symlink;

use crate::decisions::decide;
use crate::desk::{Desk, Ran, root};
use crate::dirty::altered;
use crate::other_indices::asem;

/// Exit 2, and the message.
fn assert_usage(ran: &Ran, expected: &str) {
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains(expected), "{expected}\n--- is not in\n{}", ran.stderr);
}

/// A desk at which Kenya's questionnaire came with so many mistakes that not all are quoted.
fn with_mistakes() -> Desk {
    let desk = Desk::with(&["KEN"]);
    let cells: Vec<String> = (6..18).map(|row| format!("D{row}")).collect();
    let mistakes: Vec<(&str, &str, &str)> = cells.iter().map(|cell| ("CGSI", &**cell, "Maybe")).collect();
    let bytes = altered(&desk, "KEN", &mistakes);
    fs::create_dir(desk.path("inbox/sent")).unwrap();
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    fs::write(desk.path("inbox/sent/KEN.xlsx"), bytes).unwrap();
    desk
}

#[test]
fn every_command_tells_the_version() {
    let desk = Desk::empty();
    for command in
        [&["run"][..], &["status"], &["review", "override"], &["framework", "check"], &["schedule"]]
    {
        let ran = desk.gtmi(&[command, &["--version"]].concat());
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.stderr);
        assert!(ran.stdout.contains(env!("CARGO_PKG_VERSION")), "{command:?}: {}", ran.stdout);
    }
}

#[test]
fn variables_reach_into_sections_that_the_file_does_not_have() {
    let desk = Desk::with(&["KEN"]);
    let with = |variable: &str, value: &str, arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_gtmi"))
            .args(arguments)
            .current_dir(desk.path(""))
            .env(variable, value)
            .output()
            .unwrap()
    };
    let external = with("GTMI_EXTERNAL__TII__EDITION", "2022", &["external"]);
    let said = String::from_utf8_lossy(&external.stderr).into_owned();
    assert!(external.status.success() && said.contains("TII 2022, pinned"), "{said}");
    let wrong = with("GTMI_COMPARATORS__PINN", "may", &["status"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said.contains("GTMI_COMPARATORS__PINN: unknown field `pinn`"), "{said}");
    assert!(said.contains("did you mean \"pin\"?"), "{said}");
}

#[test]
fn questionnaires_that_somebody_filled_in_are_not_written_over() {
    let desk = Desk::with(&["KEN"]);
    fs::create_dir(desk.path("sent")).unwrap();
    let filled = fs::read(desk.path("inbox/KEN.xlsx")).unwrap();
    fs::write(desk.path("sent/KEN.xlsx"), &filled).unwrap();
    let there = || fs::read(desk.path("sent/KEN.xlsx")).unwrap();
    let one = ["template", "--economy", "KEN", "--out", "sent"];
    let all = ["template", "--out", "sent"];
    for arguments in [&one[..], &all] {
        assert_usage(&desk.gtmi(arguments), "sent/KEN.xlsx is there already and holds something else");
        assert!(there() == filled);
        assert_eq!(fs::read_dir(desk.path("sent")).unwrap().count(), 1, "nothing was written");
    }
    assert_eq!(desk.gtmi(&[&one[..], &["--force"]].concat()).code, 0);
    let blank = there();
    assert!(blank != filled);
    // What nobody wrote into is replaced: the same, and another one.
    assert_eq!(desk.gtmi(&one).code, 0);
    assert!(there() == blank, "the same bytes each time");
    let french = desk.gtmi(&[&one[..], &["--language", "fr"]].concat());
    assert_eq!(french.code, 0, "{}", french.stderr);
    assert!(there() != blank);
    // No file is a folder, and no folder a file.
    assert_usage(
        &desk.gtmi(&["template", "--out", "pipeline.toml"]),
        "pipeline.toml is a file, not a folder",
    );
}

#[test]
fn a_marked_return_is_written_neither_over_its_file_nor_over_another_one() {
    let desk = Desk::with(&["KEN", "PER"]);
    let sent = fs::read(desk.path("inbox/KEN.xlsx")).unwrap();
    symlink(desk.path("inbox/KEN.xlsx"), desk.path("link.xlsx")).unwrap();
    for out in ["inbox/KEN.xlsx", "./inbox/../inbox/KEN.xlsx", "link.xlsx"] {
        for force in [&[][..], &["--force"]] {
            let ran = desk.gtmi(&[&["check", "inbox/KEN.xlsx", "--out", out], force].concat());
            assert_usage(&ran, "the marked return would be written over inbox/KEN.xlsx itself");
            assert!(fs::read(desk.path("inbox/KEN.xlsx")).unwrap() == sent);
        }
    }
    let into = |out: &str| desk.gtmi(&["check", "inbox/KEN.xlsx", "--out", out]);
    assert_usage(&into("inbox/PER.xlsx"), "inbox/PER.xlsx is there already and holds something else");
    assert_usage(&into("inbox"), "inbox is a folder");
    assert_eq!(into("KEN-marked.xlsx").code, 0);
    assert_eq!(into("KEN-marked.xlsx").code, 0, "the same again");
    let forced = desk.gtmi(&["check", "inbox/KEN.xlsx", "--out", "inbox/PER.xlsx", "--force"]);
    assert_eq!(forced.code, 0, "{}", forced.stderr);
}

#[test]
fn what_a_run_cuts_short_is_shown_whole_by_the_command_that_it_names() {
    let desk = with_mistakes();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let line = run.stderr.lines().find(|line| line.contains(" more: gtmi check ")).unwrap();
    assert!(line.contains("gtmi check \"inbox/sent/KEN.xlsx\" -v shows all"), "{line}");
    let shown = desk.gtmi(&["check", "inbox/sent/KEN.xlsx", "-v"]);
    assert_eq!(shown.code, 1);
    assert!(!shown.stderr.contains("more of"), "{}", shown.stderr);

    // Another file came under its name: the store has what was returned.
    fs::copy(root().join("examples/wave-2022/PER.xlsx"), desk.path("inbox/sent/KEN.xlsx")).unwrap();
    let told = desk.gtmi(&["explain", "KEN"]);
    assert_usage(&told, "KEN has no scores yet: sent/KEN.xlsx was returned with ");
    let path = told.stderr.split('"').nth(1).unwrap();
    assert!(path.starts_with("out/gtmi.files/"), "{path}");
    let shown = desk.gtmi(&["check", path, "-v"]);
    assert!(shown.code == 1 && shown.stderr.contains("KEN: would be returned"), "{}", shown.stderr);
}

#[test]
fn why_there_are_no_scores_is_said() {
    let desk = with_mistakes();
    assert_usage(&desk.gtmi(&["explain", "KEN"]), "KEN has no scores yet: no run was made yet");
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    for command in
        [&["explain", "KEN", "GTMI"][..], &["raise", "KEN"], &["framework", "method", "--economy", "KEN"]]
    {
        let ran = desk.gtmi(command);
        assert_usage(&ran, "KEN has no scores yet: sent/KEN.xlsx was returned with ");
        assert!(ran.stderr.contains("(gtmi check \"inbox/sent/KEN.xlsx\" -v shows them)"), "{}", ran.stderr);
    }
    assert_usage(
        &desk.gtmi(&["explain", "FRA", "GTMI"]),
        "FRA has no scores yet: nothing came from it for wave 2022",
    );
}

#[test]
fn a_wave_is_not_published_while_decisions_wait_for_a_run() {
    let desk = Desk::with(&["KEN", "PER"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let publish = |by: &str| desk.gtmi(&["publish", "--by", by]);
    let run = || {
        let ran = desk.gtmi(&["run"]);
        assert!(ran.code <= 1, "{}", ran.stderr);
    };
    let refused = |expected: &str| {
        assert_usage(&publish("C. Head"), expected);
        assert!(!desk.path("out/published-2022.json").exists());
    };
    let author = ["--by", "A. Reviewer", "--reason", "seen"];
    let review = |arguments: &[&str]| {
        let ran = desk.gtmi(&[&["review"], arguments, &author[..]].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        ran.stderr.split_whitespace().nth(1).unwrap_or_default().to_owned()
    };
    let first = decide(&desk, "1", "A. Reviewer");
    refused(
        "1 decision waits for a run: override KEN I-1 by A. Reviewer (gtmi run first, then gtmi publish)",
    );
    run();
    // Another reviewer wants another answer: neither counts from the next run on, and that is settled.
    let second = decide(&desk, "0", "B. Other");
    refused("1 decision waits for a run: override KEN I-1 by B. Other");
    run();
    let published = publish("C. Head");
    assert_eq!(published.code, 0, "{}", published.stderr);
    assert!(!published.stderr.contains("takes the place"), "{}", published.stderr);
    fs::remove_file(desk.path("out/published-2022.json")).unwrap();

    // One gives way, one is undone, one is returned, a finding is accepted.
    review(&["undo", &second]);
    refused("1 decision waits for a run: override KEN I-1 by A. Reviewer");
    run();
    review(&["undo", &first]);
    let returned = review(&["return", "PER"]);
    refused(
        "2 decisions wait for a run: undo of the override KEN I-1 by A. Reviewer, return PER by A. Reviewer",
    );
    let check = desk.gtmi(&["publish", "--check"]);
    assert!(check.code == 1 && check.stderr.contains("2 decisions wait for a run"), "{}", check.stderr);
    run();
    review(&["undo", &returned]);
    refused("1 decision waits for a run: undo of the return PER by A. Reviewer");
    run();
    review(&["accept", "KEN", "CONSTRAINT-001", "I-5.13"]);
    refused("1 decision waits for a run: acceptance KEN CONSTRAINT-001 I-5.13 by A. Reviewer");
    run();
    let withdrawn = desk.gtmi(&["review", "withdraw", "KEN", "CONSTRAINT-001", "I-5.13"]);
    assert_eq!(withdrawn.code, 0, "{}", withdrawn.stderr);
    refused("withdrawal of the acceptance KEN CONSTRAINT-001 I-5.13");
    run();

    let published = publish("D. Deputy");
    assert_eq!(published.code, 0, "{}", published.stderr);
    let told = " by C. Head; gtmi publish --check compares with the new one";
    assert!(published.stderr.contains("it takes the place of the publication of "), "{}", published.stderr);
    assert!(published.stderr.contains(told), "{}", published.stderr);
}

#[test]
fn a_pin_that_nothing_is_frozen_under_is_told() {
    let desk = Desk::with(&["KEN"]);
    let pin = |name: &str, desk: &Desk| {
        let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
        let config = config.split("\n[comparators]").next().unwrap();
        fs::write(desk.path("pipeline.toml"), format!("{config}\n[comparators]\npin = \"{name}\"\n"))
            .unwrap();
    };
    // A set is frozen from scores, so the first run is without it.
    pin("may", &desk);
    let first = desk.gtmi(&["run"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    assert!(first.stderr.contains("no comparators are frozen under \"may\" yet"), "{}", first.stderr);
    assert_usage(&desk.gtmi(&["run"]), "no comparators are frozen under \"may\" (gtmi comparators pin may");
    assert_eq!(desk.gtmi(&["comparators", "pin", "may"]).code, 0);
    let reports = || desk.outputs().remove("reports/KEN.xlsx").unwrap();
    let ran = desk.gtmi(&["run"]);
    assert!(ran.code == 0 && !ran.stderr.contains("frozen"), "{}", ran.stderr);
    let with_comparators = reports();

    for (wrong, guess) in [("mai", "may"), ("pblished-2022", "published-2022")] {
        pin(wrong, &desk);
        for command in [&["run"][..], &["run", "--dry-run"], &["report"]] {
            assert_usage(&desk.gtmi(command), &format!("under \"{wrong}\", did you mean \"{guess}\"?"));
        }
        assert!(reports() == with_comparators);
    }
}

#[test]
fn places_that_cannot_be_written_to_are_wrong_usage() {
    let desk = Desk::with(&["KEN"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    for command in [
        &["export", "--out", "pipeline.toml"][..],
        &["export", "--out", "pipeline.toml/tables"],
        &["demo", "--out", "pipeline.toml"],
        &["xlsform", "--out", "pipeline.toml/form.xlsx"],
    ] {
        assert_usage(&desk.gtmi(command), "pipeline.toml is a file, not a folder");
    }
    assert_usage(&desk.gtmi(&["xlsform", "--out", "inbox"]), "inbox is a folder");
    // A stream is not replaced by a file, and a workbook not by a text.
    std::os::unix::net::UnixListener::bind(desk.path("socket")).unwrap();
    assert_usage(&desk.gtmi(&["rules", "--out", "socket"]), "socket is no file");
    for command in
        [&["rules", "--out", "inbox/KEN.xlsx"][..], &["framework", "method", "--out", "inbox/KEN.xlsx"]]
    {
        assert_usage(&desk.gtmi(command), "inbox/KEN.xlsx is a workbook");
    }
    // What somebody filled in is not replaced by an example.
    let kenya = fs::read(desk.path("inbox/KEN.xlsx")).unwrap();
    fs::write(desk.path("inbox/KEN.xlsx"), "filled in").unwrap();
    let again = ["demo", "--out", "inbox", "--economy", "KEN,FRA"];
    assert_usage(&desk.gtmi(&again), "inbox/KEN.xlsx is there already and holds something else");
    assert_eq!(fs::read(desk.path("inbox/KEN.xlsx")).unwrap(), b"filled in");
    assert_eq!(desk.gtmi(&[&again[..], &["--force"]].concat()).code, 0);
    assert_eq!(fs::read(desk.path("inbox/KEN.xlsx")).unwrap(), kenya);
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    for (from, to, expected) in [
        ("path = \"out/gtmi.db\"", "path = \"inbox\"", "[store] path \"inbox\" is a folder"),
        ("dir = \"out\"", "dir = \"pipeline.toml\"", "[output] dir \"pipeline.toml\" cannot be"),
    ] {
        assert!(config.contains(from));
        fs::write(desk.path("pipeline.toml"), config.replace(from, to)).unwrap();
        for command in ["run", "status"] {
            assert_usage(&desk.gtmi(&[command]), expected);
        }
    }
}

#[test]
fn an_index_without_groups_says_so() {
    let desk = asem();
    assert_eq!(desk.gtmi(&["demo", "--dataset", "--out", "inbox"]).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let raise = desk.gtmi(&["raise", "AUT"]);
    assert!(
        raise.code == 0 && raise.stderr.contains("this index has no maturity groups"),
        "{}",
        raise.stderr
    );
    assert!(!raise.stderr.contains("reached already"), "{}", raise.stderr);
    assert_usage(&desk.gtmi(&["raise", "AUT", "--to", "A"]), "this index has no maturity groups");
}

#[test]
fn one_thing_is_not_told_as_many() {
    let desk = Desk::empty();
    let demo = desk.gtmi(&["demo", "--out", "filled", "--economy", "KEN"]);
    assert!(demo.stderr.contains("wrote 1 questionnaire to filled"), "{}", demo.stderr);
    let desk = Desk::after_run();
    let told: String = ["KEN", "FRA", "BRA", "TUR", "EGY", "CHL"]
        .iter()
        .map(|economy| desk.gtmi(&["raise", economy]).stderr)
        .collect();
    assert!(!told.contains(" 1 answers"), "{told}");
}
