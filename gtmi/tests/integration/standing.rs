//! Where an economy stands: beside others, before the next group, by whose answers, with which editions.

use std::collections::BTreeMap;
use std::fs;

use maturity::cell::CellValue;
use serde_json::Value;

use crate::desk::{Desk, root};

/// The published composite by economy and wave, read here a second time on purpose.
fn published() -> BTreeMap<(String, String), f64> {
    let mut reader = csv::Reader::from_path(root().join("data/published-scores.csv")).unwrap();
    reader
        .records()
        .map(Result::unwrap)
        .filter_map(|row| Some(((row[1].to_owned(), row[0].to_owned()), row[3].parse().ok()?)))
        .collect()
}

/// A column of the table of economies, by code.
fn of_economies(column: &str) -> BTreeMap<String, String> {
    let mut reader = csv::Reader::from_path(root().join("data/economies.csv")).unwrap();
    let column = reader.headers().unwrap().iter().position(|heading| heading == column).unwrap();
    reader.records().map(Result::unwrap).map(|row| (row[0].to_owned(), row[column].to_owned())).collect()
}

fn regions() -> BTreeMap<String, String> {
    of_economies("region")
}

fn incomes() -> BTreeMap<String, String> {
    of_economies("income")
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
}

fn configure(desk: &Desk, addition: &str) {
    let path = desk.path("pipeline.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}\n{addition}\n")).unwrap();
}

fn close(found: &Value, expected: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-12, "{found}, expected {expected}");
}

