//! The sheet in which reviewers decide: its columns, and the rows of one that came back.
//!
//! It is found again by its headings in any language, never by its name or by positions. Rows that were deleted or
//! moved do not matter: each names its economy, wave, question and the answer that the reviewer saw.

use std::collections::HashMap;
use std::sync::LazyLock;

use maturity::cell::{Book, Cell, CellValue, Place, Sheet};
use maturity::decision::DecisionRow;
use maturity::language::Language;
use maturity::normalize::{matching_key, tidy};

use crate::words;

/// Bytes of the longest text that may be a heading, stray blanks included.
const LONGEST_HEADING: usize = 100;
/// The wording of the line that names the submission.
const SUBMISSION: &str = "review-submission";

/// A column of the sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ReviewColumn {
    /// The economy's code.
    Economy,
    /// The wave.
    Wave,
    /// The question's number.
    Question,
    /// Whether the answer changed since a submission was last approved.
    New,
    /// The question as it was asked.
    Label,
    /// What was found.
    Asked,
    /// The submitted answer.
    Replaces,
    /// What the reviewer decides.
    Decision,
    /// The answer that counts, of an override.
    Answer,
    /// The link or document that the reviewer found.
    Evidence,
    /// Why.
    Reason,
    /// Who.
    Reviewer,
}

impl ReviewColumn {
    /// All of them, from left to right.
    pub const ALL: [Self; 12] = [
        Self::Economy,
        Self::Wave,
        Self::Question,
        Self::New,
        Self::Label,
        Self::Asked,
        Self::Replaces,
        Self::Decision,
        Self::Answer,
        Self::Evidence,
        Self::Reason,
        Self::Reviewer,
    ];

    fn key(self) -> &'static str {
        match self {
            Self::Economy => "review-economy",
            Self::Wave => "review-wave",
            Self::Question => "review-question",
            Self::New => "review-new",
            Self::Label => "review-label",
            Self::Asked => "review-asked",
            Self::Replaces => "review-replaces",
            Self::Decision => "review-decision",
            Self::Answer => "review-answer",
            Self::Evidence => "review-evidence",
            Self::Reason => "review-reason",
            Self::Reviewer => "review-reviewer",
        }
    }

    /// Its heading in a language.
    pub fn heading(self, language: &Language) -> &'static str {
        words::say(self.key(), language)
    }

    /// The column that a heading in any language names.
    pub fn find(heading: &str) -> Option<Self> {
        HEADINGS.get(&matching_key(heading)).copied()
    }

    /// Whether reviewers write in it.
    pub fn is_entered(self) -> bool {
        matches!(self, Self::Decision | Self::Answer | Self::Evidence | Self::Reason | Self::Reviewer)
    }
}

/// What stands before the SHA-256 of the submission that is decided about.
pub fn submission_heading(language: &Language) -> &'static str {
    words::say(SUBMISSION, language)
}

/// The decisions in a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReviewSheet {
    /// The SHA-256 of the submission as the sheet names it, if it does.
    pub submission: Option<String>,
    /// The rows in which something was decided, each with the place of its decision.
    pub rows: Vec<(DecisionRow, Place)>,
}

/// The columns by their headings in all languages.
static HEADINGS: LazyLock<HashMap<String, ReviewColumn>> = LazyLock::new(|| {
    let all = ReviewColumn::ALL.into_iter();
    all.flat_map(|column| words::all(column.key()).into_iter().map(move |text| (matching_key(text), column)))
        .collect()
});

/// The sheet of decisions in a workbook, if it has one that its sender can see.
pub fn reviewed(book: &Book) -> Option<ReviewSheet> {
    book.sheets.iter().filter(|sheet| sheet.visible).find_map(decisions)
}

