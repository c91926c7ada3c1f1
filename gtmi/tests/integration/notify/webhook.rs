//! Messages to a server on loopback that checks their signature.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use super::{configure, desk, listed};
use crate::servers::http::{Said, Server};

const SECRET: &str = "a secret that both know";

#[test]
fn a_webhook_is_told_once_with_a_signature_that_holds_and_later_if_it_is_down() {
    let down = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&down);
    let server = Server::start(move |_| {
        let is_down = switch.load(Ordering::SeqCst);
        if is_down { Said::Status(503, "Retry-After: 0\r\n") } else { Said::Status(204, "") }
    });
    let desk = desk();
    std::fs::write(desk.path("webhook.secret"), format!("{SECRET}\n")).unwrap();
    configure(
        &desk,
        &format!(
            "[notify.webhook]\nurl = \"{}/in/T0KEN?key=T0KEN\"\nsecret_file = \"webhook.secret\"\nallow_http = true\n\
             allow_private = true",
            server.url()
        ),
    );
    let ran = desk.gtmi(&["run", "-vv"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("answered 503"), "{}", ran.stderr);
    assert!(ran.stderr.contains("asking again"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("T0KEN") && !ran.stderr.contains(SECRET), "{}", ran.stderr);
    assert_eq!(listed(&desk), [(server.url(), "waiting".to_owned())]);
    let first = server.requests().remove(0);

    down.store(false, Ordering::SeqCst);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let asked = server.requests();
    assert_eq!(asked.len(), 1);
    let told = &asked[0];
    assert_eq!((told.method.as_str(), told.path.as_str()), ("POST", "/in/T0KEN"));
    assert_eq!(told.headers["content-type"], "application/json");
    assert_eq!(told.headers["x-gtmi-delivery"], first.headers["x-gtmi-delivery"], "a message keeps its name");
    assert_eq!(told.body, first.body);
    let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap();
    let verdict = |secret: &str, body: &str| {
        let timestamp = told.headers["x-gtmi-timestamp"].parse().unwrap();
        let signature = &told.headers["x-gtmi-signature"];
        notice::verify(secret.as_bytes(), timestamp, body.as_bytes(), signature, now, 300)
    };
    assert!(verdict(SECRET, &told.body));
    assert!(!verdict(SECRET, &told.body.replace("2022", "2023")));
    assert!(!verdict("another secret", &told.body));
    let body: serde_json::Value = serde_json::from_str(&told.body).unwrap();
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(desk.path("out/summary.json")).unwrap()).unwrap();
    assert_eq!(body, summary);
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert!(server.requests().is_empty(), "told once");
}

#[test]
fn a_webhook_on_a_private_network_or_without_a_secret_is_not_told_and_the_run_is_none_the_worse() {
    let server = Server::start(|_| Said::Status(204, ""));
    for (more, why) in [
        (
            "secret_env = \"GTMI_TEST_NO_SUCH_SECRET\"\nallow_private = true",
            "GTMI_TEST_NO_SUCH_SECRET is not set",
        ),
        ("secret_file = \"webhook.secret\"", "not a public one"),
    ] {
        let desk = desk();
        std::fs::write(desk.path("webhook.secret"), SECRET).unwrap();
        configure(
            &desk,
            &format!("[notify.webhook]\nurl = \"{}/in\"\nallow_http = true\n{more}", server.url()),
        );
        let ran = desk.gtmi(&["run"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
        assert!(desk.path("out/reports/KEN.xlsx").exists());
    }
    assert!(server.requests().is_empty());
}
