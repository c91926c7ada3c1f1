//! The heat map: every economy in a row, every indicator in a column, the number and its shade.

use rust_xlsxwriter::Workbook;

use super::Entry;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::page::Page;
use crate::scale::Scale;
use crate::style::Align;

const HEADER: u32 = 4;
/// So many characters of a line are seen on the first of the pages beside each other.
const SEEN: usize = 140;
/// The columns before the indicators: code, name, region.
const FIXED: u16 = 3;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
    streamed: bool,
) -> Result<(), ReportError> {
    let indicators = &context.framework.indicators;
    let mut widths = vec![super::code_width(entries).max(6.0), 22.0, 8.0];
    widths.extend(indicators.iter().map(|_| 6.2));
    let form = Form {
        name: Key::SheetHeat,
        paper: Paper::TwoWide,
        widths: &widths,
        frozen: Some((HEADER + 1, FIXED)),
        titles: HEADER,
        long: false,
        filtered: false,
        for_programs: false,
    };
    let mut page = Page::add_long(workbook, context, &form, streamed)?;
    let (words, styles) = (page.words(), page.styles());
    let scale = Scale::of_indicators(context.framework);
    let note = super::note_with_scale(words, Key::HeatNote, scale);
    page.head_at(FIXED, words.get(Key::HeatTitle), &note)?;
    // The column is too narrow for names.
    let named = super::regions(entries).into_iter().filter_map(|(code, members)| {
        let name = words.code("region", code);
        (name != code && members.iter().any(|entry| entry.scores.is_some())).then(|| format!("{code} {name}"))
    });
    let named: Vec<String> = named.collect();
    if !named.is_empty() {
        let text = words.fill(Key::HeatRegions, &[("names", &named.join(", "))]);
        for (row, line) in (2..HEADER).zip(in_two(&text)) {
            page.aside(row, FIXED, line)?;
        }
    }
    let mut headings = vec![
        (words.get(Key::Code), Align::Left),
        (words.get(Key::Economy), Align::Left),
        (words.get(Key::Region), Align::Left),
    ];
    headings.extend(indicators.iter().map(|indicator| (indicator.id.as_str(), Align::Right)));
    page.header(HEADER, headings)?;
    let mut row = HEADER + 1;
    for entry in entries {
        let Some(scores) = entry.scores else { continue };
        page.text(row, 0, entry.economy.code.as_str(), &styles.text)?;
        page.text(row, 1, entry.economy.name_in(page.language()), &styles.text)?;
        page.text(row, 2, &entry.economy.region, &styles.text)?;
        for (column, at) in (FIXED..).zip(0..indicators.len()) {
            let score = scores.indicator_at(at).and_then(|figures| figures.score);
            page.optional(row, column, score, &styles.heat)?;
        }
        row += 1;
    }
    let last = FIXED + u16::try_from(indicators.len()).unwrap_or(u16::MAX - FIXED);
    if row > HEADER + 1 && last > FIXED {
        page.heat((HEADER + 1, row - 1), (FIXED, last - 1), scale)?;
        page.filter((HEADER, row - 1), (0, last - 1))?;
    }
    page.finish()
}

/// A text in two lines, parted behind a comma, where one would be cut at the end of the page.
fn in_two(text: &str) -> impl Iterator<Item = &str> {
    let seen = text.char_indices().nth(SEEN).map(|(end, _)| end);
    let comma = seen.and_then(|end| text.get(..end)?.rfind(", "));
    let (first, rest) = text.split_at(comma.map_or(text.len(), |comma| comma + ", ".len()));
    [first.trim_end(), rest].into_iter().filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_parted_behind_a_comma() {
        let parted = |text: &str| in_two(text).map(str::to_owned).collect::<Vec<_>>();
        let names = |count| vec!["SSA Île"; count].join(", ");
        assert_eq!(parted(&names(15)), [names(15)]);
        assert_eq!(parted(&names(20)), [format!("{},", names(15)), names(5)]);
        assert_eq!(parted(&"x".repeat(200)), ["x".repeat(200)]);
        assert!(parted("").is_empty());
    }
}