fn decisions(sheet: &Sheet) -> Option<ReviewSheet> {
    let names: Vec<String> = words::all(SUBMISSION).into_iter().map(matching_key).collect();
    let mut submission = None;
    let mut columns: Option<HashMap<ReviewColumn, u32>> = None;
    let mut rows = Vec::new();
    for (_, row) in sheet.rows() {
        let Some(columns) = &columns else {
            submission = submission.or_else(|| named(row, &names));
            columns = headings(row);
            continue;
        };
        let cell = |column| {
            let at = columns.get(&column)?;
            row.iter().find(|cell| cell.address.column == *at)
        };
        let text = |column| cell(column).map(|cell| tidy(&cell.value.display())).unwrap_or_default();
        let Some(decision) = cell(ReviewColumn::Decision).filter(|cell| !cell.value.is_blank()) else {
            continue;
        };
        let fields = DecisionRow {
            wave: text(ReviewColumn::Wave),
            economy: text(ReviewColumn::Economy),
            question: text(ReviewColumn::Question),
            decision: text(ReviewColumn::Decision),
            replaces: text(ReviewColumn::Replaces),
            answer: text(ReviewColumn::Answer),
            evidence: text(ReviewColumn::Evidence),
            reason: text(ReviewColumn::Reason),
            reviewer: text(ReviewColumn::Reviewer),
        };
        rows.push((fields, Place::cell(&sheet.name, decision.address)));
    }
    columns.map(|_| ReviewSheet { submission, rows })
}

/// The text to the right of a name.
fn named(row: &[Cell], names: &[String]) -> Option<String> {
    let is_name = |cell: &Cell| short(cell).is_some_and(|text| names.contains(&matching_key(text)));
    let at = row.iter().position(is_name)?;
    row.iter().skip(at + 1).map(|cell| tidy(&cell.value.display())).find(|text| !text.is_empty())
}

fn short(cell: &Cell) -> Option<&str> {
    match &cell.value {
        CellValue::Text(text) if text.len() <= LONGEST_HEADING => Some(text),
        _ => None,
    }
}

/// Where the columns stand, if a row holds the headings that decisions cannot do without.
fn headings(row: &[Cell]) -> Option<HashMap<ReviewColumn, u32>> {
    let mut found = HashMap::new();
    for cell in row {
        if let Some(column) = short(cell).and_then(|text| HEADINGS.get(&matching_key(text))) {
            found.entry(*column).or_insert(cell.address.column);
        }
    }
    let needed = ReviewColumn::ALL
        .into_iter()
        .filter(|column| !matches!(column, ReviewColumn::New | ReviewColumn::Label | ReviewColumn::Asked));
    needed.into_iter().all(|column| found.contains_key(&column)).then_some(found)
}

#[cfg(test)]
mod tests {
    use maturity::cell::Address;

    use super::*;

    fn sheet(name: &str, rows: &[&[&str]]) -> Sheet {
        let mut cells = Vec::new();
        for (row, texts) in (0_u32..).zip(rows) {
            for (column, text) in (0_u32..).zip(*texts) {
                if !text.is_empty() {
                    let value = CellValue::Text((*text).to_owned());
                    cells.push(Cell { address: Address::new(row, column), value, formula: false });
                }
            }
        }
        Sheet::new(name, cells)
    }

    fn headed(tag: &str, rows: &[&[&str]]) -> Book {
        let language = Language::new(tag);
        let headings = ReviewColumn::ALL.map(|column| column.heading(&language));
        let top = [submission_heading(&language), "ab12"];
        let mut all: Vec<&[&str]> = vec![&top, &headings];
        all.extend(rows);
        Book { sheets: vec![sheet("Other", &[&["x"]]), sheet("R", &all)], ..Book::default() }
    }

    #[test]
    fn decisions_are_found_by_their_headings_in_every_language() {
        for tag in ["en", "fr", "es"] {
            let filled =
                ["KEN", "2022", "Q-1", "", "t", "m", "2 = Yes", "Override", " 1 = No ", "", "seen", "A. R."];
            let untouched = ["KEN", "2022", "Q-2", "", "t", "m", "2 = Yes", "", "1 = No", "", "", ""];
            let found = reviewed(&headed(tag, &[&untouched, &filled])).unwrap();
            assert_eq!(found.submission.as_deref(), Some("ab12"), "{tag}");
            let [(row, place)] = found.rows.as_slice() else { panic!("{tag}: {found:?}") };
            assert_eq!(place.to_string(), "R!H4");
            let texts = [&row.economy, &row.question, &row.replaces, &row.answer, &row.reviewer];
            assert_eq!(texts, ["KEN", "Q-1", "2 = Yes", "1 = No", "A. R."], "{tag}");
        }
    }

    #[test]
    fn a_workbook_without_the_headings_has_no_decisions() {
        let mut book = headed("en", &[]);
        assert_eq!(reviewed(&book).map(|found| found.rows.len()), Some(0));
        book.sheets[1].visible = false;
        assert_eq!(reviewed(&book), None);
    }
}
