//! The marked returns: for each economy, or each of its respondents, the latest questionnaire again, with a receipt and the findings at their
//! cells. Like reports, only those are made whose content changed, or whose file is gone or was altered.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use maturity::answer::AnswerRecord;
use maturity::decision::{Decision, standing};
use maturity::economy::{Economy, EconomyCode};
use maturity::finding::{Finding, Problem, Severity};
use maturity::id::Id;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::submission::{Response, State};
use pipeline::hash::{Fingerprint, Hashes};
use pipeline::logging::TRACES;
use pipeline::{Context, Progress, Summary, durable};
use questionnaire::{Return, Writer};
use rayon::prelude::*;
use store::{OpenFindings, Store, StoreError, SubmissionRow};

use crate::recorded::{self, Recorded};
use crate::stage::StageError;

/// The name under which finished returns are recorded.
pub(crate) const STAGE: &str = "feedback";

/// The folder of the returns.
pub(crate) const FOLDER: &str = "feedback";

/// Counts arrangements of the return: another one makes all of them anew.
const ARRANGEMENT: &str = "3";

/// Returns are made in batches of this size, so that memory does not grow with their number.
const BATCH: usize = 32;

/// One return to make.
struct Work<'a> {
    /// Names the return: `KEN`, or `KEN-respondent-2`.
    unit: &'a str,
    economy: &'a Economy,
    row: &'a SubmissionRow,
    key: String,
    answers: Vec<AnswerRecord>,
    responses: Vec<Response>,
    /// The previous answers, where the questionnaire was filled in with them.
    previous: Option<PreviousAnswers>,
    findings: Vec<Finding>,
}

/// Names what reviewers decided about an economy: findings tell of it.
fn decided(decisions: &BTreeMap<EconomyCode, Vec<Decision>>, economy: &EconomyCode) -> String {
    let all = decisions.get(economy).map(Vec::as_slice).unwrap_or_default();
    standing(all).map(Decision::id).collect::<Vec<_>>().join(" ")
}

/// What returns are made from.
struct Keys<'a> {
    context: &'a Context,
    base: String,
    validated: BTreeMap<String, String>,
    decisions: BTreeMap<EconomyCode, Vec<Decision>>,
}

impl<'a> Keys<'a> {
    fn of(context: &'a Context, store: &Store) -> Result<Self, StoreError> {
        let base = Fingerprint::new()
            .with(env!("CARGO_PKG_VERSION"))
            .with(ARRANGEMENT)
            .with(&context.framework.hash)
            .with(&context.economies_hash)
            .with(context.config.language.tag())
            .finish();
        let decisions = store.decisions(context.framework.wave, &context.economies)?;
        Ok(Self { context, base, validated: store.work_keys("validate")?, decisions })
    }

    /// The key of the return of a submission of an economy.
    fn key(&self, store: &Store, economy: &Economy, row: &SubmissionRow) -> Result<String, StoreError> {
        let mut key = Fingerprint::new()
            .with(&self.base)
            .with(self.validated.get(&row.id.to_string()).map_or("", String::as_str))
            .with(row.state.as_str())
            .with(decided(&self.decisions, &economy.code))
            .with(&row.sha256)
            .with(&row.name);
        if self.context.config.respondents.rule.merges() {
            // What others answered makes findings as well.
            key.add(store.score_key(self.context.framework.wave, &economy.code)?.unwrap_or_default());
        }
        Ok(key.finish())
    }
}

/// The returns as they lie in the folder of outputs. What lies there under a name may have been made for another submission
/// than the one that has the name now.
pub struct MadeReturns<'a> {
    context: &'a Context,
    keys: Keys<'a>,
    returns: BTreeMap<String, SubmissionRow>,
    recorded: BTreeMap<String, String>,
}

impl<'a> MadeReturns<'a> {
    /// Looks up what should lie there, and what is on record.
    pub fn of(context: &'a Context, store: &Store) -> Result<Self, StoreError> {
        let recorded = store.work_keys(&recorded::stage(context, STAGE))?;
        Ok(Self { context, keys: Keys::of(context, store)?, returns: returns(context, store)?, recorded })
    }

