//! `KoboToolbox`, after its source: a limit that is cut without a word, edits that keep their date, reviews.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http::{Asked, Said, Server, json as document};
use super::{coded, desk_with_source, scores, scores_from_folder};
use crate::desk::{Desk, root};

const ECONOMIES: [&str; 3] = ["KEN", "BRA", "FRA"];

fn submission(number: usize, economy: &str, answers: &BTreeMap<String, String>) -> Value {
    let mut row = json!({
        "_id": number, "_uuid": format!("uuid-{economy}"), "meta/rootUuid": format!("uuid:root-{economy}"),
        "_submission_time": "2026-11-23T22:53:58", "_validation_status": {}, "_attachments": [],
        "_status": "submitted_via_web", "__version__": "v1", "economy": economy
    });
    for (question, answer) in answers.iter().filter(|(_, answer)| !answer.is_empty()) {
        row[format!("answers/{question}")] = json!(answer.replace(", ", " "));
    }
    row
}

fn answer(rows: &[Value], asked: &Asked) -> Said {
    if asked.headers.get("authorization").map(String::as_str) != Some("Token 0123456789abcdef") {
        return Said::Status(403, "");
    }
    if asked.path == "/api/v2/assets/aBc/data/1/attachments/att7/" {
        return Said::Document(fs::read(root().join("examples/wave-2022/KEN.xlsx")).unwrap());
    }
    if asked.path != "/api/v2/assets/aBc/data/" {
        return Said::Status(404, "");
    }
    let start: usize = asked.query["start"].parse().unwrap();
    // The server gives fewer than asked for and does not say so.
    let page: Vec<&Value> = rows.iter().skip(start).take(2).collect();
    document(
        &json!({ "count": rows.len(), "next": "http://elsewhere.example/", "previous": null, "results": page }),
    )
}

#[test]
fn a_wave_from_kobo_has_the_scores_of_the_folder_and_follows_edits() {
    let rows: Vec<Value> = coded(&ECONOMIES)
        .iter()
        .enumerate()
        .map(|(at, (economy, answers))| submission(at + 1, economy, answers))
        .collect();
    let rows = Arc::new(Mutex::new(rows));
    let shared = Arc::clone(&rows);
    let server = Server::start(move |asked| answer(&shared.lock().unwrap(), asked));
    let desk = desk_of(&server);
    let ran = desk.gtmi(&["run"]);
    assert!(ran.code <= 1, "{}", ran.stderr);
    let first = scores(&desk);
    assert_eq!(first, scores_from_folder(&ECONOMIES));

    {
        let mut rows = rows.lock().unwrap();
        for row in rows.iter_mut() {
            match row["economy"].as_str().unwrap() {
                // An edit: a new uuid, the old date.
                "BRA" => {
                    row["answers/I-1"] = json!("0");
                    row["_uuid"] = json!("uuid-BRA-2");
                }
                "FRA" => row["_validation_status"] = json!({ "uid": "validation_status_not_approved" }),
                _ => {}
            }
        }
    }
    desk.gtmi(&["run"]);
    let second = scores(&desk);
    let of = |all: &BTreeMap<(String, String), String>, economy: &str| {
        all.get(&(economy.to_owned(), "GTMI".to_owned())).cloned()
    };
    assert!(of(&first, "BRA") > of(&second, "BRA"), "an edit counts");
    assert_eq!(of(&second, "FRA"), None, "what was not approved counts no more");
    let states = desk.gtmi(&["status", "--json"]).json();
    let france = states.as_array().unwrap().iter().find(|row| row["economy"] == "FRA").unwrap();
    assert_eq!(france["state"], "withdrawn");
    let summary = fs::read_to_string(desk.path("out/summary.md")).unwrap();
    assert!(summary.contains("withdrawn by its source | 1"), "{summary}");
    assert_eq!(of(&first, "KEN"), of(&second, "KEN"));
}

/// A desk whose source is a server with one submission, to which a workbook is attached.
pub(crate) fn with_workbook() -> (Server, Desk) {
    let mut row = submission(1, "KEN", &BTreeMap::new());
    row["_attachments"] = json!([
        { "uid": "att7", "filename": "someone/attachments/x/y/ken.xlsx", "mimetype": "application/x" },
        { "uid": "att8", "filename": "someone/attachments/x/y/photo.jpg", "mimetype": "image/jpeg" }
    ]);
    let server = Server::start(move |asked| answer(std::slice::from_ref(&row), asked));
    let desk = desk_of(&server);
    (server, desk)
}

fn desk_of(server: &Server) -> Desk {
    let desk = desk_with_source(&format!(
        "[[source]]\nname = \"kobo\"\nkind = \"kobo\"\nurl = \"{}\"\nasset = \"aBc\"\nsecret_file = \"token\"\n\
         allow_http = true\nallow_private = true\n",
        server.url()
    ));
    fs::write(desk.path("token"), "0123456789abcdef").unwrap();
    desk
}

#[test]
fn a_workbook_attached_to_a_submission_is_taken_in() {
    let (server, desk) = with_workbook();
    desk.gtmi(&["run"]);
    let kenya = ("KEN".to_owned(), "GTMI".to_owned());
    assert_eq!(scores(&desk).get(&kenya), scores_from_folder(&["KEN"]).get(&kenya));
    let photos = server.requests().iter().filter(|asked| asked.path.contains("att8")).count();
    assert_eq!(photos, 0, "only workbooks are asked for");
}
