//! `gtmi backup`: everything that a restore needs, in one new folder. It may run at any time, also during a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pipeline::hash::{Digest, of_file};
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use reader::Limits;
use serde::Serialize;
use store::Store;

use crate::places;
use crate::say::{Tone, Voice, counted, on_one_line};

/// A file cannot be copied.
#[derive(Debug, thiserror::Error)]
#[error("failed to copy to {path:?}")]
struct CopyError {
    path: PathBuf,
    source: io::Error,
}

#[derive(Debug, Serialize)]
struct BackedUp {
    folder: PathBuf,
    database_bytes: u64,
    files: u64,
    /// Received files that it is without, as was asked for: names by SHA-256.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    missing: BTreeMap<String, String>,
}

/// Received files whose bytes a copy lacks.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} missing or damaged in {}: {} (put {them} back from an earlier backup, or say --incomplete to go on without {them})",
    counted(.files.len(), "received file is", "received files are"), .folder.display(), named(.files),
    them = if .files.len() == 1 { "it" } else { "them" }
)]
struct Incomplete {
    folder: PathBuf,
    files: BTreeMap<String, String>,
}

/// Some files by the beginning of their hashes and their names; the rest is counted.
fn named(files: &BTreeMap<String, String>) -> String {
    const NAMED: usize = 5;
    let one = |(sha256, name): (&String, &String)| {
        format!("{} ({})", sha256.get(..12).unwrap_or(sha256), on_one_line(name))
    };
    let all = files.iter().take(NAMED).map(one).collect::<Vec<_>>().join(", ");
    match files.len().saturating_sub(NAMED) {
        0 => all,
        more => format!("{all} and {more} more"),
    }
}

