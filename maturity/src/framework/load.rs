//! From the text of a framework's files to a [`Framework`]: reads every row, keeps every problem.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::finding::Severity;
use crate::id::Id;
use crate::language::{Language, Text};
use crate::logic::Expression;
use crate::spelling::{did_you_mean, did_you_mean_field};
use crate::submission::Wave;

use super::check;
use super::check_scoring;
use super::earlier::{EarlierTable, EarlierVersion};
use super::language_table::LanguageTable;
use super::load_scoring::{self, NormalizationTable, Normalizations, Toml, UncertaintyTable};
use super::policy::{self, EvidenceTable, RuleTable};
use super::problem::{FrameworkProblem, FrameworkProblems};
use super::table::{self, Columns, Row, Table};
use super::waves::WavesTable;
use super::{
    AnswerPolicy, Choice, ChoiceList, Composite, CompositeMethod, Constraint, Date, Direction,
    EvidencePolicy, ExternalIndex, ExternalPolicy, Format, Framework, Indicator, Kind, MaturityGroup,
    MissingPolicy, PartPolicy, Question, Scoring, ScoringRule, Subindex, SubindexMethod,
};

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

const SURVEY_COLUMNS: Columns = Columns {
    needed: &["type", "name", "label", "indicator", "subindex"],
    optional: &[
        "hint",
        "required",
        "relevant",
        "constraint",
        "constraint_message",
        "constraint_severity",
        "format",
        "evidence_for",
        "scoring",
        "points",
        "disabled",
    ],
    texts: &["label", "hint", "constraint_message"],
};

