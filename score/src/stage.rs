//! The run of the stage: every economy whose submission in force, external indices or framework changed.

mod keys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use maturity::answer::{Answer, AnswerRecord};
use maturity::economy::EconomyCode;
use maturity::finding::Finding;
use maturity::id::Id;
use maturity::language::Language;
use maturity::review::Acceptance;
use maturity::score::EconomyScores;
use maturity::standing::Standing;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::logging::TRACES;
use pipeline::tables::ExternalUse;
use pipeline::{Context, Progress, Stopped, Summary};
use rayon::prelude::*;
use store::{ExternalStamp, Store, StoreError, SubmissionId};
use tracing::Span;
use tracing::span::EnteredSpan;

use self::keys::Keys;
use crate::again::{self, Counting};
use crate::bounds::Backing;
use crate::compute::score;
use crate::earlier::Earlier;
use crate::import::import;
use crate::normalize::{Gathering, Population};
use crate::overrides::{self, Decisions, Noted};
use crate::raise::{Conditions, outlook};
use crate::respondents::{Deciding, InForce};
use crate::uncertainty::{Replications, Scratch};

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum ScoreError {
    /// The store failed.
    #[error("failed to store scores")]
    Store(#[from] StoreError),
    /// Whoever watches asked to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
}

/// Economies whose answers and scores are in memory at the same time.
const TOGETHER: usize = 64;

/// An economy that is to be scored under a key.
type Open<'a> = (InForce, &'a EconomyCode, String);

/// What the scores of all economies are computed with.
struct Scoring<'a> {
    context: &'a Context,
    population: &'a Population,
    decisions: &'a Decisions,
    acceptances: &'a BTreeMap<EconomyCode, Vec<Acceptance>>,
    conditions: Conditions<'a>,
    /// Drawn for the first economy that is to be scored.
    replications: OnceLock<Replications<'a>>,
    /// Memory that no thread uses at the moment.
    scratches: Mutex<Vec<Scratch>>,
}

/// Takes over published scores where their table changed, scores every economy that has an accepted submission and
/// changed since it was scored last, and computes how certain the scores are.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, ScoreError> {
    let mut summary = Summary::of("score");
    if import(context, store)? {
        let imported = u64::try_from(context.published_scores.len()).unwrap_or(u64::MAX);
        summary.counts.insert("imported".to_owned(), imported);
    }
    let wave = context.framework.wave;
    let deciding = Deciding::of(context, store)?;
    let decisions = store.decisions(wave, &context.economies)?;
    let acceptances = store.acceptances(wave, &context.economies)?;
    let population = population_of(context, store, &deciding)?;
    let keys = Keys::of(context, &population, &decisions);
    let mut earlier = Earlier::before(store, wave)?;
    let scoring = Scoring {
        context,
        population: &population,
        decisions: &decisions,
        acceptances: &acceptances,
        conditions: Conditions::of(&context.framework),
        replications: OnceLock::new(),
        scratches: Mutex::default(),
    };
    progress.start("score", deciding.economies().len());
    for economies in deciding.economies().chunks(TOGETHER) {
        let mut recognised = Vec::new();
        let open = store.look(|store| -> Result<Vec<Open<'_>>, StoreError> {
            let mut open = Vec::new();
            for economy in economies {
                let Some((decided, new)) = deciding.decide(store, economy)? else { continue };
                recognised.extend(new);
                let key = keys.of_economy(store, &mut earlier, (&decided, economy))?;
                let is_current = store.score_key(wave, economy)?.as_ref() == Some(&key);
                if !context.scope.takes(economy) || (is_current && !context.scope.force) {
                    summary.unchanged += 1;
                    progress.advance();
                } else {
                    open.push((decided, economy, key));
                }
            }
            Ok(open)
        })?;
        store.record_respondents(&recognised)?;
        scoring.score((store, progress), &mut earlier, &open, &mut summary)?;
    }
    for economy in store.scored_economies(wave)?.into_iter().filter(|economy| context.scope.takes(economy)) {
        if deciding.economies().binary_search(&economy).is_err() {
            tracing::warn!(
                economy = economy.as_str(),
                "no accepted submission any more; its scores are removed"
            );
            store.together("remove scores", |store| {
                store.record_inputs(wave, &economy, &[], &[])?;
                store.record_overrides(wave, &economy, &BTreeMap::new())?;
                store.remove_scores(wave, &economy)
            })?;
            summary.done += 1;
        }
    }
    let scored = u64::try_from(deciding.economies().len()).unwrap_or(u64::MAX);
    summary.counts.insert("economies".to_owned(), scored);
    let without = context.external_indices.uses().filter(|used| used.values == 0);
    summary.notes.extend(without.map(|used| {
        format!(
            "no economy has a value of the external index {} (gtmi external tells what is at hand)",
            used.index
        )
    }));
    summary.notes.extend(earlier.notes());
    summary.notes.extend(overrides::about_nobody(&context.economies, &decisions, &acceptances));
    progress.finish();
    Ok(summary)
}

