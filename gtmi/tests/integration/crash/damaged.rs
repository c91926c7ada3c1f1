//! Stores that are damaged, of another program, of a newer version or out of reach: one refusal that says what to do,
//! and nothing is written. A backup takes their place.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

use rusqlite::Connection;

use super::injector::{self, Fault};
use super::state::{self, Content};
use super::{Scene, copy};
use crate::desk::{Desk, is_workbook};

const DATABASE: &str = "out/gtmi.db";

/// A desk after a run, with a backup.
pub(super) fn desk() -> Desk {
    let Scene { desk, .. } = Scene::first();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let ran = desk.gtmi(&["backup", "--out", "backup"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    desk
}

/// Every command that opens the store refuses it with these words, and leaves all files as they are.
fn assert_refused(desk: &Desk, expected: &[&str], when: &str) {
    let before = desk.outputs();
    for arguments in
        [&["status"][..], &["run"], &["ingest"], &["export", "--out", "export"], &["explain", "KEN"]]
    {
        let ran = desk.gtmi(arguments);
        assert_eq!(ran.code, 70, "{when}, {arguments:?}: {}", ran.stderr);
        for expected in expected {
            assert!(
                ran.stderr.contains(expected),
                "{when}, {arguments:?}: {expected} is not in {}",
                ran.stderr
            );
        }
        assert_eq!(ran.stderr.matches("error: ").count(), 1, "{when}, {arguments:?}: {}", ran.stderr);
    }
    let after = desk.outputs();
    for (path, bytes) in before.iter().filter(|(path, _)| *path != "gtmi.lock") {
        assert!(after.get(path) == Some(bytes), "{when}: {path} was changed");
    }
}

/// The store of the backup does what the store before did.
pub(super) fn assert_restores(desk: &Desk, expected: &Content) {
    let damaged = fs::read(desk.path(DATABASE)).ok();
    let ran = desk.gtmi(&["restore", "--from", "backup", "--json"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let kept = ran.json()["kept"].as_str().map(PathBuf::from);
    assert!(
        kept.map(|kept| fs::read(desk.path("").join(kept)).unwrap()) == damaged,
        "nothing is thrown away"
    );
    assert_eq!(desk.gtmi(&["status"]).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    // Files that came in after the backup stay: they take nothing away.
    let mut found = state::content(desk);
    found.retain(|path, _| !path.starts_with("gtmi.files/") || expected.contains_key(path));
    state::assert_same(&found, expected, "restored");
}

#[test]
fn a_store_that_is_cut_or_no_store_is_refused_with_what_to_do_and_a_backup_restores_it() {
    let desk = desk();
    let expected = state::content(&desk);
    let whole = fs::read(desk.path(DATABASE)).unwrap();
    let other = desk.path("other.db");
    Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE files (name TEXT); PRAGMA user_version = 9")
        .unwrap();
    for (bytes, expected, when) in [
        (&whole[..whole.len() / 2], "is damaged", "half of it"),
        (&whole[..50], "is damaged: it is cut off", "its beginning"),
        (&[][..], "is damaged: it is empty, but received files lie beside it", "nothing of it"),
        (b"economy,answer\n", "is no store: it does not begin as a database does", "a table"),
        (&fs::read(desk.path("inbox/KEN.xlsx")).unwrap(), "is no store", "a workbook"),
        (&fs::read(other).unwrap(), "is a database of another program", "another database"),
    ] {
        fs::write(desk.path(DATABASE), bytes).unwrap();
        assert_refused(&desk, &["gtmi.db", expected], when);
    }
    assert_restores(&desk, &expected);
}

#[test]
fn damaged_pages_are_found_by_status_and_by_the_run_after_one_that_was_killed() {
    let desk = desk();
    let expected = state::content(&desk);
    let whole = fs::read(desk.path(DATABASE)).unwrap();
    let pages: Vec<(String, i64, i64)> = {
        let database = Connection::open(desk.path(DATABASE)).unwrap();
        let size: i64 = database.query_row("PRAGMA page_size", [], |row| row.get(0)).unwrap();
        let names = "SELECT name, rootpage FROM sqlite_master WHERE rootpage > 0
                     AND name IN ('files', 'work', 'answer_lists', 'scores', 'ledger', 'submissions_by_economy')";
        let mut statement = database.prepare(names).unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?, size))).unwrap();
        rows.map(Result::unwrap).collect()
    };
    assert_eq!(pages.len(), 6);
    for (table, page, size) in pages {
        let mut bytes = whole.clone();
        bytes[usize::try_from((page - 1) * size).unwrap()..][..64].iter_mut().for_each(|byte| *byte ^= 0xff);
        fs::write(desk.path(DATABASE), &bytes).unwrap();
        for arguments in [&["status"][..], &["run"], &["backup", "--out", "later"]] {
            // So the lock looks where its holder was killed.
            fs::write(desk.path("out/gtmi.lock"), "process 1\n").unwrap();
            let ran = desk.gtmi(arguments);
            assert_eq!(ran.code, 70, "{table}, {arguments:?}: {}", ran.stderr);
            assert!(ran.stderr.contains("is damaged: "), "{table}, {arguments:?}: {}", ran.stderr);
            assert!(
                ran.stderr.contains("gtmi restore --from BACKUP"),
                "{table}, {arguments:?}: {}",
                ran.stderr
            );
            assert!(fs::read(desk.path(DATABASE)).unwrap() == bytes, "{table}, {arguments:?}: written to");
        }
        assert!(!desk.path("later").exists(), "a damaged store is not backed up");
        // Without a reason to suspect anything, a run tells what it comes upon and never panics.
        let ran = desk.gtmi(&["run"]);
        assert!(
            ran.code == 1 || ran.stderr.contains("gtmi restore --from BACKUP"),
            "{table}: {}",
            ran.stderr
        );
    }
    assert_restores(&desk, &expected);
}

#[test]
fn the_log_of_a_lost_store_is_not_applied_to_the_backup_that_replaced_it() {
    let desk = desk();
    let expected = state::content(&desk);
    // A later run is killed with its log beside the database.
    fs::write(desk.path("inbox/new.xlsx"), "no workbook either").unwrap();
    let count = u64::try_from(injector::calls(&again(&desk), &["run"]).len()).unwrap();
    injector::run(&desk, &["run"], Fault::Killed, count - 4);
    fs::remove_file(desk.path("inbox/new.xlsx")).unwrap();
    assert!(fs::metadata(desk.path("out/gtmi.db-wal")).unwrap().len() > 0);
    fs::copy(desk.path("backup/gtmi.db"), desk.path(DATABASE)).unwrap();
    assert_refused(&desk, &["gtmi.db-wal", "move it away"], "a log of another database");
    assert_restores(&desk, &expected);
}

pub(super) fn again(desk: &Desk) -> Desk {
    let copied = Desk::empty().returning();
    copy(&desk.path(""), &copied.path(""));
    copied
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_alone() {
    let desk = desk();
    Connection::open(desk.path(DATABASE)).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
    assert_refused(&desk, &["gtmi.db", "has schema 999", "use the newer program"], "a newer one");
}

#[test]
fn only_a_sound_backup_takes_the_place_of_the_store_and_not_during_a_run() {
    let desk = desk();
    let before = desk.outputs();
    let refused = |from: &str, code: i32, expected: &str| {
        let ran = desk.gtmi(&["restore", "--from", from]);
        assert_eq!(ran.code, code, "{from}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected), "{from}: {}", ran.stderr);
        assert!(desk.outputs() == before, "{from}: something was written");
    };
    refused("nowhere", 2, "name a folder that gtmi backup made");
    refused("out", 2, "this is the store itself");
    copy_folder(&desk, "backup", "cut");
    let bytes = fs::read(desk.path("cut/gtmi.db")).unwrap();
    fs::write(desk.path("cut/gtmi.db"), &bytes[..bytes.len() / 2]).unwrap();
    refused("cut", 70, "is damaged");
    let lock = fs::File::options().write(true).open(desk.path("out/gtmi.lock")).unwrap();
    lock.lock().unwrap();
    refused("backup", 75, "another run holds the lock");
}

fn copy_folder(desk: &Desk, from: &str, to: &str) {
    fs::create_dir(desk.path(to)).unwrap();
    copy(&desk.path(from), &desk.path(to));
}

#[test]
#[expect(clippy::print_stderr, reason = "a test that is passed over says so")]
fn a_folder_that_may_not_be_written_to_can_be_looked_at_and_is_else_a_failure_with_words() {
    let desk = desk();
    let mode =
        |path: &str, mode| fs::set_permissions(desk.path(path), fs::Permissions::from_mode(mode)).unwrap();
    // For the superuser nothing is read-only: it becomes somebody else.
    let is_superuser = fs::metadata("/proc/self").unwrap().uid() == 0;
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gtmi"));
        command.args(arguments).current_dir(desk.path("")).env_remove("RUST_LOG");
        if is_superuser {
            command.uid(65534).gid(65534);
        }
        command.output()
    };
    mode("", 0o755);
    mode("out", 0o777);
    mode("out/gtmi.db", 0o666);
    if !run(&["status"]).is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: another user cannot read the project");
        return;
    }
    mode("out/gtmi.db", 0o444);
    mode("out/gtmi.lock", 0o444);
    mode("out", 0o555);
    let before = desk.outputs();
    // Whoever may only read can look.
    let looks: [(&[&str], i32); 6] = [
        (&["status"], 0),
        (&["explain", "KEN"], 0),
        (&["raise", "KEN"], 0),
        (&["compare", "KEN"], 0),
        (&["check", "inbox/KEN.xlsx"], 0),
        // A file is refused.
        (&["run", "--dry-run"], 1),
    ];
    for (arguments, code) in looks {
        let output = run(arguments).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    }
    for arguments in [&["run"][..], &["ingest"]] {
        let output = run(arguments).unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(70), "{arguments:?}: {said}");
        assert!(said.contains("out/gtmi."), "{arguments:?}: {said}");
        assert!(said.contains("writable") || said.contains("read-only"), "{arguments:?}: {said}");
    }
    fs::write(desk.path("inbox/new.csv"), "new").unwrap();
    for arguments in [["explain", "KEN"], ["compare", "KEN"]] {
        let said = String::from_utf8(run(&arguments).unwrap().stderr).unwrap();
        assert!(said.contains("inbox/new.csv waits for a run (gtmi run)"), "{arguments:?}: {said}");
    }
    mode("out", 0o755);
    assert!(
        desk.outputs()
            .iter()
            .filter(|(path, _)| is_workbook(path))
            .all(|(path, bytes)| before[path] == *bytes)
    );
}
