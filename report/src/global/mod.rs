//! The workbook of all economies of a wave.

mod distribution;
mod economies;
mod figures;
mod heat;
mod indicators;
mod movement;
mod overview;
mod provenance;
mod quality;
mod sources;
mod statistics;
#[cfg(test)]
mod tests;
mod tidy;
mod tiers;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use maturity::economy::{Economy, EconomyCode};
use maturity::finding::Severity;
use maturity::framework::{Framework, Indicator};
use maturity::language::Language;
use maturity::normalize::matching_key;
use maturity::standing::Movement;
use maturity::submission::{State, Wave};
use questionnaire::put::{Style, keep_rows_in, save_to, with_rows_on_disk};

use crate::ReportError;
use crate::country::PublishedScore;
use crate::form::{Context, Looks};
use crate::keys::Key;
use crate::printing;
use crate::scale::Scale;
use crate::style::Styles;
use crate::wording::Words;

pub use figures::{Figures, Gathered, Gathering};
pub use sources::Source;

/// Everything that the workbook of a wave shows.
#[derive(Debug, Clone, Copy)]
pub struct GlobalReport<'a> {
    /// The framework that the scores were computed with.
    pub framework: &'a Framework,
    /// The economies of the wave, in any order.
    pub economies: &'a [Entry<'a>],
    /// The scores that were published for other waves, by economy.
    pub published: &'a BTreeMap<EconomyCode, Vec<PublishedScore>>,
    /// The groups of all economies that the store has scores of in earlier waves; none where a score gives none.
    pub earlier: &'a BTreeMap<Wave, BTreeMap<EconomyCode, Option<String>>>,
    /// How the composite of each economy moved since an earlier wave, as far as its causes are known.
    pub movements: &'a BTreeMap<EconomyCode, Movement>,
    /// Where figures of other organisations come from.
    pub sources: &'a [Source],
    /// The most rows of the table for programs; a longer one is left to the export.
    pub most_tidy_rows: usize,
    /// Where the rows of the table for programs wait until the workbook is packed.
    pub rows_in: &'a Path,
    /// Whether the rows of all sheets with a row for each economy wait there, too.
    pub long: bool,
    /// The version of this program.
    pub tool_version: &'a str,
    /// Names everything that the workbook was made from: equal fingerprints, equal workbooks.
    pub fingerprint: &'a str,
}

/// One economy of the wave.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a> {
    /// The economy.
    pub economy: &'a Economy,
    /// Its scores; absent where nothing could be scored.
    pub scores: Option<Figures<'a>>,
    /// Where its submission stands; absent where nothing has come.
    pub state: Option<State>,
    /// What was found about its submission.
    pub findings: FindingCounts,
}

/// How wide a column of codes must be: those of cities and agencies have more than three letters.
fn code_width(entries: &[Entry]) -> f64 {
    let longest = entries.iter().map(|entry| entry.economy.code.as_str().chars().count()).max();
    f64::from(u16::try_from(longest.unwrap_or_default()).unwrap_or(u16::MAX).min(30)) * 1.3 + 2.0
}

/// How many findings there are of each severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct FindingCounts {
    /// Errors.
    pub errors: u32,
    /// Warnings.
    pub warnings: u32,
    /// Notes.
    pub infos: u32,
}

impl FindingCounts {
    fn get(self, severity: Severity) -> u32 {
        match severity {
            Severity::Error => self.errors,
            Severity::Warning => self.warnings,
            Severity::Info => self.infos,
        }
    }
}

/// Writes the workbook as an Excel file, in `language` as far as the framework speaks it.
pub fn write(report: &GlobalReport, language: &Language, file: impl Write + Send) -> Result<(), ReportError> {
    with_rows_on_disk(|| write_sheets(report, language, file))
        .map_err(|source| ReportError::Rows { folder: report.rows_in.to_owned(), source })?
}

fn write_sheets(
    report: &GlobalReport,
    language: &Language,
    file: impl Write + Send,
) -> Result<(), ReportError> {
    let title = report.framework.title.get(language);
    let looks = Looks::new(report.framework, language);
    let context = Context::new(report.framework, language, &looks, title.to_owned());
    let mut workbook = printing::workbook(&context, title)?;
    keep_rows_in(&mut workbook, report.rows_in)?;
    let streamed = report.long;
    // In the order of names, whatever the order given: the index is not meant as a ranking, and sums of
    // the same numbers in another order could differ in the last bit.
    let mut entries: Vec<Entry> = report.economies.to_vec();
    entries.sort_by_cached_key(|entry| {
        (matching_key(entry.economy.name_in(language)), entry.economy.code.clone())
    });
    overview::write(&mut workbook, &context, &entries)?;
    economies::write(&mut workbook, &context, &entries, streamed)?;
    distribution::write(&mut workbook, &context, &entries)?;
    movement::write(&mut workbook, &context, report, &entries)?;
    indicators::write(&mut workbook, &context, &entries)?;
    heat::write(&mut workbook, &context, &entries, streamed)?;
    tiers::write(&mut workbook, &context, &entries)?;
    quality::write(&mut workbook, &context, &entries, streamed)?;
    tidy::write(&mut workbook, &context, &entries, report.most_tidy_rows)?;
    sources::write(&mut workbook, &context, report)?;
    provenance::write(&mut workbook, &context, report)?;
    Ok(save_to(&mut workbook, file)?)
}

/// What a mean of the scores of `indicators` is called, and its format: shares of points are told in percent. Values
/// from 0 to 1 need not be such shares.
fn mean_of<'s>(framework: &Framework, indicators: &[&Indicator], styles: &'s Styles) -> (Key, &'s Style) {
    let are_shares = indicators.iter().all(|indicator| framework.has_points(&indicator.id));
    match Scale::of(framework, indicators.iter().copied()) {
        Scale::Unit if are_shares => (Key::MeanShare, &styles.percent),
        _ => (Key::Mean, &styles.score),
    }
}

/// A note with the ends of the scale behind it, if there are any.
fn note_with_scale(words: Words, note: Key, scale: Scale) -> String {
    let note = words.get(note);
    match scale.ends() {
        Some((low, high)) => {
            let ends = [("low", words.number(low)), ("high", words.number(high))];
            let ends = words.fill(Key::ScaleEnds, &[(ends[0].0, &ends[0].1), (ends[1].0, &ends[1].1)]);
            format!("{note} {ends}")
        }
        None => note.to_owned(),
    }
}

/// The regions that columns of means stand under, each with its economies: what has no region is under none.
fn regions<'e, 'a>(entries: &'e [Entry<'a>]) -> Vec<(&'a str, Vec<&'e Entry<'a>>)> {
    let mut regions = by_code(entries, |economy| &economy.region);
    regions.retain(|(code, _)| !code.is_empty());
    regions
}

/// The codes of regions or income groups in the order of print, each with its economies. Income groups are
/// ordered from low to high, other codes by the alphabet.
fn by_code<'e, 'a>(
    entries: &'e [Entry<'a>],
    code: fn(&Economy) -> &str,
) -> Vec<(&'a str, Vec<&'e Entry<'a>>)> {
    const INCOMES: [&str; 4] = ["L", "LM", "UM", "H"];
    let mut codes: Vec<&'a str> = entries.iter().map(|entry| code(entry.economy)).collect();
    codes.sort_by_key(|code| (INCOMES.iter().position(|income| income == code), *code));
    codes.dedup();
    codes
        .into_iter()
        .map(|wanted| (wanted, entries.iter().filter(|entry| code(entry.economy) == wanted).collect()))
        .collect()
}