impl Scoring<'_> {
    fn scratches(&self) -> MutexGuard<'_, Vec<Scratch>> {
        self.scratches.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Scores some economies, beside each other, and records them as one.
    fn score(
        &self,
        (store, progress): (&mut Store, &dyn Progress),
        earlier: &mut Earlier,
        open: &[Open<'_>],
        summary: &mut Summary,
    ) -> Result<(), ScoreError> {
        if open.is_empty() {
            return Ok(());
        }
        progress.checkpoint()?;
        let Self { context, population, decisions, conditions, .. } = self;
        let framework = &context.framework;
        let wave = framework.wave;
        let replications = self.replications.get_or_init(|| Replications::new(framework, population));
        let stage = Span::current();
        let mut work = Vec::new();
        for (decided, economy, key) in open {
            let mut records = records(store, decided)?;
            let submitted = if decisions.contains_key(economy) { records.clone() } else { BTreeMap::new() };
            let noted = overrides::apply(framework, decisions, economy, &mut records);
            let told = self.told(store, (decided, economy), &noted, (&submitted, &records))?;
            let rescore = |answers: &BTreeMap<Id, Answer>| {
                let external = |index: &str| context.external_indices.value(index, economy);
                score(framework, population, economy, decided.row.collected, answers, &external)
            };
            let scores = rescore(&answers(&records));
            work.push((
                scores,
                records,
                earlier.state(store, economy)?,
                rescore,
                (noted, told),
                decided,
                key,
            ));
        }
        let earlier = &*earlier;
        let computed: Vec<(Vec<ScoreUncertainty>, Standing)> = work
            .par_chunks(Replications::TOGETHER)
            .map(|some| {
                let mut scratch = self.scratches().pop().unwrap_or_default();
                let backed: Vec<BTreeSet<Id>> = some.iter().map(|(_, records, ..)| backed(records)).collect();
                let backing: Vec<Backing<'_>> =
                    backed.iter().map(|backed| Backing::new(framework, backed)).collect();
                let economies: Vec<_> =
                    some.iter().zip(&backing).map(|((scores, ..), backing)| (scores, backing)).collect();
                let uncertainty = replications.of_economies(&economies, &mut scratch);
                self.scratches().push(scratch);
                let standings = some.iter().map(|(scores, records, before, rescore, _, decided, _)| {
                    let _unit = unit(&stage, &scores.economy, decided.row.id);
                    let movement =
                        before.as_ref().and_then(|before| earlier.movement(framework, before, scores));
                    Standing { outlook: outlook((framework, conditions), scores, records, rescore), movement }
                });
                uncertainty.into_iter().zip(standings).collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect();
        // As one: what is recorded together reaches the disk once.
        store.together("record scores", |store| -> Result<(), StoreError> {
            for ((scores, .., (noted, told), decided, key), (uncertainty, standing)) in
                work.iter().zip(&computed)
            {
                let economy = &scores.economy;
                store.record_inputs(wave, economy, &stamps(context, economy), &decided.origins)?;
                store.record_score_findings(decided.row.id, &told.findings, &told.settled)?;
                store.record_overrides(wave, economy, &noted.applied)?;
                store.record_uncertainty(wave, economy, uncertainty)?;
                store.record_standing(wave, economy, standing)?;
                store.record_scores(scores, decided.row.id, key)?;
            }
            Ok(())
        })?;
        for (scores, .., decided, _) in &work {
            log(scores, decided.row.id);
            summary.done += 1;
            progress.advance();
        }
        Ok(())
    }
}

impl Scoring<'_> {
    /// What is to be told of the answers that count, beside what the validation of the submission found.
    fn told(
        &self,
        store: &Store,
        (decided, economy): (&InForce, &EconomyCode),
        noted: &Noted,
        (submitted, records): (&BTreeMap<Id, AnswerRecord>, &BTreeMap<Id, AnswerRecord>),
    ) -> Result<again::Again, StoreError> {
        let framework = &self.context.framework;
        let spoken = decided.row.language.as_deref().map(Language::new);
        let language = spoken.filter(|language| framework.speaks(language));
        let counting = Counting {
            framework,
            language: &language.unwrap_or_else(|| framework.language()),
            records,
            submitted,
            overrides: &noted.applied,
            others: decided.origins.iter().map(|(question, _)| question).collect(),
        };
        let is_other = !noted.applied.is_empty() || !decided.origins.is_empty();
        let of_file = if is_other { store.findings_of_file(decided.row.id)? } else { Vec::new() };
        let mut told = counting.judge(&of_file);
        // Where a reviewer decided, nobody has to agree any more.
        let is_open = |tie: &&Finding| {
            tie.question.as_ref().is_none_or(|question| !noted.applied.contains_key(question))
        };
        let findings = decided.ties.iter().filter(is_open).chain(&noted.findings).cloned();
        told.findings = findings.chain(told.findings).collect();
        let of_economy = self.acceptances.get(economy).map_or(&[][..], Vec::as_slice);
        again::accept(&mut told.findings, of_economy, records);
        Ok(told)
    }
}

fn log(scores: &EconomyScores, submission: SubmissionId) {
    tracing::info!(
        submission = submission.number(),
        economy = scores.economy.as_str(),
        score = scores.score,
        group = scores.group.as_deref(),
        answered = scores.coverage.answered,
        asked = scores.coverage.asked,
        "scored"
    );
}

/// The span of one economy's scoring, for traces.
fn unit(stage: &Span, economy: &EconomyCode, submission: SubmissionId) -> EnteredSpan {
    let (economy, submission) = (economy.as_str(), submission.number());
    tracing::trace_span!(target: TRACES, parent: stage, "score", economy, submission).entered()
}

/// The answers in force with their evidence, those of other submissions included.
fn records(store: &Store, decided: &InForce) -> Result<BTreeMap<Id, AnswerRecord>, StoreError> {
    let of = |submission| -> Result<BTreeMap<Id, AnswerRecord>, StoreError> {
        let records = store.answers(submission)?.into_iter();
        Ok(records.map(|record| (record.question.clone(), record)).collect())
    };
    let mut records = of(decided.row.id)?;
    let mut others: BTreeMap<SubmissionId, BTreeMap<Id, AnswerRecord>> = BTreeMap::new();
    for (question, submission) in &decided.origins {
        if !others.contains_key(submission) {
            others.insert(*submission, of(*submission)?);
        }
        if let Some(record) = others.get(submission).and_then(|other| other.get(question)) {
            records.insert(question.clone(), record.clone());
        }
    }
    Ok(records)
}

fn answers(records: &BTreeMap<Id, AnswerRecord>) -> BTreeMap<Id, Answer> {
    records.iter().map(|(id, record)| (id.clone(), record.answer.clone())).collect()
}

/// The questions whose answers came with evidence.
fn backed(records: &BTreeMap<Id, AnswerRecord>) -> BTreeSet<Id> {
    records.iter().filter(|(_, record)| record.evidence.is_some()).map(|(id, _)| id.clone()).collect()
}

/// The external values of an economy, each with where it is from.
fn stamps(context: &Context, economy: &EconomyCode) -> Vec<ExternalStamp> {
    let stamp = |used: &ExternalUse| {
        let edition = used.edition.as_ref()?;
        Some(ExternalStamp {
            index: used.index.clone(),
            edition: edition.year,
            value: context.external_indices.value(&used.index, economy)?,
            source: edition.source.clone(),
            licence: edition.licence.clone(),
            file: edition.file.clone(),
        })
    };
    context.external_indices.uses().filter_map(stamp).collect()
}

/// The economies whose scores are not what a run would compute now from what was validated: their answers, the framework or
/// a table changed since. Also those that would have none any more. With `only`, whether that one is among them.
pub fn outdated(
    context: &Context,
    store: &Store,
    only: Option<&EconomyCode>,
) -> Result<Vec<EconomyCode>, StoreError> {
    let is_asked = |economy: &EconomyCode| only.is_none_or(|only| only == economy);
    let wave = context.framework.wave;
    let deciding = Deciding::of(context, store)?;
    let decisions = store.decisions(wave, &context.economies)?;
    let population = population_of(context, store, &deciding)?;
    let keys = Keys::of(context, &population, &decisions);
    let mut earlier = Earlier::before(store, wave)?;
    let mut all = Vec::new();
    for economy in deciding.economies().iter().filter(|economy| is_asked(economy)) {
        let Some((decided, _)) = deciding.decide(store, economy)? else { continue };
        let key = keys.of_economy(store, &mut earlier, (&decided, economy))?;
        if store.score_key(wave, economy)? != Some(key) {
            all.push(economy.clone());
        }
    }
    let scored = store.scored_economies(wave)?.into_iter();
    let is_over = |economy: &EconomyCode| deciding.economies().binary_search(economy).is_err();
    all.extend(scored.filter(|economy| is_asked(economy) && is_over(economy)));
    Ok(all)
}

/// What the scores of the wave depend on in each other, from the answers in force. It is empty, and nothing is
/// read, where the framework compares no indicator with other economies.
pub fn population(context: &Context, store: &Store) -> Result<Population, StoreError> {
    if !compares(context) {
        return Ok(Population::default());
    }
    population_of(context, store, &Deciding::of(context, store)?)
}

/// Whether the framework compares an indicator with other economies.
fn compares(context: &Context) -> bool {
    context.framework.indicators.iter().any(|indicator| indicator.normalization.needs_population())
}

fn population_of(
    context: &Context,
    store: &Store,
    deciding: &Deciding<'_>,
) -> Result<Population, StoreError> {
    if !compares(context) {
        return Ok(Population::default());
    }
    let decisions = store.decisions(context.framework.wave, &context.economies)?;
    let mut gathering = Gathering::of(&context.framework);
    for economy in deciding.economies() {
        let Some((decided, _)) = deciding.decide(store, economy)? else { continue };
        let mut records = records(store, &decided)?;
        overrides::apply(&context.framework, &decisions, economy, &mut records);
        let external = |index: &str| context.external_indices.value(index, economy);
        gathering.add(economy, &answers(&records), &external);
    }
    Ok(gathering.finish())
}
