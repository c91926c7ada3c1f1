//! The command `gtmi`: arguments, order of the stages, progress. The work is done by the other crates.

mod arguments;
mod backup;
mod bar;
mod check;
mod compare;
mod decisions;
mod demo;
mod diff;
mod due;
mod explain;
mod export;
mod external;
mod frameworks;
mod method;
mod metrics;
mod notify;
mod outputs;
mod pins;
mod places;
mod publish;
mod raise;
mod received;
mod respondents;
mod restore;
mod review;
mod rules;
mod run;
mod runs;
mod same_index;
mod say;
mod schedule;
mod sql;
mod stages;
mod standing;
mod status;
mod stop;
mod template;
mod waiting;
mod xlsform;

use std::process::ExitCode;

use clap::CommandFactory;
use pipeline::logging::TRACES;
use pipeline::stage::{self, Failure};
use pipeline::{Context, Exit};
use tempfile::TempDir;
use traces::Traces;

use crate::arguments::{Arguments, Command, ComparatorsCommand, FrameworkCommand};
use crate::say::Voice;

fn main() -> ExitCode {
    if reader::worker::is_asked_for() {
        return reader::worker::serve();
    }
    stage::meet_signals();
    let arguments: Arguments = match stage::typed(Arguments::command()) {
        Ok(arguments) => arguments,
        Err(exit) => return exit,
    };
    let voice = Voice::of(&arguments.common);
    let failed = |failure: &Failure| stage::fail(failure, &arguments.common, say::is_told());
    let (listener, traces) = match Traces::asked_for(TRACES) {
        Ok(asked) => asked.unzip(),
        Err(error) => {
            arguments.common.start_logging(true, None);
            return failed(&Failure::new(Exit::Usage, error));
        }
    };
    arguments.common.start_logging(true, listener);
    let exit = match dispatch(&arguments, voice) {
        Ok(exit) => exit.into(),
        Err(failure) => failed(&failure),
    };
    if let Some(traces) = traces {
        traces.finish();
    }
    exit
}

fn dispatch(arguments: &Arguments, voice: Voice) -> Result<Exit, Failure> {
    let common = &arguments.common;
    match &arguments.command {
        Command::Framework { command: FrameworkCommand::Check { folder } } => {
            return frameworks::check(folder.as_deref(), common, voice);
        }
        Command::Framework { command: FrameworkCommand::New(options) } => {
            return frameworks::new(options, common, voice);
        }
        Command::Rules { out } => return rules::rules(out.as_deref(), common, voice),
        // Without options of its own the help is shown; with one that every command takes there is as little to be done.
        Command::Review { from: None, command: None } => {
            let message = "gtmi review needs a decision to take: accept, override, return, approve, undo, … or a table with \
                           --from (gtmi review --help)";
            return Err(Failure::new(Exit::Usage, message));
        }
        _ => {}
    }
    let runs = matches!(&arguments.command, Command::Run(options) if !options.dry_run);
    let mut context = common.context().inspect_err(|failure| {
        if runs {
            metrics::failed_to_begin(common, failure.exit);
        }
    })?;
    let store = context.config.store.clone();
    command(arguments, voice, &mut context).map_err(|failure| store::advised(failure, &store))
}

/// Whether what the store holds is what a command is about to show.
fn look(context: &Context, voice: Voice, command: &Command) -> Result<(), Failure> {
    if matches!(command, Command::Run(_) | Command::Schedule(_) | Command::Report) {
        pins::look(context, voice)?;
    }
    if same_index::reads_scores(command) && !same_index::look(context, voice, &context.config.store)? {
        due::tell(context, voice, command);
    }
    Ok(())
}

/// Leads a command that decides about what came in to an empty store where there is none yet: it finds nothing to decide
/// about, and leaves nothing behind. The folder is there as long as what is given back.
fn empty_store(context: &mut Context, command: &Command) -> Result<Option<TempDir>, Failure> {
    let decides = match command {
        Command::Publish(options) => !options.check,
        Command::Notify(options) => !options.dry_run && !options.list,
        Command::Comparators { command: ComparatorsCommand::Pin { .. } }
        | Command::Forget(_)
        | Command::Review { .. } => true,
        _ => false,
    };
    if !decides || context.config.store.exists() {
        return Ok(None);
    }
    let folder = tempfile::Builder::new().prefix("gtmi-empty-").tempdir().map_err(Failure::stage)?;
    context.config.store = folder.path().join("gtmi.db");
    Ok(Some(folder))
}

/// The commands that need the configuration.
fn command(arguments: &Arguments, voice: Voice, context: &mut Context) -> Result<Exit, Failure> {
    let common = &arguments.common;
    let _empty = empty_store(context, &arguments.command)?;
    // A dry run looks at its copy: to open the store may already change it.
    if !matches!(&arguments.command, Command::Run(options) if options.dry_run) {
        look(context, voice, &arguments.command).inspect_err(|failure| {
            if matches!(arguments.command, Command::Run(_)) {
                metrics::failed_to_begin(common, failure.exit);
            }
        })?;
    }
    match &arguments.command {
        Command::Run(options) => run::run(context, voice, options),
        Command::Runs { last } => runs::runs(context, voice, *last),
        Command::Schedule(options) => schedule::schedule(context, common, voice, options),
        Command::Notify(options) => notify::notify(context, voice, options),
        Command::Backup { out, incomplete } => backup::backup(context, voice, out, *incomplete),
        Command::Restore { from, incomplete } => restore::restore(context, voice, from, *incomplete),
        Command::Ingest => stages::one(context, voice, stages::Stage::Ingest),
        Command::Validate { check_links: true } => stages::validate_with_links(context, voice),
        Command::Validate { check_links: false } => stages::one(context, voice, stages::Stage::Validate),
        Command::Score => stages::one(context, voice, stages::Stage::Score),
        Command::Report => stages::one(context, voice, stages::Stage::Report),
        Command::Template(options) => template::template(context, voice, options),
        Command::Check(options) => check::check(context, voice, options, common.verbose > 0),
        Command::Status => status::status(context, voice),
        Command::Explain { economy, id } => explain::explain(context, voice, economy, id.as_deref()),
        Command::Export(options) => export::export(context, voice, options),
        Command::Sql(options) => sql::sql(context, voice, options),
        Command::Compare(options) => compare::compare(context, voice, options),
        Command::Comparators { command: ComparatorsCommand::Pin { name } } => pins::pin(context, voice, name),
        Command::Comparators { command: ComparatorsCommand::List } => pins::list(context, voice),
        Command::External => external::external(context, voice),
        Command::Respondents { economy, offices } => {
            respondents::respondents(context, voice, economy, *offices)
        }
        Command::Raise { economy, to } => raise::raise(context, voice, economy, to.as_deref()),
        Command::Xlsform { out, language } => xlsform::xlsform(context, voice, out, language.as_deref()),
        Command::Diff(options) => diff::diff(context, voice, options),
        Command::Demo(options) => demo::demo(context, voice, options),
        Command::Review { from: Some(table), .. } => decisions::from_table(context, voice, table),
        Command::Review { command: Some(command), .. } => review::review(context, voice, command),
        Command::Publish(options) => publish::publish(context, voice, options),
        Command::Forget(options) => publish::forget(context, voice, options),
        Command::Framework { command: FrameworkCommand::Method { economy, language, out } } => {
            method::method(context, voice, economy.as_deref(), language.as_deref(), out.as_deref())
        }
        Command::Review { .. } | Command::Framework { .. } | Command::Rules { .. } => Ok(Exit::Done),
    }
}
