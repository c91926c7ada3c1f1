//! The run of the stage: every workbook whose content changed, or whose file is gone or was altered.

mod altered;
mod current;
mod earlier;
mod economy;
mod wave;

use std::cell::OnceCell;
use std::io;
use std::path::PathBuf;

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use pipeline::hash::{Digest, Hashes};
use pipeline::logging::TRACES;
use pipeline::{Context, Progress, Stopped, Summary, comparators, durable};
use rayon::prelude::*;
use store::{Scored, Store, StoreError};

pub use self::current::recorded_hash;
use self::current::{Finished, Keys, relative};
use self::economy::{Published, Work};
use crate::ReportError;
use crate::comparison::Comparators;
use crate::country;
use crate::decided::Approved;
use crate::feedback;
use crate::recorded::{self, Recorded};

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
    /// A report that somebody wrote into cannot be set aside.
    #[error("failed to set {path:?} aside")]
    SetAside {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A report that no longer holds cannot be removed.
    #[error(transparent)]
    Remove(#[from] durable::RemoveError),
}

/// What is known of all economies beside their scores.
struct Known<'a> {
    /// Computed when the first report is made.
    comparators: OnceCell<Option<Comparators>>,
    published: Published<'a>,
    approved: Approved,
    /// The waves before this one that the store has scores of.
    earlier: Vec<Wave>,
}

impl Known<'_> {
    /// What reports compare an economy with.
    fn comparators(&self, context: &Context, store: &Store) -> Result<Option<&Comparators>, StageError> {
        if self.comparators.get().is_none() {
            let set = comparators::shown(context, |wave, name| store.pinned_comparators(wave, name))?;
            self.comparators.get_or_init(|| set.map(|set| Comparators::new(set, &context.framework)));
        }
        Ok(self.comparators.get().and_then(Option::as_ref))
    }
}

/// Writes the country reports and the global workbook that are not up to date. What is, is told from keys, one economy
/// after the other: what a report is made of is read when its batch is made, and kept no longer.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, StageError> {
    let mut summary = Summary::of(STAGE);
    let wave = context.framework.wave;
    let scored = store.scored(wave)?;
    let finished = Finished::of(context);
    let (keys, shown) = keys(context, store)?;
    let known = Known {
        comparators: shown,
        published: Published::of(context),
        approved: Approved::of(store, wave, &context.economies)?,
        earlier: earlier_waves(context, store)?,
    };

    let of_others = earlier::note(context, store, &finished)?;
    progress.start(STAGE, scored.len() + 1);
    let reports = country::Writer::new(&context.framework, &context.config.language);
    let all = (context, &known, &keys, &finished);
    let mut set_aside = Vec::new();
    for batch in scored.chunks(BATCH) {
        let open = store.look(|store| open(all, store, progress, batch, &mut summary))?;
        set_aside.extend(make((context, &reports), store, progress, (&finished, &open), &mut summary)?);
    }
    progress.checkpoint()?;
    set_aside.extend(remove_others(context, store, &finished, &scored)?);
    summary.notes.extend(altered::note(context, &set_aside));
    // It shows all economies: where some were left out, it would mix what is up to date with what is not.
    if context.scope.is_whole() {
        wave::write(context, store, (&finished, &keys, &known.published), scored, &mut summary)?;
    }
    feedback::run(context, store, progress, &mut summary)?;
    if let Some(note) = of_others {
        earlier::was_told(context, store, &finished, env!("CARGO_PKG_VERSION"))?;
        summary.notes.insert(0, note);
    }
    progress.finish();
    Ok(summary)
}

/// What reports depend on, and what they compare economies with, as far as that had to be read for it.
fn keys(context: &Context, store: &Store) -> Result<(Keys, OnceCell<Option<Comparators>>), StoreError> {
    let shown = OnceCell::new();
    let basis = if let Some(basis) = comparators::basis(context) {
        basis
    } else {
        let set = comparators::shown(context, |wave, name| store.pinned_comparators(wave, name))?;
        let basis = set.as_ref().map(comparators::fingerprint).unwrap_or_default();
        shown.get_or_init(|| set.map(|set| Comparators::new(set, &context.framework)));
        basis
    };
    Ok((Keys::of(context, &basis, earlier_waves(context, store)?), shown))
}

/// The waves before this one that the store has scores of.
fn earlier_waves(context: &Context, store: &Store) -> Result<Vec<Wave>, StoreError> {
    let this = context.framework.wave;
    Ok(store.waves_with_states()?.into_iter().filter(|wave| *wave < this).collect())
}

/// The economies whose reports are not what a run would write now, because what they are made of changed since.
pub fn outdated(context: &Context, store: &Store) -> Result<Vec<EconomyCode>, StoreError> {
    let wave = context.framework.wave;
    let (keys, _) = keys(context, store)?;
    let finished = Finished::of(context);
    let approved = Approved::of(store, wave, &context.economies)?;
    let mut all = Vec::new();
    for scored in store.scored(wave)? {
        if context.economies.get(&scored.economy).is_none() {
            continue;
        }
        let Some(row) = store.submission(scored.submission)? else { continue };
        let key = keys.country(store, &row, &scored.economy, approved.content(&scored.economy, &row))?;
        let recorded = store.work_key(&finished.stage, scored.economy.as_str())?;
        if !recorded.as_deref().and_then(Recorded::parse).is_some_and(|recorded| recorded.is_of(&key)) {
            all.push(scored.economy);
        }
    }
    Ok(all)
}

