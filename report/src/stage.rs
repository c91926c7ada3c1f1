//! The run of the stage: every workbook whose content changed, or whose file is gone or was altered.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use maturity::answer::AnswerRecord;
use maturity::backing::evidence_shares;
use maturity::comparator::ComparatorSet;
use maturity::economy::{Economy, EconomyCode};
use maturity::finding::{Finding, Severity};
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::standing::Standing;
use maturity::submission::State;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::hash::{Fingerprint, sha256};
use pipeline::logging::TRACES;
use pipeline::{Context, Progress, Stopped, Summary, comparators, durable};
use rayon::prelude::*;
use store::{Store, StoreError, SubmissionId, SubmissionRow};

use crate::ReportError;
use crate::comparison::{Beside, Comparators};
use crate::country::{self, CountryReport, Provenance, PublishedScore, ReviewBasis, Vintage};
use crate::decided::Approved;
use crate::feedback;
use crate::global::{self, Entry, FindingCounts, GlobalReport, Source};
use crate::keys::Key;
use crate::wording::Words;

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

/// One country report to make, with everything that it shows.
struct Work<'a> {
    economy: &'a Economy,
    scores: &'a EconomyScores,
    answers: BTreeMap<Id, AnswerRecord>,
    findings: Vec<Finding>,
    history: Vec<PublishedScore>,
    beside: Option<Beside<'a>>,
    uncertainty: &'a [ScoreUncertainty],
    standing: Option<&'a Standing>,
    review: ReviewBasis,
    provenance: Provenance,
}

/// What is known of all economies beside their scores.
struct Known {
    comparators: Option<Comparators>,
    uncertainty: BTreeMap<EconomyCode, Vec<ScoreUncertainty>>,
    standings: BTreeMap<EconomyCode, Standing>,
    approved: Approved,
}

/// Which workbooks are up to date.
struct Finished {
    /// Key and hash of the file by unit, as recorded: `key hash`.
    recorded: BTreeMap<String, String>,
    folder: PathBuf,
}

impl Finished {
    /// Whether the workbook was made from `key` and its file is as it was written.
    fn is_current(&self, unit: &str, key: &str) -> bool {
        let Some((known, hash)) = self.recorded.get(unit).and_then(|recorded| recorded.split_once(' '))
        else {
            return false;
        };
        known == key && fs::read(self.path(unit)).is_ok_and(|bytes| sha256(&bytes) == hash)
    }

    fn path(&self, unit: &str) -> PathBuf {
        path(&self.folder, unit)
    }
}

/// Where the workbook of a unit goes.
fn path(folder: &Path, unit: &str) -> PathBuf {
    folder.join(relative(unit))
}

fn relative(unit: &str) -> String {
    if unit == GLOBAL { "global.xlsx".to_owned() } else { format!("reports/{unit}.xlsx") }
}

