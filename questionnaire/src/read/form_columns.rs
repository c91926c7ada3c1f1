//! The columns of an export of the online form: names with or without their groups, or labels in any language.

use std::collections::{BTreeMap, HashMap};

use maturity::cell::{Cell, CellValue};
use maturity::form::{field_name, key, name, note_name};
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::normalize::matching_key;
use maturity::submission::{Field, HeaderField};

use super::question_ids::QuestionIds;
use crate::form::question_label;
use crate::words;

/// What the columns of servers are called, in any case.
const INSTANCE: [&str; 5] = ["meta/rootuuid", "key", "_uuid", "meta-instanceid", "instanceid"];
const SUBMITTED: [&str; 2] = ["_submission_time", "submissiondate"];
const REVIEW: [&str; 2] = ["_validation_status", "reviewstate"];
/// Names that other forms of this kind give to the fields of the respondent.
const OTHER_NAMES: [(&str, HeaderField); 3] = [
    ("email", HeaderField::ContactEmail),
    ("office", HeaderField::ContactOffice),
    ("respondent_name", HeaderField::ContactName),
];

/// What a column holds.
#[derive(Debug, Clone, PartialEq)]
enum Meaning {
    Field(Id, Field),
    /// Whether the choice of that code is taken, for a question that takes several.
    Option(Id, String),
    Header(HeaderField),
    Ignored,
}

/// The columns of one question's answer.
#[derive(Debug, Default)]
pub(super) struct AnswerColumns {
    /// The column of the answer as a whole.
    pub(super) whole: Option<u32>,
    /// A column for each choice, with its code.
    pub(super) options: Vec<(u32, String)>,
}

/// The columns of an export.
#[derive(Debug)]
pub(super) struct Columns {
    pub(super) answers: BTreeMap<Id, AnswerColumns>,
    pub(super) others: BTreeMap<(Id, Field), u32>,
    pub(super) header: BTreeMap<HeaderField, u32>,
    pub(super) instance: Option<u32>,
    pub(super) submitted: Option<u32>,
    pub(super) review: Option<u32>,
    /// Columns that look like questions of this framework without being any, with their headings.
    pub(super) unknown: Vec<(u32, String)>,
}

/// Everything that a heading can be, by its key.
pub(super) struct Names<'a> {
    framework: &'a Framework,
    by_name: HashMap<String, Meaning>,
    by_label: HashMap<String, Meaning>,
}

impl<'a> Names<'a> {
    /// The names and labels of the framework's form.
    pub(super) fn of(framework: &'a Framework) -> Self {
        let mut by_name = HashMap::new();
        let mut by_label = HashMap::new();
        for (text, field) in OTHER_NAMES {
            by_name.insert(key(text), Meaning::Header(field));
        }
        for field in HeaderField::ALL {
            by_name.insert(key(field.as_str()), Meaning::Header(field));
            for label in words::all(&format!("form-{}", field.as_str())) {
                by_label.insert(matching_key(label), Meaning::Header(field));
            }
        }
        for question in &framework.questions {
            let id = &question.id;
            by_name.insert(key(&note_name(id)), Meaning::Ignored);
            for field in [Field::Evidence, Field::Comment] {
                by_name.insert(key(&field_name(id, field)), Meaning::Field(id.clone(), field));
            }
            for text in [id.as_str(), name(id).as_str()] {
                by_name.insert(key(text), Meaning::Field(id.clone(), Field::Answer));
            }
            for (language, _) in &framework.languages {
                let label = matching_key(&question_label(question, language));
                by_label.insert(label, Meaning::Field(id.clone(), Field::Answer));
            }
            let told = |key: &str, about: &Id| {
                let fill =
                    |text| maturity::wording::fill(text, |name| (name == "id").then(|| about.to_string()));
                words::all(key).into_iter().map(fill).collect::<Vec<_>>()
            };
            for label in told("form-evidence", id) {
                by_label.insert(matching_key(&label), Meaning::Field(id.clone(), Field::Evidence));
            }
            for label in told("form-comment", &question.indicator) {
                let comment = Meaning::Field(id.clone(), Field::Comment);
                by_label.entry(matching_key(&label)).or_insert(comment);
            }
        }
        Self { framework, by_name, by_label }
    }

