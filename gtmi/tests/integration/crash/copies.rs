//! Copies of the store: a backup and a restore whose disk is full or fails, or that are ended, at each call.

use std::fs;
use std::path::{Path, PathBuf};

use super::damaged::{again, assert_restores, desk};
use super::disk::{FAULTS, what_is_not_told};
use super::injector::{self, Fault};
use super::{some_of, state};

const ALL: [Fault; 5] = [FAULTS[0], FAULTS[1], FAULTS[2], FAULTS[3], Fault::Killed];

#[test]
#[expect(clippy::print_stderr, reason = "the long form tells its figures")]
fn a_restore_at_a_disk_that_fails_or_ended_at_any_call_leaves_a_store_and_is_done_again() {
    let desk = desk();
    let expected = state::content(&desk);
    // What was there is another store than that of the backup.
    let approved = ["review", "approve", "KEN", "--by", "C. Head", "--reason", "complete"];
    assert_eq!(desk.gtmi(&approved).code, 0);
    let arguments = ["restore", "--from", "backup"];
    let count = u64::try_from(injector::calls(&again(&desk), &arguments).len()).unwrap();
    let (mut tried, mut untold) = (0, Vec::new());
    for fault in ALL {
        for number in some_of(1..=count, 2) {
            let when = format!("{fault:?} at call {number} of {count}");
            let desk = again(&desk);
            let ended = injector::run(&desk, &arguments, fault, number);
            match fault {
                Fault::Killed => assert_eq!(ended.signal, Some(9), "{when}"),
                _ => untold.extend(
                    what_is_not_told(&ended, &["out"])
                        .map(|lacks| format!("{when}: {lacks}: {}", ended.stderr)),
                ),
            }
            let ran = desk.gtmi(&["status"]);
            assert_eq!(ran.code, 0, "{when}: {}", ran.stderr);
            assert_restores(&desk, &expected);
            state::assert_nothing_is_left(&desk, &when);
            tried += 1;
        }
    }
    eprintln!("restore: {tried} faults at {count} calls");
    assert!(untold.is_empty(), "{} ends say too little:\n{}", untold.len(), untold.join("\n"));
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
