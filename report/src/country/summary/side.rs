//! The right half of the summary: strengths, gaps, and what would raise the group.

use maturity::comparator::{Kind, Level};
use maturity::score::IndicatorScore;
use maturity::standing::{Outlook, Step};

use super::{LAST, RIGHT};
use crate::ReportError;
use crate::country::CountryReport;
use crate::keys::Key;
use crate::label;
use crate::page::Page;
use crate::style::{Align, DECIMALS};

/// As many strengths, gaps and steps are shown.
const MOST: usize = 3;

/// The indicators furthest above and below the average of the region, else of the world, else the own score;
/// returns the first free row.
pub(super) fn strengths_and_gaps(
    page: &mut Page,
    report: &CountryReport,
    start: u32,
) -> Result<u32, ReportError> {
    let words = page.words();
    let mean = |kind, indicator: &IndicatorScore| {
        report.beside.as_ref()?.mean(kind, Level::Indicator, &indicator.id)
    };
    let in_region = report.beside.is_none()
        || report.scores.indicators().any(|(_, indicator)| mean(Kind::Region, indicator).is_some());
    let (kind, heading) =
        if in_region { (Kind::Region, Key::RegionMean) } else { (Kind::World, Key::WorldMean) };
    let average = |indicator: &IndicatorScore| mean(kind, indicator);
    let mut known: Vec<(&IndicatorScore, f64, Option<f64>, f64)> = report
        .scores
        .indicators()
        .filter_map(|(_, indicator)| {
            let score = indicator.score?;
            let average = average(indicator);
            Some((indicator, score, average, score - average.or(report.scores.score)?))
        })
        .collect();
    // Stable: equal distances stay in the order of the instrument.
    known.sort_by(|a, b| b.3.total_cmp(&a.3));
    let strengths: Vec<_> = known.iter().filter(|one| one.3 > 0.0).take(MOST).copied().collect();
    let gaps: Vec<_> = known.iter().rev().filter(|one| one.3 < 0.0).take(MOST).copied().collect();
    let mut row = start;
    for (title, rows) in [(Key::Strengths, strengths), (Key::Gaps, gaps)] {
        // The first heading names the columns for both: in the row of the second stand scores at the left.
        let columns = if row == start { [Key::Score, heading].map(|key| words.get(key)) } else { [""; 2] };
        page.header_at(row, RIGHT, [("", Align::Left), ("", Align::Left)])?;
        page.wide(row, (RIGHT, RIGHT + 1), words.get(title), page.styles().header(Align::Left, false))?;
        page.header_at(row, RIGHT + 2, columns.map(|column| (column, Align::Right)))?;
        row += 1;
        for (indicator, score, average, _) in rows {
            let title = report.framework.indicator(&indicator.id);
            let title = title.map_or("", |known| known.title.get(page.language()));
            let styles = page.styles();
            page.text(row, RIGHT, indicator.id.as_str(), &styles.text)?;
            page.text(row, RIGHT + 1, title, &styles.text)?;
            page.number(row, RIGHT + 2, score, &styles.score)?;
            page.optional(row, RIGHT + 3, average, &styles.score)?;
            row += 1;
        }
    }
    Ok(row)
}

/// What would raise the group: the steps that gain the most; returns the first free row.
pub(super) fn outlook(page: &mut Page, report: &CountryReport, start: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    // Without groups there is none to rise to.
    let Some(standing) = report.standing.filter(|_| !report.framework.groups.is_empty()) else {
        return Ok(start);
    };
    page.text(start, RIGHT, "", &styles.section)?;
    page.wide(start, (RIGHT, LAST), words.get(Key::Raise), &styles.section)?;
    page.wide(start + 1, (RIGHT, LAST), &sentence(page, &standing.outlook), &styles.paragraph)?;
    let Outlook::Within { steps, .. } = &standing.outlook else { return Ok(start + 2) };
    let mut most: Vec<&Step> = steps.iter().collect();
    most.sort_by(|a, b| b.gain.total_cmp(&a.gain));
    let mut row = start + 2;
    page.header_at(
        row,
        RIGHT,
        [
            (words.get(Key::Id), Align::Left),
            (words.get(Key::RaiseLargest), Align::Left),
            ("", Align::Left),
            (words.get(Key::Gain), Align::Right),
        ],
    )?;
    for step in most.into_iter().take(MOST) {
        row += 1;
        let question = report.framework.question(&step.question);
        let label = question.map_or("", |question| question.label.get(page.language()));
        let [from, to] = [&step.from, &step.to].map(|answer| label::answer_text(page, question, answer));
        page.text(row, RIGHT, step.question.as_str(), &styles.text)?;
        let text = words.fill(Key::RaiseStep, &[("question", label), ("from", &from), ("to", &to)]);
        page.wide(row, (RIGHT + 1, RIGHT + 2), &text, &styles.text)?;
        page.number(row, LAST, step.gain, &styles.change)?;
    }
    Ok(row + 1)
}

/// What stands between the score and the next group.
pub(in crate::country) fn sentence(page: &Page, outlook: &Outlook) -> String {
    let words = page.words();
    let near = |score| words.decimal(score, page.framework().decimals_shown(score, DECIMALS));
    match outlook {
        Outlook::Within { target, threshold, score, proven, steps } => {
            let key = if *proven { Key::RaiseWithin } else { Key::RaiseWithinUnproven };
            words.fill(
                key,
                &[
                    ("group", target),
                    ("threshold", &near(*threshold)),
                    ("count", &steps.len().to_string()),
                    ("score", &near(*score)),
                ],
            )
        }
        Outlook::Highest { group } => words.fill(Key::RaiseHighest, &[("group", group)]),
        Outlook::NotFound { target, threshold } => {
            words.fill(Key::RaiseNotFound, &[("group", target), ("threshold", &near(*threshold))])
        }
        Outlook::OutOfReach { target, threshold, best } => words.fill(
            Key::RaiseOutOfReach,
            &[("group", target), ("threshold", &near(*threshold)), ("best", &near(*best))],
        ),
        Outlook::NoScore => words.get(Key::RaiseNoScore).to_owned(),
    }
}
