//! The exported tables: promised columns, key order, every bit of every number, checked by other software.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use maturity::submission::Wave;
use serde_json::Value;
use store::{Store, StoreError};

use crate::desk::{Desk, root};
use crate::tools::{is_there, said};

/// The tables that others rely on, their columns, and whether all rows differ in the key.
const PROMISED: [(&str, &str); 6] = [
    ("scores", "wave,economy,level,id,points,max_points,score,group,answered,asked,collected,value,withheld"),
    ("answers", "wave,economy,question,code,value,text,evidence,source,sheet,cell,changed_by"),
    ("findings", "wave,economy,rule,severity,question,sheet,cell,found,message,status,contest"),
    ("submissions", "wave,economy,sha256,name,source,received_at,layout,language,state"),
    ("uncertainty", "wave,economy,id,lower,upper,p05,p50,p95,p_A,p_B,p_C,p_D"),
    ("comparison", "economy,id,from_wave,to_wave,from_score,to_score,change,comparable"),
];

/// The desk of the whole wave with its tables in every format; made once, and only looked at.
fn exported() -> &'static Desk {
    static EXPORTED: LazyLock<Desk> = LazyLock::new(|| {
        let desk = Desk::after_run();
        let ran = desk.gtmi(&["export", "--out", "export", "--format", "csv,parquet,sdmx"]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        desk
    });
    &EXPORTED
}

/// The tables of the package that are text.
fn texts(package: &Value) -> impl Iterator<Item = &Value> {
    package["resources"].as_array().unwrap().iter().filter(|resource| resource["format"] == "csv")
}

fn package(desk: &Desk, folder: &str) -> Value {
    serde_json::from_slice(&fs::read(desk.path(folder).join("datapackage.json")).unwrap()).unwrap()
}

#[test]
fn the_export_has_the_promised_tables_and_columns() {
    let desk = exported();
    for (table, columns) in PROMISED {
        let text = fs::read_to_string(desk.path(&format!("export/{table}.csv"))).unwrap();
        let heading = text.lines().next().unwrap();
        // Columns may be added behind the promised ones, never moved.
        assert!(heading.starts_with(columns), "{table}: {heading}");
        assert!(text.lines().count() > 100, "{table}");
    }
    for row in desk.table("uncertainty") {
        let bound = |name: &str| row[name].parse::<f64>().unwrap();
        assert!(bound("lower") <= bound("upper"));
    }
}

/// Every row of every exported table is as the package says: values that must be there, the only values that there
/// are, keys that tell rows apart, and references to rows that exist.
pub(crate) fn assert_as_described(desk: &Desk) {
    let package = package(desk, "export");
    let names = |value: &Value| -> Vec<String> {
        let names = value.as_array().into_iter().flatten();
        names.map(|name| name.as_str().unwrap().to_owned()).collect()
    };
    let keys = |table: &str, columns: &[String]| -> Vec<Vec<String>> {
        let key = |row: &BTreeMap<String, String>| columns.iter().map(|name| row[name].clone()).collect();
        desk.table(table).iter().map(key).collect()
    };
    for resource in texts(&package) {
        let (table, schema) = (resource["name"].as_str().unwrap(), &resource["schema"]);
        let rows = desk.table(table);
        for field in schema["fields"].as_array().unwrap() {
            let name = field["name"].as_str().unwrap();
            let (required, known) = (&field["constraints"]["required"], names(&field["constraints"]["enum"]));
            for value in rows.iter().map(|row| &row[name]) {
                assert!(!value.is_empty() || required != true, "{table}: {name} is missing");
                let is_known = known.is_empty() || value.is_empty() || known.contains(value);
                assert!(is_known, "{table}: {name} is {value:?}, not one of {known:?}");
            }
        }
        let key = names(&schema["primaryKey"]);
        if !key.is_empty() {
            let all = keys(table, &key);
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "{table}: rows with one key");
        }
        for reference in schema["foreignKeys"].as_array().into_iter().flatten() {
            let to = &reference["reference"];
            let other = to["resource"].as_str().filter(|name| !name.is_empty()).unwrap_or(table);
            let there: BTreeSet<_> = keys(other, &names(&to["fields"])).into_iter().collect();
            for key in keys(table, &names(&reference["fields"])) {
                let is_there = key.iter().all(String::is_empty) || there.contains(&key);
                assert!(is_there, "{table}: {key:?} is not in {other}");
            }
        }
    }
}

