//! How economies moved since the wave before: between groups, and by how much.

use std::collections::{BTreeMap, BTreeSet};

use maturity::change::{Cause, Parts, Transitions, Unknown};
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, Verdict};
use maturity::submission::Wave;
use rust_xlsxwriter::Workbook;

use super::{Entry, Figures, GlobalReport};
use crate::ReportError;
use crate::chart::{self, Frame, Series};
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::{Page, count};
use crate::scale::Scale;
use crate::style::Align;

/// The widths of the columns before those of the causes.
const WIDTHS: [f64; 6] = [30.0, 28.0, 11.0, 11.0, 11.0, 11.0];
const LAST: u16 = 5;
/// The column of the groups beside the largest changes.
const GROUPS: usize = 5;
/// So many rises and falls are listed.
const MOST: usize = 10;
const CHART_ROWS: u32 = 13;

/// One economy that has a score in both waves.
struct Change<'a> {
    entry: &'a Entry<'a>,
    from: f64,
    to: f64,
    group: Option<&'a str>,
    parts: Option<Parts>,
    /// Why the causes are not known.
    unknown: Option<Unknown>,
}

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &GlobalReport,
    entries: &[Entry],
) -> Result<(), ReportError> {
    let split = !report.movements.is_empty();
    let causes = if split { &Cause::ALL[..] } else { &[] };
    let mut widths = WIDTHS.to_vec();
    widths.extend(causes.iter().map(|_| 13.0));
    widen(&mut widths, report.framework);
    let form = Form {
        name: Key::SheetMovement,
        paper: Paper::OnePage,
        widths: &widths,
        frozen: None,
        titles: 0,
        long: false,
        filtered: false,
        for_programs: false,
    };
    let mut page = Page::add(workbook, context, &form)?;
    let words = page.words();
    let this = report.framework.wave;
    let waves = waves(report, entries);
    let grouped = !report.framework.groups.is_empty();
    let row = if grouped { groups_over_waves(&mut page, &waves, 3)? } else { 2 };
    let Some(before) = waves.keys().copied().filter(|wave| *wave < this).max() else {
        page.head(words.get(Key::MovementTitle), words.get(Key::MovementNone))?;
        return page.finish();
    };
    let note = if report.earlier.is_empty() { Key::MovementNote } else { Key::MovementNoteComputed };
    let note = words.fill(note, &[("from", &before.to_string()), ("to", &this.to_string())]);
    page.head(words.get(Key::MovementTitle), &note)?;
    let row = if grouped {
        transitions(&mut page, (&waves[&before], &waves[&this]), (before, this), row + 1)?
    } else {
        row
    };
    let mut moved = report.movements.values().filter(|movement| movement.wave == before);
    let row = if moved.any(|movement| movement.thresholds_moved(report.framework)) {
        let line = words.fill(Key::MovementThresholds, &[("wave", &before.to_string())]);
        page.wide(row, (0, LAST), &line, &page.styles().note)?;
        row + 1
    } else {
        row
    };
    largest(&mut page, &changes(report, entries, before), causes, (before, this), row + 1)?;
    page.finish()
}

/// Groups stand in the headings of the moves and beside changes: a name has no blank to break at.
fn widen(widths: &mut Vec<f64>, framework: &Framework) {
    let longest = framework.groups.iter().flat_map(|group| group.id.split_whitespace());
    let longest = longest.map(|word| word.chars().count()).max().unwrap_or_default();
    let needed = f64::from(u16::try_from(longest).unwrap_or(u16::MAX).min(30)) * 1.2 + 2.0;
    let moves = 2 + framework.groups.len();
    if widths.len() < moves {
        widths.resize(moves, WIDTHS[2]);
    }
    for (column, width) in widths.iter_mut().enumerate() {
        if (2..moves).contains(&column) || column == GROUPS {
            *width = width.max(needed);
        }
    }
}

/// The groups of the economies in each wave that is known.
type Groups<'a> = BTreeMap<&'a EconomyCode, &'a str>;