    /// The path of the return of an economy's submission in the file with this SHA-256, below the folder of outputs; without
    /// it, of the one that the economy is told by. Absent where there is none that is as it should be.
    pub fn path(
        &self,
        store: &Store,
        economy: &EconomyCode,
        sha256: Option<&str>,
    ) -> Result<Option<String>, StoreError> {
        let found = self.returns.iter().find(|(unit, row)| {
            row.economy.as_ref() == Some(economy)
                && sha256.map_or_else(|| *unit == economy.as_str(), |sha256| row.sha256 == sha256)
        });
        let Some((unit, row)) = found else { return Ok(None) };
        let Some(economy) = self.context.economies.get(economy) else { return Ok(None) };
        let key = self.keys.key(store, economy, row)?;
        let recorded = self.recorded.get(unit).and_then(|recorded| Recorded::parse(recorded));
        let is_current = recorded.is_some_and(|recorded| {
            recorded.is_current(&self.context.known_files, &key, &path(self.context, unit))
        });
        Ok(is_current.then(|| relative(unit)))
    }
}

/// Writes the returns that are not up to date and removes those that hold no longer.
pub(crate) fn run(
    context: &Context,
    store: &mut Store,
    progress: &dyn Progress,
    summary: &mut Summary,
) -> Result<(), StageError> {
    let known_as = recorded::stage(context, STAGE);
    let recorded = store.work_keys(&known_as)?;
    if !context.config.feedback && recorded.is_empty() {
        return Ok(());
    }
    let wanted = if context.config.feedback { returns(context, store)? } else { BTreeMap::new() };
    let keys = Keys::of(context, store)?;

    let mut open = Vec::new();
    let mut known: Vec<(&str, &Economy, &SubmissionRow)> = Vec::new();
    for (unit, row) in &wanted {
        if let Some(economy) = row.economy.as_ref().and_then(|code| context.economies.get(code)) {
            known.push((unit, economy, row));
        }
    }
    progress.start(STAGE, known.len());
    let stage = tracing::Span::current();
    for (unit, economy, row) in known {
        let key = keys.key(store, economy, row)?;
        let path = path(context, unit);
        let recorded = recorded.get(unit).and_then(|recorded| Recorded::parse(recorded));
        let is_current =
            recorded.is_some_and(|recorded| recorded.is_current(&context.known_files, &key, &path));
        if !context.scope.takes(&economy.code) || (is_current && !context.scope.force) {
            summary.unchanged += 1;
            progress.advance();
        } else {
            open.push((unit, economy, row, key));
        }
    }
    let previous = store.previous(&context.framework, &context.previous_answers)?;
    let writer = Writer::new(&context.framework);
    for batch in open.chunks(BATCH) {
        progress.checkpoint()?;
        let mut work = Vec::new();
        for (unit, economy, row, key) in batch {
            let mut responses = store.responses(row.id)?;
            // The return is a questionnaire of the present version.
            let is_any = !context.framework.earlier_versions.is_empty();
            let header = if is_any { store.header(row.id)? } else { Vec::new() };
            if let Some(earlier) = context.framework.earlier_version(&header) {
                responses = earlier.presently(&responses);
            }
            let is_prefilled = questionnaire::is_prefilled(&responses);
            work.push(Work {
                unit,
                economy,
                row,
                key: key.clone(),
                answers: store.answers(row.id)?,
                previous: if is_prefilled { previous.of(store, &economy.code)? } else { None },
                responses,
                findings: findings(context, store, row)?,
            });
        }
        let made: Result<Vec<_>, StageError> = work
            .par_iter()
            .map(|work| {
                let (economy, submission) = (work.economy.code.as_str(), work.row.id.number());
                let _unit =
                    tracing::trace_span!(target: TRACES, parent: &stage, "return", economy, submission)
                        .entered();
                let hash = make(context, &writer, work)?;
                progress.advance();
                Ok((work.unit.to_owned(), work.key.clone(), hash))
            })
            .collect();
        record(store, &known_as, summary, made?)?;
    }
    remove_others(context, store, (&known_as, &recorded), &wanted)
}

/// The submissions that their senders have to hear about, by the name of the return, `KEN`: the latest of each economy, once
/// it is validated. Where the answers of several respondents count, each respondent hears about its own: the one that the
/// economy is told by under the same name, the others as `KEN-respondent-2`.
pub fn returns(context: &Context, store: &Store) -> Result<BTreeMap<String, SubmissionRow>, StoreError> {
    let (wave, choice) = (context.framework.wave, &context.config.respondents);
    store.look(|store| {
        let mut all = BTreeMap::new();
        for (economy, (id, state)) in store.told_submissions(wave, choice.rule.merges())? {
            if choice.rule.merges() {
                for (number, row) in store.told_respondents(wave, &economy, &choice.offices)? {
                    if row.id != id {
                        all.insert(format!("{economy}-respondent-{number}"), row);
                    }
                }
            }
            if matches!(state, State::Returned | State::Accepted)
                && let Some(row) = store.submission(id)?
            {
                all.insert(economy.to_string(), row);
            }
        }
        Ok(all)
    })
}

