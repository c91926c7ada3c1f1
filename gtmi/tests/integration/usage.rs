//! What people type: options that every command takes, files that are not written over, and messages that say what to do.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

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

#[test]
fn what_a_run_writes_never_comes_back_as_a_submission() {
    let desk = Desk::with(&["KEN"]).returning();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let with_path = |path: &str| {
        fs::write(
            desk.path("pipeline.toml"),
            config.replace("path = \"inbox\"", &format!("path = \"{path}\"")),
        )
        .unwrap();
    };
    with_path(".");
    let dry = desk.gtmi(&["run", "--dry-run"]);
    assert_eq!(dry.code, 0, "{}", dry.stderr);
    let first = desk.gtmi(&["run"]);
    assert!(first.code == 0 && first.stderr.contains("ingest    1 file;"), "{}", first.stderr);
    // The returns and reports lie in the source now.
    assert!(desk.path("out/feedback/KEN.xlsx").exists());
    for command in [&["run"][..], &["run", "--dry-run"]] {
        let ran = desk.gtmi(command);
        assert!(ran.stderr.contains("ingest    nothing new, 1 file unchanged; 0 refused"), "{}", ran.stderr);
        let note = "the source \"examples\" holds what the pipeline writes, which is not read: out (";
        assert_eq!(ran.stderr.matches(note).count(), 1, "{}", ran.stderr);
    }
    for path in ["out", "out/feedback", "inbox/../out/sent"] {
        with_path(path);
        assert_usage(&desk.gtmi(&["run"]), "the source \"examples\" lies in ");
    }
}

