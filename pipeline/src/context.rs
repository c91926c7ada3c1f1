//! Everything that a run needs to know before it touches a submission: read once, checked, then shared.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use maturity::comparator::Comparator;
use maturity::economy::{Economies, EconomyCode};
use maturity::framework::{Framework, FrameworkProblems, FrameworkSources};
use maturity::previous::PreviousAnswers;

use crate::comparators::{self, Pin};
use crate::config::{Config, ConfigError};
use crate::hash::Fingerprint;
use crate::imports::{self, ImportSources};
use crate::known_files::KnownFiles;
use crate::scope::Scope;
use crate::tables::{
    self, ExternalIndices, ExternalInputs, FocalPoint, PreviousTables, PublishedScores, TableError,
};

/// The configuration and what it names.
#[derive(Debug)]
pub struct Context {
    /// The configuration.
    pub config: Config,
    /// The framework.
    pub framework: Framework,
    /// The files that the framework was read from.
    pub framework_sources: FrameworkSources,
    /// The economies.
    pub economies: Economies,
    /// SHA-256 of the table of economies, and of their classification if it has a table of its own.
    pub economies_hash: String,
    /// The external indices of the wave.
    pub external_indices: ExternalIndices,
    /// The published scores of all waves.
    pub published_scores: Vec<PublishedScores>,
    /// The indicator scores that follow from published answers; only comparators are made of them.
    pub published_indicators: Vec<PublishedScores>,
    /// The answers of an earlier wave that the store does not hold, by economy.
    pub previous_answers: BTreeMap<EconomyCode, PreviousAnswers>,
    /// What of these could not be used, for people to read.
    pub previous_left_out: Vec<String>,
    /// Who gets letters about each economy's questionnaire.
    pub focal_points: BTreeMap<EconomyCode, Vec<FocalPoint>>,
    /// The groups of economies that others are compared with.
    pub comparators: Vec<Comparator>,
    /// Which set of comparators is asked for.
    pub pin: Pin,
    /// Where they were taken from.
    pub import_sources: ImportSources,
    /// How much of the work is asked for.
    pub scope: Scope,
    /// Which files are as they were when they were last read or written.
    pub known_files: KnownFiles,
}

/// The configuration, the framework or a table cannot be used; nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ContextError {
    /// The configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A file of the framework cannot be read.
    #[error("failed to read {path:?}, a file of the framework")]
    FrameworkFile {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file of the framework is in another encoding.
    #[error(
        "{path:?}, a file of the framework, is not in UTF-8 (save it as UTF-8, in Excel as \"CSV UTF-8\")"
    )]
    Encoding {
        /// The file.
        path: PathBuf,
    },
    /// The framework has problems.
    #[error("{}: {problems}", .folder.display())]
    Framework {
        /// The framework's folder.
        folder: PathBuf,
        /// All of them.
        problems: FrameworkProblems,
    },
    /// The framework is for another wave than the configuration.
    #[error("the configuration asks for wave {asked}, but the framework in {} is for wave {found} (set [run] wave, or [framework] path)", .folder.display())]
    Wave {
        /// The wave asked for.
        asked: u16,
        /// The framework's wave.
        found: u16,
        /// The framework's folder.
        folder: PathBuf,
    },
    /// The framework does not exist in the language of the outputs.
    #[error("[output] language is \"{asked}\", but the framework exists in: {known}")]
    Language {
        /// The language asked for.
        asked: String,
        /// The languages that there are.
        known: String,
    },
    /// A table cannot be used.
    #[error(transparent)]
    Table(#[from] TableError),
}

impl Context {
    /// Loads the configuration and everything that it names; writes nothing.
    pub fn load(config: Option<&Path>) -> Result<Self, ContextError> {
        Self::of(Config::load(config)?)
    }

    /// Loads everything that `config` names.
    pub fn of(config: Config) -> Result<Self, ContextError> {
        let framework_sources = framework_sources(&config.framework)?;
        let framework = understood(&config.framework, &framework_sources)?;
        if framework.wave != config.wave {
            return Err(ContextError::Wave {
                asked: config.wave.0,
                found: framework.wave.0,
                folder: config.framework,
            });
        }
        if !framework.speaks(&config.language) {
            let known: Vec<_> = framework.languages.iter().map(|(language, _)| language.tag()).collect();
            return Err(ContextError::Language {
                asked: config.language.to_string(),
                known: known.join(", "),
            });
        }
        let (mut economies, mut economies_hash) = tables::economies(&config.economies)?;
        if let Some(path) = &config.classification {
            let hash = tables::classify(path, &mut economies)?;
            economies_hash = Fingerprint::new().with(economies_hash).with(hash).finish();
        }
        let ranges: BTreeMap<&str, (f64, f64)> =
            framework.external_indices.iter().map(|index| (index.id.as_str(), index.range)).collect();
        let external_indices = tables::external_indices(&ExternalInputs {
            table: config.external_indices.as_deref(),
            editions: config.external_editions.as_deref(),
            files: &config.external_files,
            choices: &config.external,
            wave: config.wave,
            economies: &economies,
            ranges: &ranges,
        })?;
        let PreviousTables { answers: previous_answers, left_out } = match &config.previous_answers {
            Some(table) => tables::previous_answers(table, &framework, &economies)?,
            None => PreviousTables::default(),
        };
        let published_scores = match &config.published_scores {
            Some(path) => tables::published_scores(path, &framework, &economies)?,
            None => Vec::new(),
        };
        let published_indicators = match &config.published_indicators {
            Some(path) => tables::published_scores(path, &framework, &economies)?,
            None => Vec::new(),
        };
        let addresses = config.notify.mail.as_ref().and_then(|mail| mail.addresses.as_ref());
        let focal_points = match addresses {
            Some(path) => tables::focal_points(path, &economies, &framework)?,
            None => BTreeMap::new(),
        };
        let comparators = comparators::comparators(&config.comparators, &economies)?;
        let pin = Pin::of(&config.comparators, &published_scores)?;
        let import_sources = match &config.published_sources {
            Some(path) => imports::import_sources(path, &published_scores)?,
            None => ImportSources::default(),
        };
        Ok(Self {
            known_files: KnownFiles::beside(&config.store),
            config,
            framework,
            framework_sources,
            economies,
            economies_hash,
            external_indices,
            published_scores,
            published_indicators,
            previous_answers,
            previous_left_out: left_out,
            focal_points,
            comparators,
            pin,
            import_sources,
            scope: Scope::default(),
        })
    }
}

/// Reads and checks the framework in a folder.
pub fn framework(folder: &Path) -> Result<Framework, ContextError> {
    understood(folder, &framework_sources(folder)?)
}

fn understood(folder: &Path, sources: &FrameworkSources) -> Result<Framework, ContextError> {
    Framework::load(sources)
        .map_err(|problems| ContextError::Framework { folder: folder.to_owned(), problems })
}

/// Reads the files of the framework in a folder, unchecked.
pub fn framework_sources(folder: &Path) -> Result<FrameworkSources, ContextError> {
    let read = |name: &str| {
        let path = folder.join(name);
        fs::read_to_string(&path).map_err(|source| match source.kind() {
            io::ErrorKind::InvalidData => ContextError::Encoding { path },
            _ => ContextError::FrameworkFile { path, source },
        })
    };
    let [toml, indicators, survey, choices] = FrameworkSources::FILES;
    Ok(FrameworkSources {
        framework: read(toml)?,
        indicators: read(indicators)?,
        survey: read(survey)?,
        choices: read(choices)?,
    })
}
