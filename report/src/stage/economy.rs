//! One country report: what the store knows for it, and the file.

use std::collections::BTreeMap;
use std::path::Path;

use maturity::answer::AnswerRecord;
use maturity::backing::evidence_shares;
use maturity::economy::{Economy, EconomyCode};
use maturity::finding::Finding;
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::standing::Standing;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::hash::sha256;
use pipeline::{Context, durable};
use store::{Store, SubmissionRow};

use super::{Known, StageError};
use crate::comparison::Beside;
use crate::country::{self, CountryReport, Provenance, PublishedScore, ReviewBasis, Vintage};

/// One country report to make, with everything that it shows.
pub(super) struct Work<'a> {
    pub(super) economy: &'a Economy,
    scores: &'a EconomyScores,
    answers: BTreeMap<Id, AnswerRecord>,
    findings: Vec<Finding>,
    history: Vec<PublishedScore>,
    beside: Option<Beside<'a>>,
    uncertainty: &'a [ScoreUncertainty],
    standing: Option<&'a Standing>,
    review: ReviewBasis,
    pub(super) provenance: Provenance,
}

pub(super) fn gather<'a>(
    context: &'a Context,
    store: &Store,
    known: &'a Known,
    (economy, scores, row): (&'a Economy, &'a EconomyScores, &SubmissionRow),
    key: String,
) -> Result<Work<'a>, StageError> {
    let wave = context.framework.wave;
    let answers = store.answers_in_force(wave, &economy.code)?;
    let answers: BTreeMap<Id, AnswerRecord> =
        answers.into_iter().map(|(record, _)| (record.question.clone(), record)).collect();
    Ok(Work {
        review: known.approved.basis(store, wave, &economy.code, (row, &answers))?,
        economy,
        scores,
        answers,
        findings: store.findings(row.id)?,
        history: history(context, &economy.code),
        beside: known.comparators.as_ref().map(|comparators| comparators.of(&economy.code)),
        uncertainty: known.uncertainty.get(&economy.code).map_or(&[], Vec::as_slice),
        standing: known.standings.get(&economy.code),
        provenance: Provenance {
            submission_name: row.name.clone(),
            submission_sha256: row.sha256.clone(),
            layout: row.layout,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            fingerprint: key,
            vintages: store
                .external_stamps(context.framework.wave, &economy.code)?
                .into_iter()
                .map(|stamp| Vintage {
                    index: stamp.index,
                    edition: stamp.edition,
                    value: stamp.value,
                    source: stamp.source.unwrap_or_default(),
                    licence: stamp.licence.unwrap_or_default(),
                })
                .collect(),
        },
    })
}

/// The scores that were published for other waves.
pub(super) fn history(context: &Context, economy: &EconomyCode) -> Vec<PublishedScore> {
    let framework = &context.framework;
    let others = context
        .published_scores
        .iter()
        .filter(|published| published.economy == *economy && published.wave != framework.wave);
    others
        .map(|published| PublishedScore {
            wave: published.wave,
            score: published
                .scores
                .iter()
                .find(|(id, _)| *id == framework.composite.id)
                .map(|(_, score)| *score),
            subindexes: published
                .scores
                .iter()
                .filter(|(id, _)| framework.subindex(id).is_some())
                .cloned()
                .collect(),
            group: Some(published.group.clone()).filter(|group| !group.is_empty()),
        })
        .collect()
}

/// Makes and writes a country report; gives its hash.
pub(super) fn make(
    (context, reports): (&Context, &country::Writer<'_>),
    work: &Work<'_>,
    path: &Path,
) -> Result<String, StageError> {
    let backed = evidence_shares(&context.framework, work.scores, &work.answers);
    let shares = country::shares_of_score(&context.framework, work.scores);
    let report = CountryReport {
        framework: &context.framework,
        economy: work.economy,
        scores: work.scores,
        answers: &work.answers,
        findings: &work.findings,
        history: &work.history,
        beside: work.beside.clone(),
        uncertainty: work.uncertainty,
        standing: work.standing,
        backed: &backed,
        shares: &shares,
        review: &work.review,
        provenance: &work.provenance,
    };
    let bytes = reports
        .write(&report)
        .map_err(|source| StageError::Report { unit: work.economy.code.to_string(), source })?;
    durable::write(path, &bytes)?;
    Ok(sha256(&bytes))
}
