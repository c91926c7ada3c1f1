//! The report of one economy.

mod answers;
mod findings;
mod indicators;
mod provenance;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::economy::Economy;
use maturity::finding::{Finding, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::score::EconomyScores;
use maturity::submission::{Layout, Wave};

use crate::ReportError;
use crate::form::Context;
use crate::printing;

/// Everything that the report of an economy shows.
#[derive(Debug, Clone, Copy)]
pub struct CountryReport<'a> {
    /// The framework that the scores were computed with.
    pub framework: &'a Framework,
    /// The economy.
    pub economy: &'a Economy,
    /// Its scores.
    pub scores: &'a EconomyScores,
    /// Its answers by question.
    pub answers: &'a BTreeMap<Id, AnswerRecord>,
    /// What was found about its submission.
    pub findings: &'a [Finding],
    /// Its scores in other waves as published, in any order; empty where there are none.
    pub history: &'a [PublishedScore],
    /// Where the answers and the scores come from.
    pub provenance: &'a Provenance,
}

/// A score that was published for a wave.
#[derive(Debug, Clone, PartialEq)]
pub struct PublishedScore {
    /// The wave.
    pub wave: Wave,
    /// The composite, 0 to 1.
    pub score: Option<f64>,
    /// The scores of the subindexes that are known.
    pub subindexes: BTreeMap<Id, f64>,
    /// The maturity group.
    pub group: Option<String>,
}

/// Where the answers and the scores of a country report come from. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The name of the file as sent.
    pub submission_name: String,
    /// The SHA-256 of the file.
    pub submission_sha256: String,
    /// The arrangement of the answers in the file.
    pub layout: Layout,
    /// The version of this program.
    pub tool_version: String,
    /// Names everything that the report was made from: equal fingerprints, equal reports.
    pub fingerprint: String,
}

/// The report as the bytes of an Excel workbook, in `language` as far as the framework speaks it.
pub fn write(report: &CountryReport, language: &Language) -> Result<Vec<u8>, ReportError> {
    let title = format!("{}: {}", report.framework.title.get(language), report.economy.name);
    let context = Context::new(report.framework, language, title.clone());
    let mut workbook = printing::workbook(&context, &title)?;
    summary::write(&mut workbook, &context, report)?;
    indicators::write(&mut workbook, &context, report)?;
    answers::write(&mut workbook, &context, report)?;
    findings::write(&mut workbook, &context, report)?;
    provenance::write(&mut workbook, &context, report)?;
    Ok(questionnaire::save(&mut workbook)?)
}

/// How many findings that no reviewer accepted have this severity.
fn count(findings: &[Finding], severity: Severity) -> usize {
    let open = findings.iter().filter(|finding| !finding.standing.accepted);
    open.filter(|finding| finding.severity == severity).count()
}
