//! The columns of an export of the online form.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use maturity::cell::{Cell, CellValue};
use maturity::id::Id;
use maturity::normalize::tidy;
use maturity::submission::{Field, HeaderField};

use super::form_names::{Meaning, Names};
use super::question_ids::QuestionIds;
use super::unread::Headings;

/// What the columns of servers are called, in any case.
const INSTANCE: [&str; 5] = ["meta/rootuuid", "key", "_uuid", "meta-instanceid", "instanceid"];
const SUBMITTED: [&str; 2] = ["_submission_time", "submissiondate"];
const REVIEW: [&str; 7] = [
    "_validation_status",
    "_validation_status.uid",
    "_validation_status/uid",
    "_validation_status_uid",
    "reviewstate",
    "__system/reviewstate",
    "__system.reviewstate",
];
/// What servers and devices call what they add to every form.
const OF_SERVERS: [&str; 38] = [
    "start",
    "end",
    "today",
    "starttime",
    "endtime",
    "duration",
    "completiondate",
    "deviceid",
    "subscriberid",
    "simid",
    "simserial",
    "sim_serial",
    "phonenumber",
    "phone_number",
    "devicephonenum",
    "username",
    "caseid",
    "instanceid",
    "instancename",
    "rootuuid",
    "deprecatedid",
    "formdef_version",
    "formversion",
    "form_version",
    "parent_key",
    "submitterid",
    "submittername",
    "attachmentspresent",
    "attachmentsexpected",
    "status",
    "edits",
    "version",
    "audit",
    "review_quality",
    "review_comments",
    "review_corrections",
    "background_audio",
    "text_audit",
];
/// The groups in which they put it.
const GROUPS_OF_SERVERS: [&str; 6] = ["meta/", "meta-", "formhub/", "__system/", "__system-", "__system."];
/// How many fields about the respondent tell that headings are those of the form.
const OWN_FIELDS: usize = 3;

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
    /// Of each further field its columns, the first one first.
    pub(super) others: BTreeMap<(Id, Field), Vec<u32>>,
    /// The same of what is said about the respondent and the form.
    pub(super) header: BTreeMap<HeaderField, Vec<u32>>,
    /// The columns that name the instance, the one that counts most first.
    pub(super) instance: Vec<u32>,
    pub(super) submitted: Option<u32>,
    /// The columns of states of review.
    pub(super) review: Vec<u32>,
    /// Columns that nothing is read from, except those in which servers and devices say something of their own.
    pub(super) unread: Headings,
    /// The last column that has a heading.
    pub(super) last: u32,
    /// Columns that look like questions of this framework without being any, and further ones of questions, with what
    /// they look like.
    pub(super) unknown: BTreeMap<u32, String>,
}

