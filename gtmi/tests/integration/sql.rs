//! The scoring query gives what the program computes, on other people's engines.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::process::Command;

use crate::desk::{Desk, root};
use crate::tools::{is_there, said};

/// Exports the wave, asks for the query, and has a script compare the engine's rows with the export's.
fn assert_agrees(desk: &Desk, engine: &str, rows: usize) {
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
    assert!(text.contains(&format!("{engine}: {rows} rows agree")), "{text}");
}

/// One index, 4 subindexes, 48 indicators and 200 scored questions of 198 economies.
const GTMI_ROWS: usize = 198 * (1 + 4 + 48 + 200);

fn has_duckdb() -> bool {
    is_there("python3", &["-c", "import duckdb"], "the Python module duckdb")
}

fn has_postgresql() -> bool {
    let server = "command -v psql && { command -v initdb || ls /usr/lib/postgresql/*/bin/initdb; }";
    is_there("sh", &["-c", server], "PostgreSQL") && is_there("python3", &["--version"], "Python")
}

#[test]
fn duckdb_computes_the_same_scores_at_every_level() {
    if has_duckdb() {
        assert_agrees(&Desk::after_run(), "duckdb", GTMI_ROWS);
    }
}

#[test]
fn postgresql_computes_the_same_scores_at_every_level() {
    if has_postgresql() {
        assert_agrees(&Desk::after_run(), "postgres", GTMI_ROWS);
    }
}

/// One index, 10 subindexes on two levels, 49 indicators with a question each, of 51 economies.
const ASEM_ROWS: usize = 51 * (1 + 10 + 49 + 49);

const SCALED: &str = "method = \"min-max\"\nto = [0.0, 100.0]";
const RESCALE: &str = "missing_part = \"rescale\"";

