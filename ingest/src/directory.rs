//! The source kind `directory`: which files are there, in the order in which they count as received.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use globset::GlobSet;
use pipeline::config::near_file;
use pipeline::hash::Fingerprint;
use pipeline::known_files::Look;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
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
    /// What the file system told of it.
    pub(crate) look: Option<Look>,
    /// How many names at the end of the path are those of strangers: whoever may write into the folder may put links there at
    /// any moment.
    pub(crate) depth: usize,
    /// What tells the file from others with the same name: they are no text, and what cannot be read of them is shown
    /// alike, or they differ in their slashes.
    pub(crate) unlike: Option<String>,
    /// What is known of it because of where it is from.
    pub(crate) origin: Origin,
}

/// What is known of a file because of where it is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub(crate) enum Origin {
    /// Nothing: its bytes decide.
    #[default]
    Anywhere,
    /// A workbook that is attached to a submission of a form.
    Attached,
    /// A submission of a form.
    Form {
        /// Whether its sender attached a workbook to it.
        has_workbook: bool,
    },
}

/// What is told of a file that is none any more.
const REPLACED: &str = "a link or something else that is no file took its place";

impl FoundFile {
    /// Whether it is a form with a workbook attached to it.
    pub(crate) fn is_beside_workbook(&self) -> bool {
        self.origin == Origin::Form { has_workbook: true }
    }

    /// Opens it, and nothing else that took its place or that of a folder below the source's: no link is followed, and nothing
    /// is waited for.
    pub(crate) fn open(&self) -> io::Result<File> {
        let below = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
        let opened = if self.depth == 0 {
            rustix::fs::open(&self.path, below.difference(OFlags::NOFOLLOW), Mode::empty())
        } else {
            let trusted = self.path.ancestors().nth(self.depth).filter(|path| !path.as_os_str().is_empty());
            let folder = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::DIRECTORY;
            let names: Vec<_> = self.path.iter().rev().take(self.depth).collect();
            let start = rustix::fs::open(trusted.unwrap_or(Path::new(".")), folder, Mode::empty());
            names.iter().enumerate().rev().fold(start, |place, (left, name)| {
                let flags = if left == 0 { below } else { folder | OFlags::NOFOLLOW };
                rustix::fs::openat(place?, *name, flags, Mode::empty())
            })
        };
        match opened {
            Ok(opened) => {
                let file = File::from(opened);
                if file.metadata()?.is_file() { Ok(file) } else { Err(io::Error::other(REPLACED)) }
            }
            // A link, a folder that is none, a socket.
            Err(Errno::LOOP | Errno::NOTDIR | Errno::NXIO) => Err(io::Error::other(REPLACED)),
            Err(error) => Err(error.into()),
        }
    }

    /// A name that no other file of the folder has.
    pub(crate) fn apart(&self) -> String {
        self.unlike.as_ref().map_or_else(|| self.name.clone(), |unlike| format!("{} ({unlike})", self.name))
    }
}

/// What a look into a folder found.
#[derive(Debug, Default)]
pub(crate) struct Listing {
    /// The wanted files, oldest first.
    pub(crate) files: Vec<FoundFile>,
    /// What could not be looked at, and why.
    pub(crate) problems: Vec<String>,
    /// How many files no pattern names.
    pub(crate) unwanted: usize,
    /// Those of them that may be meant as submissions, by their names as people see them.
    pub(crate) missed: Vec<String>,
    /// How many symbolic links there are. They are not followed: whoever may put files into an inbox could have others
    /// read from where they may not look themselves.
    pub(crate) links: usize,
    /// The places of the pipeline itself that lie there and were not looked into.
    pub(crate) own: Vec<PathBuf>,
}

