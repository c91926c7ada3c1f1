//! What `pipeline.toml` holds, key by key, and the values that the environment puts in.

use std::collections::BTreeMap;
use std::path::PathBuf;

use maturity::spelling::did_you_mean_field;
use serde::Deserialize;
use toml::Spanned;

use super::external::ExternalFileTable;
use super::notify::NotifyTable;
use super::review::ReviewTable;
use super::schedule::ScheduleTable;
use super::sources::SourceTable;
use super::{ComparatorChoice, ConfigError, ExternalChoice, LinkChoice, PREFIX, RespondentChoice};

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
    pub(super) store: StoreTable,
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
    pub(super) textfile: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoreTable {
    pub(super) path: PathBuf,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OutputTable {
    pub(super) dir: PathBuf,
    pub(super) language: String,
    #[serde(default = "yes")]
    pub(super) feedback: bool,
}

fn yes() -> bool {
    true
}

/// The configuration with each `GTMI_SECTION__KEY` put in; a value is read as TOML, else taken as text.
pub(super) fn override_values(
    text: &str,
    overrides: &BTreeMap<String, String>,
) -> Result<ConfigFile, ConfigError> {
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
