//! The report of one economy.

mod answers;
mod basis;
mod cells;
mod findings;
mod indicators;
mod peers;
mod progress;
mod provenance;
mod review;
mod summary;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use maturity::answer::AnswerRecord;
use maturity::backing::EvidenceShare;
use maturity::economy::Economy;
use maturity::finding::{Finding, Severity};
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::language::Language;
use maturity::score::EconomyScores;
use maturity::standing::Standing;
use maturity::submission::{Layout, Wave};
use maturity::uncertainty::ScoreUncertainty;
use maturity::weights::factors;

use crate::ReportError;
use crate::comparison::Beside;
use crate::form::{Context, Looks};
use crate::printing;
use crate::wording::Words;

use self::answers::Wordings;
use self::basis::{Basis, Compared};

pub use review::{Replaced, ReviewBasis};

/// Everything that the report of an economy shows.
#[derive(Debug, Clone)]
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
    /// Its scores in earlier waves as the store computed them, in any order.
    pub computed: &'a [PublishedScore],
    /// What it is compared with; absent where no set of comparators is pinned.
    pub beside: Option<Beside<'a>>,
    /// How certain its scores are; empty where it is not known.
    pub uncertainty: &'a [ScoreUncertainty],
    /// What would raise its group, and how it moved; absent where it was not computed.
    pub standing: Option<&'a Standing>,
    /// What stands behind its points: the composite first, if it is a sum, then the subindexes.
    pub backed: &'a [EvidenceShare],
    /// The share of its score that each question carries, 0 to 1; empty where the composite is no sum.
    pub shares: &'a BTreeMap<Id, f64>,
    /// What reviewers have to know beside the findings.
    pub review: &'a ReviewBasis,
    /// Where the answers and the scores come from.
    pub provenance: &'a Provenance,
}

impl CountryReport<'_> {
    /// The share of the composite that evidence or a publication stands behind.
    pub(crate) fn backed_share(&self) -> Option<f64> {
        self.backed.iter().find(|share| share.id == self.scores.id)?.share()
    }
}

/// A score that was published, or computed, for another wave.
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
#[derive(Debug, Clone, PartialEq)]
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
    /// The other files that answers stand in, each with its SHA-256, where those of several respondents are put together.
    pub others: Vec<(String, String)>,
    /// Which of them an answer stands in, by position; the others stand in the submission itself.
    pub origins: BTreeMap<Id, usize>,
    /// The rule that chose them, as the configuration names it.
    pub rule: &'static str,
    /// The external values that were used, each with its edition, source and licence.
    pub vintages: Vec<Vintage>,
}

/// One external value.
#[derive(Debug, Clone, PartialEq)]
pub struct Vintage {
    /// The index.
    pub index: String,
    /// The edition.
    pub edition: u16,
    /// The value, on the framework's scale.
    pub value: f64,
    /// The publisher and the publication.
    pub source: String,
    /// The licence.
    pub licence: String,
}

/// Writes the reports of many economies: what is alike in all of them is made once.
#[derive(Debug)]
pub struct Writer<'a> {
    framework: &'a Framework,
    language: &'a Language,
    looks: Looks,
    wordings: Wordings<'a>,
    compared: Mutex<BTreeMap<(Wave, Wave), Arc<Compared>>>,
}

impl<'a> Writer<'a> {
    /// Writes reports in `language` as far as the framework speaks it.
    pub fn new(framework: &'a Framework, language: &'a Language) -> Self {
        let wordings = Wordings::of(framework, language);
        Self {
            framework,
            language,
            looks: Looks::new(framework, language),
            wordings,
            compared: Mutex::default(),
        }
    }

    /// The report as the bytes of an Excel workbook.
    pub fn write(&self, report: &CountryReport) -> Result<Vec<u8>, ReportError> {
        let words = Words { language: self.language };
        let title =
            words.titled(self.framework.title.get(self.language), report.economy.name_in(self.language));
        let context = Context::new(self.framework, self.language, &self.looks, title.clone());
        let mut workbook = printing::workbook(&context, &title)?;
        let basis = &Basis::of(report, context.words, |from, to| self.compared(from, to));
        summary::write(&mut workbook, &context, basis)?;
        indicators::write(&mut workbook, &context, basis)?;
        progress::write(&mut workbook, &context, basis)?;
        peers::write(&mut workbook, &context, basis)?;
        answers::write(&mut workbook, &context, basis, &self.wordings)?;
        findings::write(&mut workbook, &context, report)?;
        review::write(&mut workbook, &context, report)?;
        provenance::write(&mut workbook, &context, report)?;
        Ok(questionnaire::put::save(&mut workbook)?)
    }

    /// How far two waves compare. Most economies were in the same wave before.
    fn compared(&self, from: Wave, to: Wave) -> Arc<Compared> {
        let mut known = self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let compared = known.entry((from, to));
        Arc::clone(compared.or_insert_with(|| Arc::new(Compared::of(self.framework, from, to))))
    }
}

/// The share of the composite that the points of each question carry, 0 to 1; empty if the composite is no sum of
/// points.
///
/// `factor of the subindex x points / maximum of the subindex / score`
pub fn shares_of_score(framework: &Framework, scores: &EconomyScores) -> BTreeMap<Id, f64> {
    let mut shares = BTreeMap::new();
    let Some((factors, score)) = factors(framework, scores).zip(scores.score.filter(|score| *score > 0.0))
    else {
        return shares;
    };
    for (subindex, factor) in scores.subindexes.iter().zip(factors) {
        let is_share = framework.subindex(&subindex.id).is_some_and(|found| found.method.mean().is_none());
        if !is_share || subindex.max_points <= 0.0 {
            continue;
        }
        for term in subindex.indicators.iter().flat_map(|indicator| &indicator.terms) {
            let carried = factor * term.points / subindex.max_points / score;
            shares.insert(term.question.clone(), carried);
        }
    }
    shares
}

/// How many findings that no reviewer accepted have this severity.
fn count(findings: &[Finding], severity: Severity) -> usize {
    let open = findings.iter().filter(|finding| !finding.standing.accepted);
    open.filter(|finding| finding.severity == severity).count()
}