/// A desk with the ASEM index in another variant, scored. Its values have gaps, and one indicator does not vary.
fn asem(normalization: &str, mean: &str, missing: &str, one_direction: bool) -> Desk {
    let desk = Desk::empty();
    let root = root().canonicalize().unwrap();
    let example = |name: &str| fs::read_to_string(root.join("examples/asem-2018").join(name)).unwrap();
    let config = example("pipeline.toml")
        .replace("../../frameworks/asem-2018", "framework")
        .replace("path = \".\"", "path = \"inbox\"");
    fs::write(desk.path("pipeline.toml"), config).unwrap();
    fs::write(desk.path("economies.csv"), example("economies.csv")).unwrap();

    let text = example("values.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(desk.path("values.csv")).unwrap();
    writer.write_record(&headings).unwrap();
    let first = headings.len() - 49;
    for (row, record) in reader.records().enumerate() {
        let record = record.unwrap();
        let cell = |(column, text): (usize, &str)| match column {
            column if column == first => "5".to_owned(),
            // An economy with next to nothing, and some with single gaps.
            column if column > first && (row == 3 && column % 4 > 0 || (row * 7 + column) % 23 == 0) => {
                "-".to_owned()
            }
            _ => text.to_owned(),
        };
        writer.write_record(record.iter().enumerate().map(cell)).unwrap();
    }
    writer.flush().unwrap();

    fs::create_dir(desk.path("framework")).unwrap();
    for file in ["framework.toml", "survey.csv", "choices.csv", "indicators.csv"] {
        let text = fs::read_to_string(root.join("frameworks/asem-2018").join(file)).unwrap();
        let text = match file {
            "framework.toml" => {
                assert!(text.contains(SCALED) && text.contains(RESCALE));
                text.replace(SCALED, normalization).replace("arithmetic-mean", mean).replace(RESCALE, missing)
            }
            "indicators.csv" if one_direction => text.replace(",-1\n", ",1\n"),
            _ => text,
        };
        fs::write(desk.path("framework").join(file), text).unwrap();
    }
    for command in [&["demo", "--dataset", "--out", "inbox"][..], &["ingest"], &["validate"], &["score"]] {
        let ran = desk.gtmi(command);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }
    desk
}

#[test]
fn duckdb_computes_the_same_means_normalisations_and_reasons() {
    if !has_duckdb() {
        return;
    }
    let mut reasons = BTreeSet::new();
    for (normalization, mean, missing, one_direction) in [
        (SCALED, "arithmetic-mean", RESCALE, false),
        ("method = \"z-score\"\nmean = 1.0\nsd = 1.0", "geometric-mean", RESCALE, false),
        ("method = \"rank\"", "geometric-mean", RESCALE, false),
        ("method = \"percent-rank\"", "arithmetic-mean", "min_coverage = 0.5", false),
        ("method = \"borda\"", "arithmetic-mean", "missing_part = \"rescale\"\nmin_coverage = 0.9", false),
        ("method = \"distance-to-maximum\"", "arithmetic-mean", RESCALE, false),
        ("method = \"share-of-maximum\"", "arithmetic-mean", RESCALE, true),
        ("method = \"min-max\"\nto = [1.0, 100.0]\nfrom = [-10.0, 60.0]", "harmonic-mean", RESCALE, false),
        ("method = \"none\"", "geometric-mean", "", false),
    ] {
        let desk = asem(normalization, mean, missing, one_direction);
        assert_agrees(&desk, "duckdb", ASEM_ROWS);
        reasons.extend(desk.table("scores").into_iter().map(|mut row| row.remove("withheld").unwrap()));
    }
    let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
    assert_eq!(reasons, ["", "coverage", "no-spread", "no-value", "not-positive", "part"]);
}

#[test]
fn postgresql_computes_the_same_means_over_the_population() {
    if has_postgresql() {
        let desk = asem("method = \"z-score\"\nmean = 1.0\nsd = 1.0", "geometric-mean", RESCALE, false);
        assert_agrees(&desk, "postgres", ASEM_ROWS);
    }
}

#[test]
fn an_index_of_external_indices_is_withheld_where_one_is_missing() {
    if !has_duckdb() {
        return;
    }
    let desk = Desk::empty();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let config = config.replace("frameworks/gtmi-2022", "frameworks/un-egdi-2022");
    fs::write(desk.path("pipeline.toml"), config).unwrap();
    let query = desk.gtmi(&["sql", "--dialect", "duckdb", "--levels", "index"]);
    assert_eq!(query.code, 0, "{}", query.stderr);
    fs::write(desk.path("query.sql"), query.stdout).unwrap();
    // By hand: (0.25 + 0.5 + 1) / 3 = 0.58333…; the second economy lacks one of the three, the third is not asked.
    let script = r#"
import duckdb
duckdb.execute("CREATE TABLE economies AS FROM (VALUES (2022, 'AAA', TRUE, NULL::TEXT), (2022, 'BBB', TRUE, NULL),"
    " (2022, 'CCC', FALSE, NULL), (2020, 'DDD', TRUE, NULL)) t(wave, economy, scored, collected)")
duckdb.execute("CREATE TABLE answers (wave INT, economy TEXT, question TEXT, code TEXT, value DOUBLE)")
duckdb.execute("CREATE TABLE external AS FROM (VALUES (2022, 'AAA', 'OSI', 0.25::DOUBLE), (2022, 'AAA', 'TII', 0.5),"
    " (2022, 'AAA', 'HCI', 1.0), (2022, 'BBB', 'OSI', 0.9), (2022, 'BBB', 'HCI', 0.9), (2020, 'BBB', 'TII', 0.9))"
    " t(wave, economy, index, value)")
duckdb.execute("CREATE TABLE found AS " + open("query.sql").read())
for row in duckdb.sql('SELECT economy, round(score, 5), "group", withheld, answered, asked FROM found ORDER BY economy').fetchall():
    print(*row)
"#;
    let ran = Command::new("python3").args(["-c", script]).current_dir(desk.path("")).output().unwrap();
    assert!(ran.status.success(), "{}", said(&ran));
    assert_eq!(String::from_utf8_lossy(&ran.stdout), "AAA 0.58333 H None 3 3\nBBB None None part 2 2\n");
}

/// What questions may hang on, in every form that the query has.
const CONDITIONS: [&str; 14] = [
    "${One} = '1'",
    "${One} > 0 and not(${Several} = '')",
    "selected(${Several}, 'b')",
    "not(selected(${Several}, 'b')) or ${Number} = 2.5",
    "count-selected(${Several}) >= 2",
    "${Several} = 'a b'",
    "${Number} > 2",
    "${Number} != 2.5",
    "${Number} = '' or -1 < ${Number}",
    "${Text} = ''",
    "${Hanging} = ''",
    "${Hanging} < 5",
    "${Hanging} != 5 and ${Text} = ''",
    "${Deeper} = '' and ${Hanging} = ''",
];

/// Twelve economies that answered differently: One, Several, Number, Text, Hanging.
const ANSWERS: [[&str; 5]; 12] = [
    ["1", "a b", "2.5", "words", "5"],
    ["0", "b", "-1", "-", "-"],
    ["1", "a", "0", "-", "4.5"],
    ["-", "-", "-", "-", "-"],
    ["1", "a c", "-", "words", "-"],
    ["0", "-", "3", "-", "-"],
    ["-", "b c", "-", "words", "-"],
    ["1", "c", "2", "-", "-"],
    ["0", "a b c", "-", "-", "6"],
    ["-", "a", "2.5", "-", "-"],
    ["1", "-", "-2.5", "words", "-"],
    ["0", "c", "-", "-", "-"],
];

const HANGING: &str = r#"id = "hanging"
version = "1"
wave = 2018
as_of = "2018-12-31"
language = "en"
title = { en = "Hanging" }
[languages]
en = "English"
[composite]
id = "Index"
title = { en = "Index" }
method = "arithmetic-mean"
[[subindex]]
id = "S"
title = { en = "Part" }
weight = 1.0
method = "share-of-points"
[missing]
answer = "no-points"
external_index = "leave-out"
marks = ["-"]
required = "warning"
not_relevant = "warning"
"#;

/// A desk with an index whose questions hang on answers of every kind, and the answers of all.
fn hanging() -> Desk {
    let desk = Desk::empty();
    let example = root().canonicalize().unwrap().join("examples/asem-2018/pipeline.toml");
    let config = fs::read_to_string(example).unwrap().replace("../../frameworks/asem-2018", "framework");
    fs::write(desk.path("pipeline.toml"), config.replace("path = \".\"", "path = \"inbox\"")).unwrap();

    let mut economies = "code,iso3,iso2,name,other_codes,other_names,region,income\n".to_owned();
    let ids: Vec<String> = (0..CONDITIONS.len()).map(|n| format!("Q{n}")).collect();
    let mut values = format!("economy,One,Several,Number,Text,Hanging,Deeper,{}\n", ids.join(","));
    let open = ",-".repeat(CONDITIONS.len() + 1);
    for (code, given) in (10..).zip(ANSWERS) {
        writeln!(economies, "E{code},E{code},,Economy {code},,,,").unwrap();
        writeln!(values, "E{code},{}{open}", given.join(",")).unwrap();
    }
    let mut survey = "type,name,indicator,subindex,label,relevant,scoring,points\n\
        select_one yes_no,One,I,S,One?,,level,1\nselect_multiple letters,Several,I,S,Several?,,any,1\n\
        decimal,Number,I,S,Number?,,,\ntext,Text,I,S,Text?,,,\n\
        decimal,Hanging,I,S,Hanging?,\"selected(${Several}, 'a')\",,\n\
        text,Deeper,I,S,Deeper?,\"${Hanging} > 4.6 or ${One} = '0'\",,\n"
        .to_owned();
    let mut indicators = "id,label\nI,What others hang on\n".to_owned();
    for (n, condition) in CONDITIONS.iter().enumerate() {
        writeln!(survey, "select_one yes_no,Q{n},I{n},S,Question {n}?,\"{condition}\",level,1").unwrap();
        writeln!(indicators, "I{n},Indicator {n}").unwrap();
    }
    let choices = "list_name,name,label,level\nyes_no,0,No,0\nyes_no,1,Yes,1\n\
        letters,a,A,1\nletters,b,B,1\nletters,c,C,0\n";
    fs::create_dir(desk.path("framework")).unwrap();
    for (path, text) in [
        ("economies.csv", economies.as_str()),
        ("values.csv", &values),
        ("framework/framework.toml", HANGING),
        ("framework/survey.csv", &survey),
        ("framework/choices.csv", choices),
        ("framework/indicators.csv", &indicators),
    ] {
        fs::write(desk.path(path), text).unwrap();
    }
    desk
}

#[test]
fn duckdb_finds_the_same_questions_that_do_not_apply() {
    if !has_duckdb() {
        return;
    }
    let desk = hanging();
    for command in [&["demo", "--dataset", "--out", "inbox"][..], &["ingest"], &["validate"], &["score"]] {
        let ran = desk.gtmi(command);
        assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    }
    let questions = CONDITIONS.len() + 2;
    assert_agrees(&desk, "duckdb", ANSWERS.len() * (1 + 1 + (CONDITIONS.len() + 1) + questions));
    // Each condition lets some of the twelve off and leaves others asked.
    let scores = desk.table("scores");
    for (n, condition) in CONDITIONS.iter().enumerate() {
        let asked = scores.iter().filter(|row| row["id"] == format!("I{n}") && row["asked"] == "1").count();
        assert!((1..ANSWERS.len()).contains(&asked), "{condition}: {asked}");
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
