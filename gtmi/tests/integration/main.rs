//! End to end, through the command: the real wave, dirty folders, bad configurations.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod change;
mod crash;
mod decided;
mod decisions;
mod desk;
mod dirty;
mod export;
mod faults;
mod feedback;
mod forms;
mod fuzzed;
mod hostile;
mod languages;
mod latest;
mod notify;
mod office;
mod offices;
mod operation;
mod other_indices;
mod prefill;
mod reports;
mod review;
mod review_round;
mod servers;
mod sql;
mod standing;
mod supply;
mod tools;
mod untouched;
mod usage;
mod wave;
mod workers;
