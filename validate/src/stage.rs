//! The run of the stage: every submission whose content, instrument or table of economies changed.

mod keys;

use std::cell::OnceCell;
use std::collections::BTreeMap;

use maturity::economy::{Economies, EconomyCode};
use maturity::finding::{Finding, Problem, Severity};
use maturity::link::LinkState;
use maturity::previous::PreviousAnswers;
use maturity::submission::{Received, State, Wave};
use pipeline::logging::TRACES;
use pipeline::{Context, Progress, Silent, Stopped, Summary};
use rayon::prelude::*;
use store::{Previous, Step, Store, StoreError, SubmissionId, SubmissionRow, SubmissionState, Validation};

use self::keys::Keys;
use crate::doubled::{may_stand_again, places};
use crate::judge::{judge, send_back};
use crate::links::{LinkError, MOST_OF_SUBMISSION, check_links};
use crate::lookup::Lookup;
use crate::submission::{Instruments, economy_of, validate};

/// Submissions are validated in batches of this size, so that memory does not grow with their number.
const BATCH: usize = 64;

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum ValidateError {
    /// The store failed.
    #[error("failed to store a validation")]
    Store(#[from] StoreError),
    /// Whoever watches asked to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Links could not be looked at.
    #[error(transparent)]
    Links(#[from] LinkError),
}

/// A submission with everything that its validation needs.
struct Work {
    row: SubmissionRow,
    received: Received,
    doubled: Option<String>,
}

/// Validates every submission that is new or whose instrument changed.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, ValidateError> {
    let mut summary = Summary::of("validate");
    // What was validated for another wave stays as it is: it was asked and answered under another framework.
    let wave = context.framework.wave;
    let previous = store.previous(&context.framework, &context.previous_answers)?;
    // Links that work change nothing.
    let links: BTreeMap<String, LinkState> = store
        .links()?
        .into_iter()
        .filter(|(_, link)| !link.state.outcome.works())
        .map(|(url, link)| (url, link.state))
        .collect();
    let acceptances = store.acceptances(wave, &context.economies)?;
    let decisions = store.decisions(wave, &context.economies)?;
    let keys = Keys::of(context, previous, &links, &acceptances, &decisions);

    let doubled = doubled(store, wave, &keys, &context.economies)?;
    let now = jiff::Timestamp::now()
        .round(jiff::Unit::Second)
        .unwrap_or_else(|_| jiff::Timestamp::now())
        .to_string();
    progress.start("validate", store.submission_count(wave)?);
    let stage = tracing::Span::current();
    // For the first submission that is validated.
    let lookup = OnceCell::new();
    let mut reversed = Vec::new();
    let mut last = None;
    loop {
        progress.checkpoint()?;
        let mut work = Vec::new();
        let end = store.look(|store| -> Result<Option<SubmissionId>, StoreError> {
            let batch = store.submissions_after(last, Some(wave), BATCH)?;
            let end = batch.last().map(|row| row.id);
            for row in batch {
                let places = doubled.get(&row.id).cloned();
                // Whose submission it is, is not known before it was validated once.
                let wanted = row.economy.as_ref().is_none_or(|economy| context.scope.takes(economy));
                if !wanted || (!context.scope.force && is_current(store, &keys, &row, places.as_deref())?) {
                    summary.unchanged += 1;
                    progress.advance();
                } else {
                    let received = store.received(&row)?;
                    work.push(Work { row, received, doubled: places });
                }
            }
            Ok(end)
        })?;
        if end.is_none() {
            break;
        }
        last = end;
        if work.is_empty() {
            continue;
        }
        let instruments = Instruments {
            lookup: lookup.get_or_init(|| Lookup::of(&context.framework)),
            economies: &context.economies,
            external_indices: &context.external_indices,
            previous: &previous_of(context, store, previous, &work)?,
            links: &links,
        };
        let validations: Vec<Validation> = work
            .par_iter()
            .map(|work| {
                let (submission, file) = (work.row.id.number(), &work.row.name);
                let _unit =
                    tracing::trace_span!(target: TRACES, parent: &stage, "validate", submission, file)
                        .entered();
                let mut validation = validate(&instruments, &work.received, work.doubled.as_deref());
                let economy = validation.economy.clone();
                let economy = economy.as_ref();
                judge(&mut validation, &work.received.contests, of_economy(&acceptances, economy));
                send_back(&mut validation, &work.row.content, of_economy(&decisions, economy));
                validation
            })
            .collect();
        // As one: what is recorded together reaches the disk once.
        store.together("record validations", |store| -> Result<(), StoreError> {
            for (work, validation) in work.iter().zip(&validations) {
                // The key is that of the economy as it is known now.
                let economy = validation.economy.as_ref();
                let key = keys.of_submission(store, &work.row.content, work.doubled.as_deref(), economy)?;
                store.record_validation(work.row.id, &key, validation)?;
                note_steps(store, &work.row, validation, &now)?;
            }
            Ok(())
        })?;
        for (work, validation) in work.iter().zip(&validations) {
            log(&work.row, validation);
            if is_reversed(&work.row, validation) {
                reversed.push(work.row.name.clone());
            }
            summary.done += 1;
            progress.advance();
        }
    }

    summary.notes.extend(told_of(&reversed));
    // Of which economy a submission is, is known only now.
    summary.notes.extend(told_of_corrected(store.withdraw_files(wave)?));
    summary.notes.extend(context.previous_left_out.iter().cloned());
    let after = store.submission_states(wave)?;
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    // Those that others took the place of are history.
    let accepted = after.iter().filter(|row| row.state == State::Accepted && (row.present || row.latest));
    let waiting = waiting(context, store, &after)?;
    summary.counts.insert("accepted".to_owned(), number(accepted.count()));
    summary.counts.insert("returned".to_owned(), number(waiting.len()));
    summary.attention = !waiting.is_empty();
    progress.finish();
    Ok(summary)
}

/// What is said of one economy; nothing where it is unknown which one it is.
fn of_economy<'a, T>(all: &'a BTreeMap<EconomyCode, Vec<T>>, economy: Option<&EconomyCode>) -> &'a [T] {
    economy.and_then(|economy| all.get(economy)).map_or(&[], Vec::as_slice)
}