#[test]
fn an_economy_is_compared_with_the_mean_of_its_region_over_the_same_economies() {
    let desk = Desk::after_run();
    configure(&desk, "[comparators.peers]\nneighbours = [\"UGA\", \"TZA\", \"KEN\"]");
    let compared = desk.gtmi(&["compare", "KEN", "--json"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    let json = compared.json();
    assert_eq!((&json["classified"], &json["pin"]), (&Value::from("2022"), &Value::Null));
    assert!(!compared.stderr.contains("rank"), "no ranks unless asked for: {}", compared.stderr);
    // This wave was published too, but what is shown of it was computed.
    assert!(compared.stderr.contains("GTMI     2022 to 2025 as published: "), "{}", compared.stderr);
    let (scores, regions) = (published(), regions());
    let score = |code: &str, wave: &str| scores.get(&(code.to_owned(), wave.to_owned())).copied();
    let in_region: Vec<&String> =
        regions.iter().filter(|(_, region)| *region == &regions["KEN"]).map(|(code, _)| code).collect();
    for beside in json["comparators"].as_array().unwrap() {
        let index = &beside["scores"][0];
        assert_eq!(index["id"], "GTMI");
        match beside["kind"].as_str().unwrap() {
            "world" => {
                let all: Vec<f64> = regions.keys().filter_map(|code| score(code, "2022")).collect();
                assert_eq!(index["economies"], 198);
                close(&index["mean"], mean(&all));
            }
            "region" => {
                let of = |code: &&String| score(code, "2022");
                close(&index["mean"], mean(&in_region.iter().filter_map(of).collect::<Vec<_>>()));
                let both: Vec<(f64, f64)> = in_region
                    .iter()
                    .filter_map(|code| Some((score(code, "2022")?, score(code, "2025")?)))
                    .collect();
                let change = beside["changes"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .find(|change| change["id"] == "GTMI" && change["to_wave"] == 2025)
                    .unwrap();
                assert_eq!(change["economies"], both.len());
                assert_eq!((&change["published"], &change["comparable"]), (&[2025].into(), &"partly".into()));
                let expected = mean(&both.iter().map(|(from, to)| to - from).collect::<Vec<_>>());
                close(&change["mean"], expected);
            }
            "peers" => assert_eq!((&beside["name"], &index["economies"]), (&"neighbours".into(), &3.into())),
            _ => {}
        }
    }
    let ranked = desk.gtmi(&["compare", "KEN", "--with", "region", "--ranks"]);
    assert!(ranked.stderr.contains("equal unrounded scores share the best place"), "{}", ranked.stderr);
}

#[test]
fn a_report_shows_the_published_means_of_region_income_group_and_world() {
    let desk = Desk::after_run();
    let bytes = fs::read(desk.path("out/reports/KEN.xlsx")).unwrap();
    let book = reader::read(&bytes, &reader::Limits::default()).unwrap();
    let cells = &book.sheet("Summary").unwrap().cells;
    let place = |wanted: &str| {
        let is = |value: &CellValue| matches!(value, CellValue::Text(text) if text == wanted);
        cells.iter().find(|cell| is(&cell.value)).unwrap().address
    };
    let scores = published();
    let world: BTreeMap<String, String> = regions().into_keys().map(|code| (code, String::new())).collect();
    for (heading, groups, count) in
        [("Region mean", regions(), 48), ("Income group mean", incomes(), 54), ("World mean", world, 198)]
    {
        let of = scores.iter().filter(|((code, wave), _)| wave == "2022" && groups[code] == groups["KEN"]);
        let values: Vec<f64> = of.map(|(_, score)| *score).collect();
        assert_eq!(values.len(), count, "{heading}");
        let at = (place("GTMI").row, place(heading).column);
        let cell = cells.iter().find(|cell| (cell.address.row, cell.address.column) == at).unwrap();
        let CellValue::Number(found) = cell.value else { panic!("{heading}: {:?}", cell.value) };
        assert!((found - mean(&values)).abs() < 1e-12, "{heading}: {found}, expected {}", mean(&values));
    }
}

#[test]
fn a_pinned_set_stays_and_one_that_is_absent_says_what_to_do() {
    let desk = Desk::after_run();
    let frozen = desk.gtmi(&["comparators", "pin", "may"]);
    assert_eq!(frozen.code, 0, "{}", frozen.stderr);
    let live = desk.gtmi(&["compare", "KEN", "--json"]).json();
    for (pin, code) in [("may", 0), ("published-2022", 0), ("june", 2), ("published-2021", 2)] {
        let compared = Desk::copy_with(&desk, &format!("[comparators]\npin = \"{pin}\""), |desk| {
            desk.gtmi(&["compare", "KEN", "--json"])
        });
        assert_eq!(compared.code, code, "{pin}: {}", compared.stderr);
        if code == 0 {
            let json = compared.json();
            assert_eq!(json["pin"], pin);
            let mean = |json: &Value| json["comparators"][0]["scores"][0]["mean"].as_f64().unwrap();
            assert!((mean(&json) - mean(&live)).abs() < 1e-12);
        } else {
            assert!(compared.stderr.contains(pin), "{}", compared.stderr);
        }
    }
}

/// A set stays until it is frozen again for its wave: another wave in the same store has one of its own under the same name.
#[test]
fn a_set_of_one_wave_does_not_take_the_place_of_that_of_another() {
    let desk = Desk::with(&["KEN", "FRA"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let config = desk.configuration_of_wave("2028").replace("dir = \"out\"", "dir = \"out-2028\"");
    fs::write(desk.path("2028.toml"), config).unwrap();
    // The answers to try with hold no evidence.
    let framework = desk.path("frameworks/gtmi-2028/framework.toml");
    let text = fs::read_to_string(&framework).unwrap();
    fs::write(&framework, text.replace("blocking_from = 2028", "blocking_from = 2031")).unwrap();
    let later = |arguments: &[&str]| desk.gtmi(&[&["--config", "2028.toml"], arguments].concat());
    assert_eq!(later(&["demo", "--out", "inbox-2028", "--economy", "KEN,PER"]).code, 0);
    let run = later(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);

    assert_eq!(desk.gtmi(&["comparators", "pin", "may"]).code, 0);
    for config in ["pipeline.toml", "2028.toml"] {
        let text = fs::read_to_string(desk.path(config)).unwrap();
        fs::write(desk.path(config), format!("{text}\n[comparators]\npin = \"may\"\n")).unwrap();
    }
    let waves = || {
        [desk.gtmi(&["compare", "KEN", "--json"]), later(&["compare", "KEN", "--json"])].map(|compared| {
            assert_eq!(compared.code, 0, "{}", compared.stderr);
            compared.json()["wave"].as_u64().unwrap()
        })
    };
    assert_eq!(waves(), [2022, 2022], "until there is one of its own");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let report = fs::read(desk.path("out/reports/KEN.xlsx")).unwrap();
    assert_eq!(later(&["comparators", "pin", "may"]).code, 0);
    assert_eq!(waves(), [2022, 2028]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(fs::read(desk.path("out/reports/KEN.xlsx")).unwrap() == report);
    let list = later(&["comparators", "list", "--json"]);
    let told = |row: &Value| (row["name"].as_str().unwrap().to_owned(), row["wave"].as_u64().unwrap());
    let frozen: Vec<_> = list.json()["frozen"].as_array().unwrap().iter().map(told).collect();
    assert_eq!(frozen, [("may".to_owned(), 2022), ("may".to_owned(), 2028)]);
    assert!(list.stderr.contains("may  of wave 2028, frozen at "), "{}", list.stderr);
}

/// Kenya and France are the only ones with scores of their regions and income groups.
#[test]
fn an_economy_is_not_compared_with_itself() {
    let desk = Desk::with(&["KEN", "FRA"]);
    configure(&desk, "[comparators.peers]\nalone = [\"KEN\"]\nboth = [\"FRA\", \"KEN\"]");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let compared = desk.gtmi(&["compare", "KEN", "--json"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    let json = compared.json();
    let mut seen = Vec::new();
    for beside in json["comparators"].as_array().unwrap() {
        let ids = |of: &str| {
            let all = beside[of].as_array().unwrap().iter();
            all.map(|found| found["id"].as_str().or(found.as_str()).unwrap().to_owned()).collect::<Vec<_>>()
        };
        let name = beside["name"].as_str().unwrap();
        let is_with_others = ["world", "both"].contains(&name);
        let (with, without) = if is_with_others { ("scores", "own") } else { ("own", "scores") };
        assert_eq!(ids(with), ["GTMI", "CGSI", "PSDI", "DCEI", "GTEI"], "{name}");
        assert!(ids(without).is_empty(), "{name}");
        let change = &beside["changes"][0];
        assert_eq!((change["by"].is_number(), change["mean"].is_number()), (true, is_with_others), "{name}");
        seen.push(beside["kind"].as_str().unwrap().to_owned());
    }
    assert_eq!(seen, ["world", "region", "income", "peers", "peers"]);
    for told in [
        "\npeers alone: 1 economy\nno other economy has a score: GTMI, CGSI, PSDI, DCEI, GTEI\n",
        ", and no other economy has a score in both",
    ] {
        assert!(compared.stderr.contains(told), "{told}: {}", compared.stderr);
    }
}

/// Indicators of a wave that does not compare stand beside those of this one without a difference.
#[test]
fn no_difference_is_taken_to_a_pinned_wave_that_does_not_compare() {
    let desk = Desk::with(&["KEN"]);
    let indicators = fs::read_to_string(root().join("data/published-indicators.csv")).unwrap();
    let earlier = indicators.lines().skip(1).map(|line| line.replacen("2022,", "2020,", 1));
    let both: Vec<String> = indicators.lines().map(str::to_owned).chain(earlier).collect();
    fs::write(desk.path("indicators.csv"), both.join("\n")).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("published_indicators")).unwrap();
    let config = config.replace(line, "published_indicators = \"indicators.csv\"");
    fs::write(desk.path("pipeline.toml"), config + "\n[comparators]\npin = \"published-2020\"\n").unwrap();
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let compared = desk.gtmi(&["compare", "KEN", "--with", "world", "--indicators", "--json"]);
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    let json = compared.json();
    assert_eq!((&json["wave"], &json["scores_wave"]), (&2020.into(), &2022.into()));
    let mut without = Vec::new();
    for line in json["comparators"][0]["scores"].as_array().unwrap() {
        let difference = line["score"].as_f64().map(|score| score - line["mean"].as_f64().unwrap());
        if line["comparable"] == "no" {
            assert!(line["difference_to_mean"].is_null(), "{line}");
            without.push(line["id"].as_str().unwrap().to_owned());
        } else {
            assert_eq!(line["difference_to_mean"].as_f64(), difference, "{line}");
        }
    }
    assert!(without.contains(&"I-4".to_owned()) && !without.contains(&"I-39".to_owned()), "{without:?}");
    assert!(compared.stderr.contains("KEN Kenya, wave 2022\n"), "{}", compared.stderr);
    assert!(compared.stderr.contains("pinned as \"published-2020\", of wave 2020;"), "{}", compared.stderr);
    let told = format!("{} do not compare with that wave, so no difference is taken\n", without.join(", "));
    assert!(compared.stderr.contains(&told), "{}", compared.stderr);
}

#[test]
fn reports_are_made_anew_when_what_they_compare_with_changes() {
    let desk = Desk::with(&["KEN"]);
    let table = desk.path("published.csv");
    let text = fs::read_to_string(root().join("data/published-scores.csv")).unwrap();
    fs::write(&table, &text).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("published_scores")).unwrap();
    let ours = format!("published_scores = {:?}", table.to_str().unwrap());
    fs::write(desk.path("pipeline.toml"), config.replace(line, &ours)).unwrap();
    let report = |desk: &Desk| {
        let run = desk.gtmi(&["run"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        desk.outputs().remove("reports/KEN.xlsx").unwrap()
    };
    let first = report(&desk);
    assert!(report(&desk) == first);

    // Of Kenya nothing changes, but of those that it is compared with.
    let of_uganda = text.lines().find(|line| line.contains("UGA") && line.contains("2022")).unwrap();
    let gone =
        text.lines().filter(|line| *line != of_uganda).fold(String::new(), |all, line| all + line + "\n");
    fs::write(&table, gone).unwrap();
    let second = report(&desk);
    assert!(second != first);

    // Nor here: a set of peers comes.
    configure(&desk, "[comparators.peers]\nneighbours = [\"TZA\", \"UGA\", \"KEN\"]");
    assert!(report(&desk) != second);
}

#[test]
fn every_score_says_which_edition_of_an_external_index_it_used() {
    let desk = Desk::after_run();
    let external = desk.gtmi(&["external", "--json"]);
    assert!(external.stderr.contains("no value for Hong Kong SAR, China"), "{}", external.stderr);
    let json = external.json();
    let tii = json.as_array().unwrap().iter().find(|used| used["index"] == "TII").unwrap();
    assert_eq!((&tii["edition"]["year"], &tii["values"]), (&2022.into(), &193.into()));
    assert_eq!(tii["missing"].as_array().unwrap().len(), 5);
    let run: Value = serde_json::from_slice(&fs::read(desk.path("out/run.json")).unwrap()).unwrap();
    assert_eq!(run["external_indices"], json);
    let explained = desk.gtmi(&["explain", "KEN", "I-16"]);
    assert!(explained.stderr.contains("external index TII 2022 (United Nations"), "{}", explained.stderr);
    configure(&desk, "[external.TII]\nedition = 2020");
    let refused = desk.gtmi(&["run"]);
    assert_eq!(refused.code, 2);
    assert!(
        refused.stderr.contains("there is no edition 2020 of TII (there is: 2022)"),
        "{}",
        refused.stderr
    );
}

#[test]
fn what_would_raise_the_group_names_answers_and_their_evidence() {
    let desk = Desk::after_run();
    let raised = desk.gtmi(&["raise", "SEN", "--json"]);
    assert_eq!(raised.code, 0, "{}", raised.stderr);
    let json = raised.json();
    assert_eq!(json["proven"], true);
    let first = &json["sets"][0];
    assert!(first["score"].as_f64().unwrap() >= json["threshold"].as_f64().unwrap());
    let changes = first["changes"].as_array().unwrap();
    let gains: f64 = changes.iter().map(|change| change["gain"].as_f64().unwrap()).sum();
    close(&first["score"], json["score"].as_f64().unwrap() + gains);
    assert!(raised.stderr.contains("evidence: "), "{}", raised.stderr);
    let unknown = desk.gtmi(&["raise", "SEN", "--to", "Z"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.stderr.contains("there is no maturity group \"Z\""), "{}", unknown.stderr);
}

/// A desk at which two files answer for Kenya: the second one says "no" to I-1 and nothing to I-2.
fn two_respondents() -> Desk {
    let desk = Desk::empty();
    let answers = fs::read_to_string(root().join("data/answers-2022.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(answers.as_bytes());
    let headings = reader.headers().unwrap().clone();
    let mut writer = csv::Writer::from_path(desk.path("second.csv")).unwrap();
    writer.write_record(&headings).unwrap();
    for row in reader.records().map(Result::unwrap).filter(|row| &row[0] == "KEN") {
        let changed = headings.iter().zip(&row).map(|(heading, text)| match heading {
            "I-1" => "0",
            "I-2" => "-",
            _ => text,
        });
        writer.write_record(changed).unwrap();
    }
    writer.flush().unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("coded_answers")).unwrap();
    fs::write(desk.path("second.toml"), config.replace(line, "coded_answers = \"second.csv\"")).unwrap();
    for (config, folder) in [("pipeline.toml", "inbox"), ("second.toml", "second")] {
        let demo = desk.gtmi(&["demo", "--out", folder, "--economy", "KEN", "--config", config]);
        assert_eq!(demo.code, 0, "{}", demo.stderr);
    }
    // What is required and empty would send it back; this wave takes it as it is.
    let framework = desk.path("framework");
    fs::create_dir(&framework).unwrap();
    for file in ["framework.toml", "indicators.csv", "survey.csv", "choices.csv"] {
        let text = fs::read_to_string(root().join("frameworks/gtmi-2022").join(file)).unwrap();
        fs::write(framework.join(file), text.replace("required = \"error\"", "required = \"warning\""))
            .unwrap();
    }
    let path = config.lines().find(|line| line.contains("frameworks/gtmi-2022\"")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace(path, "path = \"framework\"")).unwrap();
    let first = desk.gtmi(&["run"]);
    assert_eq!(first.code, 0, "{}", first.stderr);
    fs::rename(desk.path("second/KEN.xlsx"), desk.path("inbox/KEN-second.xlsx")).unwrap();
    let second = desk.gtmi(&["run"]);
    assert_eq!(second.code, 0, "{}", second.stderr);
    desk
}

#[test]
fn respondents_who_disagree_are_shown_side_by_side_and_the_rule_decides() {
    let desk = two_respondents();
    let told = desk.gtmi(&["respondents", "KEN", "--json"]);
    assert_eq!(told.code, 0, "{}", told.stderr);
    let json = told.json();
    assert_eq!(json["rule"], "latest");
    let [latest, earlier] = json["respondents"].as_array().unwrap().as_slice() else { panic!("{json}") };
    assert_eq!((&latest["file"], &earlier["in_force"]), (&"KEN-second.xlsx".into(), &0.into()));
    assert!(latest["score"].as_f64().unwrap() < earlier["score"].as_f64().unwrap());
    let differing: Vec<&Value> = json["disagreements"].as_array().unwrap().iter().collect();
    assert_eq!(differing.len(), 1);
    assert_eq!(differing[0]["question"], "I-1");
    let score = || desk.gtmi(&["explain", "KEN", "--json"]).json()["score"].as_f64().unwrap();
    assert_eq!(Some(score()), latest["score"].as_f64());

    configure(&desk, "[respondents]\nrule = \"majority\"");
    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    // The blank of I-2 is no vote, and the tie about I-1 goes to the latest.
    assert!(score() > latest["score"].as_f64().unwrap());
    let other = desk.gtmi(&["explain", "KEN", "I-2"]);
    assert!(other.stderr.contains(" of KEN.xlsx (sha256 "), "{}", other.stderr);
    let export = desk.gtmi(&["export", "--out", "export"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    let ties: Vec<_> =
        desk.table("findings").into_iter().filter(|row| row["rule"] == "RESPONDENT-001").collect();
    assert_eq!(ties.len(), 1);
    assert_eq!((ties[0]["question"].as_str(), ties[0]["found"].as_str()), ("I-1", "0 (1), 2 (1)"));
    assert_eq!(desk.table("respondents").len(), 2);
    let disagreeing: Vec<_> = desk
        .table("disagreements")
        .into_iter()
        .map(|row| (row["answer"].clone(), row["in_force"].clone()))
        .collect();
    assert_eq!(disagreeing, [("2".to_owned(), "false".to_owned()), ("0".to_owned(), "true".to_owned())]);
    let sources: std::collections::BTreeSet<_> =
        desk.table("answers").into_iter().map(|row| row["source"].clone()).collect();
    assert_eq!(sources.len(), 2, "each answer names the file of its own submission");

    let decide = ["review", "override", "KEN", "I-1", "--answer", "1", "--by", "A", "--reason", "seen"];
    assert_eq!(desk.gtmi(&decide).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let told = desk.gtmi(&["respondents", "KEN", "--json"]);
    let differing = &told.json()["disagreements"][0];
    assert_eq!((&differing["in_force"], &differing["overridden"]), (&Value::Null, &"1".into()));
    assert!(told.stderr.contains("   override: 1*"), "{}", told.stderr);
    let before = desk.outputs();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert!(before == desk.outputs(), "a second run changes no byte");
}

#[test]
fn the_tables_of_weights_evidence_raise_and_comparators_add_up() {
    let desk = Desk::after_run();
    let export = desk.gtmi(&["export", "--out", "export", "--format", "csv"]);
    assert_eq!(export.code, 0, "{}", export.stderr);
    let number = |row: &BTreeMap<String, String>, column: &str| row[column].parse::<f64>().unwrap();
    let mut sums: BTreeMap<(String, String), f64> = BTreeMap::new();
    for row in desk.table("weights") {
        *sums.entry((row["economy"].clone(), row["level"].clone())).or_default() += number(&row, "weight");
    }
    assert_eq!(sums.len(), 3 * 198);
    assert!(sums.values().all(|sum| (sum - 1.0).abs() < 1e-12));
    let evidence = desk.table("evidence");
    assert_eq!(evidence.len(), 5 * 198);
    for row in &evidence {
        let parts = number(row, "evidence") + number(row, "published") + number(row, "unbacked");
        assert!((parts - number(row, "points")).abs() < 1e-9, "{row:?}");
    }
    // Every economy below the highest group can be raised, and each set reaches its threshold.
    let mut sets: BTreeMap<(String, String), f64> = BTreeMap::new();
    let raise = desk.table("raise");
    for row in &raise {
        assert!(number(row, "score") >= number(row, "threshold"), "{row:?}");
        assert_eq!(row["proven"], "true");
        *sets.entry((row["economy"].clone(), row["set"].clone())).or_default() += number(row, "gain");
    }
    let scores = desk.table("scores");
    for row in scores.iter().filter(|row| row["level"] == "index" && row["group"] != "A") {
        let gained = sets[&(row["economy"].clone(), "1".to_owned())];
        let after = raise.iter().find(|set| set["economy"] == row["economy"] && set["set"] == "1").unwrap();
        assert!((number(row, "score") + gained - number(after, "score")).abs() < 1e-9);
    }
    let comparators = desk.table("comparators");
    let world = |wave: &str, matched: &str| {
        let row = comparators.iter().find(|row| {
            (row["wave"].as_str(), row["matched_wave"].as_str(), row["kind"].as_str())
                == (wave, matched, "world")
                && row["id"] == "GTMI"
        });
        row.unwrap().clone()
    };
    // The published mean of 2022 is .552; Nicaragua has no scores in 2025.
    assert!((number(&world("2022", "2022"), "mean") - 0.552).abs() < 0.0005);
    assert_eq!((&*world("2022", "2022")["economies"], &*world("2022", "2025")["economies"]), ("198", "197"));
    assert_eq!(world("2022", "2022")["classified"], "2022");
}
