//! Adoption by tier of technical complexity, where the framework assigns its indicators to tiers.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use maturity::framework::Indicator;
use rust_xlsxwriter::Workbook;

use super::statistics::{mean, share};
use super::{Entry, Figures};
use crate::ReportError;
use crate::chart::{self, Frame, Series};
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::page::{Page, count};
use crate::scale::Scale;
use crate::style::Align;

const HEADER: u32 = 3;
const CHART_ROWS: u32 = 15;

/// Writes the sheet; none where there are no tiers.
pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
) -> Result<(), ReportError> {
    let framework = context.framework;
    let tiered = || framework.indicators.iter().filter(|indicator| indicator.tier.is_some());
    let mut indicators: Vec<&Indicator> =
        tiered().filter(|indicator| framework.has_points(&indicator.id)).collect();
    // A number is no adoption: it is told only where it is not mixed with shares of points.
    let of_points = !indicators.is_empty();
    if !of_points {
        indicators = tiered().filter(|indicator| framework.is_scored(&indicator.id)).collect();
    }
    let mut tiers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for indicator in &indicators {
        let tier = indicator.tier.as_deref().unwrap_or_default();
        tiers.entry(tier).or_default().insert(indicator.id.as_str());
    }
    if tiers.is_empty() {
        return Ok(());
    }
    let regions = super::regions(entries);
    let mut widths = vec![12.0, 12.0, 14.0, 16.0];
    widths.extend(regions.iter().map(|_| 16.0));
    let form = Form {
        name: Key::SheetTiers,
        paper: Paper::OneLandscape,
        widths: &widths,
        frozen: Some((HEADER + 1, 1)),
        titles: HEADER,
        long: false,
        filtered: false,
        for_programs: false,
    };
    let mut page = Page::add(workbook, context, &form)?;
    let (words, styles) = (page.words(), page.styles());
    let scale = Scale::of(framework, indicators.iter().copied());
    let are_shares = of_points && scale == Scale::Unit;
    let note = words.get(if are_shares { Key::TiersNote } else { Key::TiersNoteValues });
    page.head(words.get(Key::TiersTitle), note)?;
    let (mean_heading, mean_style) = super::mean_of(framework, &indicators, styles);
    let numbers = [Key::Indicators, mean_heading, Key::FullPoints];
    let mut headings: Vec<(Cow<str>, Align)> = vec![(words.get(Key::Tier).into(), Align::Left)];
    headings.extend(numbers.map(|key| (words.get(key).into(), Align::Right)));
    headings.extend(regions.iter().map(|(code, _)| (words.code("region", code), Align::Right)));
    page.header(HEADER, headings)?;
    let tier_of: HashMap<&str, usize> =
        tiers.values().enumerate().flat_map(|(tier, ids)| ids.iter().map(move |id| (*id, tier))).collect();
    // The scores of economies by tier, in the order of economies and indicators.
    let by_tier = |members: &mut dyn Iterator<Item = &Entry>| -> Vec<Vec<f64>> {
        let mut scores = vec![Vec::new(); tiers.len()];
        for (id, figures) in members.filter_map(|entry| entry.scores).flat_map(Figures::indicators) {
            let of_tier = tier_of.get(id.as_str()).and_then(|tier| scores.get_mut(*tier));
            if let (Some(of_tier), Some(score)) = (of_tier, figures.score) {
                of_tier.push(score);
            }
        }
        scores
    };
    let of_all = by_tier(&mut entries.iter());
    let of_regions: Vec<Vec<Vec<f64>>> =
        regions.iter().map(|(_, members)| by_tier(&mut members.iter().copied())).collect();
    let mut means = Vec::new();
    let mut row = HEADER + 1;
    for (at, ((tier, ids), all)) in tiers.iter().zip(&of_all).enumerate() {
        page.text(row, 0, tier, &styles.text)?;
        page.number(row, 1, count(ids.len()), &styles.count)?;
        let of_tier = mean(all.iter().copied().map(Some));
        means.extend(of_tier);
        page.optional(row, 2, of_tier, mean_style)?;
        let full = all.iter().filter(|_| are_shares).map(|score| Some(*score >= 1.0));
        page.optional(row, 3, share(full), &styles.percent)?;
        for (column, of_region) in (4_u16..).zip(&of_regions) {
            let scores = of_region.get(at).into_iter().flatten().copied();
            page.optional(row, column, mean(scores.map(Some)), mean_style)?;
        }
        row += 1;
    }
    let last = u16::try_from(widths.len() - 1).unwrap_or(u16::MAX);
    page.heat((HEADER + 1, row - 1), (4, last.max(4)), scale)?;
    let frame = Frame {
        title: words.get(Key::TiersTitle),
        alternative: note,
        absent: words.get(Key::Absent),
        scale,
        size: (page.pixels(0, 5), CHART_ROWS * 20 - 8),
    };
    let mut shown = vec![(2, mean_heading)];
    if are_shares {
        shown.push((3, Key::FullPoints));
    }
    let series: Vec<Series> = shown
        .into_iter()
        .map(|(column, key)| Series {
            name: words.get(key),
            categories: (page.name(), HEADER + 1, 0, row - 1, 0),
            values: (page.name(), HEADER + 1, column, row - 1, column),
        })
        .collect();
    page.chart(row + 1, 0, &chart::beside(&frame, &series, &[], &means))?;
    page.finish()
}