const CHOICE_COLUMNS: Columns =
    Columns { needed: &["list_name", "name", "label", "level"], optional: &[], texts: &["label"] };

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct IndexFile {
    id: String,
    version: String,
    wave: u16,
    as_of: String,
    title: BTreeMap<String, String>,
    language: String,
    languages: BTreeMap<String, LanguageTable>,
    composite: CompositeTable,
    subindex: Vec<SubindexTable>,
    #[serde(default)]
    normalization: Vec<NormalizationTable>,
    #[serde(default)]
    maturity_group: Vec<GroupTable>,
    #[serde(default)]
    external_index: Vec<ExternalTable>,
    missing: MissingTable,
    uncertainty: Option<UncertaintyTable>,
    #[serde(default)]
    evidence: EvidenceTable,
    #[serde(default)]
    rule: Vec<RuleTable>,
    #[serde(default)]
    earlier_version: Vec<EarlierTable>,
    #[serde(default)]
    waves: WavesTable,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompositeTable {
    id: String,
    title: BTreeMap<String, String>,
    method: CompositeMethod,
    #[serde(default)]
    missing_part: PartPolicy,
    #[serde(default)]
    min_coverage: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SubindexTable {
    id: String,
    title: BTreeMap<String, String>,
    parent: Option<String>,
    weight: f64,
    method: SubindexMethod,
    #[serde(default)]
    missing_part: PartPolicy,
    #[serde(default)]
    min_coverage: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GroupTable {
    id: String,
    title: BTreeMap<String, String>,
    at_least: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExternalTable {
    id: String,
    title: BTreeMap<String, String>,
    range: [f64; 2],
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MissingTable {
    answer: AnswerPolicy,
    external_index: ExternalPolicy,
    #[serde(default)]
    evidence: EvidencePolicy,
    marks: Vec<String>,
    required: Severity,
    not_relevant: Severity,
}

impl From<MissingTable> for MissingPolicy {
    fn from(table: MissingTable) -> Self {
        let MissingTable { answer, external_index, evidence, marks, required, not_relevant } = table;
        Self { answer, external_index, evidence, marks, required, not_relevant }
    }
}

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
        let mut text = Text::new(texts.get(language.tag()).map_or("", String::as_str));
        for (tag, value) in texts.iter().filter(|(tag, _)| **tag != language.tag()) {
            text.insert(Language::new(tag), value);
        }
        text
    };
    let languages = languages(&index, &language);
    let rules = policy::rules(&index.rule, &sources.framework, &mut reading.problems);
    let positions = questions.iter().enumerate().map(|(at, question)| (question.id.clone(), at)).collect();
    let backing = backing(&questions);
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
        instrument_hash: hash(&[&sources.survey, &sources.choices]),
        positions,
        backing,
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

fn subindexes(tables: &[SubindexTable], text: &dyn Fn(&BTreeMap<String, String>) -> Text) -> Vec<Subindex> {
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

fn external_indices(
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
fn groups(tables: &[GroupTable], text: &dyn Fn(&BTreeMap<String, String>) -> Text) -> Vec<MaturityGroup> {
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
fn right_to_left(tables: &BTreeMap<String, LanguageTable>) -> BTreeSet<Language> {
    tables.iter().filter(|(_, table)| table.right_to_left).map(|(tag, _)| Language::new(tag)).collect()
}

/// The id of a subindex that is a share of points.
fn of_points(subindex: &SubindexTable) -> Option<Id> {
    (subindex.method == SubindexMethod::ShareOfPoints).then(|| Id::from(subindex.id.as_str()))
}

/// The position of the first question that holds the evidence for each question that has one.
fn backing(questions: &[Question]) -> BTreeMap<Id, usize> {
    let mut backing = BTreeMap::new();
    for (at, question) in questions.iter().enumerate() {
        if let Some(backed) = &question.evidence_for {
            backing.entry(backed.clone()).or_insert(at);
        }
    }
    backing
}

/// The declared languages, the default first.
fn languages(index: &IndexFile, default: &Language) -> Vec<(Language, String)> {
    let mut languages: Vec<(Language, String)> =
        index.languages.iter().map(|(tag, table)| (Language::new(tag), table.name.clone())).collect();
    languages.sort_by_key(|(tag, _)| (tag != default, tag.clone()));
    languages
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

fn read_index(content: &str, problems: &mut Vec<FrameworkProblem>) -> Option<IndexFile> {
    match toml::from_str(content) {
        Ok(index) => Some(index),
        Err(error) => {
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

/// The line of a byte position, counted from 1.
pub(super) fn line_at(content: &str, position: usize) -> u64 {
    let newlines = content.bytes().take(position).filter(|byte| *byte == b'\n').count();
    u64::try_from(newlines).unwrap_or(u64::MAX).saturating_add(1)
}

struct Reading {
    problems: Vec<FrameworkProblem>,
    lines: Lines,
}

impl Reading {
    fn problem(&mut self, table: &Table, row: &Row, what: String, advice: impl Into<String>) {
        self.problems.push(FrameworkProblem {
            file: table.file,
            line: Some(row.line),
            what,
            advice: advice.into(),
        });
    }

    fn toml_problem(&mut self, content: &str, key: &str, what: String, advice: &str) {
        let line = content.find(key).map(|position| line_at(content, position));
        self.problems.push(FrameworkProblem { file: TOML, line, what, advice: advice.to_owned() });
    }

    fn choice_lists(&mut self, table: &Table) -> BTreeMap<String, ChoiceList> {
        let mut lists: BTreeMap<String, ChoiceList> = BTreeMap::new();
        for row in &table.rows {
            let (name, code) = (row.get("list_name").to_owned(), row.get("name").to_owned());
            if name.is_empty() || code.is_empty() || code.contains(char::is_whitespace) {
                let what = format!("the choice \"{code}\" of the list \"{name}\" has no usable name");
                self.problem(table, row, what, "give list_name and name; a name has no blanks");
                continue;
            }
            let level =
                row.get("level").parse::<f64>().ok().filter(|level| level.is_finite() && *level >= 0.0);
            let level = level.unwrap_or_else(|| {
                let what = format!("\"{}\" is not a level", row.get("level"));
                self.problem(table, row, what, "give a number, 0 or more; 0 earns no points");
                0.0
            });
            self.lines.lists.entry(name.clone()).or_insert(row.line);
            let list = lists.entry(name.clone()).or_default();
            if list.choice(&code).is_some() {
                self.problem(
                    table,
                    row,
                    format!("the list \"{name}\" has the choice \"{code}\" twice"),
                    "give one of them another name, or remove it",
                );
                continue;
            }
            list.choices.push(Choice { code, label: row.text("label"), level });
        }
        lists
    }

    fn questions(&mut self, table: &Table, lists: &BTreeMap<String, ChoiceList>) -> Vec<Question> {
        let mut questions = Vec::new();
        for row in &table.rows {
            let id = Id::from(row.get("name"));
            if id.as_str().is_empty() || id.as_str().contains(char::is_whitespace) {
                let what = format!("the question \"{id}\" has no usable name");
                self.problem(table, row, what, "give a name without blanks, e.g. I-12.4");
                continue;
            }
            if let Some(first) = self.lines.questions.get(&id) {
                let what = format!("the question \"{id}\" stands there twice, first on line {first}");
                self.problem(table, row, what, "give one of them another name; an id is never reused");
                continue;
            }
            self.lines.questions.insert(id.clone(), row.line);
            let kind = self.kind(table, row);
            let scoring = self.scoring(table, row, &kind, lists);
            let question = Question {
                id,
                label: row.text("label"),
                hint: row.text("hint"),
                required: self.yes(table, row, "required"),
                relevant: self.expression(table, row, "relevant"),
                constraint: self.constraint(table, row),
                format: self.format(table, row, &kind),
                evidence_for: Some(row.get("evidence_for")).filter(|id| !id.is_empty()).map(Id::from),
                indicator: Id::from(row.get("indicator")),
                subindex: Id::from(row.get("subindex")),
                scoring,
                disabled: self.yes(table, row, "disabled"),
                kind,
            };
            questions.push(question);
        }
        questions
    }

    fn kind(&mut self, table: &Table, row: &Row) -> Kind {
        let mut words = row.get("type").split_whitespace();
        let (kind, argument) = (words.next().unwrap_or_default(), words.next());
        match (kind, argument, words.next()) {
            ("select_one", Some(list), None) => Kind::SelectOne(list.to_owned()),
            ("select_multiple", Some(list), None) => Kind::SelectMultiple(list.to_owned()),
            ("external", Some(index), None) => Kind::External(index.to_owned()),
            ("integer", None, _) => Kind::Integer,
            ("decimal", None, _) => Kind::Decimal,
            ("text", None, _) => Kind::Text,
            _ => {
                let known = ["select_one", "select_multiple", "integer", "decimal", "text", "external"];
                let guess = did_you_mean(kind, known);
                self.problem(
                    table,
                    row,
                    format!("the type \"{}\" is not supported{guess}", row.get("type")),
                    "use select_one LIST, select_multiple LIST, integer, decimal, text or external INDEX",
                );
                Kind::Text
            }
        }
    }

    fn yes(&mut self, table: &Table, row: &Row, column: &'static str) -> bool {
        match row.get(column).to_lowercase().as_str() {
            "yes" | "true" => true,
            "" | "no" | "false" => false,
            other => {
                self.problem(table, row, format!("{column} is \"{other}\""), "write yes, or leave it empty");
                false
            }
        }
    }

    fn expression(&mut self, table: &Table, row: &Row, column: &'static str) -> Option<Expression> {
        let text = row.get(column);
        if text.is_empty() {
            return None;
        }
        match Expression::parse(text) {
            Ok(expression) => Some(expression),
            Err(error) => {
                self.problem(table, row, format!("{column} \"{text}\": {error}"), "correct the expression");
                None
            }
        }
    }

    fn constraint(&mut self, table: &Table, row: &Row) -> Option<Constraint> {
        let message = row.text("constraint_message");
        let given = row.get("constraint_severity");
        let severity = if given.is_empty() { Some(Severity::Error) } else { Severity::parse(given) };
        let severity = severity.unwrap_or_else(|| {
            let what = format!("constraint_severity is \"{given}\"");
            self.problem(table, row, what, "write error, warning or info, or leave it empty for error");
            Severity::Error
        });
        let Some(expression) = self.expression(table, row, "constraint") else {
            if row.get("constraint").is_empty() && !(message.is_empty() && given.is_empty()) {
                let what = "there is a constraint message or severity without a constraint".to_owned();
                self.problem(table, row, what, "add the constraint, or clear the other columns");
            }
            return None;
        };
        if message.is_empty() {
            let what = "the constraint has no message".to_owned();
            self.problem(table, row, what, "say in constraint_message what is expected and what to do");
        }
        Some(Constraint { expression, message, severity })
    }

    fn format(&mut self, table: &Table, row: &Row, kind: &Kind) -> Option<Format> {
        let format = match row.get("format") {
            "" => return None,
            "link" => Format::Link,
            "link_or_text" => Format::LinkOrText,
            "year" => Format::Year,
            other => {
                let guess = did_you_mean(other, ["link", "link_or_text", "year"]);
                let what = format!("the format \"{other}\" is not known{guess}");
                self.problem(table, row, what, "write link, link_or_text or year, or leave it empty");
                return None;
            }
        };
        let fits = if format == Format::Year { Kind::Integer } else { Kind::Text };
        if *kind != fits {
            let what = format!("the format \"{}\" does not fit the type", row.get("format"));
            self.problem(table, row, what, "year is for integer, link and link_or_text are for text");
        }
        Some(format)
    }

    fn scoring(
        &mut self,
        table: &Table,
        row: &Row,
        kind: &Kind,
        lists: &BTreeMap<String, ChoiceList>,
    ) -> Option<Scoring> {
        let (rule, points) = (row.get("scoring"), row.get("points"));
        let rule = match rule {
            "" if points.is_empty() => return None,
            "" => {
                let what = format!("there are {points} points, but no scoring rule");
                self.problem(table, row, what, "write level, any or value in scoring, or clear points");
                return None;
            }
            "level" => ScoringRule::Level,
            "any" => ScoringRule::Any,
            "value" => ScoringRule::Value,
            "number" => return self.number(table, row, kind),
            other => {
                let guess = did_you_mean(other, ["level", "any", "value", "number"]);
                let what = format!("the scoring rule \"{other}\" is not known{guess}");
                self.problem(table, row, what, "write level, any, value or number");
                return None;
            }
        };
        let points = points.parse::<f64>().ok().filter(|points| points.is_finite() && *points > 0.0);
        let Some(points) = points else {
            let what = format!("\"{}\" are no points", row.get("points"));
            self.problem(table, row, what, "give a number above 0");
            return None;
        };
        let list = match (kind, rule) {
            (Kind::SelectOne(list), ScoringRule::Level | ScoringRule::Any)
            | (Kind::SelectMultiple(list), ScoringRule::Any) => lists.get(list),
            (Kind::External(_), ScoringRule::Value) => {
                return Some(Scoring { rule, points, max_points: points });
            }
            _ => {
                self.problem(
                    table,
                    row,
                    format!(
                        "the scoring rule \"{}\" does not fit the type \"{}\"",
                        rule.as_str(),
                        row.get("type")
                    ),
                    "level needs select_one; any needs select_one or select_multiple; value needs external",
                );
                return None;
            }
        };
        // An unknown list is reported by the checks; its highest level does not matter then.
        let highest = list.map_or(1.0, ChoiceList::highest_level);
        if highest <= 0.0 {
            let what = "there are points, but no choice with a level above 0 can earn them".to_owned();
            self.problem(table, row, what, "give one of the choices a level above 0");
        }
        let max_points = if rule == ScoringRule::Level { points * highest } else { points };
        Some(Scoring { rule, points, max_points })
    }

    /// The scoring of a question whose number is the value of its indicator.
    fn number(&mut self, table: &Table, row: &Row, kind: &Kind) -> Option<Scoring> {
        if !row.get("points").is_empty() {
            let what = format!("there are {} points, but a number earns none", row.get("points"));
            self.problem(table, row, what, "clear points; the weight stands in indicators.csv");
        }
        if !matches!(kind, Kind::Integer | Kind::Decimal | Kind::External(_)) {
            let what = format!("the scoring rule \"number\" does not fit the type \"{}\"", row.get("type"));
            self.problem(table, row, what, "number needs integer, decimal or external");
            return None;
        }
        Some(Scoring { rule: ScoringRule::Number, points: 0.0, max_points: 0.0 })
    }

    fn weight(&mut self, table: &Table, row: &Row) -> f64 {
        let text = row.get("weight");
        if text.is_empty() {
            return 1.0;
        }
        let weight = text.parse::<f64>().ok().filter(|weight| weight.is_finite() && *weight > 0.0);
        weight.unwrap_or_else(|| {
            let what = format!("\"{text}\" is no weight");
            self.problem(table, row, what, "give a number above 0, or leave it empty for 1");
            1.0
        })
    }

    fn direction(&mut self, table: &Table, row: &Row) -> Direction {
        match row.get("direction") {
            "" | "1" | "+1" => Direction::Higher,
            "-1" => Direction::Lower,
            other => {
                let what = format!("the direction is \"{other}\"");
                self.problem(table, row, what, "write 1 if more is better, -1 if less is better");
                Direction::Higher
            }
        }
    }

    fn indicators(
        &mut self,
        table: &Table,
        questions: &[Question],
        normalizations: Option<&Normalizations>,
        of_points: &[Id],
    ) -> Vec<Indicator> {
        let mut indicators: Vec<Indicator> = Vec::new();
        for row in &table.rows {
            let id = Id::from(row.get("id"));
            if let Some(first) = self.lines.indicators.get(&id) {
                let what = format!("the indicator \"{id}\" stands there twice, first on line {first}");
                self.problem(table, row, what, "give one of them another id, or remove it");
                continue;
            }
            self.lines.indicators.insert(id.clone(), row.line);
            let Some(subindex) = questions.iter().find(|question| question.indicator == id) else {
                let what = format!("no question belongs to the indicator \"{id}\"");
                self.problem(table, row, what, "remove it, or name it in the column indicator of survey.csv");
                continue;
            };
            let named = row.get("normalization");
            // Without a name, the first one; without any, values stay as they are.
            let first = named.is_empty() && !of_points.contains(&subindex.subindex);
            let mut known = normalizations.into_iter().flatten();
            let normalization = known.find(|(id, _)| first || id == named);
            if let (None, false, Some(normalizations)) = (normalization, named.is_empty(), normalizations) {
                let guess = did_you_mean(named, normalizations.iter().map(|(id, _)| id.as_str()));
                let what = format!("the normalization \"{named}\" is unknown{guess}");
                self.problem(
                    table,
                    row,
                    what,
                    "add it to framework.toml as [[normalization]], or correct it",
                );
            }
            let normalization = normalization.map(|(_, normalization)| *normalization).unwrap_or_default();
            let (weight, direction) = (self.weight(table, row), self.direction(table, row));
            let optional = |column| Some(row.get(column)).filter(|text| !text.is_empty()).map(str::to_owned);
            indicators.push(Indicator {
                id,
                title: row.text("label"),
                subindex: subindex.subindex.clone(),
                tier: optional("tier"),
                comparability: optional("comparability"),
                weight,
                direction,
                normalization,
            });
        }
        indicators
    }
}
