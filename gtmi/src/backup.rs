//! `gtmi backup`: everything that a restore needs, in one new folder. It may run at any time, also during a run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde::Serialize;
use store::Store;

use crate::say::{Tone, Voice};

/// The folders beside the database.
pub(crate) const KEPT: [&str; 2] = ["files", "fetched"];

/// A file cannot be copied.
#[derive(Debug, thiserror::Error)]
#[error("failed to copy to {path:?}")]
pub(crate) struct CopyError {
    path: PathBuf,
    source: io::Error,
}

#[derive(Debug, Serialize)]
struct BackedUp {
    folder: PathBuf,
    database_bytes: u64,
    files: u64,
}

/// Copies the database as of one moment, then the received and fetched files: bytes are on the disk before the
/// database names them, so none that it names is missing. The copy of the database gets its name last: a folder that
/// has it is whole.
pub(crate) fn backup(context: &Context, voice: Voice, out: &Path) -> Result<Exit, Failure> {
    let store = &context.config.store;
    if !store.exists() {
        return Err(Failure::new(Exit::Usage, "there is nothing to back up yet (gtmi run makes the store)"));
    }
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
    let files = copy_store(store, &unfinished, &copy).inspect_err(|_| {
        // The failure is what people have to hear; an unfinished copy is swept by the next backup.
        let _ = fs::remove_file(&unfinished);
    })?;
    durable::replace(&unfinished, &copy).map_err(Failure::stage)?;
    let database_bytes = fs::metadata(&copy).map_err(|source| failed(&copy, source))?.len();
    let done = format!("backed up to {}: the database and {files} files", out.display());
    voice.line(&voice.toned(Tone::Good, &done));
    voice.result(&BackedUp { folder: out.to_owned(), database_bytes, files })?;
    Ok(Exit::Done)
}

fn copy_store(store: &Path, unfinished: &Path, copy: &Path) -> Result<u64, Failure> {
    Store::copy_database(store, unfinished).map_err(Failure::stage)?;
    let mut files = 0;
    for kept in KEPT {
        files += copy_folder(&store.with_extension(kept), &copy.with_extension(kept))?;
    }
    Ok(files)
}

pub(crate) fn failed(path: &Path, source: io::Error) -> Failure {
    Failure::stage(CopyError { path: path.to_owned(), source })
}

/// Copies all files below a folder, each of them whole or not at all; gives their number. Half-written files of a run
/// are left out.
pub(crate) fn copy_folder(from: &Path, to: &Path) -> Result<u64, Failure> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(failed(from, error)),
    };
    durable::sweep_leftovers(to).map_err(Failure::stage)?;
    let mut copied = 0;
    for entry in entries {
        let entry = entry.map_err(|error| failed(from, error))?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_type().map_err(|error| failed(&path, error))?.is_dir() {
            copied += copy_folder(&path, &target)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            let (bytes, modified) =
                match fs::read(&path).and_then(|bytes| Ok((bytes, path.metadata()?.modified()?))) {
                    Ok(read) => read,
                    // A run may withdraw a fetched file at this moment.
                    Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                    Err(error) => return Err(failed(&path, error)),
                };
            durable::write(&target, &bytes).map_err(Failure::stage)?;
            // The time of a fetched file is part of what is known of it.
            fs::File::options()
                .write(true)
                .open(&target)
                .and_then(|copy| copy.set_modified(modified).and_then(|()| copy.sync_all()))
                .map_err(|error| failed(&target, error))?;
            copied += 1;
        }
    }
    Ok(copied)
}
