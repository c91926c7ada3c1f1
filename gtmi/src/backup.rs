//! `gtmi backup`: everything that a restore needs, in one new folder. It may run at any time, also during a run.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::Serialize;
use store::Store;

use crate::say::{Tone, Voice};

/// A file cannot be copied.
#[derive(Debug, thiserror::Error)]
#[error("failed to back up to {path:?}")]
struct BackupError {
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
/// database names them, so none that it names is missing.
pub(crate) fn backup(context: &Context, voice: Voice, out: &Path) -> Result<Exit, Failure> {
    let store = &context.config.store;
    if !store.exists() {
        return Err(Failure::new(Exit::Usage, "there is nothing to back up yet (gtmi run makes the store)"));
    }
    let name = store.file_name().unwrap_or_default();
    let copy = out.join(name);
    if copy.exists() {
        let message = format!("{} is there already (name a new folder)", copy.display());
        return Err(Failure::new(Exit::Usage, message));
    }
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::stage(BackupError { path, source })
    };
    fs::create_dir_all(out).map_err(failed(out))?;
    Store::copy_database(store, &copy).map_err(Failure::stage)?;
    let mut files = 0;
    for kept in ["files", "fetched"] {
        let target = copy.with_extension(kept);
        files += copy_folder(&store.with_extension(kept), &target).map_err(failed(&target))?;
    }
    fs::File::open(out).and_then(|folder| folder.sync_all()).map_err(failed(out))?;
    let database_bytes = fs::metadata(&copy).map_err(failed(&copy))?.len();
    let done = format!("backed up to {}: the database and {files} files", out.display());
    voice.line(&voice.toned(Tone::Good, &done));
    voice.result(&BackedUp { folder: out.to_owned(), database_bytes, files })?;
    Ok(Exit::Done)
}

/// Copies all files below a folder and syncs each; gives their number. Half-written files of a run are left out.
fn copy_folder(from: &Path, to: &Path) -> io::Result<u64> {
    let entries = match fs::read_dir(from) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(0),
        Err(error) => return Err(error),
    };
    fs::create_dir_all(to)?;
    let mut copied = 0;
    for entry in entries {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copied += copy_folder(&entry.path(), &target)?;
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            match fs::copy(entry.path(), &target) {
                // The time of a fetched file is part of what is known of it.
                Ok(_) => {
                    let copy = fs::File::options().write(true).open(&target)?;
                    copy.set_modified(entry.metadata()?.modified()?)?;
                    copy.sync_all()?;
                    copied += 1;
                }
                // A run may withdraw a fetched file at this moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(copied)
}