fn waves<'a>(report: &GlobalReport<'a>, entries: &[Entry<'a>]) -> BTreeMap<Wave, Groups<'a>> {
    let this = report.framework.wave;
    let mut waves: BTreeMap<Wave, Groups> = BTreeMap::from([(this, Groups::new())]);
    for (economy, history) in report.published {
        for published in history.iter().filter(|published| published.wave != this) {
            // A wave of an index without groups is known too.
            if published.score.is_none() && published.group.is_none() {
                continue;
            }
            let groups = waves.entry(published.wave).or_default();
            if let Some(group) = &published.group {
                groups.insert(economy, group);
            }
        }
    }
    // What the store computed of a wave goes before what was published of it.
    for (wave, computed) in report.earlier {
        let groups = waves.entry(*wave).or_default();
        for (economy, group) in computed {
            match group {
                Some(group) => groups.insert(economy, group),
                None => groups.remove(economy),
            };
        }
    }
    for entry in entries {
        if let Some(group) = entry.scores.and_then(Figures::group) {
            waves.entry(this).or_default().insert(&entry.economy.code, group);
        }
    }
    waves
}

/// How many economies are in each group, wave by wave; returns the first free row.
fn groups_over_waves(
    page: &mut Page,
    waves: &BTreeMap<Wave, Groups>,
    start: u32,
) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(start, words.get(Key::MovementGroups), &styles.section)?;
    let years: Vec<String> = waves.keys().map(ToString::to_string).collect();
    let mut headings = vec![(words.get(Key::Group), Align::Left)];
    headings.push(("", Align::Left));
    headings.extend(years.iter().map(|year| (year.as_str(), Align::Right)));
    page.header(start + 1, headings)?;
    let mut row = start + 2;
    let known = &page.framework().groups;
    // Those of an earlier framework come last: nobody says where they belong.
    let is_known = |id: &str| known.iter().any(|group| group.id == id);
    let others: BTreeSet<&str> =
        waves.values().flat_map(|groups| groups.values().copied()).filter(|id| !is_known(id)).collect();
    let known = known.iter().map(|group| (group.id.as_str(), label::group(words, group)));
    for (id, title) in known.chain(others.into_iter().map(|id| (id, id.to_owned()))) {
        page.text(row, 0, &title, styles.group(id))?;
        page.text(row, 1, "", &styles.text)?;
        for (column, groups) in (2_u16..).zip(waves.values()) {
            let number = groups.values().filter(|group| **group == id).count();
            page.number(row, column, count(number), &styles.count)?;
        }
        row += 1;
    }
    if row > start + 2 {
        let series: Vec<Series> = (2_u16..)
            .zip(&years)
            .map(|(column, year)| Series {
                name: year,
                categories: (page.name(), start + 2, 0, row - 1, 0),
                values: (page.name(), start + 2, column, row - 1, column),
            })
            .collect();
        let frame = Frame {
            title: words.get(Key::MovementGroups),
            alternative: words.get(Key::MovementGroups),
            absent: words.get(Key::Absent),
            scale: Scale::Open,
            size: (page.pixels(0, usize::from(LAST)), CHART_ROWS * 20 - 8),
        };
        page.chart(row, 0, &chart::counts_of(&frame, &series))?;
        row += CHART_ROWS;
    }
    Ok(row)
}

/// The matrix of moves; returns the first free row.
fn transitions(
    page: &mut Page,
    (before, after): (&Groups, &Groups),
    (from, to): (Wave, Wave),
    start: u32,
) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let economies: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let moves = economies.into_iter().map(|code| (before.get(code).copied(), after.get(code).copied()));
    let known = page.framework().groups.iter().map(|group| group.id.as_str());
    let counted = Transitions::count(known, moves);
    page.line(start, words.get(Key::MovementMoves), &styles.section)?;
    let corner = words.fill(Key::MovementCorner, &[("from", &from.to_string()), ("to", &to.to_string())]);
    let mut headings = vec![(corner.as_str(), Align::Left), ("", Align::Left)];
    headings.extend(counted.groups.iter().map(|group| (group.as_str(), Align::Right)));
    page.header(start + 1, headings)?;
    let mut row = start + 2;
    for (group, counts) in counted.groups.iter().zip(&counted.counts) {
        page.text(row, 0, group, styles.group(group))?;
        page.text(row, 1, "", &styles.text)?;
        for (column, number) in (2_u16..).zip(counts) {
            page.number(row, column, f64::from(*number), &styles.count)?;
        }
        row += 1;
    }
    let [up, same, down, one] =
        [counted.up, counted.same, counted.down, counted.one_sided].map(|number| number.to_string());
    let line =
        words.fill(Key::MovementLine, &[("up", &up), ("same", &same), ("down", &down), ("one_sided", &one)]);
    page.wide(row, (0, LAST), &line, &styles.paragraph)?;
    if counted.unranked == 0 {
        return Ok(row + 1);
    }
    let line = words.fill(Key::MovementUnranked, &[("count", &counted.unranked.to_string())]);
    page.wide(row + 1, (0, LAST), &line, &styles.paragraph)?;
    Ok(row + 2)
}

