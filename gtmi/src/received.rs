//! Where a received file can be opened: in the folder that it came from, else as the store keeps it.

use std::path::{Path, PathBuf};
use std::{env, fs};

use pipeline::Context;
use pipeline::config::SourceKind;
use pipeline::hash::of_file;
use reader::Limits;
use store::SubmissionRow;

use crate::say::on_one_line;

/// The command that shows every finding about a submission; absent where its file is nowhere any more.
pub(crate) fn check_command(context: &Context, row: &SubmissionRow) -> Option<String> {
    let path = path(context, row)?;
    Some(format!("gtmi check {} -v", quoted(&on_one_line(&path.display().to_string()))))
}

/// A path as a shell takes it for one word and nothing else: names are those of strangers, and commands are pasted.
fn quoted(path: &str) -> String {
    if path.contains(['"', '$', '`', '\\', '!']) {
        format!("'{}'", path.replace('\'', r"'\''"))
    } else {
        format!("\"{path}\"")
    }
}

/// The path of a submission's file, from the current folder where that is possible.
fn path(context: &Context, row: &SubmissionRow) -> Option<PathBuf> {
    let source = context.config.sources.iter().find(|source| source.name == row.source);
    let sent = source.and_then(|source| match &source.kind {
        SourceKind::Directory { path, .. } => Some(path.join(&row.name)),
        // Of what came from a server, the store has the only copy.
        _ => None,
    });
    let folder = row.sha256.get(..2)?;
    let kept = context.config.store.with_extension("files").join(folder).join(&row.sha256);
    // Another file may have come under its name since.
    let most = Limits::default().file_bytes;
    let is_it = |path: &PathBuf| {
        fs::metadata(path).is_ok_and(|found| found.is_file() && found.len() <= most)
            && of_file(path).is_ok_and(|found| found.to_string() == row.sha256)
    };
    let found = sent.into_iter().chain([kept]).find(is_it)?;
    Some(env::current_dir().map_or_else(|_| found.clone(), |here| from(&here, &found)))
}

/// The path as it is written in the folder `here`.
fn from(here: &Path, path: &Path) -> PathBuf {
    if path.is_relative() {
        return path.to_owned();
    }
    for (up, above) in here.ancestors().enumerate() {
        // From the root on, it is plainer as it is.
        if above.parent().is_some()
            && let Ok(below) = path.strip_prefix(above)
        {
            let way: PathBuf = std::iter::repeat_n("..", up).collect();
            return way.join(below);
        }
    }
    path.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_stranger_is_one_word_to_a_shell() {
        assert_eq!(quoted("inbox/KEN 1.xlsx"), "\"inbox/KEN 1.xlsx\"");
        assert_eq!(quoted("inbox/Côte d'Ivoire.xlsx"), "\"inbox/Côte d'Ivoire.xlsx\"");
        assert_eq!(quoted("inbox/$(touch x).xlsx"), "'inbox/$(touch x).xlsx'");
        assert_eq!(quoted("a'; `b` \".xlsx"), r#"'a'\''; `b` ".xlsx'"#);
    }

    #[test]
    fn a_path_is_written_from_the_current_folder() {
        let from = |here: &str, path: &str| from(Path::new(here), Path::new(path)).display().to_string();
        assert_eq!(from("/srv/gtmi", "/srv/gtmi/inbox/KEN.xlsx"), "inbox/KEN.xlsx");
        assert_eq!(from("/srv/gtmi/out/reports", "/srv/gtmi/inbox/KEN.xlsx"), "../../inbox/KEN.xlsx");
        assert_eq!(from("/srv/gtmi", "/mnt/inbox/KEN.xlsx"), "/mnt/inbox/KEN.xlsx");
        assert_eq!(from("/srv/gtmi", "../inbox/KEN.xlsx"), "../inbox/KEN.xlsx");
    }
}
