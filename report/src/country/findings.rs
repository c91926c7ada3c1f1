//! What was found about the submission, gravest first.

use maturity::finding::Finding;
use rust_xlsxwriter::Workbook;

use super::CountryReport;
use crate::ReportError;
use crate::form::{Context, Form, Paper};
use crate::keys::Key;
use crate::label;
use crate::page::Page;
use crate::style::Align;

const HEADER: u32 = 3;
const FORM: Form = Form {
    name: Key::SheetFindings,
    paper: Paper::Landscape,
    widths: &[15.0, 17.0, 11.0, 20.0, 84.0],
    frozen: Some((HEADER + 1, 0)),
    titles: HEADER,
    long: true,
    filtered: true,
    for_programs: false,
};

pub(super) fn write(
    workbook: &mut Workbook,
    context: &Context,
    report: &CountryReport,
) -> Result<(), ReportError> {
    let mut page = Page::add(workbook, context, &FORM)?;
    let (words, styles) = (page.words(), page.styles());
    page.head(words.get(Key::FindingsTitle), words.get(Key::FindingsNote))?;
    let headings = [
        (Key::Severity, Align::Left),
        (Key::Rule, Align::Left),
        (Key::Question, Align::Left),
        (Key::Place, Align::Left),
        (Key::Message, Align::Left),
    ];
    page.headings(HEADER, &headings)?;
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    // A stable sort: findings of one question keep the order in which the rules saw them.
    findings.sort_by_cached_key(|finding| {
        (
            finding.standing.accepted,
            finding.severity,
            finding.question.as_ref().and_then(|id| report.framework.position(id)),
        )
    });
    let mut row = HEADER + 1;
    for finding in findings {
        let severity = words.get(label::severity(finding.severity));
        page.text(row, 0, severity, styles.severity(finding.severity))?;
        page.text(row, 1, finding.rule(), &styles.text)?;
        page.text(row, 2, finding.question.as_ref().map_or("", |id| id.as_str()), &styles.text)?;
        let place = finding.place.as_ref().map(ToString::to_string).unwrap_or_default();
        page.text(row, 3, &place, &styles.text)?;
        let mut message = label::message(report.framework, page.language(), finding);
        if let Some(text) = &finding.standing.contest {
            message.push('\n');
            message.push_str(&words.fill(Key::FindingsContested, &[("text", text)]));
        }
        if finding.standing.accepted {
            message.push('\n');
            message.push_str(words.get(Key::FindingsAccepted));
        }
        page.text(row, 4, &message, &styles.text)?;
        row += 1;
    }
    if report.findings.is_empty() {
        page.wide(row, (0, 4), words.get(Key::FindingsNone), &styles.paragraph)?;
    } else {
        page.filter((HEADER, row - 1), (0, 4))?;
    }
    page.finish()
}
