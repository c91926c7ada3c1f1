//! Whatever came before, and however often it was ended: what a run leaves is what a new desk makes of the same versions.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::thread;
use std::time::Duration;

use fastrand::Rng;

use super::start;
use crate::desk::{Desk, is_workbook};
use crate::dirty::altered;

/// The variable that says how many histories are made up; the suite is content with a short one.
const HISTORIES: &str = "GTMI_TEST_HISTORIES";
/// The variable that chooses other histories.
const SEED: &str = "GTMI_TEST_SEED";

const ECONOMIES: [&str; 3] = ["EST", "KEN", "UGA"];
/// The answer that the accepted versions differ in.
const LABELS: [&str; 3] = ["Yes, published", "Yes, internal only", "No, or not known"];

/// What lies under the name of an economy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Version {
    /// One of those that are accepted.
    Accepted(usize),
    /// One that goes back to its sender.
    Returned,
    /// One that cannot be read.
    Broken,
}

/// The versions of each economy's file.
struct Versions(BTreeMap<&'static str, [Vec<u8>; 5]>);

impl Versions {
    fn new() -> Self {
        let desk = Desk::empty();
        let inbox = desk.path("inbox");
        let (inbox, economies) = (inbox.to_str().unwrap(), ECONOMIES.join(","));
        let made = desk.gtmi(&["demo", "--out", inbox, "--economy", &economies, "--language", "en"]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        let of = |economy: &'static str| {
            let with = |cell, text| altered(&desk, economy, &[("CGSI", cell, text)]);
            let [first, second, third] = LABELS.map(|label| with("D16", label));
            let mut broken = first.clone();
            broken.truncate(broken.len() / 2);
            (economy, [first, second, third, with("D6", "Maybe"), broken])
        };
        Self(ECONOMIES.map(of).into())
    }

    fn bytes(&self, economy: &str, version: Version) -> &[u8] {
        let at = match version {
            Version::Accepted(number) => number,
            Version::Returned => 3,
            Version::Broken => 4,
        };
        &self.0[economy][at]
    }
}

/// What the program has seen of an economy, as far as it still counts.
#[derive(Debug, Default, Clone, Copy)]
struct Seen {
    accepted: Option<usize>,
    returned_since: bool,
    now: Option<Version>,
}

impl Seen {
    fn look(&mut self) {
        match self.now {
            Some(Version::Accepted(number)) => (self.accepted, self.returned_since) = (Some(number), false),
            Some(Version::Returned) => self.returned_since = true,
            Some(Version::Broken) | None => {}
        }
    }

    /// The version accepted last, the one returned since, and what is there now.
    fn still_counts(&self) -> [Option<Version>; 3] {
        let returned = self.returned_since.then_some(Version::Returned);
        [self.accepted.map(Version::Accepted), returned, self.now]
    }
}

fn put(desk: &Desk, economy: &str, bytes: &[u8]) {
    fs::write(desk.path(&format!("inbox/{economy}.xlsx")), bytes).unwrap();
}

fn run(desk: &Desk) {
    let ran = desk.gtmi(&["run", "--quiet"]);
    assert!(ran.code == 0 || ran.code == 1, "{}", ran.stderr);
}

/// The workbooks that a desk has made.
fn workbooks(desk: &Desk) -> BTreeMap<String, Vec<u8>> {
    desk.outputs().into_iter().filter(|(path, _)| is_workbook(path)).collect()
}

/// What a new desk makes of what still counts.
fn anew(versions: &Versions, seen: &BTreeMap<&str, Seen>) -> BTreeMap<String, Vec<u8>> {
    let desk = Desk::empty();
    for step in 0..3 {
        for (economy, seen) in seen {
            if let Some(version) = seen.still_counts()[step] {
                put(&desk, economy, versions.bytes(economy, version));
            }
        }
        run(&desk);
    }
    workbooks(&desk)
}

/// Files come, change, and change back; commands run, or are ended in their midst.
fn history(versions: &Versions, number: u64, steps: usize) {
    let mut random = Rng::with_seed(number);
    let desk = Desk::empty();
    let mut seen: BTreeMap<&str, Seen> = ECONOMIES.map(|economy| (economy, Seen::default())).into();
    let mut told = String::new();
    for _ in 0..steps {
        for _ in 0..random.usize(1..=3) {
            let economy = ECONOMIES[random.usize(..ECONOMIES.len())];
            let version = match random.u8(..10) {
                0 => Version::Broken,
                1 => Version::Returned,
                other => Version::Accepted(usize::from(other) % LABELS.len()),
            };
            put(&desk, economy, versions.bytes(economy, version));
            seen.get_mut(economy).unwrap().now = Some(version);
            let _ = write!(told, "{economy} {version:?}; ");
        }
        match random.u8(..4) {
            0 => {
                let looked = desk.gtmi(&["ingest", "--quiet"]);
                assert!(looked.code == 0 || looked.code == 1, "{}", looked.stderr);
                seen.values_mut().for_each(Seen::look);
                told += "ingest; ";
            }
            1 => {
                let mut child = start(&desk, &["run", "--quiet"]);
                thread::sleep(Duration::from_millis(random.u64(..200)));
                let _ = child.kill();
                child.wait().unwrap();
                // Whether it came to the files is not known; they are still there.
                let looked = desk.gtmi(&["ingest", "--quiet"]);
                assert!(looked.code == 0 || looked.code == 1, "{}", looked.stderr);
                seen.values_mut().for_each(Seen::look);
                told += "run, killed; ingest; ";
            }
            _ => {
                run(&desk);
                seen.values_mut().for_each(Seen::look);
                told += "run; ";
                let (found, expected) = (workbooks(&desk), anew(versions, &seen));
                let differ: Vec<_> = found
                    .keys()
                    .chain(expected.keys())
                    .filter(|path| found.get(*path) != expected.get(*path))
                    .collect();
                assert!(differ.is_empty(), "seed {number}: {differ:?} after {told}");
            }
        }
    }
}

#[test]
fn a_history_ends_where_a_new_desk_begins() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let (first, versions) = (number(SEED).unwrap_or(1), Versions::new());
    match number(HISTORIES) {
        None => history(&versions, first, 8),
        Some(many) => (first..first + many).for_each(|seed| history(&versions, seed, 30)),
    }
}
