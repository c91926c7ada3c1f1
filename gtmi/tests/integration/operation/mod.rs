//! Runs that nobody watches: what they are asked for, how they end, what is left of them.

mod backup;
mod histories;
mod killed;
mod ledger;
mod options;
mod schedule;
mod stopped;
mod traces;
mod upgrade;

use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::Desk;

/// A desk with two questionnaires in its inbox: runs that take a moment.
fn small_desk() -> Desk {
    Desk::with(&["KEN", "PER"]).returning()
}

/// Starts the command at a desk and does not wait for it.
pub(crate) fn start(desk: &Desk, arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_gtmi"))
        .args(arguments)
        .current_dir(desk.path(""))
        .env_remove("RUST_LOG")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Sends a signal, e.g. `TERM`.
pub(crate) fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args(["-s", name, &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}

/// Waits until something holds; a minute is more than it ever takes.
pub(crate) fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{what} did not come");
        thread::sleep(Duration::from_millis(10));
    }
}
