//! Where one economy stands: its scores and the answers that they come from.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use maturity::answer::AnswerRecord;
use maturity::decision::Decision;
use maturity::economy::Economy;
use maturity::finding::{Finding, Problem};
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::submission::State;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use store::{Scored, Store, StoreError, SubmissionId, SubmissionRow};

use crate::received;
use crate::say::on_one_line;
use crate::template;

/// Where the scores of an economy are. One without scores is a wrong question; the failure says why there are none, and
/// what to do.
pub(crate) fn scored(context: &Context, economy: &Economy) -> Result<(Store, Scored), Failure> {
    let wave = context.framework.wave;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let Some(store) = store else {
        return Err(unscored(economy, "no run was made yet (gtmi run reads and scores what came in)"));
    };
    match store.scored_one(wave, &economy.code).map_err(Failure::stage)? {
        Some(found) => Ok((store, found)),
        None => Err(unscored(economy, &why(context, &store, economy).map_err(Failure::stage)?)),
    }
}

fn unscored(economy: &Economy, why: &str) -> Failure {
    Failure::new(Exit::Usage, format!("{} has no scores yet: {why}", economy.code))
}

/// Why an economy has no scores, and what to do.
fn why(context: &Context, store: &Store, economy: &Economy) -> Result<String, StoreError> {
    let (wave, code) = (context.framework.wave, &economy.code);
    let rows = store.submissions()?.into_iter();
    let latest = rows.filter(|row| row.economy.as_ref() == Some(code) && row.wave == Some(wave)).last();
    let Some(row) = latest else {
        return Ok(format!(
            "nothing came from it for wave {wave} (gtmi template --economy {code} --out FILE makes its questionnaire, \
             gtmi run reads it when it comes back)"
        ));
    };
    let name = on_one_line(&row.name);
    Ok(match row.state {
        State::Withdrawn => format!("{name} was withdrawn from its source"),
        State::Returned => {
            let findings = store.findings(row.id)?;
            let blocking: Vec<&Finding> = findings.iter().filter(|finding| finding.blocks()).collect();
            // A check of the file knows nothing of what reviewers decided.
            let by_reviewer = blocking.iter().find_map(|finding| match &finding.problem {
                Problem::ReviewerReturned { found, by } => Some((found, by)),
                _ => None,
            });
            if let Some((reason, by)) = by_reviewer {
                return Ok(format!(
                    "{name} was returned by {}: {} (gtmi review decisions {code} shows the decision)",
                    on_one_line(by),
                    on_one_line(reason)
                ));
            }
            let blocking = blocking.len();
            let findings = if blocking == 1 { "1 finding" } else { &*format!("{blocking} findings") };
            let shows = received::check_command(context, &row);
            let shows = shows.map(|command| format!(" ({command} shows them)")).unwrap_or_default();
            format!("{name} was returned with {findings} to correct{shows}")
        }
        State::Received | State::Accepted => format!("{name} waits for a run (gtmi run)"),
    })
}

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
        let wave = context.framework.wave;
        let (store, found) = scored(context, economy)?;
        let scores = store.scores_of(wave, &found).map_err(Failure::stage)?;
        let row = store.submission(found.submission).map_err(Failure::stage)?;
        let row = row.ok_or_else(|| Failure::stage("the submission of these scores is not in the store"))?;
        let (mut records, mut origins) = (BTreeMap::new(), BTreeMap::new());
        let mut submissions = BTreeMap::new();
        for (record, origin) in
            store.answers_in_force(&context.framework, &economy.code).map_err(Failure::stage)?
        {
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
