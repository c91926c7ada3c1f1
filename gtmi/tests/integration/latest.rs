//! The submission of an economy that is told of: the same one wherever it is told, and of the wave.

use std::collections::BTreeSet;
use std::fs;

use crate::desk::{Desk, Ran, is_workbook};

/// What is told of Kenya: by the state, the table of findings, the return and the global workbook.
fn told(desk: &Desk) -> (String, usize, String) {
    let status = desk.gtmi(&["status", "--json"]).json();
    let line = status.as_array().unwrap().iter().find(|line| line["economy"] == "KEN").unwrap().clone();
    fs::remove_dir_all(desk.path("export")).unwrap_or_default();
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let errors = desk
        .table("findings")
        .iter()
        .filter(|row| row["economy"] == "KEN" && row["severity"] == "error")
        .count();
    assert_eq!(line["errors"], errors);
    let returned = fs::read(desk.path("out/feedback/KEN.xlsx")).unwrap();
    let book = reader::read(&returned, &reader::Limits::default()).unwrap();
    let receipt: Vec<String> = book.sheets[0].cells.iter().map(|cell| cell.value.display()).collect();
    let receipt = receipt.join("\n");
    let state = if receipt.contains("Accepted") { "accepted" } else { "returned" };
    assert_eq!(line["state"], state, "{receipt}");
    (state.to_owned(), errors, line["file"].as_str().unwrap().to_owned())
}

fn run(desk: &Desk, code: i32, counts: &str) -> Ran {
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, code, "{}", run.stderr);
    assert!(run.stderr.contains(counts), "{counts} is not in {}", run.stderr);
    run
}

#[test]
fn what_is_replaced_put_back_or_taken_out_is_told_alike_everywhere() {
    let desk = Desk::with(&["KEN"]).returning();
    let good = fs::read(desk.path("inbox/KEN.xlsx")).unwrap();
    let accepted = || ("accepted".to_owned(), 0, "KEN.xlsx".to_owned());
    run(&desk, 0, "1 accepted, 0 returned");
    assert_eq!(told(&desk), accepted());

    // A version without answers takes its place.
    assert_eq!(desk.gtmi(&["template", "--economy", "KEN", "--out", "blank.xlsx"]).code, 0);
    fs::copy(desk.path("blank.xlsx"), desk.path("inbox/KEN.xlsx")).unwrap();
    run(&desk, 1, "0 accepted, 1 returned");
    let (state, errors, _) = told(&desk);
    assert!(state == "returned" && errors > 9, "{state} {errors}");

    // The version before is put back: what was told of the other one is history.
    fs::write(desk.path("inbox/KEN.xlsx"), &good).unwrap();
    run(&desk, 0, "1 accepted, 0 returned");
    assert_eq!(told(&desk), accepted());

    // Another one comes beside it, and its sender takes it back.
    let another = ["template", "--economy", "KEN", "--language", "fr", "--out", "inbox/KEN-2.xlsx"];
    assert_eq!(desk.gtmi(&another).code, 0);
    run(&desk, 1, "1 accepted, 1 returned");
    assert_eq!(told(&desk).0, "returned");
    fs::remove_file(desk.path("inbox/KEN-2.xlsx")).unwrap();
    run(&desk, 0, "1 accepted, 0 returned");
    assert_eq!(told(&desk), accepted());

    // What was accepted stays in force without its file.
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    run(&desk, 0, "1 accepted, 0 returned");
    assert_eq!(told(&desk), accepted());
}

#[test]
fn what_was_returned_waits_for_its_sender_without_its_file_too() {
    let desk = Desk::empty().returning();
    assert_eq!(desk.gtmi(&["template", "--economy", "KEN", "--out", "inbox/KEN.xlsx"]).code, 0);
    run(&desk, 1, "0 accepted, 1 returned");
    fs::remove_file(desk.path("inbox/KEN.xlsx")).unwrap();
    run(&desk, 1, "returned KEN Kenya, KEN.xlsx");
    assert_eq!(told(&desk).0, "returned");
}

