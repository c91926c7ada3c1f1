//! What goes over the network: messages are sent once, or at least once where their receiver knows them again; what a
//! source holds is fetched; links are opened.

use std::collections::BTreeMap;
use std::fs;

use super::Trial;
use crate::notify::{
    MailServer, configure, desk as told_desk, focal_points, listed, mail_server_is_there, plain_mail,
};
use crate::servers::http::{Said, Server};
use crate::servers::{kobo, links};

/// A desk after all stages of which nobody was told yet.
fn untold(section: &str) -> Trial {
    let desk = told_desk();
    focal_points(&desk, "KEN,pm@ict.example,en\nPER,enlace@pcm.example,es\n");
    for stage in ["ingest", "validate", "score", "report"] {
        let ran = desk.gtmi(&[stage]);
        assert!(ran.code <= 1, "{}", ran.stderr);
    }
    configure(&desk, section);
    Trial { at_once: false, of_attempts: &["outbox"], ..Trial::new(desk, &["notify"]) }
}

#[test]
fn a_letter_comes_once_or_a_person_is_asked() {
    if !mail_server_is_there() {
        return;
    }
    let server = MailServer::start(&[]);
    let more = "addresses = \"focal-points.csv\"\nreviewers = [\"review@ministry.example\"]";
    let trial = untold(&plain_mail(server.port, more));
    trial.survives_and(&|desk, when| {
        let came = server.recipients();
        server.clear();
        if when == "undisturbed" {
            // It was given at two desks.
            return;
        }
        let rows = listed(desk);
        assert_eq!(rows.len(), 3, "{when}: {rows:?}");
        for (address, state) in rows {
            let came = came.iter().filter(|to| **to == address).count();
            let holds = match state.as_str() {
                "sent" => came == 1,
                "uncertain" => came <= 1,
                _ => false,
            };
            assert!(holds, "{when}: the letter to {address} is {state}, and came {came} times");
        }
    });
}

#[test]
fn a_webhook_is_told_at_least_once_under_the_same_name() {
    let server = Server::start(|_| Said::Status(204, ""));
    let section = format!(
        "[notify.webhook]\nurl = \"{}/in\"\nsecret_file = \"secret\"\nallow_http = true\nallow_private = true",
        server.url()
    );
    let trial = untold(&section);
    fs::write(trial.desk.path("secret"), "a secret that both know").unwrap();
    trial.survives_and(&|desk, when| {
        let mut bodies: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for asked in server.requests() {
            bodies.entry(asked.headers["x-gtmi-delivery"].clone()).or_default().push(asked.body);
        }
        assert_eq!(bodies.len(), 1, "{when}: {:?}", bodies.keys());
        for bodies in bodies.values() {
            assert!(bodies.iter().all(|body| *body == bodies[0]), "{when}: another text under the same name");
        }
        let sent = listed(desk);
        assert!(!sent.is_empty() && sent.iter().all(|(_, state)| state == "sent"), "{when}: {sent:?}");
    });
}

#[test]
fn what_a_source_holds_is_fetched_and_taken_in() {
    let (_server, desk) = kobo::with_workbook();
    Trial { at_once: false, ..Trial::new(desk, &["ingest"]) }.survives();
}

#[test]
fn links_are_opened_and_what_was_found_is_kept() {
    let server = Server::start(|asked| match asked.path.as_str() {
        "/law" => Said::Document(Vec::new()),
        _ => Said::Status(404, ""),
    });
    let url = server.url();
    let desk = links::desk_with(&format!("{url}/law {url}/gone"), "allow_private = true\n");
    Trial { at_once: false, ..Trial::new(desk, &["validate", "--check-links"]) }.survives();
}
