//! How good the data are: what came, how much of it was answered, what was found.

use maturity::score::Coverage;
use rust_xlsxwriter::Workbook;

use super::Entry;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label::{self, SEVERITIES};
use crate::page::Page;
use crate::style::Align;

const HEADER: u32 = 4;
const FORM: Form = Form {
    name: Key::SheetQuality,
    paper: Paper::Portrait,
    widths: &[7.0, 27.0, 16.0, 15.0, 13.0, 12.0, 14.0, 13.0, 18.0, 13.0],
    frozen: Some((HEADER + 1, 2)),
    titles: HEADER,
    long: false,
    filtered: true,
    for_programs: false,
};
const LAST: u16 = 9;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
    streamed: bool,
) -> Result<(), ReportError> {
    let mut page = Page::add_long(workbook, context, &FORM, streamed)?;
    let (words, styles) = (page.words(), page.styles());
    page.head(words.get(Key::QualityTitle), words.get(Key::QualityNote))?;
    // The sums stand above the table, so that filtering and sorting leave them in place.
    let total = HEADER - 1;
    let all = entries
        .iter()
        .filter_map(|entry| entry.scores)
        .fold(Coverage::default(), |sum, s| sum.plus(s.coverage()));
    page.text(total, 0, "", &styles.total.text)?;
    page.text(total, 1, words.get(Key::AllEconomies), &styles.total.text)?;
    page.text(total, 2, "", &styles.total.text)?;
    page.text(total, 3, "", &styles.total.text)?;
    page.number(total, 4, f64::from(all.answered), &styles.total.count)?;
    page.number(total, 5, f64::from(all.asked), &styles.total.count)?;
    match coverage(all) {
        Some(share) => page.number(total, 6, share, &styles.total.coverage)?,
        None => page.total(total, 6, None)?,
    }
    for (column, severity) in (7..).zip(SEVERITIES) {
        let sum = entries.iter().fold(0.0, |sum, entry| sum + f64::from(entry.findings.get(severity)));
        page.number(total, column, sum, &styles.total.count)?;
    }
    let headings = [
        (Key::Id, Align::Left),
        (Key::Economy, Align::Left),
        (Key::Submission, Align::Left),
        (Key::Collected, Align::Left),
        (Key::Answered, Align::Right),
        (Key::Asked, Align::Right),
        (Key::Coverage, Align::Right),
        (Key::SeverityErrors, Align::Right),
        (Key::SeverityWarnings, Align::Right),
        (Key::SeverityInfos, Align::Right),
    ];
    page.headings(HEADER, &headings)?;
    let mut row = HEADER + 1;
    for entry in entries {
        line(&mut page, row, entry)?;
        row += 1;
    }
    page.filter((HEADER, row - 1), (0, LAST))?;
    page.finish()
}

fn line(page: &mut Page, row: u32, entry: &Entry) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.text(row, 0, entry.economy.code.as_str(), &styles.text)?;
    page.text(row, 1, entry.economy.name_in(page.language()), &styles.text)?;
    page.text(row, 2, words.get(label::state(entry.state)), &styles.text)?;
    if let Some(scores) = entry.scores {
        page.text(row, 3, words.get(label::collected(scores.collected())), &styles.text)?;
        page.number(row, 4, f64::from(scores.coverage().answered), &styles.count)?;
        page.number(row, 5, f64::from(scores.coverage().asked), &styles.count)?;
        page.optional(row, 6, coverage(scores.coverage()), &styles.coverage)?;
    } else {
        page.text(row, 3, "", &styles.text)?;
        for column in 4..=6 {
            page.absent(row, column)?;
        }
    }
    for (column, severity) in (7..).zip(SEVERITIES) {
        page.number(row, column, f64::from(entry.findings.get(severity)), &styles.count)?;
    }
    Ok(())
}

/// The share of answered questions; absent where none is asked.
pub(super) fn coverage(coverage: Coverage) -> Option<f64> {
    (coverage.asked > 0).then(|| f64::from(coverage.answered) / f64::from(coverage.asked))
}
