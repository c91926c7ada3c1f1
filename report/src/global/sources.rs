//! Where figures of other organisations come from.

use rust_xlsxwriter::Workbook;

use super::GlobalReport;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::page::Page;
use crate::style::Align;

const HEADER: u32 = 3;
const FORM: Form = Form {
    name: Key::SheetSources,
    paper: Paper::Landscape,
    widths: &[34.0, 18.0, 48.0, 34.0, 50.0],
    frozen: Some((HEADER + 1, 0)),
    titles: HEADER,
    long: true,
    filtered: false,
    for_programs: false,
};

/// A figure or table of another organisation.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Source {
    /// What is taken from it, e.g. an external index or the scores of a wave.
    pub what: String,
    /// Its edition.
    pub edition: String,
    /// The publisher and the publication.
    pub source: String,
    /// The licence.
    pub licence: String,
    /// The web address, or the file.
    pub address: String,
}

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &GlobalReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let (words, styles) = (page.words(), page.styles());
    page.head(words.get(Key::SourcesTitle), words.get(Key::SourcesNote))?;
    page.headings(
        HEADER,
        &[
            (Key::Name, Align::Left),
            (Key::Edition, Align::Left),
            (Key::Publication, Align::Left),
            (Key::Licence, Align::Left),
            (Key::Address, Align::Left),
        ],
    )?;
    for (row, source) in (HEADER + 1..).zip(report.sources) {
        let texts = [&source.what, &source.edition, &source.source, &source.licence, &source.address];
        for (column, text) in (0_u16..).zip(texts) {
            page.text(row, column, text, &styles.text)?;
        }
    }
    page.finish()
}
