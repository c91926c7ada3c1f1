//! How the scores moved over waves, why, how far the waves compare, and all answers that would raise the group.

use std::collections::BTreeMap;

use maturity::change::{Cause, Unknown};
use maturity::framework::{Framework, Subindex, Verdict};
use maturity::id::Id;
use maturity::standing::{Movement, Outlook};
use maturity::submission::Wave;
use rust_xlsxwriter::Workbook;

use super::basis::Basis;
use super::cells::Cells;
use super::{CountryReport, summary};
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::Page;
use crate::style::Align;

const HEADER: u32 = 4;
const FORM: Form = Form {
    name: Key::SheetProgress,
    paper: Paper::OneLandscape,
    widths: &[12.0, 44.0, 11.0, 13.0, 13.0, 13.0, 13.0, 13.0, 13.0, 13.0, 13.0],
    frozen: None,
    titles: 0,
    long: false,
    filtered: false,
    for_programs: false,
};
const LAST: u16 = 9;
/// The column of the composite over waves; the subindexes follow.
pub(super) const FIRST_SCORE: u16 = 3;

/// Where the scores of a wave come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// The answers of this report.
    This,
    /// The answers of that wave, which the store holds.
    Answers,
    /// What was published.
    Published,
}

impl Source {
    fn key(self) -> Key {
        match self {
            Self::This => Key::HistoryComputed,
            Self::Answers => Key::HistoryAnswers,
            Self::Published => Key::HistoryTaken,
        }
    }
}

/// The scores of one wave.
pub(super) struct OfWave<'a> {
    pub(super) wave: Wave,
    pub(super) score: Option<f64>,
    group: Option<&'a str>,
    source: Source,
    subindexes: Vec<Option<f64>>,
}

/// The ids that stand in columns over waves: the composite, and as many subindexes as there is room for.
pub(super) fn columns<'a>(report: &CountryReport<'a>) -> impl Iterator<Item = (&'a Id, u16)> + use<'a> {
    std::iter::once(&report.framework.composite.id)
        .chain(subindexes(report.framework))
        .zip(FIRST_SCORE..=LAST)
}

/// All subindexes in the order of the framework; where they are too many for the columns, the highest first.
fn subindexes(framework: &Framework) -> Vec<&Id> {
    let mut subindexes: Vec<&Subindex> = framework.subindexes.iter().collect();
    if subindexes.len() > usize::from(LAST - FIRST_SCORE) {
        subindexes.sort_by_key(|subindex| depth(framework, subindex, framework.subindexes.len()));
    }
    subindexes.into_iter().map(|subindex| &subindex.id).collect()
}

/// How many subindexes it is below; `deepest` ends the walk whatever the parents are.
fn depth(framework: &Framework, subindex: &Subindex, deepest: usize) -> usize {
    let parent = subindex.parent.as_ref().filter(|_| deepest > 0);
    let parent = parent.and_then(|id| framework.subindexes.iter().find(|above| above.id == *id));
    parent.map_or(0, |above| 1 + depth(framework, above, deepest - 1))
}

/// All waves that are known, in their order; what was published goes before what the store has computed.
pub(super) fn waves<'a>(report: &CountryReport<'a>) -> Vec<OfWave<'a>> {
    let ids = subindexes(report.framework);
    let movement = report.standing.and_then(|standing| standing.movement.as_ref());
    // What was computed goes before what was published, as wherever two waves are compared.
    let moved_since = |wave: Wave| movement.is_some_and(|movement| movement.wave == wave);
    let computed_too =
        |wave: Wave| moved_since(wave) || report.computed.iter().any(|computed| computed.wave == wave);
    let published = report.history.iter().filter(|published| !computed_too(published.wave));
    let earlier = report.computed.iter().filter(|computed| !moved_since(computed.wave));
    let published = published.map(|published| (published, Source::Published));
    let others = published.chain(earlier.map(|computed| (computed, Source::Answers)));
    let others = others.map(|(other, source)| OfWave {
        wave: other.wave,
        score: other.score,
        group: other.group.as_deref(),
        source,
        subindexes: ids.iter().map(|id| other.subindexes.get(*id).copied()).collect(),
    });
    let computed = movement.map(|movement| {
        let scores: BTreeMap<&Id, f64> = of_movement(movement).collect();
        OfWave {
            wave: movement.wave,
            score: scores.get(&report.framework.composite.id).copied(),
            group: movement.group.as_deref(),
            source: Source::Answers,
            subindexes: ids.iter().map(|id| scores.get(*id).copied()).collect(),
        }
    });
    let this = OfWave {
        wave: report.scores.wave,
        score: report.scores.score,
        group: report.scores.group.as_deref(),
        source: Source::This,
        subindexes: ids
            .iter()
            .map(|id| report.scores.subindex(id.as_str()).and_then(|scored| scored.score))
            .collect(),
    };
    let mut waves: Vec<OfWave> = others.chain(computed).chain(std::iter::once(this)).collect();
    waves.sort_by_key(|of| of.wave);
    waves
}