/// Copies the database as of one moment, then the received and fetched files: bytes are on the disk before the
/// database names them, so none that it names is missing, unless it is lost or damaged already, which is told. The copy
/// of the database gets its name last: a folder that has it is whole.
pub(crate) fn backup(context: &Context, voice: Voice, out: &Path, incomplete: bool) -> Result<Exit, Failure> {
    let store = &context.config.store;
    if !store.exists() {
        return Err(Failure::new(Exit::Usage, "there is nothing to back up yet (gtmi run makes the store)"));
    }
    places::folder(out)?;
    let copy = out.join(store.file_name().unwrap_or_default());
    if copy.exists() {
        let message = format!("{} is there already (name a new folder)", copy.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    // A damaged store must not push sound backups out of the way.
    Store::check_database(store).map_err(Failure::stage)?;
    durable::create_folder(out).map_err(|source| failed(out, source))?;
    durable::sweep(out).map_err(|source| failed(out, source))?;
    let unfinished = durable::unfinished(&copy);
    let copied = copy_store(store, &unfinished, &copy, incomplete).inspect_err(|_| {
        // The failure is what people have to hear; an unfinished copy is swept by the next backup.
        let _ = fs::remove_file(&unfinished);
    })?;
    durable::replace(&unfinished, &copy).map_err(Failure::stage)?;
    let database_bytes = fs::metadata(&copy).map_err(|source| failed(&copy, source))?.len();
    let files = copied.files;
    let done =
        format!("backed up to {}: the database and {}", out.display(), counted(files, "file", "files"));
    voice.line(&voice.toned(Tone::Good, &done));
    let exit = without(voice, &copied.missing);
    voice.result(&BackedUp { folder: out.to_owned(), database_bytes, files, missing: copied.missing })?;
    Ok(exit)
}

/// Says which received files a copy is without, as was asked for.
pub(crate) fn without(voice: Voice, missing: &BTreeMap<String, String>) -> Exit {
    if missing.is_empty() {
        return Exit::Done;
    }
    let count = counted(missing.len(), "received file that is", "received files that are");
    let said = format!("without {count} missing or damaged: {}", named(missing));
    voice.line(&voice.toned(Tone::Attention, &said));
    Exit::Attention
}

/// What was copied.
#[derive(Debug, Default)]
pub(crate) struct Copied {
    pub(crate) files: u64,
    /// The received files whose bytes are those that their names promise.
    sound: BTreeSet<String>,
    /// The received files that the database names and whose bytes are not there, with their names.
    pub(crate) missing: BTreeMap<String, String>,
}

fn copy_store(store: &Path, unfinished: &Path, copy: &Path, incomplete: bool) -> Result<Copied, Failure> {
    Store::copy_database(store, unfinished).map_err(Failure::stage)?;
    let mut copied = Copied::default();
    copied.received(store, copy)?;
    copied.fetched(store, copy)?;
    copied.look_for(unfinished, copy)?;
    if !copied.missing.is_empty() {
        // Respondents may be forgotten at this moment.
        let named = Store::kept_files(store, Limits::default().file_bytes).map_err(Failure::stage)?;
        copied.missing.retain(|sha256, _| named.contains_key(sha256));
    }
    copied.unless_missing(incomplete, &store.with_extension("files"))
}

impl Copied {
    /// Copies the files that were received with a database, for another place of it.
    pub(crate) fn received(&mut self, from: &Path, to: &Path) -> Result<(), Failure> {
        copy_folder(&from.with_extension("files"), &to.with_extension("files"), true, self)
    }

    /// Copies the files that were fetched, for another place of the database: the same name may stand for another version there.
    pub(crate) fn fetched(&mut self, from: &Path, to: &Path) -> Result<(), Failure> {
        copy_folder(&from.with_extension("fetched"), &to.with_extension("fetched"), false, self)
    }

    /// Looks which received files a database names that were neither copied nor lie in their place already.
    pub(crate) fn look_for(&mut self, database: &Path, place: &Path) -> Result<(), Failure> {
        let named = Store::kept_files(database, Limits::default().file_bytes).map_err(Failure::stage)?;
        let folder = place.with_extension("files");
        let is_there = |sha256: &str| {
            let path = folder.join(sha256.get(..2).unwrap_or_default()).join(sha256);
            of_file(&path).is_ok_and(|found| found.to_string() == sha256)
        };
        let missing =
            named.into_iter().filter(|(sha256, _)| !self.sound.contains(sha256) && !is_there(sha256));
        self.missing = missing.collect();
        Ok(())
    }

    /// What was copied, unless received files are missing that nobody said may be.
    pub(crate) fn unless_missing(self, incomplete: bool, folder: &Path) -> Result<Self, Failure> {
        if incomplete || self.missing.is_empty() {
            return Ok(self);
        }
        Err(Failure::stage(Incomplete { folder: folder.to_owned(), files: self.missing }))
    }
}

pub(crate) fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::stage(CopyError { path: path.to_owned(), source })
}

/// Copies all files below a folder, each of them whole or not at all. Half-written files of a run are left out, and of
/// files whose names are their hashes those that hold something else.
fn copy_folder(from: &Path, to: &Path, is_by_content: bool, copied: &mut Copied) -> Result<(), Failure> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(from, error)),
    };
    durable::sweep_leftovers(to).map_err(Failure::stage)?;
    for entry in entries {
        let entry = entry.map_err(|error| failed(from, error))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(|error| failed(&path, error))?.is_dir() {
            copy_folder(&path, &target, is_by_content, copied)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            let (bytes, modified) =
                match fs::read(&path).and_then(|bytes| Ok((bytes, path.metadata()?.modified()?))) {
                    Ok(read) => read,
                    // A run may withdraw a fetched file at this moment.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(failed(&path, error)),
                };
            if is_by_content {
                let sha256 = entry.file_name().to_string_lossy().into_owned();
                if sha256 != Digest::of(&bytes).to_string() {
                    continue;
                }
                copied.sound.insert(sha256);
            }
            durable::write(&target, &bytes).map_err(Failure::stage)?;
            // The time of a fetched file is part of what is known of it.
            fs::File::options()
                .write(true)
                .open(&target)
                .and_then(|copy| copy.set_modified(modified).and_then(|()| copy.sync_all()))
                .map_err(|error| failed(&target, error))?;
            copied.files += 1;
        }
    }
    Ok(())
}
