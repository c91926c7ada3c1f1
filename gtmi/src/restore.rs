//! `gtmi restore`: a backup takes the place of the store. Nothing is lost by it: the store that was there stays beside
//! it under another name, and a restore that breaks off leaves the one or the other.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde::Serialize;
use store::Store;

use crate::backup::{KEPT, copy_folder, failed};
use crate::say::{Tone, Voice};

#[derive(Debug, Serialize)]
struct Restored {
    from: PathBuf,
    files: u64,
    /// Where the store lies that was there before.
    kept: Option<PathBuf>,
    /// Messages that were sent since the backup, as far as that store can tell; absent if it cannot.
    sent_since: Option<usize>,
}

/// Checks the backup, then puts it in the place of the store.
pub(crate) fn restore(context: &Context, voice: Voice, from: &Path) -> Result<Exit, Failure> {
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
    let mut files = 0;
    for kept in KEPT {
        files += copy_folder(&backup.with_extension(kept), &store.with_extension(kept))?;
    }
    let unfinished = durable::unfinished(store);
    // A restore that broke off may have left the log of its copy.
    for ending in ["-wal", "-shm", "-journal"] {
        let log = beside(&unfinished, ending);
        absent_is_false(fs::remove_file(&log)).map_err(|source| failed(&log, source))?;
    }
    fs::copy(&backup, &unfinished).map_err(|source| failed(&unfinished, source))?;
    let kept = keep(store)?;
    let sent = kept.as_deref().map_or(Ok(0), |kept| Store::carry_sent(kept, &unfinished));
    durable::replace(&unfinished, store).map_err(Failure::stage)?;

    let before = kept
        .as_ref()
        .map_or_else(String::new, |kept| format!("; the store that was there is now {}", kept.display()));
    let done = format!("restored from {}: the database and {files} files{before}", from.display());
    voice.line(&voice.toned(Tone::Good, &done));
    match &sent {
        Ok(0) => {}
        Ok(1) => voice.line("1 message that was sent since the backup is not sent again"),
        Ok(sent) => {
            voice.line(&format!("{sent} messages that were sent since the backup are not sent again"));
        }
        Err(error) => voice.line(&voice.toned(
            Tone::Attention,
            &format!("messages that were sent since the backup may be sent again: {error}"),
        )),
    }
    voice.line("gtmi run brings the outputs in line with it");
    voice.result(&Restored { from: from.to_owned(), files, kept, sent_since: sent.ok() })?;
    Ok(Exit::Done)
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
