//! Runs of the command whose disk fails, or that are ended, at a chosen call: see `injector.c`.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::thread;
use std::time::{Duration, Instant};

use crate::desk::Desk;

/// What happens at a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// There is no room for this one.
    NoRoom,
    /// The disk is full from here on.
    Full,
    /// This one fails.
    Fails,
    /// The disk fails from here on.
    Broken,
    /// The process is ended, in the middle of the call if it writes.
    Killed,
    /// The process is stopped before the call, until it is told to go on.
    Stopped,
}

/// How a command ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// The exit code; absent if a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) stderr: String,
}

/// Starts the command; calls that change the disk are counted and noted in `calls` at the desk.
pub(super) fn command(desk: &Desk, arguments: &[&str]) -> Command {
    static LIBRARY: LazyLock<PathBuf> = LazyLock::new(build);
    let mut command = Command::new(env!("CARGO_BIN_EXE_gtmi"));
    command
        .args(arguments)
        .current_dir(desk.path(""))
        .env_remove("RUST_LOG")
        // The order of calls is the same in every run.
        .env("RAYON_NUM_THREADS", "1")
        .env("LD_PRELOAD", &*LIBRARY)
        .env("FAULT_LOG", desk.path("calls"))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    command
}

/// Adds a fault at the `at`-th call.
pub(super) fn at(command: &mut Command, fault: Fault, at: u64) {
    let what = match fault {
        Fault::NoRoom | Fault::Full => "ENOSPC",
        Fault::Fails | Fault::Broken => "EIO",
        Fault::Killed => "KILL",
        Fault::Stopped => "STOP",
    };
    command.env("FAULT_AT", at.to_string()).env("FAULT_DO", what);
    if matches!(fault, Fault::Full | Fault::Broken) {
        command.env("FAULT_STAYS", "1");
    }
}

/// The command with a fault at the `at`-th call.
pub(super) fn run(desk: &Desk, arguments: &[&str], fault: Fault, number: u64) -> Ended {
    let mut command = command(desk, arguments);
    at(&mut command, fault, number);
    end(command.spawn().unwrap())
}

/// The calls of the command where nothing fails: number, name and paths of each.
pub(super) fn calls(desk: &Desk, arguments: &[&str]) -> Vec<String> {
    let ended = end(command(desk, arguments).spawn().unwrap());
    assert!(ended.code.is_some_and(|code| code <= 1), "{ended:?}");
    let calls: Vec<String> =
        fs::read_to_string(desk.path("calls")).unwrap().lines().map(str::to_owned).collect();
    for name in ["write", "pwrite", "fsync", "rename", "create"] {
        let counted = calls.iter().any(|call| call.split(' ').nth(1) == Some(name));
        // Stages that write no files have the database only.
        assert!(counted || arguments != ["run"], "no {name} was counted");
    }
    calls
}

/// Waits for a process; one that takes a minute hangs.
pub(super) fn end(mut child: Child) -> Ended {
    let start = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status,
            None if start.elapsed() > Duration::from_secs(60) => {
                child.kill().unwrap();
                panic!("the command hangs");
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    };
    let mut stderr = String::new();
    child.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
    Ended { code: status.code(), signal: status.signal(), stderr }
}

/// Compiles the library. The compiler is there: the database and the ciphers are built with it.
fn build() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let (library, fresh) =
        (folder.join("injector.so"), folder.join(format!("injector-{}.so", std::process::id())));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/crash/injector.c");
    let output = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=gnu11", "-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", "-o"])
        .args([&fresh, &source])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    fs::rename(&fresh, &library).unwrap();
    library
}
