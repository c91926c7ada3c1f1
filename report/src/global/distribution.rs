//! How the scores are spread: counts by tenths, and quartiles.

use maturity::comparator::Distribution;
use maturity::id::Id;
use rust_xlsxwriter::Workbook;

use super::Entry;
use crate::ReportError;
use crate::chart::{self, Frame, Series};
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::page::{Page, count};
use crate::scale::Scale;
use crate::style::Align;

const HEADER: u32 = 4;
/// Scores are counted in so many steps of equal width.
const STEPS: u16 = 10;
const CHART_ROWS: u32 = 15;

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    entries: &[Entry],
) -> Result<(), ReportError> {
    let framework = context.framework;
    let mut widths = vec![11.0, 40.0, 11.0, 11.0, 11.0, 13.0, 11.0, 13.0, 11.0];
    widths.resize(widths.len().max(framework.subindexes.len() + 3), 11.0);
    let form = Form {
        name: Key::SheetDistribution,
        paper: Paper::OneLandscape,
        widths: &widths,
        frozen: None,
        titles: 0,
        long: false,
        filtered: false,
        for_programs: false,
    };
    let mut page = Page::add(workbook, context, &form)?;
    let (words, styles) = (page.words(), page.styles());
    page.head(words.get(Key::DistributionTitle), words.get(Key::DistributionNote))?;
    let composite = &framework.composite;
    let mut items = vec![(&composite.id, composite.title.get(page.language()))];
    let subindexes = framework.subindexes.iter();
    items.extend(subindexes.map(|subindex| (&subindex.id, subindex.title.get(page.language()))));
    let values: Vec<Vec<f64>> = items.iter().map(|(id, _)| scores(entries, &composite.id, id)).collect();

    let mut headings = vec![(words.get(Key::ScoreFrom), Align::Left), (words.get(Key::ScoreTo), Align::Left)];
    headings.extend(items.iter().map(|(id, _)| (id.as_str(), Align::Right)));
    page.line(HEADER - 1, words.get(Key::DistributionCounts), &styles.section)?;
    page.header(HEADER, headings)?;
    let edges = Scale::of_index(framework).edges(STEPS, values.iter().flatten().copied());
    let mut last = HEADER;
    for (step, bounds) in edges.windows(2).enumerate() {
        last += 1;
        page.number(last, 0, bounds[0], styles.value_left(bounds[0]))?;
        page.number(last, 1, bounds[1], styles.value_left(bounds[1]))?;
        for (column, values) in (2_u16..).zip(&values) {
            let within = values.iter().filter(|score| step_of(**score, &edges) == step).count();
            page.number(last, column, count(within), &styles.count)?;
        }
    }
    let title = format!("{} – {}", composite.id, words.get(Key::DistributionCounts));
    let frame = Frame {
        title: &title,
        alternative: &title,
        absent: words.get(Key::Absent),
        scale: Scale::Open,
        size: (page.pixels(0, 8), CHART_ROWS * 20 - 8),
    };
    let series = [Series {
        name: composite.id.as_str(),
        categories: (page.name(), HEADER + 1, 0, last, 0),
        values: (page.name(), HEADER + 1, 2, last, 2),
    }];
    let mut row = last + 1;
    if last > HEADER {
        page.chart(row, 0, &chart::counts_of(&frame, &series))?;
        row += CHART_ROWS + 1;
    }
    page.headings(
        row,
        &[
            (Key::Id, Align::Left),
            (Key::Name, Align::Left),
            (Key::Economies, Align::Right),
            (Key::Mean, Align::Right),
            (Key::Lowest, Align::Right),
            (Key::LowerQuartile, Align::Right),
            (Key::Median, Align::Right),
            (Key::UpperQuartile, Align::Right),
            (Key::Highest, Align::Right),
        ],
    )?;
    for (row, ((id, title), values)) in (row + 1..).zip(items.iter().zip(&values)) {
        page.text(row, 0, id.as_str(), &styles.text)?;
        page.text(row, 1, title, &styles.text)?;
        page.number(row, 2, count(values.len()), &styles.count)?;
        let spread = Distribution::of(&values.iter().map(|score| (*score, None)).collect::<Vec<_>>());
        let lowest = values.iter().copied().reduce(f64::min);
        let highest = values.iter().copied().reduce(f64::max);
        let shown = [
            spread.map(|spread| spread.mean),
            lowest,
            spread.map(|spread| spread.lower_quartile),
            spread.map(|spread| spread.median),
            spread.map(|spread| spread.upper_quartile),
            highest,
        ];
        for (column, value) in (3_u16..).zip(shown) {
            page.optional(row, column, value, &styles.score)?;
        }
    }
    page.finish()
}

/// The scores of the composite or a subindex that are known.
fn scores(entries: &[Entry], composite: &Id, id: &Id) -> Vec<f64> {
    let of = |entry: &Entry| {
        let scores = entry.scores?;
        if composite == id { scores.score() } else { scores.subindex(id.as_str())?.score }
    };
    entries.iter().filter_map(of).filter(|score| score.is_finite()).collect()
}

/// The step between `edges` that a score falls in; the highest belongs to the last.
fn step_of(score: f64, edges: &[f64]) -> usize {
    let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
    inner.iter().take_while(|edge| score >= **edge).count()
}

#[cfg(test)]
mod tests {
    use super::{STEPS, Scale, step_of};

    #[test]
    fn a_score_at_an_edge_belongs_to_the_step_above() {
        let edges = Scale::Unit.edges(STEPS, []);
        for (score, step) in [(0.0, 0), (0.099, 0), (0.1, 1), (0.3, 3), (0.75, 7), (0.9, 9), (1.0, 9)] {
            assert_eq!(step_of(score, &edges), step, "{score}");
        }
    }
}
