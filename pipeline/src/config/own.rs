//! The places that the pipeline itself writes to: nothing in them is anybody's submission.

use std::path::{Path, PathBuf};

use super::sources::SourceTable;
use super::{ConfigError, Located, Source, SourceKind};

/// What the pipeline writes: its outputs, and what it keeps beside the store. Where the folder of outputs holds the whole
/// project, only what is written into it is meant.
pub(super) fn places(project: &Path, store: &Path, output: &Path) -> Vec<PathBuf> {
    let mut all = vec![store.with_extension("files"), store.with_extension("fetched")];
    if is_within(project, output) {
        all.extend(
            ["reports", "feedback", "refused", "altered", "global.xlsx"].map(|name| output.join(name)),
        );
    } else {
        all.push(output.to_owned());
    }
    all
}

/// Refuses sources that lie where the pipeline writes: its own workbooks would come back as submissions.
pub(super) fn refuse(
    tables: &[SourceTable],
    sources: &[Source],
    own: &[PathBuf],
    located: &Located<'_>,
) -> Result<(), ConfigError> {
    for (table, source) in tables.iter().zip(sources) {
        let SourceKind::Directory { path, .. } = &source.kind else { continue };
        if let Some(place) = own.iter().find(|place| is_within(path, place)) {
            let what = format!(
                "the source \"{}\" lies in {}, where the pipeline itself writes, and its own workbooks would come back as \
                 submissions (name the folder that questionnaires are put into)",
                source.name,
                place.display()
            );
            return Err(located.invalid(table.place_of_path(), what));
        }
    }
    Ok(())
}

/// Whether a path is another one, or lies below it.
fn is_within(path: &Path, above: &Path) -> bool {
    real(path).starts_with(real(above))
}

/// The path without links, as far as there is something at it.
pub(super) fn real(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let full = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    for above in full.ancestors() {
        if let Ok(found) = above.canonicalize() {
            return full.strip_prefix(above).map_or_else(
                |_| found.clone(),
                |rest| {
                    // Joining nothing would add a slash.
                    if rest.as_os_str().is_empty() { found.clone() } else { found.join(rest) }
                },
            );
        }
    }
    full
}

/// Those of the places that lie below a folder, by their paths from there.
pub(super) fn below(folder: &Path, own: &[PathBuf]) -> Vec<PathBuf> {
    let folder = real(folder);
    own.iter().filter_map(|place| Some(real(place).strip_prefix(&folder).ok()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_in_a_folder_whatever_way_leads_there() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("out/reports")).unwrap();
        std::os::unix::fs::symlink(at("out"), at("link")).unwrap();
        assert!(is_within(&at("out"), &at("out")) && is_within(&at("link/reports"), &at("out")));
        assert!(is_within(&at("out/none/yet"), &at("out")) && is_within(&at("out/reports/.."), &at("out")));
        assert!(!is_within(&at("outside"), &at("out")) && !is_within(folder.path(), &at("out")));
        assert_eq!(
            below(folder.path(), &[at("link"), at("later"), "/elsewhere".into()]),
            [PathBuf::from("out"), PathBuf::from("later")]
        );
    }

    #[test]
    fn a_project_that_lies_in_its_outputs_keeps_its_other_folders() {
        let project = tempfile::tempdir().unwrap();
        let own = places(project.path(), &project.path().join("gtmi.db"), project.path());
        let is_own = |name: &str| own.iter().any(|place| is_within(&project.path().join(name), place));
        assert!(is_own("reports") && is_own("gtmi.files/ab") && is_own("global.xlsx"));
        assert!(!is_own("inbox") && !is_own("."));
    }
}
