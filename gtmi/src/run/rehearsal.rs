//! `gtmi run --dry-run`: the same run on a copy, so that what is said is what would be done. The copy of the database
//! and whatever is written lie in a temporary folder; files that exist are only pointed at.

use std::fs;
use std::io;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use pipeline::stage::Failure;
use pipeline::{Context, Exit, SourceKind};
use serde::Serialize;
use store::Store;

use super::record::StageRecord;
use crate::bar::Bars;
use crate::notify::{self, Shown};
use crate::pins;
use crate::same_index;
use crate::say::{Tone, Voice, counted};
use crate::stages::{self, Stage};
use crate::stop;

/// How many files that would be written are named.
const NAMED: usize = 20;

/// What a run would do.
#[derive(Debug, Serialize)]
struct Rehearsed {
    dry_run: bool,
    stages: Vec<StageRecord>,
    messages: Vec<Shown>,
    exit_code: u8,
}

/// Says what a run would do; writes nothing that stays.
pub(super) fn rehearse(context: &mut Context, voice: Voice, from: Stage) -> Result<Exit, Failure> {
    stop::listen().map_err(Failure::stage)?;
    let stage = tempfile::Builder::new().prefix("gtmi-dry-run-").tempdir().map_err(Failure::stage)?;
    let named = context.config.store.clone();
    let moved = move_to(context, stage.path())?;
    pins::look(context, voice)?;
    if from == Stage::Report {
        same_index::look(context, voice, &named)?;
    }
    let mut store = stages::open(context)?;
    let bars = Bars::new(voice.bars());
    let mut done = Vec::new();
    for stage in Stage::ALL.into_iter().skip_while(|stage| *stage != from) {
        let (mut summary, seconds) = stage.run(context, &mut store, &bars)?;
        for note in summary.notes.iter_mut().chain(summary.unreachable.values_mut()) {
            // What is said names the folders of a run.
            for (from, to) in &moved {
                *note = note.replace(&to.display().to_string(), &from.display().to_string());
            }
        }
        stages::tell(voice, &summary);
        done.push(StageRecord { summary, seconds });
    }
    let waits = stages::attention(context, &store, voice)?;
    let written: Vec<&String> = done.iter().flat_map(|stage| stage.summary.written.keys()).collect();
    voice.line("");
    for path in written.iter().take(NAMED) {
        voice.line(&format!("would write {path}"));
    }
    if written.len() > NAMED {
        voice.line(&format!("would write {} more", counted(written.len() - NAMED, "file", "files")));
    }
    let messages = notify::rehearse(context, &mut store, voice, super::unreachable(&done).as_ref())?;
    voice.line("");
    let said = match written.len() {
        0 => "a dry run: nothing was written, and a run would write no file",
        _ => "a dry run: nothing was written",
    };
    voice.line(&voice.toned(Tone::Good, said));
    let attention = waits || done.iter().any(|stage| stage.summary.attention);
    let exit = if attention { Exit::Attention } else { Exit::Done };
    voice.result(&Rehearsed { dry_run: true, stages: done, messages, exit_code: exit.code() })?;
    Ok(exit)
}

/// Leads the store, the outputs and the folders of reference figures to a folder that holds the same. Gives from where
/// to where the figures and the outputs were led.
fn move_to(context: &mut Context, folder: &Path) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| Failure::stage(RehearsalError { path, source })
    };
    let (store, output) = (folder.join("gtmi.db"), folder.join("out"));
    if context.config.store.exists() {
        Store::copy_database(&context.config.store, &store).map_err(Failure::stage)?;
    }
    for kept in ["files", "fetched"] {
        let from = context.config.store.with_extension(kept);
        point_at(&from, &store.with_extension(kept)).map_err(failed(&from))?;
    }
    for kept in ["", "reports", "feedback", "refused"] {
        let from = context.config.output.join(kept);
        files_at(&from, &output.join(kept)).map_err(failed(&from))?;
    }
    context.config.store = store;
    let outputs = (std::mem::replace(&mut context.config.output, output.clone()), output);
    let mut moved: Vec<(PathBuf, PathBuf)> = Vec::new();
    for source in &mut context.config.sources {
        let SourceKind::WorldBank(bank) = &mut source.kind else { continue };
        let known = moved.iter().find(|(from, _)| *from == bank.folder).map(|(_, to)| to.clone());
        let to = if let Some(to) = known {
            to
        } else {
            let to = folder.join(format!("figures-{}", moved.len()));
            files_at(&bank.folder, &to).map_err(failed(&bank.folder))?;
            moved.push((bank.folder.clone(), to.clone()));
            to
        };
        bank.folder = to;
    }
    moved.push(outputs);
    Ok(moved)
}

/// What lies in the folders of the pipeline cannot be looked at.
#[derive(Debug, thiserror::Error)]
#[error("failed to prepare a dry run from {path:?}")]
struct RehearsalError {
    path: PathBuf,
    source: io::Error,
}

/// Makes `to` with a link to every file below `from`. Outputs are replaced by renaming, so a link is replaced and
/// never written through.
fn point_at(from: &Path, to: &Path) -> io::Result<()> {
    files_at(from, to)?;
    for folder in entries(from)?.filter(|entry| entry.is_dir()) {
        if let Some(name) = folder.file_name() {
            point_at(&folder, &to.join(name))?;
        }
    }
    Ok(())
}

/// The same for the files directly in `from`.
fn files_at(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for file in entries(from)?.filter(|entry| entry.is_file()) {
        if let Some(name) = file.file_name() {
            symlink(fs::canonicalize(&file)?, to.join(name))?;
        }
    }
    Ok(())
}

/// The paths directly in a folder; none if there is no such folder.
fn entries(folder: &Path) -> io::Result<impl Iterator<Item = PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    Ok(entries.into_iter().map(|entry| entry.path()))
}
