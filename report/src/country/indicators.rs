//! All indicators, grouped by subindex: what was answered to the key question, what it earned, and beside whom.
//!
//! The row of a subindex stands right above its indicators, and that of the composite above all: every score is
//! a formula over the rows beneath, with its computed value stored.

use maturity::backing::EvidenceShare;
use maturity::comparator::{Kind, Level};
use maturity::framework::{Indicator, Question};
use maturity::id::Id;
use maturity::score::{IndicatorScore, SubindexScore};
use questionnaire::put::Style;
use rust_xlsxwriter::Workbook;

use super::CountryReport;
use super::basis::Basis;
use super::cells::{COMPOSITE, MAXIMUM, POINTS, indicator_score};
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label::{self, Shown};
use crate::page::Page;
use crate::scale::Scale;
use crate::style::Align;

const HEADER: u32 = COMPOSITE - 1;
const FORM: Form = Form {
    name: Key::SheetIndicators,
    paper: Paper::Landscape,
    widths: &[8.0, 36.0, 32.0, 8.0, 9.0, 10.0, 11.0, 9.5, 9.5, 12.0, 10.5, 11.0, 11.0, 11.0],
    frozen: Some((HEADER + 1, 2)),
    titles: HEADER,
    long: false,
    filtered: false,
    for_programs: false,
};
const SCORE: u16 = 6;
/// The columns of the averages, the change, the evidence and the coverage.
const REGION: u16 = 7;
const CHANGE: u16 = 10;
const BACKED: u16 = 11;
const ANSWERED: u16 = 12;

pub(super) fn write(workbook: &mut Workbook, context: &Context, report: &Basis) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let words = page.words();
    let framework = report.framework;
    let scale = Scale::of_indicators(framework);
    let scored = || framework.indicators.iter().filter(|indicator| framework.is_scored(&indicator.id));
    let is_number = |indicator: &Indicator| framework.is_number(&indicator.id);
    let note = match (scored().any(is_number), scored().all(is_number)) {
        (false, _) => Key::IndicatorsNote,
        (true, false) => Key::IndicatorsNoteMixed,
        (true, true) => Key::IndicatorsNoteValues,
    };
    page.head(words.get(Key::IndicatorsTitle), words.get(note))?;
    let since = report.before.as_ref().map_or_else(
        || words.get(Key::Change).to_owned(),
        |before| words.fill(Key::ChangeSince, &[("wave", &before.wave.to_string())]),
    );
    let mut headings: Vec<(&str, Align)> = [
        (Key::Id, Align::Left),
        (Key::Indicator, Align::Left),
        (Key::MainAnswer, Align::Left),
        (Key::Level, Align::Centre),
        (Key::Points, Align::Right),
        (Key::Maximum, Align::Right),
        (Key::Score, Align::Right),
        (Key::RegionMean, Align::Right),
        (Key::WorldMean, Align::Right),
        (Key::FullShare, Align::Right),
    ]
    .iter()
    .map(|(key, align)| (words.get(*key), *align))
    .collect();
    headings.push((&since, Align::Right));
    for key in [Key::Backed, Key::Answered, Key::Asked] {
        headings.push((words.get(key), Align::Right));
    }
    page.header(HEADER, headings)?;
    composite(&mut page, report)?;
    let mut row = COMPOSITE + 1;
    for subindex in &report.scores.subindexes {
        total(&mut page, row, report, subindex)?;
        let first = row + 1;
        row = first;
        for indicator in &subindex.indicators {
            line(&mut page, row, report, indicator)?;
            row += 1;
        }
        if row > first {
            page.bars((first, row - 1), (SCORE, SCORE), scale)?;
        }
    }
    page.finish()
}

