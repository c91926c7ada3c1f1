//! One country report: what the store knows for it, and the file.

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::backing::evidence_shares;
use maturity::economy::{Economy, EconomyCode};
use maturity::finding::Finding;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::standing::Standing;
use maturity::submission::Wave;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::Context;
use pipeline::tables::PublishedScores;
use store::{Scored, Store, SubmissionRow};

use super::{Known, StageError};
use crate::comparison::Beside;
use crate::country::{self, CountryReport, Provenance, PublishedScore, ReviewBasis, Vintage};

/// One country report to make, with everything that it shows.
pub(super) struct Work<'a> {
    pub(super) economy: &'a Economy,
    scores: EconomyScores,
    answers: BTreeMap<Id, AnswerRecord>,
    findings: Vec<Finding>,
    history: Vec<PublishedScore>,
    computed: Vec<PublishedScore>,
    beside: Option<Beside<'a>>,
    uncertainty: Vec<ScoreUncertainty>,
    standing: Option<Standing>,
    review: ReviewBasis,
    pub(super) provenance: Provenance,
}

pub(super) fn gather<'a>(
    context: &'a Context,
    store: &Store,
    known: &'a Known<'a>,
    (economy, scored, row): (&'a Economy, &Scored, &SubmissionRow),
    key: String,
) -> Result<Work<'a>, StageError> {
    let wave = context.framework.wave;
    let answers = store.answers_in_force(&context.framework, &economy.code)?;
    let (mut files, mut others, mut origins) = (Vec::new(), Vec::new(), BTreeMap::new());
    for (record, origin) in answers.iter().filter(|(_, origin)| *origin != row.id) {
        let known = files.iter().position(|file| file == origin);
        let at = if let Some(at) = known {
            at
        } else {
            let Some(other) = store.submission(*origin)? else { continue };
            files.push(*origin);
            others.push((other.name, other.sha256));
            others.len() - 1
        };
        origins.insert(record.question.clone(), at);
    }
    let answers: BTreeMap<Id, AnswerRecord> =
        answers.into_iter().map(|(record, _)| (record.question.clone(), record)).collect();
    Ok(Work {
        review: known.approved.basis(store, wave, &economy.code, (row, &answers))?,
        economy,
        scores: store.scores_of(wave, scored)?,
        answers,
        findings: store.findings(row.id)?,
        history: known.published.history(&economy.code),
        computed: computed(context, store, &known.earlier, &economy.code)?,
        beside: known.comparators(context, store)?.map(|comparators| comparators.of(&economy.code)),
        uncertainty: store.uncertainty_of(wave, &economy.code)?,
        standing: store.standing(wave, &economy.code)?,
        provenance: Provenance {
            submission_name: row.name.clone(),
            submission_sha256: row.sha256.clone(),
            layout: row.layout,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            fingerprint: key,
            others,
            origins,
            rule: context.config.respondents.rule.as_str(),
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

/// The scores of an economy that the store computed for earlier waves, as far as these are of the same index.
fn computed(
    context: &Context,
    store: &Store,
    waves: &[Wave],
    economy: &EconomyCode,
) -> Result<Vec<PublishedScore>, StageError> {
    let framework = &context.framework;
    let mut all = Vec::new();
    for wave in waves {
        let Some(found) = store.scored_one(*wave, economy)? else { continue };
        let scores = store.scores_without_terms_of(*wave, &found)?;
        let is_same = scores.id == framework.composite.id;
        let subindexes = scores.subindexes.into_iter();
        all.push(PublishedScore {
            wave: *wave,
            score: scores.score.filter(|_| is_same),
            subindexes: subindexes
                .filter(|known| framework.subindex(&known.id).is_some())
                .filter_map(|known| Some((known.id, known.score?)))
                .collect(),
            group: scores.group.filter(|_| is_same),
        });
    }
    Ok(all)
}

/// The scores that were published for other waves, ready to be looked up.
pub(super) struct Published<'a> {
    framework: &'a Framework,
    scores: BTreeMap<&'a EconomyCode, Vec<&'a PublishedScores>>,
}

impl<'a> Published<'a> {
    pub(super) fn of(context: &'a Context) -> Self {
        let framework = &context.framework;
        let mut scores: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for published in context.published_scores.iter().filter(|other| other.wave != framework.wave) {
            scores.entry(&published.economy).or_default().push(published);
        }
        Self { framework, scores }
    }

    /// Those of one economy, in the order of the table.
    pub(super) fn history(&self, economy: &EconomyCode) -> Vec<PublishedScore> {
        let composite = &self.framework.composite.id;
        let of_economy = self.scores.get(economy).into_iter().flatten();
        of_economy
            .map(|published| PublishedScore {
                wave: published.wave,
                score: published.scores.iter().find(|(id, _)| id == composite).map(|(_, score)| *score),
                subindexes: published
                    .scores
                    .iter()
                    .filter(|(id, _)| self.framework.subindex(id).is_some())
                    .cloned()
                    .collect(),
                group: Some(published.group.clone()).filter(|group| !group.is_empty()),
            })
            .collect()
    }
}

/// Makes a country report.
pub(super) fn make(
    (context, reports): (&Context, &country::Writer<'_>),
    work: &Work<'_>,
) -> Result<Vec<u8>, StageError> {
    let backed = evidence_shares(&context.framework, &work.scores, &work.answers);
    let shares = country::shares_of_score(&context.framework, &work.scores);
    let report = CountryReport {
        framework: &context.framework,
        economy: work.economy,
        scores: &work.scores,
        answers: &work.answers,
        findings: &work.findings,
        history: &work.history,
        computed: &work.computed,
        beside: work.beside.clone(),
        uncertainty: &work.uncertainty,
        standing: work.standing.as_ref(),
        backed: &backed,
        shares: &shares,
        review: &work.review,
        provenance: &work.provenance,
    };
    reports
        .write(&report)
        .map_err(|source| StageError::Report { unit: work.economy.code.to_string(), source })
}