/// The first and the last row of the waves.
pub(super) fn wave_rows(count: usize) -> (u32, u32) {
    (HEADER + 1, HEADER + u32::try_from(count).unwrap_or(1).max(1))
}

pub(super) fn write(workbook: &mut Workbook, context: &Context, report: &Basis) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let words = page.words();
    let mut note = words.get(Key::ProgressNote).to_owned();
    if columns(report).count() <= report.framework.subindexes.len() {
        note.push(' ');
        note.push_str(words.get(Key::ProgressMore));
    }
    page.head(words.get(Key::ProgressTitle), &note)?;
    let row = over_waves(&mut page, report, &report.cells)?;
    let row = changes(&mut page, report, row + 1)?;
    let row = comparability(&mut page, report, row + 1)?;
    steps(&mut page, report, row + 1)?;
    page.finish()
}

fn over_waves(page: &mut Page, report: &CountryReport, cells: &Cells) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(HEADER - 1, words.get(Key::History), &styles.section)?;
    let mut headings = vec![
        (words.get(Key::Wave), Align::Left),
        (words.get(Key::HistorySource), Align::Left),
        (page.group_heading(), Align::Centre),
    ];
    headings.extend(columns(report).map(|(id, _)| (id.as_str(), Align::Right)));
    page.header(HEADER, headings)?;
    let mut row = HEADER + 1;
    for of in waves(report) {
        page.text(row, 0, &of.wave.to_string(), &styles.text)?;
        page.text(row, 1, words.get(of.source.key()), &styles.text)?;
        page.group(row, 2, of.group)?;
        let scores = std::iter::once(of.score).chain(of.subindexes.iter().copied());
        for ((id, column), score) in columns(report).zip(scores) {
            let formula = (of.source == Source::This).then(|| match report.scores.subindex(id.as_str()) {
                Some(_) => cells.subindex(id),
                None => Some(cells.composite()),
            });
            match score {
                Some(_) => page.formula(row, column, formula.flatten(), score, page.score_style(score))?,
                // The chart has a gap here; text would be drawn as 0.
                None => page.blank(row, column, &styles.score)?,
            }
        }
        row += 1;
    }
    page.wide(row, (0, LAST), words.get(Key::HistoryNote), &styles.note)?;
    let movement = report.standing.and_then(|standing| standing.movement.as_ref());
    let Some(movement) = movement.filter(|movement| movement.thresholds_moved(report.framework)) else {
        return Ok(row + 1);
    };
    let moved = words.fill(Key::MovementThresholds, &[("wave", &movement.wave.to_string())]);
    page.wide(row + 1, (0, LAST), &moved, &styles.note)?;
    Ok(row + 2)
}

/// What changed since the wave before, split by cause where both waves were computed from answers.
fn changes(page: &mut Page, report: &Basis, start: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let Some(before) = &report.before else {
        page.wide(start, (0, LAST), words.get(Key::ProgressNone), &styles.paragraph)?;
        return Ok(start + 1);
    };
    let wave = before.wave.to_string();
    page.line(start, &words.fill(Key::ChangeSince, &[("wave", &wave)]), &styles.section)?;
    let movement = report.standing.and_then(|standing| standing.movement.as_ref());
    let movement = movement.filter(|movement| movement.wave == before.wave);
    let this = report.scores.wave.to_string();
    let mut headings = vec![
        (words.get(Key::Id), Align::Left),
        (words.get(Key::Name), Align::Left),
        (words.get(Key::Comparable), Align::Centre),
        (wave.as_str(), Align::Right),
        (this.as_str(), Align::Right),
        (words.get(Key::Change), Align::Right),
    ];
    let causes = movement.map_or(&[][..], |_| &Cause::ALL);
    headings.extend(causes.iter().map(|cause| (cause.title(page.language()), Align::Right)));
    page.header(start + 1, headings)?;
    let mut row = start + 2;
    let mut unsplit: BTreeMap<&'static str, Vec<&str>> = BTreeMap::new();
    for (id, title, score) in items(report, movement.is_some(), page) {
        let verdict = before.verdict(id);
        page.text(row, 0, id.as_str(), &styles.text)?;
        page.text(row, 1, title, &styles.text)?;
        page.text(row, 2, words.get(label::verdict(verdict)), &styles.centred)?;
        let from = before.scores.get(id).copied();
        page.optional(row, 3, from, &styles.score)?;
        page.optional(row, 4, score, &styles.score)?;
        let change = from.zip(score).filter(|_| verdict != Verdict::No).map(|(from, to)| to - from);
        page.formula(row, 5, Some(format!("=E{0}-D{0}", row + 1)), change, &styles.change)?;
        let moved = movement.and_then(|movement| movement.moved.iter().find(|moved| moved.id == *id));
        let parts = moved.and_then(|moved| moved.parts);
        if let Some(unknown) = moved.and_then(|moved| moved.unknown) {
            unsplit.entry(unknown.sentence(page.language())).or_default().push(id.as_str());
        }
        for (column, cause) in (6_u16..).zip(causes) {
            page.optional(row, column, parts.map(|parts| parts.of(*cause)), &styles.change)?;
        }
        row += 1;
    }
    for (sentence, ids) in unsplit {
        page.wide(row, (0, LAST), &words.titled(&ids.join(", "), sentence), &styles.note)?;
        row += 1;
    }
    if movement.is_none() {
        page.wide(row, (0, LAST), Unknown::ScoresOnly.sentence(page.language()), &styles.note)?;
        row += 1;
    }
    Ok(row)
}

