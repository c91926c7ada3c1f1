//! Another index from numbers to reports, the uncertainty of scores, and the page that explains the method.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read};

use maturity::cell::CellValue;

use crate::desk::{Desk, root};
use crate::export::assert_as_described;

/// A desk with the configuration, tables and framework of the ASEM index.
pub(crate) fn asem() -> Desk {
    let desk = Desk::empty();
    let root = root().canonicalize().unwrap();
    for table in ["economies.csv", "values.csv"] {
        fs::copy(root.join("examples/asem-2018").join(table), desk.path(table)).unwrap();
    }
    let config = fs::read_to_string(root.join("examples/asem-2018/pipeline.toml"))
        .unwrap()
        .replace("../../frameworks", &format!("{}/frameworks", root.display()))
        .replace("path = \".\"", "path = \"inbox\"");
    fs::write(desk.path("pipeline.toml"), config).unwrap();
    desk
}

/// The scale of the index ends at 100, and it has no maturity groups.
fn workbooks_show_the_scale_and_no_groups(outputs: &BTreeMap<String, Vec<u8>>) {
    for (path, sheet, scaled) in [("reports/AUT.xlsx", "Summary", 1), ("global.xlsx", "Overview", 0)] {
        let mut archive = zip::ZipArchive::new(Cursor::new(outputs[path].as_slice())).unwrap();
        let names: Vec<String> = archive.file_names().map(|name| name.unwrap().into_owned()).collect();
        let mut with_scale = 0;
        for name in names.iter().filter(|name| name.starts_with("xl/charts/chart")) {
            let mut chart = String::new();
            archive.by_name(name).unwrap().read_to_string(&mut chart).unwrap();
            assert!(!chart.contains("<c:max val=\"1\"/>"), "{path}: {name} ends at 1");
            with_scale += usize::from(chart.contains("<c:max val=\"100\"/>"));
        }
        assert_eq!(with_scale, scaled, "{path}: charts that end at 100");
        let book = reader::read(&outputs[path], &reader::Limits::default()).unwrap();
        let cells = &book.sheet(sheet).unwrap().cells;
        for unwanted in ["group is reached", "The highest group", "Without a score", "Certainty of the group"]
        {
            let found = cells.iter().any(|cell| cell.value.display().contains(unwanted));
            assert!(!found, "{path}: {sheet} speaks of groups: {unwanted}");
        }
    }
    let global = reader::read(&outputs["global.xlsx"], &reader::Limits::default()).unwrap();
    let spread = global.sheet("Distributions").unwrap();
    let steps: Vec<CellValue> = spread
        .cells
        .iter()
        .filter(|cell| cell.address.column == 0 && (5..15).contains(&cell.address.row))
        .map(|cell| cell.value.clone())
        .collect();
    assert_eq!(steps, (0..10).map(|step| CellValue::Number(f64::from(step) * 10.0)).collect::<Vec<_>>());
}

/// Which subindexes the index is made of, how they are averaged, and what missing parts do.
fn the_method_sheet_tells_how_this_index_is_made(outputs: &BTreeMap<String, Vec<u8>>) {
    for path in ["reports/AUT.xlsx", "global.xlsx"] {
        let book = reader::read(&outputs[path], &reader::Limits::default()).unwrap();
        let lines: Vec<String> =
            book.sheet("Method").unwrap().cells.iter().map(|cell| cell.value.display()).collect();
        let stands = |line: &str| lines.iter().any(|found| found.contains(line));
        for expected in [
            "Index = (Conn + Sust) / 2",
            "Conn = (Physical + ConEcFin + Political + Instit + P2P) / 5",
            "Political = (Embs + IGOs + UNVote) / 3",
            "(x − min) / (max − min), scaled to 0–100",
            "less is better",
            "a part without a score is left out",
        ] {
            assert!(stands(expected), "{path}: {expected}: {lines:#?}");
        }
        for unwanted in
            ["earns points", "no value if one of them has none", "Maturity groups", "external index"]
        {
            assert!(!stands(unwanted), "{path}: {unwanted}");
        }
    }
}

