//! Places that commands write to, looked at before anything is done: a folder is no file, and what somebody filled in
//! is not lost unasked.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use maturity::framework::FrameworkSources;
use pipeline::stage::Failure;
use pipeline::{Config, Exit};

fn usage(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

/// Whether a folder can be at `path`: none of what is there is a file.
pub(crate) fn folder(path: &Path) -> Result<(), Failure> {
    match path.ancestors().find(|path| path.exists()) {
        Some(found) if !found.is_dir() => {
            Err(usage(format!("{} is a file, not a folder (name another place with --out)", found.display())))
        }
        _ => Ok(()),
    }
}

/// Whether a file can be at `path`.
pub(crate) fn file(path: &Path) -> Result<(), Failure> {
    if path.is_dir() {
        return Err(usage(format!("{} is a folder (name a file in it with --out)", path.display())));
    }
    if path.exists() && !path.is_file() {
        // Such as the terminal or a pipe: it would be replaced by a file.
        return Err(usage(format!("{} is no file (name a file with --out)", path.display())));
    }
    path.parent().map_or(Ok(()), folder)
}

/// Whether a text can be at `path`: none that stands in the place of a workbook.
pub(crate) fn text(path: &Path) -> Result<(), Failure> {
    const ZIP: &[u8] = b"PK";
    const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";
    file(path)?;
    match fs::read(path) {
        Ok(found) if found.starts_with(ZIP) || found.starts_with(COMPOUND) => Err(usage(format!(
            "{} is a workbook, and a text would take its place (name another file with --out)",
            path.display()
        ))),
        _ => Ok(()),
    }
}

/// Whether `path` holds something else than `bytes`, which would be lost.
pub(crate) fn holds_other(path: &Path, bytes: &[u8]) -> bool {
    match fs::read(path) {
        Ok(found) => found != bytes,
        Err(error) => error.kind() != ErrorKind::NotFound,
    }
}

/// Refuses to write over files that hold something else.
pub(crate) fn kept(paths: &[&Path]) -> Result<(), Failure> {
    /// Files that are named; the rest is counted.
    const NAMED: usize = 5;
    if paths.is_empty() {
        return Ok(());
    }
    let named: Vec<String> = paths.iter().take(NAMED).map(|path| path.display().to_string()).collect();
    let more = match paths.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (there, hold) = if paths.len() == 1 { ("is", "holds") } else { ("are", "hold") };
    Err(usage(format!(
        "{}{more} {there} there already and {hold} something else than what would be written (name another place with \
         --out, or say --force to lose what is there)",
        named.join(", ")
    )))
}

/// Paths as they are told: a name that is no Unicode as far as it is one.
pub(crate) fn shown(paths: &[PathBuf]) -> Vec<String> {
    paths.iter().map(|path| path.display().to_string()).collect()
}

/// The files that the configuration names, and itself: nothing that is written may take the place of one.
pub(crate) fn inputs(config: &Config) -> impl Iterator<Item = PathBuf> {
    let framework = FrameworkSources::FILES.map(|name| config.framework.join(name));
    let tables = [
        Some(&config.path),
        Some(&config.economies),
        config.external_indices.as_ref(),
        config.external_editions.as_ref(),
        config.classification.as_ref(),
        config.published_scores.as_ref(),
        config.published_indicators.as_ref(),
        config.published_sources.as_ref(),
        config.coded_answers.as_ref(),
        config.previous_answers.as_ref().map(|table| &table.path),
        config.notify.mail.as_ref().and_then(|mail| mail.addresses.as_ref()),
    ];
    let named = tables.into_iter().flatten().chain(config.external_files.iter().map(|file| &file.path));
    named.cloned().chain(framework).collect::<Vec<_>>().into_iter()
}

/// Refuses to write over a file that the configuration names, over itself, and over the store.
pub(crate) fn no_input(config: &Config, path: &Path) -> Result<(), Failure> {
    if inputs(config).chain([config.store.clone()]).any(|input| is_same_file(&input, path)) {
        return Err(usage(format!(
            "{} would be lost, and the pipeline works with it (name another file with --out)",
            path.display()
        )));
    }
    Ok(())
}

/// Whether two paths lead to one file.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs::metadata(one), fs::metadata(other)) {
        (Ok(one), Ok(other)) => (one.dev(), one.ino()) == (other.dev(), other.ino()),
        _ => false,
    }
}
