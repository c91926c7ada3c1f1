//! The report of one economy.

mod answers;
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

use maturity::answer::AnswerRecord;
use maturity::backing::{Backing, EvidenceShare, backing};
use maturity::economy::Economy;
use maturity::finding::{Finding, Severity};
use maturity::framework::{Framework, Verdict};
use maturity::id::Id;
use maturity::language::Language;
use maturity::score::{EconomyScores, IndicatorScore};
use maturity::standing::Standing;
use maturity::submission::{Layout, Wave};
use maturity::uncertainty::ScoreUncertainty;
use maturity::weights::factors;

use crate::ReportError;
use crate::comparison::Beside;
use crate::form::Context;
use crate::printing;

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

/// The scores of the wave before.
pub(crate) struct Before<'a> {
    pub(crate) wave: Wave,
    pub(crate) scores: BTreeMap<&'a Id, f64>,
}

impl<'a> CountryReport<'a> {
    /// The scores of the latest wave before: computed from answers if the store holds them, else published.
    pub(crate) fn before(&self) -> Option<Before<'a>> {
        let this = self.scores.wave;
        let movement = self.standing.and_then(|standing| standing.movement.as_ref());
        let published = self.history.iter().filter(|other| other.wave < this).max_by_key(|other| other.wave);
        match (movement, published) {
            (Some(movement), published) if published.is_none_or(|other| other.wave <= movement.wave) => {
                Some(Before { wave: movement.wave, scores: progress::of_movement(movement).collect() })
            }
            (_, Some(published)) => {
                let framework = self.framework;
                let composite = published.score.map(|score| (&framework.composite.id, score));
                let subindexes = published.subindexes.iter().map(|(id, score)| (id, *score));
                Some(Before {
                    wave: published.wave,
                    scores: composite.into_iter().chain(subindexes).collect(),
                })
            }
            _ => None,
        }
    }

    /// Score minus that of the wave before; absent where one is missing or the two do not compare.
    pub(crate) fn change(&self, id: &Id, score: Option<f64>) -> Option<f64> {
        let before = self.before()?;
        let from = *before.scores.get(id)?;
        let verdict = self.framework.comparability(id, before.wave, self.scores.wave).verdict;
        (verdict != Verdict::No).then_some(score? - from)
    }

    /// The share of the composite that evidence or a publication stands behind.
    pub(crate) fn backed_share(&self) -> Option<f64> {
        self.backed.iter().find(|share| share.id == self.scores.id)?.share()
    }

    /// The share of an indicator's points that evidence or a publication stands behind.
    pub(crate) fn backed_points(&self, indicator: &IndicatorScore) -> Option<f64> {
        let backed = indicator
            .terms
            .iter()
            .filter(|term| backing(self.framework, self.answers, &term.question) != Backing::None);
        let points = backed.fold(0.0, |sum, term| sum + term.points);
        (indicator.points > 0.0).then(|| points / indicator.points)
    }
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

/// The report as the bytes of an Excel workbook, in `language` as far as the framework speaks it.
pub fn write(report: &CountryReport, language: &Language) -> Result<Vec<u8>, ReportError> {
    let title = format!("{}: {}", report.framework.title.get(language), report.economy.name);
    let context = Context::new(report.framework, language, title.clone());
    let mut workbook = printing::workbook(&context, &title)?;
    let cells = cells::Cells::of(report, context.words);
    summary::write(&mut workbook, &context, report, &cells)?;
    indicators::write(&mut workbook, &context, report, &cells)?;
    progress::write(&mut workbook, &context, report, &cells)?;
    peers::write(&mut workbook, &context, report, &cells)?;
    answers::write(&mut workbook, &context, report)?;
    findings::write(&mut workbook, &context, report)?;
    review::write(&mut workbook, &context, report)?;
    provenance::write(&mut workbook, &context, report)?;
    Ok(questionnaire::put::save(&mut workbook)?)
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
