//! What the fuzzer's targets promise, for honest inputs and blind mutants of them: the same functions as under `fuzz/`,
//! for machines without a fuzzer.

#[path = "../../../fuzz/entries/mod.rs"]
mod entries;

use std::panic::catch_unwind;
use std::time::{Duration, Instant};

use entries::mutants::Dice;
use entries::{TARGETS, seeds, spare_the_library, target};

#[test]
fn every_target_holds_for_honest_inputs_and_their_mutants() {
    spare_the_library();
    let wanted = std::env::var("GTMI_TEST_MUTANTS").ok().and_then(|text| text.parse::<usize>().ok());
    for name in TARGETS {
        let (seeds, run) = (seeds(name), target(name));
        assert!(!seeds.is_empty() && seeds.iter().all(|seed| !seed.is_empty()), "{name} has no seeds");
        // A framework is read as a whole each time.
        let usual = if name == "framework" { 60 } else { 400 };
        let rounds = wanted.map_or(usual, |all| all / TARGETS.len());
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
