//! The sheet in which reviewers decide: a row for each open question, with drop-downs for the decision.

use maturity::shown::colon;
use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::decision::Choice;
use maturity::finding::{Finding, Severity};
use maturity::framework::{Framework, Kind, Question};
use maturity::id::Id;
use maturity::language::Language;
use questionnaire::{ReviewColumn, submission_heading};
use rust_xlsxwriter::Workbook;

use super::CountryReport;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::{Page, Range};
use crate::style::Align;

const SUBMISSION: u32 = 2;
const HEADER: u32 = 4;
const LAST: u16 = 11;
/// The first column of the lists behind the drop-downs; these columns are not shown.
const LISTS: u16 = LAST + 2;
const FORM: Form = Form {
    name: Key::SheetReview,
    paper: Paper::Landscape,
    widths: &[10.0, 7.0, 14.0, 9.0, 36.0, 46.0, 20.0, 12.0, 20.0, 20.0, 28.0, 14.0],
    frozen: Some((HEADER + 1, 3)),
    titles: HEADER,
    long: true,
    filtered: true,
    for_programs: false,
};

/// What reviewers have to know beside the findings.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReviewBasis {
    /// The submitted answers in whose place others count.
    pub replaced: BTreeMap<Id, Replaced>,
    /// The answers of the submission that was approved last, where they are others than now.
    pub approved: BTreeMap<Id, Answer>,
}

/// A submitted answer in whose place another counts.
#[derive(Debug, Clone, PartialEq)]
pub struct Replaced {
    /// The submitted answer.
    pub from: Answer,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A question that waits for a decision.
struct Open<'a> {
    question: &'a Question,
    findings: Vec<&'a Finding>,
    approved: Option<&'a Answer>,
}

/// The open questions in the order of the instrument: those with an error, a warning or an objection that nobody
/// accepted, and those whose answer changed since the last approval.
fn open<'a>(report: &'a CountryReport) -> Vec<Open<'a>> {
    let waits = |finding: &&Finding| {
        let graver = finding.severity != Severity::Info || finding.standing.contest.is_some();
        graver && !finding.standing.accepted
    };
    let mut about: BTreeMap<&Id, Vec<&Finding>> = BTreeMap::new();
    for finding in report.findings.iter().filter(waits) {
        if let Some(id) = &finding.question {
            about.entry(id).or_default().push(finding);
        }
    }
    let mut all = Vec::new();
    for question in report.framework.questions.iter().filter(|question| question.is_asked()) {
        let findings = about.remove(&question.id).unwrap_or_default();
        let approved = report.review.approved.get(&question.id);
        if !findings.is_empty() || approved.is_some() {
            all.push(Open { question, findings, approved });
        }
    }
    all
}

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &CountryReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let (words, styles, language) = (page.words(), page.styles(), page.language());
    page.head(words.get(Key::ReviewTitle), words.get(Key::ReviewNote))?;
    page.line(SUBMISSION, submission_heading(language), &styles.subtitle)?;
    page.plain(SUBMISSION, 4, &report.provenance.submission_sha256, &styles.subtitle)?;
    page.header(HEADER, ReviewColumn::ALL.map(|column| (column.heading(language), Align::Left)))?;
    let open = open(report);
    if open.is_empty() {
        page.wide(HEADER + 1, (0, LAST), words.get(Key::ReviewNone), &styles.paragraph)?;
        return page.finish();
    }
    let mut lists = Lists::default();
    let decisions: Vec<String> = Choice::ALL.iter().map(|choice| choice.label(language).to_owned()).collect();
    let decisions = lists.put(&mut page, decisions)?;
    let wave = report.scores.wave.to_string();
    let mut row = HEADER;
    for open in &open {
        row += 1;
        let id = &open.question.id;
        let submitted = report
            .review
            .replaced
            .get(id)
            .map(|replaced| &replaced.from)
            .or_else(|| report.answers.get(id).map(|record| &record.answer))
            .map_or_else(|| "-".to_owned(), |answer| written(report.framework, language, id, answer));
        for (column, which) in (0_u16..).zip(ReviewColumn::ALL) {
            if which.is_entered() {
                page.entry(row, column)?;
                continue;
            }
            let text = match which {
                ReviewColumn::Economy => report.economy.code.to_string(),
                ReviewColumn::Wave => wave.clone(),
                ReviewColumn::Question => id.to_string(),
                ReviewColumn::New if open.approved.is_some() => words.get(Key::ReviewNew).to_owned(),
                ReviewColumn::New => String::new(),
                ReviewColumn::Label => open.question.label.get(language).to_owned(),
                ReviewColumn::Asked => asked(&page, open),
                ReviewColumn::Replaces => submitted.clone(),
                _ => continue,
            };
            if text.is_empty() {
                page.blank(row, column, &styles.text)?;
            } else {
                page.text(row, column, &text, &styles.text)?;
            }
        }
        for (column, which) in (0_u16..).zip(ReviewColumn::ALL) {
            match which {
                ReviewColumn::Decision => page.choose((row, column), decisions, true)?,
                ReviewColumn::Answer => {
                    if let Some(list) = lists.of(&mut page, open.question)? {
                        page.choose((row, column), list, false)?;
                    }
                }
                _ => {}
            }
        }
    }
    page.filter((HEADER, row), (0, LAST))?;
    page.hide((LISTS, lists.next()))?;
    page.finish()
}

