//! ODK Central, as its recorded answers show it: dates that are null, pages by a token, the server's own idea of
//! its address, edits, reviews, deletions, attachments that come late.

use std::collections::BTreeMap;
use std::fs;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::http::{Asked, Said, Server, json as document};
use super::{coded, desk_with_source, scores, scores_from_folder};
use crate::desk::{Desk, root};

const ECONOMIES: [&str; 4] = ["KEN", "BRA", "FRA", "WSM"];
const TOKEN: &str = "token-of-the-session";

/// What the platform holds.
#[derive(Default)]
struct Central {
    submissions: BTreeMap<String, Value>,
    attachments: BTreeMap<String, (bool, Vec<u8>)>,
    /// Requests for pages that fail first.
    failures: Vec<Said>,
    /// Added to every count that is told.
    miscount: u64,
    /// Whether a request for a session is answered with its own content.
    repeats: bool,
    /// Whether no attachment can be had.
    broken: bool,
    page: usize,
    form: &'static str,
}

fn submission(economy: &str, answers: &BTreeMap<String, String>, date: &str) -> Value {
    let mut groups = serde_json::Map::new();
    for (question, answer) in answers {
        // Central turns characters that a name in OData cannot have into underscores.
        let name = question.replace(['-', '.'], "_");
        let value = if answer.is_empty() { Value::Null } else { json!(answer.replace(", ", " ")) };
        groups.insert(name, value);
    }
    json!({
        "economy": economy,
        "respondent": { "email": format!("focal.{economy}@example.org") },
        "answers": groups,
        "workbook": null,
        "meta": { "instanceID": format!("uuid:{economy}"), "instanceName": economy },
        "__id": format!("uuid:{economy}"),
        "__system": {
            "submissionDate": date, "updatedAt": null, "submitterName": "ops@example.org",
            "attachmentsPresent": 0, "attachmentsExpected": 0, "reviewState": null, "edits": 0,
            "formVersion": "2022090100", "deletedAt": null
        }
    })
}

impl Central {
    fn with(economies: &[&str]) -> Self {
        let mut central = Self { page: 3, form: "gtmi_2022", ..Self::default() };
        for (at, (economy, answers)) in coded(economies).into_iter().enumerate() {
            let date = format!("2026-11-23T22:53:5{at}.538Z");
            central.submissions.insert(format!("uuid:{economy}"), submission(&economy, &answers, &date));
        }
        central
    }

    fn answer(&mut self, asked: &Asked) -> Said {
        if asked.path == "/v1/sessions" {
            if self.repeats {
                let message = format!("cannot parse {}", asked.body);
                return Said::Refusal(400, json!({ "message": message }).to_string());
            }
            let good = asked.method == "POST" && asked.body.contains("correct horse");
            return if good { document(&json!({ "token": TOKEN })) } else { Said::Status(401, "") };
        }
        if asked.headers.get("authorization") != Some(&format!("Bearer {TOKEN}")) {
            return Said::Status(401, "");
        }
        if asked.path == format!("/v1/projects/1/forms/{}.svc/Submissions", self.form) {
            return if self.failures.is_empty() { self.list(asked) } else { self.failures.remove(0) };
        }
        let attachments = "/v1/projects/1/forms/gtmi_2022/submissions/uuid%3AKEN/attachments";
        match asked.path.strip_prefix(attachments) {
            Some(_) if !self.submissions.contains_key("uuid:KEN") => Said::Status(404, ""),
            Some("") => {
                let list: Vec<Value> = self
                    .attachments
                    .iter()
                    .map(|(name, (exists, _))| json!({ "name": name, "exists": exists }))
                    .collect();
                document(&json!(list))
            }
            Some(name) => match self.attachments.get(name.trim_start_matches('/')) {
                Some((true, bytes)) if !self.broken => Said::Document(bytes.clone()),
                _ => Said::Status(404, ""),
            },
            None => Said::Status(404, ""),
        }
    }

