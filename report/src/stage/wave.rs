//! The global workbook: what the store knows for it, and the file.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::standing::Movement;
use maturity::submission::{State, Wave};
use pipeline::hash::Fingerprint;
use pipeline::{Context, Summary, durable};
use store::{Scored, Store, SubmissionId};

use super::current::{self, Finished, Keys};
use super::economy::Published;
use super::{GLOBAL, StageError, earlier_waves, record};
use crate::ReportError;
use crate::country::PublishedScore;
use crate::global::{self, Entry, FindingCounts, Gathered, Gathering, GlobalReport, Source};
use crate::keys::Key;
use crate::recorded::Recorded;
use crate::wording::Words;

/// So many rows of the table for programs stand in the workbook: those of 1,800 economies of the index of 2022.
const MOST_TIDY_ROWS: usize = 100_000;

/// From so many economies on, the rows of all sheets with a row for each of them wait on the disk: there are fewer in the
/// world, so that only the workbooks of other units, such as municipalities, pay for it.
const MANY: usize = 500;

/// Writes the global workbook, unless it is up to date.
pub(super) fn write(
    context: &Context,
    store: &mut Store,
    (finished, keys, published): (&Finished<'_>, &Keys, &Published<'_>),
    scored: Vec<Scored>,
    summary: &mut Summary,
) -> Result<(), StageError> {
    let sources = sources(context, store)?;
    let merged = context.config.respondents.rule.merges();
    let latest = store.told_submissions(context.framework.wave, merged)?;
    let earlier = store.look(|store| earlier(context, store))?;
    let key = store.look(|store| key(context, store, (&latest, &earlier), keys, &sources))?;
    if !context.scope.force && finished.is_current(store, GLOBAL, &key)? {
        summary.unchanged += 1;
        return Ok(());
    }
    let (figures, movements) = store.look(|store| figures(context, store, &scored))?;
    drop(scored);
    let entries = store.look(|store| entries(context, store, &latest, &figures))?;
    let mut histories: BTreeMap<EconomyCode, Vec<PublishedScore>> = BTreeMap::new();
    for economy in context.economies.iter() {
        let history = published.history(&economy.code);
        if !history.is_empty() {
            histories.insert(economy.code.clone(), history);
        }
    }
    let report = GlobalReport {
        framework: &context.framework,
        economies: &entries,
        published: &histories,
        earlier: &earlier,
        movements: &movements,
        most_tidy_rows: MOST_TIDY_ROWS,
        rows_in: &context.config.output,
        long: entries.len() >= MANY,
        sources: &sources,
        tool_version: env!("CARGO_PKG_VERSION"),
        fingerprint: &key,
    };
    let path = finished.path(GLOBAL);
    let (hashes, written) =
        durable::write_with(&path, |file| global::write(&report, &context.config.language, file)).map_err(
            |source| match source {
                ReportError::Write(source) => StageError::Write(source),
                source => StageError::Report { unit: GLOBAL.to_owned(), source },
            },
        )?;
    context.known_files.was_written(&path, written, hashes.seal);
    record(store, finished, summary, vec![(GLOBAL.to_owned(), key, hashes)])
}

/// Whether the global workbook on record was made from something else than what a run would make it from now.
pub(super) fn is_outdated(
    context: &Context,
    store: &Store,
    (finished, keys): (&Finished<'_>, &Keys),
) -> Result<bool, StageError> {
    let sources = sources(context, store)?;
    let merged = context.config.respondents.rule.merges();
    let latest = store.told_submissions(context.framework.wave, merged)?;
    let earlier = earlier(context, store)?;
    let key = key(context, store, (&latest, &earlier), keys, &sources)?;
    let recorded = store.work_key(&finished.stage, GLOBAL)?;
    Ok(recorded.as_deref().and_then(Recorded::parse).is_some_and(|recorded| !recorded.is_of(&key)))
}

/// The latest submission of each economy, with its state.
type Latest = BTreeMap<EconomyCode, (SubmissionId, State)>;

/// The groups of the economies in each earlier wave that the store has scores of.
type Earlier = BTreeMap<Wave, BTreeMap<EconomyCode, Option<String>>>;

/// Those of all economies: one that has no scores in this wave has moved, too.
fn earlier(context: &Context, store: &Store) -> Result<Earlier, StageError> {
    let mut earlier = Earlier::new();
    for wave in earlier_waves(context, store)? {
        let groups = store.groups(wave)?;
        if !groups.is_empty() {
            earlier.insert(wave, groups);
        }
    }
    Ok(earlier)
}

/// The economies with what the store knows of them now.
fn entries<'a>(
    context: &'a Context,
    store: &Store,
    latest: &Latest,
    figures: &'a Gathered<'_>,
) -> Result<Vec<Entry<'a>>, StageError> {
    let mut entries = Vec::with_capacity(context.economies.len());
    for economy in context.economies.iter() {
        let latest = latest.get(&economy.code).copied();
        entries.push(Entry {
            economy,
            scores: figures.of(&economy.code),
            state: latest.map(|(_, state)| state),
            findings: latest.map(|latest| counts(store, latest)).transpose()?.unwrap_or_default(),
        });
    }
    Ok(entries)
}

/// What the workbook depends on: also its fingerprint.
fn key(
    context: &Context,
    store: &Store,
    (latest, earlier): (&Latest, &Earlier),
    keys: &Keys,
    sources: &[Source],
) -> Result<String, StageError> {
    let mut fingerprint = Fingerprint::new().with(&keys.base);
    for economy in context.economies.iter() {
        let code = &economy.code;
        fingerprint.add(code.as_str());
        fingerprint.add(keys.published(code));
        fingerprint.add(current::scored(store, context.framework.wave, code)?);
        if let Some((latest, state)) = latest.get(code) {
            fingerprint.add(state.as_str());
            fingerprint.add(current::validated(store, *latest)?);
        }
    }
    for (wave, groups) in earlier {
        fingerprint.add(wave.to_string());
        for (economy, group) in groups {
            fingerprint.add(economy.as_str());
            fingerprint.add(group.as_deref().unwrap_or_default());
        }
    }
    fingerprint.add(format!("{sources:?}"));
    Ok(fingerprint.finish())
}

/// Of each economy what the workbook shows: its figures, and how its composite moved.
type Figured<'a> = (Gathered<'a>, BTreeMap<EconomyCode, Movement>);

/// Reads one economy after the other, so that the figures alone are kept.
fn figures<'a>(context: &'a Context, store: &Store, scored: &[Scored]) -> Result<Figured<'a>, StageError> {
    let wave = context.framework.wave;
    let mut movements = BTreeMap::new();
    let mut gathering = Gathering::of(&context.framework);
    for of_economy in scored {
        let own = store.scores_without_terms_of(wave, of_economy)?;
        gathering.add(&own);
        let movement = store.standing(wave, &of_economy.economy)?.and_then(|standing| standing.movement);
        if let Some(mut movement) = movement {
            movement.moved.retain(|moved| moved.id == own.id);
            movement.moved.shrink_to_fit();
            movements.insert(of_economy.economy.clone(), movement);
        }
    }
    Ok((gathering.finish(), movements))
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

fn counts(store: &Store, (latest, state): (SubmissionId, State)) -> Result<FindingCounts, StageError> {
    if matches!(state, State::Received | State::Withdrawn) {
        return Ok(FindingCounts::default());
    }
    let open = store.open_findings(latest)?;
    Ok(FindingCounts { errors: open.errors, warnings: open.warnings, infos: open.infos })
}