#[test]
fn a_wave_is_published_as_the_last_run_wrote_it_and_nothing_beside() {
    let desk = Desk::with(&["KEN", "PER"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let publish = || desk.gtmi(&["publish", "--by", "C. Head"]);
    let report = desk.path("out/reports/KEN.xlsx");
    let written = fs::read(&report).unwrap();
    fs::remove_file(&report).unwrap();
    assert_usage(&publish(), "reports/KEN.xlsx is missing (gtmi run first, then gtmi publish)");
    fs::write(&report, "altered").unwrap();
    assert_usage(
        &publish(),
        "reports/KEN.xlsx is not what the last run wrote (gtmi run first, then gtmi publish)",
    );
    fs::remove_file(desk.path("out/global.xlsx")).unwrap();
    assert_usage(&publish(), "global.xlsx is missing; reports/KEN.xlsx is not what the last run wrote");
    assert!(!desk.path("out/published-2022.json").exists());
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(fs::read(&report).unwrap() == written);
    // A run over one economy leaves the global workbook as it was.
    fs::copy(root().join("examples/wave-2022/SEN.xlsx"), desk.path("inbox/SEN.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["run", "--economy", "SEN"]).code, 0);
    assert_usage(&publish(), "global.xlsx does not show the scores as they are now (gtmi run first");
    fs::remove_file(desk.path("inbox/SEN.xlsx")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    // What others put there is not published.
    fs::write(desk.path("out/reports/notes.txt"), "mine").unwrap();
    fs::write(desk.path("out/reports/~$KEN.xlsx"), "lock").unwrap();
    fs::create_dir(desk.path("out/reports/old")).unwrap();
    let published = publish();
    assert_eq!(published.code, 0, "{}", published.stderr);
    assert!(published.stderr.contains("3 economies, 4 workbooks"), "{}", published.stderr);
    let document: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("out/published-2022.json")).unwrap()).unwrap();
    let outputs: Vec<&String> = document["outputs"].as_object().unwrap().keys().collect();
    assert_eq!(outputs, ["global.xlsx", "reports/KEN.xlsx", "reports/PER.xlsx", "reports/SEN.xlsx"]);
    assert_eq!(desk.gtmi(&["publish", "--check"]).code, 0);
    fs::remove_file(desk.path("out/reports/PER.xlsx")).unwrap();
    let check = desk.gtmi(&["publish", "--check"]);
    assert!(check.code == 1 && check.stderr.contains("reports/PER.xlsx: gone"), "{}", check.stderr);
}

#[test]
fn a_wave_is_not_published_while_reports_that_came_back_are_unread() {
    let desk = Desk::with(&["KEN"]);
    fs::create_dir(desk.path("reviews")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[review]\ndir = \"reviews\"\n")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let publish = || desk.gtmi(&["publish", "--by", "C. Head"]);
    fs::copy(desk.path("out/reports/KEN.xlsx"), desk.path("reviews/KEN.xlsx")).unwrap();
    assert_usage(&publish(), "reviews/KEN.xlsx waits for a run (gtmi run first, then gtmi publish)");
    fs::copy(desk.path("out/global.xlsx"), desk.path("reviews/global.xlsx")).unwrap();
    assert_usage(&publish(), "reviews/KEN.xlsx, reviews/global.xlsx wait for a run");
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("          global.xlsx has no sheet in which decisions"), "{}", ran.stderr);
    // What holds no decisions was looked at as well: a run would say the same again.
    let published = publish();
    assert_eq!(published.code, 0, "{}", published.stderr);
    // Nor is anything missed that is of a kind that is not read.
    for name in ["more.csv", "KEN.xlsb", "Thumbs.db"] {
        fs::write(desk.path("reviews").join(name), name).unwrap();
    }
    assert_usage(&publish(), "reviews/KEN.xlsb, reviews/more.csv wait for a run");
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for told in ["KEN.xlsb is of a kind in which no", "more.csv is a table", "with gtmi review --from"] {
        assert!(ran.stderr.contains(told) && !ran.stderr.contains("Thumbs"), "{}", ran.stderr);
    }
    assert_eq!(publish().code, 0);
    fs::write(desk.path("reviews/KEN.xlsx"), "saved again").unwrap();
    let check = desk.gtmi(&["publish", "--check"]);
    assert!(check.code == 1 && check.stderr.contains("reviews/KEN.xlsx waits for a run"), "{}", check.stderr);
}

#[test]
fn an_export_takes_the_place_of_an_export_and_of_nothing_else() {
    let desk = Desk::with(&["KEN"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    for folder in ["data", "frameworks/gtmi-2022"] {
        fs::create_dir_all(desk.path(folder)).unwrap();
        for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
            if entry.file_type().unwrap().is_file() {
                fs::copy(entry.path(), desk.path(folder).join(entry.file_name())).unwrap();
            }
        }
    }
    let root = root().canonicalize().unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace(&format!("{}/", root.display()), "")).unwrap();
    let table = fs::read(desk.path("data/economies.csv")).unwrap();
    assert_usage(
        &desk.gtmi(&["export", "--out", "data"]),
        "data holds economies.csv, which the configuration names",
    );
    assert_usage(&desk.gtmi(&["export", "--out", "frameworks/gtmi-2022"]), "gtmi-2022 holds framework.toml");
    assert!(fs::read(desk.path("data/economies.csv")).unwrap() == table);
    assert!(!desk.path("data/datapackage.json").exists());

    for folder in ["inbox", "inbox/new"] {
        assert_usage(
            &desk.gtmi(&["export", "--out", folder, "--format", "csv"]),
            "is in the folder of the source \"examples\", and tables of the export would be read as submissions",
        );
    }
    assert_eq!(fs::read_dir(desk.path("inbox")).unwrap().count(), 1);

    fs::create_dir(desk.path("mine")).unwrap();
    fs::write(desk.path("mine/scores.csv"), "my,own\n").unwrap();
    assert_usage(
        &desk.gtmi(&["export", "--out", "mine"]),
        "mine/scores.csv is there already, and no export wrote it",
    );
    fs::remove_file(desk.path("mine/scores.csv")).unwrap();
    fs::write(desk.path("mine/datapackage.json"), "{\"resources\": [{\"path\": \"a.csv\"}]}").unwrap();
    assert_usage(&desk.gtmi(&["export", "--out", "mine"]), "mine/datapackage.json is there already");
    assert_eq!(fs::read_dir(desk.path("mine")).unwrap().count(), 1);

    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    fs::write(desk.path("export/findings.parquet"), "written into").unwrap();
    // An export that was ended before it came to its description left whole tables.
    let whole = fs::read(desk.path("export/datapackage.json")).unwrap();
    fs::remove_file(desk.path("export/datapackage.json")).unwrap();
    fs::remove_file(desk.path("export/findings.parquet")).unwrap();
    let again = desk.gtmi(&["export", "--out", "export"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert!(fs::read(desk.path("export/datapackage.json")).unwrap() == whole);
    fs::write(desk.path("export/findings.parquet"), "written into").unwrap();
    let text = desk.gtmi(&["export", "--out", "export", "--format", "csv"]);
    assert!(text.code == 0 && text.stderr.contains("which this one does not have"), "{}", text.stderr);
    let left: Vec<String> = fs::read_dir(desk.path("export"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".parquet"))
        .collect();
    assert_eq!(left, ["findings.parquet"], "what somebody wrote into stays");
}

#[test]
fn wrong_usage_is_told_and_does_nothing() {
    let desk = Desk::with(&["KEN"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    for blank in ["", "  "] {
        assert_usage(&desk.gtmi(&["forget", "KEN", "--like", blank]), "--like is empty");
    }
    for arguments in [&["review", "--json"][..], &["review", "-v"], &["review", "--config", "pipeline.toml"]]
    {
        assert_usage(&desk.gtmi(arguments), "gtmi review needs a decision to take");
    }
    assert_usage(
        &desk.gtmi(&["framework", "check", "--wave", "2025"]),
        "--wave is 2025, but the framework is for wave 2022",
    );
    assert_eq!(desk.gtmi(&["framework", "check", "--wave", "2022"]).code, 0);
    assert_usage(&desk.gtmi(&["rules", "--wave", "2022"]), "the same for every wave");
    for (color, is_colored) in [("never", false), ("always", true)] {
        let wrong = desk.gtmi(&["--color", color, "rum"]);
        assert_eq!((wrong.code, wrong.stderr.contains('\u{1b}')), (2, is_colored), "{}", wrong.stderr);
        let help = desk.gtmi(&["run", &format!("--color={color}"), "--help"]);
        assert_eq!((help.code, help.stdout.contains('\u{1b}')), (0, is_colored), "{}", help.stdout);
    }
    assert_usage(&desk.gtmi(&["backup", "--out", "pipeline.toml"]), "pipeline.toml is a file, not a folder");
    let template = desk.gtmi(&["template", "--economy", "KEN", "--out", "none.d/"]);
    assert_eq!(template.code, 0, "{}", template.stderr);
    assert!(desk.path("none.d/KEN.xlsx").exists());
    let runs = desk.gtmi(&["runs", "--last", "0"]);
    assert!(runs.code == 0 && runs.stderr.contains("none of the runs was asked for"), "{}", runs.stderr);
    // Nothing is written where one of the files would be lost.
    fs::write(desk.path("inbox/KEN.xlsx"), "filled in").unwrap();
    assert_eq!(desk.gtmi(&["demo", "--out", "inbox", "--economy", "FRA,KEN,PER"]).code, 2);
    assert_eq!(fs::read_dir(desk.path("inbox")).unwrap().count(), 1);
    // Names may have commas.
    let names = desk.gtmi(&["demo", "--out", "named", "--economy", "Korea, Rep.,Kenya,Egypt"]);
    assert_eq!(names.code, 0, "{}", names.stderr);
    for economy in ["KOR", "KEN", "EGY"] {
        assert!(desk.path(&format!("named/{economy}.xlsx")).exists(), "{economy}");
    }
    assert_usage(
        &desk.gtmi(&["demo", "--out", "named", "--economy", "KEN,Korea, Rip."]),
        "the economy \"Korea\"",
    );
    fs::remove_dir_all(desk.path("out")).unwrap();
    symlink("nowhere", desk.path("out")).unwrap();
    for command in ["run", "status"] {
        assert_usage(&desk.gtmi(&[command]), "is a link to a place that does not exist");
    }
}

#[test]
fn whoever_reads_the_output_by_program_reads_failures_too() {
    let desk = Desk::with(&["KEN"]);
    let wrong = desk.gtmi(&["explain", "KEN", "--json"]);
    assert_usage(&wrong, "KEN has no scores yet");
    assert_eq!(wrong.json()["exit_code"], 2);
    assert!(
        wrong.json()["error"].as_str().unwrap().starts_with("KEN has no scores yet: "),
        "{}",
        wrong.stdout
    );
    let typed = desk.gtmi(&["explian", "--json"]);
    assert_eq!((typed.code, &typed.json()["exit_code"]), (2, &2.into()), "{}", typed.stdout);
    assert!(typed.json()["error"].as_str().unwrap().contains("explian"), "{}", typed.stdout);
    assert!(desk.gtmi(&["explain", "KEN"]).stdout.is_empty());
    // A file that is refused is told in the form of one that is not.
    fs::write(desk.path("notes.xlsx"), "no workbook").unwrap();
    let refused = desk.gtmi(&["check", "notes.xlsx", "--json"]);
    assert_eq!(refused.code, 1, "{}", refused.stderr);
    let told = refused.json();
    assert_eq!((told.as_array().unwrap().len(), &told[0]["state"]), (1, &"refused".into()));
    for key in ["rule", "reason", "what_to_do", "sha256"] {
        assert!(told[0][key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {told}");
    }
    // All of stderr is log lines where they are asked for.
    fs::copy(desk.path("notes.xlsx"), desk.path("inbox/notes.xlsx")).unwrap();
    let lines = |arguments: &[&str]| -> Vec<serde_json::Value> {
        let ran = desk.gtmi(&[arguments, &["--log-format", "json"]].concat());
        ran.stderr.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
    };
    let said = lines(&["run"]);
    let has = |text: &str, level: &str| {
        said.iter().any(|line| {
            line["message"].as_str().is_some_and(|said| said.contains(text)) && line["level"] == level
        })
    };
    assert!(has("refused notes.xlsx", "INFO") && has("done in", "INFO"), "{said:?}");
    let failed = lines(&["explain", "PER"]);
    assert_eq!(
        (&failed.last().unwrap()["level"], &failed.last().unwrap()["exit_code"]),
        (&"ERROR".into(), &2.into())
    );
    assert_eq!(lines(&["explian"]).last().unwrap()["exit_code"], 2);
    assert!(lines(&["run", "-q"]).is_empty());
}

/// Runs the command at a desk with another place for what it prints.
fn printing_to(desk: &Desk, arguments: &[&str], stdout: Stdio) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtmi"));
    let command = command.args(arguments).current_dir(desk.path("")).stdout(stdout).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_result_that_cannot_be_printed_makes_no_failure_of_what_was_done() {
    let desk = Desk::with(&["KEN"]);
    let full = || Stdio::from(fs::OpenOptions::new().write(true).open("/dev/full").unwrap());
    let ran = |arguments: &[&str], stdout: Stdio| printing_to(&desk, arguments, stdout);
    let (code, said) = ran(&["run", "--json"], full());
    assert!(code == 70 && said.contains("failed to write the result to stdout"), "{code}: {said}");
    assert!(ran(&["run", "--json"], full()).0 == 70, "also where nothing changed");
    let (code, said) = ran(&["run", "--json", "--force", "--economy", "KEN"], Stdio::piped());
    assert_eq!(code, 0, "{said}");
    let (code, said) = ran(&["publish", "--json", "--by", "C. Head"], Stdio::piped());
    assert_eq!(code, 0, "{said}");
    let runs = desk.gtmi(&["runs", "--json"]).json().to_string();
    assert!(runs.contains("\"done\"") && !runs.contains("\"failed\""), "{runs}");
}

#[test]
fn a_run_that_finds_nothing_to_do_tells_what_it_noted_itself() {
    let desk = Desk::with(&["KEN"]);
    symlink("KEN.xlsx", desk.path("inbox/link.xlsx")).unwrap();
    let notes = |ran: &Ran| ran.json()["stages"][0]["notes"].to_string();
    let first = desk.gtmi(&["run", "--json"]);
    assert!(notes(&first).contains("1 symbolic link"), "{}", first.stdout);
    fs::remove_file(desk.path("inbox/link.xlsx")).unwrap();
    let idle = desk.gtmi(&["run", "--json"]);
    assert!(idle.stderr.contains("nothing changed since the last run"), "{}", idle.stderr);
    assert_eq!((notes(&idle).as_str(), &idle.json()["id"]), ("null", &first.json()["id"]));
    // What was noted when the work was done stands beside it, and in the record.
    let then = idle.json()["stages"][0]["notes_of_record"].to_string();
    assert_eq!(then, notes(&first));
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
    assert_eq!(record["stages"][0]["notes"].to_string(), then);
    assert!(record["stages"][0].get("notes_of_record").is_none());
}

#[test]
fn figures_tell_of_a_run_that_could_not_have_the_lock() {
    let desk = Desk::empty();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[metrics]\ntextfile = \"gtmi.prom\"\n"))
        .unwrap();
    for in_the_way in ["out/gtmi.lock/x", "out/refused"] {
        let path = desk.path(in_the_way);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "").unwrap();
        assert_eq!(desk.gtmi(&["run"]).code, 70);
        let figures = fs::read_to_string(desk.path("gtmi.prom")).unwrap();
        assert!(figures.contains("gtmi_last_run_exit_code{wave=\"2022\"} 70"), "{figures}");
        for made in ["out", "gtmi.prom"] {
            let made = desk.path(made);
            if made.is_dir() { fs::remove_dir_all(made).unwrap() } else { fs::remove_file(made).unwrap() }
        }
    }
}

#[test]
fn what_the_pipeline_works_with_is_not_written_over() {
    let desk = Desk::empty();
    fs::copy(root().join("data/economies.csv"), desk.path("economies.csv")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let bundled = format!("\"{}/data/economies.csv\"", root().canonicalize().unwrap().display());
    fs::write(desk.path("pipeline.toml"), config.replace(&bundled, "\"economies.csv\"")).unwrap();
    for out in ["pipeline.toml", "economies.csv"] {
        let before = fs::read(desk.path(out)).unwrap();
        for command in [&["rules"][..], &["framework", "method"], &["xlsform"]] {
            let ran = desk.gtmi(&[command, &["--out", out]].concat());
            assert_usage(&ran, "would be lost, and the pipeline works with it");
        }
        assert!(fs::read(desk.path(out)).unwrap() == before, "{out}");
    }
    fs::write(desk.path("pipeline.toml"), "[run").unwrap();
    assert_usage(&desk.gtmi(&["rules", "--out", "pipeline.toml"]), "is a configuration");
}

#[test]
fn a_place_whose_name_is_no_unicode_is_told_as_far_as_it_is() {
    use std::os::unix::ffi::OsStrExt;
    let desk = Desk::empty();
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtmi"));
    let out = std::ffi::OsStr::from_bytes(b"form\xff.xlsx");
    let output =
        command.args(["xlsform", "--json", "--out"]).arg(out).current_dir(desk.path("")).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(String::from_utf8(output.stdout).unwrap().contains("form\u{fffd}.xlsx"));
}

#[test]
fn deciding_about_nothing_leaves_nothing_behind() {
    let desk = Desk::empty();
    let author = ["--by", "A", "--reason", "seen"];
    for (arguments, code) in [
        (&["publish", "--by", "A"][..], 2),
        (&["comparators", "pin", "first"], 2),
        (&[&["review", "approve", "KEN"][..], &author].concat(), 2),
        (&[&["review", "undo", "0123456789ab"][..], &author].concat(), 2),
        (&[&["review", "override", "KEN", "I-1", "--answer", "1"][..], &author].concat(), 2),
        (&[&["review", "accept", "KEN", "ANSWER-001", "I-1"][..], &author].concat(), 2),
        (&["forget", "KEN"], 0),
        (&["notify"], 0),
    ] {
        let ran = desk.gtmi(arguments);
        assert_eq!(ran.code, code, "{arguments:?}: {}", ran.stderr);
        assert!(!desk.path("out").exists(), "{arguments:?}: {}", ran.stderr);
    }
}

#[test]
fn a_file_is_refused_whatever_its_name_and_waits_whatever_stage_is_asked() {
    let desk = Desk::empty();
    fs::write(desk.path("inbox").join("\u{1d40a}".repeat(60) + ".xlsx"), "").unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert_eq!(fs::read_dir(desk.path("out/refused")).unwrap().count(), 1);
    let validated = desk.gtmi(&["validate", "--json"]);
    assert_eq!((validated.code, &validated.json()["attention"]), (1, &true.into()), "{}", validated.stderr);
}

#[test]
fn a_file_that_is_too_large_to_be_read_is_told_of_by_its_size() {
    let desk = Desk::empty();
    fs::File::create(desk.path("large.xlsx")).unwrap().set_len(30 * 1024 * 1024).unwrap();
    let check = desk.gtmi(&["check", "large.xlsx", "--json"]);
    assert_eq!(check.code, 1, "{}", check.stderr);
    assert!(check.stderr.contains("30 MiB"), "{}", check.stderr);
    assert_eq!(check.json()[0]["sha256"].as_str().map(str::len), Some(64));
}

#[test]
fn forgetting_removes_no_file_of_others() {
    let desk = Desk::with(&["KEN"]).returning();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let feedback = desk.path("out/feedback");
    for name in ["KEN.txt", "KEN-respondent-notes.docx", "KEN-respondent-2.xlsx"] {
        fs::write(feedback.join(name), "").unwrap();
    }
    fs::create_dir(feedback.join("KEN")).unwrap();
    let forgot = desk.gtmi(&["forget", "KEN", "--json"]);
    assert_eq!(forgot.code, 0, "{}", forgot.stderr);
    let mut left: Vec<String> = fs::read_dir(feedback)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(left, ["KEN", "KEN-respondent-notes.docx", "KEN.txt"]);
}
