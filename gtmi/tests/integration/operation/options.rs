//! `--dry-run`, `--economy`, `--from`, `--force`.

use std::fs;

use super::small_desk;

#[test]
fn a_dry_run_says_what_a_run_does_and_writes_nothing() {
    let desk = small_desk();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    // One is resubmitted; the report of another is lost.
    fs::copy(desk.path("inbox/PER.xlsx"), desk.path("inbox/PER-again.xlsx")).unwrap();
    fs::write(desk.path("inbox/broken.xlsx"), "no workbook").unwrap();
    fs::remove_file(desk.path("out/reports/PER.xlsx")).unwrap();
    let before = desk.outputs();
    let dry = desk.gtmi(&["run", "--dry-run", "--json"]);
    assert_eq!(dry.code, 1, "{}", dry.stderr);
    assert!(dry.stderr.contains("would write reports/PER.xlsx"), "{}", dry.stderr);
    assert!(dry.stderr.contains("refused broken.xlsx"), "{}", dry.stderr);
    assert!(desk.outputs() == before, "the dry run wrote something");

    let real = desk.gtmi(&["run", "--json"]);
    assert_eq!(real.code, dry.code);
    let stages = |ran: &crate::desk::Ran| {
        let mut stages = ran.json()["stages"].clone();
        for stage in stages.as_array_mut().unwrap() {
            stage.as_object_mut().unwrap().remove("seconds");
        }
        stages
    };
    assert_eq!(stages(&dry), stages(&real));
    // Where nothing was ever done, a dry run makes nothing either.
    let fresh = small_desk();
    assert_eq!(fresh.gtmi(&["run", "--dry-run"]).code, 0);
    assert!(!fresh.path("out").exists());
}

#[test]
fn one_economy_can_be_brought_up_to_date_by_itself() {
    let desk = small_desk();
    let ran = desk.gtmi(&["run", "--economy", "Peru"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(desk.path("out/reports/PER.xlsx").exists());
    assert_eq!(fs::read_dir(desk.path("out/reports")).unwrap().count(), 1);
    assert!(!desk.path("out/global.xlsx").exists());
    assert_eq!(desk.gtmi(&["run", "--economy", "Peruh"]).code, 2);
    // The rest comes with a complete run, and all is as if it had been done at once.
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let at_once = small_desk();
    assert_eq!(at_once.gtmi(&["run"]).code, 0);
    let (one, other) = (desk.outputs(), at_once.outputs());
    let workbooks = |path: &&String| crate::desk::is_workbook(path);
    assert!(one.keys().filter(workbooks).eq(other.keys().filter(workbooks)));
    for path in other.keys().filter(workbooks) {
        assert!(one[path] == other[path], "{path}");
    }
}

#[test]
fn what_is_up_to_date_is_done_again_from_the_stage_that_is_asked_for() {
    let desk = small_desk();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let before = desk.outputs();
    let ran = desk.gtmi(&["run", "--force", "--from", "score", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let json = ran.json();
    let stages: Vec<_> = json["stages"].as_array().unwrap().iter().map(|stage| &stage["stage"]).collect();
    assert_eq!(stages, ["score", "report"]);
    assert!(json["stages"].as_array().unwrap().iter().all(|stage| stage["unchanged"] == 0), "{json}");
    let after = desk.outputs();
    for path in before.keys().filter(|path| crate::desk::is_workbook(path)) {
        assert!(before[path] == after[path], "{path}");
    }
    assert_eq!(desk.gtmi(&["run", "--force"]).code, 0);
    assert_eq!(desk.gtmi(&["run", "--from", "scor"]).code, 2);
}
