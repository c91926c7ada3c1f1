//! The stage `validate` by itself.

use std::process::ExitCode;

use pipeline::Silent;
use pipeline::stage::{self, Failure};
use store::Store;

fn main() -> ExitCode {
    stage::main("gtmi-validate", "Turns responses into answers and findings: stage 2 of 4", |context| {
        let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
        validate::run(context, &mut store, &Silent).map_err(Failure::stage)
    })
}
