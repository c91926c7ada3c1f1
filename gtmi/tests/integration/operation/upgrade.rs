//! A store of an earlier version of the program.

use std::fs;

use rusqlite::Connection;

use super::small_desk;
use crate::desk::Desk;

/// Makes the store of a desk what the program before schema 19 wrote: without the order of arrivals, what lay under which
/// name, the seals of files, and what is kept for each wave, messages among it.
fn made_old(desk: &Desk) {
    let store = Connection::open(desk.path("out/gtmi.db")).unwrap();
    store
        .execute_batch(
            "ALTER TABLE files ADD COLUMN present INTEGER NOT NULL DEFAULT 1;
             DROP TABLE present;
             UPDATE work SET unit = substr(unit, length('2022 ') + 1) WHERE stage = 'score';
             DROP TABLE places;
             DROP INDEX submissions_by_arrival;
             DROP INDEX headers_by_instance;
             ALTER TABLE file_names DROP COLUMN latest;
             CREATE TABLE old_sets (name TEXT PRIMARY KEY, pinned_at TEXT NOT NULL, content TEXT NOT NULL) STRICT, WITHOUT ROWID;
             INSERT INTO old_sets SELECT name, pinned_at, content FROM comparator_sets;
             DROP TABLE comparator_sets;
             ALTER TABLE old_sets RENAME TO comparator_sets;
             ALTER TABLE submissions DROP COLUMN arrival;
             ALTER TABLE files DROP COLUMN seal;
             ALTER TABLE outbox DROP COLUMN wave;
             ALTER TABLE outbox DROP COLUMN submission;
             ALTER TABLE readings DROP COLUMN is_empty;
             UPDATE work SET key = substr(key, 1, 64 + 1 + 64) WHERE stage IN ('report', 'feedback');
             PRAGMA user_version = 18;",
        )
        .unwrap();
}

fn texts(desk: &Desk, sql: &str) -> Vec<String> {
    let store = Connection::open(desk.path("out/gtmi.db")).unwrap();
    let mut statement = store.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_only_looks_leaves_a_store_of_an_earlier_version_as_it_is() {
    let desk = small_desk();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["comparators", "pin", "first"]).code, 0);
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[comparators]\npin = \"first\"\n")).unwrap();
    made_old(&desk);
    for looks in
        [&["run", "--dry-run"][..], &["run", "--dry-run", "--from", "report"], &["check", "inbox/KEN.xlsx"]]
    {
        let ran = desk.gtmi(looks);
        assert_eq!(ran.code, 0, "{looks:?}: {}", ran.stderr);
        let store = Connection::open(desk.path("out/gtmi.db")).unwrap();
        let schema: i64 = store.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
        assert_eq!(schema, 18, "{looks:?}");
    }
}

#[test]
fn a_store_of_an_earlier_version_goes_on_as_if_it_were_of_this_one() {
    let desk = small_desk();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let told = || {
        ["out/reports/KEN.xlsx", "out/feedback/KEN.xlsx", "out/global.xlsx"]
            .map(|path| fs::read(desk.path(path)).unwrap())
    };
    let (at_first, kenya) = (told(), fs::read(desk.path("inbox/KEN.xlsx")).unwrap());
    let sql = "SELECT sha256 || seal FROM files ORDER BY 1";
    let sealed = texts(&desk, sql);
    assert_eq!(sealed.iter().map(String::len).collect::<Vec<_>>(), [128, 128]);
    made_old(&desk);

    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("nothing changed since the last run"), "{}", run.stderr);
    assert_eq!(texts(&desk, sql), sealed, "the seals are known from now on");

    // A workbook that somebody changed is made anew, although no seal of it is on record.
    made_old(&desk);
    let mut spoiled = at_first[0].clone();
    *spoiled.last_mut().unwrap() ^= 1;
    fs::write(desk.path("out/reports/KEN.xlsx"), spoiled).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(told() == at_first);

    // What lay under which name is known, so that a version that is put back is in force again.
    made_old(&desk);
    let french = desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN", "--language", "fr", "--force"]);
    assert_eq!(french.code, 0, "{}", french.stderr);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(told() != at_first);
    fs::write(desk.path("inbox/KEN.xlsx"), kenya).unwrap();
    let back = desk.gtmi(&["run"]);
    assert!(back.stderr.contains("it counts as the latest"), "{}", back.stderr);
    assert!(told() == at_first);
}
