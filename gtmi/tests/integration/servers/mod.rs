//! Whole waves fetched from servers on loopback that behave as the platforms do.

pub(crate) mod http;
mod https;
pub(crate) mod kobo;
pub(crate) mod links;
mod odk;
mod worldbank;

use std::collections::BTreeMap;
use std::fs;

use crate::desk::{Desk, root};

/// The coded answers of some economies, by economy and question.
pub(crate) fn coded(economies: &[&str]) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(root().join("data/answers-2022.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    let mut all = BTreeMap::new();
    for row in reader.records() {
        let row: BTreeMap<String, String> =
            headings.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect();
        let code = row["economy"].clone();
        if economies.contains(&code.as_str()) {
            let answers = row.into_iter().filter(|(heading, _)| heading.starts_with("I-")).collect();
            all.insert(code, answers);
        }
    }
    assert_eq!(all.len(), economies.len());
    all
}

/// A desk whose only source is the given section.
pub(crate) fn desk_with_source(section: &str) -> Desk {
    let desk = Desk::empty();
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let (before, rest) = text.split_once("[[source]]").unwrap();
    let after = &rest[rest.find("\n[").unwrap()..];
    fs::write(desk.path("pipeline.toml"), format!("{before}{section}\n{after}")).unwrap();
    desk
}

/// The scores of every economy of a desk, at full precision.
fn scores(desk: &Desk) -> BTreeMap<(String, String), String> {
    let export = desk.path("export");
    let ran = desk.gtmi(&["export", "--out", export.to_str().unwrap()]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    desk.table("scores")
        .into_iter()
        .filter(|row| row["level"] != "question")
        .map(|row| ((row["economy"].clone(), row["id"].clone()), row["score"].clone()))
        .collect()
}

/// The scores of the same economies from questionnaires in a folder.
fn scores_from_folder(economies: &[&str]) -> BTreeMap<(String, String), String> {
    let desk = Desk::empty();
    let inbox = desk.path("inbox");
    let ran = desk.gtmi(&["demo", "--out", inbox.to_str().unwrap(), "--economy", &economies.join(",")]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let ran = desk.gtmi(&["run"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    scores(&desk)
}