/// Writes the country reports and the global workbook that are not up to date.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, StageError> {
    let mut summary = Summary::of(STAGE);
    let wave = context.framework.wave;
    let scores = store.scores(wave)?;
    let submissions: BTreeMap<SubmissionId, SubmissionRow> =
        store.submissions()?.into_iter().map(|row| (row.id, row)).collect();
    let finished = Finished { recorded: store.work_keys(STAGE)?, folder: context.config.output.clone() };
    let set = comparators::shown(context, |name| store.pinned_comparators(name))?;
    let keys = Keys::of(context, store, set.as_ref())?;
    let known = Known {
        comparators: set.map(Comparators::new),
        uncertainty: store.uncertainty(wave)?,
        standings: store.standings(wave)?,
        approved: Approved::of(store, wave, &submissions)?,
    };

    progress.start(STAGE, scores.len() + 1);
    let stage = tracing::Span::current();
    for batch in scores.chunks(BATCH) {
        progress.checkpoint()?;
        let mut work = Vec::new();
        for (scores, submission) in batch {
            let (Some(economy), Some(row)) =
                (context.economies.get(&scores.economy), submissions.get(submission))
            else {
                continue;
            };
            let key = keys.country(row, &scores.economy, known.approved.content(&scores.economy));
            let wanted = context.scope.takes(&scores.economy);
            if !wanted || (!context.scope.force && finished.is_current(scores.economy.as_str(), &key)) {
                summary.unchanged += 1;
                progress.advance();
                continue;
            }
            work.push(gather(context, store, &known, (economy, scores, row), key)?);
        }
        let made: Result<Vec<_>, StageError> = work
            .par_iter()
            .map(|work| {
                let unit = work.economy.code.as_str();
                let _unit =
                    tracing::trace_span!(target: TRACES, parent: &stage, "report", economy = unit).entered();
                let hash = make_country(context, work, &finished.path(unit))?;
                progress.advance();
                Ok((unit.to_owned(), format!("{} {hash}", work.provenance.fingerprint), hash))
            })
            .collect();
        record(store, &mut summary, made?)?;
    }
    progress.checkpoint()?;
    remove_others(store, &finished, &scores)?;
    // It shows all economies: where some were left out, it would mix what is up to date with what is not.
    if context.scope.is_whole() {
        let made_of = (&finished, &keys, &known.standings);
        write_global(context, store, made_of, &scores, &submissions, &mut summary)?;
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

/// What workbooks depend on.
struct Keys {
    base: String,
    published: BTreeMap<EconomyCode, String>,
    scored: BTreeMap<String, String>,
    validated: BTreeMap<String, String>,
}

impl Keys {
    fn of(context: &Context, store: &Store, set: Option<&ComparatorSet>) -> Result<Self, StageError> {
        let base = Fingerprint::new()
            .with(env!("CARGO_PKG_VERSION"))
            .with(&context.framework.hash)
            .with(&context.economies_hash)
            .with(context.config.language.tag())
            .with(set.map(comparators::fingerprint).unwrap_or_default())
            .finish();
        let mut published: BTreeMap<EconomyCode, Fingerprint> = BTreeMap::new();
        for scores in &context.published_scores {
            published.entry(scores.economy.clone()).or_default().add(format!("{scores:?}"));
        }
        let published = published.into_iter().map(|(economy, all)| (economy, all.finish())).collect();
        Ok(Self {
            base,
            published,
            scored: store.work_keys("score")?,
            validated: store.work_keys("validate")?,
        })
    }

    /// The key of a country report: also its fingerprint.
    fn country(&self, row: &SubmissionRow, economy: &EconomyCode, approved: &str) -> String {
        let known = |keys: &BTreeMap<String, String>, unit: &str| keys.get(unit).cloned().unwrap_or_default();
        Fingerprint::new()
            .with(&self.base)
            .with(self.published.get(economy).map_or("", String::as_str))
            .with(known(&self.scored, economy.as_str()))
            .with(known(&self.validated, &row.id.to_string()))
            .with(&row.sha256)
            .with(&row.name)
            .with(approved)
            .finish()
    }
}

fn gather<'a>(
    context: &'a Context,
    store: &Store,
    known: &'a Known,
    (economy, scores, row): (&'a Economy, &'a EconomyScores, &SubmissionRow),
    key: String,
) -> Result<Work<'a>, StageError> {
    let wave = context.framework.wave;
    let answers = store.answers_in_force(wave, &economy.code)?;
    let answers: BTreeMap<Id, AnswerRecord> =
        answers.into_iter().map(|(record, _)| (record.question.clone(), record)).collect();
    Ok(Work {
        review: known.approved.basis(store, wave, &economy.code, (row, &answers))?,
        economy,
        scores,
        answers,
        findings: store.findings(row.id)?,
        history: history(context, &economy.code),
        beside: known.comparators.as_ref().map(|comparators| comparators.of(&economy.code)),
        uncertainty: known.uncertainty.get(&economy.code).map_or(&[], Vec::as_slice),
        standing: known.standings.get(&economy.code),
        provenance: Provenance {
            submission_name: row.name.clone(),
            submission_sha256: row.sha256.clone(),
            layout: row.layout,
            tool_version: env!("CARGO_PKG_VERSION").to_owned(),
            fingerprint: key,
            vintages: store
                .external_stamps(context.framework.wave, &economy.code)?
                .into_iter()
                .map(|stamp| Vintage {
                    index: stamp.index,
                    edition: stamp.edition,
                    value: stamp.value,
                    source: stamp.source.unwrap_or_default(),
                    licence: stamp.licence.unwrap_or_default(),
                })
                .collect(),
        },
    })
}

/// The scores that were published for other waves.
fn history(context: &Context, economy: &EconomyCode) -> Vec<PublishedScore> {
    let framework = &context.framework;
    let others = context
        .published_scores
        .iter()
        .filter(|published| published.economy == *economy && published.wave != framework.wave);
    others
        .map(|published| PublishedScore {
            wave: published.wave,
            score: published
                .scores
                .iter()
                .find(|(id, _)| *id == framework.composite.id)
                .map(|(_, score)| *score),
            subindexes: published
                .scores
                .iter()
                .filter(|(id, _)| framework.subindex(id).is_some())
                .cloned()
                .collect(),
            group: Some(published.group.clone()).filter(|group| !group.is_empty()),
        })
        .collect()
}

/// Makes and writes a country report; gives its hash.
fn make_country(context: &Context, work: &Work<'_>, path: &Path) -> Result<String, StageError> {
    let backed = evidence_shares(&context.framework, work.scores, &work.answers);
    let shares = country::shares_of_score(&context.framework, work.scores);
    let report = CountryReport {
        framework: &context.framework,
        economy: work.economy,
        scores: work.scores,
        answers: &work.answers,
        findings: &work.findings,
        history: &work.history,
        beside: work.beside.clone(),
        uncertainty: work.uncertainty,
        standing: work.standing,
        backed: &backed,
        shares: &shares,
        review: &work.review,
        provenance: &work.provenance,
    };
    let bytes = country::write(&report, &context.config.language)
        .map_err(|source| StageError::Report { unit: work.economy.code.to_string(), source })?;
    durable::write(path, &bytes)?;
    Ok(sha256(&bytes))
}

