//! Many starts at the same instant: one runs, the others are turned away and told by whom.

use std::fs;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

use super::injector::{self, Fault};
use super::{Scene, state};

/// A call that only the holder of the lock comes to: whoever is turned away makes the folder and the lock file at most.
const BEHIND_THE_LOCK: u64 = 12;

#[test]
fn of_fifty_starts_at_the_same_instant_one_runs_and_the_others_name_it() {
    let scene = Scene::first();
    let undisturbed = scene.again();
    let code = undisturbed.gtmi(&["run"]).code;

    // All wait for the gate; the one that gets the lock then waits for the others.
    let desk = scene.again();
    let gate = desk.path("gate");
    let start = || {
        let mut command = injector::command(&desk, scene.arguments);
        injector::at(&mut command, Fault::Stopped, BEHIND_THE_LOCK);
        command.env("FAULT_GATE", &gate).env_remove("FAULT_LOG").spawn().unwrap()
    };
    let mut children: Vec<Child> = (0..50).map(|_| start()).collect();
    fs::write(&gate, "").unwrap();
    let clock = Instant::now();
    while children.iter_mut().filter_map(|child| child.try_wait().unwrap()).count() < 49 {
        assert!(clock.elapsed() < Duration::from_secs(120), "fewer than 49 were turned away");
        thread::sleep(Duration::from_millis(10));
    }
    let runs = children.iter_mut().position(|child| child.try_wait().unwrap().is_none()).unwrap();
    let winner = children.swap_remove(runs);
    let holder = format!("process {}", winner.id());
    for child in children {
        let ended = injector::end(child);
        assert_eq!(ended.code, Some(75), "{ended:?}");
        assert!(ended.stderr.contains("another run holds the lock"), "{ended:?}");
        assert!(ended.stderr.contains(&holder), "{ended:?}, not {holder}");
    }
    let sent = Command::new("kill").args(["-s", "CONT", &winner.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(injector::end(winner).code, Some(code));
    state::assert_same(&state::content(&desk), &state::content(&undisturbed), "one of fifty");
    let rows = desk.gtmi(&["runs", "--json"]).json();
    assert_eq!(rows.as_array().unwrap().len(), 1, "{rows}");
}