    fn list(&self, asked: &Asked) -> Said {
        let since = asked.query.get("$filter").map(|filter| {
            let date = filter.strip_prefix("__system/submissionDate ge ").unwrap().split(' ').next().unwrap();
            assert_eq!(*filter, format!("__system/submissionDate ge {date} or __system/updatedAt ge {date}"));
            date.to_owned()
        });
        let matching: Vec<&Value> = self
            .submissions
            .values()
            .filter(|row| {
                let date = |name: &str| row["__system"][name].as_str().unwrap_or("").to_owned();
                let since = since.clone().unwrap_or_default();
                date("submissionDate") >= since
                    || (!date("updatedAt").is_empty() && date("updatedAt") >= since)
            })
            .collect();
        let top: usize = asked.query["$top"].parse().unwrap();
        let from: usize = asked.query.get("$skiptoken").map_or(0, |token| token.parse().unwrap());
        let page: Vec<_> = matching.iter().skip(from).take(top.min(self.page)).collect();
        let mut answer =
            json!({ "value": page, "@odata.count": u64::try_from(matching.len()).unwrap() + self.miscount });
        if from + page.len() < matching.len() {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            for (name, value) in asked.query.iter().filter(|(name, _)| *name != "$skiptoken") {
                query.append_pair(name, value);
            }
            query.append_pair("$skiptoken", &(from + page.len()).to_string());
            // The address that the server believes to have.
            let link = format!("http://localhost:8989{}?{}", asked.path, query.finish());
            answer["@odata.nextLink"] = json!(link);
        }
        document(&answer)
    }
}

struct Platform {
    server: Server,
    central: Arc<Mutex<Central>>,
    desk: Desk,
}

fn platform(central: Central) -> Platform {
    let central = Arc::new(Mutex::new(central));
    let shared = Arc::clone(&central);
    let server = Server::start(move |asked| shared.lock().unwrap().answer(asked));
    let desk = desk_with_source(&format!(
        "[[source]]\nname = \"central\"\nkind = \"odk\"\nurl = \"{}\"\nproject = 1\nform = \"gtmi_2022\"\n\
         email = \"ops@example.org\"\nsecret_file = \"password\"\nallow_http = true\nallow_private = true\n",
        server.url()
    ));
    fs::write(desk.path("password"), "correct horse\n").unwrap();
    Platform { server, central, desk }
}

impl Platform {
    fn run(&self) -> crate::desk::Ran {
        self.desk.gtmi(&["run"])
    }

    /// The pages that were asked for, by their filters.
    fn lists_asked(&self) -> Vec<Option<String>> {
        self.server
            .requests()
            .into_iter()
            .filter(|asked| asked.path.ends_with(".svc/Submissions") && asked.query["$top"] != "1")
            .map(|asked| asked.query.get("$filter").cloned())
            .collect()
    }

    fn state(&self, economy: &str) -> Option<String> {
        self.desk.gtmi(&["export", "--out", self.desk.path("export").to_str().unwrap()]);
        let rows = self.desk.table("submissions");
        rows.into_iter().filter(|row| row["economy"] == economy).map(|row| row["state"].clone()).next_back()
    }
}

#[test]
fn a_wave_from_central_has_the_scores_of_the_folder() {
    let platform = platform(Central::with(&ECONOMIES));
    let ran = platform.run();
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert_eq!(scores(&platform.desk), scores_from_folder(&ECONOMIES));
    let pages = platform.lists_asked();
    assert_eq!(pages, [None, None], "two pages, without a filter the first time");

    // Nothing changed: one short question, and not a byte is written.
    let before = platform.desk.outputs();
    platform.run();
    assert!(platform.desk.outputs() == before, "a second run changed something");
    let pages = platform.lists_asked();
    assert!(pages.iter().all(Option::is_some), "the second time only what is new: {pages:?}");
}

