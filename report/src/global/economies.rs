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
/// The column of the composite; before it stand code, name, region and income.
const COMPOSITE: u16 = 4;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
    streamed: bool,
) -> Result<(), ReportError> {
    let framework = context.framework;
    // An index without maturity groups has no columns for them.
    let step = if framework.groups.is_empty() { 1 } else { 2 };
    let mut widths = vec![super::code_width(entries).max(7.0), 25.0, 27.0, 21.0];
    widths.extend([12.0, 9.5].into_iter().take(step));
    widths.extend(framework.subindexes.iter().flat_map(|_| [10.5, 9.5].into_iter().take(step)));
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
    let mut headings: Vec<(&str, Align)> =
        [Key::Id, Key::Economy, Key::Region, Key::Income].map(|key| (words.get(key), Align::Left)).to_vec();
    let ids = std::iter::once(&framework.composite.id).chain(framework.subindexes.iter().map(|s| &s.id));
    for id in ids {
        let group = (words.get(Key::Group), Align::Left);
        headings.extend([(id.as_str(), Align::Right), group].into_iter().take(step));
    }
    headings.extend([(words.get(Key::Coverage), Align::Right), (words.get(Key::Collected), Align::Apart)]);
    let last = u16::try_from(headings.len().saturating_sub(1)).unwrap_or(u16::MAX);
    page.header(HEADER, headings)?;
    let mut row = HEADER + 1;
    for entry in entries {
        line(&mut page, row, entry)?;
        row += 1;
    }
    if row > HEADER + 1 {
        page.bars((HEADER + 1, row - 1), (COMPOSITE, COMPOSITE), scale)?;
        for column in (COMPOSITE..).step_by(step).skip(1).take(framework.subindexes.len()) {
            page.heat((HEADER + 1, row - 1), (column, column), scale)?;
        }
    }
    page.filter((HEADER, (row - 1).max(HEADER)), (0, last))?;
    page.finish()
}

fn line(page: &mut Page, row: u32, entry: &Entry) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let grouped = !page.framework().groups.is_empty();
    page.text(row, 0, entry.economy.code.as_str(), &styles.text)?;
    page.text(row, 1, entry.economy.name_in(page.language()), &styles.text)?;
    page.text(row, 2, &words.code("region", &entry.economy.region), &styles.text)?;
    page.text(row, 3, &words.code("income", &entry.economy.income), &styles.text)?;
    let score = entry.scores.and_then(Figures::score);
    page.optional(row, COMPOSITE, score, page.score_style(score))?;
    let mut column = COMPOSITE + 1;
    if grouped {
        page.group(row, column, entry.scores.and_then(Figures::group))?;
        column += 1;
    }
    for subindex in &page.framework().subindexes {
        let scored = entry.scores.and_then(|scores| scores.subindex(subindex.id.as_str()));
        let score = scored.and_then(|scored| scored.score);
        page.optional(row, column, score, page.score_style(score))?;
        column += 1;
        if grouped {
            // The score is coloured already; the colours of groups are kept for the composite.
            match scored.and_then(|scored| scored.group.as_deref()) {
                Some(group) => page.text(row, column, group, &styles.centred)?,
                None => page.no_group(row, column)?,
            }
            column += 1;
        }
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