#[test]
fn an_index_of_numbers_on_four_levels_runs_from_a_wide_table_to_reports() {
    let desk = asem();
    let demo = desk.gtmi(&["demo", "--dataset", "--out", "inbox"]);
    assert_eq!(demo.code, 0, "{}", demo.stderr);
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let outputs = desk.outputs();
    assert_eq!(outputs.keys().filter(|path| path.starts_with("reports/")).count(), 51);
    assert!(outputs.contains_key("global.xlsx"));
    workbooks_show_the_scale_and_no_groups(&outputs);
    the_method_sheet_tells_how_this_index_is_made(&outputs);

    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    assert_as_described(&desk);
    let text = include_str!("../../../score/tests/integration/coinr-asem/agg_minmax_0_100__amean.csv");
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let expected: BTreeMap<(String, String), f64> = reader
        .records()
        .map(Result::unwrap)
        .flat_map(|row| {
            let cells = headings.iter().zip(&row).skip(1);
            let of = |(id, value): (&str, &str)| ((row[0].to_owned(), id.to_owned()), value.parse().unwrap());
            cells.map(of).collect::<Vec<_>>()
        })
        .collect();
    let mut compared = 0;
    for row in desk.table("scores").iter().filter(|row| row["level"] != "question") {
        let expected = expected[&(row["economy"].clone(), row["id"].clone())];
        let found: f64 = row["score"].parse().unwrap();
        assert!((found - expected).abs() <= 1e-9, "{} {}", row["economy"], row["id"]);
        compared += 1;
    }
    assert_eq!(compared, 51 * 60);
    // Nothing earns points here: there are none, which is not nothing of nothing.
    assert!(desk.table("scores").iter().all(|row| row["points"].is_empty() && row["max_points"].is_empty()));
    let tidy = reader::read(&outputs["global.xlsx"], &reader::Limits::default()).unwrap();
    let points =
        tidy.sheet("Tidy data").unwrap().cells.iter().filter(|cell| (4..6).contains(&cell.address.column));
    assert_eq!(points.filter(|cell| cell.address.row > 0).count(), 0);

    let explained = desk.gtmi(&["explain", "AUT", "Political", "--json"]).json();
    assert_eq!(explained["method"], "arithmetic-mean");
    assert_eq!(explained["indicators"].as_array().unwrap().len(), 3);
    let explained = desk.gtmi(&["explain", "AUT", "Conn"]);
    assert!(explained.stderr.contains("subindex   weight      score\nPhysical"), "{}", explained.stderr);
    let explained = desk.gtmi(&["explain", "AUT", "Tariff"]);
    assert!(explained.stderr.contains(" (lower is better), normalized by min-max"), "{}", explained.stderr);
    assert!(!explained.stderr.contains("0.000      0"), "a number earns no points: {}", explained.stderr);
}

