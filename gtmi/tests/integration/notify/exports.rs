//! Exports of an online form: what an earlier one held already is the same submission.

use std::fs;

use super::{MailServer, configure, focal_points, listed, mail_server_is_there, plain_mail};
use crate::desk::Desk;
use crate::servers::coded;

/// A row: when it was sent, its economy, and whose answers it has.
type Row<'a> = (&'a str, &'a str, &'a str);

const KENYA: Row<'_> = ("2022-11-01T08:00:00", "KEN", "KEN");
const FRANCE: Row<'_> = ("2022-11-20T08:00:00", "FRA", "FRA");

/// Puts an export of an online form into the inbox.
fn export(desk: &Desk, name: &str, rows: &[Row<'_>]) {
    let all = coded(&["KEN", "BRA", "FRA"]);
    let mut writer = csv::Writer::from_path(desk.path("inbox").join(name)).unwrap();
    let questions: Vec<&String> = all["KEN"].keys().collect();
    let headings = ["_uuid", "_submission_time", "economy", "_index"].into_iter().map(str::to_owned);
    writer.write_record(headings.chain(questions.iter().map(|id| format!("answers/{id}")))).unwrap();
    for (number, (at, economy, of)) in rows.iter().enumerate() {
        let own = [format!("u-{economy}-{at}"), (*at).to_owned(), (*economy).to_owned(), number.to_string()];
        let answers = questions.iter().map(|id| all[*of][*id].replace(", ", " "));
        writer.write_record(own.into_iter().chain(answers)).unwrap();
    }
    writer.flush().unwrap();
}

/// The states of the latest submissions, by economy.
fn state(desk: &Desk, economy: &str) -> String {
    let rows = desk.gtmi(&["status", "--json"]).json();
    let row = rows.as_array().unwrap().iter().find(|row| row["economy"] == economy).unwrap();
    row["state"].as_str().unwrap().to_owned()
}

#[test]
fn what_an_earlier_export_held_is_told_once() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let desk = Desk::empty().returning();
    focal_points(&desk, "KEN,ken@ict.example,en\nFRA,fra@dinum.example,fr\n");
    let more = "addresses = \"focal-points.csv\"\nreviewers = [\"r@x.example\"]";
    configure(&desk, &plain_mail(server.port, more));
    export(&desk, "one.csv", &[KENYA]);
    desk.gtmi(&["run"]);
    assert_eq!(server.recipients(), ["ken@ict.example", "r@x.example"]);
    server.clear();
    // Nothing is new in it.
    fs::rename(desk.path("inbox/one.csv"), desk.path("one.csv")).unwrap();
    export(&desk, "two.csv", &[("2022-10-01T08:00:00", "BRA", "BRA"), KENYA]);
    desk.gtmi(&["run"]);
    assert_eq!(server.recipients(), ["r@x.example"], "nobody of Kenya sent anything");
    let page = fs::read_to_string(desk.path("out/summary.md")).unwrap();
    assert!(page.contains("Brazil (BRA)") && !page.contains("Kenya (KEN) · two.csv"), "{page}");
    server.clear();
    // Another answer is another submission.
    export(&desk, "three.csv", &[FRANCE, ("2022-11-01T08:00:00", "KEN", "BRA")]);
    desk.gtmi(&["run"]);
    let mut told = server.recipients();
    told.sort();
    assert_eq!(told, ["fra@dinum.example", "ken@ict.example", "r@x.example"]);
    server.clear();
    // And so is the one before, when it is back.
    export(&desk, "four.csv", &[FRANCE, FRANCE, KENYA]);
    desk.gtmi(&["run"]);
    assert_eq!(server.recipients(), ["ken@ict.example", "r@x.example"]);
}

#[test]
fn a_letter_that_waits_goes_with_the_return_of_a_later_export() {
    if !mail_server_is_there() {
        return;
    }
    let port = super::free_port();
    let desk = Desk::empty().returning();
    focal_points(&desk, "KEN,ken@ict.example,en\n");
    configure(&desk, &plain_mail(port, "addresses = \"focal-points.csv\""));
    export(&desk, "one.csv", &[KENYA]);
    desk.gtmi(&["run"]);
    fs::remove_file(desk.path("inbox/one.csv")).unwrap();
    export(&desk, "two.csv", &[FRANCE, KENYA]);
    desk.gtmi(&["run"]);
    let server = MailServer::start(&["--port", &port.to_string()]);
    let ran = desk.gtmi(&["run"]);
    assert_eq!(server.recipients(), ["ken@ict.example"], "{}", ran.stderr);
    assert!(listed(&desk).iter().all(|(_, state)| state != "waiting"), "{:?}", listed(&desk));
}

#[test]
fn a_decision_about_a_submission_holds_wherever_the_next_export_has_it() {
    let desk = Desk::empty().returning();
    export(&desk, "one.csv", &[KENYA]);
    desk.gtmi(&["run"]);
    assert_eq!(state(&desk, "KEN"), "accepted");
    let by = ["--by", "A. Reviewer", "--reason", "the law is older"];
    let decided = desk.gtmi(&[&["review", "return", "KEN"][..], &by[..]].concat());
    assert_eq!(decided.code, 0, "{}", decided.stderr);
    desk.gtmi(&["run"]);
    assert_eq!(state(&desk, "KEN"), "returned");
    export(&desk, "two.csv", &[FRANCE, KENYA]);
    desk.gtmi(&["run"]);
    assert_eq!(state(&desk, "KEN"), "returned", "the same answers are in another row");
    assert_eq!(state(&desk, "FRA"), "accepted");
    // Read again, it is still the same.
    desk.gtmi(&["run", "--force"]);
    assert_eq!(state(&desk, "KEN"), "returned");
    // Other answers are what nobody has decided about.
    export(&desk, "three.csv", &[FRANCE, ("2022-11-01T08:00:00", "KEN", "BRA")]);
    desk.gtmi(&["run"]);
    assert_eq!(state(&desk, "KEN"), "accepted");
    // Taken back, it holds in no row.
    let id =
        desk.gtmi(&["review", "decisions", "KEN", "--json"]).json()[0]["id"].as_str().unwrap().to_owned();
    export(&desk, "four.csv", &[FRANCE, FRANCE, KENYA]);
    desk.gtmi(&["run"]);
    assert_eq!(state(&desk, "KEN"), "returned");
    let undone = desk.gtmi(&[&["review", "undo", &id][..], &by[..]].concat());
    assert_eq!(undone.code, 0, "{}", undone.stderr);
    desk.gtmi(&["run"]);
    assert_eq!(state(&desk, "KEN"), "accepted");
}
