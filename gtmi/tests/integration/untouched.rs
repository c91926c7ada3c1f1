//! Files that nobody wrote into are not read again, and files that somebody did write into are.

use std::fs::{self, File};
use std::time::Duration;

use pipeline::hash::Seal;

use crate::desk::{Desk, is_workbook};

const HEAD: &[u8] = b"gtmi known files 1\n";
const RECORD: usize = 88;
const IDLE: &str = "nothing changed since the last run; nothing was written";

#[test]
fn what_is_known_of_files_is_used_and_nothing_depends_on_it() {
    let desk = Desk::with(&["KEN"]).returning();
    let known = desk.path("out/gtmi.known");
    // A file that has just come is read again by the next run.
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let workbooks = || {
        let mut all = desk.outputs();
        all.retain(|path, _| is_workbook(path));
        all
    };
    let made = workbooks();
    let first = fs::read(&known).unwrap();
    let records = (first.len() - HEAD.len() - 32) / RECORD;
    assert_eq!(records, 4, "questionnaire, report, return and global workbook");
    assert!(desk.gtmi(&["run"]).stderr.contains(IDLE));
    assert_eq!(fs::read(&known).unwrap(), first, "a run that finds nothing to do writes nothing");

    // That of other bytes is believed, so that workbooks seem to be others: their bytes are not looked at.
    let mut other = first.clone();
    let end = other.len() - 32;
    for record in other[HEAD.len()..end].chunks_mut(RECORD) {
        record[RECORD - 1] ^= 1;
    }
    let seal = Seal::of(&other[..end]);
    other[end..].copy_from_slice(&hex(&seal.to_string()));
    fs::write(&known, &other).unwrap();
    let run = desk.gtmi(&["run"]);
    assert!(run.code == 0 && run.stderr.contains("report    3 workbooks"), "{}", run.stderr);
    assert!(workbooks() == made, "the same bytes");
    assert!(desk.gtmi(&["run"]).stderr.contains(IDLE));

    // What is not whole counts for nothing, and is not missed.
    for content in [&first[..first.len() - 1], b"", b"\0\0\0"] {
        fs::write(&known, content).unwrap();
        assert!(desk.gtmi(&["run"]).stderr.contains(IDLE));
    }
    fs::remove_file(&known).unwrap();
    assert!(desk.gtmi(&["run"]).stderr.contains(IDLE));
}

#[test]
fn a_file_that_keeps_its_name_size_and_time_is_read_when_its_bytes_changed() {
    let desk = Desk::with(&["KEN"]);
    std::thread::sleep(Duration::from_millis(200));
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    for path in ["inbox/KEN.xlsx", "out/reports/KEN.xlsx"] {
        let path = desk.path(path);
        let mut bytes = fs::read(&path).unwrap();
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        // The end of the archive: the questionnaire is refused then.
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, &bytes).unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(modified).unwrap();
        let run = desk.gtmi(&["run"]);
        assert!(!run.stderr.contains(IDLE), "{}", run.stderr);
    }
    assert_eq!(fs::read_dir(desk.path("out/altered")).unwrap().count(), 1);
    assert_eq!(fs::read_dir(desk.path("out/refused")).unwrap().count(), 1);
}

/// The bytes of a hash as it is written.
fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}
