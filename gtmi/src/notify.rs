//! Telling people: after a run, and `gtmi notify`. What is new is noted in the store together with the messages about
//! it; sending comes after, and whatever becomes of it, the run is none the worse.

mod facts;
mod files;
mod queue;
mod send;
mod show;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;
use store::Store;

use crate::arguments::NotifyOptions;
use crate::say::{Tone, Voice};
use crate::stages;
use crate::stop;
pub(crate) use show::Shown;

/// Tells people what a run left. What fails here is said and logged; the next run goes on from what the store holds.
///
/// Of the run is given when it started, and its id if it has one; and the sources that it could not read to their end, if it
/// looked at them.
pub(crate) fn after_run(
    context: &Context,
    store: &mut Store,
    voice: Voice,
    (started, run): (Timestamp, Option<&str>),
    unreachable: Option<&BTreeMap<String, String>>,
) {
    let told = queue::tell(context, store, started, run, unreachable)
        .and_then(|()| files::bring_up_to_date(context, store))
        .and_then(|()| send::send(context, store));
    match told {
        Ok(sent) => sent.tell(voice),
        Err(failure) => {
            let chain = failure.chain();
            tracing::error!(error = chain, "nobody could be told of the run");
            voice.line(&voice.toned(Tone::Attention, &format!("nobody could be told of the run: {chain}")));
        }
    }
}

/// What would be sent after a run that is only rehearsed on the store's copy.
pub(crate) fn rehearse(
    context: &Context,
    store: &mut Store,
    voice: Voice,
    unreachable: Option<&BTreeMap<String, String>>,
) -> Result<Vec<Shown>, Failure> {
    queue::tell(context, store, Timestamp::now(), None, unreachable)?;
    show::show(context, store, voice, None)
}

/// `gtmi notify`: sends what waits, or shows it.
pub(crate) fn notify(context: &Context, voice: Voice, options: &NotifyOptions) -> Result<Exit, Failure> {
    if options.list {
        return list(context, voice);
    }
    if options.dry_run {
        return dry_run(context, voice, options.out.as_deref());
    }
    stop::listen().map_err(Failure::stage)?;
    let lock = pipeline::stage::lock(context)?;
    let mut store = stages::open_locked(context, &lock)?;
    if let Some(number) = options.again {
        again(context, &mut store, number)?;
    }
    queue::tell(context, &mut store, Timestamp::now(), None, None)?;
    files::bring_up_to_date(context, &store)?;
    let sent = send::send(context, &mut store)?;
    if sent.is_empty() {
        voice.line("nothing waits to be sent");
    }
    sent.tell(voice);
    voice.result(&sent)?;
    Ok(Exit::Done)
}

/// Shows on a copy of the database what would be sent now.
fn dry_run(context: &Context, voice: Voice, out: Option<&Path>) -> Result<Exit, Failure> {
    let folder = tempfile::Builder::new().prefix("gtmi-dry-run-").tempdir().map_err(Failure::stage)?;
    let copy = folder.path().join("gtmi.db");
    if context.config.store.exists() {
        Store::copy_database(&context.config.store, &copy).map_err(Failure::stage)?;
    }
    let mut store = Store::open(&copy).map_err(Failure::stage)?;
    queue::tell(context, &mut store, Timestamp::now(), None, None)?;
    let shown = show::show(context, &store, voice, out)?;
    voice.line(&voice.toned(Tone::Good, "a dry run: nothing was sent"));
    voice.result(&json!({ "dry_run": true, "messages": shown }))?;
    Ok(Exit::Done)
}

/// Lets a message wait again that was given up, refused, or of which nobody knows whether it came.
fn again(context: &Context, store: &mut Store, number: i64) -> Result<(), Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let rows = store.outbox().map_err(Failure::stage)?;
    let row = rows.iter().find(|row| row.number == number);
    let row = row.ok_or_else(|| usage(format!("there is no message {number} (gtmi notify --list)")))?;
    if let Some(wave) = row.wave.filter(|wave| *wave != context.framework.wave) {
        return Err(usage(format!(
            "message {number} is of wave {wave} (use the configuration of that wave)"
        )));
    }
    if row.state == send::WAITING {
        return Err(usage(format!("message {number} is waiting already (gtmi notify sends it)")));
    }
    // What the server took may have come back: whoever asks for it has corrected the address since.
    let submissions = store.submissions().map_err(Failure::stage)?;
    let is_over = matches!(row.state.as_str(), "sent" | "given-up" | "refused" | "uncertain");
    let elsewhere = queue::elsewhere((context, store), row, (&submissions, &rows), &|_, _| is_over)?;
    if let Some(letters) = elsewhere {
        if letters.is_empty() {
            return Err(usage(format!(
                "message {number} went to an address that does not stand in the table any more, and the addresses of now have it \
                 (gtmi notify --list)"
            )));
        }
        let wave = context.framework.wave;
        return store.send_elsewhere(wave, number, &letters, &queue::now()).map_err(Failure::stage);
    }
    if !matches!(row.state.as_str(), "given-up" | "refused" | "uncertain") {
        return Err(usage(format!("message {number} is {}: it is not sent again", row.state)));
    }
    store
        .note_message(number, send::WAITING, 0, row.outcome.as_deref(), &queue::now())
        .map_err(Failure::stage)
}

/// The outbox.
fn list(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    let rows = match Store::open_existing(&context.config.store).map_err(Failure::stage)? {
        Some(store) => store.outbox().map_err(Failure::stage)?,
        None => Vec::new(),
    };
    if rows.is_empty() {
        voice.line("nothing was to be sent yet");
    }
    let mut listed = Vec::new();
    for row in rows {
        let (message, economy) = (&row.message, row.message.economy.as_ref().map(ToString::to_string));
        voice.line(&format!(
            "{:>5} {:<8} {:<8} {:<4} {:<10} {:>2} {}{}",
            row.number,
            message.way,
            message.occasion,
            economy.as_deref().unwrap_or(""),
            row.state,
            row.attempts,
            if message.address.is_empty() { "(forgotten)" } else { &message.address },
            row.outcome.as_deref().map(|outcome| format!("\n      {outcome}")).unwrap_or_default(),
        ));
        listed.push(json!({
            "number": row.number, "wave": row.wave.map(|wave| wave.0), "way": message.way, "occasion": message.occasion, "economy": economy,
            "address": message.address, "state": row.state, "attempts": row.attempts, "queued_at": row.queued_at,
            "changed_at": row.changed_at, "outcome": row.outcome,
        }));
    }
    voice.result(&listed)?;
    Ok(Exit::Done)
}
