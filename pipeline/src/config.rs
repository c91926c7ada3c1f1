//! The configuration: `pipeline.toml`, found upward from the current folder, with overrides from the
//! environment. Everything is checked before anything is done.

mod comparators;
mod external;
mod links;
mod notify;
mod respondents;
mod review;
mod schedule;
mod sources;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use maturity::framework::Date;
use maturity::language::Language;
use maturity::spelling::did_you_mean_field;
use maturity::submission::Wave;
use serde::Deserialize;
use toml::Spanned;

use crate::hash::sha256;

use external::ExternalFileTable;
use notify::NotifyTable;
use review::ReviewTable;
use schedule::ScheduleTable;
use sources::SourceTable;

pub use comparators::ComparatorChoice;
pub use external::{ExternalChoice, ExternalFile};
pub use links::LinkChoice;
pub(crate) use notify::language as letter_language;
pub use notify::{MailChoice, Notify, Security, WebhookChoice, mail_address};
pub use respondents::{RespondentChoice, RespondentRule};
pub use schedule::Schedule;
pub use sources::{
    HttpsSource, KoboSource, OdkSource, SecretPlace, Source, SourceKind, Web, WorldBankIndicator,
    WorldBankSource,
};

/// The file's usual name.
pub const FILE_NAME: &str = "pipeline.toml";

/// Variables of the form `GTMI_SECTION__KEY` override `key` in `[section]`.
const PREFIX: &str = "GTMI_";

/// A complete, checked configuration; all paths are absolute or relative to the current folder.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file it was read from.
    pub path: PathBuf,
    /// The wave that is run.
    pub wave: Wave,
    /// The framework's folder.
    pub framework: PathBuf,
    /// The table of economies.
    pub economies: PathBuf,
    /// The table of external indices.
    pub external_indices: Option<PathBuf>,
    /// The table that says for each edition of an external index its scale, source and licence.
    pub external_editions: Option<PathBuf>,
    /// Files of external indices as their publishers give them out.
    pub external_files: Vec<ExternalFile>,
    /// What is asked of an external index, by its id.
    pub external: BTreeMap<String, ExternalChoice>,
    /// A table of regions and income groups of another date than those in the table of economies.
    pub classification: Option<PathBuf>,
    /// Who is compared with whom.
    pub comparators: ComparatorChoice,
    /// What is in force where several respondents answer for one economy.
    pub respondents: RespondentChoice,
    /// How web addresses in evidence are opened.
    pub links: LinkChoice,
    /// The folder of country reports in which reviewers decided.
    pub reviews: Option<PathBuf>,
    /// When `gtmi schedule` starts a run.
    pub schedule: Option<Schedule>,
    /// Who is told after a run.
    pub notify: Notify,
    /// The file of figures about runs, in the text form of Prometheus.
    pub metrics: Option<PathBuf>,
    /// The table of published scores of this and other waves.
    pub published_scores: Option<PathBuf>,
    /// The table of indicator scores that follow from published answers, for comparators.
    pub published_indicators: Option<PathBuf>,
    /// The table that says where the published scores were taken from.
    pub published_sources: Option<PathBuf>,
    /// The table of coded answers that demonstrations are made from.
    pub coded_answers: Option<PathBuf>,
    /// The answers of an earlier wave that the store does not hold.
    pub previous_answers: Option<PreviousTable>,
    /// The date by which questionnaires are to come back.
    pub deadline: Option<Date>,
    /// Where submissions come from.
    pub sources: Vec<Source>,
    /// The store's file.
    pub store: PathBuf,
    /// The folder of outputs.
    pub output: PathBuf,
    /// Whether marked returns are written for the senders.
    pub feedback: bool,
    /// The language of reports.
    pub language: Language,
    /// SHA-256 of the file's text and the overrides.
    pub hash: String,
}

/// A table of coded answers of an earlier wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreviousTable {
    /// The table, in the form of the coded answers.
    pub path: PathBuf,
    /// The wave that the answers were given in.
    pub wave: Wave,
    /// The date that they are from.
    pub date: Date,
}