    /// What a heading means: by the longest end of it that is a name or a label, after a `/` or `-`.
    fn meaning(&self, heading: &str) -> Option<Meaning> {
        let ends = heading.char_indices().filter(|(_, c)| matches!(c, '/' | '-')).map(|(at, _)| at + 1);
        for start in std::iter::once(0).chain(ends) {
            let end = heading.get(start..).unwrap_or_default();
            if let Some(meaning) =
                self.by_name.get(&key(end)).or_else(|| self.by_label.get(&matching_key(end)))
            {
                return Some(meaning.clone());
            }
        }
        self.option(heading)
    }

    /// `question/code` or `question/label of the choice`: one column for each choice.
    fn option(&self, heading: &str) -> Option<Meaning> {
        heading.match_indices('/').find_map(|(at, _)| {
            let (path, last) = (heading.get(..at)?, heading.get(at + 1..)?);
            let question = match self.meaning(path)? {
                Meaning::Field(id, Field::Answer) => self.framework.question(&id)?,
                _ => return None,
            };
            let code = option_code(self.framework, question, last)?;
            Some(Meaning::Option(question.id.clone(), code))
        })
    }
}

/// The code of a choice that a heading names by its code or its label.
fn option_code(framework: &Framework, question: &Question, text: &str) -> Option<String> {
    if !matches!(question.kind, Kind::SelectMultiple(_)) {
        return None;
    }
    let list = framework.choices(question)?;
    let label = matching_key(text);
    let by_code = list.choices.iter().find(|choice| key(&choice.code) == key(text));
    let by_label =
        || list.choices.iter().find(|choice| choice.label.all().any(|known| matching_key(known) == label));
    by_code.or_else(by_label).map(|choice| choice.code.clone())
}

impl Columns {
    /// The columns, if a row holds the headings of an export: those of a server, and enough questions.
    pub(super) fn of<'a>(
        row: &[Cell],
        names: impl FnOnce() -> &'a Names<'a>,
        ids: &QuestionIds<'_>,
    ) -> Option<Self> {
        let server = |known: &[&str]| {
            known.iter().find_map(|known| headings(row).find(|(_, text)| text.eq_ignore_ascii_case(known)))
        };
        // Nearly every row of other files ends here.
        let instance = Some(server(&INSTANCE)?.0);
        let submitted = Some(server(&SUBMITTED)?.0);
        let review = server(&REVIEW).map(|(column, _)| column);
        let names = names();
        let mut columns = Self {
            answers: BTreeMap::new(),
            others: BTreeMap::new(),
            header: BTreeMap::new(),
            instance,
            submitted,
            review,
            unknown: Vec::new(),
        };
        for (column, heading) in headings(row) {
            match names.meaning(heading) {
                Some(Meaning::Field(id, Field::Answer)) => {
                    columns.answers.entry(id).or_default().whole.get_or_insert(column);
                }
                Some(Meaning::Field(id, field)) => {
                    columns.others.entry((id, field)).or_insert(column);
                }
                Some(Meaning::Option(id, code)) => {
                    columns.answers.entry(id).or_default().options.push((column, code));
                }
                Some(Meaning::Header(field)) => {
                    columns.header.entry(field).or_insert(column);
                }
                Some(Meaning::Ignored) => {}
                None => {
                    let end = heading.rsplit('/').next().unwrap_or(heading);
                    if ids.looks_like_one(end) {
                        columns.unknown.push((column, end.to_owned()));
                    }
                }
            }
        }
        (columns.answers.len() >= ids.several()).then_some(columns)
    }
}

/// The texts of a row with their columns.
fn headings(row: &[Cell]) -> impl Iterator<Item = (u32, &str)> {
    row.iter().filter_map(|cell| match &cell.value {
        CellValue::Text(text) => Some((cell.address.column, text.trim())),
        _ => None,
    })
}
