//! Letters to several offices of one economy: each is about its own questionnaire.

use std::fs;

use rusqlite::Connection;
use serde_json::json;

use super::{
    MailServer, configure, free_port, listed, mail_server_is_there, plain_mail, sha256_of, understood,
};
use crate::desk::{Desk, root};
use crate::dirty::altered;

/// Kenya's questionnaire as an office sends it, with another answer to I-1.
fn send(desk: &Desk, office: &str, answer: &str) {
    let whole = desk.path("inbox/KEN.xlsx");
    fs::copy(root().join("examples/wave-2022/KEN.xlsx"), &whole).unwrap();
    let (sheet, cell) = crate::decisions::cover_cell(desk, "contact-email");
    let address = format!("{office}@x.example");
    let changes = [("Cover", "D14", office), (&*sheet, &*cell, &*address), ("CGSI", "D6", answer)];
    let bytes = altered(desk, "KEN", &changes);
    fs::remove_file(whole).unwrap();
    fs::write(desk.path(&format!("inbox/{office}.xlsx")), bytes).unwrap();
}

#[test]
fn a_letter_that_waits_goes_with_its_own_offices_return_until_that_office_sends_another() {
    letters_to_offices(|_| {});
}

#[test]
fn a_letter_of_an_earlier_version_finds_its_return_by_its_name() {
    letters_to_offices(|desk| {
        let store = Connection::open(desk.path("out/gtmi.db")).unwrap();
        assert_eq!(store.execute("UPDATE outbox SET submission = NULL, wave = NULL", []).unwrap(), 2);
    });
}

/// What becomes of letters to two offices, after something happens to those that wait.
fn letters_to_offices(meanwhile: impl FnOnce(&Desk)) {
    if !mail_server_is_there() {
        return;
    }
    let port = free_port();
    let desk = Desk::empty().returning();
    configure(&desk, "[respondents]\nrule = \"named-office-first\"\noffices = [\"ICT\"]");
    configure(&desk, &plain_mail(port, "respondents = true\nattempts = 9"));
    send(&desk, "ict", "1");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    send(&desk, "treasury", "no answer at all");
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let waiting = ["ict", "treasury"].map(|office| (format!("{office}@x.example"), "waiting".to_owned()));
    assert_eq!(listed(&desk), waiting, "what came from one is no news for another");
    meanwhile(&desk);

    let server = MailServer::start(&["--port", &port.to_string()]);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let letters: Vec<_> = server.letters().iter().map(|letter| understood(&letter.text)).collect();
    let of = |name: &str| json!([[name, sha256_of(&desk.path(&format!("out/feedback/{name}")))]]);
    assert!(letters[0]["subject"].as_str().unwrap().ends_with("was accepted"), "{}", letters[0]);
    assert_eq!(
        (&letters[0]["to"], &letters[0]["files"]),
        (&json!("ict@x.example"), &of("KEN-respondent-1.xlsx"))
    );
    assert_eq!((&letters[1]["to"], &letters[1]["files"]), (&json!("treasury@x.example"), &of("KEN.xlsx")));
    drop(server);

    // What waits for the Treasury is over once it has corrected its questionnaire.
    send(&desk, "treasury", "no answer either");
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    send(&desk, "treasury", "2");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let states: Vec<String> = listed(&desk).into_iter().map(|(_, state)| state).collect();
    assert_eq!(states, ["sent", "sent", "superseded", "waiting"]);
    let again = desk.gtmi(&["notify", "--again", "4"]);
    assert!(again.code == 2 && again.stderr.contains("gtmi notify sends it"), "{}", again.stderr);
}
