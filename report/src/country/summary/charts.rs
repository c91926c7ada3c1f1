//! The charts of the summary: beside averages, and over waves.

use maturity::comparator::Level;

use super::{AVERAGES, CHARTS, LEFT, TABLE};
use crate::ReportError;
use crate::chart::{self, Frame, Series};
use crate::country::{CountryReport, progress};
use crate::keys::Key;
use crate::page::{self, Page};
use crate::scale::Scale;

/// Puts the charts side by side at the left edge of `row`.
pub(super) fn put(page: &mut Page, report: &CountryReport, row: u32) -> Result<(), ReportError> {
    let words = page.words();
    let count = report.scores.subindexes.len();
    let Some(last) = u32::try_from(count).ok().filter(|count| *count > 0).map(|count| TABLE + count) else {
        return Ok(());
    };
    let waves = progress::waves(report).len();
    let room = page.pixels(0, usize::from(LEFT)) - 10;
    let width = if waves > 1 { room / 2 } else { room };
    let name = page.name();
    let mut shown = vec![(2, words.get(Key::ThisEconomy))];
    if report.beside.is_some() {
        let averages = [Key::RegionMean, Key::IncomeMean, Key::WorldMean];
        shown.extend((4..).zip(averages.map(|key| words.get(key))));
    }
    let series: Vec<Series> = shown
        .iter()
        .map(|(column, title)| Series {
            name: title,
            categories: (name, TABLE + 1, 0, last, 0),
            values: (name, TABLE + 1, *column, last, *column),
        })
        .collect();
    let scores: Vec<Option<f64>> = report.scores.subindexes.iter().map(|subindex| subindex.score).collect();
    let alternative = alternative(page, report);
    let frame = Frame {
        title: words.get(Key::ChartSubindexes),
        alternative: &alternative,
        absent: words.get(Key::Absent),
        scale: Scale::of_index(report.framework),
        size: (width, CHARTS - 8),
    };
    let means = report.beside.iter().flat_map(|beside| {
        let subindexes = report.scores.subindexes.iter();
        subindexes.flat_map(|subindex| AVERAGES.map(|kind| beside.mean(kind, Level::Subindex, &subindex.id)))
    });
    let means: Vec<f64> = means.flatten().collect();
    page.chart(row, 0, &chart::beside(&frame, &series, &scores, &means))?;
    if waves > 1 {
        lines(page, report, row, width)?;
    }
    Ok(())
}

fn lines(page: &mut Page, report: &CountryReport, row: u32, width: u32) -> Result<(), ReportError> {
    let words = page.words();
    let sheet = words.get(Key::SheetProgress);
    let waves = progress::waves(report);
    let (first, last) = progress::wave_rows(waves.len());
    let ids: Vec<&str> = progress::columns(report).map(|(id, _)| id.as_str()).collect();
    let series: Vec<Series> = (progress::FIRST_SCORE..)
        .zip(&ids)
        .map(|(column, id)| Series {
            name: id,
            categories: (sheet, first, 0, last, 0),
            values: (sheet, first, column, last, column),
        })
        .collect();
    let told: Vec<String> = waves
        .iter()
        .filter_map(|wave| Some(format!("{} {}", wave.wave, words.decimal(wave.score?, 3))))
        .collect();
    let alternative = words.titled(words.get(Key::ChartWaves), &told.join("; "));
    let frame = Frame {
        title: words.get(Key::ChartWaves),
        alternative: &alternative,
        absent: words.get(Key::Absent),
        scale: Scale::of_index(report.framework),
        size: (width, CHARTS - 8),
    };
    page.chart_at(row, page::Offset { column: 0, pixels: width + 10 }, &chart::lines(&frame, &series))
}

/// What the chart shows, in words.
fn alternative(page: &Page, report: &CountryReport) -> String {
    let words = page.words();
    let told: Vec<String> = report
        .scores
        .subindexes
        .iter()
        .map(|subindex| {
            let score =
                subindex.score.map_or_else(|| words.get(Key::Absent).to_owned(), |s| words.decimal(s, 3));
            format!("{} {score}", subindex.id)
        })
        .collect();
    words.titled(words.get(Key::ChartSubindexes), &told.join("; "))
}