/// The row of the composite.
fn composite(page: &mut Page, report: &Basis) -> Result<(), ReportError> {
    let totals = &page.styles().total;
    let (row, scores) = (COMPOSITE, report.scores);
    page.text(row, 0, scores.id.as_str(), &totals.text)?;
    page.text(row, 1, report.framework.composite.title.get(page.language()), &totals.text)?;
    group(page, row, report, scores.group.as_deref())?;
    // The composite is a mean of scores: it has no points of its own.
    for column in 3..=5 {
        page.text(row, column, "", &totals.text)?;
    }
    match scores.score {
        Some(score) => {
            page.formula(row, SCORE, report.cells.composite_score(), Some(score), &totals.score)?;
        }
        None => page.total(row, SCORE, None)?,
    }
    let share = report.backed_share();
    of_total(page, row, report, (Level::Index, &scores.id, scores.score), share)?;
    page.number(row, ANSWERED, f64::from(scores.coverage.answered), &totals.count)?;
    page.number(row, ANSWERED + 1, f64::from(scores.coverage.asked), &totals.count)
}

fn total(page: &mut Page, row: u32, report: &Basis, subindex: &SubindexScore) -> Result<(), ReportError> {
    let totals = &page.styles().total;
    let title = report.framework.subindex(&subindex.id).map_or("", |known| known.title.get(page.language()));
    page.text(row, 0, subindex.id.as_str(), &totals.text)?;
    page.text(row, 1, title, &totals.text)?;
    group(page, row, report, subindex.group.as_deref())?;
    page.text(row, 3, "", &totals.text)?;
    if report.framework.has_points_below(&subindex.id) {
        let points = report.cells.sum_of_parts(row, subindex, POINTS);
        page.formula(row, 4, points, Some(subindex.points), &totals.points)?;
        let maximum = report.cells.sum_of_parts(row, subindex, MAXIMUM);
        page.formula(row, 5, maximum, Some(subindex.max_points), &totals.value)?;
    } else {
        // A mean of values that are no sums of points.
        page.text(row, 4, "", &totals.text)?;
        page.text(row, 5, "", &totals.text)?;
    }
    match subindex.score {
        Some(score) => {
            page.formula(row, SCORE, report.cells.subindex_score(row, subindex), Some(score), &totals.score)?;
        }
        None => page.total(row, SCORE, None)?,
    }
    let share = report.backed.iter().find(|share| share.id == subindex.id).and_then(EvidenceShare::share);
    of_total(page, row, report, (Level::Subindex, &subindex.id, subindex.score), share)?;
    page.number(row, ANSWERED, f64::from(subindex.coverage.answered), &totals.count)?;
    page.number(row, ANSWERED + 1, f64::from(subindex.coverage.asked), &totals.count)
}

fn group(page: &mut Page, row: u32, report: &CountryReport, id: Option<&str>) -> Result<(), ReportError> {
    let known = id.and_then(|id| report.framework.groups.iter().find(|group| group.id == id));
    let text = known.map_or_else(String::new, |group| label::group(page.words(), group));
    page.text(row, 2, &text, &page.styles().total.text)
}

/// Averages, change and evidence of a row that sums up others.
fn of_total(
    page: &mut Page,
    row: u32,
    report: &Basis,
    (level, id, score): (Level, &Id, Option<f64>),
    backed: Option<f64>,
) -> Result<(), ReportError> {
    let totals = &page.styles().total;
    let put = |page: &mut Page, column, value: Option<f64>, style: &Style| match value {
        Some(value) => page.number(row, column, value, style),
        None => page.total(row, column, None),
    };
    for (column, kind) in (REGION..).zip([Kind::Region, Kind::World]) {
        let mean = report.beside.as_ref().and_then(|beside| beside.mean(kind, level, id));
        put(page, column, mean, &totals.score)?;
    }
    // What full level means for a sum of many answers says little.
    page.text(row, CHANGE - 1, "", &totals.text)?;
    put(page, CHANGE, report.change(id, score), &totals.change)?;
    put(page, BACKED, backed, &totals.percent)
}

