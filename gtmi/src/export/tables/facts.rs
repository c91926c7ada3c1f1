//! What the tables say of one economy, read once for all of them.

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::change::EconomyChange;
use maturity::decision::Decision;
use maturity::economy::EconomyCode;
use maturity::finding::Finding;
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::uncertainty::ScoreUncertainty;
use store::{ExternalStamp, SubmissionId};

use super::super::ExportError;
use super::{Sources, comparison};
use crate::diff::points::Points;
use crate::respondents::{Respondents, gather};

/// One economy.
pub(in super::super) struct Facts {
    pub(in super::super) economy: EconomyCode,
    /// Absent where nothing of it is in force.
    pub(in super::super) scores: Option<EconomyScores>,
    /// How certain its scores are.
    pub(super) uncertainty: Vec<ScoreUncertainty>,
    /// The answers in force.
    pub(super) records: BTreeMap<Id, AnswerRecord>,
    /// The submission that each of them stands in.
    pub(super) origins: BTreeMap<Id, SubmissionId>,
    /// The values of external indices that its scores were computed with; absent where nothing of it is in force.
    pub(super) external: Option<Vec<ExternalStamp>>,
    /// Ids of the overrides that replaced answers.
    pub(super) overrides: BTreeMap<Id, String>,
    /// The findings about its latest submission.
    pub(super) findings: Vec<Finding>,
    /// How its scores changed from wave to wave.
    pub(super) changes: Vec<EconomyChange>,
    /// Who answered, where these are several.
    pub(super) respondents: Option<Respondents>,
}

impl Facts {
    /// Reads what the store has of an economy.
    pub(in super::super) fn of(
        sources: &Sources<'_>,
        points: &mut Points<'_>,
        economy: &EconomyCode,
    ) -> Result<Self, ExportError> {
        let (context, store, wave) = (sources.context, sources.store, sources.framework().wave);
        let scored = store.scored_one(wave, economy)?;
        let (mut records, mut origins) = (BTreeMap::new(), BTreeMap::new());
        for (record, origin) in store.answers_in_force(sources.framework(), economy)? {
            origins.insert(record.question.clone(), origin);
            records.insert(record.question.clone(), record);
        }
        let external = scored.as_ref().map(|_| store.external_stamps(wave, economy)).transpose()?;
        let overrides = store.overrides(wave, economy)?;
        let mut findings = Vec::new();
        for told in sources.told.get(economy).into_iter().flatten() {
            findings.extend(store.findings(*told)?);
        }
        let mut held = Vec::new();
        for wave in &sources.waves {
            held.extend(points.of_economy(*wave, economy)?);
        }
        let respondents = if store.accepted(wave, economy)?.len() > 1 {
            Some(gather(context, store, economy)?).filter(|found| found.lines.len() > 1)
        } else {
            None
        };
        Ok(Self {
            scores: scored.map(|scored| store.scores_of(wave, &scored)).transpose()?,
            uncertainty: store.uncertainty_of(wave, economy)?,
            records,
            origins,
            external,
            overrides: overrides.iter().map(|(id, decision)| (id.clone(), Decision::id(decision))).collect(),
            findings,
            changes: comparison::changes(context, &held),
            respondents,
            economy: economy.clone(),
        })
    }
}
