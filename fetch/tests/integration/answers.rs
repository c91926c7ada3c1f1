use std::time::Duration;

use fetch::{Client, FetchError, Request, Retries, Secret};

use crate::server::{Server, block_on, client, drip, loopback, ok, say};

fn ask(server: &Server, path: &str) -> Result<String, FetchError> {
    let request = Request::get(&server.url(path)).unwrap();
    let answer = block_on(client(loopback()).ask(&request))?;
    Ok(String::from_utf8(answer.body.0).unwrap())
}

#[test]
fn a_complete_answer_is_given_whole() {
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
    let server = Server::start(vec![ok("hello"), say(chunked)]);
    assert_eq!(ask(&server, "/").unwrap(), "hello");
    assert_eq!(ask(&server, "/").unwrap(), "abcde");
}

#[test]
fn an_incomplete_or_strange_answer_is_none() {
    for (name, script, message, attempts) in [
        ("cut off", say("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf"), "failed to reach", 3),
        (
            "cut chunk",
            say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc"),
            "failed to reach",
            3,
        ),
        ("no length", say("HTTP/1.1 200 OK\r\n\r\nmaybe all of it"), "may be cut off", 1),
        (
            "packed",
            say("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx"),
            "packed (gzip)",
            1,
        ),
        ("part", say("HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\nxx"), "answered 206", 1),
        ("no content", say("HTTP/1.1 204 No Content\r\n\r\n"), "answered 204", 1),
        ("absent", say("HTTP/1.1 404 Not Found\r\nContent-Length: 4\r\n\r\ngone"), "answered 404 (gone)", 1),
        ("page", say("HTTP/1.1 403 Forbidden\r\nContent-Length: 6\r\n\r\n<html>"), "answered 403", 1),
        (
            "declared too large",
            say("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n"),
            "more than 1000 bytes",
            1,
        ),
        ("busy", say("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"), "answered 503", 3),
        ("closed at once", say(""), "failed to reach", 3),
        ("no http", say("SSH-2.0-OpenSSH\r\n"), "failed to reach", 3),
    ] {
        let server = Server::start(vec![script]);
        let error = ask(&server, "/data?token=hunter2").unwrap_err();
        let mut text = error.to_string();
        assert!(text.contains(message), "{name}: {text}");
        // The whole chain, as a log would show it.
        let mut source = std::error::Error::source(&error);
        while let Some(cause) = source {
            text.push_str(&cause.to_string());
            source = cause.source();
        }
        assert!(!text.contains("hunter2"), "{name}: {text}");
        assert_eq!(server.asked(), attempts, "{name}");
    }
}

#[test]
fn a_body_that_grows_without_end_is_cut() {
    let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..50 {
        bytes.extend_from_slice(format!("64\r\n{}\r\n", "x".repeat(100)).as_bytes());
    }
    let error = ask(&Server::start(vec![say(bytes)]), "/").unwrap_err();
    assert!(matches!(error, FetchError::TooLarge { most: 1000, .. }), "{error}");
}

#[test]
fn a_server_that_is_silent_or_drips_is_given_up() {
    let silent = Server::start(vec![Box::new(|_| std::thread::sleep(Duration::from_secs(5)))]);
    let request = Request::get(&silent.url("/")).unwrap();
    let error = block_on(client(loopback()).ask_once(&request)).unwrap_err();
    assert!(matches!(error, FetchError::Slow { .. }), "{error}");

    let head = "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n";
    let dripping = Server::start(vec![drip(head, 900, Duration::from_millis(20))]);
    let request = Request::get(&dripping.url("/")).unwrap();
    let error = block_on(client(loopback()).ask_once(&request)).unwrap_err();
    assert!(
        matches!(error, FetchError::Slow { limit, .. } if limit == Duration::from_millis(1500)),
        "{error}"
    );
}

#[test]
fn what_may_pass_is_asked_again_when_the_server_says() {
    let later = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n";
    let server =
        Server::start(vec![say(later), say("HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n"), ok("at last")]);
    assert_eq!(ask(&server, "/").unwrap(), "at last");
    assert_eq!(server.asked(), 3);

    let much_later = "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 86400\r\nContent-Length: 0\r\n\r\n";
    let server = Server::start(vec![say(much_later)]);
    assert!(ask(&server, "/").unwrap_err().to_string().contains("answered 429"));
    assert_eq!(server.asked(), 1, "a wait of a day is left to the next run");
}

#[test]
fn a_host_is_not_waited_for_once_for_each_request() {
    let busy = || say("HTTP/1.1 503 Busy\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n");
    let server = Server::start((0..9).map(|_| busy()).collect());
    let retries = Retries { longest_in_all: Duration::from_millis(1500), ..Retries::default() };
    let client = Client::new(loopback(), retries).unwrap();
    let request = Request::get(&server.url("/")).unwrap();
    block_on(async {
        for _ in 0..3 {
            assert!(client.ask(&request).await.is_err());
        }
    });
    assert_eq!(server.asked(), 4, "one repetition, by the first of three requests");
}

#[test]
fn json_and_secrets_are_sent_as_asked() {
    let server = Server::start(vec![ok("{\"token\":\"t\"}")]);
    let request = Request::post_json(&server.url("/v1/sessions"), &Secret::new("{}")).unwrap();
    let answer = block_on(client(loopback()).ask(&request.authorized(Secret::new("Bearer abc")))).unwrap();
    assert_eq!(answer.body.json::<serde_json::Value>().unwrap()["token"], "t");
    let head = server.requests.lock().unwrap()[0].to_lowercase();
    assert!(head.starts_with("post /v1/sessions http/1.1"), "{head}");
    assert!(
        head.contains("authorization: bearer abc") && head.contains("accept-encoding: identity"),
        "{head}"
    );
}
