//! All indicators: how many economies reach full points, and the mean share of points by region.

use std::borrow::Cow;

use rust_xlsxwriter::Workbook;

use super::Entry;
use super::statistics::{mean, share};
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::{Page, count};
use crate::scale::Scale;
use crate::style::Align;

const HEADER: u32 = 3;
/// Points of a choice are sums of products that may miss the maximum in the last bit.
const TOLERANCE: f64 = 1e-9;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
) -> Result<(), ReportError> {
    let regions = super::regions(entries);
    let mut widths = vec![8.0, 40.0, 11.0, 13.0, 15.0, 14.0];
    widths.extend(regions.iter().map(|_| 16.0));
    let form = Form {
        name: Key::SheetIndicators,
        paper: Paper::Landscape,
        widths: &widths,
        frozen: Some((HEADER + 1, 2)),
        titles: HEADER,
        long: false,
        filtered: true,
        for_programs: false,
    };
    let mut page = Page::add(workbook, context, &form)?;
    let (words, styles) = (page.words(), page.styles());
    let framework = page.framework();
    let has_numbers = framework.indicators.iter().any(|indicator| framework.is_number(&indicator.id));
    let note = if has_numbers { Key::GlobalIndicatorsNoteValues } else { Key::GlobalIndicatorsNote };
    page.head(words.get(Key::GlobalIndicatorsTitle), words.get(note))?;
    let texts = [Key::Id, Key::Indicator, Key::Subindex].map(|key| (words.get(key).into(), Align::Left));
    let scale = Scale::of_indicators(page.framework());
    let indicators = framework.indicators.iter().filter(|indicator| framework.is_scored(&indicator.id));
    let (mean_heading, mean_style) = super::mean_of(framework, &indicators.collect::<Vec<_>>(), styles);
    let numbers =
        [Key::Economies, Key::FullPoints, mean_heading].map(|key| (words.get(key).into(), Align::Right));
    let mut headings: Vec<(Cow<str>, Align)> = texts.into_iter().chain(numbers).collect();
    headings.extend(regions.iter().map(|(code, _)| (words.code("region", code), Align::Right)));
    page.header(HEADER, headings)?;
    let mut row = HEADER + 1;
    for (at, indicator) in page.framework().indicators.iter().enumerate() {
        let find = |entry: &Entry| entry.scores.and_then(|scores| scores.indicator_at(at));
        let scores = |members: &mut dyn Iterator<Item = &Entry>| -> Vec<Option<f64>> {
            members.map(|entry| find(entry).and_then(|found| found.score)).collect()
        };
        let all = scores(&mut entries.iter());
        let full = entries.iter().map(|entry| {
            find(entry)
                .filter(|found| found.score.is_some() && found.max_points > 0.0)
                .map(|found| found.points >= found.max_points - TOLERANCE)
        });
        page.text(row, 0, indicator.id.as_str(), &styles.text)?;
        page.text(row, 1, &label::indicator(words, indicator), &styles.text)?;
        page.text(row, 2, indicator.subindex.as_str(), &styles.text)?;
        page.number(row, 3, count(all.iter().flatten().count()), &styles.count)?;
        page.optional(row, 4, share(full), &styles.percent)?;
        page.optional(row, 5, mean(all), mean_style)?;
        for (column, (_, members)) in (6..).zip(&regions) {
            page.optional(row, column, mean(scores(&mut members.iter().copied())), mean_style)?;
        }
        row += 1;
    }
    let last = u16::try_from(widths.len() - 1).unwrap_or(u16::MAX);
    if row > HEADER + 1 {
        page.bars((HEADER + 1, row - 1), (4, 4), Scale::Unit)?;
        page.heat((HEADER + 1, row - 1), (5, last), scale)?;
    }
    page.filter((HEADER, (row - 1).max(HEADER)), (0, last))?;
    page.finish()
}
