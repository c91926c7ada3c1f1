//! Where everything stands in the questionnaire: what the writer does and what the reader looks for.

use maturity::cell::Address;
use maturity::framework::{Framework, Indicator, Question, Subindex};
use maturity::id::Id;
use maturity::submission::Field;
use rust_xlsxwriter::Url;

/// What marks a workbook as our questionnaire; the number counts arrangements of the sheets.
pub(crate) const MARKER: &str = "gtmi-questionnaire/1";
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

/// A column of a question sheet. Adding one (the previous wave's answer) is adding a variant here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    /// The mark of required questions; section titles start here, so that their id column stays empty.
    Required,
    /// The question's id.
    Id,
    /// What is asked.
    Question,
    /// The answer.
    Answer,
    /// A link or document.
    Evidence,
    /// A remark.
    Comment,
}

impl Column {
    /// The columns from left to right.
    pub(crate) const ALL: [Self; 6] =
        [Self::Required, Self::Id, Self::Question, Self::Answer, Self::Evidence, Self::Comment];

    /// The name in the hidden row, by which the reader knows the column.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Id => "id",
            Self::Question => "question",
            Self::Answer => Field::Answer.as_str(),
            Self::Evidence => Field::Evidence.as_str(),
            Self::Comment => Field::Comment.as_str(),
        }
    }

    /// The key of the heading in the table of wording.
    pub(crate) fn heading(self) -> &'static str {
        match self {
            Self::Required => "column-required",
            Self::Id => "column-id",
            Self::Question => "column-question",
            Self::Answer => "column-answer",
            Self::Evidence => "column-evidence",
            Self::Comment => "column-comment",
        }
    }

    /// The width in characters. Together about 150: the width of a laptop screen.
    pub(crate) fn width(self) -> f64 {
        match self {
            Self::Required => 2.7,
            Self::Id => 9.0,
            Self::Question => 60.0,
            Self::Answer => 30.0,
            Self::Evidence => 28.0,
            Self::Comment => 22.0,
        }
    }

    /// The zero-based position in a fresh questionnaire.
    pub(crate) fn position(self) -> u16 {
        match self {
            Self::Required => 0,
            Self::Id => 1,
            Self::Question => 2,
            Self::Answer => 3,
            Self::Evidence => 4,
            Self::Comment => 5,
        }
    }

    /// The position of the last column.
    pub(crate) fn last() -> u16 {
        Self::ALL.into_iter().map(Self::position).max().unwrap_or_default()
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
    pub(crate) fn rows(&self) -> impl Iterator<Item = (u32, Row<'a>)> {
        (FIRST_ROW..).zip(self.rows.iter().copied())
    }

    /// The questions with their zero-based row numbers.
    pub(crate) fn questions(&self) -> impl Iterator<Item = (u32, &'a Question)> {
        self.rows().filter_map(|(number, row)| match row {
            Row::Question(question) => Some((number, question)),
            Row::Section(_) => None,
        })
    }

    /// How many sections there are.
    pub(crate) fn sections(&self) -> usize {
        self.rows.iter().filter(|row| matches!(row, Row::Section(_))).count()
    }

    /// The zero-based number of the last row.
    pub(crate) fn last_row(&self) -> u32 {
        self.rows().last().map_or(FIRST_ROW, |(number, _)| number)
    }
}

/// All question sheets of a framework: decided before anything is written, so that the cover can count and
/// cells can refer to each other.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    /// The sheets in order; a subindex without a question that is asked has none.
    pub(crate) sheets: Vec<SheetPlan<'a>>,
}

impl<'a> Plan<'a> {
    /// Plans the questionnaire of `framework`.
    pub(crate) fn of(framework: &'a Framework) -> Self {
        let sheets = framework
            .subindexes
            .iter()
            .map(|subindex| SheetPlan { subindex, rows: rows(framework, subindex) })
            .filter(|sheet| !sheet.rows.is_empty())
            .collect();
        Self { sheets }
    }

    /// A link to a cell of a question.
    pub(crate) fn link(&self, question: &Id, column: Column) -> Option<Url> {
        self.sheets.iter().find_map(|sheet| {
            let (row, _) = sheet.questions().find(|(_, asked)| asked.id == *question)?;
            Some(link(sheet.subindex.id.as_str(), Address::new(row, column.position().into())))
        })
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

/// A link to a cell of a sheet of the same workbook.
pub(crate) fn link(sheet: &str, cell: Address) -> Url {
    Url::new(format!("internal:'{}'!{cell}", sheet.replace('\'', "''")))
}
