//! `gtmi restore`: a backup takes the place of the store. Nothing is lost by it: the store that was there stays beside
//! it under another name, and a restore that breaks off leaves the one or the other.

mod fetched;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde::Serialize;
use store::{Carried, Since, Store, StoreError};

use crate::backup::{Copied, failed, without};
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
    clear(store)?;
    let unfinished = durable::unfinished(store);
    let prepared = prepare(&backup, store, &unfinished, incomplete).inspect_err(|_| {
        // The failure is what people have to hear; what is left is swept by the next restore or run.
        let _ = clear(store);
    })?;
    let kept = take_place(store, &unfinished)?;
    fetched::put(&unfinished, store)?;

    let Prepared { copied, carried } = prepared;
    let before = kept
        .as_ref()
        .map_or_else(String::new, |kept| format!("; the store that was there is now {}", kept.display()));
    let files = copied.files;
    let files_told = counted(files, "file", "files");
    let done = format!("restored from {}: the database and {files_told}{before}", from.display());
    voice.line(&voice.toned(Tone::Good, &done));
    let exit = without(voice, &copied.missing);
    tell_carried(voice, carried.as_ref());
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

/// What waits beside the store to take its place.
struct Prepared {
    copied: Copied,
    /// What the store that is there told of the time since the backup; absent where there is none.
    carried: Option<Result<Carried, StoreError>>,
}

/// Makes everything ready that the restored store consists of. The one that is there stays as it is, and so does what it fetched:
/// only received files, which have their content for a name, are added.
fn prepare(backup: &Path, store: &Path, unfinished: &Path, incomplete: bool) -> Result<Prepared, Failure> {
    let mut copied = Copied::default();
    copied.received(backup, store)?;
    copied.fetched(backup, unfinished)?;
    copied.look_for(backup, store)?;
    let copied = copied.unless_missing(incomplete, &backup.with_extension("files"))?;
    fs::copy(backup, unfinished).map_err(|source| failed(unfinished, source))?;
    // A backup may be kept where nothing can be changed by accident; the store has to change.
    durable::make_writable(unfinished).map_err(|source| failed(unfinished, source))?;
    let since = match Store::settle(store) {
        Ok(()) => store.exists().then(|| Since::of(store)),
        Err(error @ StoreError::InUse { .. }) => return Err(Failure::stage(error)),
        // It may be damaged: that is what a restore is for. Nothing is done to it, and its log goes with it.
        Err(error) => Some(Err(error)),
    };
    // What cannot be read is not known. What is known and fails to be noted would be undone by the restore.
    let carried = match since {
        Some(Ok(since)) => match since.carry_into(unfinished) {
            Err(error) if error.is_of_the_disk() => return Err(Failure::stage(error)),
            carried => Some(carried),
        },
        Some(Err(unread)) => Some(Err(unread)),
        None => None,
    };
    if matches!(carried, Some(Ok(carried)) if carried.forgotten > 0) {
        // What was copied holds what was to be forgotten by the store that is there.
        Store::remove_forgotten(unfinished, store, unfinished).map_err(Failure::stage)?;
    }
    Ok(Prepared { copied, carried })
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

/// Puts the finished store at `unfinished` into the place of `store`, which stays under a second name with what was logged beside it:
/// a log would be applied to whatever database lies there next. There is a whole database at any moment.
fn take_place(store: &Path, unfinished: &Path) -> Result<Option<PathBuf>, Failure> {
    let place = || {
        let kept = keep(store)?;
        fetched::clear_way(unfinished, store)?;
        durable::replace(unfinished, store).map_err(Failure::stage)?;
        Ok(kept)
    };
    let kept = place().inspect_err(|_: &Failure| {
        // A second name for the store that goes on being written to is no copy of it.
        let _ = clear(store);
    })?;
    for ending in LOGS {
        durable::remove(&beside(store, ending)).map_err(Failure::stage)?;
    }
    Ok(kept)
}

/// Gives the store that is there, and its log, a second name.
fn keep(store: &Path) -> Result<Option<PathBuf>, Failure> {
    let kept = store.with_extension(Timestamp::now().strftime("before-%Y%m%dT%H%M%S.%6fZ.db").to_string());
    let link = |ending: &str| {
        let target = beside(&kept, ending);
        absent_is_false(fs::hard_link(beside(store, ending), &target))
            .map_err(|source| failed(&target, source))
    };
    let was_there = link("")?;
    for ending in LOGS {
        link(ending)?;
    }
    Ok(was_there.then_some(kept))
}

/// What the database library keeps beside a database.
const LOGS: [&str; 3] = ["-wal", "-shm", "-journal"];

/// Removes what a restore left that broke off: the copy with its log, the fetched files that were to come with it, and second names
/// of a store whose place was not taken.
fn clear(store: &Path) -> Result<(), Failure> {
    let unfinished = durable::unfinished(store);
    for ending in LOGS.into_iter().chain([""]) {
        durable::remove(&beside(&unfinished, ending)).map_err(Failure::stage)?;
    }
    let fetched = unfinished.with_extension("fetched");
    absent_is_false(fs::remove_dir_all(&fetched)).map_err(|source| failed(&fetched, source))?;
    let folder = store.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let stem = store.with_extension("before-");
    let stem = stem.file_name().unwrap_or_default().to_string_lossy();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(folder, error)),
    };
    for entry in entries {
        let path = entry.map_err(|source| failed(folder, source))?.path();
        let is_kept = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&*stem));
        if is_kept && is_same_file(&path, store) {
            for ending in LOGS.into_iter().chain([""]) {
                durable::remove(&beside(&path, ending)).map_err(Failure::stage)?;
            }
        }
    }
    Ok(())
}

/// Whether two names are those of one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let number = |path: &Path| fs::symlink_metadata(path).map(|file| (file.dev(), file.ino())).ok();
    number(one).is_some_and(|one| number(other) == Some(one))
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
