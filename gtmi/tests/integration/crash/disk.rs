//! A disk that is full or fails, at each call that changes it: once, and from then on.

use std::collections::BTreeMap;

use super::injector::{self, Ended, Fault};
use super::state::{self, Content};
use super::{Scene, some_of};
use crate::desk::Desk;

/// How the runs with a fault ended, by kind of fault.
type Figures = BTreeMap<String, BTreeMap<String, u32>>;

pub(super) const FAULTS: [Fault; 4] = [Fault::NoRoom, Fault::Full, Fault::Fails, Fault::Broken];

#[expect(clippy::print_stderr, reason = "the long form tells its figures")]
fn assert_survives(scene: &Scene) {
    let before = state::content(&scene.desk);
    let undisturbed = scene.again();
    let calls = injector::calls(&undisturbed, scene.arguments);
    let code = undisturbed.gtmi(&["run"]).code;
    let expected = state::content(&undisturbed);
    assert!(expected != before);

    let mut figures = Figures::new();
    let mut untold = Vec::new();
    for fault in FAULTS {
        for number in some_of(1..=u64::try_from(calls.len()).unwrap(), 3) {
            let call = &calls[usize::try_from(number).unwrap() - 1];
            let when = format!("{fault:?} at call {call}");
            let desk = scene.again();
            let ended = injector::run(&desk, scene.arguments, fault, number);
            untold.extend(
                what_is_not_told(&ended, &["out"]).map(|lacks| format!("{when}: {lacks}: {}", ended.stderr)),
            );
            state::assert_old_or_new(&desk, &before, &expected, &when);
            if ended.code != Some(70) {
                // What was not told did no harm. Where a run says that nobody could be told of it, the next run tells.
                let mut found = state::content(&desk);
                if ended.stderr.contains("nobody could be told of the run") {
                    for table in ["table told", "table outbox"] {
                        found.extend(expected.get(table).map(|rows| (table.to_owned(), rows.clone())));
                    }
                }
                let mut promised = expected.clone();
                if scene.arguments != ["run"] {
                    // A stage keeps no record of a run: what it wrote is as it will be.
                    let by_a_stage = |path: &str| path != "run.json" && !path.starts_with("table ");
                    found.retain(|path, _| by_a_stage(path));
                    promised.retain(|path, _| by_a_stage(path));
                }
                state::assert_same(&found, &promised, &when);
            }
            assert_goes_on(&desk, code, &expected, &when);
            let ended = format!("exit {:?}", ended.code);
            *figures.entry(format!("{fault:?}")).or_default().entry(ended).or_default() += 1;
        }
    }
    eprintln!("{} of {} calls: {figures:?}", scene.arguments.join(" "), calls.len());
    assert!(untold.is_empty(), "{} ends say too little:\n{}", untold.len(), untold.join("\n"));
}

/// A failure names the place, which lies in one of these folders or is one of these files, the cause and what to do;
/// anything else is a usual end.
pub(super) fn what_is_not_told(ended: &Ended, places: &[&str]) -> Option<&'static str> {
    let line = ended.stderr.lines().find(|line| line.starts_with("error: ")).unwrap_or_default();
    let names = |place: &&str| line.contains(&format!("{place}/")) || line.contains(&format!("{place}\""));
    let causes = [
        "No space left",
        "disk is full",
        "Input/output error",
        "disk I/O error",
        // The database tells no more of a file that it cannot make.
        "unable to open database file",
    ];
    if ended.stderr.contains("panicked") {
        return Some("a panic");
    }
    match ended.code {
        Some(70) if !places.iter().any(names) && !line.ends_with("/out") => Some("no place"),
        Some(70) if !causes.iter().any(|cause| line.contains(cause)) => Some("no cause"),
        Some(70) if !line.contains("try again") => Some("no advice"),
        Some(0 | 1 | 70) => None,
        _ => Some("another end"),
    }
}

/// The next run ends where an undisturbed one does.
pub(super) fn assert_goes_on(desk: &Desk, code: i32, expected: &Content, when: &str) {
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, code, "{when}, then: {}", ran.stderr);
    state::assert_same(&state::content(desk), expected, when);
    state::assert_nothing_is_left(desk, when);
}

#[test]
fn a_first_run_survives_a_disk_that_is_full_or_fails_at_any_call() {
    assert_survives(&Scene::first());
}

#[test]
fn a_run_that_changes_everything_survives_a_disk_that_is_full_or_fails_at_any_call() {
    assert_survives(&Scene::second());
}

#[test]
fn rows_that_wait_on_the_disk_survive_one_that_is_full_or_fails_at_any_call() {
    assert_survives(&Scene::of_many());
}

#[test]
fn a_limit_on_the_size_of_files_is_a_failure_with_words() {
    let scene = Scene::first();
    let undisturbed = scene.again();
    let code = undisturbed.gtmi(&["run"]).code;
    let expected = state::content(&undisturbed);
    for blocks in ["0", "20", "80", "200"] {
        let desk = scene.again();
        let child = std::process::Command::new("sh")
            .args(["-c", &format!("ulimit -f {blocks} && exec \"$0\" run"), env!("CARGO_BIN_EXE_gtmi")])
            .current_dir(desk.path(""))
            .env_remove("RUST_LOG")
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let ended = injector::end(child);
        assert_eq!(ended.code, Some(70), "{ended:?}");
        let told = ["files may not become", "lift the limit", "try again"];
        assert!(told.iter().all(|told| ended.stderr.contains(told)), "{ended:?}");
        assert_goes_on(&desk, code, &expected, &format!("files of {blocks} blocks at most"));
    }
}
