//! Files altered at random: whatever becomes of them, the gate answers, and what it takes for whole is whole.
//!
//! `GTMI_TEST_MUTANTS=100000 cargo test --release -p reader mutations -- --nocapture` is the long run.

#[path = "../../../fuzz/entries/mutants.rs"]
mod mutants;

use std::collections::BTreeMap;
use std::io::{Cursor, Write};
use std::panic;
use std::sync::{Mutex, Once, PoisonError};

use maturity::cell::Book;
use mutants::Dice;
use reader::{Limits, read};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

/// Where panics happened, and how often. The gate makes refusals of them, so they must be seen elsewhere.
static PANICS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());

fn data(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// Small budgets keep a mutant that asks for much from slowing the test down.
fn limits() -> Limits {
    Limits { cells: 100_000, dense_cells: 100_000, inflated_bytes: 4_000_000, ..Limits::default() }
}

/// How many mutants each of `kinds` kinds of files gets.
fn rounds(usual: usize, kinds: usize) -> usize {
    let wanted = std::env::var("GTMI_TEST_MUTANTS").ok().and_then(|text| text.parse::<usize>().ok());
    wanted.map_or(usual, |all| all / kinds)
}

/// Notes panics instead of printing them.
fn watch() {
    static WATCH: Once = Once::new();
    WATCH.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            let place = panic.location().map_or(String::new(), ToString::to_string);
            if place.contains("tests/integration") {
                usual(panic);
            }
            *PANICS.lock().unwrap_or_else(PoisonError::into_inner).entry(place).or_default() += 1;
        }));
    });
}

/// What became of the mutants of one kind.
#[derive(Debug, Default)]
struct Outcome {
    refused: usize,
    same: usize,
    different: usize,
}

impl Outcome {
    fn note(&mut self, honest: &Book, mutant: &[u8]) {
        match read(mutant, &limits()) {
            Err(_) => self.refused += 1,
            Ok(book) if book == *honest => self.same += 1,
            Ok(_) => self.different += 1,
        }
    }
}

/// Our own code never panics; the library's panics are counted. They are caught, and in the pipeline they happen in
/// another process.
#[expect(clippy::print_stderr, reason = "the figures of a long run")]
fn tell(kind: &str, outcome: &Outcome) {
    let panics = PANICS.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let (library, ours): (BTreeMap<_, _>, BTreeMap<_, _>) =
        panics.into_iter().partition(|(place, _)| place.contains("calamine-"));
    assert!(ours.is_empty(), "{kind}: {ours:?}");
    if std::env::var_os("GTMI_TEST_MUTANTS").is_some() {
        eprintln!("{kind}: {outcome:?}; panics inside the library so far: {library:?}");
    }
}

#[test]
fn no_altered_file_gets_a_panic_out_of_the_gate_and_no_altered_archive_other_cells() {
    watch();
    for name in ["book.xlsx", "book.ods", "book.xls"] {
        let original = data(name);
        let honest = read(&original, &limits()).unwrap();
        let mut dice = Dice(20_241_123);
        let mut outcome = Outcome::default();
        for _ in 0..rounds(2000, 5) {
            outcome.note(&honest, &dice.mutant(&original));
        }
        tell(name, &outcome);
        assert!(outcome.refused > 0 && outcome.same > 0, "{name}: {outcome:?}");
        // The check sums of a zip leave no altered byte unseen. An xls has none: an altered digit is another number.
        assert!(name == "book.xls" || outcome.different == 0, "{name}: {outcome:?}");
    }
}

#[test]
fn no_altered_part_in_sound_packing_gets_a_panic_out_of_the_gate() {
    watch();
    for name in ["book.xlsx", "book.ods"] {
        let original = data(name);
        let honest = read(&original, &limits()).unwrap();
        let mut archive = ZipArchive::new(Cursor::new(original)).unwrap();
        let parts: Vec<(String, Vec<u8>)> = (0..archive.len())
            .map(|index| {
                let mut part = archive.by_index(index).unwrap();
                let mut content = Vec::new();
                std::io::copy(&mut part, &mut content).unwrap();
                (part.name().unwrap().into_owned(), content)
            })
            .filter(|(name, content)| !content.is_empty() && !name.starts_with("Thumbnails/"))
            .collect();
        let mut dice = Dice(7);
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut outcome = Outcome::default();
        for _ in 0..rounds(1000, 5) {
            let altered = dice.roll(parts.len());
            let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
            for (index, (name, content)) in parts.iter().enumerate() {
                writer.start_file(name, options).unwrap();
                let mutant = (index == altered).then(|| dice.mutant(content));
                writer.write_all(mutant.as_ref().unwrap_or(content)).unwrap();
            }
            outcome.note(&honest, &writer.finish().unwrap().into_inner());
        }
        tell(&format!("parts of {name}"), &outcome);
        assert!(outcome.refused > 0 && outcome.same > 0, "{name}: {outcome:?}");
    }
}