#[test]
fn the_record_of_the_latest_run_tells_what_holds_now() {
    let desk = Desk::with(&["KEN"]);
    fs::write(desk.path("inbox/notes.xlsx"), "no workbook").unwrap();
    run(&desk, 1, "1 accepted, 0 returned");
    let record = |desk: &Desk| -> serde_json::Value {
        serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap()
    };
    let refused = |record: &serde_json::Value| {
        record["outputs"].as_object().unwrap().keys().filter(|path| path.starts_with("refused/")).count()
    };
    assert_eq!((&record(&desk)["exit_code"], refused(&record(&desk))), (&1.into(), 1));
    // Stages that are left out change nothing about what waits.
    let again = desk.gtmi(&["run", "--from", "report", "--json"]);
    assert_eq!((again.code, &again.json()["exit_code"]), (1, &1.into()));

    fs::remove_file(desk.path("inbox/notes.xlsx")).unwrap();
    let without = desk.gtmi(&["run", "--json"]);
    assert_eq!((without.code, &without.json()["exit_code"]), (0, &0.into()), "{}", without.stderr);
    assert_eq!(without.json(), record(&desk));
    assert_eq!(refused(&record(&desk)), 0);
    let idle = run(&desk, 0, "nothing changed since the last run; nothing was written");
    assert!(idle.stderr.contains("1 accepted, 0 returned"), "{}", idle.stderr);
}

#[test]
fn a_file_is_told_by_the_name_that_it_was_last_seen_under() {
    let desk = Desk::with(&["KEN"]);
    fs::write(desk.path("inbox/broken.xlsx"), "no workbook").unwrap();
    let names = |desk: &Desk| {
        let ran = desk.gtmi(&["run"]);
        assert!(ran.code <= 1, "{}", ran.stderr);
        let status = desk.gtmi(&["status", "--json"]).json();
        let line = status.as_array().unwrap().iter().find(|line| line["economy"] == "KEN").unwrap().clone();
        let refused: Vec<_> =
            fs::read_dir(desk.path("out/refused")).unwrap().map(|file| file.unwrap().file_name()).collect();
        assert_eq!(refused.len(), 1, "{refused:?}");
        let refused = refused[0].to_string_lossy().into_owned();
        (line["file"].as_str().unwrap().to_owned(), refused.split('.').next().unwrap().to_owned())
    };
    let told = |one: &str, other: &str| (one.to_owned(), other.to_owned());
    assert_eq!(names(&desk), told("KEN.xlsx", "broken"));
    let moved = |pairs: [(&str, &str); 2]| {
        for (from, to) in pairs {
            fs::rename(desk.path("inbox").join(from), desk.path("inbox").join(to)).unwrap();
        }
    };
    moved([("KEN.xlsx", "kenya.xlsx"), ("broken.xlsx", "damaged.xlsx")]);
    assert_eq!(names(&desk), told("kenya.xlsx", "damaged"));
    moved([("kenya.xlsx", "KEN.xlsx"), ("damaged.xlsx", "broken.xlsx")]);
    assert_eq!(names(&desk), told("KEN.xlsx", "broken"));
    moved([("KEN.xlsx", "z.xlsx"), ("broken.xlsx", "z-broken.xlsx")]);
    assert_eq!(names(&desk), told("z.xlsx", "z-broken"));

    // Under two names at once it has the first of them, and the other one when that goes.
    fs::copy(desk.path("inbox/z.xlsx"), desk.path("inbox/Kenya.xlsx")).unwrap();
    assert_eq!(names(&desk).0, "Kenya.xlsx");
    fs::remove_file(desk.path("inbox/Kenya.xlsx")).unwrap();
    assert_eq!(names(&desk).0, "z.xlsx");
    let idle = run(&desk, 1, "nothing changed since the last run; nothing was written");
    assert!(idle.stderr.contains("z-broken.xlsx"), "{}", idle.stderr);

    // What is taken out keeps its name.
    fs::remove_file(desk.path("inbox/z.xlsx")).unwrap();
    assert_eq!(names(&desk).0, "z.xlsx");
}

