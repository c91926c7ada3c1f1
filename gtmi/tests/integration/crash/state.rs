//! What a desk holds, and what must hold of it at any moment.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

use crate::desk::{Desk, is_workbook};

/// Columns of times, which differ from run to run.
const TIMES: [&str; 5] = ["received_at", "seen_at", "at", "accepted_at", "checked"];

/// Tables of attempts rather than of what came out of them.
const OF_ATTEMPTS: [&str; 5] = ["ledger", "runs", "run_snapshots", "snapshots", "sqlite_sequence"];

/// Outputs, received files and rows, without times.
pub(super) type Content = BTreeMap<String, Vec<u8>>;

/// The outputs of a desk and the files that it received.
pub(super) fn files(desk: &Desk) -> Content {
    let all = desk.outputs().into_iter();
    let mut files: Content = all
        .filter(|(path, _)| {
            is_workbook(path) || path.starts_with("refused/") || path.starts_with("gtmi.files/")
        })
        .filter(|(path, _)| !is_partial(path))
        .collect();
    if let Ok(record) = fs::read(desk.path("out/run.json")) {
        let record: Value = serde_json::from_slice(&record).unwrap();
        let kept = ["id", "inputs", "outputs", "exit_code"].map(|part| record[part].clone());
        files.insert("run.json".to_owned(), serde_json::to_vec(&kept).unwrap());
    }
    files
}

/// Everything.
pub(super) fn content(desk: &Desk) -> Content {
    let mut content = files(desk);
    content.extend(rows(desk));
    content
}

pub(super) fn assert_same(found: &Content, expected: &Content, when: &str) {
    assert!(
        found.keys().eq(expected.keys()),
        "{when}: there is {:?}, expected {:?}",
        found.keys().filter(|path| !expected.contains_key(*path)).collect::<Vec<_>>(),
        expected.keys().filter(|path| !found.contains_key(*path)).collect::<Vec<_>>()
    );
    for (path, bytes) in expected {
        let shown = |bytes: &[u8]| match path.strip_prefix("table ") {
            Some(_) => String::from_utf8_lossy(bytes).chars().take(2000).collect(),
            None => String::new(),
        };
        assert!(
            found[path] == *bytes,
            "{when}: {path} is another\n{}--- expected\n{}",
            shown(&found[path]),
            shown(bytes)
        );
    }
}

/// Whether a file was never finished.
pub(super) fn is_partial(path: &str) -> bool {
    path.contains(".gtmi-partial-")
}

pub(super) fn assert_nothing_is_left(desk: &Desk, when: &str) {
    let left: Vec<_> = desk.outputs().into_keys().filter(|path| is_partial(path)).collect();
    assert!(left.is_empty(), "{when}: {left:?}");
    assert_eq!(fs::read(desk.path("out/gtmi.lock")).unwrap(), b"", "{when}: the lock names somebody");
}

/// What holds after any end: each output is the one before or the one after, the database is sound, and what it
/// knows of is there.
pub(super) fn assert_old_or_new(desk: &Desk, old: &Content, new: &Content, when: &str) {
    for (path, bytes) in files(desk) {
        let known = [old.get(&path), new.get(&path)].into_iter().flatten();
        let mut same = known.map(|known| *known == bytes);
        // The record of a run names outputs by their hashes: where others failed to be written, it may name both.
        assert!(same.any(|same| same), "{when}: {path} is neither the old one nor the new one");
        if is_workbook(&path) && !path.starts_with("gtmi.files/") {
            assert_is_whole_archive(&bytes, &path);
        }
    }
    for path in old.keys().filter(|path| new.contains_key(*path) && !path.starts_with("table ")) {
        assert!(files(desk).contains_key(path), "{when}: {path} has gone");
    }
    let Some(database) = open_copy(desk) else { return };
    let check: String = database.0.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(check, "ok", "{when}");
    let known: Result<BTreeSet<String>, _> =
        database.0.prepare("SELECT sha256 FROM files").and_then(|mut statement| {
            let rows = statement.query_map([], |row| row.get(0))?;
            rows.collect()
        });
    // Before the schema is there, nothing is known.
    for sha256 in known.unwrap_or_default() {
        let bytes = fs::read(desk.path("out/gtmi.files").join(&sha256[..2]).join(&sha256)).unwrap();
        assert_eq!(pipeline::hash::sha256(&bytes), sha256, "{when}");
    }
}

/// Every part unpacks to what its check sum says.
fn assert_is_whole_archive(bytes: &[u8], path: &str) {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    for part in 0..archive.len() {
        let mut content = Vec::new();
        archive
            .by_index(part)
            .unwrap()
            .read_to_end(&mut content)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
    }
}

/// The database as it lies there, with its log: reading the original would already tidy it.
fn open_copy(desk: &Desk) -> Option<(Connection, tempfile::TempDir)> {
    let folder = tempfile::tempdir().unwrap();
    for name in ["gtmi.db", "gtmi.db-wal"] {
        let from = desk.path("out").join(name);
        if from.exists() {
            fs::copy(from, folder.path().join(name)).unwrap();
        }
    }
    let path = folder.path().join("gtmi.db");
    path.exists().then(|| (Connection::open(path).unwrap(), folder))
}

/// The rows of every table, without times. The project's own code has one place for SQL; a test that asked it could
/// not see what it forgets.
fn rows(desk: &Desk) -> Content {
    let Some((database, _folder)) = open_copy(desk) else { return Content::new() };
    let names = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
    let mut statement = database.prepare(names).unwrap();
    let tables: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let mut all = Content::new();
    for table in tables.iter().filter(|table| !OF_ATTEMPTS.contains(&table.as_str())) {
        let mut statement = database.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
        let kept: Vec<usize> =
            (0..columns.len()).filter(|at| !TIMES.contains(&columns[*at].as_str())).collect();
        let mut rows = statement.query([]).unwrap();
        let mut text = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            for at in &kept {
                match row.get_ref(*at).unwrap() {
                    ValueRef::Text(value) | ValueRef::Blob(value) => text.extend_from_slice(value),
                    value => text.extend(format!("{value:?}").bytes()),
                }
                text.push(0x1f);
            }
            text.push(b'\n');
        }
        all.insert(format!("table {table}"), text);
    }
    all
}