/// Removes reports of economies that have no scores any more.
fn remove_others(
    store: &mut Store,
    finished: &Finished,
    scores: &[(EconomyScores, SubmissionId)],
) -> Result<(), StageError> {
    let wanted: BTreeSet<&str> = scores.iter().map(|(scores, _)| scores.economy.as_str()).collect();
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

fn write_global(
    context: &Context,
    store: &mut Store,
    (finished, keys, standings): (&Finished, &Keys, &BTreeMap<EconomyCode, Standing>),
    scores: &[(EconomyScores, SubmissionId)],
    submissions: &BTreeMap<SubmissionId, SubmissionRow>,
    summary: &mut Summary,
) -> Result<(), StageError> {
    let mut latest: BTreeMap<&EconomyCode, &SubmissionRow> = BTreeMap::new();
    for row in submissions.values() {
        if let Some(economy) = &row.economy {
            latest.insert(economy, row);
        }
    }
    let mut fingerprint = Fingerprint::new().with(&keys.base);
    for economy in context.economies.iter() {
        let code = &economy.code;
        fingerprint.add(code.as_str());
        fingerprint.add(keys.published.get(code).map_or("", String::as_str));
        fingerprint.add(keys.scored.get(code.as_str()).map_or("", String::as_str));
        if let Some(row) = latest.get(code) {
            fingerprint.add(row.state.as_str());
            fingerprint.add(keys.validated.get(&row.id.to_string()).map_or("", String::as_str));
        }
    }
    let sources = sources(context, store)?;
    fingerprint.add(format!("{sources:?}"));
    let key = fingerprint.finish();
    if !context.scope.force && finished.is_current(GLOBAL, &key) {
        summary.unchanged += 1;
        return Ok(());
    }
    let by_economy: BTreeMap<&EconomyCode, &EconomyScores> =
        scores.iter().map(|(scores, _)| (&scores.economy, scores)).collect();
    let mut entries = Vec::new();
    for economy in context.economies.iter() {
        let row = latest.get(&economy.code);
        entries.push(Entry {
            economy,
            scores: by_economy.get(&economy.code).copied(),
            state: row.map(|row| row.state),
            findings: row.map(|row| counts(store, row)).transpose()?.unwrap_or_default(),
        });
    }
    let mut published: BTreeMap<EconomyCode, Vec<PublishedScore>> = BTreeMap::new();
    for economy in context.economies.iter() {
        published.insert(economy.code.clone(), history(context, &economy.code));
    }
    let report = GlobalReport {
        framework: &context.framework,
        economies: &entries,
        published: &published,
        standings,
        sources: &sources,
        tool_version: env!("CARGO_PKG_VERSION"),
        fingerprint: &key,
    };
    let bytes = global::write(&report, &context.config.language)
        .map_err(|source| StageError::Report { unit: GLOBAL.to_owned(), source })?;
    durable::write(&finished.path(GLOBAL), &bytes)?;
    let hash = sha256(&bytes);
    record(store, summary, vec![(GLOBAL.to_owned(), format!("{key} {hash}"), hash)])
}

/// Where figures of other organisations come from: the external indices, then the published scores.
fn sources(context: &Context, store: &Store) -> Result<Vec<Source>, StageError> {
    let language = &context.config.language;
    let title = |index: &str| {
        let known = context.framework.external_indices.iter().find(|known| known.id == index);
        known.map_or_else(|| index.to_owned(), |known| format!("{} ({index})", known.title.get(language)))
    };
    let external = context.external_indices.uses().filter_map(|used| {
        let edition = used.edition.as_ref()?;
        Some(Source {
            what: title(&used.index),
            edition: edition.year.to_string(),
            source: edition.source.clone().unwrap_or_default(),
            licence: edition.licence.clone().unwrap_or_default(),
            address: edition.file.clone(),
        })
    });
    let mut all: Vec<Source> = external.collect();
    let words = Words { language };
    for imported in store.import_sources()? {
        all.push(Source {
            what: words.fill(Key::SourceScores, &[("wave", &imported.wave.to_string())]),
            edition: imported.edition.unwrap_or_default(),
            source: imported.source.unwrap_or_default(),
            licence: imported.licence.unwrap_or_default(),
            address: imported.address.unwrap_or_default(),
        });
    }
    Ok(all)
}

fn counts(store: &Store, row: &SubmissionRow) -> Result<FindingCounts, StageError> {
    if row.state == State::Received {
        return Ok(FindingCounts::default());
    }
    let findings = store.findings(row.id)?;
    let count = |severity| {
        let open = findings.iter().filter(|finding| !finding.standing.accepted);
        let count = open.filter(|finding| finding.severity == severity).count();
        u32::try_from(count).unwrap_or(u32::MAX)
    };
    Ok(FindingCounts {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        infos: count(Severity::Info),
    })
}