#[test]
fn two_waves_in_one_store_are_told_of_apart() {
    let desk = Desk::with(&["KEN", "FRA"]).returning();
    run(&desk, 0, "2 accepted, 0 returned");
    assert_eq!(desk.gtmi(&["export", "--out", "before"]).code, 0);
    let before = desk.outputs();

    let config = desk.configuration_of_wave("2028").replace("dir = \"out\"", "dir = \"out-2028\"");
    fs::write(desk.path("2028.toml"), config).unwrap();
    // In 2028 what has no evidence is returned, and answers to try with have none.
    let later = |arguments: &[&str]| desk.gtmi(&[&["--config", "2028.toml"], arguments].concat());
    assert_eq!(later(&["demo", "--out", "inbox-2028", "--economy", "KEN"]).code, 0);
    let run_later = later(&["run"]);
    assert_eq!(run_later.code, 1, "{}", run_later.stderr);
    assert!(run_later.stderr.contains("0 accepted, 1 returned"), "{}", run_later.stderr);
    let changed = desk.gtmi(&["diff"]);
    assert_eq!(changed.code, 2, "a run of another wave is not the one before: {}", changed.stderr);
    assert!(changed.stderr.contains("there is one run of wave 2022 only"), "{}", changed.stderr);
    let states = |ran: &Ran| -> BTreeSet<String> {
        let lines = ran.json();
        let lines = lines.as_array().unwrap().iter();
        let told = lines.map(|line| (line["economy"].as_str().unwrap(), line["state"].as_str().unwrap()));
        told.filter(|(_, state)| *state != "nothing received")
            .map(|(of, state)| format!("{of} {state}"))
            .collect()
    };
    assert_eq!(states(&later(&["status", "--json"])), BTreeSet::from(["KEN returned".to_owned()]));
    let returns: Vec<_> = fs::read_dir(desk.path("out-2028/feedback")).unwrap().collect();
    assert_eq!(returns.len(), 1, "nothing came from France in 2028");

    let expected = BTreeSet::from(["FRA accepted".to_owned(), "KEN accepted".to_owned()]);
    assert_eq!(states(&desk.gtmi(&["status", "--json"])), expected);
    let again = run(&desk, 0, "2 accepted, 0 returned");
    assert!(!again.stderr.contains("counts as the latest"), "{}", again.stderr);
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
    assert_eq!(record["wave"], 2022);
    assert_eq!(states(&desk.gtmi(&["status", "--json"])), expected);
    let after = desk.outputs();
    for (path, bytes) in before.iter().filter(|(path, _)| is_workbook(path)) {
        assert!(after.get(path) == Some(bytes), "{path} changed: {}", again.stderr);
    }
    assert_eq!(desk.gtmi(&["export", "--out", "after"]).code, 0);
    let [then, now] = ["before/findings.csv", "after/findings.csv"]
        .map(|path| fs::read_to_string(desk.path(path)).unwrap());
    assert_eq!(now, then);

    // Once both are scored, each finds everything as it left it, however often they take turns.
    let framework = desk.path("frameworks/gtmi-2028/framework.toml");
    let text = fs::read_to_string(&framework).unwrap();
    fs::write(&framework, text.replace("needed = \"scored\"", "needed = \"none\"")).unwrap();
    assert_eq!(later(&["run"]).code, 0);
    let idle = "nothing changed since the last run";
    for ran in [desk.gtmi(&["run"]), later(&["run"])] {
        assert!(ran.code == 0 && ran.stderr.contains(idle), "{}", ran.stderr);
    }
}

#[test]
fn the_first_run_of_another_wave_tells_whose_reports_give_way() {
    let desk = Desk::with(&["KEN", "FRA"]);
    run(&desk, 0, "2 accepted, 0 returned");
    assert_eq!(desk.gtmi(&["publish", "--by", "C. Head"]).code, 0);
    fs::write(desk.path("pipeline.toml"), desk.configuration_of_wave("2028")).unwrap();
    let told = "the reports of 2 economies of wave 2022 (published: published-2022.json), with their marked returns and \
                global.xlsx, give way to it";
    let dry = desk.gtmi(&["run", "--dry-run"]);
    assert!(dry.stderr.contains(told), "{}", dry.stderr);
    let into = format!("this is the first run of wave 2028 into {}: ", desk.path("out").display());
    assert!(dry.stderr.contains(&into), "{}", dry.stderr);
    assert!(desk.path("out/reports/KEN.xlsx").exists());
    let first = run(&desk, 0, told);
    assert!(first.stderr.contains(&into), "{}", first.stderr);
    assert!(!desk.path("out/reports/KEN.xlsx").exists());
    assert!(!run(&desk, 0, "").stderr.contains("give way"));
}

#[test]
fn that_reports_give_way_is_said_once_also_by_the_stage_alone() {
    let desk = Desk::with(&["KEN"]);
    run(&desk, 0, "1 accepted, 0 returned");
    fs::write(desk.path("pipeline.toml"), desk.configuration_of_wave("2028")).unwrap();
    let framework = desk.path("frameworks/gtmi-2028/framework.toml");
    let text = fs::read_to_string(&framework).unwrap();
    fs::write(&framework, text.replace("needed = \"scored\"", "needed = \"none\"")).unwrap();
    assert_eq!(desk.gtmi(&["demo", "--out", "inbox-2028", "--economy", "KEN"]).code, 0);
    let stage = |name: &str| {
        let ran = desk.gtmi(&[name]);
        assert!(ran.code <= 1, "{name}: {}", ran.stderr);
        ran.stderr.contains("the report of 1 economy of wave 2022")
    };
    let told = ["ingest", "validate", "score", "report", "report"].map(stage);
    assert!(desk.path("out/reports/KEN.xlsx").exists());
    assert_eq!(told, [false, false, false, true, false]);
}
