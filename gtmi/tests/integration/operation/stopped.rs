//! A run that is told to end while a server keeps it waiting.

use std::fs;
use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{signal, start, wait_for};
use crate::desk::root;
use crate::servers::desk_with_source;
use crate::servers::http::{Said, Server};

#[test]
fn a_run_that_is_told_to_end_during_a_fetch_ends_soon_and_leaves_nothing_half_done() {
    let slow = Arc::new(AtomicBool::new(true));
    let switch = Arc::clone(&slow);
    let workbook = |name: &str| fs::read(root().join("examples/wave-2022").join(name)).unwrap();
    let (kenya, peru) = (workbook("KEN.xlsx"), workbook("PER.xlsx"));
    let server = Server::start(move |asked| match asked.path.as_str() {
        "/KEN.xlsx" => Said::Document(kenya.clone()),
        _ if switch.load(Ordering::SeqCst) => Said::Drip,
        _ => Said::Document(peru.clone()),
    });
    let url = server.url();
    let desk = desk_with_source(&format!(
        "[[source]]\nname = \"web\"\nkind = \"https\"\nurls = [\"{url}/KEN.xlsx\", \"{url}/PER.xlsx\"]\n\
         allow_http = true\nallow_private = true\n"
    ));
    let mut child = start(&desk, &["run"]);
    let mut asked = Vec::new();
    wait_for("the slow file's request", || {
        asked.extend(server.requests());
        asked.iter().any(|asked| asked.path == "/PER.xlsx").then_some(())
    });
    signal(&child, "TERM");
    // The server would drip for more than an hour; the client gives up after a minute at the earliest.
    let status = wait_for("the end of the run", || child.try_wait().unwrap());
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(status.code(), Some(143), "{said}");
    let rows = desk.gtmi(&["runs", "--json"]).json();
    assert_eq!((&rows[0]["outcome"], &rows[0]["exit_code"]), (&"stopped".into(), &143.into()), "{rows}");
    assert_eq!(rows.as_array().unwrap().len(), 1);
    for path in desk.outputs().into_keys() {
        assert!(!path.contains(".gtmi-partial-") && !path.contains("PER"), "{path} is half done");
    }

    // The rest comes with the next run.
    slow.store(false, Ordering::SeqCst);
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for name in ["KEN", "PER"] {
        assert!(desk.path(&format!("out/reports/{name}.xlsx")).exists(), "{name}");
    }
}
