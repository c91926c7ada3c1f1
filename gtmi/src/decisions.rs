//! `gtmi review override`, `return`, `approve`, `undo`, `--from`: decisions that are on record for good.

mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use ingest::{Given, Subject};
use maturity::answer::Answer;
use maturity::decision::{Choice, Decision, DecisionRow, Idle, Overrides, Verdict, undone};
use maturity::economy::EconomyCode;
use maturity::submission::State;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;
use store::{Step, Store, StoreError, SubmissionRow};

use crate::arguments::{Author, OverrideOptions, VerdictOptions};
use crate::say::{Tone, Voice, counted};
use crate::template;

fn usage(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

fn now() -> Result<String, Failure> {
    Ok(jiff::Timestamp::now().round(jiff::Unit::Second).map_err(Failure::stage)?.to_string())
}

/// Another answer in the place of the submitted one.
pub(crate) fn replace(context: &Context, voice: Voice, options: &OverrideOptions) -> Result<Exit, Failure> {
    let row = DecisionRow {
        economy: options.economy.clone(),
        question: options.question.clone(),
        decision: Choice::Override.as_str().to_owned(),
        replaces: options.replaces.clone().unwrap_or_default(),
        answer: options.answer.clone(),
        evidence: options.evidence.clone().unwrap_or_default(),
        reason: options.author.reason.clone(),
        reviewer: options.author.by.clone(),
        ..DecisionRow::default()
    };
    one(context, voice, row)
}

/// The latest submission goes back.
pub(crate) fn send_back(context: &Context, voice: Voice, options: &VerdictOptions) -> Result<Exit, Failure> {
    let row = DecisionRow {
        economy: options.economy.clone(),
        decision: Choice::Return.as_str().to_owned(),
        reason: options.author.reason.clone(),
        reviewer: options.author.by.clone(),
        ..DecisionRow::default()
    };
    one(context, voice, row)
}

/// One decision from the command line; what is wrong with it is wrong usage.
fn one(context: &Context, voice: Voice, row: DecisionRow) -> Result<Exit, Failure> {
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let taken = ingest::take_decisions(context, &mut store, &[(row, None)], Given::Now, &now()?)
        .map_err(Failure::stage)?;
    if let Some(problem) = taken.problems.first() {
        return Err(usage(problem.message(&context.config.language)));
    }
    for decision in &taken.new {
        voice.line(&format!("{} {}", voice.toned(Tone::Good, "recorded"), line(context, decision)));
    }
    if taken.new.is_empty() {
        voice.line("this decision is on record already");
    } else {
        for warning in &taken.warnings {
            let language = &context.config.language;
            let told = context.framework.told(warning, language).message(language);
            let message = format!("{}: {told}", warning.rule());
            voice.line(&format!("{} {message}", voice.toned(Tone::Attention, "warning")));
        }
        voice.line("the next run takes it into account");
    }
    voice.result(&taken)?;
    Ok(Exit::Done)
}

/// Decisions from a table. Rows with problems are told and left out.
pub(crate) fn from_table(context: &Context, voice: Voice, path: &Path) -> Result<Exit, Failure> {
    let bytes =
        fs::read(path).map_err(|error| usage(format!("failed to read {}: {error}", path.display())))?;
    let language = &context.config.language;
    let rows =
        table::rows(&bytes, language).map_err(|message| usage(format!("{}: {message}", path.display())))?;
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let taken = ingest::take_table(context, &mut store, &rows, &now()?).map_err(Failure::stage)?;
    tell(context, voice, &taken, &path.display().to_string());
    voice.result(&json!({
        "taken": taken,
        "problems": taken.problems.iter().map(|problem| problem.message(&context.config.language)).collect::<Vec<_>>(),
    }))?;
    Ok(if taken.problems.is_empty() { Exit::Done } else { Exit::Attention })
}

/// Says what became of the decisions of a table or workbook.
fn tell(context: &Context, voice: Voice, taken: &ingest::Taken, name: &str) {
    for decision in &taken.new {
        voice.line(&format!("{} {}", voice.toned(Tone::Good, "recorded"), line(context, decision)));
    }
    for problem in &taken.problems {
        let message = problem.message(&context.config.language);
        voice.line(&format!("{} {name}: {message}", voice.toned(Tone::Attention, "not taken")));
    }
    voice.line(&format!(
        "{} new, {} known, {} accepted, {} not taken",
        taken.new.len(),
        taken.known,
        counted(taken.accepted, "finding", "findings"),
        taken.problems.len()
    ));
}

/// The latest accepted submission is approved.
pub(crate) fn approve(context: &Context, voice: Voice, options: &VerdictOptions) -> Result<Exit, Failure> {
    let economy = template::economy(context, &options.economy)?;
    let author = checked(&options.author)?;
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let mut submissions = ingest::under_review(context, &store).map_err(Failure::stage)?;
    let row = submissions
        .remove(&economy.code)
        .filter(|row| row.state == State::Accepted)
        .ok_or_else(|| usage(format!("{} has no accepted submission to approve", economy.code)))?;
    let at = now()?;
    let decision = Decision {
        wave: context.framework.wave,
        economy: economy.code.clone(),
        verdict: Verdict::Approve { content: row.content.clone() },
        by: author.0.clone(),
        reason: author.1.clone(),
        at: at.clone(),
        again: 0,
    };
    let mut earlier = store.decisions(context.framework.wave, &context.economies).map_err(Failure::stage)?;
    let earlier = earlier.remove(&economy.code).unwrap_or_default();
    let decision = decision.as_recorded(earlier.iter()).renewed(earlier.iter());
    let step = Step {
        wave: Some(context.framework.wave),
        economy: Some(economy.code.clone()),
        content: row.content,
        state: "approved".to_owned(),
        by: author.0,
        reason: author.1,
        at,
    };
    let recorded = store.together("record an approval", |store| {
        store.decide(std::slice::from_ref(&decision))?;
        store.add_step(&step)
    });
    recorded.map_err(Failure::stage)?;
    voice.line(&format!("{} {}", voice.toned(Tone::Good, "recorded"), line(context, &decision)));
    voice.result(&json!({ "id": decision.id(), "decision": decision }))?;
    Ok(Exit::Done)
}

fn checked(author: &Author) -> Result<(String, String), Failure> {
    let (by, reason) = (author.by.trim(), author.reason.trim());
    if by.is_empty() || reason.is_empty() {
        return Err(usage("a decision needs a name (--by) and a reason (--reason)".to_owned()));
    }
    Ok((by.to_owned(), reason.to_owned()))
}

/// An earlier decision holds no more.
pub(crate) fn undo(context: &Context, voice: Voice, id: &str, author: &Author) -> Result<Exit, Failure> {
    let (by, reason) = checked(author)?;
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let all = store.decisions(context.framework.wave, &context.economies).map_err(Failure::stage)?;
    let earlier = all.values().flatten().find(|decision| decision.id() == id).ok_or_else(|| {
        usage(format!("there is no decision {id} in this wave (gtmi review decisions lists them)"))
    })?;
    if matches!(earlier.verdict, Verdict::Undo { .. }) {
        return Err(usage(format!(
            "decision {id} is an undo, and nothing takes it back (decide anew instead)"
        )));
    }
    let verdict = Verdict::Undo { decision: id.to_owned() };
    let decision = Decision { verdict, by, reason, at: now()?, again: 0, ..earlier.clone() };
    store.decide(std::slice::from_ref(&decision)).map_err(Failure::stage)?;
    voice.line(&format!("undone: {}; the next run takes it into account", line(context, earlier)));
    voice.result(&json!({ "id": decision.id(), "decision": decision }))?;
    Ok(Exit::Done)
}

/// A decision in one line.
fn line(context: &Context, decision: &Decision) -> String {
    let what = match &decision.verdict {
        Verdict::Override { question, from, to, .. } => {
            let shown = Answer::shown_apart(&[to, from]).join("\" in place of \"");
            format!("{question} \"{shown}\"")
        }
        Verdict::Undo { decision } => decision.clone(),
        Verdict::Return { .. } | Verdict::Approve { .. } => String::new(),
    };
    format!(
        "{} {:<5} {:<8} {what} ({}, {}: {})",
        decision.id(),
        context.economies.current(&decision.economy).as_str(),
        decision.verdict.as_str(),
        decision.by,
        decision.at,
        decision.reason
    )
}

/// Every decision, and whether it counts.
pub(crate) fn list(context: &Context, voice: Voice, economy: Option<&str>) -> Result<Exit, Failure> {
    let only = economy.map(|text| template::economy(context, text)).transpose()?;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let mut lines = Vec::new();
    if let Some(store) = &store {
        let submissions = ingest::under_review(context, store).map_err(Failure::stage)?;
        let all = store.decisions(context.framework.wave, &context.economies).map_err(Failure::stage)?;
        for (code, decisions) in all {
            if only.is_some_and(|only| only.code != code) {
                continue;
            }
            let row = submissions.get(&code);
            let subject =
                row.map(|row| Subject::of(context, store, row)).transpose().map_err(Failure::stage)?;
            let none = BTreeMap::new();
            let submitted = subject.as_ref().map_or(&none, Subject::all_submitted);
            let overrides = Overrides::of(&decisions, submitted);
            let undone = undone(&decisions);
            let current = current(context, store, &code, row).map_err(Failure::stage)?;
            for decision in &decisions {
                let id = decision.id();
                let idle = overrides.idle.iter().find(|(idle, _)| idle.id() == id).map(|(_, why)| why);
                let state = match idle {
                    _ if undone.contains(&id) => "undone".to_owned(),
                    _ if row.is_none() => format!("idle: nothing of {code} is in force"),
                    Some(Idle::Stale { now }) if !now.is_given() => {
                        "stale: no answer is submitted now".to_owned()
                    }
                    Some(Idle::Stale { now }) => {
                        format!("stale: \"{}\" is submitted now", now.shown())
                    }
                    Some(Idle::Conflict { with }) => format!("in conflict with {with}, not applied"),
                    Some(Idle::Superseded { by }) => format!("superseded by {by}"),
                    None if is_about_another(&decision.verdict, row, &current) => {
                        "about an earlier submission".to_owned()
                    }
                    None => "counts".to_owned(),
                };
                voice.line(&format!("{}  {state}", line(context, decision)));
                lines.push(json!({ "id": id, "state": state, "decision": decision }));
            }
        }
    }
    if lines.is_empty() {
        voice.line("no override, return or approval is recorded for this wave");
    }
    voice.result(&lines)?;
    Ok(Exit::Done)
}

/// The submissions of an economy that a return may be about: the one that is decided about, and those that their senders
/// are told of.
fn current(
    context: &Context,
    store: &Store,
    economy: &EconomyCode,
    row: Option<&SubmissionRow>,
) -> Result<Vec<String>, StoreError> {
    let wave = context.framework.wave;
    let mut all: Vec<String> = row.map(|row| row.content.clone()).into_iter().collect();
    if context.config.respondents.rule.merges() {
        let offices = &context.config.respondents.offices;
        all.extend(store.told_respondents(wave, economy, offices)?.into_values().map(|row| row.content));
    } else if let Some((latest, _)) = store.latest_submissions(wave)?.get(economy) {
        all.extend(store.submission(*latest)?.map(|row| row.content));
    }
    Ok(all)
}

/// Whether a decision is about a submission that another one has taken the place of.
fn is_about_another(verdict: &Verdict, row: Option<&SubmissionRow>, current: &[String]) -> bool {
    match verdict {
        Verdict::Approve { content } => row.is_none_or(|row| row.content != *content),
        Verdict::Return { content } => !current.contains(content),
        Verdict::Override { .. } | Verdict::Undo { .. } => false,
    }
}

/// The steps of the submissions of an economy.
pub(crate) fn trail(context: &Context, voice: Voice, economy: &str) -> Result<Exit, Failure> {
    let economy = template::economy(context, economy)?;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let steps = match &store {
        Some(store) => store
            .trail(context.framework.wave, (&economy.code, &context.economies))
            .map_err(Failure::stage)?,
        None => Vec::new(),
    };
    for step in &steps {
        let submission = step.content.get(..8).unwrap_or_default();
        voice.line(&format!("{}  {submission}  {:<14} {}: {}", step.at, step.state, step.by, step.reason));
    }
    if steps.is_empty() {
        voice.line(&format!("nothing was received from {}", economy.code));
    }
    let steps: Vec<_> = steps
        .iter()
        .map(|step| {
            json!({ "at": step.at, "submission": step.content, "state": step.state, "by": step.by, "reason": step.reason })
        })
        .collect();
    voice.result(&steps)?;
    Ok(Exit::Done)
}
