//! The scoring query gives what the program computes, on other people's engines.

use std::fs;
use std::process::Command;

use crate::desk::{Desk, root};
use crate::tools::{is_there, said};

/// Exports the wave, asks for the query, and has a script compare the engine's rows with the export's.
fn assert_agrees(desk: &Desk, engine: &str) {
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let query = desk.gtmi(&["sql", "--dialect", engine]);
    assert_eq!(query.code, 0, "{}", query.stderr);
    fs::write(desk.path("query.sql"), query.stdout).unwrap();
    let compared = Command::new("python3")
        .arg(root().join("scripts/check_sql.py"))
        .arg(engine)
        .args([desk.path("export"), desk.path("query.sql")])
        .output()
        .unwrap();
    assert!(compared.status.success(), "{}", said(&compared));
    let text = String::from_utf8(compared.stdout).unwrap();
    // One index, 4 subindexes, 48 indicators and 200 scored questions of 198 economies.
    assert!(text.contains(&format!("{engine}: {} rows agree", 198 * (1 + 4 + 48 + 200))), "{text}");
}

#[test]
fn duckdb_computes_the_same_scores_at_every_level() {
    if is_there("python3", &["-c", "import duckdb"], "the Python module duckdb") {
        assert_agrees(&Desk::after_run(), "duckdb");
    }
}

#[test]
fn postgresql_computes_the_same_scores_at_every_level() {
    let server = "command -v psql && { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }";
    if is_there("sh", &["-c", server], "PostgreSQL") && is_there("python3", &["--version"], "Python") {
        assert_agrees(&Desk::after_run(), "postgres");
    }
}

#[test]
fn the_query_is_the_result_and_json_tells_what_it_is() {
    let desk = Desk::empty();
    let text = desk.gtmi(&["sql", "--dialect", "spark", "--tables", "lake.wave", "--levels", "index"]);
    assert_eq!(text.code, 0, "{}", text.stderr);
    assert!(text.stdout.starts_with("-- Scores of gtmi-2022 "), "{}", text.stdout);
    assert!(text.stdout.contains("FROM `lake`.`wave`.answers a"), "{}", text.stdout);
    let json =
        desk.gtmi(&["sql", "--dialect", "spark", "--tables", "lake.wave", "--levels", "index", "--json"]);
    assert_eq!(json.json()["sql"].as_str(), Some(text.stdout.as_str()));
    assert_eq!(json.json()["levels"], serde_json::json!(["index"]));
}

#[test]
fn a_place_that_the_engine_cannot_read_is_wrong_usage() {
    let desk = Desk::empty();
    for (arguments, expected) in [
        (["--dialect", "postgres", "--tables", "./export"], "postgres reads no Parquet files"),
        (["--dialect", "duckdb", "--tables", "a b"], "\"a b\" is neither a schema"),
    ] {
        let ran = desk.gtmi(&[&["sql"][..], &arguments].concat());
        assert_eq!(ran.code, 2);
        assert!(ran.stderr.contains(expected), "{}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
}
