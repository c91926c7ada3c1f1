//! The stage `validate` by itself.

use std::process::ExitCode;

use clap::Args;
use pipeline::Silent;
use pipeline::stage::{self, Failure};
use store::Store;

#[derive(Debug, Args)]
struct Options {
    /// Open the web addresses in evidence and warn of those that not everyone can open
    #[arg(long)]
    check_links: bool,
}

fn main() -> ExitCode {
    let about = "Turns responses into answers and findings: stage 2 of 4";
    stage::main("gtmi-validate", about, |context, options: &Options| {
        let path = &context.config.store;
        let mut store = Store::open(path).map_err(Failure::stage)?;
        let run = if options.check_links { validate::run_with_links } else { validate::run };
        run(context, &mut store, &Silent).map_err(|error| store::advised(Failure::stage(error), path))
    })
}