/// What the sender of a submission hears. Where the answers of several respondents count, also what is settled by those of
/// others: the sender's own do not fit together all the same. What is only found because of a reviewer's answer is nothing
/// that the sender could mend.
fn findings(context: &Context, store: &Store, row: &SubmissionRow) -> Result<Vec<Finding>, StoreError> {
    let (mut all, of_scoring) = store.findings_by_stage(row.id)?;
    if context.config.respondents.rule.merges() {
        // What the answers of others settled is still wrong in this file; what a reviewer put another answer for is not.
        let is_replaced = |finding: &&Finding| matches!(finding.problem, Problem::Overridden { .. });
        let replaced: BTreeSet<&Id> =
            of_scoring.iter().filter(is_replaced).filter_map(|finding| finding.question.as_ref()).collect();
        let of_file = store.findings_of_file(row.id)?.into_iter().map(|(_, finding)| finding);
        let still = |finding: &Finding| {
            all.contains(finding) || finding.question.as_ref().is_none_or(|id| !replaced.contains(id))
        };
        all = of_file.filter(still).collect();
    }
    all.extend(of_scoring.into_iter().filter(|finding| !finding.standing.of_reviewer));
    Ok(all)
}

/// How many findings the return of a submission counts as open: letters about it say the same.
pub fn open_findings(
    context: &Context,
    store: &Store,
    row: &SubmissionRow,
) -> Result<OpenFindings, StoreError> {
    if !context.config.respondents.rule.merges() {
        return store.open_findings(row.id);
    }
    let all = findings(context, store, row)?;
    let count = |severity| {
        let open = all.iter().filter(|found| !found.standing.accepted && found.severity == severity);
        u32::try_from(open.count()).unwrap_or(u32::MAX)
    };
    Ok(OpenFindings {
        errors: count(Severity::Error),
        warnings: count(Severity::Warning),
        infos: count(Severity::Info),
    })
}

pub(crate) fn relative(unit: &str) -> String {
    format!("{FOLDER}/{unit}.xlsx")
}

fn path(context: &Context, unit: &str) -> PathBuf {
    context.config.output.join(relative(unit))
}

/// Makes and writes one return; gives its hashes.
fn make(context: &Context, writer: &Writer<'_>, work: &Work<'_>) -> Result<Hashes, StageError> {
    let framework = &context.framework;
    let spoken = work.row.language.as_deref().map(Language::new);
    let returned = Return {
        framework,
        economy: work.economy,
        language: spoken
            .filter(|language| framework.speaks(language))
            .unwrap_or_else(|| context.config.language.clone()),
        collected: work.row.collected,
        state: work.row.state,
        answers: &work.answers,
        responses: &work.responses,
        findings: &work.findings,
        previous: work.previous.as_ref(),
        file: Path::new(&work.row.name).file_name().and_then(|name| name.to_str()).unwrap_or_default(),
        sha256: &work.row.sha256,
    };
    let bytes = writer
        .write_return(&returned)
        .map_err(|source| StageError::Return { unit: work.unit.to_owned(), source })?;
    let (path, hashes) = (path(context, work.unit), Hashes::of(&bytes));
    let written = durable::write_looked_at(&path, &bytes)?;
    context.known_files.was_written(&path, written, hashes.seal);
    Ok(hashes)
}

/// Notes returns as done, after their files are on the disk.
fn record(
    store: &mut Store,
    known_as: &str,
    summary: &mut Summary,
    made: Vec<(String, String, Hashes)>,
) -> Result<(), StageError> {
    let units: Vec<(String, String)> =
        made.iter().map(|(unit, key, hashes)| (unit.clone(), recorded::record(key, *hashes))).collect();
    store.record_work(known_as, &units)?;
    for (unit, _, hashes) in made {
        tracing::info!(workbook = relative(&unit), "written");
        summary.done += 1;
        summary.written.insert(relative(&unit), hashes.sha256);
    }
    Ok(())
}

/// Removes returns of economies that nothing came from any more, or all of them if they are switched off.
fn remove_others(
    context: &Context,
    store: &mut Store,
    (known_as, recorded): (&str, &BTreeMap<String, String>),
    wanted: &BTreeMap<String, SubmissionRow>,
) -> Result<(), StageError> {
    let mut gone = Vec::new();
    for unit in recorded.keys().filter(|unit| !wanted.contains_key(*unit)) {
        let path = path(context, unit);
        durable::remove(&path)?;
        gone.push(unit.clone());
    }
    Ok(store.forget_work(known_as, &gone)?)
}
