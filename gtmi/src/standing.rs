//! Where one economy stands: its scores and the answers that they come from.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

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
    /// The submissions that answers in force stand in.
    submissions: BTreeMap<SubmissionId, SubmissionRow>,
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
        let found = store.scored_one(wave, &economy.code).map_err(Failure::stage)?.ok_or_else(none)?;
        let scores = store.scores_of(wave, &found).map_err(Failure::stage)?;
        let row = store.submission(found.submission).map_err(Failure::stage)?.ok_or_else(none)?;
        let (mut records, mut origins) = (BTreeMap::new(), BTreeMap::new());
        let mut submissions = BTreeMap::new();
        for (record, origin) in store.answers_in_force(wave, &economy.code).map_err(Failure::stage)? {
            if let Entry::Vacant(entry) = submissions.entry(origin)
                && let Some(row) = store.submission(origin).map_err(Failure::stage)?
            {
                entry.insert(row);
            }
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
