//! The stage `ingest` by itself.

use std::process::ExitCode;

use pipeline::Silent;
use pipeline::stage::{self, Failure, NoOptions};
use store::Store;

fn main() -> ExitCode {
    if reader::worker::is_asked_for() {
        return reader::worker::serve();
    }
    stage::main(
        "gtmi-ingest",
        "Takes in new files from the sources: stage 1 of 4",
        |context, _: &NoOptions| {
            let path = &context.config.store;
            let mut store = Store::open(path).map_err(Failure::stage)?;
            ingest::run(context, &mut store, &Silent)
                .map_err(|error| store::advised(Failure::stage(error), path))
        },
    )
}
