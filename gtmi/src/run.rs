//! `gtmi run`: the four stages in order, and the record of the run.

pub(crate) mod attempt;
pub(crate) mod record;
mod rehearsal;

use std::collections::BTreeMap;

use pipeline::hash::{Digest, of_file};
use pipeline::lock::Lock;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use store::{RunStates, Store};

use crate::arguments::RunOptions;
use crate::bar::Bars;
use crate::metrics;
use crate::notify;
use crate::say::{Tone, Voice};
use crate::stages::{self, Stage};
use crate::stop;
use crate::template;
use attempt::{Attempt, Cause};
use record::{StageRecord, States};

/// What a run came to.
#[derive(Debug, Clone)]
pub(crate) struct Outcome {
    /// How to exit.
    pub(crate) exit: Exit,
    /// The id of the run; absent where nothing changed.
    pub(crate) run: Option<String>,
    /// The sources that could not be read to their end, with the reason; absent where none was looked at.
    pub(crate) unreachable: Option<BTreeMap<String, String>>,
    /// What is printed for machines, if they are told: JSON.
    pub(crate) document: Option<String>,
}

/// Runs what is asked for, or says what that would do.
pub(crate) fn run(context: &mut Context, voice: Voice, options: &RunOptions) -> Result<Exit, Failure> {
    let economies = template::economies(context, &options.economy).inspect_err(|failure| {
        if !options.dry_run {
            metrics::write(&context.config, None, 0.0, &[], failure.exit);
        }
    })?;
    context.scope.economies.extend(economies);
    context.scope.force = options.force;
    if options.dry_run {
        return rehearsal::rehearse(context, voice, options.from);
    }
    let outcome = attempt(context, voice, options.from, Cause::Command)?;
    outcome.print(voice)?;
    Ok(outcome.exit)
}

impl Outcome {
    /// Prints what machines are told. The run is over by then, whatever becomes of it.
    pub(crate) fn print(&self, voice: Voice) -> Result<(), Failure> {
        self.document.as_ref().map_or(Ok(()), |document| voice.written(document))
    }
}

/// Runs the stages under the lock. A run that finds nothing to do writes nothing; any other, and one that fails,
/// is added to the ledger.
pub(crate) fn attempt(
    context: &Context,
    voice: Voice,
    from: Stage,
    cause: Cause,
) -> Result<Outcome, Failure> {
    let attempt = Attempt::start(cause);
    let _span = tracing::error_span!("run", id = attempt.name).entered();
    stop::listen().map_err(Failure::stage)?;
    let mut lock = pipeline::stage::lock(context).inspect_err(|failure| {
        // Of the run that holds the lock there are figures once it ends.
        if failure.exit != Exit::Locked {
            metrics::write(&context.config, None, attempt.seconds(), &[], failure.exit);
        }
    })?;
    let begun = stages::open_locked(context, &lock).and_then(|mut store| {
        attempt.begin(context, &mut store, &mut lock).inspect_err(|_| lock.leave())?;
        Ok(store)
    });
    let mut store = begun.inspect_err(|failure| {
        metrics::write(&context.config, None, attempt.seconds(), &[], failure.exit);
    })?;
    let mut stages = Vec::new();
    let result = work(context, voice, from, &attempt, &mut store, &mut stages)
        .map_err(|failure| store::advised(failure, &context.config.store));
    match &result {
        Ok(outcome) => {
            let run = (attempt.started, outcome.run.as_deref());
            notify::after_run(context, &mut store, voice, run, outcome.unreachable.as_ref());
        }
        Err(failure) => note_failure(context, &mut store, &attempt, &stages, failure, &lock),
    }
    let exit = result.as_ref().map_or_else(|failure| failure.exit, |outcome| outcome.exit);
    metrics::write(&context.config, Some(&store), attempt.seconds(), &stages, exit);
    result
}