/// Whether a submission was validated with everything as it is now.
fn is_current(
    store: &Store,
    keys: &Keys<'_>,
    row: &SubmissionRow,
    doubled: Option<&str>,
) -> Result<bool, StoreError> {
    let done = store.work_key("validate", &row.id.to_string())?;
    let key = keys.of_submission(store, &row.content, doubled, row.economy.as_ref())?;
    Ok(done.as_ref() == Some(&key))
}

/// The previous answers of the economies of a batch: those of all would not fit into memory.
fn previous_of(
    context: &Context,
    store: &Store,
    previous: Previous<'_>,
    work: &[Work],
) -> Result<BTreeMap<EconomyCode, PreviousAnswers>, StoreError> {
    let mut all = BTreeMap::new();
    for work in work {
        if let Some(economy) = economy_of(&work.received, &context.framework, &context.economies)
            && let Some(answers) = previous.of(store, &economy)?
        {
            all.insert(economy, answers);
        }
    }
    Ok(all)
}

/// The same, and then opens the web addresses of the wave; what does not work becomes warnings. Whatever happens
/// on the network, the validation stands.
pub fn run_with_links(
    context: &Context,
    store: &mut Store,
    progress: &dyn Progress,
) -> Result<Summary, ValidateError> {
    let first = run(context, store, progress)?;
    let looked = check_links(context, store, progress)?;
    let mut summary = run(context, store, &Silent)?;
    (summary.done, summary.unchanged) = (first.done, first.unchanged);
    // What both looks told is told once.
    let told = first.notes.into_iter().filter(|note| !summary.notes.contains(note)).collect::<Vec<_>>();
    summary.notes.splice(0..0, told);
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    for (name, count) in
        [("links", looked.addresses), ("links_opened", looked.opened), ("links_failing", looked.failing)]
    {
        summary.counts.insert(name.to_owned(), number(count));
    }
    let links =
        |count: usize| if count == 1 { "1 link was".to_owned() } else { format!("{count} links were") };
    if looked.left > 0 {
        let left = links(looked.left);
        summary.notes.push(format!("{left} left for the next look, as the hosts are silent, busy or slow"));
    }
    if looked.beyond > 0 {
        let (beyond, most) = (links(looked.beyond), MOST_OF_SUBMISSION);
        summary.notes.push(format!("{beyond} not opened: of one questionnaire no more than {most} are"));
    }
    if looked.offline {
        let note = "no server could be reached, so nothing was recorded of links (is this machine online?)";
        summary.notes.push(note.to_owned());
    }
    Ok(summary)
}

