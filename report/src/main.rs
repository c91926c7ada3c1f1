//! The stage `report` by itself.

use std::process::ExitCode;

use pipeline::Silent;
use pipeline::stage::{self, Failure, NoOptions};
use store::Store;

fn main() -> ExitCode {
    stage::main("gtmi-report", "Turns scores into workbooks: stage 4 of 4", |context, _: &NoOptions| {
        let path = &context.config.store;
        let mut store = Store::open(path).map_err(Failure::stage)?;
        report::run(context, &mut store, &Silent).map_err(|error| store::advised(Failure::stage(error), path))
    })
}
