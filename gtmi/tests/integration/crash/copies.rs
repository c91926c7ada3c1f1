//! Copies of the store: a backup and a restore whose disk is full or fails, or that are ended, at each call.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;

use super::damaged::{again, assert_restores, desk};
use super::disk::{FAULTS, what_is_not_told};
use super::injector::{self, Fault};
use super::{some_of, state};
use crate::desk::Desk;

const ALL: [Fault; 5] = [FAULTS[0], FAULTS[1], FAULTS[2], FAULTS[3], Fault::Killed];

const APPROVAL: [&str; 7] = ["review", "approve", "KEN", "--by", "C. Head", "--reason", "complete"];

/// A fetched file, of one version in the backup and of a later one beside the store.
const FETCHED: &str = "gtmi.fetched/web/a.csv";

#[test]
#[expect(clippy::print_stderr, reason = "the long form tells its figures")]
fn a_restore_at_a_disk_that_fails_or_ended_at_any_call_leaves_a_store_and_is_done_again() {
    let desk = desk();
    let expected = state::content(&desk);
    for (folder, version) in [("backup", "of the backup"), ("out", "later")] {
        let file = desk.path(folder).join(FETCHED);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, version).unwrap();
    }
    // What was there is another store than that of the backup, and what makes it another stands in its log.
    approve_and_be_killed(&desk);
    let arguments = ["restore", "--from", "backup"];
    let count = u64::try_from(injector::calls(&again(&desk), &arguments).len()).unwrap();
    let (mut tried, mut untold) = (0, Vec::new());
    for fault in ALL {
        for number in some_of(1..=count, 2) {
            let when = format!("{fault:?} at call {number} of {count}");
            let desk = again(&desk);
            let ended = injector::run(&desk, &arguments, fault, number);
            match fault {
                Fault::Killed => assert_eq!(ended.signal, Some(9), "{when}: {ended:?}"),
                _ => untold.extend(
                    what_is_not_told(&ended, &["out"])
                        .map(|lacks| format!("{when}: {lacks}: {}", ended.stderr)),
                ),
            }
            assert_one_or_the_other(&desk, &when);
            let ran = desk.gtmi(&["status"]);
            assert_eq!(ran.code, 0, "{when}: {}", ran.stderr);
            assert_restores(&desk, &expected);
            assert_eq!(fs::read_to_string(desk.path("out").join(FETCHED)).unwrap(), "of the backup");
            state::assert_nothing_is_left(&desk, &when);
            tried += 1;
        }
    }
    eprintln!("restore: {tried} faults at {count} calls");
    assert!(untold.is_empty(), "{} ends say too little:\n{}", untold.len(), untold.join("\n"));
}

/// Approves, and is killed when that is on record but has not come from the log into the database's file.
fn approve_and_be_killed(desk: &Desk) {
    let count = u64::try_from(injector::calls(&again(desk), &APPROVAL).len()).unwrap();
    let is_logged_only = |desk: &Desk| {
        let log = fs::metadata(desk.path("out/gtmi.db-wal")).is_ok_and(|log| log.len() > 0);
        log && is_approved(&desk.path("out/gtmi.db"))
    };
    let killed_at = |number: &u64| {
        let desk = again(desk);
        injector::run(&desk, &APPROVAL, Fault::Killed, *number);
        is_logged_only(&desk)
    };
    let number = (1..=count).find(killed_at).unwrap();
    injector::run(desk, &APPROVAL, Fault::Killed, number);
    assert!(is_logged_only(desk));
    // What is counted next are the calls of another command.
    fs::remove_file(desk.path("calls")).unwrap();
}

/// Whether the approval is on record in a database as it lies there, with its log.
fn is_approved(database: &Path) -> bool {
    let folder = tempfile::tempdir().unwrap();
    for ending in ["", "-wal"] {
        let file = format!("{}{ending}", database.display());
        if Path::new(&file).exists() {
            fs::copy(file, folder.path().join(format!("gtmi.db{ending}"))).unwrap();
        }
    }
    let database = Connection::open(folder.path().join("gtmi.db")).unwrap();
    let sound: String = database.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(sound, "ok");
    let approved = "SELECT EXISTS (SELECT 1 FROM trail WHERE by = 'C. Head')";
    database.query_row(approved, [], |row| row.get(0)).unwrap()
}

/// The store is the one before with all that was acknowledged, or the one from the backup, with the other one beside it; and the
/// fetched file is that of the same store, or none.
fn assert_one_or_the_other(desk: &Desk, when: &str) {
    let is_before = is_approved(&desk.path("out/gtmi.db"));
    let fetched = fs::read_to_string(desk.path("out").join(FETCHED)).ok();
    let version = if is_before { "later" } else { "of the backup" };
    assert!(fetched.is_none_or(|fetched| fetched == version), "{when}: another version than {version}");
    if !is_before {
        let names = fs::read_dir(desk.path("out")).unwrap().map(|entry| entry.unwrap().path());
        let mut kept = names.filter(|path| {
            let name = path.file_name().unwrap().to_string_lossy();
            name.starts_with("gtmi.before-") && name.ends_with(".db")
        });
        assert!(kept.any(|kept| is_approved(&kept)), "{when}: what was acknowledged is nowhere");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the long form tells its figures")]
fn a_backup_that_breaks_off_is_told_from_a_whole_one() {
    let desk = desk();
    let arguments = ["backup", "--out", "later"];
    let count = u64::try_from(injector::calls(&again(&desk), &arguments).len()).unwrap();
    let (mut tried, mut untold) = (0, Vec::new());
    for number in some_of(1..=count, 3) {
        for fault in ALL {
            let when = format!("{fault:?} at call {number} of {count}");
            let ended = injector::run(&desk, &arguments, fault, number);
            if fault != Fault::Killed {
                untold.extend(
                    what_is_not_told(&ended, &["out", "later"])
                        .map(|lacks| format!("{when}: {lacks}: {}", ended.stderr)),
                );
            }
            let whole = desk.path("later/gtmi.db").exists();
            // The name comes with the last rename; what may fail then is only to make it last.
            assert!(!whole || number + 2 >= count || ended.code == Some(0), "{when}: {ended:?}");
            assert!(whole || ended.code != Some(0), "{when}: {ended:?}");
            assert!(!ended.stderr.contains("panicked"), "{ended:?}");
            if whole {
                fs::remove_dir_all(desk.path("later")).unwrap();
            }
            let ran = desk.gtmi(&arguments);
            assert_eq!(ran.code, 0, "{when}: {}", ran.stderr);
            let left = unfinished(&desk.path("later"));
            assert!(left.is_empty(), "{when}: {left:?}");
            fs::remove_dir_all(desk.path("later")).unwrap();
            tried += 1;
        }
    }
    eprintln!("backup: {tried} faults at {count} calls");
    assert!(untold.is_empty(), "{} ends say too little:\n{}", untold.len(), untold.join("\n"));
}

/// Files below a folder that were never finished.
fn unfinished(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(unfinished(&path));
        } else if entry.file_name().to_string_lossy().starts_with('.') {
            found.push(path);
        }
    }
    found
}
