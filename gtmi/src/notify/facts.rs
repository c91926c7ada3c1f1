//! How the wave stands, read from the store.

use std::collections::{BTreeMap, BTreeSet};

use maturity::decision::{Decision, Verdict, is_same};
use maturity::economy::EconomyCode;
use maturity::id::Id;
use maturity::language::Language;
use notice::{Decided, Facts, News, Refused, Seen, Submitted};
use pipeline::Context;
use pipeline::stage::Failure;
use store::{Store, SubmissionId, SubmissionRow};

/// Submissions are read in batches of this size, so that of most of them no more is in memory than the facts.
const BATCH: usize = 256;

/// The facts, without the numbers of findings: these are added for what is told.
pub(super) fn facts(context: &Context, store: &Store) -> Result<Facts, Failure> {
    let wave = context.framework.wave;
    let states = store.submission_states(wave).map_err(Failure::stage)?;
    let waiting: BTreeSet<SubmissionId> =
        validate::waiting(context, store, &states).map_err(Failure::stage)?.into_iter().collect();
    // Those that have a return of their own.
    let mut latest: BTreeSet<SubmissionId> = BTreeSet::new();
    for (economy, (id, _)) in store.latest_submissions(wave).map_err(Failure::stage)? {
        latest.insert(id);
        let choice = &context.config.respondents;
        if choice.rule.merges() {
            let all = store.told_respondents(wave, &economy, &choice.offices).map_err(Failure::stage)?;
            latest.extend(all.into_values().map(|row| row.id));
        }
    }
    let again = store.arrived_again().map_err(Failure::stage)?;
    let exported = store.exported_before().map_err(Failure::stage)?;
    let submitted = |row: SubmissionRow| Submitted {
        first: exported.get(&row.id).unwrap_or(&row.id).number(),
        id: row.id.number(),
        name: row.economy.as_ref().map(|code| name(context, code)),
        file: row.name,
        state: row.state.as_str().to_owned(),
        errors: 0,
        warnings: 0,
        received_at: row.received_at,
        waits: waiting.contains(&row.id),
        latest: row.economy.is_some() && latest.contains(&row.id),
        again: again.get(&row.id).copied().unwrap_or(0),
        economy: row.economy,
    };
    let mut submissions = Vec::with_capacity(states.len());
    let mut last = None;
    loop {
        let batch = store.submissions_after(last, Some(wave), BATCH).map_err(Failure::stage)?;
        let Some(end) = batch.last() else { break };
        last = Some(end.id);
        submissions.extend(batch.into_iter().map(submitted));
    }
    let refused = |file: store::RefusedFile| Refused {
        sentences: languages(context)
            .map(|language| (language.tag().to_owned(), file.refusal.problem.sentence(language)))
            .collect(),
        rule: file.refusal.problem.rule().to_owned(),
        sha256: file.sha256,
        file: file.name,
        again: 0,
    };
    let groups = store.groups(wave).map_err(Failure::stage)?;
    let seen = |(code, group): (EconomyCode, Option<String>)| {
        let seen = Seen { name: name(context, &code), group };
        (code, seen)
    };
    Ok(Facts {
        submissions,
        refused: store.refused(wave).map_err(Failure::stage)?.into_iter().map(refused).collect(),
        scored: groups.into_iter().map(seen).collect(),
        decisions: decisions(context, store)?,
        // The store does not know them: the run tells.
        unreachable: BTreeMap::new(),
    })
}

/// Adds the numbers of open findings to submissions that are told of.
pub(super) fn count_findings(
    context: &Context,
    store: &Store,
    facts: &mut Facts,
    news: &mut News,
) -> Result<(), Failure> {
    let told: BTreeSet<i64> = news.submissions.iter().map(|row| row.id).collect();
    let states = store.submission_states(context.framework.wave).map_err(Failure::stage)?;
    let ids: BTreeMap<i64, SubmissionId> = states.iter().map(|row| (row.id.number(), row.id)).collect();
    for row in facts.submissions.iter_mut().filter(|row| row.waits || told.contains(&row.id)) {
        let Some(id) = ids.get(&row.id) else { continue };
        let Some(submission) = store.submission(*id).map_err(Failure::stage)? else { continue };
        let open = report::open_findings(context, store, &submission).map_err(Failure::stage)?;
        let count = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        row.errors = count(open.errors);
        row.warnings = count(open.warnings);
    }
    let counted: BTreeMap<i64, &Submitted> = facts.submissions.iter().map(|row| (row.id, row)).collect();
    for row in &mut news.submissions {
        if let Some(counted) = counted.get(&row.id) {
            (*counted).clone_into(row);
        }
    }
    Ok(())
}