fn line(page: &mut Page, row: u32, report: &Basis, indicator: &IndicatorScore) -> Result<(), ReportError> {
    let styles = page.styles();
    let known = report.framework.indicator(&indicator.id);
    let title = known.map(|known| label::indicator(page.words(), known)).unwrap_or_default();
    page.text(row, 0, indicator.id.as_str(), &styles.text)?;
    page.text(row, 1, &title, &styles.text)?;
    answer(page, row, report, indicator)?;
    if report.framework.has_points(&indicator.id) {
        let sum = |column| {
            let has_terms = !indicator.terms.is_empty();
            has_terms.then(|| report.cells.sum_of_answers(row, &indicator.id, column))
        };
        page.formula(row, 4, sum('F'), Some(indicator.points), &styles.points)?;
        page.formula(row, 5, sum('G'), Some(indicator.max_points), &styles.value)?;
    } else {
        // A value that is no sum of points.
        page.text(row, 4, "", &styles.text)?;
        page.text(row, 5, "", &styles.text)?;
    }
    if report.framework.is_scored(&indicator.id) {
        page.formula(row, SCORE, indicator_score(row, indicator), indicator.score, &styles.score)?;
    } else {
        // Nothing is missing: no answer to it is scored.
        page.text(row, SCORE, page.words().get(Key::StatusNotScored), &styles.absent)?;
    }
    let world = |kind| {
        let beside = report.beside.as_ref()?;
        beside.distribution(kind, Level::Indicator, &indicator.id)
    };
    page.optional(row, REGION, world(Kind::Region).map(|found| found.mean), &styles.score)?;
    page.optional(row, REGION + 1, world(Kind::World).map(|found| found.mean), &styles.score)?;
    page.optional(row, REGION + 2, world(Kind::World).and_then(|found| found.full_share), &styles.percent)?;
    page.optional(row, CHANGE, report.change(&indicator.id, indicator.score), &styles.change)?;
    page.optional(row, BACKED, report.backed_points(indicator), &styles.percent)?;
    page.number(row, ANSWERED, f64::from(indicator.coverage.answered), &styles.count)?;
    page.number(row, ANSWERED + 1, f64::from(indicator.coverage.asked), &styles.count)
}

/// The answer to the key question of an indicator, which bears its id, and its level.
fn answer(
    page: &mut Page,
    row: u32,
    report: &CountryReport,
    indicator: &IndicatorScore,
) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let question = report.framework.question(&indicator.id);
    let answer = report.answers.get(&indicator.id).map(|record| &record.answer).or_else(|| {
        indicator.terms.iter().find(|term| term.question == indicator.id).map(|term| &term.answer)
    });
    match answer.map(|answer| label::answer(report.framework, page.language(), question, answer)) {
        // Another index may have no question that stands for all of an indicator.
        _ if question.is_none() => page.text(row, 2, "", &styles.text)?,
        _ if question.is_some_and(|question| question.disabled) => {
            page.text(row, 2, words.get(Key::NotAsked), &styles.text)?;
        }
        Some(Shown::Text(text)) => page.text(row, 2, &text, &styles.text)?,
        Some(Shown::Number(number)) => page.number(row, 2, number, styles.value_left(number))?,
        Some(Shown::None(key)) => page.text(row, 2, words.get(key), &styles.absent_left)?,
        None => page.text(row, 2, words.get(Key::MissingBlank), &styles.absent_left)?,
    }
    let level = question.zip(answer).and_then(|(question, answer)| level(report, question, answer));
    let text = level.map_or_else(String::new, |(level, highest)| {
        words.fill(Key::LevelOf, &[("level", &level.to_string()), ("highest", &highest.to_string())])
    });
    page.text(row, 3, &text, &styles.centred)
}

/// The level of the choice that was taken, of the highest in its list.
fn level(
    report: &CountryReport,
    question: &Question,
    answer: &maturity::answer::Answer,
) -> Option<(f64, f64)> {
    let maturity::answer::Answer::Choice(code) = answer else { return None };
    let list = report.framework.choices(question)?;
    let highest = list.choices.iter().map(|choice| choice.level).fold(0.0, f64::max);
    Some((list.choice(code)?.level, highest))
}
