//! Whether an answer that changed between two runs of one wave was sent again, or a reviewer decided so.

use std::collections::BTreeMap;

use maturity::answer::{Answer, Missing};
use maturity::change::{Cause, QuestionChange};
use maturity::decision::{Decision, Verdict, is_same};
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::submission::Wave;
use pipeline::Context;
use serde::Serialize;
use store::{Store, StoreError, SubmissionRow};

use super::points::Compared;

/// What reviewers did about an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "how", rename_all = "kebab-case")]
pub(super) enum Decided {
    /// An override counts now.
    Overridden {
        /// Who overrode it.
        by: String,
        /// Why.
        reason: String,
    },
    /// An override was undone: the submitted answer counts again.
    Undone {
        /// Who had overridden it.
        of: String,
        /// Who undid that.
        by: String,
        /// Why.
        reason: String,
    },
    /// An override does not count at the later point, although nobody undid it: another reviewer decided otherwise, or
    /// the later point is the earlier run.
    Idle {
        /// Who had overridden it.
        of: String,
    },
}

/// What reviewers did, by economy and question.
pub(super) type AllDecided = BTreeMap<EconomyCode, BTreeMap<Id, Decided>>;

/// Finds the changed answers of a wave that go back to decisions.
pub(super) fn decided(
    context: &Context,
    store: &Store,
    wave: Wave,
    compared: &Compared,
) -> Result<AllDecided, StoreError> {
    let economies = &context.economies;
    let mut all = AllDecided::new();
    let decisions = store.decisions(wave, economies)?;
    if decisions.is_empty() {
        return Ok(all);
    }
    let submissions = store.submissions()?;
    for change in &compared.changed {
        // An earlier run knows it by the code of then.
        let economy = economies.current(&change.economy);
        let Some(decisions) = decisions.get(&economy) else { continue };
        let Some((before, after)) = compared.behind.get(&change.economy) else { continue };
        let submitted = |sha256: Option<&str>| -> Result<BTreeMap<Id, Answer>, StoreError> {
            let of_file = |row: &&SubmissionRow| {
                // A table may hold rows of several waves.
                row.economy.as_ref().is_some_and(|code| economies.current(code) == economy)
                    && row.wave == Some(wave)
                    && Some(row.sha256.as_str()) == sha256
            };
            let Some(row) = submissions.iter().rfind(of_file) else { return Ok(BTreeMap::new()) };
            let answers = store.answers(row.id)?.into_iter();
            Ok(answers.map(|record| (record.question, record.answer)).collect())
        };
        let (before, after) = (submitted(before.sha256.as_deref())?, submitted(after.sha256.as_deref())?);
        let mut of_economy = BTreeMap::new();
        for question in change.questions.iter().filter(|question| question.cause == Cause::Correction) {
            if let Some(found) = of_question(question, decisions, &before, &after) {
                of_economy.insert(question.question.clone(), found);
            }
        }
        all.insert(change.economy.clone(), of_economy);
    }
    Ok(all)
}

/// What reviewers did about one answer; nothing if its sender sent another one.
fn of_question(
    change: &QuestionChange,
    decisions: &[Decision],
    before: &BTreeMap<Id, Answer>,
    after: &BTreeMap<Id, Answer>,
) -> Option<Decided> {
    const BLANK: Answer = Answer::Missing(Missing::Blank);
    let submitted = |answers: &BTreeMap<Id, Answer>| answers.get(&change.question).cloned().unwrap_or(BLANK);
    let (sent_before, sent) = (submitted(before), submitted(after));
    let (from, to) = (change.from.clone().unwrap_or(BLANK), change.to.clone().unwrap_or(BLANK));
    let replaced = |sent: &Answer, counted: &Answer| {
        decisions.iter().rfind(|decision| match &decision.verdict {
            Verdict::Override { question, from, to, .. } => {
                *question == change.question && is_same(from, sent) && is_same(to, counted)
            }
            _ => false,
        })
    };
    if !is_same(&sent, &to) {
        let Decision { by, reason, .. } = replaced(&sent, &to)?;
        return Some(Decided::Overridden { by: by.clone(), reason: reason.clone() });
    }
    // What was sent counts now. If the same was sent before, an override counted then.
    if !is_same(&sent_before, &sent) {
        return None;
    }
    let earlier = replaced(&sent_before, &from)?;
    let (of, id) = (earlier.by.clone(), earlier.id());
    let undoes =
        |decision: &&Decision| matches!(&decision.verdict, Verdict::Undo { decision } if *decision == id);
    Some(match decisions.iter().rfind(undoes) {
        Some(undo) => Decided::Undone { of, by: undo.by.clone(), reason: undo.reason.clone() },
        None => Decided::Idle { of },
    })
}
