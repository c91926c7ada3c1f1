//! What economies send: submissions, and the raw responses in them with the cells they came from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::cell::{CellValue, Place};
use crate::digits::latin;
use crate::finding::Finding;
use crate::normalize::tidy;
use crate::review::Contest;

/// The year that names a wave of the survey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Wave(pub u16);

impl Wave {
    /// The wave that a cell names by its year: as a number or a text (`2022`, `2022.0`, `2022,0`, with digits of any
    /// script) or as a date in it, which in a text begins with the year.
    ///
    /// A date before 1950 names none: it is a year that was typed into a cell formatted as a date, where 2022 becomes
    /// a day of 1905 (or, counted from 1904, of 1909).
    pub fn said_by(value: &CellValue) -> Option<Self> {
        let text = match value {
            CellValue::Number(number) => number.to_string(),
            CellValue::Text(text) if !is_date(text.trim()) => tidy(text).chars().map(latin).collect(),
            CellValue::Date(date) | CellValue::Text(date) => {
                let year = Self::of_digits(date.trim_start().split_once('-')?.0)?;
                return (year.0 >= 1950).then_some(year);
            }
            CellValue::Blank
            | CellValue::Percent(_)
            | CellValue::Masked(_)
            | CellValue::Boolean(_)
            | CellValue::Error(_) => return None,
        };
        // What has been through a program that keeps only floats has a fraction of nothing.
        let (year, fraction) = text.split_once(['.', ',']).unwrap_or((&text, "0"));
        let is_whole = !fraction.is_empty() && fraction.bytes().all(|byte| byte == b'0');
        Self::of_digits(year).filter(|_| is_whole)
    }

    fn of_digits(text: &str) -> Option<Self> {
        let is_year = text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|year| is_year && (1900..=2200).contains(year)).map(Self)
    }
}

/// Whether a text begins as programs write dates: `2022-06-30`, as it stands in a file without kinds of cells.
fn is_date(text: &str) -> bool {
    let day = text.split(['T', ' ']).next().unwrap_or_default();
    let parts: Vec<&str> = day.split('-').collect();
    let is_of = |part: &&str, length| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
    matches!(parts.as_slice(), [year, month, date] if is_of(year, 4) && is_of(month, 2) && is_of(date, 2))
}

impl fmt::Display for Wave {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The arrangement of answers in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Layout {
    /// One economy's questionnaire: a row a question.
    Questionnaire,
    /// The publisher's wide table: a row an economy, a column a question.
    Dataset,
    /// An export of the online form: a row a submission, a column a field.
    Form,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 3] = [Self::Questionnaire, Self::Dataset, Self::Form];

    /// The name used in tables, e.g. `questionnaire`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Questionnaire => "questionnaire",
            Self::Dataset => "dataset",
            Self::Form => "form",
        }
    }
}

/// Who collected the answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Collected {
    /// Officials of the economy answered.
    Survey,
    /// The index team collected the answers from public sources.
    Remote,
}

impl Collected {
    /// Every way.
    pub const ALL: [Self; 2] = [Self::Survey, Self::Remote];

    /// The name used in tables, e.g. `survey`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Survey => "survey",
            Self::Remote => "remote",
        }
    }

    /// Reads the name or the publisher's one-letter code; anything else is not told.
    pub fn parse(text: &str) -> Option<Self> {
        match text.trim().to_lowercase().as_str() {
            "survey" | "s" => Some(Self::Survey),
            "remote" | "r" => Some(Self::Remote),
            _ => None,
        }
    }
}

/// Which cell of a question's row a response came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Field {
    /// The answer itself.
    Answer,
    /// A link or document that backs the answer.
    Evidence,
    /// A remark for the index team.
    Comment,
    /// Whether the previous wave's answer still holds: a [`Confirmation`].
    Confirm,
    /// Why the answer fell below that of the previous wave.
    Reason,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 5] = [Self::Answer, Self::Evidence, Self::Comment, Self::Confirm, Self::Reason];

    /// The name used in tables, e.g. `answer`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Evidence => "evidence",
            Self::Comment => "comment",
            Self::Confirm => "confirm",
            Self::Reason => "reason",
        }
    }

    /// The field of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.as_str() == text)
    }
}

/// What a respondent says about the previous wave's answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmation {
    /// It still holds.
    Confirmed,
    /// It was changed.
    Changed,
}

impl Confirmation {
    /// Every confirmation, in the order of the dropdown.
    pub const ALL: [Self; 2] = [Self::Confirmed, Self::Changed];

    /// The name used in responses, e.g. `confirmed`: what the reader makes of the dropdown's words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Changed => "changed",
        }
    }

    /// The confirmation of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|confirmation| confirmation.as_str() == text)
    }
}

/// One cell of a submission that belongs to a question, as received. Blank answer cells are kept too, so
/// that a missing answer can be pointed at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Response {
    /// The question id as it stands in the file; it may be unknown.
    pub question: String,
    /// Which of the question's cells this is.
    pub field: Field,
    /// The cell's content.
    pub value: CellValue,
    /// Whether the content is the result of a formula.
    pub formula: bool,
    /// Where the cell stands.
    pub place: Place,
}