#[test]
fn edits_reviews_and_deletions_are_seen() {
    let platform = platform(Central::with(&ECONOMIES));
    platform.run();
    let first = scores(&platform.desk);
    {
        let mut central = platform.central.lock().unwrap();
        let edited = central.submissions.get_mut("uuid:BRA").unwrap();
        edited["answers"]["I_1"] = json!("0");
        edited["meta"]["instanceID"] = json!("uuid:BRA-2");
        edited["__system"]["updatedAt"] = json!("2026-11-24T08:00:00.000Z");
        let reviewed = central.submissions.get_mut("uuid:FRA").unwrap();
        reviewed["__system"]["updatedAt"] = json!("2026-11-24T08:00:01.000Z");
        reviewed["__system"]["reviewState"] = json!("approved");
        let rejected = central.submissions.get_mut("uuid:WSM").unwrap();
        rejected["__system"]["updatedAt"] = json!("2026-11-24T08:00:02.000Z");
        rejected["__system"]["reviewState"] = json!("rejected");
        central.submissions.remove("uuid:KEN");
    }
    platform.run();
    let second = scores(&platform.desk);
    let of = |all: &BTreeMap<(String, String), String>, economy: &str| {
        all.get(&(economy.to_owned(), "GTMI".to_owned())).cloned()
    };
    assert!(of(&first, "BRA") > of(&second, "BRA"), "an edit counts");
    assert_eq!(of(&first, "FRA"), of(&second, "FRA"), "a review alone changes nothing");
    assert_eq!(of(&second, "WSM"), None, "a rejected submission counts no more");
    assert_eq!(of(&second, "KEN"), None, "a deleted submission counts no more");
    assert_eq!(platform.state("FRA").as_deref(), platform.state("BRA").as_deref());
}

#[test]
fn a_workbook_that_is_attached_late_is_taken_in_when_it_comes() {
    let mut central = Central::with(&["BRA"]);
    let mut kenya = submission("KEN", &BTreeMap::new(), "2026-11-23T22:53:58.538Z");
    kenya["workbook"] = json!("ken.xlsx");
    kenya["__system"]["attachmentsExpected"] = json!(1);
    central.submissions.insert("uuid:KEN".to_owned(), kenya);
    central.attachments.insert("ken.xlsx".to_owned(), (false, Vec::new()));
    let platform = platform(central);
    platform.run();
    let workbook = fs::read(root().join("examples/wave-2022/KEN.xlsx")).unwrap();
    platform.central.lock().unwrap().attachments.insert("ken.xlsx".to_owned(), (true, workbook));
    platform.run();
    let kenya = ("KEN".to_owned(), "GTMI".to_owned());
    assert_eq!(scores(&platform.desk).get(&kenya), scores_from_folder(&["KEN"]).get(&kenya));
}

/// Kenya answers nothing in the form and attaches its questionnaire.
fn bring_workbook(central: &mut Central) {
    let mut kenya = submission("KEN", &BTreeMap::new(), "2026-11-23T22:53:58.538Z");
    kenya["__system"]["attachmentsExpected"] = json!(1);
    kenya["__system"]["attachmentsPresent"] = json!(1);
    central.submissions.insert("uuid:KEN".to_owned(), kenya);
    let workbook = fs::read(root().join("examples/wave-2022/KEN.xlsx")).unwrap();
    central.attachments.insert("ken.xlsx".to_owned(), (true, workbook));
}

#[test]
fn workbooks_that_came_while_attachments_were_switched_off_are_asked_for_once_they_are_on() {
    let mut central = Central::with(&["BRA"]);
    bring_workbook(&mut central);
    let platform = platform(central);
    let on = fs::read_to_string(platform.desk.path("pipeline.toml")).unwrap();
    let off = on.replace("project = 1", "attachments = false\nproject = 1");
    assert_ne!(on, off);
    let index = ("KEN".to_owned(), "GTMI".to_owned());
    let wanted = scores_from_folder(&["KEN"]).get(&index).cloned();
    // Also after they were on before.
    for _ in 0..2 {
        fs::write(platform.desk.path("pipeline.toml"), &off).unwrap();
        platform.run();
        assert_eq!(scores(&platform.desk).get(&index), None);
        fs::write(platform.desk.path("pipeline.toml"), &on).unwrap();
        platform.run();
        assert_eq!(scores(&platform.desk).get(&index).cloned(), wanted);
    }
}

