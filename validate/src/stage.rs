//! The run of the stage: every submission whose content, instrument or table of economies changed.

mod keys;

use std::collections::{BTreeMap, BTreeSet};

use maturity::economy::EconomyCode;
use maturity::finding::{Finding, Severity};
use maturity::link::LinkState;
use maturity::normalize::matching_key;
use maturity::submission::{HeaderField, Layout, Received, State};
use pipeline::logging::TRACES;
use pipeline::{Context, Progress, Silent, Stopped, Summary};
use rayon::prelude::*;
use store::{Step, Store, StoreError, SubmissionId, SubmissionRow, Validation};

use self::keys::Keys;
use crate::judge::{judge, send_back};
use crate::links::{LinkError, check_links};
use crate::submission::{Instruments, validate};

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
struct Work<'a> {
    row: &'a SubmissionRow,
    received: Received,
    doubled: Option<String>,
}

/// Validates every submission that is new or whose instrument changed.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, ValidateError> {
    let mut summary = Summary::of("validate");
    let mut submissions = store.submissions()?;
    // What was validated for another wave stays as it is: it was asked and answered under another framework.
    submissions.retain(|row| row.wave.is_none_or(|wave| wave == context.framework.wave));
    let done = store.work_keys("validate")?;
    let previous = store.previous_answers(&context.framework, &context.previous_answers)?;
    // Links that work change nothing.
    let links: BTreeMap<String, LinkState> = store
        .links()?
        .into_iter()
        .filter(|(_, link)| !link.state.outcome.works())
        .map(|(url, link)| (url, link.state))
        .collect();
    let instruments = Instruments {
        framework: &context.framework,
        economies: &context.economies,
        external_indices: &context.external_indices,
        previous: &previous,
        links: &links,
    };
    let acceptances = store.acceptances(context.framework.wave)?;
    let decisions = store.decisions(context.framework.wave)?;
    let keys = Keys::of(context, &instruments, &acceptances, &decisions);

    let doubled = doubled(store, &submissions, &done, &keys)?;
    let now = jiff::Timestamp::now()
        .round(jiff::Unit::Second)
        .unwrap_or_else(|_| jiff::Timestamp::now())
        .to_string();
    progress.start("validate", submissions.len());
    let stage = tracing::Span::current();
    for batch in submissions.chunks(BATCH) {
        progress.checkpoint()?;
        let mut work = Vec::new();
        for row in batch {
            let places = doubled.get(&row.id).cloned();
            let key = keys.of_submission(&row.content, places.as_deref(), row.economy.as_ref());
            let current = done.get(&row.id.to_string()) == Some(&key);
            // Whose submission it is, is not known before it was validated once.
            let wanted = row.economy.as_ref().is_none_or(|economy| context.scope.takes(economy));
            if !wanted || (current && !context.scope.force) {
                summary.unchanged += 1;
                progress.advance();
                continue;
            }
            work.push(Work { row, received: store.received(row)?, doubled: places });
        }
        let validations: Vec<Validation> = work
            .par_iter()
            .map(|work| {
                let (submission, file) = (work.row.id.number(), &work.row.name);
                let _unit =
                    tracing::trace_span!(target: TRACES, parent: &stage, "validate", submission, file)
                        .entered();
                let mut validation = validate(&instruments, &work.received, work.doubled.as_deref());
                judge(&mut validation, &work.received.contests, &acceptances);
                let about = validation.economy.as_ref().and_then(|economy| decisions.get(economy));
                send_back(&mut validation, &work.row.content, about.map_or(&[], Vec::as_slice));
                validation
            })
            .collect();
        // As one: what is recorded together reaches the disk once.
        store.together("record validations", |store| -> Result<(), StoreError> {
            for (work, validation) in work.iter().zip(&validations) {
                // The key is that of the economy as it is known now.
                let economy = validation.economy.as_ref();
                let key = keys.of_submission(&work.row.content, work.doubled.as_deref(), economy);
                store.record_validation(work.row.id, &key, validation)?;
                note_steps(store, work.row, validation, &now)?;
            }
            Ok(())
        })?;
        for (work, validation) in work.iter().zip(&validations) {
            log(work.row, validation);
            summary.done += 1;
            progress.advance();
        }
    }
    drop(submissions);

    let after = store.submissions()?;
    let waiting = waiting(&after);
    let count = |state: State| after.iter().filter(|row| row.state == state).count();
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    summary.counts.insert("accepted".to_owned(), number(count(State::Accepted)));
    summary.counts.insert("returned".to_owned(), number(count(State::Returned)));
    summary.attention = !waiting.is_empty();
    progress.finish();
    Ok(summary)
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
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    for (name, count) in
        [("links", looked.addresses), ("links_opened", looked.opened), ("links_failing", looked.failing)]
    {
        summary.counts.insert(name.to_owned(), number(count));
    }
    if looked.offline {
        let note = "no server could be reached, so nothing was recorded of links (is this machine online?)";
        summary.notes.push(note.to_owned());
    }
    Ok(summary)
}

/// The submissions that wait for their senders: returned, still in their source, and followed by no accepted
/// one of the same economy.
pub fn waiting(submissions: &[SubmissionRow]) -> Vec<&SubmissionRow> {
    let mut accepted: BTreeMap<&EconomyCode, SubmissionId> = BTreeMap::new();
    for row in submissions.iter().filter(|row| row.state == State::Accepted) {
        if let Some(economy) = &row.economy {
            let latest = accepted.entry(economy).or_insert(row.id);
            *latest = row.id.max(*latest);
        }
    }
    submissions
        .iter()
        .filter(|row| row.state == State::Returned && row.present)
        .filter(|row| {
            let later = row.economy.as_ref().and_then(|economy| accepted.get(economy));
            later.is_none_or(|later| *later < row.id)
        })
        .collect()
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
    submissions: &[SubmissionRow],
    done: &BTreeMap<String, String>,
    keys: &Keys,
) -> Result<BTreeMap<SubmissionId, String>, StoreError> {
    let mut files: BTreeMap<&str, Vec<&SubmissionRow>> = BTreeMap::new();
    for row in submissions {
        files.entry(&row.sha256).or_default().push(row);
    }
    let mut all = BTreeMap::new();
    // In an export of the online form an economy may stand several times: the later submission follows the earlier.
    let is_form = |rows: &[&SubmissionRow]| rows.iter().all(|row| row.layout == Layout::Form);
    for rows in files.values().filter(|rows| rows.len() > 1 && !is_form(rows)) {
        let fresh = |row: &&SubmissionRow| {
            done.get(&row.id.to_string())
                == Some(&keys.of_submission(&row.content, None, row.economy.as_ref()))
        };
        if rows.iter().all(fresh) {
            continue;
        }
        let mut named: BTreeMap<String, BTreeSet<(SubmissionId, String)>> = BTreeMap::new();
        for row in rows {
            let header = store.header(row.id)?;
            let economy = header.iter().find(|value| value.field == HeaderField::Economy);
            if let Some(economy) = economy.filter(|economy| !economy.value.is_blank()) {
                let name = matching_key(&economy.value.display());
                named.entry(name).or_default().insert((row.id, economy.place.to_string()));
            }
        }
        for places in named.values().filter(|places| places.len() > 1) {
            let text: Vec<&str> = places.iter().map(|(_, place)| place.as_str()).collect();
            all.extend(places.iter().map(|(id, _)| (*id, text.join(", "))));
        }
    }
    Ok(all)
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