/// What the cover or the row's fixed columns say about a submission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeaderField {
    /// The economy, by code or name.
    Economy,
    /// What else names the economy: the name beside its code, or another cover.
    OtherEconomy,
    /// What a server calls the submission of a form, with the time at which it was sent: later exports hold it again.
    Instance,
    /// The wave's year.
    Wave,
    /// The framework's id.
    Framework,
    /// The instrument's version.
    Version,
    /// The hash of the instrument that the workbook was made from.
    InstrumentHash,
    /// The language of the workbook.
    Language,
    /// Survey or remote.
    Collected,
    /// The focal point's name: personal data.
    ContactName,
    /// The focal point's office.
    ContactOffice,
    /// The focal point's e-mail address: personal data.
    ContactEmail,
}

impl HeaderField {
    /// Every field of the cover, in its order.
    pub const ALL: [Self; 10] = [
        Self::Economy,
        Self::Wave,
        Self::Framework,
        Self::Version,
        Self::InstrumentHash,
        Self::Language,
        Self::Collected,
        Self::ContactName,
        Self::ContactOffice,
        Self::ContactEmail,
    ];

    /// The name used in tables and in the hidden column of the cover, e.g. `contact-email`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Economy => "economy",
            Self::OtherEconomy => "other-economy",
            Self::Instance => "instance",
            Self::Wave => "wave",
            Self::Framework => "framework",
            Self::Version => "version",
            Self::InstrumentHash => "instrument-hash",
            Self::Language => "language",
            Self::Collected => "collected",
            Self::ContactName => "contact-name",
            Self::ContactOffice => "contact-office",
            Self::ContactEmail => "contact-email",
        }
    }

    /// The field of that name.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().chain([Self::OtherEconomy, Self::Instance]).find(|field| field.as_str() == text)
    }

    /// Whether the field identifies a person; such values live in the store only.
    pub fn is_personal(self) -> bool {
        matches!(self, Self::ContactName | Self::ContactOffice | Self::ContactEmail)
    }
}

/// One value of a submission's header.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HeaderValue {
    /// What it says.
    pub field: HeaderField,
    /// The cell's content.
    pub value: CellValue,
    /// Where it stands.
    pub place: Place,
}

/// One submission as a layout reader finds it in a file: one economy's answers for one wave.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// The arrangement that was recognised.
    pub layout: Layout,
    /// The part of the file that holds this submission: the cover sheet, or the economy's row.
    pub place: Place,
    /// The header, in the order of the file.
    pub header: Vec<HeaderValue>,
    /// The responses, in the order of the file.
    pub responses: Vec<Response>,
    /// What was noticed while the file was read: what is hidden, merged, or stands where nothing is read.
    pub findings: Vec<Finding>,
    /// What the sender says against findings about an earlier file, in the order of the file.
    pub contests: Vec<Contest>,
}

impl Received {
    /// The header value of `field`, if one is given and not blank.
    pub fn header(&self, field: HeaderField) -> Option<&HeaderValue> {
        self.header.iter().find(|value| value.field == field && !value.value.is_blank())
    }
}

/// Where a submission stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Stored, not yet validated.
    Received,
    /// Blocking findings: it goes back to the economy and is not scored.
    Returned,
    /// Valid: it is scored unless a later one supersedes it.
    Accepted,
    /// Every source that it came from took it back: it counts no more, whatever was found in it.
    Withdrawn,
}

impl State {
    /// The name used in tables, e.g. `accepted`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Returned => "returned",
            Self::Accepted => "accepted",
            Self::Withdrawn => "withdrawn",
        }
    }

    /// The state of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Received, Self::Returned, Self::Accepted, Self::Withdrawn]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wave_is_its_year_however_that_is_written() {
        let text = |text: &str| CellValue::Text(text.to_owned());
        let date = |text: &str| CellValue::Date(text.to_owned());
        for value in [
            CellValue::Number(2022.0),
            text("2022"),
            text(" 2022\u{a0}"),
            text("2022.0"),
            text("2022,00"),
            text("٢٠٢٢"),
            text("２０２２"),
            date("2022-06-30"),
            date("2022-06-30T10:00:00"),
            text("2022-06-30"),
            text(" 2022-06-30 10:00:00"),
        ] {
            assert_eq!(Wave::said_by(&value), Some(Wave(2022)), "{value:?}");
        }
        for value in [
            CellValue::Blank,
            CellValue::Boolean(true),
            CellValue::Number(2022.5),
            CellValue::Number(80.0),
            text(""),
            text("2022*"),
            text("2022."),
            text("2022.5"),
            text("FY2022"),
            text("+2022"),
            text("2021/2022"),
            text("20 22"),
            text("2022-06"),
            text("2022-2-3"),
            text("1905-07-14"),
            date("1905-07-14"),
            date("1909-07-15"),
            date("12:00:00"),
        ] {
            assert_eq!(Wave::said_by(&value), None, "{value:?}");
        }
    }
}