#[test]
fn a_workbook_that_an_edit_takes_off_counts_no_more() {
    let mut central = Central::default();
    (central.page, central.form) = (3, "gtmi_2022");
    bring_workbook(&mut central);
    let platform = platform(central);
    platform.run();
    let index = ("KEN".to_owned(), "GTMI".to_owned());
    let before = scores(&platform.desk).get(&index).cloned();
    assert_eq!(before, scores_from_folder(&["KEN"]).get(&index).cloned());
    // What it said is answered in the form instead, otherwise.
    let mut edited = submission("KEN", &coded(&["WSM"])["WSM"], "2026-11-23T22:53:58.538Z");
    edited["__system"]["updatedAt"] = json!("2026-11-24T08:00:00.000Z");
    {
        let mut central = platform.central.lock().unwrap();
        central.submissions.insert("uuid:KEN".to_owned(), edited);
        central.attachments.clear();
    }
    let ran = platform.run();
    assert!(ran.stderr.contains("1 attached workbook counts no more"), "{}", ran.stderr);
    assert_ne!(scores(&platform.desk).get(&index).cloned(), before);
    platform.server.requests();
    platform.run();
    let lists =
        platform.server.requests().iter().filter(|asked| asked.path.ends_with("/attachments")).count();
    assert_eq!(lists, 0, "its list is asked for no more");
}

#[test]
fn a_platform_that_fails_or_counts_wrong_is_told_and_tried_again_next_time() {
    let mut central = Central::with(&ECONOMIES);
    central.failures = vec![Said::Status(429, "Retry-After: 0\r\n"), Said::Half, Said::Status(500, "")];
    let platform = platform(central);
    let ran = platform.run();
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert_eq!(
        scores(&platform.desk).len(),
        scores_from_folder(&ECONOMIES).len(),
        "what passes is tried again"
    );

    platform.central.lock().unwrap().miscount = 1;
    let ran = platform.desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("could not be read to its end: "), "{}", ran.stderr);
    platform.central.lock().unwrap().miscount = 0;
    assert!(platform.run().code <= 1);
}