/// The composite, the subindexes and, where the earlier ones are known, the indicators.
fn items<'a>(
    report: &CountryReport<'a>,
    indicators: bool,
    page: &Page<'a>,
) -> Vec<(&'a Id, &'a str, Option<f64>)> {
    let (framework, scores, language) = (report.framework, report.scores, page.language());
    let composite = &framework.composite;
    let mut items = vec![(&composite.id, composite.title.get(language), scores.score)];
    for subindex in &framework.subindexes {
        let score = scores.subindex(subindex.id.as_str()).and_then(|scored| scored.score);
        items.push((&subindex.id, subindex.title.get(language), score));
    }
    if indicators {
        for (_, scored) in scores.indicators() {
            if let Some(indicator) = framework.indicator(&scored.id) {
                items.push((&indicator.id, indicator.title.get(language), scored.score));
            }
        }
    }
    items
}

/// Why waves do not compare, or only partly: each reason once, after the ids that it concerns.
fn comparability(page: &mut Page, report: &Basis, start: u32) -> Result<u32, ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let Some(before) = &report.before else { return Ok(start) };
    page.line(start, words.get(Key::Comparability), &styles.section)?;
    let mut row = start + 1;
    for reason in &before.compared.reasons {
        page.wide(row, (0, LAST), &reason.sentence(page.language()), &styles.paragraph)?;
        row += 1;
    }
    if before.compared.reasons.is_empty() {
        let verdict = before.verdict(&report.framework.composite.id);
        page.wide(row, (0, LAST), words.get(label::verdict(verdict)), &styles.paragraph)?;
        row += 1;
    }
    Ok(row)
}

/// All answers that reach the next group together.
fn steps(page: &mut Page, report: &CountryReport, start: u32) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    // Without groups there is none to rise to.
    let Some(standing) = report.standing.filter(|_| !report.framework.groups.is_empty()) else {
        return Ok(());
    };
    page.line(start, words.get(Key::Raise), &styles.section)?;
    let sentence = summary::outlook_sentence(page, &standing.outlook);
    page.wide(start + 1, (0, LAST), &sentence, &styles.paragraph)?;
    let Outlook::Within { steps, .. } = &standing.outlook else { return Ok(()) };
    page.header(
        start + 2,
        [
            (words.get(Key::Id), Align::Left),
            (words.get(Key::Question), Align::Left),
            (words.get(Key::Gain), Align::Right),
            (words.get(Key::RaiseFrom), Align::Apart),
            ("", Align::Left),
            (words.get(Key::RaiseTo), Align::Left),
            ("", Align::Left),
        ],
    )?;
    for (row, step) in (start + 3..).zip(steps) {
        let question = report.framework.question(&step.question);
        page.text(row, 0, step.question.as_str(), &styles.text)?;
        let label = question.map_or("", |question| question.label.get(page.language()));
        page.text(row, 1, label, &styles.text)?;
        page.number(row, 2, step.gain, &styles.change)?;
        page.wide(row, (3, 4), &label::answer_text(page, question, &step.from), &styles.text_apart)?;
        page.wide(row, (5, 6), &label::answer_text(page, question, &step.to), &styles.text)?;
    }
    Ok(())
}

/// The scores of the wave before as a movement has them.
pub(super) fn of_movement(movement: &Movement) -> impl Iterator<Item = (&Id, f64)> {
    movement.moved.iter().filter_map(|moved| Some((&moved.id, moved.from?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing;

    #[test]
    fn the_highest_subindexes_have_the_columns_where_there_are_too_many() {
        let mut framework = testing::small();
        let first = framework.subindexes[0].clone();
        for below in 0..5 {
            let told = |framework: &Framework| {
                subindexes(framework).into_iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>()
            };
            let all: Vec<_> = framework.subindexes.iter().map(|subindex| subindex.id.to_string()).collect();
            assert_eq!(told(&framework), all);
            let id = Id::from(format!("S1.{below}").as_str());
            let parent = Some(first.id.clone());
            framework.subindexes.insert(1, Subindex { id, parent, ..first.clone() });
        }
        let order: Vec<&str> = subindexes(&framework).into_iter().map(Id::as_str).collect();
        assert_eq!(order, ["S1", "S2", "S1.4", "S1.3", "S1.2", "S1.1", "S1.0"]);
    }
}