#[test]
fn every_row_of_the_bundled_wave_is_as_the_package_says() {
    assert_as_described(exported());
}

#[test]
fn an_index_that_nobody_is_asked_for_is_exported_as_the_package_says() {
    let desk = Desk::empty();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let config = config.replace("frameworks/gtmi-2022", "frameworks/un-egdi-2022");
    fs::write(desk.path("pipeline.toml"), config).unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let ran = desk.gtmi(&["export", "--out", "export"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_as_described(&desk);
    assert!(desk.table("questions").iter().any(|row| row["rule"] == "number"));
}

#[test]
fn an_economy_that_left_since_an_earlier_wave_leaves_the_package_as_it_says() {
    let desk = Desk::with(&["KEN", "FRA"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let data = root().canonicalize().unwrap().join("data");
    fs::create_dir(desk.path("data-2028")).unwrap();
    for entry in fs::read_dir(&data).unwrap() {
        let entry = entry.unwrap();
        let Ok(text) = fs::read_to_string(entry.path()) else { continue };
        let kept = text.lines().filter(|line| !line.split(',').any(|cell| cell == "KEN"));
        let kept: Vec<&str> = kept.collect();
        fs::write(desk.path("data-2028").join(entry.file_name()), kept.join("\n") + "\n").unwrap();
    }
    let config = desk.configuration_of_wave("2028").replace("dir = \"out\"", "dir = \"out-2028\"");
    let config = config.replace(&format!("\"{}/", data.display()), "\"data-2028/");
    fs::write(desk.path("2028.toml"), config).unwrap();
    let ran = desk.gtmi(&["run", "--config", "2028.toml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = desk.gtmi(&["export", "--config", "2028.toml", "--out", "export", "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(desk.table("submissions").iter().any(|row| row["economy"] == "KEN"));
    assert_as_described(&desk);
}

#[test]
fn rows_come_in_the_order_of_the_key_which_tells_them_apart() {
    let desk = exported();
    let mut checked = 0;
    for resource in texts(&package(desk, "export")) {
        let name = resource["name"].as_str().unwrap();
        let key: Vec<&str> = resource["schema"]["primaryKey"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|column| column.as_str().unwrap())
            .collect();
        // The years of waves have four digits: as texts they are in the order of numbers.
        let keys: Vec<Vec<String>> = desk
            .table(name)
            .iter()
            .map(|row| key.iter().map(|column| row[*column].clone()).collect())
            .collect();
        if key.is_empty() {
            continue;
        }
        assert!(keys.is_sorted_by(|left, right| left < right), "{name}");
        checked += 1;
    }
    assert!(checked >= 11, "{checked}");
}

#[test]
fn scores_read_back_from_csv_are_those_of_the_store_to_the_bit() {
    let desk = exported();
    let store = Store::open_existing(&desk.path("out/gtmi.db")).unwrap().unwrap();
    let mut stored: BTreeMap<(String, String), [Option<u64>; 3]> = BTreeMap::new();
    let bits = |number: f64| Some(number.to_bits());
    let each = store.each_scores(Wave(2022), |scores, _| {
        let economy = scores.economy.to_string();
        let mut put = |id: &str, values: [Option<u64>; 3]| {
            stored.insert((economy.clone(), id.to_owned()), values);
        };
        put(scores.id.as_str(), [None, None, scores.score.and_then(bits)]);
        for subindex in &scores.subindexes {
            let values = [bits(subindex.points), bits(subindex.max_points), subindex.score.and_then(bits)];
            put(subindex.id.as_str(), values);
        }
        for (_, indicator) in scores.indicators() {
            // What is not scored in this wave has no points.
            let earned = |points| bits(points).filter(|_| !indicator.terms.is_empty());
            let values =
                [earned(indicator.points), earned(indicator.max_points), indicator.score.and_then(bits)];
            put(&format!("indicator {}", indicator.id), values);
        }
        Ok::<(), StoreError>(())
    });
    each.unwrap();
    let mut compared = 0;
    for row in desk.table("scores").iter().filter(|row| row["level"] != "question") {
        let prefix = if row["level"] == "indicator" { "indicator " } else { "" };
        let number = |column: &str| row[column].parse::<f64>().ok().and_then(bits);
        let found = [number("points"), number("max_points"), number("score")];
        assert_eq!(stored[&(row["economy"].clone(), format!("{prefix}{}", row["id"]))], found, "{row:?}");
        compared += 1;
    }
    assert_eq!(compared, stored.len());
}

#[test]
fn what_is_asked_and_answered_adds_up_from_level_to_level() {
    let rows = exported().table("scores");
    let sum = |level: &str| {
        let mut sums: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
        for row in rows.iter().filter(|row| row["level"] == level) {
            let sum = sums.entry(&row["economy"]).or_default();
            sum[0] += row["answered"].parse::<u64>().unwrap();
            sum[1] += row["asked"].parse::<u64>().unwrap();
        }
        sums
    };
    let index = sum("index");
    assert_eq!(index.len(), 198);
    for level in ["subindex", "indicator", "question"] {
        assert_eq!(sum(level), index, "{level}");
    }
}

#[test]
fn an_export_can_be_repeated_byte_for_byte() {
    let desk = exported();
    let again = desk.gtmi(&["export", "--out", "again", "--format", "sdmx,parquet,csv"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let files = |folder: &str| -> BTreeMap<String, Vec<u8>> {
        fs::read_dir(desk.path(folder))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap()))
            .collect()
    };
    let (first, second) = (files("export"), files("again"));
    assert!(first.contains_key("scores.parquet") && first.contains_key("sdmx.csv"));
    assert!(first == second);
}

#[test]
fn the_formats_asked_for_are_written_and_listed() {
    let desk = Desk::with(&["KEN"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    for (formats, expected) in
        [("csv", ["csv"].as_slice()), ("parquet", &["parquet"]), ("csv,parquet", &["csv", "parquet"])]
    {
        let ran = desk.gtmi(&["export", "--out", formats, "--format", formats]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        let package = package(&desk, formats);
        let listed: BTreeSet<&str> = package["resources"]
            .as_array()
            .unwrap()
            .iter()
            .map(|resource| resource["path"].as_str().unwrap())
            .collect();
        let written: BTreeSet<String> = fs::read_dir(desk.path(formats))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .filter(|name| name != "datapackage.json")
            .collect();
        assert_eq!(listed.len(), written.len());
        assert!(written.iter().all(|name| listed.contains(name.as_str())), "{listed:?} {written:?}");
        let endings: BTreeSet<&str> =
            listed.iter().filter_map(|path| Path::new(path).extension()?.to_str()).collect();
        assert_eq!(endings.into_iter().collect::<Vec<_>>(), expected);
    }
    let unknown = Desk::empty().gtmi(&["export", "--out", "x", "--format", "xml"]);
    assert_eq!(unknown.code, 2);
}

#[test]
fn sdmx_has_an_observation_for_every_economy_and_score_of_the_wave() {
    let desk = exported();
    let text = fs::read_to_string(desk.path("export/sdmx.csv")).unwrap();
    let heading = "STRUCTURE,STRUCTURE_ID,ACTION,REF_AREA,INDICATOR,TIME_PERIOD,OBS_VALUE,OBS_STATUS";
    assert_eq!(text.lines().next(), Some(heading));
    let rows = desk.table("sdmx");
    let of = |area: &str, indicator: &str, year: &str| {
        let found = |row: &&BTreeMap<String, String>| {
            row["REF_AREA"] == area && row["INDICATOR"] == indicator && row["TIME_PERIOD"] == year
        };
        let row = rows.iter().find(found).unwrap();
        (row["OBS_VALUE"].clone(), row["OBS_STATUS"].clone())
    };
    let kenya = of("KEN", "GTMI", "2022");
    assert!(kenya.0.starts_with("0.745010366288") && kenya.1 == "A", "{kenya:?}");
    assert_eq!(of("HKG", "I-16", "2022"), (String::new(), "M".to_owned()), "missing is not nought");
    assert!(
        rows.iter().any(|row| row["TIME_PERIOD"] == "2020")
            && rows.iter().any(|row| row["TIME_PERIOD"] == "2025")
    );
    assert!(rows.iter().all(|row| (row["OBS_VALUE"].is_empty()) == (row["OBS_STATUS"] == "M")));
    assert!(rows.iter().all(|row| row["STRUCTURE_ID"] == "GTMI:GTMI_2022(2022.1)"));
}

#[test]
fn frictionless_finds_the_package_valid() {
    if !is_there("frictionless", &["--version"], "frictionless") {
        return;
    }
    let desk = exported();
    let validated = Command::new("frictionless")
        .args(["validate", "datapackage.json"])
        .current_dir(desk.path("export"))
        .output()
        .unwrap();
    assert!(validated.status.success(), "{}", said(&validated));
}

#[test]
fn duckdb_reads_the_same_from_parquet_as_from_csv() {
    if !is_there("python3", &["-c", "import duckdb"], "the Python module duckdb") {
        return;
    }
    let desk = exported();
    // Numbers are compared as they are, to the bit; in texts the apostrophe that CSV has in front is taken off.
    let script = r#"
import duckdb, json
types = {"string": "VARCHAR", "integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "datetime": "TIMESTAMPTZ"}
tables = 0
for resource in json.load(open("datapackage.json"))["resources"]:
    # The observations of SDMX are text only.
    if resource["format"] != "csv" or resource["name"] == "sdmx":
        continue
    name, fields = resource["name"], resource["schema"]["fields"]
    read = ", ".join(f"'{f['name']}': '{types[f['type']]}'" for f in fields)
    texts = [f["name"] for f in fields if f["type"] == "string"]
    bare = ", ".join(f"regexp_replace(\"{t}\", '^''', '') AS \"{t}\"" for t in texts)
    csv = f"SELECT * REPLACE ({bare}) FROM read_csv('{name}.csv', header=true, columns={{{read}}}, nullstr='', quote='\"', escape='\"')"
    parquet = f"SELECT * REPLACE ({bare}) FROM '{name}.parquet'"
    rows = duckdb.sql(f"SELECT COUNT(*) FROM '{name}.parquet'").fetchall()[0][0]
    for left, right in ((csv, parquet), (parquet, csv)):
        different = duckdb.sql(f"({left}) EXCEPT ALL ({right})").fetchall()
        assert not different, (name, different[:3])
    kinds = [row[1] for row in duckdb.sql(f"DESCRIBE SELECT * FROM '{name}.parquet'").fetchall()]
    wanted = [types[f["type"]].replace("TIMESTAMPTZ", "TIMESTAMP WITH TIME ZONE") for f in fields]
    assert kinds == wanted, (name, kinds, wanted)
    # Nobody answers twice in the bundled wave.
    assert rows > 0 or name in ("respondents", "disagreements"), name
    tables += 1
print(tables)
"#;
    let compared =
        Command::new("python3").args(["-c", script]).current_dir(desk.path("export")).output().unwrap();
    assert!(compared.status.success(), "{}", said(&compared));
    assert_eq!(String::from_utf8_lossy(&compared.stdout).trim(), "21");
}

#[test]
fn the_documentation_names_every_table_with_its_columns() {
    let documentation = fs::read_to_string(root().join("docs/export.md")).unwrap();
    let desk = exported();
    for resource in texts(&package(desk, "export")) {
        let name = resource["name"].as_str().unwrap();
        let fields: Vec<&str> = resource["schema"]["fields"]
            .as_array()
            .unwrap()
            .iter()
            .map(|field| field["name"].as_str().unwrap())
            .collect();
        let row = format!("| {} |", fields.join(", "));
        let documented = documentation
            .lines()
            .any(|line| line.starts_with(&format!("| `{name}` |")) && line.ends_with(&row))
            || documentation.contains(&fields.join(","));
        assert!(documented, "docs/export.md lacks: `{name}` {row}");
    }
}