/// Of the submissions of the wave in the order in which they came, those that wait for their senders: returned, followed by
/// no accepted one of the same economy, and still in their source or all that there is of it. Where the answers of several
/// respondents count, each waits by itself: what another one sent takes the place of nothing.
pub fn waiting(
    context: &Context,
    store: &Store,
    submissions: &[SubmissionState],
) -> Result<Vec<SubmissionId>, StoreError> {
    let choice = &context.config.respondents;
    let mut by_respondent: BTreeMap<EconomyCode, BTreeMap<SubmissionId, u32>> = BTreeMap::new();
    if choice.rule.merges() {
        let returned = submissions.iter().filter(|row| row.state == State::Returned);
        for economy in returned.filter_map(|row| row.economy.as_ref()) {
            if !by_respondent.contains_key(economy) {
                let all = store.identified(context.framework.wave, economy, &choice.offices)?;
                let numbers = all.into_iter().map(|found| (found.row.id, found.respondent.number)).collect();
                by_respondent.insert(economy.clone(), numbers);
            }
        }
    }
    let respondent = |row: &SubmissionState| {
        row.economy.as_ref().and_then(|economy| by_respondent.get(economy)?.get(&row.id)).copied()
    };
    Ok(unanswered(submissions, respondent))
}

/// Of submissions in the order in which they came, those that were returned and that no accepted one of the same economy and
/// respondent follows.
fn unanswered(
    submissions: &[SubmissionState],
    respondent: impl Fn(&SubmissionState) -> Option<u32>,
) -> Vec<SubmissionId> {
    let mut accepted: BTreeMap<(&EconomyCode, Option<u32>), usize> = BTreeMap::new();
    let mut returned = Vec::new();
    for (position, row) in submissions.iter().enumerate() {
        match row.state {
            State::Returned if row.present || row.latest => returned.push((position, row)),
            State::Accepted => {
                accepted.extend(row.economy.iter().map(|economy| ((economy, respondent(row)), position)));
            }
            _ => {}
        }
    }
    returned.retain(|(position, row)| {
        let later = row.economy.as_ref().and_then(|economy| accepted.get(&(economy, respondent(row))));
        later.is_none_or(|later| later < position)
    });
    returned.into_iter().map(|(_, row)| row.id).collect()
}

/// Adds to the trail of a submission that it came and what its validation found.
fn note_steps(
    store: &mut Store,
    row: &SubmissionRow,
    validation: &Validation,
    now: &str,
) -> Result<(), StoreError> {
    let step = |state: &str, by: &str, reason: String, at: &str| Step {
        wave: validation.wave,
        economy: validation.economy.clone(),
        content: row.content.clone(),
        state: state.to_owned(),
        by: by.to_owned(),
        reason,
        at: at.to_owned(),
    };
    store.add_step(&step(State::Received.as_str(), "ingest", row.name.clone(), &row.received_at))?;
    let mut rules: Vec<&str> =
        validation.findings.iter().filter(|finding| finding.blocks()).map(Finding::rule).collect();
    rules.sort_unstable();
    rules.dedup();
    store.add_step(&step(validation.state.as_str(), "validate", rules.join(", "), now))
}