/// Whether the global workbook shows another state than that of now: a run over some economies leaves it as it was.
pub fn is_global_outdated(context: &Context, store: &Store) -> Result<bool, StageError> {
    let (keys, _) = keys(context, store)?;
    wave::is_outdated(context, store, (&Finished::of(context), &keys))
}

/// What a report is made of, and the hash of its file where somebody wrote into that.
type Open<'a> = (Work<'a>, Option<Digest>);

/// A report that was set aside, and its new name.
type SetAside = (String, String);

/// Which reports of a batch are not up to date, each with what it is made of.
fn open<'a>(
    (context, known, keys, finished): (&'a Context, &'a Known<'a>, &Keys, &Finished<'_>),
    store: &Store,
    progress: &dyn Progress,
    batch: &[Scored],
    summary: &mut Summary,
) -> Result<Vec<Open<'a>>, StageError> {
    let mut open = Vec::new();
    for scored in batch {
        let Some(economy) = context.economies.get(&scored.economy) else { continue };
        let Some(row) = store.submission(scored.submission)? else { continue };
        let key =
            keys.country(store, &row, &scored.economy, known.approved.content(&scored.economy, &row))?;
        let is_current = !context.scope.force && finished.is_current(store, economy.code.as_str(), &key)?;
        if is_current || !context.scope.takes(&scored.economy) {
            summary.unchanged += 1;
            progress.advance();
        } else {
            let altered = finished.altered(store, economy.code.as_str())?;
            open.push((economy::gather(context, store, known, (economy, scored, &row), key)?, altered));
        }
    }
    Ok(open)
}

/// Makes the reports of a batch, beside each other, and notes them as done.
fn make(
    (context, reports): (&Context, &country::Writer<'_>),
    store: &mut Store,
    progress: &dyn Progress,
    (finished, batch): (&Finished<'_>, &[Open<'_>]),
    summary: &mut Summary,
) -> Result<Vec<SetAside>, StageError> {
    if batch.is_empty() {
        return Ok(Vec::new());
    }
    progress.checkpoint()?;
    let stage = tracing::Span::current();
    let made: Result<Vec<(Vec<u8>, Hashes)>, StageError> = batch
        .par_iter()
        .map(|(work, _)| {
            let unit = work.economy.code.as_str();
            let _unit =
                tracing::trace_span!(target: TRACES, parent: &stage, "report", economy = unit).entered();
            let bytes = economy::make((context, reports), work)?;
            let hashes = Hashes::of(&bytes);
            Ok((bytes, hashes))
        })
        .collect();
    let made = made?;
    // Before any of them is written: a run that breaks off before it has noted them as done leaves none that looks as if
    // somebody had written into it.
    let begun =
        batch.iter().zip(&made).map(|((work, _), (_, hashes))| (work.economy.code.as_str(), hashes.sha256));
    finished.begin(store, begun)?;
    let made: Result<Vec<_>, StageError> = batch
        .par_iter()
        .zip(made)
        .map(|((work, altered), (bytes, hashes))| {
            let unit = work.economy.code.as_str();
            let path = finished.path(unit);
            // A run that broke off may have written what this one writes.
            let altered = altered.filter(|found| *found != hashes.sha256);
            let aside = altered.map(|found| altered::set_aside(context, unit, (&path, found))).transpose()?;
            let written = durable::write_looked_at(&path, &bytes)?;
            context.known_files.was_written(&path, written, hashes.seal);
            progress.advance();
            let aside = aside.map(|name| (relative(unit), name));
            Ok(((unit.to_owned(), work.provenance.fingerprint.clone(), hashes), aside))
        })
        .collect();
    let (made, aside): (Vec<_>, Vec<_>) = made?.into_iter().unzip();
    record(store, finished, summary, made)?;
    Ok(aside.into_iter().flatten().collect())
}

/// Notes workbooks as done, each with the key it was made from, after their files are on the disk.
fn record(
    store: &mut Store,
    finished: &Finished<'_>,
    summary: &mut Summary,
    made: Vec<(String, String, Hashes)>,
) -> Result<(), StageError> {
    let units: Vec<(String, String)> =
        made.iter().map(|(unit, key, hashes)| (unit.clone(), recorded::record(key, *hashes))).collect();
    finished.end(store, &units)?;
    for (unit, _, hashes) in made {
        tracing::info!(workbook = relative(&unit), "written");
        summary.done += 1;
        summary.written.insert(relative(&unit), hashes.sha256);
    }
    Ok(())
}

/// Removes reports of economies that have no scores any more; `scored` is in the order of the economies. What somebody wrote
/// into is set aside.
fn remove_others(
    context: &Context,
    store: &mut Store,
    finished: &Finished<'_>,
    scored: &[Scored],
) -> Result<Vec<SetAside>, StageError> {
    let is_wanted = |unit: &str| scored.binary_search_by(|known| known.economy.as_str().cmp(unit)).is_ok();
    let gone = store.work_units(&finished.stage, |unit| unit != GLOBAL && !is_wanted(unit))?;
    let mut aside = Vec::new();
    for unit in &gone {
        let path = finished.path(unit);
        if let Some(found) = finished.altered(store, unit)? {
            aside.push((relative(unit), altered::set_aside(context, unit, (&path, found))?));
        } else {
            durable::remove(&path)?;
        }
    }
    store.forget_work(&finished.stage, &gone)?;
    Ok(aside)
}
