//! What the sheet of decisions has to know from the store: what overrides replace, and what was approved last.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::{Answer, AnswerRecord, Missing};
use maturity::decision::{Decision, Verdict, is_same, undone};
use maturity::economy::{Economies, EconomyCode};
use maturity::id::Id;
use maturity::submission::Wave;
use store::{Store, StoreError, SubmissionRow};

use crate::country::{Replaced, ReviewBasis};

/// The submission of each economy that was approved last.
pub(crate) struct Approved(BTreeMap<EconomyCode, SubmissionRow>);

impl Approved {
    pub(crate) fn of(store: &Store, wave: Wave, economies: &Economies) -> Result<Self, StoreError> {
        let mut all = BTreeMap::new();
        for (economy, decisions) in store.decisions(wave, economies)? {
            let Some(content) = last_approved(&decisions) else { continue };
            if let Some(row) = store.submission_of(&economy, content)? {
                all.insert(economy, row);
            }
        }
        Ok(Self(all))
    }

    /// Names what was approved, for the key of a report: nothing where it is the submission that is shown, because the
    /// report is the same without the approval.
    pub(crate) fn content(&self, economy: &EconomyCode, shown: &SubmissionRow) -> &str {
        let other = self.0.get(economy).filter(|approved| approved.content != shown.content);
        other.map_or("", |row| row.content.as_str())
    }

    /// What the sheet of an economy has to know; `answers` are those that count.
    pub(crate) fn basis(
        &self,
        store: &Store,
        wave: Wave,
        economy: &EconomyCode,
        (row, answers): (&SubmissionRow, &BTreeMap<Id, AnswerRecord>),
    ) -> Result<ReviewBasis, StoreError> {
        let mut basis = ReviewBasis::default();
        for (question, decision) in store.overrides(wave, economy)? {
            let Decision { verdict, by, reason, .. } = decision;
            // Where only the evidence is another, the answer is as it was submitted.
            if let Verdict::Override { from, to, .. } = verdict
                && !is_same(&from, &to)
            {
                basis.replaced.insert(question, Replaced { from, by, reason });
            }
        }
        let Some(approved) = self.0.get(economy).filter(|approved| approved.content != row.content) else {
            return Ok(basis);
        };
        let before: BTreeMap<Id, Answer> = store
            .answers(approved.id)?
            .into_iter()
            .map(|record| (record.question.clone(), record.answer))
            .collect();
        let none = Answer::Missing(Missing::Blank);
        let questions: BTreeSet<&Id> = before.keys().chain(answers.keys()).collect();
        for question in questions {
            let replaced = basis.replaced.get(question).map(|replaced| &replaced.from);
            let now = replaced.or_else(|| answers.get(question).map(|record| &record.answer));
            let earlier = before.get(question).unwrap_or(&none);
            if !is_same(earlier, now.unwrap_or(&none)) {
                basis.approved.insert(question.clone(), earlier.clone());
            }
        }
        Ok(basis)
    }
}

fn last_approved(decisions: &[Decision]) -> Option<&str> {
    let undone = undone(decisions);
    decisions.iter().rev().filter(|decision| !undone.contains(&decision.id())).find_map(|decision| {
        match &decision.verdict {
            Verdict::Approve { content } => Some(content.as_str()),
            _ => None,
        }
    })
}