fn work(
    context: &Context,
    voice: Voice,
    from: Stage,
    attempt: &Attempt,
    store: &mut Store,
    stages: &mut Vec<StageRecord>,
) -> Result<Outcome, Failure> {
    let bars = Bars::new(voice.bars());
    for stage in Stage::ALL.into_iter().skip_while(|stage| *stage != from) {
        let (summary, seconds) = stage.run(context, store, &bars)?;
        stages::tell(voice, &summary);
        stages.push(StageRecord { summary, seconds });
    }
    let waits = stages::attention(context, store, voice)?;
    if !context.scope.is_whole() {
        voice.line("\nonly some economies were asked for: global.xlsx is left for a complete run");
    }

    // Also where the stages that would say so were left out.
    let attention = waits || stages.iter().any(|stage| stage.summary.attention);
    let exit = if attention { Exit::Attention } else { Exit::Done };
    let unreachable = unreachable(stages);
    let left = States::of(context, store).map_err(Failure::stage)?;
    let imported = stages.iter().any(|stage| stage.summary.counts.contains_key("imported"));
    let idle = stages.iter().all(|stage| stage.summary.done == 0 && stage.summary.written.is_empty())
        && left.changed.is_empty()
        && !imported;
    let path = context.config.output.join("run.json");
    let latest = if idle { store.latest_run(context.framework.wave).map_err(Failure::stage)? } else { None };
    // That a file was taken out changes what is said of the wave, though no stage had anything to do.
    if let Some(latest) = latest.filter(|latest| record::still_holds(latest, stages, exit)) {
        let mut said = "\nnothing changed since the last run; nothing was written";
        // The last run was ended before it came to that, or its store was replaced by a backup.
        if !of_file(&path).is_ok_and(|hash| hash == Digest::of(latest.as_bytes())) {
            durable::write(&path, latest.as_bytes()).map_err(Failure::stage)?;
            said = "\nnothing changed since the last run; only run.json was written";
        }
        voice.line(&voice.toned(Tone::Good, said));
        let document = voice.tells_machines().then(|| record::as_of_now(&latest, stages));
        let document = document.transpose().map_err(Failure::stage)?;
        return Ok(Outcome { exit, run: None, unreachable, document });
    }
    let started_at = attempt.started.to_string();
    let (id, text) = {
        let record = record::record(context, store, stages.as_slice(), &left.keys, &started_at, exit)?;
        (record.id.clone(), serde_json::to_string_pretty(&record).map_err(Failure::stage)? + "\n")
    };
    let kept = RunStates {
        wave: context.framework.wave,
        framework: &context.framework.hash,
        sources: &context.framework_sources,
        changed: &left.changed,
    };
    let entry = attempt.ended(context, exit);
    store
        .record_run((&id, &started_at, &text), &kept, &entry, |store, economy| {
            left.snapshot(context, store, economy)
        })
        .map_err(Failure::stage)?;
    context.known_files.save().map_err(Failure::stage)?;
    durable::write(&path, text.as_bytes()).map_err(Failure::stage)?;

    let output = context.config.output.display();
    let seconds = attempt.seconds();
    let done = format!("\ndone in {seconds:.1} s: {output}/reports, {output}/global.xlsx (run {id})");
    voice.line(&voice.toned(Tone::Good, &done));
    Ok(Outcome { exit, run: Some(id), unreachable, document: voice.tells_machines().then_some(text) })
}

/// The sources that could not be read to their end, if they were looked at.
fn unreachable(stages: &[StageRecord]) -> Option<BTreeMap<String, String>> {
    let ingest = stages.iter().find(|stage| stage.summary.stage == "ingest")?;
    Some(ingest.summary.unreachable.clone())
}

/// Adds a run that failed to the ledger. That the ledger cannot be written, is no more than a line of the log: the
/// failure itself is what people have to hear. The next run then adds the row, by the mark that stays in the lock.
pub(crate) fn note_failure(
    context: &Context,
    store: &mut Store,
    attempt: &Attempt,
    stages: &[StageRecord],
    failure: &Failure,
    lock: &Lock,
) {
    let mut entry = attempt.failed(context, failure);
    let told = |inputs| serde_json::to_string(&record::Broken { inputs, stages }).ok();
    entry.record = told(Some(record::Inputs(store))).or_else(|| told(None));
    if let Err(error) = store.add_to_ledger(&entry) {
        tracing::error!(%error, "the failed run cannot be added to the ledger");
        lock.leave();
    }
}
