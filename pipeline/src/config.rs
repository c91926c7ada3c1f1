//! The configuration: `pipeline.toml`, found upward from the current folder, with overrides from the
//! environment. Everything is checked before anything is done.

mod comparators;
mod environment;
mod external;
mod file;
mod links;
mod notify;
mod own;
mod place;
mod respondents;
mod review;
mod schedule;
mod sources;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use maturity::framework::Date;
use maturity::language::Language;
use maturity::submission::Wave;
use toml::Spanned;

use crate::hash::sha256;

use self::environment::overridden;
use self::file::{ConfigFile, PreviousAnswersTable};
use self::place::Located;
pub use self::place::near_file;

pub use comparators::ComparatorChoice;
pub use external::{ExternalChoice, ExternalFile};
pub use links::LinkChoice;
pub use notify::{MailChoice, Notify, Security, WebhookChoice, mail_address};
pub use respondents::{RespondentChoice, RespondentRule};
pub use schedule::Schedule;
pub use sources::{
    HttpsSource, KoboSource, OdkSource, SecretPlace, Source, SourceKind, Web, WorldBankIndicator,
    WorldBankSource,
};

/// The file's usual name.
pub const FILE_NAME: &str = "pipeline.toml";

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
    /// The way from the folder of the store to that of the outputs; empty where they are one. It stays the same where both are
    /// moved together.
    pub way_to_output: PathBuf,
    /// The places that the pipeline writes to, which are no sources: those of a run, also where another one is rehearsed.
    own: Vec<PathBuf>,
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

impl Config {
    /// Finds, reads and checks the configuration. `given` is the file named on the command line.
    pub fn load(given: Option<&Path>) -> Result<Self, ConfigError> {
        let path = match given {
            Some(path) => path.to_owned(),
            None => find().ok_or(ConfigError::NotFound)?,
        };
        let text =
            fs::read_to_string(&path).map_err(|source| ConfigError::Read { path: path.clone(), source })?;
        Self::parse(&path, &text, &environment::overrides())
    }

    /// Checks the text of a configuration; `overrides` are variables with their values.
    pub fn parse(path: &Path, text: &str, overrides: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        let name = path.file_name().map_or(FILE_NAME.into(), |name| name.to_string_lossy().into_owned());
        let located = Located { name: &name, text: Some(text) };
        let (file, located_text): (ConfigFile, _) = if overrides.is_empty() {
            (toml::from_str(text).map_err(|error| located.toml(&error))?, Some(text))
        } else {
            (overridden(&located, text, overrides)?, None)
        };
        // What is wrong may stand in the file or in a variable.
        let variables: Vec<&str> = overrides.keys().map(String::as_str).collect();
        let together =
            if variables.is_empty() { name } else { format!("{name} with {}", variables.join(", ")) };
        let located = Located { name: &together, text: located_text };

        let root = path.parent().unwrap_or(Path::new(""));
        let existing = |path: &Spanned<PathBuf>, what: &str| {
            let full = located.path(root, path, what)?;
            if full.exists() {
                return Ok(full);
            }
            let found = path.get_ref().display();
            Err(located
                .invalid(path.span(), format!("{what} \"{found}\" does not exist{}", near_file(&full))))
        };
        let reviews = |path: &Spanned<PathBuf>| {
            let full = existing(path, "the folder of reviews")?;
            if full.is_dir() {
                return Ok(full);
            }
            let found = path.get_ref().display();
            let what =
                format!("[review] dir \"{found}\" is a file (name the folder that reports come back to)");
            Err(located.invalid(path.span(), what))
        };
        let sources = sources::all(&file.source, root, &located)?;
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
        let (store, output) = (file.store.at(root, &located)?, file.output.at(root, &located)?);
        let own = own::places(root, &store, &output);
        own::refuse(&file.source, &sources, &own, &located)?;
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
            reviews: file.review.dir.as_ref().map(reviews).transpose()?,
            schedule,
            notify,
            metrics: file
                .metrics
                .as_ref()
                .map(|table| located.path(root, &table.textfile, "the file of figures"))
                .transpose()?,
            published_scores: optional(&file.data.published_scores)?,
            published_indicators: optional(&file.data.published_indicators)?,
            published_sources: optional(&file.data.published_sources)?,
            coded_answers: optional(&file.data.coded_answers)?,
            previous_answers,
            deadline,
            sources,
            way_to_output: place::way(root, store.parent().unwrap_or(Path::new("")), &output),
            store,
            output,
            own,
            feedback: file.output.feedback,
            language: Language::new(&file.output.language),
            hash: sha256(format!("{text}\0{overrides:?}").as_bytes()),
        })
    }

    /// The file of figures about runs and the wave, as far as a configuration tells them that cannot be used otherwise.
    pub fn metrics_of(given: Option<&Path>) -> Option<(PathBuf, Wave)> {
        let path = given.map(Path::to_owned).or_else(find)?;
        let table: toml::Table = toml::from_str(&fs::read_to_string(&path).ok()?).ok()?;
        let overrides = environment::overrides();
        let value = |section: &str, key: &str| table.get(section)?.get(key).cloned();
        let textfile = overrides.get("GTMI_METRICS__TEXTFILE").cloned();
        let textfile = textfile.or_else(|| Some(value("metrics", "textfile")?.as_str()?.to_owned()))?;
        let wave = overrides.get("GTMI_RUN__WAVE").and_then(|wave| wave.parse().ok());
        let wave = wave.or_else(|| u16::try_from(value("run", "wave")?.as_integer()?).ok())?;
        Some((path.parent().unwrap_or(Path::new("")).join(textfile), Wave(wave)))
    }

    /// The places below a folder that the pipeline itself writes to, by their paths from there: nothing in them is anybody's
    /// submission.
    pub fn own_places_below(&self, folder: &Path) -> Vec<PathBuf> {
        own::below(folder, &self.own)
    }

    /// The folder of submissions that a file at this place would be read from as one, if there is such a source.
    pub fn source_of(&self, file: &Path) -> Option<&Source> {
        let file = own::real(file);
        let reads = |source: &&Source| {
            let SourceKind::Directory { path, include } = &source.kind else { return false };
            let folder = own::real(path);
            let below = file.strip_prefix(&folder).is_ok_and(|below| include.is_match(below));
            below && !self.own.iter().any(|place| file.starts_with(own::real(place)))
        };
        self.sources.iter().find(reads)
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