/// Scores of 100 and more on a scale without ends: bars whose axis begins at 95 would tell another story.
#[test]
fn bars_of_a_scale_without_ends_stand_on_zero() {
    let desk = asem();
    let own = root().join("frameworks/asem-2018").canonicalize().unwrap();
    fs::create_dir(desk.path("open")).unwrap();
    for entry in fs::read_dir(&own).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        let open = "method = \"z-score\"\nmean = 100.0\nsd = 1.0";
        let text = text.replace("method = \"min-max\"\nto = [0.0, 100.0]", open);
        fs::write(desk.path("open").join(entry.file_name()), text).unwrap();
    }
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let framework = config.lines().find(|line| line.contains("frameworks/asem-2018")).unwrap().to_owned();
    fs::write(desk.path("pipeline.toml"), config.replace(&framework, "path = \"open\"")).unwrap();
    assert_eq!(desk.gtmi(&["demo", "--dataset", "--out", "inbox"]).code, 0);
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report = fs::read(desk.path("out/reports/AUT.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(report.as_slice())).unwrap();
    let mut chart = String::new();
    archive.by_name("xl/charts/chart1.xml").unwrap().read_to_string(&mut chart).unwrap();
    assert!(chart.contains("<c:min val=\"0\"/>") && !chart.contains("<c:max "), "{chart}");
    assert!(chart.contains("<c:numFmt formatCode=\"0.0\""), "{chart}");
}

/// A published number of 81 flights is no share of points: that it is more than 1 says nothing of a full level.
#[test]
fn a_published_number_that_is_no_share_of_points_has_no_full_level() {
    let desk = asem();
    let table = |id: &str| format!("wave,economy,group,{id}\n2018,AUT,,81\n2018,BEL,,0.5\n2018,BGR,,1\n");
    fs::write(desk.path("published.csv"), table("Index")).unwrap();
    fs::write(desk.path("indicators.csv"), table("Flights")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let tables = "[data]\npublished_scores = \"published.csv\"\npublished_indicators = \"indicators.csv\"";
    fs::write(desk.path("pipeline.toml"), config.replace("[data]", tables)).unwrap();
    assert_eq!(desk.gtmi(&["demo", "--dataset", "--out", "inbox"]).code, 0);
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let pinned = desk.path("pipeline.toml");
    let config = fs::read_to_string(&pinned).unwrap();
    fs::write(&pinned, config + "\n[comparators]\npin = \"published-2018\"\n").unwrap();
    let json = desk.gtmi(&["compare", "AUT", "--with", "world", "--indicators", "--json"]).json();
    let lines = json["comparators"][0]["scores"].as_array().unwrap();
    let flights = lines.iter().find(|line| line["id"] == "Flights").unwrap();
    assert_eq!((&flights["economies"], &flights["mean"]), (&3.into(), &27.5.into()));
    assert!(flights["full_share"].is_null(), "{flights}");
}

/// A store holds the scores of one index: with the framework of another one in the configuration they are not shown under
/// its name, and a framework that was changed since is told.
#[test]
fn scores_are_shown_for_the_index_that_they_are_of() {
    let desk = Desk::with(&["KEN"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let own = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), own.replace("frameworks/gtmi-2022", "frameworks/un-egdi-2022"))
        .unwrap();
    for arguments in [&["status"][..], &["explain", "KEN"], &["export", "--out", "export"], &["report"]] {
        let refused = desk.gtmi(arguments);
        assert_eq!(refused.code, 2, "{arguments:?}: {}", refused.stderr);
        assert!(
            refused.stderr.contains("are those of another index, GTMI of the framework \"gtmi-2022\""),
            "{}",
            refused.stderr
        );
    }

    let changed = desk.path("changed");
    fs::create_dir(&changed).unwrap();
    for entry in fs::read_dir(root().join("frameworks/gtmi-2022")).unwrap() {
        let entry = entry.unwrap();
        let text = fs::read_to_string(entry.path()).unwrap();
        fs::write(changed.join(entry.file_name()), text.replace("at_least = 0.75", "at_least = 0.77"))
            .unwrap();
    }
    let framework = own.lines().find(|line| line.contains("frameworks/gtmi-2022")).unwrap();
    fs::write(desk.path("pipeline.toml"), own.replace(framework, "path = \"changed\"")).unwrap();
    let note = "the framework was changed since the last run";
    let status = desk.gtmi(&["status"]);
    assert_eq!((status.code, status.stderr.matches(note).count()), (0, 1), "{}", status.stderr);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let status = desk.gtmi(&["status"]);
    assert!(!status.stderr.contains(note), "{}", status.stderr);
}

#[test]
fn one_changed_number_changes_the_scores_of_all_it_is_compared_with() {
    let desk = asem();
    assert_eq!(desk.gtmi(&["demo", "--dataset", "--out", "inbox"]).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let again = desk.gtmi(&["score", "--json"]).json();
    assert_eq!((&again["done"], &again["unchanged"]), (&0.into(), &51.into()));
    // Australia's speed of connections becomes the highest: the scale of all economies changes.
    let values = fs::read_to_string(desk.path("values.csv")).unwrap();
    let changed = values.replacen(",11.1,", ",99.5,", 1);
    assert_ne!(values, changed);
    fs::write(desk.path("values.csv"), changed).unwrap();
    assert_eq!(desk.gtmi(&["demo", "--dataset", "--out", "inbox", "--force"]).code, 0);
    assert_eq!(desk.gtmi(&["ingest"]).code, 0);
    assert_eq!(desk.gtmi(&["validate"]).code, 0);
    let scored = desk.gtmi(&["score", "--json"]).json();
    assert_eq!(scored["done"], 51);
}

#[test]
fn uncertainty_is_computed_exported_and_explained() {
    let desk = Desk::after_run();
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let number = |row: &BTreeMap<String, String>, name: &str| row[name].parse::<f64>().unwrap();
    let rows = desk.table("uncertainty");
    assert_eq!(rows.len(), 198 * 5);
    for row in &rows {
        assert!(number(row, "lower") <= number(row, "upper"));
        assert!(number(row, "p05") <= number(row, "p50") && number(row, "p50") <= number(row, "p95"));
        let sum: f64 = ["p_A", "p_B", "p_C", "p_D"].iter().map(|name| number(row, name)).sum();
        assert!((sum - 1.0).abs() < 1e-12);
    }
    let first: f64 = desk.table("sensitivity").iter().map(|row| number(row, "total")).sum();
    assert!(first > 0.0);
    let explained = desk.gtmi(&["explain", "KEN"]);
    assert!(explained.stderr.contains("in 90 % of replications; group "), "{}", explained.stderr);
}

#[test]
fn the_method_page_is_the_bundled_one() {
    let desk = Desk::after_run();
    let page = desk.gtmi(&["framework", "method", "--economy", "KEN"]);
    assert_eq!(page.code, 0, "{}", page.stderr);
    let bundled = fs::read_to_string(root().join("docs/method.md")).unwrap();
    assert_eq!(
        page.stdout, bundled,
        "make it again: gtmi run, then gtmi framework method --economy KEN --out docs/method.md"
    );
    for tag in ["fr", "es"] {
        let page = desk.gtmi(&["framework", "method", "--economy", "KEN", "--language", tag]);
        assert_eq!(page.code, 0, "{}", page.stderr);
        assert!(!page.stdout.contains('{') && page.stdout.lines().count() > 100);
    }
}

#[test]
fn an_index_that_asks_nothing_is_scored_for_whoever_sends_its_cover() {
    let desk = Desk::empty();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace("frameworks/gtmi-2022", "frameworks/un-egdi-2022"))
        .unwrap();
    let cover = desk.gtmi(&["template", "--economy", "KEN", "--out", "inbox/KEN.xlsx"]);
    assert_eq!(cover.code, 0, "{}", cover.stderr);
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("1 accepted, 0 returned"), "{}", ran.stderr);
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let scores = desk.table("scores");
    let score =
        |id: &str| scores.iter().find(|row| row["id"] == id).unwrap()["score"].parse::<f64>().unwrap();
    // As the United Nations published it.
    assert!((score("EGDI") - 0.5589).abs() < 5e-5, "{}", score("EGDI"));
    let mean = (score("OSI") + score("TII") + score("HCI")) / 3.0;
    assert!((score("EGDI") - mean).abs() < 1e-12);
    // Numbers earn no points that something could stand behind.
    assert!(desk.table("evidence").is_empty());
    // The published scores at hand are those of another index: nothing moved from its groups to the ones of this.
    assert!(!desk.table("imported_scores").is_empty());
    assert!(desk.table("comparison").is_empty());
    assert_eq!(desk.gtmi(&["export", "--out", "sdmx", "--format", "sdmx"]).code, 0);
    let sdmx = fs::read_to_string(desk.path("sdmx/sdmx.csv")).unwrap();
    assert!(sdmx.contains(",EGDI,2022,") && !sdmx.contains(",GTEI,"));
}
