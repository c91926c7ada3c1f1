//! The command `gtmi`: arguments, order of the stages, progress. The work is done by the other crates.

mod arguments;
mod bar;
mod check;
mod demo;
mod diff;
mod explain;
mod export;
mod frameworks;
mod review;
mod rules;
mod run;
mod say;
mod sql;
mod stages;
mod status;
mod template;

use std::process::ExitCode;

use clap::Parser;
use pipeline::Exit;
use pipeline::stage::{self, Failure};

use crate::arguments::{Arguments, Command, FrameworkCommand};
use crate::say::Voice;

fn main() -> ExitCode {
    if reader::worker::is_asked_for() {
        return reader::worker::serve();
    }
    let arguments = Arguments::parse();
    let voice = Voice::of(&arguments.common);
    arguments.common.start_logging(true);
    match dispatch(&arguments, voice) {
        Ok(exit) => exit.into(),
        Err(failure) => stage::fail(&failure, arguments.common.colors()),
    }
}

fn dispatch(arguments: &Arguments, voice: Voice) -> Result<Exit, Failure> {
    let common = &arguments.common;
    if let Command::Framework { command } = &arguments.command {
        return match command {
            FrameworkCommand::Check { folder } => frameworks::check(folder.as_deref(), common, voice),
            FrameworkCommand::New(options) => frameworks::new(options, common, voice),
        };
    }
    if let Command::Rules { out } = &arguments.command {
        return rules::rules(out.as_deref(), voice);
    }
    let context = common.context()?;
    match &arguments.command {
        Command::Run => run::run(&context, voice),
        Command::Ingest => stages::one(&context, voice, stages::Stage::Ingest),
        Command::Validate => stages::one(&context, voice, stages::Stage::Validate),
        Command::Score => stages::one(&context, voice, stages::Stage::Score),
        Command::Report => stages::one(&context, voice, stages::Stage::Report),
        Command::Template(options) => template::template(&context, voice, options),
        Command::Check(options) => check::check(&context, voice, options, common.verbose > 0),
        Command::Status => status::status(&context, voice),
        Command::Explain { economy, id } => explain::explain(&context, voice, economy, id.as_deref()),
        Command::Export(options) => export::export(&context, voice, options),
        Command::Sql(options) => sql::sql(&context, voice, options),
        Command::Diff(options) => diff::diff(&context, voice, options),
        Command::Demo(options) => demo::demo(&context, voice, options),
        Command::Review { command } => review::review(&context, voice, command),
        Command::Framework { .. } | Command::Rules { .. } => Ok(Exit::Done),
    }
}
