//! `gtmi restore`: a backup takes the place of the store. Nothing is lost by it: the store that was there stays beside
//! it under another name, and a restore that breaks off leaves the one or the other.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde::Serialize;
use store::{Carried, Store, StoreError};

use crate::backup::{copy_kept, failed, without};
use crate::say::{Tone, Voice, counted};

#[derive(Debug, Serialize)]
struct Restored {
    from: PathBuf,
    files: u64,
    /// Received files that it is without, as was asked for: names by SHA-256.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    missing: BTreeMap<String, String>,
    /// Where the store lies that was there before.
    kept: Option<PathBuf>,
    /// Messages that were sent since the backup, as far as that store can tell; absent if it cannot.
    sent_since: Option<usize>,
    /// Files whose respondents were forgotten since the backup, as far as that store can tell; absent if it cannot.
    forgotten_since: Option<usize>,
}

/// Checks the backup, then puts it in the place of the store.
pub(crate) fn restore(
    context: &Context,
    voice: Voice,
    from: &Path,
    incomplete: bool,
) -> Result<Exit, Failure> {
    let store = &context.config.store;
    let backup = from.join(store.file_name().unwrap_or_default());
    if !backup.exists() {
        let message = format!("{} does not exist (name a folder that gtmi backup made)", backup.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    if fs::canonicalize(&backup)
        .is_ok_and(|backup| fs::canonicalize(store).is_ok_and(|store| store == backup))
    {
        return Err(Failure::new(
            Exit::Usage,
            "this is the store itself (name a folder that gtmi backup made)",
        ));
    }
    let _lock = pipeline::stage::lock(context)?;
    Store::check_database(&backup).map_err(Failure::stage)?;
    let mut copied = copy_kept(&backup, store)?;
    copied.look_for(&backup, store)?;
    let copied = copied.unless_missing(incomplete, &backup.with_extension("files"))?;
    let files = copied.files;
    let unfinished = durable::unfinished(store);
    // A restore that broke off may have left the log of its copy.
    for ending in ["-wal", "-shm", "-journal"] {
        let log = beside(&unfinished, ending);
        absent_is_false(fs::remove_file(&log)).map_err(|source| failed(&log, source))?;
    }
    fs::copy(&backup, &unfinished).map_err(|source| failed(&unfinished, source))?;
    // A backup may be kept where nothing can be changed by accident; the store has to change.
    durable::make_writable(&unfinished).map_err(|source| failed(&unfinished, source))?;
    let kept = keep(store)?;
    let carried = kept.as_deref().map(|kept| Store::carry_since(kept, &unfinished));
    let removed = match &carried {
        // What was copied beside it holds what was to be forgotten by the store that was there.
        Some(Ok(carried)) if carried.forgotten > 0 => Store::remove_forgotten(&unfinished, store),
        _ => Ok(()),
    };
    durable::replace(&unfinished, store).map_err(Failure::stage)?;

    let before = kept
        .as_ref()
        .map_or_else(String::new, |kept| format!("; the store that was there is now {}", kept.display()));
    let files_told = counted(files, "file", "files");
    let done = format!("restored from {}: the database and {files_told}{before}", from.display());
    voice.line(&voice.toned(Tone::Good, &done));
    let exit = without(voice, &copied.missing);
    tell_carried(voice, carried.as_ref());
    if let Err(error) = &removed {
        let told =
            format!("files of respondents who were forgotten since the backup are still there: {error}");
        voice.line(&voice.toned(Tone::Attention, &told));
    }
    voice.line("gtmi run brings the outputs in line with it");
    let missing = copied.missing;
    let carried = carried.and_then(Result::ok);
    voice.result(&Restored {
        from: from.to_owned(),
        files,
        missing,
        kept,
        sent_since: carried.map(|carried| carried.sent),
        forgotten_since: carried.map(|carried| carried.forgotten),
    })?;
    Ok(exit)
}

/// Says what the store that was there knew of the time since the backup, or that nobody knows.
fn tell_carried(voice: Voice, carried: Option<&Result<Carried, StoreError>>) {
    let carried = match carried {
        Some(Ok(carried)) => carried,
        Some(Err(error)) => {
            let told = format!(
                "messages that were sent since the backup may be sent again, and whoever was forgotten since is named \
                 again (gtmi forget removes them once more): {error}"
            );
            voice.line(&voice.toned(Tone::Attention, &told));
            return;
        }
        None => {
            voice.line(
                "no store was there to tell what happened since the backup: messages that were sent since may be sent again, \
                 and whoever was forgotten since is named again (gtmi forget removes them once more)",
            );
            return;
        }
    };
    match carried.sent {
        0 => {}
        1 => voice.line("1 message that was sent since the backup is not sent again"),
        sent => voice.line(&format!("{sent} messages that were sent since the backup are not sent again")),
    }
    match carried.forgotten {
        0 => {}
        1 => voice.line("the respondents of 1 file who were forgotten since the backup stay forgotten"),
        files => voice.line(&format!(
            "the respondents of {files} files who were forgotten since the backup stay forgotten"
        )),
    }
}

/// Gives the store that is there a second name, and takes its log away from it: the log would be applied to whatever
/// database lies there next. Between the two steps there is always a database.
fn keep(store: &Path) -> Result<Option<PathBuf>, Failure> {
    let kept = store.with_extension(Timestamp::now().strftime("before-%Y%m%dT%H%M%S.%6fZ.db").to_string());
    let was_there = absent_is_false(fs::hard_link(store, &kept)).map_err(|source| failed(&kept, source))?;
    for ending in ["-wal", "-shm"] {
        let target = beside(&kept, ending);
        absent_is_false(fs::rename(beside(store, ending), &target))
            .map_err(|source| failed(&target, source))?;
    }
    Ok(was_there.then_some(kept))
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!("{name}{ending}"))
}

fn absent_is_false(done: io::Result<()>) -> io::Result<bool> {
    match done {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
