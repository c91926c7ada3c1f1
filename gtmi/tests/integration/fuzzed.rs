//! What the fuzzer's targets promise, for honest inputs and blind mutants of them: the same functions as under `fuzz/`,
//! for machines without a fuzzer.

#[path = "../../../fuzz/entries/mod.rs"]
pub(crate) mod entries;

use std::collections::BTreeMap;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use entries::mutants::Dice;
use entries::office_file::office_file;
use entries::{TARGETS, begin, containers, frameworks, limits, seeds, target};
use reader::worker::{Costs, Pool};

/// How many mutants are wanted of a test whose usual number is given.
fn wanted(usual: usize, share: usize) -> usize {
    let all = std::env::var("GTMI_TEST_MUTANTS").ok().and_then(|text| text.parse::<usize>().ok());
    all.map_or(usual, |all| all / share)
}

#[test]
fn every_target_holds_for_honest_inputs_and_their_mutants() {
    for name in TARGETS {
        let (seeds, run) = (seeds(name), target(name));
        let folder = tempfile::tempdir().unwrap();
        begin(name, Some(folder.path().into()));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), seeds.len());
        assert!(!seeds.is_empty() && seeds.iter().all(|seed| !seed.is_empty()), "{name} has no seeds");
        let rounds = wanted(400, TARGETS.len());
        let mut dice = Dice(0x5eed);
        for seed in &seeds {
            run(seed);
        }
        for round in 0..rounds {
            let mutant = dice.mutant(&seeds[round % seeds.len()]);
            let start = Instant::now();
            let outcome = catch_unwind(|| run(&mutant));
            assert!(outcome.is_ok(), "{name}, round {round}: {:?}", String::from_utf8_lossy(&mutant));
            // Not a measure of speed: what takes so long for a few kilobytes does not end.
            assert!(start.elapsed() < Duration::from_secs(60), "{name}, round {round}");
        }
    }
}

#[test]
fn what_the_fuzzer_ever_found_breaks_nothing_any_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/regressions");
    let mut tried = 0;
    for name in fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()) {
        let name = name.to_str().unwrap();
        assert!(TARGETS.contains(&name), "{name} is no target");
        for find in fs::read_dir(folder.join(name)).unwrap() {
            let find = find.unwrap().path();
            let outcome = catch_unwind(|| target(name)(&fs::read(&find).unwrap()));
            assert!(outcome.is_ok(), "{}", find.display());
            tried += 1;
        }
    }
    assert!(tried > 0);
}

#[test]
fn the_honest_inputs_in_containers_are_read_to_their_cells() {
    type Pack = fn(&[u8]) -> Vec<u8>;
    let packs: [(&str, Pack); 3] = [
        ("xlsx", containers::xlsx),
        ("ods", containers::ods),
        ("xls", |stream| office_file(&[("Workbook", stream)], false)),
    ];
    for (name, pack) in packs {
        for seed in seeds(name) {
            let book =
                reader::read(&pack(&seed), &limits()).unwrap_or_else(|refusal| panic!("{name}: {refusal:?}"));
            let cells: usize = book.sheets.iter().map(|sheet| sheet.cells.len()).sum();
            assert!(cells > 5, "{name}: {cells} cells");
        }
    }
}

#[test]
fn the_small_frameworks_load_and_mutants_of_the_large_one_are_told_what_is_wrong() {
    for seed in frameworks::small().iter().chain([&frameworks::bundled()]) {
        assert_eq!(frameworks::load(seed).err().map(|problems| problems.to_string()), None);
    }
    let mut dice = Dice(280);
    for _ in 0..8 {
        frameworks::framework(&dice.mutant(&frameworks::bundled()));
    }
}

#[test]
#[expect(clippy::print_stderr, reason = "the figures of a long run")]
fn a_worker_answers_for_every_mutant_and_reads_the_honest_file_afterwards() {
    let pool = Pool::of_program(PathBuf::from(env!("CARGO_BIN_EXE_gtmi")), 2, Costs::default());
    let books = seeds("scan");
    let honest: Vec<_> = books.iter().map(|book| pool.read(book).unwrap()).collect();
    assert!(honest.iter().all(Result::is_ok));
    let mut dice = Dice(20_221_125);
    let mut outcomes: BTreeMap<String, usize> = BTreeMap::new();
    for round in 0..wanted(300, 10) {
        let which = round % books.len();
        let answer =
            pool.read(&dice.mutant(&books[which])).unwrap_or_else(|error| panic!("round {round}: {error}"));
        let outcome = match &answer {
            Err(refusal) => refusal.problem.rule().to_owned(),
            Ok(book) if Ok(book) == honest[which].as_ref() => "the same cells".to_owned(),
            Ok(_) => "other cells".to_owned(),
        };
        *outcomes.entry(outcome).or_default() += 1;
    }
    for (book, honest) in books.iter().zip(&honest) {
        assert_eq!(&pool.read(book).unwrap(), honest);
    }
    if std::env::var_os("GTMI_TEST_MUTANTS").is_some() {
        eprintln!("through workers: {outcomes:?}");
    }
}
