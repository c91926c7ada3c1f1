//! Where one economy stands: its scores and the answers that they come from.

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::decision::Decision;
use maturity::economy::Economy;
use maturity::id::Id;
use maturity::score::EconomyScores;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use store::{Store, SubmissionId, SubmissionRow};

use crate::template;

/// One scored economy.
pub(crate) struct Standing<'a> {
    pub(crate) economy: &'a Economy,
    pub(crate) store: Store,
    pub(crate) scores: EconomyScores,
    /// The submission that stands for all.
    pub(crate) row: SubmissionRow,
    /// The answers in force.
    pub(crate) records: BTreeMap<Id, AnswerRecord>,
    /// The submission that each of them stands in.
    pub(crate) origins: BTreeMap<Id, SubmissionId>,
    /// The overrides that the scores were computed with, by question.
    pub(crate) overrides: BTreeMap<Id, Decision>,
    /// All submissions.
    pub(crate) submissions: BTreeMap<SubmissionId, SubmissionRow>,
}

impl<'a> Standing<'a> {
    /// Looks an economy up by code or name; one without scores is a wrong question.
    pub(crate) fn of(context: &'a Context, economy: &str) -> Result<Self, Failure> {
        let economy = template::economy(context, economy)?;
        let none = || {
            let message = format!("{} has no scores yet (gtmi run computes them)", economy.code);
            Failure::new(Exit::Usage, message)
        };
        let wave = context.framework.wave;
        let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?.ok_or_else(none)?;
        let all = store.scores(wave).map_err(Failure::stage)?;
        let found = all.into_iter().find(|(scores, _)| scores.economy == economy.code);
        let (scores, submission) = found.ok_or_else(none)?;
        let submissions: BTreeMap<SubmissionId, SubmissionRow> =
            store.submissions().map_err(Failure::stage)?.into_iter().map(|row| (row.id, row)).collect();
        let row = submissions.get(&submission).cloned().ok_or_else(none)?;
        let (mut records, mut origins) = (BTreeMap::new(), BTreeMap::new());
        for (record, origin) in store.answers_in_force(wave, &economy.code).map_err(Failure::stage)? {
            origins.insert(record.question.clone(), origin);
            records.insert(record.question.clone(), record);
        }
        let overrides = store.overrides(wave, &economy.code).map_err(Failure::stage)?;
        Ok(Self { economy, store, scores, row, records, origins, overrides, submissions })
    }

    /// The submission that the answer to a question stands in.
    pub(crate) fn origin(&self, question: &Id) -> &SubmissionRow {
        self.origins.get(question).and_then(|id| self.submissions.get(id)).unwrap_or(&self.row)
    }
}
