use fetch::{FetchError, Policy, Request, Secret};

use crate::server::{Server, block_on, client, loopback, ok, say};

fn refusal(policy: Policy, url: &str) -> String {
    let request = Request::get(url).unwrap().authorized(Secret::new("Bearer abc"));
    match block_on(client(policy).ask(&request)) {
        Err(error @ (FetchError::Refused { .. } | FetchError::NotPublic { .. })) => error.to_string(),
        other => panic!("{url}: {other:?}"),
    }
}

fn redirect_to(target: &str) -> crate::server::Script {
    say(format!("HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"))
}

#[test]
fn a_name_that_leads_to_this_machine_is_refused_after_resolution() {
    let server = Server::start(vec![ok("secret")]);
    let policy = Policy { allow_private: false, ..loopback() };
    let refused = refusal(policy, &format!("http://localhost:{}/", server.address.port()));
    assert!(refused.contains("not a public one"), "{refused}");
    assert_eq!(server.asked(), 0, "nothing may be sent");
}

#[test]
fn this_machine_is_refused_in_every_spelling() {
    let server = Server::start(vec![ok("secret")]);
    let port = server.address.port();
    for host in
        ["127.0.0.1", "2130706433", "0x7f.1", "127.1", "[::ffff:127.0.0.1]", "0.0.0.0", "[::1]", "[::]"]
    {
        let url = format!("http://{host}:{port}/");
        let name = url::Url::parse(&url).unwrap().host_str().unwrap().to_owned();
        let policy = Policy { allow_private: false, hosts: vec![name], ..loopback() };
        assert!(refusal(policy, &url).contains("not a public one"), "{host}");
    }
    assert_eq!(server.asked(), 0);
}

#[test]
fn redirects_are_held_to_the_same_rules() {
    let other = Server::start(vec![ok("elsewhere")]);
    for (target, why) in [
        ("https://evil.example/", "not on the list"),
        ("file:///etc/passwd", "only https"),
        ("http://10.0.0.1/", "not on the list"),
        ("http://user:pw@127.0.0.1/", "name or password"),
        ("", "redirects too often"),
        ("/again", "redirects too often"),
    ] {
        let server = Server::start(vec![redirect_to(target)]);
        let refused = refusal(loopback(), &server.url("/start"));
        assert!(refused.contains(why), "{target}: {refused}");
        assert!(!refused.contains("pw"), "{refused}");
        assert!(server.asked() <= 4, "{target}");
    }
    assert_eq!(other.asked(), 0);
}

#[test]
fn a_redirect_within_the_rules_is_followed_and_the_secret_stays_behind() {
    let target = Server::start(vec![ok("found")]);
    let server = Server::start(vec![redirect_to(&target.url("/there")), redirect_to("/here"), ok("here")]);
    let request = Request::get(&server.url("/")).unwrap().authorized(Secret::new("Bearer abc"));
    assert_eq!(block_on(client(loopback()).ask(&request)).unwrap().body.0, b"found");
    assert!(
        !target.requests.lock().unwrap()[0].to_lowercase().contains("authorization"),
        "another port is another place"
    );
    assert_eq!(block_on(client(loopback()).ask(&request)).unwrap().body.0, b"here");
    assert!(server.requests.lock().unwrap()[2].to_lowercase().contains("authorization: bearer abc"));
}
