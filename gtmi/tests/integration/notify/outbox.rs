//! What becomes of messages when servers fail and programs are killed.

use std::fs;

use super::{MailServer, configure, desk, focal_points, free_port, listed, mail_server_is_there, plain_mail};

fn states(desk: &crate::desk::Desk) -> Vec<String> {
    listed(desk).into_iter().map(|(_, state)| state).collect()
}

#[test]
fn a_mail_server_that_is_down_fails_no_run_and_gets_the_letters_later_once() {
    if !mail_server_is_there() {
        return;
    }
    let port = free_port();
    let desk = desk();
    fs::remove_file(desk.path("inbox/notes.xlsx")).unwrap();
    fs::remove_file(desk.path("inbox/PER.xlsx")).unwrap();
    focal_points(&desk, "KEN,pm@ict.example,en\n");
    let more = "attempts = 3\naddresses = \"focal-points.csv\"\nreviewers = [\"r@x.example\"]";
    configure(&desk, &plain_mail(port, more));
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("cannot be reached") && ran.stderr.contains("2 waiting"), "{}", ran.stderr);
    assert_eq!(states(&desk), ["waiting", "waiting"]);

    let server = MailServer::start(&["--port", &port.to_string()]);
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(server.recipients(), ["pm@ict.example", "r@x.example"]);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(server.letters().len(), 2);
    assert_eq!(states(&desk), ["sent", "sent"]);
    drop(server);

    // Attempts are bounded; what was given up is sent again when somebody asks for it.
    fs::write(desk.path("inbox/notes.xlsx"), "no workbook").unwrap();
    for state in ["waiting", "waiting", "given-up", "given-up"] {
        let ran = desk.gtmi(&["run"]);
        assert_eq!((ran.code, states(&desk)[2].as_str()), (1, state));
        let is_given_up = ran.stderr.contains("gtmi notify --again NUMBER, the first of it is 3");
        assert_eq!(is_given_up, ran.stderr.contains("1 given-up"), "{}", ran.stderr);
        assert!(
            !ran.stderr.contains("1 given-up") || !ran.stderr.contains("by the next run"),
            "{}",
            ran.stderr
        );
    }
    let server = MailServer::start(&["--port", &port.to_string()]);
    assert_eq!(desk.gtmi(&["notify", "--again", "1"]).code, 2, "what was sent is not sent again");
    let again = desk.gtmi(&["notify", "--again", "3"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(server.recipients(), ["r@x.example"]);
}

#[test]
fn one_letter_that_is_not_taken_stops_no_other_and_one_that_may_have_come_is_not_sent_twice() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let desk = desk();
    let reviewers =
        "reviewers = [\"refused@x.example\", \"busy@x.example\", \"lost@x.example\", \"good@x.example\"]";
    configure(&desk, &plain_mail(server.port, reviewers));
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("may have been sent or not"), "{}", ran.stderr);
    assert_eq!(states(&desk), ["refused", "waiting", "uncertain", "sent"]);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(states(&desk), ["refused", "sent", "uncertain", "sent"]);
    assert_eq!(server.recipients(), ["lost@x.example", "good@x.example", "busy@x.example"]);
}

#[test]
fn a_letter_that_was_being_sent_when_the_program_was_killed_waits_for_a_person() {
    if !mail_server_is_there() {
        return;
    }
    // A server that takes connections and says nothing: the run hangs at its first letter.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let desk = desk();
    let section = plain_mail(silent.local_addr().unwrap().port(), "reviewers = [\"r@x.example\"]");
    configure(&desk, &section);
    let mut child = crate::operation::start(&desk, &["run"]);
    let connection = silent.accept().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    drop(connection);
    assert_eq!(states(&desk), ["sending"]);
    let server = MailServer::start(&[]);
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let here = text.replace(&section, &plain_mail(server.port, "reviewers = [\"r@x.example\"]"));
    fs::write(desk.path("pipeline.toml"), here).unwrap();
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("message 1 may have been sent or not"), "{}", ran.stderr);
    assert!(server.letters().is_empty());
    assert_eq!(states(&desk), ["uncertain"]);
    assert!(desk.path("out/summary.md").exists(), "the summary is there although the run was cut off");
    assert_eq!(desk.gtmi(&["notify", "--again", "1"]).code, 0);
    assert_eq!(server.recipients(), ["r@x.example"]);
}

#[test]
fn what_was_sent_since_the_backup_is_not_sent_again_after_a_restore() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let desk = desk();
    fs::remove_file(desk.path("inbox/notes.xlsx")).unwrap();
    let peru = fs::read(desk.path("inbox/PER.xlsx")).unwrap();
    fs::remove_file(desk.path("inbox/PER.xlsx")).unwrap();
    focal_points(&desk, "KEN,ken@ict.example,en\nPER,per@pcm.example,en\n");
    let more = "addresses = \"focal-points.csv\"\nreviewers = [\"r@x.example\"]";
    configure(&desk, &plain_mail(server.port, more));
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(desk.gtmi(&["backup", "--out", "backup"]).code, 0);
    server.clear();

    fs::write(desk.path("inbox/PER.xlsx"), peru).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(server.recipients(), ["per@pcm.example", "r@x.example"]);
    let restored = desk.gtmi(&["restore", "--from", "backup"]);
    assert_eq!(restored.code, 0, "{}", restored.stderr);
    let said = "2 messages that were sent since the backup are not sent again";
    assert!(restored.stderr.contains(said), "{}", restored.stderr);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(server.letters().len(), 2);
    assert_eq!(states(&desk), ["sent"; 4]);
}

#[test]
fn a_corrected_address_gets_what_did_not_come_and_what_somebody_sends_again() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let desk = desk();
    fs::remove_file(desk.path("inbox/notes.xlsx")).unwrap();
    focal_points(&desk, "KEN,refused@ict.example,en\nKEN,good@ict.example,en\nPER,old@pcm.example,es\n");
    configure(&desk, &plain_mail(server.port, "addresses = \"focal-points.csv\""));
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(states(&desk), ["sent", "refused", "sent"]);
    server.clear();
    // Who stands there beside an address that was corrected has the letter.
    focal_points(&desk, "KEN,pm@ict.example,en\nKEN,good@ict.example,en\nPER,enlace@pcm.example,es\n");
    let shown = desk.gtmi(&["notify", "--dry-run"]);
    assert!(shown.stderr.contains("would send to pm@ict.example (mail, accepted, KEN)"), "{}", shown.stderr);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(server.recipients(), ["pm@ict.example"]);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(states(&desk), ["sent", "superseded", "sent", "sent"]);
    server.clear();
    // What the server took may have come back later: that is for somebody to say.
    let again = desk.gtmi(&["notify", "--again", "1"]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    assert_eq!(server.recipients(), ["enlace@pcm.example"]);
    let again = desk.gtmi(&["notify", "--again", "1"]);
    assert_eq!(again.code, 2, "{}", again.stderr);
    assert!(again.stderr.contains("the addresses of now have it"), "{}", again.stderr);
    assert_eq!(desk.gtmi(&["notify", "--again", "5"]).code, 2, "what was sent is not sent again");
}