/// Where the same economy stands again in the same file, for each submission it concerns. Only files with
/// several submissions, of which at least one is not up to date, have to be looked at again.
fn doubled(
    store: &Store,
    wave: Wave,
    keys: &Keys<'_>,
    economies: &Economies,
) -> Result<BTreeMap<SubmissionId, String>, StoreError> {
    let submissions = store.submissions_of_shared_files(wave)?;
    let mut files: BTreeMap<&str, Vec<&SubmissionRow>> = BTreeMap::new();
    for row in &submissions {
        files.entry(&row.sha256).or_default().push(row);
    }
    let mut all = BTreeMap::new();
    for rows in files.values().filter(|rows| !may_stand_again(rows.iter().map(|row| row.layout))) {
        let mut fresh = true;
        for row in rows {
            fresh = fresh && is_current(store, keys, row, None)?;
        }
        if fresh {
            continue;
        }
        let headers: Result<Vec<_>, StoreError> =
            rows.iter().map(|row| Ok((row.id, store.header(row.id)?))).collect();
        all.extend(places(headers?.into_iter(), economies, wave));
    }
    Ok(all)
}

/// Whether a submission that was accepted is returned now by nobody's decision: its sender did nothing.
fn is_reversed(row: &SubmissionRow, validation: &Validation) -> bool {
    let by_reviewer = |finding: &Finding| matches!(finding.problem, Problem::ReviewerReturned { .. });
    row.state == State::Accepted
        && validation.state == State::Returned
        && !validation.findings.iter().any(by_reviewer)
}

/// By what a file is judged beside its content.
const BASIS: &str = "program, framework, tables, links or earlier answers";

/// Says that files are judged otherwise than before.
fn told_of(reversed: &[String]) -> Option<String> {
    match reversed {
        [] => None,
        [name] => Some(format!(
            "{name:?} was accepted before and is returned now, although it is the same: what it is judged by changed ({BASIS})"
        )),
        [first, ..] => Some(format!(
            "{} submissions that were accepted before are returned now, although they are the same: what they are judged by changed ({BASIS}); the first is in {first:?}",
            reversed.len()
        )),
    }
}

/// Says that submissions were corrected to be of another economy.
fn told_of_corrected(withdrawn: usize) -> Option<String> {
    let those = match withdrawn {
        0 => return None,
        1 => "a submission was corrected to be of another economy".to_owned(),
        count => format!("{count} submissions were corrected to be of other economies"),
    };
    Some(format!("{those}; what was said of the economy before counts no more"))
}

fn log(row: &SubmissionRow, validation: &Validation) {
    let economy = validation.economy.as_ref().map_or("unknown", EconomyCode::as_str);
    let count = |severity| {
        let open = validation.findings.iter().filter(|finding| !finding.standing.accepted);
        open.filter(|finding| finding.severity == severity).count()
    };
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if validation.state == State::Returned {
        tracing::warn!(submission = row.id.number(), file = row.name, economy, errors, warnings, "returned");
    } else {
        tracing::info!(submission = row.id.number(), file = row.name, economy, warnings, "accepted");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_judged_otherwise_are_named_or_counted() {
        let names = ["KEN.xlsx", "PER.xlsx"].map(str::to_owned);
        assert_eq!(told_of(&[]), None);
        let one = told_of(&names[..1]).unwrap();
        assert!(one.starts_with("\"KEN.xlsx\" was accepted before") && one.contains(BASIS), "{one}");
        let two = told_of(&names).unwrap();
        assert!(two.starts_with("2 submissions that were accepted before are returned now"), "{two}");
        assert!(two.ends_with("the first is in \"KEN.xlsx\"") && two.contains(BASIS), "{two}");
    }
}
