//! From the text of a framework's files to a [`Framework`]: reads every row, keeps every problem.

mod index_file;
mod rows;

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::id::Id;
use crate::language::{Language, Text};
use crate::spelling::did_you_mean;
use crate::submission::Wave;

pub(super) use self::index_file::line_at;
use self::index_file::{
    SubindexTable, external_indices, groups, languages, read_index, right_to_left, subindexes,
};
use self::rows::{CHOICE_COLUMNS, Reading, SURVEY_COLUMNS};
use super::check;
use super::check_scoring;
use super::earlier::EarlierVersion;
use super::load_scoring::{self, Toml};
use super::places::Places;
use super::policy;
use super::problem::FrameworkProblems;
use super::table::{self, Columns};
use super::{Composite, Date, Framework, MissingPolicy, SubindexMethod};

/// The content of a framework's files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FrameworkSources {
    /// `framework.toml`
    pub framework: String,
    /// `indicators.csv`
    pub indicators: String,
    /// `survey.csv`
    pub survey: String,
    /// `choices.csv`
    pub choices: String,
}

impl FrameworkSources {
    /// The names of the files, in the order of the fields.
    pub const FILES: [&'static str; 4] = [TOML, INDICATORS, SURVEY, CHOICES];

    /// The id of the framework, also of one that this version cannot load.
    pub fn id(&self) -> Option<String> {
        let table: toml::Table = self.framework.parse().ok()?;
        table.get("id")?.as_str().map(str::to_owned)
    }
}

pub(super) const TOML: &str = "framework.toml";
pub(super) const INDICATORS: &str = "indicators.csv";
pub(super) const SURVEY: &str = "survey.csv";
pub(super) const CHOICES: &str = "choices.csv";

const INDICATOR_COLUMNS: Columns = Columns {
    needed: &["id", "label"],
    optional: &["tier", "comparability", "weight", "direction", "normalization"],
    texts: &["label"],
};

/// The lines of things that the checks want to point at.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    pub(super) questions: BTreeMap<Id, u64>,
    pub(super) indicators: BTreeMap<Id, u64>,
    pub(super) lists: BTreeMap<String, u64>,
    pub(super) languages: BTreeMap<&'static str, Vec<Language>>,
}

pub(super) fn load(sources: &FrameworkSources) -> Result<Framework, FrameworkProblems> {
    let mut problems = Vec::new();
    let index = read_index(&sources.framework, &mut problems);
    let indicators = table::read(INDICATORS, &sources.indicators, &INDICATOR_COLUMNS, &mut problems);
    let survey = table::read(SURVEY, &sources.survey, &SURVEY_COLUMNS, &mut problems);
    let choices = table::read(CHOICES, &sources.choices, &CHOICE_COLUMNS, &mut problems);

    let mut reading = Reading { problems, lines: Lines::default() };
    for table in [&indicators, &survey, &choices] {
        reading.lines.languages.insert(table.file, table.languages.clone());
    }
    let choice_lists = reading.choice_lists(&choices);
    let questions = reading.questions(&survey, &choice_lists);
    let normalizations = index.as_ref().map_or_else(Vec::new, |index| {
        let mut toml = Toml { content: &sources.framework, problems: &mut reading.problems };
        load_scoring::normalizations(&index.normalization, &mut toml)
    });
    // Points are never normalised, so the first normalisation is not meant for them.
    let of_points: Vec<Id> = index.iter().flat_map(|index| &index.subindex).filter_map(of_points).collect();
    // Where framework.toml cannot be read, nothing is said about names that it may well define.
    let named = index.is_some().then_some(&normalizations);
    let indicators = reading.indicators(&indicators, &questions, named, &of_points);

    let Some(index) = index else {
        reading.problems.sort();
        return Err(FrameworkProblems(reading.problems));
    };
    let language = Language::new(&index.language);
    let as_of = Date::parse(&index.as_of).unwrap_or_else(|| {
        reading.toml_problem(
            &sources.framework,
            "as_of",
            format!("\"{}\" is not a date", index.as_of),
            "write it as in 2022-11-30",
        );
        Date { year: index.wave, month: 1, day: 1 }
    });
    let text = |texts: &BTreeMap<String, String>| {
        // Authors write tags with a region in capitals, too: `pt-BR`.
        let texts = || texts.iter().map(|(tag, value)| (Language::new(tag), value.as_str()));
        let own = texts().find(|(tag, _)| *tag == language);
        let mut text = Text::new(own.map_or("", |(_, value)| value));
        for (tag, value) in texts().filter(|(tag, _)| *tag != language) {
            text.insert(tag, value);
        }
        text
    };
    let languages = languages(&index, &language);
    reading.default_language(&sources.framework, &languages, &language);
    let rules = policy::rules(&index.rule, &sources.framework, &mut reading.problems);
    let places = Places::of(&questions, &indicators);
    let uncertainty = index.uncertainty.as_ref().map(|table| {
        let mut toml = Toml { content: &sources.framework, problems: &mut reading.problems };
        load_scoring::uncertainty(table, &normalizations, &mut toml)
    });
    let groups = groups(&index.maturity_group, &text);
    let framework = Framework {
        id: index.id,
        version: index.version,
        wave: Wave(index.wave),
        as_of,
        title: text(&index.title),
        languages,
        right_to_left: right_to_left(&index.languages),
        composite: Composite {
            id: Id::from(index.composite.id),
            title: text(&index.composite.title),
            method: index.composite.method,
            missing_part: index.composite.missing_part,
            min_coverage: index.composite.min_coverage,
        },
        subindexes: subindexes(&index.subindex, &text),
        indicators,
        groups,
        external_indices: external_indices(&index.external_index, &text),
        missing: MissingPolicy::from(index.missing),
        uncertainty,
        evidence: policy::evidence(&index.evidence),
        rules,
        waves: index.waves.understood(text),
        questions,
        choice_lists,
        earlier_versions: index.earlier_version.into_iter().map(EarlierVersion::from).collect(),
        hash: hash(&[&sources.framework, &sources.indicators, &sources.survey, &sources.choices]),
        instrument_hash: hash(&[&table::plain(&sources.survey), &table::plain(&sources.choices)]),
        places,
        lines: reading.lines,
    };
    let mut problems = reading.problems;
    check::check(&framework, &sources.framework, &mut problems);
    check_scoring::check(&framework, &normalizations, &sources.framework, &framework.lines, &mut problems);
    if problems.is_empty() {
        Ok(framework)
    } else {
        problems.sort();
        problems.dedup();
        Err(FrameworkProblems(problems))
    }
}

impl Reading {
    /// Says that the default language is none of those that are declared.
    fn default_language(&mut self, framework: &str, declared: &[(Language, String)], default: &Language) {
        if declared.iter().any(|(known, _)| known == default) {
            return;
        }
        let guess = did_you_mean(default.tag(), declared.iter().map(|(known, _)| known.tag()));
        self.toml_problem(
            framework,
            "language",
            format!("the default language \"{default}\" is not declared{guess}"),
            "name it under [languages], or take one that is named there",
        );
    }
}

/// The id of a subindex that is a share of points.
fn of_points(subindex: &SubindexTable) -> Option<Id> {
    (subindex.method == SubindexMethod::ShareOfPoints).then(|| Id::from(subindex.id.as_str()))
}

/// SHA-256 over the parts, each preceded by its length so that moving text between files changes the hash.
fn hash(parts: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
