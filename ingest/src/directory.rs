//! The source kind `directory`: which files are there, in the order in which they count as received.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use globset::GlobSet;
use pipeline::hash::Fingerprint;
use walkdir::{DirEntry, WalkDir};

/// A file in a source.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct FoundFile {
    /// When it was last changed: within one run, the older file counts as received first.
    pub(crate) modified: SystemTime,
    /// The path below the source's folder, with forward slashes.
    pub(crate) name: String,
    /// The full path.
    pub(crate) path: PathBuf,
    /// The size in bytes.
    pub(crate) size: u64,
    /// What tells the file from others with the same name: they are no text, and what cannot be read of them is shown
    /// alike, or they differ in their slashes.
    pub(crate) unlike: Option<String>,
}

impl FoundFile {
    /// A name that no other file of the folder has.
    pub(crate) fn apart(&self) -> String {
        self.unlike.as_ref().map_or_else(|| self.name.clone(), |unlike| format!("{} ({unlike})", self.name))
    }
}

/// The files below `folder` that `include` names, oldest first. Hidden files and the lock files of office
/// programs are left out. Also gives what could not be looked at.
pub(crate) fn list(folder: &Path, include: &GlobSet) -> (Vec<FoundFile>, Vec<walkdir::Error>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    for entry in
        WalkDir::new(folder).into_iter().filter_entry(|entry| entry.depth() == 0 || !is_hidden(entry))
    {
        match entry.and_then(|entry| found(folder, include, &entry)) {
            Ok(Some(file)) => files.push(file),
            Ok(None) => {}
            Err(problem) => problems.push(problem),
        }
    }
    files.sort();
    (files, problems)
}

fn is_hidden(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || name.starts_with("~$")
}

fn found(folder: &Path, include: &GlobSet, entry: &DirEntry) -> Result<Option<FoundFile>, walkdir::Error> {
    let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    if !entry.file_type().is_file() || !include.is_match(below) {
        return Ok(None);
    }
    let metadata = entry.metadata()?;
    let is_plain = below.to_str().is_some_and(|text| !text.contains('\\'));
    let unlike = || {
        let all = Fingerprint::new().with(below.as_os_str().as_encoded_bytes()).finish();
        all.chars().take(16).collect()
    };
    Ok(Some(FoundFile {
        modified: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
        name: below.to_string_lossy().replace('\\', "/"),
        path: entry.path().to_owned(),
        size: metadata.len(),
        unlike: (!is_plain).then(unlike),
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs::{self, File};
    use std::time::Duration;

    use globset::{Glob, GlobSetBuilder};

    use super::*;

    #[test]
    #[cfg(unix)]
    fn names_that_look_alike_are_told_apart() {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt;

        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("a")).unwrap();
        for name in [&b"KEN\xfe.xlsx"[..], b"KEN\xff.xlsx", b"a\\b.xlsx", b"a/b.xlsx", b"PER.xlsx"] {
            fs::write(folder.path().join(OsStr::from_bytes(name)), "").unwrap();
        }
        let include = GlobSetBuilder::new().add(Glob::new("**/*.xlsx").unwrap()).build().unwrap();
        let (files, _) = list(folder.path(), &include);
        let names: BTreeSet<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["KEN\u{fffd}.xlsx", "PER.xlsx", "a/b.xlsx"]));
        let apart: BTreeSet<_> = files.iter().map(FoundFile::apart).collect();
        assert_eq!(apart.len(), 5, "{apart:?}");
        assert!(apart.contains("PER.xlsx") && apart.contains("a/b.xlsx"), "{apart:?}");
    }

    #[test]
    fn lists_wanted_files_oldest_first() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("africa")).unwrap();
        for (name, age) in
            [("b.xlsx", 10), ("africa/a.xlsx", 20), ("c.txt", 30), ("~$b.xlsx", 5), (".x.xlsx", 5)]
        {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age)).unwrap();
        }
        let include = GlobSetBuilder::new().add(Glob::new("**/*.xlsx").unwrap()).build().unwrap();
        let (files, problems) = list(folder.path(), &include);
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["africa/a.xlsx", "b.xlsx"]);
        assert!(problems.is_empty());
    }
}