/// What reviewers decided: overrides, returns, approvals, and findings that they accepted.
fn decisions(context: &Context, store: &Store) -> Result<Vec<Decided>, Failure> {
    let wave = context.framework.wave;
    let mut all = Vec::new();
    let decisions = store.decisions(wave, &context.economies).map_err(Failure::stage)?;
    let by_id: BTreeMap<String, &Decision> =
        decisions.values().flatten().map(|decision| (decision.id(), decision)).collect();
    let each = decisions.iter().flat_map(|(code, all)| all.iter().map(move |decision| (code, decision)));
    for (economy, decision) in each {
        let (verdict, question) = told(decision, &by_id);
        all.push(Decided {
            id: decision.id(),
            name: name(context, economy),
            economy: economy.clone(),
            verdict: verdict.to_owned(),
            question: question.map(ToString::to_string),
        });
    }
    let accepted = store.acceptances(wave, &context.economies).map_err(Failure::stage)?;
    let each = accepted.iter().flat_map(|(code, all)| all.iter().map(move |accepted| (code, accepted)));
    for (economy, accepted) in each {
        let question = accepted.question.as_ref().map(ToString::to_string);
        all.push(Decided {
            // By the code on record: what was told of stays told of when the economy gets another one.
            id: format!(
                "accept {} {} {} {}",
                accepted.economy,
                accepted.rule,
                question.as_deref().unwrap_or(""),
                accepted.seen
            ),
            name: name(context, economy),
            economy: economy.clone(),
            verdict: "accept".to_owned(),
            question: Some(
                question.map_or_else(|| accepted.rule.clone(), |id| format!("{id} ({})", accepted.rule)),
            ),
        });
    }
    Ok(all)
}

/// What a decision is called, and the question that it is about. `by_id` holds all decisions.
fn told<'a>(
    decision: &'a Decision,
    by_id: &BTreeMap<String, &'a Decision>,
) -> (&'static str, Option<&'a Id>) {
    let verdict = match &decision.verdict {
        // The answer stays; what the reviewer found for it is new.
        Verdict::Override { from, to, .. } if is_same(from, to) => "evidence",
        verdict => verdict.as_str(),
    };
    // What was taken back is told with what was about it.
    let about = match &decision.verdict {
        Verdict::Undo { decision } => by_id.get(decision).copied(),
        _ => Some(decision),
    };
    let question = about.and_then(|about| match &about.verdict {
        Verdict::Override { question, .. } => Some(question),
        _ => None,
    });
    (verdict, question)
}

/// The economy's name, else its code.
pub(super) fn name(context: &Context, code: &EconomyCode) -> String {
    context.economies.get(code).map_or_else(|| code.to_string(), |economy| economy.name.clone())
}

/// The framework's languages in which notices exist; English at least.
pub(super) fn languages(context: &Context) -> impl Iterator<Item = &Language> {
    context
        .framework
        .languages
        .iter()
        .map(|(language, _)| language)
        .filter(|language| notice::speaks(language))
}

#[cfg(test)]
mod tests {
    use maturity::answer::Answer;
    use maturity::submission::Wave;

    use super::*;

    fn decided(verdict: Verdict) -> Decision {
        Decision {
            wave: Wave(2022),
            economy: EconomyCode::new("KEN"),
            verdict,
            reason: "seen".to_owned(),
            by: "A. Reviewer".to_owned(),
            at: "2026-01-01T00:00:00Z".to_owned(),
            again: 0,
        }
    }

    #[test]
    fn evidence_that_was_added_is_no_other_answer_and_what_was_taken_back_is_told_with_its_question() {
        let choice = |code: &str| Answer::Choice(code.to_owned());
        let other = |question: &str, to: &str| {
            decided(Verdict::Override {
                question: Id::from(question),
                from: choice("2"),
                to: choice(to),
                evidence: Some("Act 12".to_owned()),
            })
        };
        let (replaced, added) = (other("I-1", "1"), other("I-2", "2"));
        let undo = |decision: &Decision| decided(Verdict::Undo { decision: decision.id() });
        let (undone, unknown) = (undo(&added), undo(&other("I-3", "0")));
        let by_id = [&replaced, &added, &undone].map(|decision| (decision.id(), decision)).into();
        let is = |decision| {
            let (verdict, question) = told(decision, &by_id);
            (verdict, question.map(Id::as_str))
        };
        assert_eq!(is(&replaced), ("override", Some("I-1")));
        assert_eq!(is(&added), ("evidence", Some("I-2")));
        assert_eq!(is(&undone), ("undo", Some("I-2")));
        assert_eq!(is(&unknown), ("undo", None));
    }
}
