//! Web addresses in evidence, opened on a server of the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::http::{Said, Server};
use crate::desk::Desk;
use crate::dirty::altered;
use crate::tools::{certificate, is_there};

/// A desk with Kenya's questionnaire in which the answer to I-1.2 is these addresses.
pub(crate) fn desk_with(links: &str, addition: &str) -> Desk {
    let desk = Desk::empty();
    assert_eq!(desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN"]).code, 0);
    let bytes = altered(&desk, "KEN", &[("CGSI", "D8", links)]);
    fs::write(desk.path("inbox/KEN.xlsx"), bytes).unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{config}\n[links]\npause_ms = 20\n{addition}")).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    desk
}

/// The findings about links, `rule: message`.
fn findings(desk: &Desk) -> Vec<String> {
    assert_eq!(desk.gtmi(&["export", "--out", "export", "--format", "csv"]).code, 0);
    let rows = desk.table("findings");
    let links = rows.iter().filter(|row| row["rule"].starts_with("LINK-"));
    links
        .map(|row| {
            assert_eq!((row["severity"].as_str(), row["question"].as_str()), ("warning", "I-1.2"));
            format!("{}: {}", row["rule"], row["message"])
        })
        .collect()
}

#[test]
fn links_that_not_everyone_can_open_are_warned_of_and_block_nothing() {
    let server = Server::start(|asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("HEAD", "/no-head") => Said::Status(405, ""),
        (_, "/law" | "/no-head" | "/new" | "/now") => Said::Document(Vec::new()),
        (_, "/moved") => Said::Status(301, "Location: /new\r\n"),
        (_, "/for-now") => Said::Status(302, "Location: /now\r\n"),
        (_, "/members") => Said::Status(403, ""),
        (_, "/broken") => Said::Status(500, ""),
        (_, "/busy") => Said::Status(429, ""),
        _ => Said::Status(404, ""),
    });
    let url = server.url();
    let paths = ["law", "no-head", "moved", "for-now", "members", "broken", "busy", "gone"];
    let links: Vec<String> = paths.iter().map(|path| format!("{url}/{path}")).collect();
    let desk = desk_with(&links.join(" "), "allow_private = true\n");
    assert!(server.requests().is_empty(), "nobody asked for links to be opened");
    assert_eq!(findings(&desk), Vec::<String>::new());

    let ran = desk.gtmi(&["validate", "--check-links"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("8 links, 7 opened now, 4 not open to everyone"), "{}", ran.stderr);
    let asked: Vec<(String, String)> =
        server.requests().into_iter().map(|asked| (asked.method, asked.path)).collect();
    let methods = |path: &str| -> Vec<&str> {
        asked.iter().filter(|(_, asked)| asked == path).map(|(method, _)| method.as_str()).collect()
    };
    assert_eq!(methods("/law"), ["HEAD"]);
    assert_eq!(methods("/no-head"), ["HEAD", "GET"]);
    let found = findings(&desk);
    for (rule, path) in
        [("LINK-002", "gone"), ("LINK-003", "moved"), ("LINK-004", "members"), ("LINK-006", "broken")]
    {
        let about = found.iter().find(|line| line.starts_with(rule));
        assert!(about.is_some_and(|line| line.contains(&format!("{url}/{path}"))), "{rule}: {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");

    // Scores stay, nothing is asked again on the same day but what gave no verdict, and no byte changes.
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let before = desk.outputs();
    let ran = desk.gtmi(&["validate", "--check-links"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let asked = server.requests();
    assert!(!asked.is_empty() && asked.iter().all(|asked| asked.path == "/busy"), "{asked:?}");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    assert_eq!(before, desk.outputs());
}

#[test]
fn links_into_private_networks_are_not_opened_and_a_host_is_asked_one_thing_at_a_time() {
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (inside, highest) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::start(move |_| {
        let together = inside.fetch_add(1, Ordering::SeqCst) + 1;
        highest.fetch_max(together, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(5));
        inside.fetch_sub(1, Ordering::SeqCst);
        Said::Document(Vec::new())
    });
    let url = server.url();
    let strict = desk_with(&format!("{url}/a http://169.254.169.254/latest"), "");
    let ran = strict.gtmi(&["validate", "--check-links"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(server.requests().is_empty());
    assert!(ran.stderr.contains("2 links, 0 opened now, 2 not open to everyone"), "{}", ran.stderr);
    assert!(findings(&strict).iter().all(|line| line.starts_with("LINK-007")));
    assert_eq!(findings(&strict).len(), 2);

    let links: Vec<String> = (0..10).map(|number| format!("{url}/{number}")).collect();
    let polite = desk_with(&links.join("; "), "allow_private = true\n");
    assert_eq!(polite.gtmi(&["validate", "--check-links"]).code, 0);
    assert_eq!((server.requests().len(), most.load(Ordering::SeqCst)), (10, 1));
}

#[test]
fn a_busy_server_is_asked_once_more_after_the_time_that_it_asks_for() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let server = Server::start(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        (_, "/never") => Said::Status(429, "Retry-After: 86400\r\n"),
        ("HEAD", _) => Said::Status(503, "Retry-After: 1\r\n"),
        _ => match count.fetch_add(1, Ordering::SeqCst) {
            0 => Said::Status(503, "Retry-After: 1\r\n"),
            _ => Said::Document(Vec::new()),
        },
    });
    let url = server.url();
    let desk = desk_with(&format!("{url}/later {url}/never"), "allow_private = true\n");
    let ran = desk.gtmi(&["validate", "--check-links"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stderr.contains("2 links, 1 opened now, 0 not open to everyone"), "{}", ran.stderr);
    let requests = server.requests();
    let of = |path: &str| -> Vec<&str> {
        requests.iter().filter(|asked| asked.path == path).map(|asked| asked.method.as_str()).collect()
    };
    assert_eq!(of("/later"), ["HEAD", "GET", "GET"]);
    // A wait of a day is not waited for; that the server is busy says nothing about the link.
    assert_eq!(of("/never"), ["HEAD", "GET"]);
    assert_eq!(findings(&desk), Vec::<String>::new());
}

#[test]
fn a_link_whose_server_cannot_prove_who_it_is_is_warned_of() {
    if !is_there("openssl", &["version"], "openssl") || !is_there("python3", &["--version"], "python3") {
        return;
    }
    let keys = tempfile::tempdir().unwrap();
    let (certificate, key) = certificate(keys.path());
    let program = "import http.server, ssl, sys
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server = http.server.HTTPServer(('127.0.0.1', 0), http.server.SimpleHTTPRequestHandler)
server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_port, flush=True)
server.serve_forever()";
    let mut process = Command::new("python3")
        .args(["-c", program])
        .args([&certificate, &key])
        .current_dir(keys.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut port = String::new();
    BufReader::new(process.stdout.take().unwrap()).read_line(&mut port).unwrap();
    let link = format!("https://localhost:{}/law", port.trim());
    let desk = desk_with(&link, "allow_private = true\n");
    let ran = desk.gtmi(&["validate", "--check-links"]);
    process.kill().unwrap();
    process.wait().unwrap();
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let found = findings(&desk);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("LINK-005") && found[0].contains(&link), "{found:?}");
}