impl Listing {
    /// What whoever looks after the source should know: that its patterns fit nothing, and that it has links.
    pub(crate) fn notes(&self, source: &str) -> Vec<String> {
        let mut notes = Vec::new();
        if self.files.is_empty() && self.unwanted > 0 {
            let none = match self.unwanted {
                1 => format!("the file of the source \"{source}\" does not fit"),
                unwanted => format!("none of the {unwanted} files of the source \"{source}\" fits"),
            };
            notes.push(format!("{none} \"include\", so nothing of it is read"));
        } else if !self.missed.is_empty() {
            let mut named: Vec<String> =
                self.missed.iter().take(MOST_NAMED).map(|name| format!("{name:?}")).collect();
            let more = self.missed.len() - named.len();
            if more > 0 {
                named.push(format!("and {more} more"));
            }
            notes.push(format!(
                "the source \"{source}\" has files that may be workbooks and do not fit \"include\", so they are not read: {} \
                 (rename them, or add a pattern)",
                named.join(", ")
            ));
        }
        notes.extend(self.note_of_links(&format!("the source \"{source}\"")));
        if !self.own.is_empty() {
            let own: Vec<_> = self.own.iter().map(|place| place.display().to_string()).collect();
            notes.push(format!(
                "the source \"{source}\" holds what the pipeline writes, which is not read: {} (give questionnaires a folder \
                 of their own)",
                own.join(", ")
            ));
        }
        notes
    }

    /// That the folder has links, if it has any.
    pub(crate) fn note_of_links(&self, folder: &str) -> Option<String> {
        let those = match self.links {
            0 => return None,
            1 => "1 symbolic link".to_owned(),
            links => format!("{links} symbolic links"),
        };
        Some(format!("{folder} has {those}, not followed: put the files themselves there"))
    }
}

/// The most files that are named as missed.
const MOST_NAMED: usize = 5;

/// What the names of workbooks hold, also where a program, a copy or a slip put something behind it (`KEN.xlsx.part`,
/// `KEN.xlsx `), and those of what workbooks are sent in.
const LIKE_WORKBOOKS: [&str; 6] = [".xls", ".ods", ".fods", ".csv", ".numbers", ".zip"];

/// How workbooks begin, new and old ones; and much else, which has a name that says so.
const BEGINNINGS: [[u8; 4]; 2] = [*b"PK\x03\x04", [0xD0, 0xCF, 0x11, 0xE0]];

/// Whether a file that no pattern names may be a submission all the same: by its name or, where that has no ending, by its first
/// bytes.
fn may_be_workbook(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    if LIKE_WORKBOOKS.iter().any(|part| name.contains(part)) {
        return true;
    }
    let mut first = [0; 4];
    // Something else may have taken its place that is waited for.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOFOLLOW;
    let open = || rustix::fs::open(path, flags, Mode::empty()).map(File::from);
    !name.contains('.')
        && open().is_ok_and(|mut file| file.read_exact(&mut first).is_ok())
        && BEGINNINGS.contains(&first)
}

/// The files below `folder` that `include` names. Hidden files and the lock files of office programs are left out, and what
/// lies in `own`, the places below it that the pipeline writes to.
pub(crate) fn list(folder: &Path, include: &GlobSet, own: &[PathBuf]) -> Listing {
    let mut listing = Listing::default();
    if !folder.exists() {
        let (found, near) = (folder.display().to_string(), near_file(folder));
        listing.problems.push(format!("the folder {found:?} does not exist{near}"));
        return listing;
    }
    let mut met = Vec::new();
    let is_looked_at = |entry: &DirEntry| {
        let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
        let own = own.iter().find(|place| place.as_path() == below);
        met.extend(own.cloned());
        entry.depth() == 0 || (own.is_none() && !is_hidden(entry))
    };
    for entry in WalkDir::new(folder).into_iter().filter_entry(is_looked_at) {
        match entry.and_then(|entry| found(folder, include, &entry, &mut listing)) {
            Ok(Some(file)) => listing.files.push(file),
            Ok(None) => {}
            Err(problem) => listing.problems.push(told(folder, &problem)),
        }
    }
    met.sort();
    listing.missed.sort();
    listing.own = met;
    listing.files.sort();
    listing
}

/// What cannot be looked at, by its place below the folder.
fn told(folder: &Path, problem: &walkdir::Error) -> String {
    let below = problem.path().and_then(|path| path.strip_prefix(folder).ok());
    let place = match below {
        Some(below) if below.as_os_str().is_empty() => "the folder".to_owned(),
        below => format!("{:?}", below.or(problem.path()).unwrap_or(folder).to_string_lossy()),
    };
    unreadable(&place, problem.io_error().map_or_else(|| problem.to_string(), ToString::to_string))
}

