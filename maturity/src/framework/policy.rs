//! Policies of a wave that are neither questions nor scores: which answers need evidence, how grave a rule is.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::Severity;
use crate::normalize::matching_key;
use crate::rule;
use crate::spelling::did_you_mean;
use crate::submission::Wave;

use super::load::{TOML, line_at};
use super::problem::FrameworkProblem;

/// Which answers need a link or a document.
#[derive(Debug, Clone, Default)]
pub struct EvidenceRules {
    /// Which scored questions.
    pub needed: EvidenceNeed,
    /// What people write where there is no evidence yet, normalised, e.g. `to be confirmed`.
    placeholders: Vec<String>,
}

impl EvidenceRules {
    /// Whether a text is one of the placeholders, whatever its case, accents and punctuation around it.
    pub fn is_known_placeholder(&self, text: &str) -> bool {
        let key = matching_key(text);
        let bare = bare(&key);
        !bare.is_empty() && self.placeholders.iter().any(|known| *known == bare)
    }
}

/// Which scored questions need evidence for an answer that earns points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceNeed {
    /// None.
    #[default]
    None,
    /// Those for which the instrument asks for evidence in a question of its own (`evidence_for`).
    Asked,
    /// All that economies are asked.
    Scored,
}

/// How grave a rule is in this framework.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RulePolicy {
    /// The severity until the rule blocks; the usual one, if absent.
    pub severity: Option<Severity>,
    /// The first wave in which the rule is an error.
    pub blocking_from: Option<Wave>,
}

impl RulePolicy {
    /// The severity in `wave` of a finding that usually has the severity `usual`.
    pub fn severity(self, wave: Wave, usual: Severity) -> Severity {
        if self.blocking_from.is_some_and(|from| wave >= from) {
            return Severity::Error;
        }
        self.severity.unwrap_or(usual)
    }
}

/// A key without punctuation around it: `[tbd]` is `tbd`.
fn bare(key: &str) -> &str {
    key.trim_matches(|c: char| !c.is_alphanumeric())
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct EvidenceTable {
    needed: EvidenceNeed,
    placeholders: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RuleTable {
    id: String,
    severity: Option<Severity>,
    blocking_from: Option<u16>,
}

pub(super) fn evidence(table: &EvidenceTable) -> EvidenceRules {
    let placeholders = table.placeholders.iter().map(|text| bare(&matching_key(text)).to_owned()).collect();
    EvidenceRules { needed: table.needed, placeholders }
}

/// The policies by rule id; what is wrong with them is added to `problems`.
pub(super) fn rules(
    tables: &[RuleTable],
    toml: &str,
    problems: &mut Vec<FrameworkProblem>,
) -> BTreeMap<String, RulePolicy> {
    let known = rule::all();
    let mut policies = BTreeMap::new();
    for table in tables {
        let id = &table.id;
        let mut problem = |what: String, advice: String| {
            let line = toml.rfind(&format!("\"{id}\"")).map(|at| line_at(toml, at));
            problems.push(FrameworkProblem { file: TOML, line, what, advice });
        };
        match known.iter().find(|rule| rule.id == id) {
            None => {
                let guess = did_you_mean(id, known.iter().map(|rule| rule.id));
                problem(
                    format!("the rule \"{id}\" is not known{guess}"),
                    "docs/rules.md and `gtmi rules` list the rules".to_owned(),
                );
            }
            Some(rule) => {
                if let Err(reason) = rule.gravity.adjustable() {
                    problem(
                        format!("the severity of the rule \"{id}\" cannot be set here: {reason}"),
                        "remove this [[rule]]".to_owned(),
                    );
                }
            }
        }
        if table.severity.is_none() && table.blocking_from.is_none() {
            problem(
                format!("the rule \"{id}\" has neither a severity nor a first blocking wave"),
                "set severity = \"warning\" or blocking_from = 2025, or both".to_owned(),
            );
        }
        let policy = RulePolicy { severity: table.severity, blocking_from: table.blocking_from.map(Wave) };
        if policies.insert(id.clone(), policy).is_some() {
            problem(
                format!("the rule \"{id}\" stands there twice"),
                "keep one [[rule]] for each id".to_owned(),
            );
        }
    }
    policies
}
