//! The run of the stage: every workbook whose content changed, or whose file is gone or was altered.

mod current;
mod economy;
mod wave;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::PathBuf;

use pipeline::logging::TRACES;
use pipeline::{Context, Progress, Stopped, Summary, comparators, durable};
use rayon::prelude::*;
use store::{Scored, Store, StoreError, SubmissionId, SubmissionRow};

pub use self::current::recorded_hashes;
use self::current::{Finished, Keys, relative};
use self::economy::Published;
use crate::ReportError;
use crate::comparison::Comparators;
use crate::country;
use crate::decided::Approved;
use crate::feedback;

/// The name under which finished workbooks are recorded.
const STAGE: &str = "report";

/// The unit of the global workbook; the others are economies.
const GLOBAL: &str = "global";

/// Reports are made in batches of this size, so that memory does not grow with their number.
const BATCH: usize = 32;

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The store failed.
    #[error("failed to read what is reported")]
    Store(#[from] StoreError),
    /// Whoever watches asked to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A workbook cannot be made.
    #[error("failed to make {unit}.xlsx")]
    Report {
        /// The economy, or `global`.
        unit: String,
        /// Why.
        source: ReportError,
    },
    /// A workbook cannot be written.
    #[error("failed to write a workbook")]
    Write(#[from] durable::WriteError),
    /// A marked return cannot be made.
    #[error("failed to make the return of {unit}")]
    Return {
        /// The economy.
        unit: String,
        /// Why.
        source: questionnaire::WriteError,
    },
    /// A report that no longer holds cannot be removed.
    #[error("failed to remove {path:?}")]
    Remove {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// What is known of all economies beside their scores.
struct Known<'a> {
    comparators: Option<Comparators>,
    published: Published<'a>,
    approved: Approved,
}

/// Writes the country reports and the global workbook that are not up to date. What is, is told from keys: the scores
/// of an economy are read when its report is made, and only those of one batch are in memory.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, StageError> {
    let mut summary = Summary::of(STAGE);
    let wave = context.framework.wave;
    let scored = store.scored(wave)?;
    let submissions: BTreeMap<SubmissionId, SubmissionRow> =
        store.submissions()?.into_iter().map(|row| (row.id, row)).collect();
    let finished = Finished { recorded: store.work_keys(STAGE)?, folder: context.config.output.clone() };
    let set = comparators::shown(context, |name| store.pinned_comparators(name))?;
    let keys = Keys::of(context, store, set.as_ref())?;
    let known = Known {
        comparators: set.map(Comparators::new),
        published: Published::of(context),
        approved: Approved::of(store, wave, &submissions)?,
    };

    progress.start(STAGE, scored.len() + 1);
    let stage = tracing::Span::current();
    let mut open = Vec::new();
    for scored in &scored {
        let (Some(economy), Some(row)) =
            (context.economies.get(&scored.economy), submissions.get(&scored.submission))
        else {
            continue;
        };
        let key = keys.country(row, &scored.economy, known.approved.content(&scored.economy));
        let wanted = context.scope.takes(&scored.economy);
        if !wanted || (!context.scope.force && finished.is_current(scored.economy.as_str(), &key)) {
            summary.unchanged += 1;
            progress.advance();
        } else {
            open.push((economy, scored, row, key));
        }
    }
    let reports = country::Writer::new(&context.framework, &context.config.language);
    for batch in open.chunks(BATCH) {
        progress.checkpoint()?;
        let mut work = Vec::new();
        for (economy, scored, row, key) in batch {
            work.push(economy::gather(context, store, &known, (economy, scored, row), key)?);
        }
        let made: Result<Vec<_>, StageError> = work
            .par_iter()
            .map(|work| {
                let unit = work.economy.code.as_str();
                let _unit =
                    tracing::trace_span!(target: TRACES, parent: &stage, "report", economy = unit).entered();
                let hash = economy::make((context, &reports), work, &finished.path(unit))?;
                progress.advance();
                Ok((unit.to_owned(), format!("{} {hash}", work.provenance.fingerprint), hash))
            })
            .collect();
        record(store, &mut summary, made?)?;
    }
    progress.checkpoint()?;
    remove_others(store, &finished, &scored)?;
    // It shows all economies: where some were left out, it would mix what is up to date with what is not.
    if context.scope.is_whole() {
        let made_of = (&finished, &keys, &known.published);
        wave::write(context, store, made_of, &scored, &submissions, &mut summary)?;
    }
    feedback::run(context, store, progress, &mut summary)?;
    progress.finish();
    Ok(summary)
}

/// Notes workbooks as done, after their files are on the disk.
fn record(
    store: &mut Store,
    summary: &mut Summary,
    made: Vec<(String, String, String)>,
) -> Result<(), StageError> {
    let units: Vec<(String, String)> =
        made.iter().map(|(unit, recorded, _)| (unit.clone(), recorded.clone())).collect();
    store.record_work(STAGE, &units)?;
    for (unit, _, hash) in made {
        tracing::info!(workbook = relative(&unit), "written");
        summary.done += 1;
        summary.written.insert(relative(&unit), hash);
    }
    Ok(())
}

/// Removes reports of economies that have no scores any more.
fn remove_others(store: &mut Store, finished: &Finished, scored: &[Scored]) -> Result<(), StageError> {
    let wanted: BTreeSet<&str> = scored.iter().map(|scored| scored.economy.as_str()).collect();
    let mut gone = Vec::new();
    for unit in finished.recorded.keys().filter(|unit| *unit != GLOBAL && !wanted.contains(unit.as_str())) {
        let path = finished.path(unit);
        match fs::remove_file(&path) {
            Err(source) if source.kind() != io::ErrorKind::NotFound => {
                return Err(StageError::Remove { path, source });
            }
            _ => gone.push(unit.clone()),
        }
    }
    Ok(store.forget_work(STAGE, &gone)?)
}
