//! The stage `score` by itself.

use std::process::ExitCode;

use pipeline::Silent;
use pipeline::stage::{self, Failure, NoOptions};
use store::Store;

fn main() -> ExitCode {
    stage::main("gtmi-score", "Turns accepted answers into scores: stage 3 of 4", |context, _: &NoOptions| {
        let path = &context.config.store;
        let mut store = Store::open(path).map_err(Failure::stage)?;
        score::run(context, &mut store, &Silent).map_err(|error| store::advised(Failure::stage(error), path))
    })
}
