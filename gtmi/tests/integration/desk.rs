//! A desk to work at: a temporary project folder and the command.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

use tempfile::TempDir;

/// The project's root.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

const RETURNS_ON: &str = "\nfeedback = true\n";
const RETURNS_OFF: &str = "\nfeedback = false\n";

/// How the names of the folders begin that keep a desk after a run, in the folder of tests; the process follows.
const AFTER_RUN: &str = "after-run-";

/// So many bytes have to be free in memory for desks to lie there.
const ROOM: u64 = 4 << 30;

/// A folder of its own, in memory where there is room: making and removing files on a disk takes longer than much that is tested.
fn folder() -> TempDir {
    let memory = "/dev/shm";
    let has_room =
        rustix::fs::statvfs(memory).is_ok_and(|found| found.f_bavail.saturating_mul(found.f_frsize) >= ROOM);
    let in_memory = has_room.then(|| tempfile::tempdir_in(memory).ok()).flatten();
    in_memory.unwrap_or_else(|| tempfile::tempdir().unwrap())
}

/// A folder with a configuration, a copy of the examples as its inbox, and its own outputs.
pub(crate) struct Desk {
    folder: TempDir,
}

impl Desk {
    /// A desk with the bundled framework and tables and an empty inbox. Marked returns are off, as they cost half of a small
    /// run: see [`Self::returning`].
    pub(crate) fn empty() -> Self {
        let desk = Self { folder: folder() };
        fs::create_dir(desk.path("inbox")).unwrap();
        let root = root().canonicalize().unwrap();
        let config = fs::read_to_string(root.join("pipeline.toml"))
            .unwrap()
            .replace("\"frameworks/", &format!("\"{}/frameworks/", root.display()))
            .replace("\"data/", &format!("\"{}/data/", root.display()))
            .replace("\"examples/wave-2022\"", "\"inbox\"")
            .replace(RETURNS_ON, RETURNS_OFF);
        fs::write(desk.path("pipeline.toml"), config).unwrap();
        desk
    }

    /// The same desk, whose runs answer every sender with a marked return, as the project's own do.
    pub(crate) fn returning(self) -> Self {
        let config = fs::read_to_string(self.path("pipeline.toml")).unwrap();
        assert!(config.contains(RETURNS_OFF), "marked returns are on already");
        fs::write(self.path("pipeline.toml"), config.replace(RETURNS_OFF, RETURNS_ON)).unwrap();
        self
    }

    /// A desk with the questionnaires of some economies among the examples in its inbox, for runs that take a moment.
    pub(crate) fn with(economies: &[&str]) -> Self {
        let desk = Self::empty();
        for economy in economies {
            let name = format!("{economy}.xlsx");
            let from = root().join("examples/wave-2022").join(&name);
            fs::copy(from, desk.path("inbox").join(name)).unwrap();
        }
        desk
    }

    /// A desk with all examples in its inbox: the whole wave.
    pub(crate) fn with_examples() -> Self {
        let desk = Self::empty().returning();
        copy(&root().join("examples/wave-2022"), &desk.path("inbox"));
        desk
    }

    /// A desk at which the examples were run already; made once and copied.
    pub(crate) fn after_run() -> Self {
        static RUN: LazyLock<PathBuf> = LazyLock::new(|| {
            let desk = Desk::with_examples();
            let run = desk.gtmi(&["run"]);
            assert_eq!(run.code, 0, "{}", run.stderr);
            let kept = Path::new(env!("CARGO_TARGET_TMPDIR"));
            // Nothing is dropped when tests end: what earlier ones left, goes now.
            for left in fs::read_dir(kept).unwrap().map(|entry| entry.unwrap().path()) {
                let process = left.file_name().and_then(|name| name.to_str()?.strip_prefix(AFTER_RUN));
                if process.is_some_and(|process| !Path::new("/proc").join(process).exists()) {
                    let _ = fs::remove_dir_all(left);
                }
            }
            let kept = kept.join(format!("{AFTER_RUN}{}", std::process::id()));
            copy(desk.folder.path(), &kept);
            kept
        });
        let desk = Self { folder: folder() };
        copy(&RUN, desk.folder.path());
        desk
    }

    /// What a command does at a copy of this desk whose configuration has an addition.
    pub(crate) fn copy_with(desk: &Self, addition: &str, work: impl FnOnce(&Self) -> Ran) -> Ran {
        let copied = Self { folder: folder() };
        copy(desk.folder.path(), copied.folder.path());
        let config = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
        fs::write(copied.path("pipeline.toml"), format!("{config}\n{addition}\n")).unwrap();
        work(&copied)
    }

    /// Starts another wave from the bundled framework, with an empty inbox of its own, and returns the configuration of
    /// this desk turned to it: `frameworks/gtmi-2028` and `inbox-2028` for 2028.
    pub(crate) fn configuration_of_wave(&self, wave: &str) -> String {
        let framework = format!("frameworks/gtmi-{wave}");
        let started =
            self.gtmi(&["framework", "new", "--from", "gtmi-2022", "--wave", wave, "--out", &framework]);
        assert_eq!(started.code, 0, "{}", started.stderr);
        let inbox = format!("inbox-{wave}");
        fs::create_dir(self.path(&inbox)).unwrap();
        let bundled = root().canonicalize().unwrap().join("frameworks/gtmi-2022");
        fs::read_to_string(self.path("pipeline.toml"))
            .unwrap()
            .replace(&format!("\"{}\"", bundled.display()), &format!("\"{framework}\""))
            .replace("wave = 2022", &format!("wave = {wave}"))
            .replace("\"inbox\"", &format!("\"{inbox}\""))
    }

    pub(crate) fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    /// Runs the command at this desk.
    pub(crate) fn gtmi(&self, arguments: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_gtmi"))
            .args(arguments)
            .current_dir(self.folder.path())
            .env_remove("RUST_LOG")
            .output()
            .unwrap();
        Ran::of(&output)
    }

    /// The content of every file in the folder of outputs, by path.
    pub(crate) fn outputs(&self) -> BTreeMap<String, Vec<u8>> {
        let mut all = BTreeMap::new();
        collect(&self.path("out"), "", &mut all);
        all
    }

    /// The rows of an exported table, each by heading.
    pub(crate) fn table(&self, name: &str) -> Vec<BTreeMap<String, String>> {
        let mut reader = csv::Reader::from_path(self.path(&format!("export/{name}.csv"))).unwrap();
        let headings = reader.headers().unwrap().clone();
        let row = |record: csv::StringRecord| {
            headings.iter().map(str::to_owned).zip(record.iter().map(str::to_owned)).collect()
        };
        reader.records().map(|record| row(record.unwrap())).collect()
    }
}

/// What a command did.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    fn of(output: &Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout.clone()).unwrap(),
            stderr: String::from_utf8(output.stderr.clone()).unwrap(),
        }
    }

    /// The JSON document on stdout.
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Adds the content of every file in a folder, by path.
pub(crate) fn collect(folder: &Path, below: &str, all: &mut BTreeMap<String, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            collect(&entry.path(), &format!("{name}/"), all);
        } else {
            all.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

/// Whether the path of an output is that of a workbook.
pub(crate) fn is_workbook(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == "xlsx")
}
