//! Reference figures from servers that answer as the World Bank's do.

use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::http::{Asked, Said, Server, json as said};
use crate::desk::{Desk, root};

/// The country API: all economies of the table under the bank's own codes of groups, aggregates among them.
fn countries() -> Vec<Value> {
    let mut reader = csv::Reader::from_path(root().join("data/economies.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    let at = |name: &str| headings.iter().position(|heading| heading == name).unwrap();
    let (code, region, income) = (at("iso3"), at("region"), at("income"));
    let bank = |own: &str| match own {
        "AFR" => "SSF".to_owned(),
        "L" => "LIC".to_owned(),
        "LM" => "LMC".to_owned(),
        "UM" => "UMC".to_owned(),
        "H" => "HIC".to_owned(),
        own => own.to_owned(),
    };
    let row = |id: &str, region: &str, income: &str| {
        json!({
            "id": id, "iso2Code": "", "name": format!("{id} "), "longitude": "",
            "region": { "id": bank(region), "iso2code": "ZG", "value": "Somewhere " },
            "incomeLevel": { "id": bank(income), "value": "Income " },
        })
    };
    let mut rows = vec![row("WLD", "NA", "NA")];
    for record in reader.records().map(Result::unwrap) {
        match &record[code] {
            // One economy moved up; one is not listed.
            "KEN" => rows.push(row("KEN", &record[region], "UM")),
            "NRU" => {}
            iso3 => rows.push(row(iso3, &record[region], &record[income])),
        }
    }
    rows
}

fn answer(asked: &Asked, short: bool) -> Said {
    let number = |name: &str| asked.query.get(name).and_then(|text| text.parse::<usize>().ok());
    match asked.path.as_str() {
        "/v2/country" => {
            let (rows, page) = (countries(), number("page").unwrap());
            let part: Vec<Value> = rows.iter().skip((page - 1) * 100).take(100).cloned().collect();
            let head = json!({ "page": page, "pages": 2, "per_page": "100", "total": rows.len() });
            said(&json!([head, part]))
        }
        "/data360/data" if asked.query["INDICATOR"] == "UN_EGDI_TII" => {
            let values: Vec<Value> = ["KEN", "FRA", "ESP"]
                .iter()
                .map(|area| json!({ "REF_AREA": area, "TIME_PERIOD": "2022", "OBS_VALUE": "0.5" }))
                .collect();
            let skip = number("skip").unwrap();
            // The server gives two at a time, whatever is asked for.
            let part: Vec<Value> = values.into_iter().skip(skip).take(2).collect();
            said(&json!({ "count": if short { 9 } else { 3 }, "value": part }))
        }
        _ => {
            said(&json!([{ "message": [{ "id": "120", "key": "Invalid value", "value": "no such thing" }] }]))
        }
    }
}

fn desk(server: &Server) -> Desk {
    let desk = Desk::empty();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let url = server.url();
    let section = format!(
        "\n[[source]]\nname = \"bank\"\nkind = \"worldbank\"\nfolder = \"reference\"\nclassification = true\n\
         indicators = [{{ database = \"UN_EGDI\", indicator = \"UN_EGDI_TII\" }}]\nurl = \"{url}\"\ndata_url = \"{url}\"\n\
         allow_http = true\nallow_private = true\n"
    );
    fs::write(desk.path("pipeline.toml"), format!("{config}{section}")).unwrap();
    assert_eq!(desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN,FRA"]).code, 0);
    desk
}

fn files(desk: &Desk) -> Vec<String> {
    let entries = fs::read_dir(desk.path("reference")).unwrap().flatten();
    let mut files: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

#[test]
fn reference_figures_become_dated_files_that_change_no_score_until_they_are_named() {
    let server = Server::start(|asked| answer(asked, false));
    let desk = desk(&server);
    let ran = desk.gtmi(&["run", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("reference/classification-20"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("gtmi-dry-run"), "{}", ran.stderr);
    assert!(!desk.path("reference").exists(), "a dry run writes no figures");
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("are not those in use (KEN LM to UM)"), "{}", ran.stderr);
    assert!(ran.stderr.contains("not listed, left as they are: NRU"), "{}", ran.stderr);
    let found = files(&desk);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("UN_EGDI_UN_EGDI_TII-") && found[1].starts_with("classification-"));
    let classification = fs::read_to_string(desk.path(&format!("reference/{}", found[1]))).unwrap();
    assert!(classification.contains("\nKEN,AFR,UM,20") && classification.contains("\nFRA,ECA,H,20"));
    assert_eq!(classification.lines().count(), 199);

    // The same figures again: nothing is written, no byte of the outputs changes.
    let before = desk.outputs();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!((files(&desk), desk.outputs()), (found.clone(), before));

    // Both files are read where they are named.
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let config = config.replace("[data]", &format!("[data]\nclassification = \"reference/{}\"", found[1]));
    let file = format!(
        "\n[[external_file]]\nindex = \"TII\"\npath = \"reference/{}\"\ncalled = \"UN_EGDI_TII\"\nscale = [0, 1]\n",
        found[0]
    );
    let config =
        config.replace("\n[[source]]\nname = \"bank\"", &format!("{file}\n[[source]]\nname = \"bank\""));
    let config = config.replace("external_indices = ", "# external_indices = ");
    fs::write(desk.path("pipeline.toml"), config.replace("external_editions = ", "# external_editions = "))
        .unwrap();
    let ran = desk.gtmi(&["external"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("3 economies, from UN_EGDI_UN_EGDI_TII-20"), "{}", ran.stderr);
    let ran = desk.gtmi(&["compare", "KEN", "--with", "income"]);
    assert!(ran.stderr.contains("income UM"), "{}", ran.stderr);
}

#[test]
fn a_server_that_fails_or_counts_wrong_is_told_and_keeps_nobody_from_being_scored() {
    let wrong = Arc::new(AtomicBool::new(true));
    let short = Arc::clone(&wrong);
    let server = Server::start(move |asked| answer(asked, short.load(Ordering::SeqCst)));
    let desk = desk(&server);
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("bank could not be read to its end: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("says that it has 9 values, but sent 3"), "{}", ran.stderr);
    assert!(desk.outputs().contains_key("reports/KEN.xlsx"));
    wrong.store(false, Ordering::SeqCst);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(files(&desk).len(), 2);
}

#[test]
fn a_page_that_comes_twice_is_no_complete_list() {
    let server = Server::start(|asked| {
        let mut asked = asked.clone();
        for name in ["page", "skip"] {
            let first = if name == "page" { "1" } else { "0" };
            asked.query.entry(name.to_owned()).and_modify(|value| first.clone_into(value));
        }
        if asked.path == "/v2/country" {
            // As many rows as it says, in two pages.
            let rows: Vec<Value> = countries().into_iter().take(100).collect();
            return said(&json!([{ "page": 1, "pages": 2, "per_page": "100", "total": 200 }, rows]));
        }
        answer(&asked, false)
    });
    let desk = desk(&server);
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("says that it has 200 economies, but sent 100"), "{}", ran.stderr);
    assert!(!desk.path("reference").exists());
}

#[test]
fn units_of_another_scheduler_let_the_run_write_the_figures() {
    let server = Server::start(|asked| answer(asked, false));
    let desk = desk(&server);
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let schedule = "\n[schedule]\ncron = \"30 5 * * *\"\ntime_zone = \"Africa/Nairobi\"\n";
    fs::write(desk.path("pipeline.toml"), format!("{config}{schedule}")).unwrap();
    assert_eq!(desk.gtmi(&["schedule", "--print", "systemd", "--out", "units"]).code, 0);
    let service = fs::read_to_string(desk.path("units/gtmi.service")).unwrap();
    let written = service.lines().find(|line| line.starts_with("ReadWritePaths=")).unwrap();
    assert!(written.contains("/reference\""), "{written}");
}
