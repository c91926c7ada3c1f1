//! All economies with their scores, in the order of names: the index is not meant as a ranking.

use rust_xlsxwriter::Workbook;

use super::{Entry, Figures};
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::Page;
use crate::scale::Scale;
use crate::style::Align;

const HEADER: u32 = 3;
/// The columns before the subindexes: code, name, region, income, composite, group.
const FIXED: usize = 6;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
    streamed: bool,
) -> Result<(), ReportError> {
    let framework = context.framework;
    let mut widths = vec![7.0, 25.0, 27.0, 21.0, 12.0, 9.5];
    widths.extend(framework.subindexes.iter().flat_map(|_| [10.5, 9.5]));
    widths.extend([13.0, 15.0]);
    let form = Form {
        name: Key::SheetEconomies,
        paper: Paper::Landscape,
        widths: &widths,
        frozen: Some((HEADER + 1, 2)),
        titles: HEADER,
        long: false,
        filtered: true,
        for_programs: false,
    };
    let mut page = Page::add_long(workbook, context, &form, streamed)?;
    let words = page.words();
    let scale = Scale::of_index(framework);
    page.head(words.get(Key::EconomiesTitle), &super::note_with_scale(words, Key::EconomiesNote, scale))?;
    let group = (words.get(Key::Group), Align::Left);
    let mut headings: Vec<(&str, Align)> =
        [Key::Id, Key::Economy, Key::Region, Key::Income].map(|key| (words.get(key), Align::Left)).to_vec();
    headings.extend([(framework.composite.id.as_str(), Align::Right), group]);
    headings.extend(framework.subindexes.iter().flat_map(|s| [(s.id.as_str(), Align::Right), group]));
    headings.extend([(words.get(Key::Coverage), Align::Right), (words.get(Key::Collected), Align::Apart)]);
    page.header(HEADER, headings)?;
    let mut row = HEADER + 1;
    for entry in entries {
        line(&mut page, row, entry)?;
        row += 1;
    }
    if row > HEADER + 1 {
        page.bars((HEADER + 1, row - 1), (4, 4), scale)?;
        for column in (6_u16..).step_by(2).take(framework.subindexes.len()) {
            page.heat((HEADER + 1, row - 1), (column, column), scale)?;
        }
    }
    let last = u16::try_from(FIXED + 2 * framework.subindexes.len() + 1).unwrap_or(u16::MAX);
    page.filter((HEADER, (row - 1).max(HEADER)), (0, last))?;
    page.finish()
}

fn line(page: &mut Page, row: u32, entry: &Entry) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.text(row, 0, entry.economy.code.as_str(), &styles.text)?;
    page.text(row, 1, &entry.economy.name, &styles.text)?;
    page.text(row, 2, &words.code("region", &entry.economy.region), &styles.text)?;
    page.text(row, 3, &words.code("income", &entry.economy.income), &styles.text)?;
    page.optional(row, 4, entry.scores.and_then(Figures::score), &styles.score)?;
    page.group(row, 5, entry.scores.and_then(Figures::group))?;
    let mut column = 6;
    for subindex in &page.framework().subindexes {
        let scored = entry.scores.and_then(|scores| scores.subindex(subindex.id.as_str()));
        page.optional(row, column, scored.and_then(|scored| scored.score), &styles.score)?;
        // The score is coloured already; the colours of groups are kept for the composite.
        match scored.and_then(|scored| scored.group.as_deref()) {
            Some(group) => page.text(row, column + 1, group, &styles.centred)?,
            None => page.no_group(row, column + 1)?,
        }
        column += 2;
    }
    page.optional(
        row,
        column,
        entry.scores.and_then(|scores| super::quality::coverage(scores.coverage())),
        &styles.coverage,
    )?;
    match entry.scores {
        Some(scores) => {
            page.text(row, column + 1, words.get(label::collected(scores.collected())), &styles.text_apart)
        }
        None => page.text(row, column + 1, "", &styles.text),
    }
}
