//! Reports that somebody wrote into where they lie. Decisions may stand in them, so they are set aside and not written over.

use std::io;
use std::path::Path;

use pipeline::hash::{Digest, of_file};
use pipeline::{Context, durable};

use super::StageError;
use crate::recorded::Recorded;

/// The folder for them.
const FOLDER: &str = "altered";

/// The hash of a report's file, where it is neither gone nor as it was written. Of one that is not on record nobody knows
/// how it was written.
pub(super) fn found(recorded: Option<&Recorded<'_>>, file: &Path) -> Option<Digest> {
    let written = recorded?.sha256()?;
    of_file(file).ok().filter(|found| *found != written)
}

/// Gives the file of a report another name that is its own for good: the same content is never there twice.
pub(super) fn set_aside(
    context: &Context,
    unit: &str,
    (file, found): (&Path, Digest),
) -> Result<String, StageError> {
    let hash = found.to_string();
    let name = format!("{FOLDER}/{unit}-{}.xlsx", hash.get(..8).unwrap_or(&hash));
    let place = context.config.output.join(&name);
    let folder = context.config.output.join(FOLDER);
    let failed = |source: io::Error| StageError::SetAside { path: file.to_owned(), source };
    durable::create_folder(&folder).map_err(failed)?;
    match durable::replace(file, &place) {
        Err(refused) if refused.kind() == io::ErrorKind::CrossesDevices => {
            // The folder of reports may be a link to another disk. The report itself is written over later.
            let bytes = std::fs::read(file).map_err(failed)?;
            durable::write(&place, &bytes)?;
        }
        moved => moved?,
    }
    Ok(name)
}

/// What people should know of those that were set aside, each with its new name.
pub(super) fn note(context: &Context, all: &[(String, String)]) -> Option<String> {
    /// Reports that are named; the rest is counted.
    const NAMED: usize = 5;
    if all.is_empty() {
        return None;
    }
    let named: Vec<String> =
        all.iter().take(NAMED).map(|(report, name)| format!("{report} is now {name}")).collect();
    let more = match all.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(", and {more} more"),
    };
    let folder = match &context.config.reviews {
        Some(folder) => folder.display().to_string(),
        None => "the folder of [review] dir".to_owned(),
    };
    let what = if all.len() == 1 { "a report was" } else { "reports were" };
    Some(format!(
        "{what} written into since the last run: {}{more} (decisions in it count only when it lies in {folder}: put it there)",
        named.join(", ")
    ))
}
