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
    if asked.path == "/api/v2/assets/Empty/data/" {
        return document(&json!({ "count": 0, "next": null, "previous": null, "results": [] }));
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

/// A server whose submissions a test changes, and a desk that fetches from it.
struct Platform {
    rows: Arc<Mutex<Vec<Value>>>,
    server: Server,
    desk: Desk,
}

fn platform(rows: Vec<Value>) -> Platform {
    let rows = Arc::new(Mutex::new(rows));
    let shared = Arc::clone(&rows);
    let server = Server::start(move |asked| answer(&shared.lock().unwrap(), asked));
    let desk = desk_of(&server);
    Platform { rows, server, desk }
}

impl Platform {
    /// Runs after a change of the submissions; gives how it exited and what it said.
    fn run_after(&self, change: impl FnOnce(&mut Vec<Value>)) -> (i32, String) {
        change(&mut self.rows.lock().unwrap());
        let ran = self.desk.gtmi(&["run"]);
        (ran.code, ran.stderr)
    }

    /// The economies that have a score, with it.
    fn scored(&self) -> BTreeMap<String, String> {
        let all = scores(&self.desk).into_iter();
        all.filter(|((_, id), _)| id == "GTMI").map(|((economy, _), score)| (economy, score)).collect()
    }

    fn economies(&self) -> Vec<String> {
        self.scored().into_keys().collect()
    }
}

/// A submission of each economy.
fn rows(economies: &[&str]) -> Vec<Value> {
    let all = coded(economies);
    (1..).zip(economies).map(|(number, economy)| submission(number, economy, &all[*economy])).collect()
}

#[test]
fn a_submission_whose_economy_is_corrected_leaves_no_score_behind() {
    let platform = platform(rows(&["KEN", "BRA"]));
    platform.run_after(|_| ());
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
    let (_, said) = platform.run_after(|rows| rows[0]["economy"] = json!("FRA"));
    assert!(said.contains("a submission was corrected to be of another economy"), "{said}");
    assert_eq!(platform.economies(), ["BRA", "FRA"]);
    let status = platform.desk.gtmi(&["status", "--json"]).json().to_string();
    assert_eq!(status.matches("\"state\":\"accepted\"").count(), 2, "nobody is told of Kenya: {status}");
    // The same again changes nothing, and the correction can be taken back.
    let before = platform.desk.outputs();
    platform.run_after(|_| ());
    assert!(platform.desk.outputs() == before, "a second run changed something");
    platform.run_after(|rows| rows[0]["economy"] = json!("KEN"));
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
}

#[test]
fn another_form_under_the_same_name_leaves_in_force_what_came_before() {
    let platform = platform(rows(&["KEN", "BRA"]));
    platform.run_after(|_| ());
    let override_one = ["review", "override", "BRA", "I-1", "--answer", "0"];
    let decided =
        platform.desk.gtmi(&[&override_one[..], &["--by", "A", "--reason", "announced only"]].concat());
    assert_eq!(decided.code, 0, "{}", decided.stderr);
    let config = fs::read_to_string(platform.desk.path("pipeline.toml")).unwrap();
    let other = config.replace("asset = \"aBc\"", "asset = \"Empty\"");
    fs::write(platform.desk.path("pipeline.toml"), other).unwrap();
    let (code, said) = platform.run_after(|_| ());
    assert!(code <= 1 && !said.contains("no more"), "{said}");
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
    // Back at the first form, which holds one less: that is told, and so is a form that is emptied.
    fs::write(platform.desk.path("pipeline.toml"), config).unwrap();
    let (_, said) = platform.run_after(|rows| rows.truncate(1));
    assert!(said.contains("kobo: 1 submission counts no more: deleted"), "{said}");
    assert_eq!(platform.economies(), ["KEN"]);
    let decisions = platform.desk.gtmi(&["review", "decisions", "BRA"]);
    assert!(decisions.stderr.contains("idle: nothing of BRA is in force"), "{}", decisions.stderr);
    let (code, said) = platform.run_after(Vec::clear);
    assert_eq!(code, 1);
    assert!(said.contains("kobo: the form is empty, where 1 submission counted before"), "{said}");
    assert!(platform.economies().is_empty());
}

#[test]
fn a_workbook_that_cannot_be_had_keeps_nothing_else_from_being_read() {
    let platform = platform(rows(&["KEN", "BRA", "FRA"]));
    let bad = json!([{ "uid": "none", "filename": "someone/attachments/x/y/none.xlsx" }]);
    let (code, said) = platform.run_after(|rows| rows[0]["_attachments"] = bad);
    assert_eq!(code, 1);
    assert!(said.contains("/attachments/none/ answered 404"), "{said}");
    assert_eq!(platform.economies(), ["BRA", "FRA", "KEN"]);
    let (_, said) = platform.run_after(|rows| {
        rows[1]["_validation_status"] = json!({ "uid": "validation_status_not_approved" });
        rows.pop();
    });
    assert!(said.contains("2 submissions count no more"), "{said}");
    assert_eq!(platform.economies(), ["KEN"]);
    // What an edit took away is marked, and is not asked for.
    platform.server.requests();
    platform.run_after(|rows| rows[0]["_attachments"][0]["is_deleted"] = json!(true));
    let asked = platform.server.requests();
    assert!(!asked.is_empty() && asked.iter().all(|asked| !asked.path.contains("none")), "{asked:?}");
}

#[test]
fn a_workbook_that_is_taken_off_a_submission_counts_no_more() {
    let mut all = rows(&["KEN"]);
    let mut kenya = submission(1, "KEN", &BTreeMap::new());
    kenya["_attachments"] = json!([{ "uid": "att7", "filename": "someone/attachments/x/y/ken.xlsx" }]);
    let answered = std::mem::replace(&mut all[0], kenya);
    let platform = platform(all);
    let (code, said) = platform.run_after(|_| ());
    assert!(code <= 1 && said.contains("0 refused") && said.contains("1 submission;"), "{said}");
    assert_eq!(platform.economies(), ["KEN"]);
    let (_, said) = platform.run_after(|rows| rows[0]["_attachments"] = json!([]));
    assert!(said.contains("1 attached workbook counts no more"), "{said}");
    assert!(platform.economies().is_empty());
    platform.run_after(|rows| rows[0] = answered);
    assert_eq!(platform.economies(), ["KEN"]);
}

#[test]
fn attached_workbooks_count_no_more_once_attachments_are_switched_off_and_again_once_they_are_on() {
    let mut all = rows(&["KEN", "BRA"]);
    all[0] = submission(1, "KEN", &BTreeMap::new());
    all[0]["_attachments"] = json!([{ "uid": "att7", "filename": "someone/attachments/x/y/ken.xlsx" }]);
    let platform = platform(all);
    platform.run_after(|_| ());
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
    let on = fs::read_to_string(platform.desk.path("pipeline.toml")).unwrap();
    let off = on.replace("asset = ", "attachments = false\nasset = ");
    fs::write(platform.desk.path("pipeline.toml"), &off).unwrap();
    let (_, said) = platform.run_after(|_| ());
    assert!(
        said.contains("kobo: 1 attached workbook counts no more: attachments are switched off"),
        "{said}"
    );
    assert_eq!(platform.economies(), ["BRA"]);
    let (_, said) = platform.run_after(|_| ());
    assert!(!said.contains("attachments are switched off"), "{said}");
    fs::write(platform.desk.path("pipeline.toml"), on).unwrap();
    platform.run_after(|_| ());
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
}

#[test]
fn a_submission_that_a_device_sent_twice_takes_no_other_with_it() {
    let mut all = rows(&["KEN", "BRA"]);
    let mut twice = all[1].clone();
    twice["_id"] = json!(3);
    twice["answers/I-1"] = json!("0");
    all.push(twice);
    let platform = platform(all);
    let (code, said) = platform.run_after(|_| ());
    assert!(code <= 1 && !said.contains("says that it has"), "{said}");
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
    let second = platform.scored();
    // Whoever reviews them does not approve the second: the first counts.
    platform
        .run_after(|rows| rows[2]["_validation_status"] = json!({ "uid": "validation_status_not_approved" }));
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
    assert!(platform.scored()["BRA"] > second["BRA"]);
}

#[test]
fn an_edit_keeps_the_place_of_what_it_corrects_however_often_was_looked() {
    let mut all = rows(&["KEN", "WSM"]);
    all[1]["economy"] = json!("KEN");
    all[1]["_submission_time"] = json!("2026-11-24T10:00:00");
    let platform_of = platform;
    let platform = platform(all);
    platform.run_after(|_| ());
    let latest = platform.scored();
    platform.run_after(|rows| rows[0]["answers/I-1"] = json!("0"));
    assert_eq!(platform.scored(), latest, "the later one stays in force");
    let fresh = platform_of(platform.rows.lock().unwrap().clone());
    fresh.run_after(|_| ());
    assert_eq!(fresh.scored(), latest);
}

#[test]
fn a_submission_with_few_answers_is_asked_back_and_not_refused() {
    let few: BTreeMap<String, String> = [("I-1".to_owned(), "2".to_owned())].into();
    for answers in [BTreeMap::new(), few] {
        let platform = platform(vec![submission(1, "KEN", &answers)]);
        let (code, said) = platform.run_after(|_| ());
        assert_eq!(code, 1);
        assert!(said.contains("0 refused") && said.contains("0 accepted, 1 returned"), "{said}");
        assert!(said.contains("returned KEN Kenya"), "{said}");
    }
}

#[test]
fn a_list_without_end_is_given_up_and_names_without_end_take_nothing_with_them() {
    let endless = Server::start(|_| {
        document(&json!({ "count": 1_000_000_000, "results": [submission(1, "KEN", &BTreeMap::new())] }))
    });
    let ran = desk_of(&endless).gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("says that it has 1000000000 submissions, but sent 1"), "{}", ran.stderr);
    assert_eq!(endless.requests().len(), 6, "three lists, each until a page brings nothing new");

    let platform = platform(rows(&["KEN", "BRA"]));
    let inner: Value = (0..20_000).map(|at| (format!("a{at}"), json!(1))).collect();
    let (code, said) = platform.run_after(|rows| rows[0]["K".repeat(1_000_000)] = inner);
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("kobo: 1 submission has fields with names longer than those of any form"),
        "{said}"
    );
    assert_eq!(platform.economies(), ["BRA"]);
    let (code, said) = platform.run_after(|rows| *rows = self::rows(&["KEN", "BRA"]));
    assert!(code == 0 && !said.contains("names longer"), "{said}");
    assert_eq!(platform.economies(), ["BRA", "KEN"]);
}