impl Columns {
    /// The columns, if a row holds the headings of an export: those of a server, and at least so many questions.
    pub(super) fn of<'a>(
        row: &[Cell],
        names: impl FnOnce() -> &'a Names<'a>,
        ids: &QuestionIds<'_>,
        least: usize,
    ) -> Option<Self> {
        // Nearly every row of other files ends here.
        let submitted = Some(of_server(row, &SUBMITTED).next()?);
        let instance: Vec<u32> = of_server(row, &INSTANCE).collect();
        if instance.is_empty() {
            return None;
        }
        let review = of_server(row, &REVIEW).collect();
        let names = names();
        let mut columns = Self {
            answers: BTreeMap::new(),
            others: BTreeMap::new(),
            header: BTreeMap::new(),
            instance,
            submitted,
            review,
            unread: Headings::of(row),
            last: row.iter().rfind(|cell| !cell.value.is_blank()).map_or(0, |cell| cell.address.column),
            unknown: BTreeMap::new(),
        };
        for (column, heading) in headings(row) {
            let heading = heading.as_ref();
            match names.meaning(heading) {
                Some(Meaning::Field(id, Field::Answer)) => {
                    let answer = columns.answers.entry(id.clone()).or_default();
                    // A second one is read as a second answer, so that it is told where they differ.
                    if *answer.whole.get_or_insert(column) != column {
                        columns.unknown.insert(column, id.to_string());
                    }
                }
                Some(Meaning::Field(id, field)) => {
                    columns.others.entry((id, field)).or_default().push(column);
                }
                Some(Meaning::Option(id, code)) => {
                    columns.answers.entry(id).or_default().options.push((column, code));
                }
                Some(Meaning::Header(field)) => {
                    columns.header.entry(field).or_default().push(column);
                }
                Some(Meaning::Ignored) => {}
                None => {
                    let (path, end) = heading.rsplit_once('/').unwrap_or(("", heading));
                    // A choice that cannot be told is somebody's answer, whatever its name begins with.
                    let is_choice = || matches!(names.meaning(path), Some(Meaning::Field(_, Field::Answer)));
                    if ids.looks_like_one(end) {
                        columns.unknown.insert(column, end.to_owned());
                    } else if !heading.is_empty() && (!is_of_server(heading) || is_choice()) {
                        columns.unread.add(column, &tidy(heading));
                    }
                }
            }
        }
        (columns.answers.len() >= least).then_some(columns)
    }

    /// The headings of servers that a row lacks to be that of an export, and how many questions it has: several fields of
    /// the form itself tell that it is one.
    pub(super) fn missing<'a>(
        row: &[Cell],
        names: impl FnOnce() -> &'a Names<'a>,
        ids: &QuestionIds<'_>,
    ) -> Option<(usize, String)> {
        let missing = [(&INSTANCE[..], "_uuid"), (&SUBMITTED[..], "_submission_time")];
        let missing = missing.into_iter().filter(|(known, _)| of_server(row, known).next().is_none());
        let missing: Vec<&str> = missing.map(|(_, name)| name).collect();
        if missing.is_empty() || row.len() < ids.several() {
            return None;
        }
        let names = names();
        let (mut questions, mut fields) = (BTreeSet::new(), BTreeSet::new());
        for (_, heading) in headings(row) {
            match names.meaning(&heading) {
                Some(Meaning::Field(id, Field::Answer) | Meaning::Option(id, _)) => {
                    questions.insert(id);
                }
                Some(Meaning::Header(field)) => {
                    fields.insert(field);
                }
                _ => {}
            }
        }
        (questions.len() >= ids.several() && fields.len() >= OWN_FIELDS)
            .then(|| (questions.len(), missing.join(", ")))
    }

    /// The cells of a row that answer something. Results of formulas are nobody's answers.
    pub(super) fn answered<'c>(&self, cells: &'c [Cell]) -> impl Iterator<Item = &'c Cell> {
        let columns: BTreeSet<u32> = self
            .answers
            .values()
            .flat_map(|answer| {
                answer.whole.into_iter().chain(answer.options.iter().map(|(column, _)| *column))
            })
            .collect();
        let given = cells.iter().filter(|cell| !cell.value.is_blank() && !cell.formula);
        given.filter(move |cell| columns.contains(&cell.address.column))
    }

    /// Every column that is read but those that look like questions.
    pub(super) fn all(&self) -> impl Iterator<Item = u32> {
        let answers = self.answers.values().flat_map(|answer| {
            answer.whole.into_iter().chain(answer.options.iter().map(|(column, _)| *column))
        });
        let header = self.header.values().chain(self.others.values()).flatten().copied();
        answers.chain(header)
    }
}

/// The columns that have one of the headings of servers, in the order of those.
fn of_server<'c>(row: &'c [Cell], known: &'c [&str]) -> impl Iterator<Item = u32> + 'c {
    let named = |known: &'c &str| headings(row).filter(|(_, text)| text.eq_ignore_ascii_case(known));
    known.iter().flat_map(named).map(|(column, _)| column)
}

/// Whether a heading is what a server or a device calls something of its own.
fn is_of_server(heading: &str) -> bool {
    let own = |known: &&str| INSTANCE.contains(known) || SUBMITTED.contains(known) || REVIEW.contains(known);
    let lower = heading.to_lowercase();
    let end = lower.rsplit('/').next().unwrap_or_default();
    lower.starts_with('_')
        || end.starts_with('_')
        || own(&lower.as_str())
        || OF_SERVERS.contains(&end)
        || GROUPS_OF_SERVERS.iter().any(|group| lower.starts_with(group))
}

/// What the cells of a row say that are not blank, with their columns. Programs make numbers, dates and truth values of
/// headings that look like some.
fn headings(row: &[Cell]) -> impl Iterator<Item = (u32, Cow<'_, str>)> {
    row.iter().filter_map(|cell| match &cell.value {
        CellValue::Text(text) => Some((cell.address.column, Cow::Borrowed(text.trim()))),
        value if value.is_blank() => None,
        value => Some((cell.address.column, Cow::Owned(value.display()))),
    })
}
