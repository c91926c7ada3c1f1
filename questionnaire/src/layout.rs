//! Where everything stands in the questionnaire: what the writer does and what the reader looks for.

use std::collections::BTreeMap;

use maturity::cell::Address;
use maturity::framework::{Framework, Indicator, Question, Subindex};
use maturity::id::Id;
use maturity::submission::Field;
/// What marks a workbook as our questionnaire; the number counts arrangements of the sheets.
pub(crate) const MARKER: &str = "gtmi-questionnaire/2";
/// What every marker starts with: later arrangements are still found by their keys.
pub(crate) const MARKER_START: &str = "gtmi-questionnaire/";
/// The hidden sheet of choices.
pub(crate) const LISTS: &str = "Lists";

/// The row of a question sheet that holds its title.
pub(crate) const TITLE_ROW: u32 = 0;
/// The row that explains the marks.
pub(crate) const LEGEND_ROW: u32 = 1;
/// The hidden row of column keys.
pub(crate) const KEY_ROW: u32 = 2;
/// The row of headings.
pub(crate) const HEADING_ROW: u32 = 3;
/// The first row of sections and questions.
pub(crate) const FIRST_ROW: u32 = 4;

/// A column of a question sheet. The reader knows the columns by key or heading, wherever they were moved to;
/// it reads the id and the columns that have a [`Field`], and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The live mark: a formula, for the respondent only. Section titles start here, so that their id column
    /// stays empty.
    Status,
    /// The mark of a return: what was found in the row.
    Marked,
    /// The question's id.
    Id,
    /// What is asked.
    Question,
    /// The previous wave's answer, for comparison only; prefilled questionnaires only.
    Previous,
    /// The answer.
    Answer,
    /// Whether the previous wave's answer still holds; prefilled questionnaires only.
    Confirm,
    /// Why the answer fell; prefilled questionnaires only.
    Reason,
    /// A link or document.
    Evidence,
    /// A remark.
    Comment,
    /// What the live mark means: a formula, for the respondent only.
    Check,
}

impl Column {
    /// The field that the column's cells hold; none where they are not read.
    pub(crate) fn field(self) -> Option<Field> {
        match self {
            Self::Answer => Some(Field::Answer),
            Self::Confirm => Some(Field::Confirm),
            Self::Reason => Some(Field::Reason),
            Self::Evidence => Some(Field::Evidence),
            Self::Comment => Some(Field::Comment),
            Self::Status | Self::Marked | Self::Id | Self::Question | Self::Previous | Self::Check => None,
        }
    }

    /// The column that holds a field.
    pub(crate) fn of_field(field: Field) -> Self {
        match field {
            Field::Answer => Self::Answer,
            Field::Confirm => Self::Confirm,
            Field::Reason => Self::Reason,
            Field::Evidence => Self::Evidence,
            Field::Comment => Self::Comment,
        }
    }

    /// The name in the hidden row, by which the reader knows the column.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Marked => "marked",
            Self::Id => "id",
            Self::Question => "question",
            Self::Previous => "previous",
            Self::Answer => Field::Answer.as_str(),
            Self::Confirm => Field::Confirm.as_str(),
            Self::Reason => Field::Reason.as_str(),
            Self::Evidence => Field::Evidence.as_str(),
            Self::Comment => Field::Comment.as_str(),
            Self::Check => "check",
        }
    }

    /// The key of the heading in the table of wording.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Status => "column-status",
            Self::Marked => "column-marked",
            Self::Id => "column-id",
            Self::Question => "column-question",
            Self::Previous => "column-previous",
            Self::Answer => "column-answer",
            Self::Confirm => "column-confirm",
            Self::Reason => "column-reason",
            Self::Evidence => "column-evidence",
            Self::Comment => "column-comment",
            Self::Check => "column-check",
        }
    }
}

/// The columns of a questionnaire from left to right, with their widths in characters. Together they are about
/// 150 wide, a laptop's screen: where more columns are asked for, the others shrink.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns(&'static [(Column, f64)]);

const FRESH: Columns = Columns(&[
    (Column::Status, 3.4),
    (Column::Id, 8.6),
    (Column::Question, 52.0),
    (Column::Answer, 28.0),
    (Column::Evidence, 23.0),
    (Column::Comment, 18.0),
    (Column::Check, 17.0),
]);

const PREFILLED: Columns = Columns(&[
    (Column::Status, 3.4),
    (Column::Id, 8.6),
    (Column::Question, 36.5),
    (Column::Previous, 15.0),
    (Column::Answer, 19.0),
    (Column::Confirm, 11.0),
    (Column::Reason, 13.0),
    (Column::Evidence, 15.0),
    (Column::Comment, 13.5),
    (Column::Check, 15.0),
]);

/// The marks of a return stand in front, outside of what is struck out where a question does not apply.
const RETURNED: Columns = Columns(&[
    (Column::Status, 3.4),
    (Column::Marked, 17.0),
    (Column::Id, 8.6),
    (Column::Question, 43.0),
    (Column::Answer, 26.0),
    (Column::Evidence, 21.0),
    (Column::Comment, 15.0),
    (Column::Check, 16.0),
]);

const RETURNED_PREFILLED: Columns = Columns(&[
    (Column::Status, 3.4),
    (Column::Marked, 16.0),
    (Column::Id, 8.6),
    (Column::Question, 32.0),
    (Column::Previous, 13.0),
    (Column::Answer, 17.0),
    (Column::Confirm, 11.0),
    (Column::Reason, 12.0),
    (Column::Evidence, 13.0),
    (Column::Comment, 12.5),
    (Column::Check, 13.0),
]);