/// What the reviewer is asked about a question.
fn asked(page: &Page, open: &Open) -> String {
    let (framework, language, words) = (page.framework(), page.language(), page.words());
    let mut lines = Vec::new();
    for finding in &open.findings {
        let message = label::message(framework, language, finding);
        lines.push(format!("{}{}{message}", finding.rule(), colon(language)));
        if let Some(text) = &finding.standing.contest {
            lines.push(words.fill(Key::FindingsContested, &[("text", text)]));
        }
    }
    if let Some(approved) = open.approved {
        let before = written(framework, language, &open.question.id, approved);
        lines.push(words.fill(Key::ReviewChanged, &[("before", &before)]));
    }
    lines.join("\n")
}

/// An answer as reviewers see and choose it: `2 = Yes`; `-` where there is none.
pub(super) fn written(framework: &Framework, language: &Language, id: &Id, answer: &Answer) -> String {
    let list = framework.question(id).and_then(|question| framework.choices(question));
    let one = |code: &String| match list.and_then(|list| list.choice(code)) {
        Some(choice) => choice_text(code, choice.label.get(language)),
        None => code.clone(),
    };
    match answer {
        Answer::Choice(code) => one(code),
        Answer::Choices(codes) => codes.iter().map(one).collect::<Vec<_>>().join("; "),
        Answer::Missing(_) => "-".to_owned(),
        other => other.expression_value().into_owned(),
    }
}

fn choice_text(code: &str, label: &str) -> String {
    format!("{code} = {label}")
}

/// The lists behind the drop-downs, each in a column of its own, the same list once: labels may hold commas and be
/// longer than a list within a rule may be.
#[derive(Default)]
struct Lists {
    written: Vec<(Vec<String>, Range)>,
}

impl Lists {
    fn next(&self) -> u16 {
        LISTS + u16::try_from(self.written.len()).unwrap_or(u16::MAX - LISTS)
    }

    fn put(&mut self, page: &mut Page, texts: Vec<String>) -> Result<Range, ReportError> {
        if let Some((_, range)) = self.written.iter().find(|(known, _)| *known == texts) {
            return Ok(*range);
        }
        let column = self.next();
        let mut last = HEADER;
        for (row, text) in (HEADER..).zip(&texts) {
            page.plain(row, column, text, &page.styles().plain)?;
            last = row;
        }
        let range = Range { column, first: HEADER, last };
        self.written.push((texts, range));
        Ok(range)
    }

    /// The list of what can be chosen instead of the submitted answer, where it is one choice of several.
    fn of(&mut self, page: &mut Page, question: &Question) -> Result<Option<Range>, ReportError> {
        let Kind::SelectOne(_) = question.kind else { return Ok(None) };
        let Some(list) = page.framework().choices(question) else { return Ok(None) };
        let language = page.language();
        let texts: Vec<String> = list
            .choices
            .iter()
            .map(|choice| choice_text(&choice.code, choice.label.get(language)))
            .chain(["-".to_owned()])
            .collect();
        self.put(page, texts).map(Some)
    }
}