#[test]
fn an_export_that_holds_an_earlier_submission_again_does_not_bring_it_before_what_came_since() {
    let desk = Desk::empty();
    let all = coded(&["KEN", "BRA", "FRA"]);
    let export = |name: &str, rows: &[(&str, &str, &str)]| {
        let mut writer = csv::Writer::from_path(desk.path("inbox").join(name)).unwrap();
        let questions: Vec<&String> = all["KEN"].keys().collect();
        let headings = ["_uuid", "_submission_time", "economy"].into_iter().map(str::to_owned);
        writer.write_record(headings.chain(questions.iter().map(|id| format!("answers/{id}")))).unwrap();
        for (at, economy, of) in rows {
            let own = [format!("u-{economy}-{at}"), (*at).to_owned(), (*economy).to_owned()];
            let answers = questions.iter().map(|id| all[*of][*id].replace(", ", " "));
            writer.write_record(own.into_iter().chain(answers)).unwrap();
        }
        writer.flush().unwrap();
    };
    let index = || scores(&desk).remove(&("KEN".to_owned(), "GTMI".to_owned()));
    let kenya = ("2022-11-01T08:00:00", "KEN", "BRA");
    export("one.csv", &[kenya]);
    desk.gtmi(&["run"]);
    let first = index();
    assert_eq!(desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN"]).code, 0);
    desk.gtmi(&["run"]);
    let later = index();
    assert_ne!(first, later);
    // The next export has the same one once more, below a new one.
    export("two.csv", &[("2022-11-20T08:00:00", "FRA", "FRA"), kenya]);
    desk.gtmi(&["run"]);
    assert_eq!(index(), later, "what was sent first is in force again");
    // What was sent since is the latest.
    export("three.csv", &[("2022-11-25T08:00:00", "KEN", "BRA"), kenya]);
    desk.gtmi(&["run"]);
    assert_eq!(index(), first);
}
