//! The marks of a return: which cells of the questionnaire the findings are about.

use std::collections::{BTreeMap, BTreeSet};

use maturity::cell::Address;
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::normalize::tidy;
use maturity::rule;
use maturity::submission::{Field, Response};

use crate::layout::{Column, Plan};
use crate::measure::{self, Type};
use crate::put;
use crate::words::{self, say};

/// What ends every note: people answer in notes.
const LAST_LINE: &str = "note-unread";

/// The symbol of a severity; the reader of a return never depends on colours.
pub(crate) fn symbol(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "✖",
        Severity::Warning => "!",
        Severity::Info => "i",
    }
}

/// The findings by the cell that they mark.
#[derive(Debug, Default)]
pub(crate) struct Marks<'a> {
    by_question: BTreeMap<Id, BTreeMap<Field, Vec<&'a Finding>>>,
    /// Questions whose answer cells hold dates.
    dates: BTreeSet<Id>,
}

impl<'a> Marks<'a> {
    /// The marks that `findings` make. What a reviewer accepted is settled and makes none.
    pub(crate) fn of(framework: &Framework, findings: &'a [Finding], responses: &[Response]) -> Self {
        let mut marks = Self::default();
        for finding in findings.iter().filter(|finding| !finding.standing.accepted) {
            if let Some((question, field)) = target(framework, finding, responses) {
                marks.by_question.entry(question).or_default().entry(field).or_default().push(finding);
            }
        }
        marks
    }

    /// The same, with the questions whose answer cells hold dates.
    pub(crate) fn with_dates(self, dates: BTreeSet<Id>) -> Self {
        Self { dates, ..self }
    }

    /// Whether the answer cell of a question holds a date.
    pub(crate) fn is_date(&self, question: &Id) -> bool {
        self.dates.contains(question)
    }

    /// The findings about a cell of a question, gravest first.
    pub(crate) fn at(&self, question: &Id, column: Column) -> Vec<&'a Finding> {
        let found = column.field().and_then(|field| self.by_question.get(question)?.get(&field));
        let mut findings = found.cloned().unwrap_or_default();
        findings.sort_by_key(|finding| finding.severity);
        findings
    }

    /// The mark of a question's row: the symbol and the rules, gravest first.
    pub(crate) fn row(&self, question: &Id) -> Option<(Severity, String)> {
        let mut findings: Vec<&Finding> =
            self.by_question.get(question)?.values().flatten().copied().collect();
        findings.sort_by_key(|finding| finding.severity);
        let gravest = findings.first()?.severity;
        let mut rules: Vec<String> = Vec::new();
        for finding in findings {
            let rule = format!("{} {}", symbol(finding.severity), finding.rule());
            if !rules.contains(&rule) {
                rules.push(rule);
            }
        }
        Some((gravest, rules.join("\n")))
    }
}

/// The question and the cell of its row that a finding marks.
fn target(framework: &Framework, finding: &Finding, responses: &[Response]) -> Option<(Id, Field)> {
    let question = finding.question.clone()?;
    if let Problem::EvidenceMissing { target, .. }
    | Problem::EvidencePlaceholder { target, .. }
    | Problem::EvidenceError { target, .. } = &finding.problem
    {
        let target = Id::from(target.as_str());
        // The answer to the question that asks for the evidence, or the evidence cell of the question itself.
        let field = if target == question { Field::Evidence } else { Field::Answer };
        return Some((target, field));
    }
    let same_place = |response: &&Response| {
        Some(&response.place) == finding.place.as_ref() && response.question == question.as_str()
    };
    let field = responses.iter().find(same_place).map_or(Field::Answer, |response| response.field);
    framework.question(&question).filter(|asked| asked.is_asked())?;
    Some((question, field))
}

/// The cell of the return that a finding is about.
pub(crate) fn cell<'p>(
    framework: &Framework,
    plan: &Plan<'p>,
    finding: &Finding,
    responses: &[Response],
) -> Option<(&'p str, Address)> {
    let (question, field) = target(framework, finding, responses)?;
    let column = Column::of_field(field);
    plan.cell(&question, column).or_else(|| plan.cell(&question, Column::Answer))
}

/// What a finding says in a return. The cells that it names are those of the file that was sent; the columns of a return
/// stand elsewhere, and its rows may.
pub(crate) fn sentence(framework: &Framework, finding: &Finding, language: &Language) -> String {
    let told = framework.told(finding, language).problem;
    let mut sentence = told.sentence(language);
    if told.names_cells() {
        sentence.push(' ');
        sentence.push_str(say("receipt-cells-sent", language));
    }
    sentence
}

/// Whether a note is one of a marked return, with nothing written behind it: a mark and the id of a rule, and the line that
/// ends it. Who wrote it is not kept by all programs. Notes of earlier returns have no such line.
pub(crate) fn is_note_of_mark(text: &str) -> bool {
    let begins = text.split_whitespace().nth(1).is_some_and(|id| rule::find(id).is_some());
    begins && {
        let text = tidy(text);
        let ends = words::all(LAST_LINE);
        ends.iter().any(|end| text.ends_with(*end)) || !ends.iter().any(|end| text.contains(*end))
    }
}

/// The note at a cell: what was found, what is expected, what to do, for each finding; and its size in pixels.
pub(crate) fn note(
    framework: &Framework,
    findings: &[&Finding],
    language: &Language,
) -> (String, (u32, u32)) {
    let texts: Vec<String> = findings
        .iter()
        .map(|finding| {
            let sentence = sentence(framework, finding, language);
            format!("{} {}\n{sentence}", symbol(finding.severity), finding.rule())
        })
        .collect();
    let text = put::note_text(&texts.join("\n\n"), say(LAST_LINE, language));
    // A note does not grow with its text.
    let lines = measure::lines(&text, Type::regular(9.0), 44.0);
    let height = lines.saturating_mul(16).saturating_add(12).clamp(60, 600);
    (text, (320, height))
}
