//! What framework.toml holds, key by key, and what it becomes.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::TOML;
use crate::finding::Severity;
use crate::framework::earlier::EarlierTable;
use crate::framework::language_table::LanguageTable;
use crate::framework::load_scoring::{NormalizationTable, UncertaintyTable};
use crate::framework::policy::{EvidenceTable, RuleTable};
use crate::framework::problem::FrameworkProblem;
use crate::framework::waves::WavesTable;
use crate::framework::{
    AnswerPolicy, CompositeMethod, EvidencePolicy, ExternalIndex, ExternalPolicy, MaturityGroup,
    MissingPolicy, PartPolicy, Subindex, SubindexMethod,
};
use crate::id::Id;
use crate::language::{Language, Text};
use crate::spelling::did_you_mean_field;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct IndexFile {
    pub(super) id: String,
    pub(super) version: String,
    pub(super) wave: u16,
    pub(super) as_of: String,
    pub(super) title: BTreeMap<String, String>,
    pub(super) language: String,
    pub(super) languages: BTreeMap<String, LanguageTable>,
    pub(super) composite: CompositeTable,
    pub(super) subindex: Vec<SubindexTable>,
    #[serde(default)]
    pub(super) normalization: Vec<NormalizationTable>,
    #[serde(default)]
    pub(super) maturity_group: Vec<GroupTable>,
    #[serde(default)]
    pub(super) external_index: Vec<ExternalTable>,
    pub(super) missing: MissingTable,
    pub(super) uncertainty: Option<UncertaintyTable>,
    #[serde(default)]
    pub(super) evidence: EvidenceTable,
    #[serde(default)]
    pub(super) rule: Vec<RuleTable>,
    #[serde(default)]
    pub(super) earlier_version: Vec<EarlierTable>,
    #[serde(default)]
    pub(super) waves: WavesTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CompositeTable {
    pub(super) id: String,
    pub(super) title: BTreeMap<String, String>,
    pub(super) method: CompositeMethod,
    #[serde(default)]
    pub(super) missing_part: PartPolicy,
    #[serde(default)]
    pub(super) min_coverage: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SubindexTable {
    pub(super) id: String,
    pub(super) title: BTreeMap<String, String>,
    pub(super) parent: Option<String>,
    pub(super) weight: f64,
    pub(super) method: SubindexMethod,
    #[serde(default)]
    pub(super) missing_part: PartPolicy,
    #[serde(default)]
    pub(super) min_coverage: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GroupTable {
    pub(super) id: String,
    pub(super) title: BTreeMap<String, String>,
    pub(super) at_least: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExternalTable {
    pub(super) id: String,
    pub(super) title: BTreeMap<String, String>,
    pub(super) range: [f64; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MissingTable {
    pub(super) answer: AnswerPolicy,
    pub(super) external_index: ExternalPolicy,
    #[serde(default)]
    pub(super) evidence: EvidencePolicy,
    pub(super) marks: Vec<String>,
    pub(super) required: Severity,
    pub(super) not_relevant: Severity,
}

impl From<MissingTable> for MissingPolicy {
    fn from(table: MissingTable) -> Self {
        let MissingTable { answer, external_index, evidence, marks, required, not_relevant } = table;
        Self { answer, external_index, evidence, marks, required, not_relevant }
    }
}

pub(super) fn subindexes(
    tables: &[SubindexTable],
    text: &dyn Fn(&BTreeMap<String, String>) -> Text,
) -> Vec<Subindex> {
    let subindex = |table: &SubindexTable| Subindex {
        id: Id::from(table.id.as_str()),
        title: text(&table.title),
        parent: table.parent.as_deref().map(Id::from),
        weight: table.weight,
        method: table.method,
        missing_part: table.missing_part,
        min_coverage: table.min_coverage,
    };
    tables.iter().map(subindex).collect()
}

pub(super) fn external_indices(
    tables: &[ExternalTable],
    text: &dyn Fn(&BTreeMap<String, String>) -> Text,
) -> Vec<ExternalIndex> {
    let external = |table: &ExternalTable| ExternalIndex {
        id: table.id.clone(),
        title: text(&table.title),
        range: (table.range[0], table.range[1]),
    };
    tables.iter().map(external).collect()
}

/// The maturity groups, highest threshold first.
pub(super) fn groups(
    tables: &[GroupTable],
    text: &dyn Fn(&BTreeMap<String, String>) -> Text,
) -> Vec<MaturityGroup> {
    let group = |table: &GroupTable| MaturityGroup {
        id: table.id.clone(),
        title: text(&table.title),
        at_least: table.at_least,
    };
    let mut groups: Vec<MaturityGroup> = tables.iter().map(group).collect();
    groups.sort_by(|a, b| b.at_least.total_cmp(&a.at_least));
    groups
}

/// The declared languages that are written from right to left.
pub(super) fn right_to_left(tables: &BTreeMap<String, LanguageTable>) -> BTreeSet<Language> {
    tables.iter().filter(|(_, table)| table.right_to_left).map(|(tag, _)| Language::new(tag)).collect()
}

/// The declared languages, the default first.
pub(super) fn languages(index: &IndexFile, default: &Language) -> Vec<(Language, String)> {
    let mut languages: Vec<(Language, String)> =
        index.languages.iter().map(|(tag, table)| (Language::new(tag), table.name.clone())).collect();
    languages.sort_by_key(|(tag, _)| (tag != default, tag.clone()));
    languages
}

pub(super) fn read_index(content: &str, problems: &mut Vec<FrameworkProblem>) -> Option<IndexFile> {
    match toml::from_str(content) {
        Ok(index) => Some(index),
        Err(error) => {
            let lacking = lacking(content);
            if error.message().starts_with("missing field") && !lacking.is_empty() {
                problems.extend(lacking);
                return None;
            }
            let line = error.span().map(|span| line_at(content, span.start));
            problems.push(FrameworkProblem {
                file: TOML,
                line,
                what: format!("{}{}", error.message(), did_you_mean_field(error.message())),
                advice: "correct this line".to_owned(),
            });
            None
        }
    }
}

/// All keys that the file must have and lacks; the reader of TOML tells one at a time.
fn lacking(content: &str) -> Vec<FrameworkProblem> {
    const NEEDED: [(&str, &[&str]); 3] = [
        (
            "",
            &[
                "id",
                "version",
                "wave",
                "as_of",
                "title",
                "language",
                "languages",
                "composite",
                "subindex",
                "missing",
            ],
        ),
        ("composite", &["id", "title", "method"]),
        ("missing", &["answer", "external_index", "marks", "required", "not_relevant"]),
    ];
    let Ok(root) = content.parse::<toml::Table>() else { return Vec::new() };
    let mut problems = Vec::new();
    for (name, keys) in NEEDED {
        let table =
            if name.is_empty() { Some(&root) } else { root.get(name).and_then(|table| table.as_table()) };
        let Some(table) = table else { continue };
        let lacks: Vec<&str> = keys.iter().copied().filter(|key| !table.contains_key(*key)).collect();
        if lacks.is_empty() {
            continue;
        }
        let heading = format!("[{name}]");
        let line = content.find(&heading).filter(|_| !name.is_empty()).map(|at| line_at(content, at));
        let place = if name.is_empty() { "the file".to_owned() } else { heading };
        let what = format!("{place} lacks {}", lacks.join(", "));
        problems.push(FrameworkProblem { file: TOML, line, what, advice: "add what is missing".to_owned() });
    }
    problems
}

/// The line of a byte position, counted from 1.
pub(in crate::framework) fn line_at(content: &str, position: usize) -> u64 {
    let newlines = content.bytes().take(position).filter(|byte| *byte == b'\n').count();
    u64::try_from(newlines).unwrap_or(u64::MAX).saturating_add(1)
}
