//! Plain web servers: addresses, listings, pages that are no workbooks.

use std::fs;
use std::sync::{Arc, Mutex};

use super::http::{Said, Server};
use super::{desk_with_source, scores};
use crate::desk::root;

#[test]
fn files_of_a_listing_are_taken_in_and_asked_for_again_only_if_they_change() {
    let files =
        Arc::new(Mutex::new(vec![("/wave/KEN.xlsx", "KEN.xlsx"), ("/wave/FRA%20%232.xlsx", "FRA.xlsx")]));
    let shared = Arc::clone(&files);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/wave/" => {
            let mut links = String::new();
            for (path, _) in shared.lock().unwrap().iter() {
                links.push_str("<a href=\"");
                links.push_str(path);
                links.push_str("\">x</a>");
            }
            Said::Document(links.into_bytes())
        }
        "/wave/gone.xlsx" => Said::Status(404, ""),
        "/wave/page.xlsx" => Said::Document(b"<html>sign in first</html>".to_vec()),
        path => {
            let name = shared.lock().unwrap().iter().find(|(known, _)| *known == path).map(|(_, name)| *name);
            name.map_or(Said::Status(404, ""), |name| {
                Said::Document(fs::read(root().join("examples/wave-2022").join(name)).unwrap())
            })
        }
    });
    let desk = desk_with_source(&format!(
        "[[source]]\nname = \"web\"\nkind = \"https\"\nlisting = \"{0}/wave/\"\nurls = [\"{0}/wave/gone.xlsx\", \
         \"{0}/wave/page.xlsx\"]\nallow_http = true\nallow_private = true\n",
        server.url()
    ));
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("could not be read to its end: "), "{}", ran.stderr);
    assert!(ran.stderr.contains("FILE-002"), "a page in place of a workbook is refused: {}", ran.stderr);
    let economies: std::collections::BTreeSet<String> =
        scores(&desk).into_keys().map(|(economy, _)| economy).collect();
    assert_eq!(economies.into_iter().collect::<Vec<_>>(), ["FRA", "KEN"]);

    let status = desk.gtmi(&["status"]);
    assert!(status.stderr.contains("/wave/FRA #2.xlsx"), "{}", status.stderr);
    let record = fs::read_to_string(desk.path("out/run.json")).unwrap();
    assert!(record.contains("/wave/FRA%20%232.xlsx"), "programs find it by its address: {record}");

    files.lock().unwrap().push(("/wave/ESP.xlsx", "ESP.xlsx"));
    desk.gtmi(&["run"]);
    assert!(scores(&desk).keys().any(|(economy, _)| economy == "ESP"), "a new file is found");
}

#[test]
fn a_strict_source_asks_no_server_on_this_machine() {
    let server = Server::start(|_| Said::Document(Vec::new()));
    let url = server.url();
    for (section, why) in [
        (format!("urls = [\"{url}/a.xlsx\"]"), "plain http is not allowed"),
        (format!("urls = [\"{url}/a.xlsx\"]\nallow_http = true"), "not a public one"),
    ] {
        let desk = desk_with_source(&format!("[[source]]\nname = \"web\"\nkind = \"https\"\n{section}\n"));
        let ran = desk.gtmi(&["run"]);
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stderr.contains(why), "{why}: {}", ran.stderr);
    }
    assert!(server.requests().is_empty());
}

#[test]
fn every_file_that_fails_is_told_and_no_query_of_a_faulty_address_is_shown() {
    let server = Server::start(|_| Said::Status(404, ""));
    let url = server.url();
    let section = |urls: &str| {
        format!(
            "[[source]]\nname = \"web\"\nkind = \"https\"\nurls = [{urls}]\nallow_http = true\nallow_private = true\n"
        )
    };
    let desk = desk_with_source(&section(&format!("\"{url}/a.xlsx\", \"{url}/b.xlsx?token=hunter2\"")));
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    for told in ["/a.xlsx answered 404", "/b.xlsx answered 404"] {
        assert!(ran.stderr.contains(told), "{}", ran.stderr);
    }
    let desk = desk_with_source(&section("\"https://files.example:port/KEN.xlsx?token=hunter2\""));
    let ran = desk.gtmi(&["run", "-vv"]);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    assert!(!fs::read_to_string(desk.path("out/run.json")).unwrap_or_default().contains("hunter2"));
}

#[test]
fn two_servers_of_one_host_are_two_and_what_was_removed_is_fetched_again() {
    let serve = |name: &'static str| {
        Server::start(move |_| {
            Said::Document(fs::read(root().join("examples/wave-2022").join(name)).unwrap())
        })
    };
    let (one, other) = (serve("KEN.xlsx"), serve("FRA.xlsx"));
    let desk = desk_with_source(&format!(
        "[[source]]\nname = \"анкеты\"\nkind = \"https\"\nurls = [\"{}/a.xlsx\", \"{}/a.xlsx\"]\nallow_http = true\n\
         allow_private = true\n",
        one.url(),
        other.url()
    ));
    let folder = desk.path("out/gtmi.fetched");
    for _ in 0..2 {
        let ran = desk.gtmi(&["run"]);
        assert!(ran.code <= 1, "{}", ran.stderr);
        let source = fs::read_dir(&folder).unwrap().flatten().next().unwrap().path();
        assert_eq!(fs::read_dir(source).unwrap().count(), 2);
        fs::remove_dir_all(&folder).unwrap();
    }
    let economies: std::collections::BTreeSet<String> =
        scores(&desk).into_keys().map(|(economy, _)| economy).collect();
    assert_eq!(economies.into_iter().collect::<Vec<_>>(), ["FRA", "KEN"]);
}

#[test]
fn a_page_to_sign_in_in_the_place_of_a_listing_is_told() {
    let page = Arc::new(Mutex::new("<a href='KEN.xlsx'>Kenya</a><a href='~$KEN.xlsx'>lock</a>"));
    let shared = Arc::clone(&page);
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/wave/" => Said::Document(shared.lock().unwrap().as_bytes().to_vec()),
        "/wave/KEN.xlsx" => Said::Document(fs::read(root().join("examples/wave-2022/KEN.xlsx")).unwrap()),
        _ => Said::Status(404, ""),
    });
    let desk = desk_with_source(&format!(
        "[[source]]\nname = \"web\"\nkind = \"https\"\nlisting = \"{}/wave/\"\nallow_http = true\nallow_private = true\n",
        server.url()
    ));
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "a lock file is not asked for: {}", ran.stderr);
    *page.lock().unwrap() = "<form>Please sign in</form>";
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("web: the listing /wave/ names no workbook, and it did before"),
        "{}",
        ran.stderr
    );
    assert!(scores(&desk).keys().any(|(economy, _)| economy == "KEN"), "what came before stays in force");
}