impl Columns {
    /// The columns of a questionnaire with or without the previous wave's answers, as it goes out or as it is
    /// returned.
    pub(crate) fn of(prefilled: bool, returned: bool) -> Self {
        match (prefilled, returned) {
            (false, false) => FRESH,
            (true, false) => PREFILLED,
            (false, true) => RETURNED,
            (true, true) => RETURNED_PREFILLED,
        }
    }

    /// The columns with their zero-based positions and their widths in characters.
    pub(crate) fn iter(self) -> impl Iterator<Item = (u16, Column, f64)> {
        (0..).zip(self.0).map(|(position, (column, width))| (position, *column, *width))
    }

    /// The zero-based position of a column in a fresh questionnaire, if it has the column.
    pub(crate) fn position(self, column: Column) -> Option<u16> {
        self.iter().find(|(_, other, _)| *other == column).map(|(position, ..)| position)
    }

    /// The position of the last column.
    pub(crate) fn last(self) -> u16 {
        self.iter().last().map(|(position, ..)| position).unwrap_or_default()
    }
}

/// A row of a question sheet below the headings.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Row<'a> {
    /// The title of an indicator.
    Section(&'a Indicator),
    /// A question.
    Question(&'a Question),
}

/// The rows of one subindex' sheet.
#[derive(Debug)]
pub(crate) struct SheetPlan<'a> {
    /// The subindex; its id is the sheet's name.
    pub(crate) subindex: &'a Subindex,
    rows: Vec<Row<'a>>,
}

impl<'a> SheetPlan<'a> {
    /// The rows with their zero-based numbers.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u32, Row<'a>)> + use<'_, 'a> {
        (FIRST_ROW..).zip(self.rows.iter().copied())
    }

    /// The questions with their zero-based row numbers.
    pub(crate) fn questions(&self) -> impl Iterator<Item = (u32, &'a Question)> + use<'_, 'a> {
        self.rows().filter_map(|(number, row)| match row {
            Row::Question(question) => Some((number, question)),
            Row::Section(_) => None,
        })
    }

    /// The sections with the rows of their questions.
    pub(crate) fn sections(&self) -> impl Iterator<Item = SectionPlan<'a>> + use<'_, 'a> {
        let titles = self.rows().filter_map(|(row, content)| match content {
            Row::Section(indicator) => Some((row, indicator)),
            Row::Question(_) => None,
        });
        titles.map(|(row, indicator)| {
            let below = self.rows().skip_while(move |(number, _)| *number <= row);
            let last = below.take_while(|(_, content)| matches!(content, Row::Question(_))).last();
            SectionPlan { indicator, first: row + 1, last: last.map_or(row + 1, |(number, _)| number) }
        })
    }

    /// The zero-based number of the last row.
    pub(crate) fn last_row(&self) -> u32 {
        self.rows().last().map_or(FIRST_ROW, |(number, _)| number)
    }
}

/// One section: an indicator and the zero-based rows of its questions.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SectionPlan<'a> {
    /// The indicator.
    pub(crate) indicator: &'a Indicator,
    /// The row of its first question; its title stands above.
    pub(crate) first: u32,
    /// The row of its last question.
    pub(crate) last: u32,
}

impl SectionPlan<'_> {
    /// Whether a row is one of its questions.
    pub(crate) fn holds(&self, row: u32) -> bool {
        (self.first..=self.last).contains(&row)
    }
}

/// All question sheets of a framework: decided before anything is written, so that the cover can count and
/// cells can refer to each other.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The columns of every question sheet.
    pub(crate) columns: Columns,
    /// The sheets in order; a subindex without a question that is asked has none.
    pub(crate) sheets: Vec<SheetPlan<'a>>,
    rows: BTreeMap<&'a Id, (&'a str, u32)>,
}

impl<'a> Plan<'a> {
    /// Plans the questionnaire of `framework`, with or without the previous wave's answers, as it goes out or as it
    /// is returned.
    pub(crate) fn of(framework: &'a Framework, prefilled: bool, returned: bool) -> Self {
        let sheets: Vec<SheetPlan<'a>> = framework
            .subindexes
            .iter()
            .map(|subindex| SheetPlan { subindex, rows: rows(framework, subindex) })
            .filter(|sheet| !sheet.rows.is_empty())
            .collect();
        let rows = sheets.iter().flat_map(|sheet| {
            let name = sheet.subindex.id.as_str();
            sheet.questions().map(move |(row, question)| (&question.id, (name, row)))
        });
        Self { columns: Columns::of(prefilled, returned), rows: rows.collect(), sheets }
    }

    /// The sheet and the cell of a question in a column.
    pub(crate) fn cell(&self, question: &Id, column: Column) -> Option<(&'a str, Address)> {
        let position = self.columns.position(column)?;
        let (sheet, row) = self.rows.get(question)?;
        Some((*sheet, Address::new(*row, position.into())))
    }
}

fn rows<'a>(framework: &'a Framework, subindex: &'a Subindex) -> Vec<Row<'a>> {
    let mut rows = Vec::new();
    for indicator in framework.indicators_of(&subindex.id) {
        let questions: Vec<_> = framework
            .asked_questions()
            .filter(|question| question.indicator == indicator.id)
            .map(Row::Question)
            .collect();
        if !questions.is_empty() {
            rows.push(Row::Section(indicator));
            rows.extend(questions);
        }
    }
    rows
}
