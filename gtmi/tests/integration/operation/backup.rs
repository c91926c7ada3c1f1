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

#[test]
fn a_backup_without_all_received_files_is_no_backup() {
    let desk = small_desk();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["backup", "--out", "whole"]).code, 0);
    let mut received = std::collections::BTreeMap::new();
    crate::desk::collect(&desk.path("out/gtmi.files"), "", &mut received);
    let files: Vec<&String> = received.keys().collect();
    let at = |folder: &str, file: &str| desk.path(&format!("{folder}/gtmi.files/{file}"));
    // One is lost, another one rots on the disk.
    fs::remove_file(at("out", files[0])).unwrap();
    let mut rotten = received[files[1]].clone();
    rotten[100] ^= 1;
    fs::write(at("out", files[1]), &rotten).unwrap();
    let refused = desk.gtmi(&["backup", "--out", "later"]);
    assert_eq!(refused.code, 70, "{}", refused.stderr);
    assert!(refused.stderr.contains("2 received files are missing or damaged in "), "{}", refused.stderr);
    assert!(
        refused.stderr.contains("(KEN.xlsx)") && refused.stderr.contains("(PER.xlsx)"),
        "{}",
        refused.stderr
    );
    assert!(!desk.path("later/gtmi.db").exists());
    let told = desk.gtmi(&["backup", "--out", "later", "--incomplete"]);
    assert_eq!(told.code, 1, "{}", told.stderr);
    assert!(told.stderr.contains("without 2 received files that are missing or damaged"), "{}", told.stderr);
    // Such a backup brings nothing back, and takes nothing away.
    copy(&desk.path("whole"), &desk.path("rotten"));
    fs::write(at("rotten", files[1]), &rotten).unwrap();
    for (from, code, missing) in [("later", 70, "2 received files are"), ("rotten", 70, "1 received file is")]
    {
        let ran = desk.gtmi(&["restore", "--from", from]);
        assert_eq!(ran.code, code, "{}", ran.stderr);
        assert!(ran.stderr.contains(missing), "{}", ran.stderr);
    }
    let restored = desk.gtmi(&["restore", "--from", "whole"]);
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    assert!(fs::read(at("out", files[1])).unwrap() == received[files[1]]);
    let from_rotten = desk.gtmi(&["restore", "--from", "rotten"]);
    assert_eq!(from_rotten.code, 0, "what is sound already is not replaced: {}", from_rotten.stderr);
    assert!(fs::read(at("out", files[1])).unwrap() == received[files[1]]);
    // Who is forgotten leaves no file, and none is missed.
    let forgotten = desk.gtmi(&["forget", "KEN", "--json"]);
    assert_eq!(forgotten.code, 0, "{}", forgotten.stderr);
    let backup = desk.gtmi(&["backup", "--out", "without"]);
    assert_eq!(backup.code, 0, "{}", backup.stderr);
}