#[test]
fn a_wrong_password_is_told_without_showing_it() {
    let platform = platform(Central::with(&["KEN"]));
    fs::write(platform.desk.path("password"), "wrong battery\n").unwrap();
    let ran = platform.desk.gtmi(&["run", "-vv"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("answered 401"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("wrong battery"), "{}", ran.stderr);
}

#[test]
fn a_password_that_the_server_repeats_is_told_nowhere() {
    let platform = platform(Central { repeats: true, ..Central::with(&["KEN"]) });
    let ran = platform.desk.gtmi(&["run", "-vv"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("answered 400 (what it says repeats a secret"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("correct horse"), "{}", ran.stderr);
    for file in ["out/run.json", "out/gtmi.db", "out/gtmi.db-wal"] {
        let bytes = fs::read(platform.desk.path(file)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains("correct horse"), "{file}");
    }
}

/// Kenya's submission is older than the others by more than the next question reaches back.
fn with_old_kenya() -> Central {
    let mut central = Central::with(&ECONOMIES);
    let kenya = central.submissions.get_mut("uuid:KEN").unwrap();
    kenya["__system"]["submissionDate"] = json!("2025-11-23T22:53:58.538Z");
    central
}

#[test]
fn a_submission_that_no_date_tells_of_is_found_by_the_count() {
    let platform = platform(with_old_kenya());
    platform.run();
    let first = scores(&platform.desk);
    // Deleted, and restored with its old date after a run.
    let kenya = platform.central.lock().unwrap().submissions.remove("uuid:KEN").unwrap();
    platform.run();
    assert!(scores(&platform.desk).len() < first.len());
    platform.central.lock().unwrap().submissions.insert("uuid:KEN".to_owned(), kenya);
    let ran = platform.run();
    assert!(ran.code <= 1, "{}", ran.stderr);
    assert_eq!(scores(&platform.desk), first);
}

#[test]
fn a_date_in_the_future_hides_no_later_submission() {
    let mut central = Central::with(&["KEN", "BRA", "FRA"]);
    let row = central.submissions.get_mut("uuid:KEN").unwrap();
    row["__system"]["submissionDate"] = json!("2099-01-01T00:00:00.000Z");
    let brazil = central.submissions.get_mut("uuid:BRA").unwrap();
    brazil["__system"]["submissionDate"] = json!("2025-11-23T22:53:58.538Z");
    let france = central.submissions.get_mut("uuid:FRA").unwrap();
    france["__system"]["submissionDate"] = json!("2025-11-23T22:53:58.538Z");
    let platform = platform(central);
    platform.run();
    platform.lists_asked();
    // An edit changes no count.
    let before = scores(&platform.desk);
    {
        let mut central = platform.central.lock().unwrap();
        let edited = central.submissions.get_mut("uuid:BRA").unwrap();
        edited["answers"]["I_1"] = json!("0");
        edited["__system"]["updatedAt"] = json!("2025-11-24T08:00:00.000Z");
    }
    platform.run();
    let brazil = ("BRA".to_owned(), "GTMI".to_owned());
    assert!(before[&brazil] > scores(&platform.desk)[&brazil], "{:?}", platform.lists_asked());
}

#[test]
fn another_form_under_the_same_name_is_read_from_its_beginning() {
    let platform = platform(Central::with(&["KEN", "BRA"]));
    platform.run();
    let before = scores(&platform.desk);
    {
        // The other form has as many submissions, older ones.
        let mut central = platform.central.lock().unwrap();
        *central = Central { form: "second", ..Central::with(&["FRA", "WSM"]) };
        for row in central.submissions.values_mut() {
            row["__system"]["submissionDate"] = json!("2025-11-23T22:53:58.538Z");
        }
    }
    let config = fs::read_to_string(platform.desk.path("pipeline.toml")).unwrap();
    let config = config.replace("form = \"gtmi_2022\"", "form = \"second\"");
    fs::write(platform.desk.path("pipeline.toml"), config).unwrap();
    let ran = platform.run();
    assert!(ran.code <= 1, "{}", ran.stderr);
    let after = scores(&platform.desk);
    assert_eq!(after, scores_from_folder(&ECONOMIES), "what the first form held counts on");
    assert!(before.len() < after.len());
}

#[test]
fn a_submission_whose_workbook_is_awaited_may_be_deleted() {
    let mut central = Central::with(&["BRA"]);
    let mut kenya = submission("KEN", &BTreeMap::new(), "2025-11-23T22:53:58.538Z");
    kenya["workbook"] = json!("ken.xlsx");
    kenya["__system"]["attachmentsExpected"] = json!(1);
    central.submissions.insert("uuid:KEN".to_owned(), kenya);
    central.attachments.insert("ken.xlsx".to_owned(), (false, Vec::new()));
    let platform = platform(central);
    platform.run();
    platform.central.lock().unwrap().submissions.remove("uuid:KEN");
    for _ in 0..2 {
        let ran = platform.run();
        assert!(!ran.stderr.contains("could not be read to its end"), "{}", ran.stderr);
    }
}

#[test]
fn an_id_that_looks_like_the_workbook_of_another_submission_is_that_of_a_submission() {
    let mut central = Central::with(&["BRA", "KEN"]);
    let mut kenya = central.submissions.remove("uuid:KEN").unwrap();
    kenya["__id"] = json!("uuid:BRA/KEN 1.xlsx");
    kenya["workbook"] = json!("ken.xlsx");
    kenya["__system"]["attachmentsExpected"] = json!(1);
    central.submissions.insert("uuid:BRA/KEN 1.xlsx".to_owned(), kenya);
    let platform = platform(central);
    let ran = platform.run();
    assert!(!ran.stderr.contains("says that it has"), "{}", ran.stderr);
    assert_eq!(scores(&platform.desk), scores_from_folder(&["BRA", "KEN"]));
    let own = "/submissions/uuid%3ABRA%2FKEN%201.xlsx/attachments";
    let asked: Vec<String> = platform.server.requests().into_iter().map(|asked| asked.path).collect();
    assert!(asked.iter().any(|path| path.ends_with(own)), "{asked:?}");
}

#[test]
fn a_file_that_was_removed_here_is_fetched_again() {
    let platform = platform(with_old_kenya());
    platform.run();
    let folder = platform.desk.path("out/gtmi.fetched");
    fs::remove_dir_all(&folder).unwrap();
    platform.run();
    assert_eq!(fs::read_dir(folder.join("central")).unwrap().count(), ECONOMIES.len());
}

#[test]
fn who_is_forgotten_is_in_no_fetched_file_and_is_not_fetched_again() {
    let platform = platform(Central::with(&["KEN", "BRA"]));
    platform.run();
    let before = scores(&platform.desk);
    let folder = platform.desk.path("out/gtmi.fetched/central");
    let holds = |name: &str| {
        let files = fs::read_dir(&folder).unwrap().flatten();
        files.filter(|file| fs::read_to_string(file.path()).unwrap().contains(name)).count()
    };
    assert_eq!((holds("focal.KEN@"), holds("focal.BRA@")), (1, 1));
    let ran = platform.desk.gtmi(&["forget", "KEN"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!((holds("focal.KEN@"), holds("focal.BRA@")), (0, 1), "{}", ran.stderr);
    platform.run();
    assert_eq!((holds("focal.KEN@"), holds("focal.BRA@")), (0, 1));
    assert_eq!(scores(&platform.desk), before);
}

#[test]
fn a_review_brings_no_earlier_submission_into_force() {
    let mut central = Central::with(&["KEN", "WSM"]);
    let later = central.submissions.get_mut("uuid:WSM").unwrap();
    later["economy"] = json!("KEN");
    later["__system"]["submissionDate"] = json!("2026-11-24T10:00:00.000Z");
    let submissions = central.submissions.clone();
    let first = platform(central);
    first.run();
    let in_force = scores(&first.desk);
    let review = |central: &mut Central| {
        let earlier = central.submissions.get_mut("uuid:KEN").unwrap();
        earlier["__system"]["updatedAt"] = json!("2026-11-25T10:00:00.000Z");
        earlier["__system"]["reviewState"] = json!("approved");
    };
    review(&mut first.central.lock().unwrap());
    first.run();
    assert_eq!(scores(&first.desk), in_force);
    let mut central = Central { submissions, ..Central::with(&["KEN"]) };
    review(&mut central);
    let fresh = platform(central);
    fresh.run();
    assert_eq!(scores(&fresh.desk), in_force);
}

#[test]
fn a_corrected_economy_and_a_workbook_that_cannot_be_had() {
    let mut central = Central::with(&["KEN", "BRA"]);
    central.submissions.get_mut("uuid:KEN").unwrap()["__system"]["attachmentsExpected"] = json!(1);
    // The list says that it is there, and the server has it not.
    central.attachments.insert("ken.xlsx".to_owned(), (true, Vec::new()));
    central.broken = true;
    let platform = platform(central);
    let economies = || -> Vec<String> {
        let all: std::collections::BTreeSet<String> =
            scores(&platform.desk).into_keys().map(|(economy, _)| economy).collect();
        all.into_iter().collect()
    };
    let ran = platform.run();
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("ken.xlsx answered 404"), "{}", ran.stderr);
    assert_eq!(economies(), ["BRA", "KEN"]);
    {
        let mut central = platform.central.lock().unwrap();
        let corrected = central.submissions.get_mut("uuid:BRA").unwrap();
        corrected["economy"] = json!("FRA");
        corrected["__system"]["updatedAt"] = json!("2026-11-24T08:00:00.000Z");
    }
    platform.run();
    assert_eq!(economies(), ["FRA", "KEN"]);
    // It is asked for until it comes, although the submission is not listed again.
    {
        let mut central = platform.central.lock().unwrap();
        central.broken = false;
        let workbook = fs::read(root().join("examples/wave-2022/KEN.xlsx")).unwrap();
        central.attachments.insert("ken.xlsx".to_owned(), (true, workbook));
    }
    let ran = platform.run();
    assert!(ran.stderr.contains("ingest    1 file,"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("could not be read to its end"), "{}", ran.stderr);
}

#[test]
fn an_encrypted_submission_is_named_as_such() {
    let mut central = Central::with(&["KEN", "BRA"]);
    let kenya = central.submissions.get_mut("uuid:KEN").unwrap();
    kenya["answers"] = Value::Null;
    kenya["economy"] = Value::Null;
    kenya["__system"]["status"] = json!("notDecrypted");
    let platform = platform(central);
    for _ in 0..2 {
        let ran = platform.run();
        assert_eq!(ran.code, 1);
        assert!(
            ran.stderr.contains("central: 1 submission is encrypted and cannot be read"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains("0 refused"), "{}", ran.stderr);
    }
}
