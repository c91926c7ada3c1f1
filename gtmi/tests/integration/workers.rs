//! Workbooks are read by confined workers: what a file does to its worker costs that file and nothing else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use maturity::finding::Problem;
use reader::worker::{ARGUMENT, Costs, Pool, PoolError};

use crate::desk::root;

fn gtmi() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_gtmi"))
}

fn example(name: &str) -> Vec<u8> {
    fs::read(root().join("examples/wave-2022").join(name)).unwrap()
}

/// A program that behaves as a worker should not.
fn impostor(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("impostor");
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

/// The workers that this process has started with `program`.
fn workers_of_this_process() -> Vec<PathBuf> {
    let me = std::process::id().to_string();
    let is_worker = |folder: &PathBuf| {
        let stat = fs::read_to_string(folder.join("stat")).unwrap_or_default();
        let parent = stat.rsplit(')').next().unwrap_or_default().split_whitespace().nth(1);
        parent == Some(&me)
            && fs::read_to_string(folder.join("cmdline")).is_ok_and(|line| line.contains(ARGUMENT))
    };
    fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path()).filter(is_worker).collect()
}

#[test]
fn a_worker_reads_exactly_what_the_gate_reads() {
    let pool = Pool::of_program(gtmi(), 2, Costs::default());
    for name in ["KEN.xlsx", "answers-wide.xlsx"] {
        let bytes = example(name);
        let here = reader::read(&bytes, &reader::Limits::default());
        assert_eq!(pool.read(&bytes).unwrap(), here, "{name}");
        assert!(here.is_ok());
    }
    let bytes = &example("KEN.xlsx")[..5000];
    assert_eq!(pool.read(bytes).unwrap(), reader::read(bytes, &reader::Limits::default()));
    assert_eq!(pool.read(b"").unwrap().unwrap_err().problem, Problem::FileEmpty);
}

#[test]
fn a_worker_has_no_network_no_files_and_little_memory() {
    let pool = Pool::of_program(gtmi(), 1, Costs::default());
    assert!(pool.read(&example("KEN.xlsx")).unwrap().is_ok());
    let mut seen = 0;
    for worker in workers_of_this_process() {
        let Ok(limits) = fs::read_to_string(worker.join("limits")) else { continue };
        let soft = |name: &str| {
            let line = limits.lines().find(|line| line.starts_with(name)).unwrap_or_default();
            line[name.len()..].split_whitespace().next().unwrap_or_default().to_owned()
        };
        // A worker of another test may just be starting.
        if soft("Max cpu time") == "unlimited" {
            continue;
        }
        seen += 1;
        assert_eq!(soft("Max address space"), (1_u64 << 30).to_string());
        assert_eq!(soft("Max file size"), "0");
        assert_eq!(soft("Max core file size"), "0");
        assert!(soft("Max cpu time").parse::<u64>().is_ok_and(|seconds| (20..60).contains(&seconds)));
        let status = fs::read_to_string(worker.join("status")).unwrap();
        assert!(status.contains("Seccomp:\t2"), "{status}");
        // The shell of another test's impostor sets PWD by itself; nothing of ours may get through.
        let environment = String::from_utf8(fs::read(worker.join("environ")).unwrap()).unwrap();
        for variable in environment.split_terminator('\0') {
            assert!(variable.starts_with("PWD="), "the environment may hold secrets: {variable}");
        }
    }
    assert!(seen > 0, "no worker was found");
}

/// A pool of one worker, which behaves so once, or always; every other one is a true worker.
fn pool_with(folder: &Path, behaviour: &str, is_always: bool) -> Pool {
    let costs = Costs { wall_seconds: 2, ..Costs::default() };
    let marker = folder.join("was-here");
    let _ = fs::remove_file(&marker);
    let true_worker = format!(
        "if [ -e '{0}' ]; then exec '{1}' {ARGUMENT}; fi\n: > '{0}'\n",
        marker.display(),
        gtmi().display()
    );
    let body = if is_always { behaviour.to_owned() } else { true_worker + behaviour };
    Pool::of_program(impostor(folder, &body), 1, costs)
}

#[test]
fn a_file_that_costs_a_worker_its_life_is_refused_and_the_next_one_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = example("KEN.xlsx");
    for (behaviour, refusal) in [
        ("kill -ABRT $$", Problem::FileBreaksReader { limit: "1024 MiB".to_owned() }),
        ("kill -SEGV $$", Problem::FileBreaksReader { limit: "1024 MiB".to_owned() }),
        ("kill -XCPU $$", Problem::FileTakesLong { seconds: 20 }),
    ] {
        let pool = pool_with(folder.path(), behaviour, false);
        assert_eq!(pool.read(&bytes).unwrap().unwrap_err().problem, refusal, "{behaviour}");
        assert!(pool.read(&bytes).unwrap().is_ok(), "{behaviour}");
    }
}

#[test]
fn what_others_do_to_a_worker_is_no_verdict_on_its_file_until_it_happens_again() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = example("KEN.xlsx");
    let breaks = || Problem::FileBreaksReader { limit: "1024 MiB".to_owned() };
    for (behaviour, refusal) in [
        ("kill -TERM $$", breaks()),
        ("kill -KILL $$", breaks()),
        // As where the machine stood still.
        ("exec sleep 60", Problem::FileTakesLong { seconds: 20 }),
        // An answer of 4 GiB, and one that is no answer.
        ("printf '\\377\\377\\377\\377'; exec cat > /dev/null", breaks()),
        ("printf '\\002\\000\\000\\000{}'; exec cat > /dev/null", breaks()),
    ] {
        let once = pool_with(folder.path(), behaviour, false);
        assert!(once.read(&bytes).unwrap().is_ok(), "{behaviour}");
        let always = pool_with(folder.path(), behaviour, true);
        assert_eq!(always.read(&bytes).unwrap().unwrap_err().problem, refusal, "{behaviour}");
    }
}

#[test]
fn a_program_that_cannot_work_is_told_from_a_bad_file() {
    let folder = tempfile::tempdir().unwrap();
    let absent = Pool::of_program(folder.path().join("absent"), 1, Costs::default());
    assert!(matches!(absent.read(&example("KEN.xlsx")), Err(PoolError::Start { .. })));
    let unwilling = Pool::of_program(impostor(folder.path(), "exit 1"), 1, Costs::default());
    let error = unwilling.read(&example("KEN.xlsx")).unwrap_err();
    assert!(error.to_string().contains("ended before it could read a workbook"), "{error}");
}

#[test]
fn many_threads_share_few_workers() {
    let pool = Pool::of_program(gtmi(), 2, Costs::default());
    let bytes = example("KEN.xlsx");
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..3 {
                    assert!(pool.read(&bytes).unwrap().is_ok());
                }
            });
        }
    });
}
