//! Every question that is asked or scored, with its answer, what it earns and the cell it came from.
//!
//! One row a question in the order of the instrument; ids, points and maxima stand in columns of their own,
//! so that the other sheets can sum them by formula.

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::framework::{Framework, Question};
use maturity::language::Language;
use maturity::score::TermStatus;
use rust_xlsxwriter::Workbook;

use super::basis::{Basis, Terms};
use super::cells::FIRST_ANSWER;
use super::{CountryReport, review};
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label::{self, Shown};
use crate::page::{Laid, Page};
use crate::style::Align;

const HEADER: u32 = FIRST_ANSWER - 1;
const FORM: Form = Form {
    name: Key::SheetAnswers,
    paper: Paper::Landscape,
    widths: &[9.0, 10.0, 38.0, 28.0, 8.0, 9.0, 11.0, 18.0, 11.0, 17.0, 29.0, 32.0, 18.0],
    frozen: Some((HEADER + 1, 1)),
    titles: HEADER,
    long: true,
    filtered: true,
    for_programs: false,
};
/// The column of the wording of questions.
const QUESTION: u16 = 2;
const LAST: u16 = 12;

/// The wording of every question, in the order of the framework: the same in all reports.
#[derive(Debug)]
pub(super) struct Wordings<'f>(Vec<Laid<'f>>);

impl<'f> Wordings<'f> {
    pub(super) fn of(framework: &'f Framework, language: &Language) -> Self {
        let width = FORM.widths[usize::from(QUESTION)];
        let questions = framework.questions.iter();
        Self(questions.map(|question| Laid::of(question.label.get(language), width)).collect())
    }
}

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &Basis,
    wordings: &Wordings<'_>,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let words = page.words();
    page.head(words.get(Key::AnswersTitle), words.get(Key::AnswersNote))?;
    let headings = [
        (Key::Id, Align::Left),
        (Key::Indicator, Align::Left),
        (Key::Question, Align::Left),
        (Key::Answer, Align::Left),
        (Key::Code, Align::Centre),
        (Key::Points, Align::Right),
        (Key::Maximum, Align::Right),
        (Key::Status, Align::Apart),
        (Key::ShareOfScore, Align::Right),
        (Key::Backing, Align::Apart),
        (Key::Evidence, Align::Left),
        (Key::ReviewerDecided, Align::Left),
        (Key::Source, Align::Left),
    ];
    page.headings(HEADER, &headings)?;
    let mut row = HEADER + 1;
    for (question, wording) in report.framework.questions.iter().zip(&wordings.0) {
        if is_shown(question, &report.terms) {
            line(&mut page, row, report, (question, wording))?;
            row += 1;
        }
    }
    page.filter((HEADER, row - 1), (0, LAST))?;
    page.finish()
}

/// The questions that are asked or scored, in the order of the instrument.
pub(super) fn shown<'f>(framework: &'f Framework, terms: &Terms) -> impl Iterator<Item = &'f Question> {
    framework.questions.iter().filter(|question| is_shown(question, terms))
}

fn is_shown(question: &Question, terms: &Terms) -> bool {
    question.is_asked() || terms.contains_key(&question.id)
}

/// What an answer does to the score. One that would count does not where what it is part of has no score.
fn status(page: &Page, report: &Basis, question: &Question, status: TermStatus) -> String {
    let words = page.words();
    let known = report.scores.subindex(question.subindex.as_str());
    let withheld = known.filter(|_| status == TermStatus::Counted).and_then(|subindex| {
        if subindex.score.is_none() {
            return Some(&subindex.id);
        }
        // A mean is one of scores, a share one of points.
        let is_mean =
            report.framework.subindex(&subindex.id).is_some_and(|known| known.method.mean().is_some());
        let indicator = subindex.indicators.iter().find(|indicator| indicator.id == question.indicator);
        indicator.filter(|indicator| is_mean && indicator.score.is_none()).map(|indicator| &indicator.id)
    });
    withheld.map_or_else(
        || words.get(label::status(status)).to_owned(),
        |id| words.fill(Key::StatusWithheld, &[("id", id.as_str())]),
    )
}