fn changes<'a>(report: &GlobalReport<'a>, entries: &'a [Entry<'a>], before: Wave) -> Vec<Change<'a>> {
    let change = |entry: &'a Entry<'a>| {
        let scores = entry.scores?;
        let history = report.published.get(&entry.economy.code);
        let published = history.and_then(|history| history.iter().find(|other| other.wave == before));
        let composite = &report.framework.composite.id;
        let movement = report.movements.get(&entry.economy.code).filter(|movement| movement.wave == before);
        let moved = movement.and_then(|movement| movement.moved.iter().find(|moved| moved.id == *composite));
        let computed = || movement.and_then(|movement| movement.group.as_deref());
        Some(Change {
            entry,
            from: moved.and_then(|moved| moved.from).or_else(|| published?.score)?,
            to: scores.score()?,
            group: computed().or_else(|| published.and_then(|published| published.group.as_deref())),
            parts: moved.and_then(|moved| moved.parts),
            // Of a wave that was published only, the answers are not known.
            unknown: moved.map_or(Some(Unknown::ScoresOnly), |moved| moved.unknown),
        })
    };
    entries.iter().filter_map(change).collect()
}

/// The largest rises and falls with their causes, where these are known.
fn largest(
    page: &mut Page,
    changes: &[Change],
    causes: &[Cause],
    (from, to): (Wave, Wave),
    start: u32,
) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(start, words.get(Key::MovementLargest), &styles.section)?;
    let id = &page.framework().composite.id;
    let comparability = page.framework().comparability(id, from, to);
    let verdict = words.get(label::verdict(comparability.verdict));
    let line = words.fill(Key::MovementComparable, &[("verdict", verdict)]);
    page.wide(start + 1, (0, LAST), &line, &styles.note)?;
    if comparability.verdict == Verdict::No {
        return Ok(());
    }
    let mut sorted: Vec<&Change> = changes.iter().collect();
    sorted.sort_by(|a, b| (b.to - b.from).total_cmp(&(a.to - a.from)));
    let years = [from, to].map(|wave| wave.to_string());
    let mut headings = vec![
        (words.get(Key::Economy), Align::Left),
        (words.get(Key::Region), Align::Left),
        (years[0].as_str(), Align::Right),
        (years[1].as_str(), Align::Right),
        (words.get(Key::Change), Align::Right),
        (page.group_heading(), Align::Centre),
    ];
    headings.extend(causes.iter().map(|cause| (cause.title(page.language()), Align::Right)));
    page.header(start + 2, headings)?;
    let rises = sorted.iter().take_while(|change| change.to > change.from).take(MOST);
    let falls = sorted.iter().rev().take_while(|change| change.to < change.from).take(MOST);
    let mut falls: Vec<&&Change> = falls.collect();
    falls.reverse();
    let mut row = start + 3;
    let mut unsplit: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for change in rises.chain(falls) {
        page.text(row, 0, change.entry.economy.name_in(page.language()), &styles.text)?;
        page.text(row, 1, &words.code("region", &change.entry.economy.region), &styles.text)?;
        page.number(row, 2, change.from, &styles.score)?;
        page.number(row, 3, change.to, &styles.score)?;
        page.formula(
            row,
            4,
            Some(format!("=D{0}-C{0}", row + 1)),
            Some(change.to - change.from),
            &styles.change,
        )?;
        if page.framework().groups.is_empty() {
            page.no_group(row, 5)?;
        } else {
            let now = change.entry.scores.and_then(Figures::group);
            let absent = words.get(Key::Absent);
            let groups = format!("{} → {}", change.group.unwrap_or(absent), now.unwrap_or(absent));
            page.text(row, 5, &groups, &styles.centred)?;
        }
        for (column, cause) in (6_u16..).zip(causes) {
            page.optional(row, column, change.parts.map(|parts| parts.of(*cause)), &styles.change)?;
        }
        if let Some(unknown) = change.unknown.filter(|_| change.parts.is_none() && !causes.is_empty()) {
            let name = change.entry.economy.name_in(page.language());
            unsplit.entry(unknown.sentence(page.language())).or_default().push(name);
        }
        row += 1;
    }
    for (sentence, names) in unsplit {
        page.wide(row, (0, LAST), &words.titled(&names.join(", "), sentence), &styles.note)?;
        row += 1;
    }
    if causes.is_empty() {
        page.wide(row, (0, LAST), Unknown::ScoresOnly.sentence(page.language()), &styles.note)?;
    }
    Ok(())
}
