//! What was backed up can be worked with.

use std::fs;

use super::{small_desk, start, wait_for};
use crate::desk::{Desk, is_workbook, root};

fn copy(from: &std::path::Path, to: &std::path::Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_backup_is_restored_with_everything_and_runs() {
    let desk = small_desk();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let ran = desk.gtmi(&["backup", "--out", "backup"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(desk.gtmi(&["backup", "--out", "backup"]).code, 2, "a backup is never overwritten");
    let before = desk.outputs();
    // The machine is lost: what came in, too.
    fs::remove_dir_all(desk.path("out")).unwrap();
    fs::remove_dir_all(desk.path("inbox")).unwrap();
    fs::create_dir(desk.path("inbox")).unwrap();
    copy(&desk.path("backup"), &desk.path("out"));
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let after = desk.outputs();
    for path in before.keys().filter(|path| is_workbook(path) && !path.starts_with("gtmi.files")) {
        assert!(before[path] == after[path], "{path}");
    }
    assert_eq!(desk.gtmi(&["runs", "--json"]).json().as_array().unwrap().len(), 2);
}

#[test]
fn a_backup_may_be_made_while_a_run_writes() {
    let desk = Desk::empty().returning();
    copy(&root().join("examples/wave-2022"), &desk.path("inbox"));
    fs::remove_file(desk.path("inbox/answers-wide.xlsx")).unwrap();
    let mut child = start(&desk, &["run"]);
    // The run is under way: a submission is in, the end is not there yet.
    wait_for("the first file", || fs::read_dir(desk.path("out/gtmi.files")).ok()?.next().map(drop));
    let ran = desk.gtmi(&["backup", "--out", "backup"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let restored = Desk::empty().returning();
    copy(&desk.path("inbox"), &restored.path("inbox"));
    copy(&desk.path("backup"), &restored.path("out"));
    assert_eq!(restored.gtmi(&["run"]).code, 0);
    let (one, other) = (desk.outputs(), restored.outputs());
    for path in one.keys().filter(|path| path.starts_with("reports/") || *path == "global.xlsx") {
        assert!(one[path] == other[path], "{path}");
    }
}