/// Says that something cannot be read in this run.
pub(crate) fn unreadable(place: &str, why: impl std::fmt::Display) -> String {
    format!("{place} cannot be read and is left for the next run: {why}")
}

fn is_hidden(entry: &DirEntry) -> bool {
    is_hidden_name(&entry.file_name().to_string_lossy())
}

/// Whether a name is that of a hidden file, or of the lock file of an office program.
pub(crate) fn is_hidden_name(name: &str) -> bool {
    name.starts_with('.') || name.starts_with("~$")
}

fn found(
    folder: &Path,
    include: &GlobSet,
    entry: &DirEntry,
    listing: &mut Listing,
) -> Result<Option<FoundFile>, walkdir::Error> {
    let below = entry.path().strip_prefix(folder).unwrap_or(entry.path());
    if entry.path_is_symlink() && entry.depth() > 0 {
        listing.links += 1;
        return Ok(None);
    }
    if !entry.file_type().is_file() {
        return Ok(None);
    }
    if !include.is_match(below) {
        listing.unwanted += 1;
        if may_be_workbook(entry.path()) {
            listing.missed.push(below.to_string_lossy().replace('\\', "/"));
        }
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
        look: Look::in_metadata(&metadata),
        depth: entry.depth(),
        unlike: (!is_plain).then(unlike),
        origin: Origin::Anywhere,
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
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
        let files = list(folder.path(), &include, &[]).files;
        let names: BTreeSet<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, BTreeSet::from(["KEN\u{fffd}.xlsx", "PER.xlsx", "a/b.xlsx"]));
        let apart: BTreeSet<_> = files.iter().map(FoundFile::apart).collect();
        assert_eq!(apart.len(), 5, "{apart:?}");
        assert!(apart.contains("PER.xlsx") && apart.contains("a/b.xlsx"), "{apart:?}");
    }

    #[test]
    fn a_folder_that_is_away_is_a_problem_with_its_near_spelling() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("inbox")).unwrap();
        let listing = list(&folder.path().join("inbx"), &GlobSet::empty(), &[]);
        let [problem] = listing.problems.as_slice() else { panic!("{listing:?}") };
        assert!(problem.ends_with("inbx\" does not exist, did you mean \"inbox\"?"), "{problem}");
    }

    #[test]
    fn what_cannot_be_read_is_told_by_its_place_below_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let absent = folder.path().join("africa");
        let error = WalkDir::new(&absent).into_iter().next().unwrap().unwrap_err();
        let told_below = told(folder.path(), &error);
        assert!(
            told_below.starts_with("\"africa\" cannot be read and is left for the next run: "),
            "{told_below}"
        );
        assert!(told(&absent, &error).starts_with("the folder cannot be read"), "{}", told(&absent, &error));
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
        let Listing { files, problems, unwanted, missed, links, own } = list(folder.path(), &include, &[]);
        let names: Vec<_> = files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["africa/a.xlsx", "b.xlsx"]);
        assert!(problems.is_empty());
        assert_eq!((unwanted, missed.len(), links, own.len()), (1, 0, 0, 0));
    }

    #[test]
    fn what_the_pipeline_writes_is_no_submission() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["out/reports", "sent/out"] {
            fs::create_dir_all(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("KEN.xlsx"), "").unwrap();
        }
        let include = GlobSetBuilder::new().add(Glob::new("**/*.xlsx").unwrap()).build().unwrap();
        let listing = list(folder.path(), &include, &["out".into(), "gtmi.files".into()]);
        let names: Vec<_> = listing.files.iter().map(|file| file.name.as_str()).collect();
        assert_eq!(names, ["sent/out/KEN.xlsx"]);
        let [note] = listing.notes("desk").try_into().unwrap();
        assert!(
            note.starts_with("the source \"desk\" holds what the pipeline writes, which is not read: out ("),
            "{note}"
        );
    }

    #[test]
    fn what_took_the_place_of_a_file_is_not_opened() {
        use std::io::Read;
        use std::os::unix::fs::symlink;

        let folder = tempfile::tempdir().unwrap();
        let (inbox, outside) = (folder.path().join("inbox"), folder.path().join("outside"));
        fs::create_dir_all(inbox.join("africa/east")).unwrap();
        fs::create_dir_all(outside.join("east")).unwrap();
        let names =
            ["link.xlsx", "pipe.xlsx", "socket.xlsx", "folder.xlsx", "again.xlsx", "africa/east/KEN.xlsx"];
        for name in names {
            fs::write(inbox.join(name), "as it was").unwrap();
        }
        fs::write(outside.join("east/KEN.xlsx"), "a secret").unwrap();
        // The source itself may be reached by a link.
        let source = folder.path().join("source");
        symlink("inbox", &source).unwrap();
        let include = GlobSetBuilder::new().add(Glob::new("**/*.xlsx").unwrap()).build().unwrap();
        let files = list(&source, &include, &[]).files;
        assert_eq!(files.len(), names.len());
        let open = |name: &str| {
            let mut text = String::new();
            let file = files.iter().find(|file| file.name == name).unwrap();
            file.open().and_then(|mut file| file.read_to_string(&mut text)).map(|_| text)
        };
        for name in names {
            assert_eq!(open(name).unwrap(), "as it was", "{name}");
        }

        for name in &names[..5] {
            fs::remove_file(inbox.join(name)).unwrap();
        }
        symlink(outside.join("east/KEN.xlsx"), inbox.join("link.xlsx")).unwrap();
        let pipe = inbox.join("pipe.xlsx");
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, Mode::RUSR | Mode::WUSR).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(inbox.join("socket.xlsx")).unwrap();
        fs::create_dir(inbox.join("folder.xlsx")).unwrap();
        fs::rename(inbox.join("africa"), inbox.join("away")).unwrap();
        symlink(&outside, inbox.join("africa")).unwrap();
        for name in ["link.xlsx", "pipe.xlsx", "socket.xlsx", "folder.xlsx", "africa/east/KEN.xlsx"] {
            assert_eq!(open(name).unwrap_err().to_string(), REPLACED, "{name}");
        }
        assert_eq!(open("again.xlsx").unwrap_err().kind(), io::ErrorKind::NotFound);
        // Another version that an office program put there is read.
        fs::write(inbox.join("new"), "as it is").unwrap();
        fs::rename(inbox.join("new"), inbox.join("again.xlsx")).unwrap();
        assert_eq!(open("again.xlsx").unwrap(), "as it is");
    }

    #[test]
    #[cfg(unix)]
    fn what_nothing_is_read_of_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let include = GlobSetBuilder::new().add(Glob::new("**/*.xlsx").unwrap()).build().unwrap();
        let notes = || list(folder.path(), &include, &[]).notes("mail");
        assert!(notes().is_empty(), "an empty folder is nothing to tell of");
        fs::write(folder.path().join("a.txt"), "").unwrap();
        let one = "the file of the source \"mail\" does not fit \"include\", so nothing of it is read";
        assert_eq!(notes(), [one]);
        fs::write(folder.path().join("b.txt"), "").unwrap();
        let two = "none of the 2 files of the source \"mail\" fits \"include\", so nothing of it is read";
        assert_eq!(notes(), [two]);
        fs::write(folder.path().join("KEN.xlsx"), "").unwrap();
        assert!(notes().is_empty());
        // What a slip, a program or a copy made of the names of workbooks.
        for (name, content) in
            [("MAR.xlsx ", ""), ("IND", "PK\u{3}\u{4}x"), ("README", "To read"), ("law.pdf", "PK\u{3}\u{4}")]
        {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let missed = "the source \"mail\" has files that may be workbooks and do not fit \"include\", so they are not read: \"IND\", \"MAR.xlsx \" (rename them, or add a pattern)";
        assert_eq!(notes(), [missed]);
        for name in ["A.zip", "B.CSV", "C.xlsx.part", "D.xlsb"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(notes()[0].contains("\"D.xlsb\", \"IND\", and 1 more ("), "{:?}", notes());
        for name in ["A.zip", "B.CSV", "C.xlsx.part", "D.xlsb", "IND", "MAR.xlsx "] {
            fs::remove_file(folder.path().join(name)).unwrap();
        }
        std::os::unix::fs::symlink("KEN.xlsx", folder.path().join("FRA.xlsx")).unwrap();
        let link = "the source \"mail\" has 1 symbolic link, not followed: put the files themselves there";
        assert_eq!(notes(), [link]);
        assert_eq!(list(folder.path(), &include, &[]).files.len(), 1);
    }
}
