//! Reads the cells of an xlsx in one walk over its parts.
//!
//! Nothing that the checks passed over is read by another program's rules: what was checked and what was understood
//! are the same pieces. That the values are those of calamine is tested on honest and on altered files.

mod aside;
mod cell;
mod formats;
mod shared_texts;
mod sheet;
#[cfg(test)]
mod tests;
mod text;
mod workbook;

use maturity::cell::Book;
use maturity::finding::Refusal;

use self::shared_texts::SharedTexts;
use crate::Limits;
use crate::budget::Budget;
use crate::shown::Format;
use crate::zip_scan::Archive;

/// What cells refer to.
struct Tables {
    texts: SharedTexts,
    styles: Vec<Format>,
    from_1904: bool,
}

/// The visible and hidden worksheets with their cells.
pub(crate) fn read(archive: &Archive<'_>, limits: &Limits) -> Result<Book, Refusal> {
    let workbook = workbook::scan(archive, limits)?;
    let texts = match workbook.shared_strings.as_deref().filter(|part| archive.has(part)) {
        Some(part) => SharedTexts::read(&archive.part(part)?, part, limits)?,
        None => SharedTexts::default(),
    };
    let styles = match workbook.styles.as_deref().filter(|part| archive.has(part)) {
        Some(part) => formats::read(&archive.part(part)?, part, limits)?,
        None => Vec::new(),
    };
    let tables = Tables { texts, styles, from_1904: workbook.from_1904 };
    let mut budget = Budget::new(limits);
    let mut book = Book::default();
    for part in &workbook.sheets {
        let (mut sheet, asides) =
            sheet::read(&archive.part(&part.part)?, part, &tables, limits, &mut budget)?;
        asides.settle(&part.part, archive, limits, &mut budget, &mut sheet)?;
        sheet.view = sheet.view.in_order();
        book.sheets.push(sheet);
    }
    Ok(book)
}
