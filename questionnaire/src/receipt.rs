//! The first sheet of a return: what was read, what happens now, and every finding with a link to its cell and
//! room for an objection.

use maturity::finding::{Finding, Severity};
use maturity::submission::State;
use rust_xlsxwriter::{DataValidation, Workbook, XlsxError};

use crate::feedback::{Return, receipt_line};
use crate::marks::{cell, sentence, symbol};
use crate::measure::{self, Type};
use crate::page;
use crate::palette::TEXT;
use crate::put::{Given, Sheet, Style};
use crate::words::{say, tell};
use crate::write::Form;

/// A column of the table of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FindingColumn {
    /// The symbol and name of the severity.
    Severity,
    /// The rule.
    Rule,
    /// The question.
    Question,
    /// The cell in this workbook, as a link.
    Cell,
    /// What was found and what to do.
    Message,
    /// Why the sender thinks otherwise: the only cells to fill in.
    Contest,
    /// The place in the file that was received.
    Received,
}

impl FindingColumn {
    /// The columns from left to right.
    pub(crate) const ALL: [Self; 7] = [
        Self::Severity,
        Self::Rule,
        Self::Question,
        Self::Cell,
        Self::Message,
        Self::Contest,
        Self::Received,
    ];

    /// The name in the hidden row, by which the reader knows the column. None of them is the name of a column of
    /// answers, so that the table is not taken for one.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Severity => "finding-severity",
            Self::Rule => "finding-rule",
            Self::Question => "finding-question",
            Self::Cell => "finding-cell",
            Self::Message => "finding-message",
            Self::Contest => "finding-contest",
            Self::Received => "finding-received",
        }
    }

    /// The width in characters.
    fn width(self) -> f64 {
        match self {
            Self::Severity => 15.0,
            Self::Rule => 17.0,
            Self::Question | Self::Cell => 13.0,
            Self::Message => 57.0,
            Self::Contest => 30.0,
            Self::Received => 19.0,
        }
    }
}

const LAST: u16 = 6;

/// Writes the sheet.
pub(crate) fn write(book: &mut Workbook, form: &Form, returned: &Return) -> Result<(), XlsxError> {
    let sheet = &mut Sheet::add(book, say("sheet-receipt", form.language()))?;
    for (position, column) in (0..).zip(FindingColumn::ALL) {
        sheet.set_column_width(position, column.width())?;
    }
    let row = head(sheet, form, returned)?;
    let last_row = table(sheet, form, returned, row)?;
    page::print(sheet, &form.title(), last_row, LAST)?;
    page::protect(sheet);
    page::direct(sheet, form);
    Ok(())
}

/// Title, state and the numbers of the receipt; gives the next row.
fn head(sheet: &mut Sheet<'_>, form: &Form, returned: &Return) -> Result<u32, XlsxError> {
    let (palette, language) = (form.palette, form.language());
    let wave = returned.framework.wave.to_string();
    let title =
        tell("receipt-title", language, &[("economy", returned.economy.name_in(language)), ("wave", &wave)]);
    sheet.fill(0, 0, LAST, &palette.band)?;
    sheet.text(0, 0, &title, &palette.sheet_title)?;
    sheet.set_row_height(0, 30)?;
    let is_returned = returned.state == State::Returned;
    let (state, format) = if is_returned {
        ("receipt-returned", &palette.marks.returned)
    } else {
        ("receipt-accepted", &palette.marks.accepted)
    };
    sheet.fill(1, 0, LAST, format)?;
    sheet.text(1, 0, say(state, language), format)?;
    sheet.set_row_height(1, 26)?;

    let receipt = returned.receipt();
    let count = |severity: Severity| {
        let open = returned.findings.iter().filter(|finding| !finding.standing.accepted);
        open.filter(|finding| finding.severity == severity).count().to_string()
    };
    let counts = tell(
        "receipt-counts",
        language,
        &[
            ("errors", &count(Severity::Error)),
            ("warnings", &count(Severity::Warning)),
            ("infos", &count(Severity::Info)),
        ],
    );
    let framework = returned.framework;
    let template = tell(
        "receipt-template-value",
        language,
        &[("framework", &framework.id), ("version", &framework.version)],
    );
    let next = if is_returned { "receipt-next-returned" } else { "receipt-next-accepted" };
    let lines = [
        ("receipt-read", receipt_line(receipt, language)),
        ("receipt-findings", counts),
        ("receipt-file", returned.file.to_owned()),
        ("receipt-sha256", returned.sha256.to_owned()),
        ("receipt-template", template),
        ("receipt-next", say(next, language).to_owned()),
        ("receipt-contest", say("receipt-contest-how", language).to_owned()),
        ("receipt-contact", say("receipt-contact-how", language).to_owned()),
    ];
    let width: f64 = FindingColumn::ALL.iter().skip(2).map(|column| column.width()).sum();
    let mut row = 2;
    for (label, text) in lines {
        sheet.join(row, (0, 1), &palette.label)?;
        sheet.text(row, 0, say(label, language), &palette.label)?;
        sheet.join(row, (2, LAST), &palette.guidance)?;
        sheet.text(row, 2, &text, &palette.guidance)?;
        let height = measure::height(&text, Type::regular(TEXT), width - 4.0);
        sheet.set_row_height(row, measure::row(height))?;
        row += 1;
    }
    Ok(row + 1)
}