/// The configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is none.
    #[error(
        "no {FILE_NAME} in this folder or any folder above it (start in the project's folder, or name the file with --config)"
    )]
    NotFound,
    /// It cannot be read.
    #[error("failed to read {path:?}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something in it is wrong.
    #[error("{place}: {what}")]
    Invalid {
        /// File and line, or the variable.
        place: String,
        /// What was found, what is expected, a near spelling.
        what: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfigFile {
    run: RunTable,
    framework: FrameworkTable,
    data: DataTable,
    #[serde(default)]
    source: Vec<SourceTable>,
    #[serde(default)]
    external_file: Vec<ExternalFileTable>,
    #[serde(default)]
    external: BTreeMap<String, ExternalChoice>,
    #[serde(default)]
    comparators: ComparatorChoice,
    #[serde(default)]
    respondents: RespondentChoice,
    #[serde(default)]
    links: LinkChoice,
    #[serde(default)]
    review: ReviewTable,
    schedule: Option<ScheduleTable>,
    metrics: Option<MetricsTable>,
    #[serde(default)]
    notify: NotifyTable,
    store: StoreTable,
    output: OutputTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RunTable {
    wave: u16,
    deadline: Option<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FrameworkTable {
    path: Spanned<PathBuf>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DataTable {
    economies: Spanned<PathBuf>,
    external_indices: Option<Spanned<PathBuf>>,
    external_editions: Option<Spanned<PathBuf>>,
    classification: Option<Spanned<PathBuf>>,
    published_scores: Option<Spanned<PathBuf>>,
    published_indicators: Option<Spanned<PathBuf>>,
    published_sources: Option<Spanned<PathBuf>>,
    coded_answers: Option<Spanned<PathBuf>>,
    previous_answers: Option<PreviousAnswersTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PreviousAnswersTable {
    path: Spanned<PathBuf>,
    wave: Spanned<u16>,
    date: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricsTable {
    textfile: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StoreTable {
    path: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OutputTable {
    dir: PathBuf,
    language: String,
    #[serde(default = "yes")]
    feedback: bool,
}

fn yes() -> bool {
    true
}

impl Config {
    /// Finds, reads and checks the configuration. `given` is the file named on the command line.
    pub fn load(given: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => find().ok_or(ConfigError::NotFound)?,
        };
        let text =
            fs::read_to_string(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        let overrides: BTreeMap<String, String> =
            std::env::vars().filter(|(name, _)| name.starts_with(PREFIX) && name.contains("__")).collect();
        Self::parse(&path, &text, &overrides)
    }

    /// Checks the text of a configuration; `overrides` are variables with their values.
    pub fn parse(path: &Path, text: &str, overrides: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let name = path.file_name().map_or(FILE_NAME.into(), |name| name.to_string_lossy().into_owned());
        let located = Located { name: &name, text: Some(text) };
        let file: ConfigFile = toml::from_str(text).map_err(|error| located.toml(&error))?;
        let (file, located_text) =
            if overrides.is_empty() { (file, Some(text)) } else { (override_values(text, overrides)?, None) };
        let located = Located { name: &name, text: located_text };

        let root = path.parent().unwrap_or(Path::new(""));
        let existing = |path: &Spanned<PathBuf>, what: &str| {
            let full = root.join(path.get_ref());
            if full.exists() {
                return Ok(full);
            }
            let found = path.get_ref().display();
            Err(located
                .invalid(path.span(), format!("{what} \"{found}\" does not exist{}", near_file(&full))))
        };
        let mut sources = Vec::new();
        for table in &file.source {
            if sources.iter().any(|other: &Source| other.name == *table.name.get_ref()) {
                let what =
                    format!("two sources have the name \"{}\" (give each its own)", table.name.get_ref());
                return Err(located.invalid(table.name.span(), what));
            }
            let kind = table.kind(root, &located, |path| existing(path, "the folder"))?;
            sources.push(Source { name: table.name.get_ref().clone(), kind });
        }
        let mut external_files = Vec::new();
        for table in &file.external_file {
            let place = located.place(Some(&table.path.span()));
            external_files.push(table.at(existing(&table.path, "the file")?, place));
        }
        let optional =
            |path: &Option<Spanned<PathBuf>>| path.as_ref().map(|p| existing(p, "the table")).transpose();
        let date = |text: &Spanned<String>| {
            let what = || format!("\"{}\" is not a date (write it as in 2022-11-30)", text.get_ref());
            Date::parse(text.get_ref()).ok_or_else(|| located.invalid(text.span(), what()))
        };
        let deadline = file.run.deadline.as_ref().map(date).transpose()?;
        let previous = |table: &PreviousAnswersTable| {
            let wave = *table.wave.get_ref();
            if wave >= file.run.wave {
                let what = format!(
                    "the previous answers are of wave {wave}, which is not before wave {} of the run",
                    file.run.wave
                );
                return Err(located.invalid(table.wave.span(), what));
            }
            let path = existing(&table.path, "the table")?;
            Ok(PreviousTable { path, wave: Wave(wave), date: date(&table.date)? })
        };
        let previous_answers = file.data.previous_answers.as_ref().map(previous).transpose()?;
        let schedule = file.schedule.as_ref().map(|table| table.schedule(root, &located)).transpose()?;
        let notify = file.notify.notify(root, &located)?;
        Ok(Self {
            path: path.to_owned(),
            wave: Wave(file.run.wave),
            framework: existing(&file.framework.path, "the framework's folder")?,
            economies: existing(&file.data.economies, "the table")?,
            external_indices: optional(&file.data.external_indices)?,
            external_editions: optional(&file.data.external_editions)?,
            external_files,
            external: file.external,
            classification: optional(&file.data.classification)?,
            comparators: file.comparators,
            respondents: file.respondents,
            links: file.links,
            reviews: file
                .review
                .dir
                .as_ref()
                .map(|path| existing(path, "the folder of reviews"))
                .transpose()?,
            schedule,
            notify,
            metrics: file.metrics.map(|table| root.join(table.textfile)),
            published_scores: optional(&file.data.published_scores)?,
            published_indicators: optional(&file.data.published_indicators)?,
            published_sources: optional(&file.data.published_sources)?,
            coded_answers: optional(&file.data.coded_answers)?,
            previous_answers,
            deadline,
            sources,
            store: root.join(&file.store.path),
            output: root.join(&file.output.dir),
            feedback: file.output.feedback,
            language: Language::new(&file.output.language),
            hash: sha256(format!("{text}\0{overrides:?}").as_bytes()),
        })
    }

    /// The file whose lock a run holds: beside the store.
    pub fn lock_path(&self) -> PathBuf {
        self.store.with_extension("lock")
    }
}

/// Looks for the configuration in the current folder and upward.
fn find() -> Option<PathBuf> {
    let current = std::env::current_dir().ok()?;
    current.ancestors().map(|folder| folder.join(FILE_NAME)).find(|path| path.is_file())
}

/// Says where in the configuration something is.
struct Located<'a> {
    name: &'a str,
    /// The text that spans refer to; absent when values were overridden, since lines moved then.
    text: Option<&'a str>,
}

impl Located<'_> {
    fn place(&self, span: Option<&Range<usize>>) -> String {
        match (self.text, span) {
            (Some(text), Some(span)) => {
                let line = text.bytes().take(span.start).filter(|byte| *byte == b'\n').count() + 1;
                format!("{}:{line}", self.name)
            }
            _ => self.name.to_owned(),
        }
    }

    fn invalid(&self, span: Range<usize>, what: String) -> ConfigError {
        ConfigError::Invalid { place: self.place(Some(&span)), what }
    }

    fn toml(&self, error: &toml::de::Error) -> ConfigError {
        let what = format!("{}{}", error.message(), did_you_mean_field(error.message()));
        ConfigError::Invalid { place: self.place(error.span().as_ref()), what }
    }
}

/// The configuration with each `GTMI_SECTION__KEY` put in; a value is read as TOML, else taken as text.
fn override_values(text: &str, overrides: &BTreeMap<String, String>) -> Result<ConfigFile, ConfigError> {
    let invalid = |variable: &str, what: String| ConfigError::Invalid { place: variable.to_owned(), what };
    let mut table: toml::Table = toml::from_str(text).unwrap_or_default();
    for (variable, value) in overrides {
        let path = variable.strip_prefix(PREFIX).unwrap_or(variable).to_lowercase();
        let (section, key) = path.split_once("__").unwrap_or((&path, ""));
        let Some(section) = table.get_mut(section).and_then(toml::Value::as_table_mut) else {
            return Err(invalid(variable, format!("there is no section [{section}] to override")));
        };
        let parsed = toml::from_str::<toml::Table>(&format!("v = {value}")).ok();
        let parsed = parsed.and_then(|mut table| table.remove("v"));
        section.insert(key.to_owned(), parsed.unwrap_or_else(|| toml::Value::String(value.clone())));
    }
    let names = || overrides.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let text = toml::to_string(&table).map_err(|error| invalid(&names(), error.to_string()))?;
    toml::from_str(&text).map_err(|error: toml::de::Error| {
        invalid(&names(), format!("{}{}", error.message(), did_you_mean_field(error.message())))
    })
}

/// The file beside a missing one that is spelled most like it.
fn near_file(path: &Path) -> String {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else { return String::new() };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let Ok(entries) = fs::read_dir(folder) else { return String::new() };
    let names: Vec<String> =
        entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    maturity::spelling::did_you_mean(&name.to_string_lossy(), names.iter().map(String::as_str))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"[run]
wave = 2022
[framework]
path = "frame"
[data]
economies = "economies.csv"
[[source]]
name = "inbox"
kind = "directory"
path = "inbox"
include = ["*.xlsx"]
[store]
path = "out/gtmi.db"
[output]
dir = "out"
language = "en"
"#;

    fn parse(text: &str, overrides: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("frame")).unwrap();
        fs::create_dir(folder.path().join("inbox")).unwrap();
        fs::write(folder.path().join("economies.csv"), "").unwrap();
        let overrides = overrides.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        Config::parse(&folder.path().join(FILE_NAME), text, &overrides)
    }

    #[test]
    fn a_sound_file_is_read() {
        let config = parse(SOUND, &[]).unwrap();
        assert_eq!(config.wave, Wave(2022));
        assert!(config.store.ends_with("out/gtmi.db"));
        assert!(config.lock_path().ends_with("out/gtmi.lock"));
    }

    #[test]
    fn each_fault_names_line_value_and_near_spelling() {
        for (from, to, expected) in [
            (
                "wave = 2022",
                "wawe = 2022",
                "pipeline.toml:2: unknown field `wawe`, expected `wave` or `deadline`, did you mean \"wave\"?",
            ),
            (
                "wave = 2022",
                "wave = \"soon\"",
                "pipeline.toml:2: invalid type: string \"soon\", expected u16",
            ),
            (
                "path = \"frame\"",
                "path = \"frames\"",
                "pipeline.toml:4: the framework's folder \"frames\" does not exist, did you mean \"frame\"?",
            ),
            (
                "path = \"inbox\"",
                "path = \"outbox\"",
                "pipeline.toml:10: the folder \"outbox\" does not exist",
            ),
            ("\"directory\"", "\"directry\"", "did you mean \"directory\"?"),
            ("\"*.xlsx\"", "\"[\"", "pipeline.toml:11: error parsing glob"),
            (
                "\"directory\"",
                "\"odk\"",
                "pipeline.toml:10: a source of the kind \"odk\" has no key \"path\"",
            ),
            ("path = \"inbox\"\n", "", "pipeline.toml:9: a source of the kind \"directory\" needs \"path\""),
            ("[store]", "[stores]", "unknown field `stores`"),
            (
                "wave = 2022",
                "wave = 2022\ndeadline = \"30 June\"",
                "pipeline.toml:3: \"30 June\" is not a date (write it as in 2022-11-30)",
            ),
            (
                "economies = \"economies.csv\"",
                "economies = \"economies.csv\"\nprevious_answers = { path = \"economies.csv\", wave = 2022, date = \"2022-11-30\" }",
                "pipeline.toml:7: the previous answers are of wave 2022, which is not before wave 2022",
            ),
            (
                "economies = \"economies.csv\"",
                "economies = \"economies.csv\"\nprevious_answers = { path = \"economies.csv\", wave = 2020, dat = \"\" }",
                "pipeline.toml:7: unknown field `dat`, expected one of `path`, `wave`, `date`, did you mean \"date\"?",
            ),
            ("dir = \"out\"", "", "pipeline.toml:14: missing field `dir`"),
            (
                "[store]",
                "[review]\ndir = \"inbax\"\n[store]",
                "pipeline.toml:13: the folder of reviews \"inbax\" does not exist, did you mean \"inbox\"?",
            ),
            ("[store]", "[review]\ndri = \"inbox\"\n[store]", "pipeline.toml:13: unknown field `dri`"),
        ] {
            assert!(SOUND.contains(from));
            let error = parse(&SOUND.replace(from, to), &[]).unwrap_err().to_string();
            assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
        }
    }

    #[test]
    fn the_environment_overrides_values() {
        let config = parse(SOUND, &[("GTMI_RUN__WAVE", "2025"), ("GTMI_OUTPUT__DIR", "elsewhere")]).unwrap();
        assert_eq!(config.wave, Wave(2025));
        assert!(config.output.ends_with("elsewhere"));
    }

    #[test]
    fn a_wrong_override_is_named() {
        for (variable, value, expected) in [
            ("GTMI_RUN__WAWE", "2025", "GTMI_RUN__WAWE: unknown field `wawe`"),
            ("GTMI_RUNS__WAVE", "2025", "GTMI_RUNS__WAVE: there is no section [runs] to override"),
            ("GTMI_RUN__WAVE", "soon", "GTMI_RUN__WAVE: invalid type: string \"soon\""),
        ] {
            let error = parse(SOUND, &[(variable, value)]).unwrap_err().to_string();
            assert!(error.contains(expected), "expected {expected:?}, found {error:?}");
        }
    }
}
