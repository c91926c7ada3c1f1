//! The scores beside those of the world, the region, the income group and sets of peers.

use maturity::comparator::{Comparator, Item, Kind, Level};
use rust_xlsxwriter::Workbook;

use super::basis::Basis;
use super::summary;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::page::Page;
use crate::style::Align;
use crate::wording::Words;

const HEADER: u32 = 4;
const FORM: Form = Form {
    name: Key::SheetPeers,
    paper: Paper::Landscape,
    widths: &[36.0, 9.0, 36.0, 10.0, 10.0, 12.0, 12.0, 10.0, 12.0, 12.0],
    frozen: Some((HEADER + 1, 0)),
    titles: HEADER,
    long: false,
    filtered: true,
    for_programs: false,
};
const LAST: u16 = 9;

pub(super) fn write(workbook: &mut Workbook, context: &Context, report: &Basis) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let (words, styles) = (page.words(), page.styles());
    page.head(words.get(Key::PeersTitle), words.get(Key::PeersNote))?;
    page.line(2, &summary::averages_source(&page, report), &styles.subtitle)?;
    page.headings(
        HEADER,
        &[
            (Key::Comparator, Align::Left),
            (Key::Id, Align::Left),
            (Key::Name, Align::Left),
            (Key::Score, Align::Right),
            (Key::Mean, Align::Right),
            (Key::Difference, Align::Right),
            (Key::LowerQuartile, Align::Right),
            (Key::Median, Align::Right),
            (Key::UpperQuartile, Align::Right),
            (Key::Economies, Align::Right),
        ],
    )?;
    let Some(beside) = &report.beside else { return page.finish() };
    let composite = &report.framework.composite;
    let mut items = vec![(
        Item { level: Level::Index, id: composite.id.clone() },
        composite.title.get(page.language()),
        report.scores.score,
        Some(report.cells.composite()),
    )];
    for subindex in &report.framework.subindexes {
        let score = report.scores.subindex(subindex.id.as_str()).and_then(|scored| scored.score);
        let item = Item { level: Level::Subindex, id: subindex.id.clone() };
        items.push((item, subindex.title.get(page.language()), score, report.cells.subindex(&subindex.id)));
    }
    let mut row = HEADER + 1;
    for group in &beside.groups {
        for (item, title, score, cell) in &items {
            let Some(found) = group.distribution(item) else { continue };
            page.text(row, 0, &name(words, group.comparator), &styles.text)?;
            page.text(row, 1, item.id.as_str(), &styles.text)?;
            page.text(row, 2, title, &styles.text)?;
            page.formula(row, 3, cell.clone(), *score, &styles.score)?;
            page.number(row, 4, found.mean, &styles.score)?;
            let difference = score.map(|score| score - found.mean);
            page.formula(row, 5, Some(format!("=D{0}-E{0}", row + 1)), difference, &styles.change)?;
            page.number(row, 6, found.lower_quartile, &styles.score)?;
            page.number(row, 7, found.median, &styles.score)?;
            page.number(row, 8, found.upper_quartile, &styles.score)?;
            page.number(row, LAST, f64::from(found.economies), &styles.count)?;
            row += 1;
        }
    }
    if row > HEADER + 1 {
        page.filter((HEADER, row - 1), (0, LAST))?;
    }
    page.finish()
}

/// What a comparator is, e.g. `Region: Sub-Saharan Africa`.
fn name(words: Words, comparator: &Comparator) -> String {
    let (key, name) = match comparator.kind {
        Kind::World => return words.get(Key::ComparatorWorld).to_owned(),
        Kind::Region => (Key::ComparatorRegion, words.code("region", &comparator.name)),
        Kind::Income => (Key::ComparatorIncome, words.code("income", &comparator.name)),
        Kind::Peers => (Key::ComparatorPeers, std::borrow::Cow::Borrowed(comparator.name.as_str())),
    };
    words.fill(key, &[("name", &name)])
}