fn line(
    page: &mut Page,
    row: u32,
    report: &Basis,
    (question, wording): (&Question, &Laid<'_>),
) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let scored = report.terms.get(&question.id);
    let term = scored.map(|(term, _)| term);
    let record = report.answers.get(&question.id);
    // What was scored is shown; an external index has no record in the submission.
    let answer = term.map(|term| &term.answer).or(record.map(|record| &record.answer));
    let answer = answer.unwrap_or(&Answer::Missing(Missing::Blank));
    page.text(row, 0, question.id.as_str(), &styles.text)?;
    page.text(row, 1, question.indicator.as_str(), &styles.text)?;
    page.laid(row, QUESTION, wording, &styles.text)?;
    match label::answer(report.framework, page.language(), Some(question), answer) {
        Shown::Text(text) => page.text(row, 3, &text, &styles.text)?,
        Shown::Number(number) => page.number(row, 3, number, styles.value_left(number))?,
        Shown::None(key) => page.text(row, 3, words.get(key), &styles.absent_left)?,
    }
    page.text(row, 4, &label::codes(answer), &styles.centred)?;
    if let Some(term) = term {
        if question.is_number() {
            // The number is the value itself and earns no points.
            page.blank(row, 5, &styles.points)?;
            page.blank(row, 6, &styles.value)?;
        } else {
            page.number(row, 5, term.points, &styles.points)?;
            page.number(row, 6, term.max_points, &styles.value)?;
        }
        page.text(row, 7, &status(page, report, question, term.status), &styles.text_apart)?;
    } else {
        page.blank(row, 5, &styles.points)?;
        page.blank(row, 6, &styles.value)?;
        page.text(row, 7, words.get(Key::StatusNotScored), &styles.text_apart)?;
    }
    if let Some((_, behind)) = scored {
        match report.shares.get(&question.id) {
            Some(share) => page.number(row, 8, *share, &styles.share)?,
            None => page.absent(row, 8)?,
        }
        page.text(row, 9, &label::backing(words, behind), &styles.text_apart)?;
    } else {
        page.blank(row, 8, &styles.share)?;
        page.blank(row, 9, &styles.text_apart)?;
    }
    page.text(row, 10, evidence(report, question, record).unwrap_or_default(), &styles.text)?;
    let place = record.and_then(|record| record.place.as_ref()).map(ToString::to_string).unwrap_or_default();
    // Cells alone would be those of the submission that stands for all.
    let other = report.provenance.origins.get(&question.id).filter(|_| !place.is_empty());
    let place = match other.and_then(|at| report.provenance.others.get(*at)) {
        Some((file, _)) => words.fill(Key::AnswersPlaceIn, &[("place", &place), ("file", file)]),
        None => place,
    };
    page.text(row, 11, &decided(page, report, question), &styles.text)?;
    page.text(row, 12, &place, &styles.text)
}

/// Who let another answer count and why, and what was submitted; empty where the submitted answer counts.
fn decided(page: &Page, report: &CountryReport, question: &Question) -> String {
    let Some(replaced) = report.review.replaced.get(&question.id) else { return String::new() };
    let from = match &replaced.from {
        Answer::Number(number) => page.words().number(*number),
        other => review::written(report.framework, page.language(), &question.id, other),
    };
    page.words()
        .fill(Key::ReviewerInstead, &[("by", &replaced.by), ("reason", &replaced.reason), ("from", &from)])
}

/// The evidence that came with the answer, else the answer to the question that asks for it.
fn evidence<'a>(
    report: &CountryReport<'a>,
    question: &Question,
    record: Option<&'a AnswerRecord>,
) -> Option<&'a str> {
    let own = record.and_then(|record| record.evidence.as_deref());
    own.or_else(|| {
        let other = report.framework.evidence_question(&question.id)?;
        match &report.answers.get(&other.id)?.answer {
            Answer::Text(text) => Some(text),
            _ => None,
        }
    })
}
