//! Disks that fail and programs that are ended, at every single call that changes the disk: what is left is old or
//! new, and the next run ends where an undisturbed one does.

mod commands;
mod copies;
mod damaged;
mod disk;
mod injector;
mod killed;
mod starts;
mod state;

use std::fs;
use std::ops::RangeInclusive;
use std::path::Path;
use std::process::Command;

use crate::desk::{Desk, root};

/// The variable that says at how many points of each scene a fault is made; the suite is content with few. A number
/// above that of the points takes every one.
const POINTS: &str = "GTMI_TEST_FAULTS";

/// The variable that chooses other random points.
const SEED: &str = "GTMI_TEST_SEED";

/// Some of the numbers, at random but the same in every run, in their order; all where there are not more.
fn some_of(all: RangeInclusive<u64>, usual: usize) -> Vec<u64> {
    let most = std::env::var(POINTS).map_or(usual, |points| points.parse().unwrap());
    let seed = std::env::var(SEED).map_or(6, |seed| seed.parse().unwrap());
    let mut points: Vec<u64> = all.collect();
    fastrand::Rng::with_seed(seed).shuffle(&mut points);
    points.truncate(most);
    points.sort_unstable();
    points
}

/// A desk where something is about to be run.
struct Scene {
    desk: Desk,
    arguments: &'static [&'static str],
}

impl Scene {
    /// A first run: a questionnaire and a file that is none.
    fn first() -> Self {
        let desk = Desk::with(&["KEN"]).returning();
        fs::write(desk.path("inbox/broken.xlsx"), "no workbook").unwrap();
        Self { desk, arguments: &["run"] }
    }

    /// A run in which everything changes: of one economy there are other answers, another one comes in, one has
    /// gone; so has the file that was none.
    fn second() -> Self {
        let Self { desk, arguments } = Self::first();
        fs::copy(root().join("examples/wave-2022/SEN.xlsx"), desk.path("inbox/SEN.xlsx")).unwrap();
        assert_eq!(desk.gtmi(&["run"]).code, 1);
        for gone in ["broken.xlsx", "SEN.xlsx", "KEN.xlsx"] {
            fs::remove_file(desk.path("inbox").join(gone)).unwrap();
        }
        fs::copy(root().join("examples/wave-2022/PER.xlsx"), desk.path("inbox/PER.xlsx")).unwrap();
        fs::write(desk.path("inbox/new.xlsx"), "no workbook either").unwrap();
        with_answers_of(&desk, "KEN", "PER");
        let made = desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN"]);
        assert_eq!(made.code, 0, "{}", made.stderr);
        Self { desk, arguments }
    }

    /// One stage of the second run; those before it are done.
    fn stage(stage: &'static str) -> Self {
        let arguments: &[&str] = match stage {
            "ingest" => &["ingest"],
            "validate" => &["validate"],
            "score" => &["score"],
            _ => &["report"],
        };
        let scene = Self::second();
        for before in ["ingest", "validate", "score"].into_iter().take_while(|before| *before != stage) {
            assert!(scene.desk.gtmi(&[before]).code <= 1);
        }
        Self { arguments, ..scene }
    }

    /// The reports of a table of so many economies that the rows of the global workbook wait on the disk; their names
    /// are built to hurt. What comes before is done.
    fn of_many() -> Self {
        let desk = Desk::with(&["KEN"]).returning();
        with_many_economies(&desk, 600);
        for before in ["ingest", "validate", "score"] {
            let ran = desk.gtmi(&[before]);
            assert_eq!(ran.code, 0, "{}", ran.stderr);
        }
        Self { desk, arguments: &["report"] }
    }

    /// The same again, at a new desk.
    fn again(&self) -> Desk {
        let desk = Desk::empty().returning();
        copy(&self.desk.path(""), &desk.path(""));
        desk
    }
}

/// Copies everything in a folder with its times: the order of receipt is that of the files.
fn copy(from: &Path, to: &Path) {
    let copied = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
    assert!(copied.success());
}

/// Adds economies that no one knows to the table of a desk.
fn with_many_economies(desk: &Desk, many: usize) {
    let mut reader = csv::Reader::from_path(root().join("data/economies.csv")).unwrap();
    let mut writer = csv::Writer::from_path(desk.path("economies.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    writer.write_record(&headings).unwrap();
    let known: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for row in &known {
        writer.write_record(row).unwrap();
    }
    for number in 0..many {
        let name = format!("=1+1|cmd <&> _x0041_ long enough for more than one line \u{7} {number}");
        let cell = |(heading, one): (&str, &str)| match heading {
            "code" => format!("Q{number:04}"),
            "name" => name.clone(),
            // One table has one date.
            "classified" => one.to_owned(),
            _ => String::new(),
        };
        writer.write_record(headings.iter().zip(&known[0]).map(cell)).unwrap();
    }
    writer.flush().unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("economies")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace(line, "economies = \"economies.csv\"")).unwrap();
}

/// Gives an economy the coded answers of another one.
fn with_answers_of(desk: &Desk, economy: &str, other: &str) {
    let mut reader = csv::Reader::from_path(root().join("data/answers-2022.csv")).unwrap();
    let mut writer = csv::Writer::from_path(desk.path("answers.csv")).unwrap();
    let headings = reader.headers().unwrap().clone();
    writer.write_record(&headings).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let taken = rows.iter().find(|row| &row[0] == other).unwrap();
    for row in &rows {
        let answers = if &row[0] == economy { taken } else { row };
        writer.write_record(std::iter::once(&row[0]).chain(answers.iter().skip(1))).unwrap();
    }
    writer.flush().unwrap();
    let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    let line = config.lines().find(|line| line.starts_with("coded_answers")).unwrap();
    fs::write(desk.path("pipeline.toml"), config.replace(line, "coded_answers = \"answers.csv\"")).unwrap();
}
