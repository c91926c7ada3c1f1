//! The folder `refused/`: one JSON a file that is refused now, for the people who have to ask for a better one.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use maturity::language::Language;
use pipeline::durable;
use pipeline::hash::Digest;
use serde_json::json;
use store::RefusedFile;

use crate::stage::IngestError;

/// What is kept of a file's name, in bytes: with what follows it a file system takes it, and the name of the file that it is
/// first written under.
const MOST_BYTES: usize = 180;

/// Brings the folder in line with the files that are refused now; gives what was written, with its hash.
pub(crate) fn write(
    folder: &Path,
    refused: &[RefusedFile],
    language: &Language,
) -> Result<Vec<(String, Digest)>, IngestError> {
    let mut wanted = BTreeSet::new();
    let mut written = Vec::new();
    for file in refused {
        let name = file_name(file);
        let (reason, what_to_do) = file.refusal.problem.reason_and_advice(language);
        let record = json!({
            "name": file.name,
            "sha256": file.sha256,
            "rule": file.refusal.problem.rule(),
            "reason": reason,
            "place": file.refusal.place.as_ref().map(ToString::to_string),
            "what_to_do": what_to_do,
        });
        let bytes = format!("{record:#}\n").into_bytes();
        let path = folder.join(&name);
        if !fs::read(&path).is_ok_and(|old| old == bytes) {
            durable::write(&path, &bytes)?;
            written.push((format!("refused/{name}"), Digest::of(&bytes)));
        }
        wanted.insert(name);
    }
    remove_others(folder, &wanted)?;
    Ok(written)
}

/// The file's name for people, made harmless, and enough of its hash to be unique.
fn file_name(file: &RefusedFile) -> String {
    let harmless = |c: char| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let mut size = 0;
    let fits = |c: &char| {
        size += c.len_utf8();
        size <= MOST_BYTES
    };
    let name: String = file.name.chars().map(harmless).take(60).take_while(fits).collect();
    format!("{}.{}.json", name.trim_start_matches('.'), file.sha256.get(..12).unwrap_or("unread"))
}

fn remove_others(folder: &Path, wanted: &BTreeSet<String>) -> Result<(), IngestError> {
    let failed = |source| IngestError::Folder { path: folder.to_owned(), source };
    if !folder.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_ours = Path::new(&name).extension().is_some_and(|extension| extension == "json");
        if is_ours && !wanted.contains(&name) {
            fs::remove_file(entry.path()).map_err(failed)?;
        }
    }
    Ok(())
}
