//! What `pipeline.toml` holds, key by key.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use maturity::language::Language;
use serde::Deserialize;
use toml::Spanned;

use super::external::ExternalFileTable;
use super::notify::NotifyTable;
use super::review::ReviewTable;
use super::schedule::ScheduleTable;
use super::sources::SourceTable;
use super::{ComparatorChoice, ConfigError, ExternalChoice, LinkChoice, Located, RespondentChoice};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConfigFile {
    pub(super) run: RunTable,
    pub(super) framework: FrameworkTable,
    pub(super) data: DataTable,
    #[serde(default)]
    pub(super) source: Vec<SourceTable>,
    #[serde(default)]
    pub(super) external_file: Vec<ExternalFileTable>,
    #[serde(default)]
    pub(super) external: BTreeMap<String, ExternalChoice>,
    #[serde(default)]
    pub(super) comparators: ComparatorChoice,
    #[serde(default)]
    pub(super) respondents: RespondentChoice,
    #[serde(default)]
    pub(super) links: LinkChoice,
    #[serde(default)]
    pub(super) review: ReviewTable,
    pub(super) schedule: Option<ScheduleTable>,
    pub(super) metrics: Option<MetricsTable>,
    #[serde(default)]
    pub(super) notify: NotifyTable,
    #[serde(default)]
    pub(super) store: StoreTable,
    #[serde(default)]
    pub(super) output: OutputTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RunTable {
    pub(super) wave: u16,
    pub(super) deadline: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FrameworkTable {
    pub(super) path: Spanned<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DataTable {
    pub(super) economies: Spanned<PathBuf>,
    pub(super) external_indices: Option<Spanned<PathBuf>>,
    pub(super) external_editions: Option<Spanned<PathBuf>>,
    pub(super) classification: Option<Spanned<PathBuf>>,
    pub(super) published_scores: Option<Spanned<PathBuf>>,
    pub(super) published_indicators: Option<Spanned<PathBuf>>,
    pub(super) published_sources: Option<Spanned<PathBuf>>,
    pub(super) coded_answers: Option<Spanned<PathBuf>>,
    pub(super) previous_answers: Option<PreviousAnswersTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviousAnswersTable {
    pub(super) path: Spanned<PathBuf>,
    pub(super) wave: Spanned<u16>,
    pub(super) date: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricsTable {
    pub(super) textfile: Spanned<PathBuf>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreTable {
    path: Option<Spanned<PathBuf>>,
}

/// How the names of the files and folders end that lie beside the store and are named after it.
const BESIDE: [&str; 4] = ["files", "fetched", "lock", "known"];

impl StoreTable {
    /// The store's file; that of the outputs' usual folder, wherever the outputs are.
    pub(super) fn at(&self, root: &Path, located: &Located<'_>) -> Result<PathBuf, ConfigError> {
        let path = self.path.as_ref().map_or(Path::new("out/gtmi.db"), |path| path.get_ref());
        let span = self.path.as_ref().map(Spanned::span);
        let full = match &self.path {
            Some(path) => located.path(root, path, "the store")?,
            None => root.join(path),
        };
        let shown = path.display();
        if full.is_dir() {
            let what = format!(
                "[store] path \"{shown}\" is a folder, and the store is a file (write e.g. \"{shown}/gtmi.db\")"
            );
            return Err(ConfigError::Invalid { place: located.place(span.as_ref()), what });
        }
        if let Some(taken) = full.extension().and_then(OsStr::to_str).filter(|name| BESIDE.contains(name)) {
            let what = format!(
                "[store] path \"{shown}\" ends as what lies beside a store does: \"{taken}\" (write e.g. \"{}\")",
                path.with_extension("db").display()
            );
            return Err(ConfigError::Invalid { place: located.place(span.as_ref()), what });
        }
        if let Some(link) = dead_link(&full) {
            let what = format!(
                "[store] path \"{shown}\" cannot be made: {} is a link to a place that does not exist (make that place, or \
                 remove the link)",
                link.display()
            );
            return Err(ConfigError::Invalid { place: located.place(span.as_ref()), what });
        }
        if let Some(file) = file_above(&full) {
            let what = format!(
                "[store] path \"{shown}\" cannot be made: {} is a file, not a folder",
                file.display()
            );
            return Err(ConfigError::Invalid { place: located.place(span.as_ref()), what });
        }
        Ok(full)
    }
}

/// What is above a path and no folder, so that nothing can be made there.
fn file_above(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|above| above.exists()).filter(|above| !above.is_dir())
}

/// A link on the way to a path that leads nowhere, so that nothing can be made there.
fn dead_link(path: &Path) -> Option<&Path> {
    path.ancestors().take_while(|above| !above.exists()).find(|above| above.is_symlink())
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct OutputTable {
    dir: Option<Spanned<PathBuf>>,
    pub(super) language: String,
    pub(super) feedback: bool,
}

impl Default for OutputTable {
    fn default() -> Self {
        Self { dir: None, language: Language::english().to_string(), feedback: true }
    }
}

impl OutputTable {
    /// The folder of outputs.
    pub(super) fn at(&self, root: &Path, located: &Located<'_>) -> Result<PathBuf, ConfigError> {
        let dir = self.dir.as_ref().map_or(Path::new("out"), |dir| dir.get_ref());
        let full = match &self.dir {
            Some(dir) => located.path(root, dir, "the folder of outputs")?,
            None => root.join(dir),
        };
        if let Some(link) = dead_link(&full) {
            let span = self.dir.as_ref().map(Spanned::span);
            let what = format!(
                "[output] dir \"{}\" cannot be the folder of outputs: {} is a link to a place that does not exist (make that \
                 place, or remove the link)",
                dir.display(),
                link.display()
            );
            return Err(ConfigError::Invalid { place: located.place(span.as_ref()), what });
        }
        let is_file = full.exists() && !full.is_dir();
        let file = if is_file { Some(full.as_path()) } else { file_above(&full) };
        match file {
            None => Ok(full),
            Some(file) => {
                let span = self.dir.as_ref().map(Spanned::span);
                let what = format!(
                    "[output] dir \"{}\" cannot be the folder of outputs: {} is a file (name another folder)",
                    dir.display(),
                    file.display()
                );
                Err(ConfigError::Invalid { place: located.place(span.as_ref()), what })
            }
        }
    }
}
