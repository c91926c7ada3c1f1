//! A run that is ended anywhere, by the system or by force, and started again ends where an undisturbed one does.

use std::collections::BTreeMap;
use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::{signal, start, wait_for};
use crate::desk::{Desk, is_workbook};

/// The variable that says how many runs are killed while they are under way; the suite is content with few.
const KILLS: &str = "GTMI_TEST_KILLS";

/// Economies in the inbox: enough that every stage takes a while, few enough for many runs.
const ECONOMIES: &str = "AGO,BRA,EGY,FRA,KEN,LAO,PER,SEN";

fn desk() -> Desk {
    let desk = Desk::empty().returning();
    let inbox = desk.path("inbox");
    let made = desk.gtmi(&["demo", "--out", inbox.to_str().unwrap(), "--economy", ECONOMIES]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    fs::write(inbox.join("broken.xlsx"), "no workbook").unwrap();
    desk
}

/// A new desk with the same inbox.
fn again(desk: &Desk) -> Desk {
    let copied = Desk::empty().returning();
    for entry in fs::read_dir(desk.path("inbox")).unwrap() {
        let entry = entry.unwrap();
        let target = copied.path("inbox").join(entry.file_name());
        fs::copy(entry.path(), &target).unwrap();
        // The order of receipt is that of the files' times.
        let time = entry.metadata().unwrap().modified().unwrap();
        fs::File::options().write(true).open(target).unwrap().set_modified(time).unwrap();
    }
    copied
}

/// Everything that a desk holds but times and names of attempts: outputs, received files, exported tables.
fn content(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    let export = desk.path("export");
    let ran = desk.gtmi(&["export", "--out", export.to_str().unwrap(), "--format", "csv"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let mut content: BTreeMap<String, Vec<u8>> = desk
        .outputs()
        .into_iter()
        .filter(|(path, _)| {
            is_workbook(path)
                || ["refused/", "gtmi.files/", "summary."].iter().any(|start| path.starts_with(start))
        })
        .collect();
    for entry in fs::read_dir(export).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let Some(table) = name.strip_suffix(".csv") else { continue };
        let rows: Vec<_> = desk
            .table(table)
            .into_iter()
            .map(|mut row| {
                row.remove("received_at");
                row
            })
            .collect();
        content.insert(name, serde_json::to_vec(&rows).unwrap());
    }
    content
}

fn assert_same(found: &BTreeMap<String, Vec<u8>>, expected: &BTreeMap<String, Vec<u8>>, when: &str) {
    assert!(found.keys().eq(expected.keys()), "{when}: other files");
    for (path, bytes) in expected {
        assert!(found[path] == *bytes, "{when}: {path} is another");
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the long form tells its figures")]
fn a_run_that_is_killed_anywhere_and_started_again_ends_as_an_undisturbed_one() {
    let kills: u32 = std::env::var(KILLS).map_or(3, |kills| kills.parse().unwrap());
    let inbox = desk();
    let clock = Instant::now();
    let undisturbed = again(&inbox);
    assert_eq!(undisturbed.gtmi(&["run"]).code, 1);
    let whole = clock.elapsed();
    let expected = content(&undisturbed);
    assert!(expected.len() > 30, "{:?}", expected.keys());
    let (mut hit, mut late) = (0, 0);
    while hit < kills {
        let desk = again(&inbox);
        // One moment in every part of the run, at random within the part; anywhere, once that was too late.
        let part =
            if late == 0 { (f64::from(hit) + fastrand::f64()) / f64::from(kills) } else { fastrand::f64() };
        let mut child = start(&desk, &["run"]);
        child.stderr.take();
        thread::sleep(whole.mul_f64(part));
        let under_way = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        child.wait().unwrap();
        let ran = desk.gtmi(&["run"]);
        assert_eq!(ran.code, 1, "killed after {part:.3} of a run: {}", ran.stderr);
        assert_same(&content(&desk), &expected, &format!("killed after {part:.3} of a run"));
        let left: Vec<_> =
            desk.outputs().into_keys().filter(|path| path.contains(".gtmi-partial-")).collect();
        assert!(left.is_empty(), "{left:?}");
        if under_way {
            hit += 1;
            late = 0;
        } else {
            late += 1;
            assert!(late < 100, "no run is under way when it is killed");
        }
    }
    eprintln!(
        "{hit} runs killed while they were under way; an undisturbed one takes {:.2} s",
        whole.as_secs_f64()
    );
}

#[test]
fn a_run_that_is_told_to_end_keeps_what_is_finished_and_says_so() {
    let inbox = desk();
    let undisturbed = again(&inbox);
    assert_eq!(undisturbed.gtmi(&["run"]).code, 1);
    let expected = content(&undisturbed);
    for (name, code) in [("TERM", 143), ("INT", 130), ("HUP", 143)] {
        // Where these tests go on without a terminal, so do their runs.
        if name == "HUP" && ignores_hangup() {
            continue;
        }
        let desk = again(&inbox);
        let mut child = start(&desk, &["run"]);
        wait_for("the store", || desk.path("out/gtmi.db").exists().then_some(()));
        thread::sleep(Duration::from_millis(50));
        signal(&child, name);
        let mut said = String::new();
        std::io::Read::read_to_string(&mut child.stderr.take().unwrap(), &mut said).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code), "{said}");
        assert!(said.contains("stopped as asked; what was finished is kept"), "{said}");
        let rows = desk.gtmi(&["runs", "--json"]).json();
        assert_eq!((&rows[0]["outcome"], &rows[0]["exit_code"]), (&"stopped".into(), &code.into()));
        assert_eq!(desk.gtmi(&["run"]).code, 1);
        assert_same(&content(&desk), &expected, name);
    }
}

/// Whether these tests were started to go on when their terminal is gone, as by `nohup`; then so are their children.
fn ignores_hangup() -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored.is_some_and(|mask| mask.trim().ends_with(['1', '3', '5', '7', '9', 'b', 'd', 'f']))
}

#[test]
fn a_run_that_was_killed_is_closed_in_the_ledger_by_the_next_one() {
    let inbox = desk();
    let desk = again(&inbox);
    let mark = || {
        let content = fs::read_to_string(desk.path("out/gtmi.lock")).ok()?;
        content.lines().find(|line| line.ends_with('}')).map(str::to_owned)
    };
    let mut child = start(&desk, &["run"]);
    let begun = wait_for("the mark", mark);
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(mark().as_ref(), Some(&begun), "the mark outlives the process");
    let begun: serde_json::Value = serde_json::from_str(&begun).unwrap();

    assert_eq!(desk.gtmi(&["run"]).code, 1);
    let rows = desk.gtmi(&["runs", "--json"]).json();
    let rows = rows.as_array().unwrap();
    assert_eq!(rows.len(), 2, "{rows:#?}");
    assert_eq!(rows[0]["outcome"], "broken off");
    for key in ["attempt", "cause", "started_at", "config_sha256", "framework_sha256"] {
        assert_eq!(rows[0][key], begun[key], "{key}");
    }
    assert!(rows[0]["exit_code"].is_null() && rows[0]["seconds"].is_null(), "{}", rows[0]);
    assert_eq!(rows[1]["outcome"], "attention");
    let told = desk.gtmi(&["runs"]);
    assert!(told.stderr.contains("broken off    -          -"), "{}", told.stderr);

    // It is closed once, and a run that has nothing to do changes nothing.
    let before = desk.outputs();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert!(before == desk.outputs());
}