/// The table of findings, gravest first; gives the last row.
fn table(sheet: &mut Sheet<'_>, form: &Form, returned: &Return, start: u32) -> Result<u32, XlsxError> {
    let (palette, language) = (form.palette, form.language());
    if returned.findings.is_empty() {
        sheet.text(start, 0, say("receipt-none", language), &palette.label)?;
        return Ok(start);
    }
    let heading = start + 1;
    for (position, column) in (0..).zip(FindingColumn::ALL) {
        sheet.text(start, position, column.key(), &palette.key)?;
        let format = if column == FindingColumn::Contest { &palette.input_heading } else { &palette.heading };
        sheet.text(heading, position, say(column.key(), language), format)?;
    }
    sheet.set_row_hidden(start)?;
    sheet.set_row_height(heading, 32)?;
    let mut findings: Vec<&Finding> = returned.findings.iter().collect();
    // A stable sort: findings of one question keep the order in which the rules saw them.
    findings.sort_by_key(|finding| (finding.standing.accepted, finding.severity));
    let mut row = heading;
    for finding in findings {
        row += 1;
        line(sheet, form, returned, finding, row)?;
    }
    sheet
        .set_repeat_rows(heading, heading)?
        .set_freeze_panes(heading + 1, 0)?
        .autofilter(heading, 0, row, LAST)?
        .set_top_left_cell(0, 0)?;
    Ok(row)
}

fn line(
    sheet: &mut Sheet<'_>,
    form: &Form,
    returned: &Return,
    finding: &Finding,
    row: u32,
) -> Result<(), XlsxError> {
    let (palette, language) = (form.palette, form.language());
    let mut message = sentence(returned.framework, finding, language);
    if finding.standing.accepted {
        message.push('\n');
        message.push_str(say("receipt-settled", language));
    }
    let contest = finding.standing.contest.as_deref().unwrap_or_default();
    for (position, column) in (0..).zip(FindingColumn::ALL) {
        let text = match column {
            FindingColumn::Severity => severity(finding, form),
            FindingColumn::Rule => finding.rule().to_owned(),
            FindingColumn::Question => finding.question.as_ref().map(ToString::to_string).unwrap_or_default(),
            FindingColumn::Cell => {
                let target = cell(returned.framework, form.plan, finding, returned.responses);
                let Some((name, address)) = target else {
                    sheet.text(row, position, "", &palette.question)?;
                    continue;
                };
                let text = format!("{name}!{address}");
                sheet.link(row, position, (name, address), &text, &palette.marks.row_link)?;
                continue;
            }
            FindingColumn::Message => message.clone(),
            FindingColumn::Contest => contest.to_owned(),
            FindingColumn::Received => finding.place.as_ref().map(ToString::to_string).unwrap_or_default(),
        };
        let format: &Style = match column {
            FindingColumn::Severity if finding.standing.accepted => &palette.question,
            FindingColumn::Severity => palette.marks.severity(finding.severity),
            FindingColumn::Contest => &palette.input_text,
            FindingColumn::Received => &palette.marks.row_fine,
            _ => &palette.question,
        };
        sheet.text(row, position, &text, format)?;
        if column == FindingColumn::Contest {
            let beside =
                Given { title: say(column.key(), language), text: say("receipt-contest-how", language) };
            let validation = beside.beside(DataValidation::new().allow_any_value())?;
            sheet.add_data_validation(row, position, row, position, &validation)?;
        }
    }
    let height = measure::height(&message, Type::regular(TEXT), FindingColumn::Message.width() - 1.0);
    let beside = measure::height(contest, Type::regular(TEXT), FindingColumn::Contest.width() - 2.0);
    sheet.set_row_height(row, measure::row(height.max(beside)))?;
    Ok(())
}

/// The severity with its symbol, in words.
fn severity(finding: &Finding, form: &Form) -> String {
    let key = match finding.severity {
        _ if finding.standing.accepted => return format!("✔ {}", say("severity-accepted", form.language())),
        Severity::Error => "severity-error",
        Severity::Warning => "severity-warning",
        Severity::Info => "severity-info",
    };
    format!("{} {}", symbol(finding.severity), say(key, form.language()))
}
