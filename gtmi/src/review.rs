//! `gtmi review`: the decisions of reviewers about findings.

use std::collections::BTreeSet;

use ingest::Subject;
use maturity::answer::AnswerRecord;
use maturity::economy::EconomyCode;
use maturity::finding::Finding;
use maturity::id::Id;
use maturity::language::Language;
use maturity::review::{Acceptance, seen};
use maturity::rule;
use maturity::spelling::did_you_mean;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;
use store::{Store, StoreError, SubmissionRow};

use crate::arguments::{AcceptOptions, FindingName, ReviewCommand};
use crate::decisions;
use crate::say::{Tone, Voice};
use crate::template;

/// Does what was asked for.
pub(crate) fn review(context: &Context, voice: Voice, command: &ReviewCommand) -> Result<Exit, Failure> {
    match command {
        ReviewCommand::Accept(options) => accept(context, voice, options),
        ReviewCommand::Withdraw(name) => withdraw(context, voice, name),
        ReviewCommand::List { economy } => list(context, voice, economy.as_deref()),
        ReviewCommand::Override(options) => decisions::replace(context, voice, options),
        ReviewCommand::Return(options) => decisions::send_back(context, voice, options),
        ReviewCommand::Approve(options) => decisions::approve(context, voice, options),
        ReviewCommand::Undo { decision, author } => decisions::undo(context, voice, decision, author),
        ReviewCommand::Decisions { economy } => decisions::list(context, voice, economy.as_deref()),
        ReviewCommand::Trail { economy } => decisions::trail(context, voice, economy),
    }
}

fn usage(message: String) -> Failure {
    Failure::new(Exit::Usage, message)
}

/// What is found about an economy, in the order in which a reviewer is asked: the submission that it is told of first. Where
/// answers of several respondents count, what was found about each of them follows.
fn subjects(context: &Context, store: &Store, economy: &EconomyCode) -> Result<Vec<Subject>, StoreError> {
    let (wave, choice) = (context.framework.wave, &context.config.respondents);
    let told = store.told_submissions(wave, choice.rule.merges())?.get(economy).map(|(id, _)| *id);
    let mut rows: Vec<SubmissionRow> =
        told.map(|id| store.submission(id)).transpose()?.flatten().into_iter().collect();
    if choice.rule.merges() {
        rows.extend(store.standing_for_all(wave)?.remove(economy));
        rows.extend(store.told_respondents(wave, economy, &choice.offices)?.into_values());
    }
    let mut known = BTreeSet::new();
    rows.retain(|row| known.insert(row.id));
    rows.iter().map(|row| Subject::of(context, store, row)).collect()
}

/// The rule and the question that were named, checked.
fn named(context: &Context, name: &FindingName) -> Result<(&'static str, Option<Id>), Failure> {
    let wanted = name.rule.to_uppercase();
    let Some(rule) = rule::find(&wanted) else {
        let known = rule::all();
        let guess = did_you_mean(&wanted, known.iter().map(|rule| rule.id));
        return Err(usage(format!("the rule \"{}\" is not known{guess}", name.rule)));
    };
    if !rule.gravity.acceptable() {
        return Err(usage(format!("a finding of {} cannot be accepted, only corrected", rule.id)));
    }
    let question = name.question.as_deref().map(Id::from);
    if let Some(id) = &question
        && context.framework.question(id).is_none()
    {
        let known = context.framework.questions.iter().map(|question| question.id.as_str());
        let guess = did_you_mean(id.as_str(), known);
        return Err(usage(format!("the question \"{id}\" is not in the framework{guess}")));
    }
    Ok((rule.id, question))
}

fn accept(context: &Context, voice: Voice, options: &AcceptOptions) -> Result<Exit, Failure> {
    let economy = template::economy(context, &options.finding.economy)?;
    let (rule, question) = named(context, &options.finding)?;
    let (by, reason) = (options.by.trim(), options.reason.trim());
    if by.is_empty() || reason.is_empty() {
        return Err(usage("a decision needs a name (--by) and a reason (--reason)".to_owned()));
    }
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let subjects = subjects(context, &store, &economy.code).map_err(Failure::stage)?;
    if subjects.is_empty() {
        return Err(usage(format!("nothing was received from {}", economy.code)));
    }
    let about = |subject: &'_ Subject| {
        let all =
            subject.findings().filter(|(finding, _)| finding.rule() == rule && finding.question == question);
        all.map(|(finding, answer)| (finding.clone(), answer.cloned())).collect::<Vec<_>>()
    };
    let found: Vec<_> = subjects.iter().map(about).filter(|found| !found.is_empty()).collect();
    // Where several were asked, the same may be found about another one when it is accepted about the first.
    let known = store.acceptances(context.framework.wave, &context.economies).map_err(Failure::stage)?;
    let is_open = |(finding, answer): &(Finding, Option<AnswerRecord>)| {
        let mut of_economy = known.get(&economy.code).into_iter().flatten();
        !of_economy.any(|acceptance| acceptance.covers(finding, answer.as_ref()))
    };
    let open = found.iter().find(|found| found.iter().any(is_open));
    let chosen = open.or(found.first()).cloned().unwrap_or_default();
    if chosen.is_empty() {
        let findings = subjects.iter().flat_map(Subject::findings).map(|(finding, _)| finding);
        let places: Vec<&str> = findings
            .filter(|finding| finding.rule() == rule)
            .filter_map(|finding| finding.question.as_ref())
            .map(Id::as_str)
            .collect();
        let hint = if places.is_empty() {
            String::new()
        } else {
            format!(" (it has some about: {})", places.join(", "))
        };
        let about = question.map_or_else(|| "no question".to_owned(), |id| id.to_string());
        return Err(usage(format!(
            "the latest submission of {} has no finding of {rule} about {about}{hint}",
            economy.code
        )));
    }
    let at = jiff::Timestamp::now().round(jiff::Unit::Second).map_err(Failure::stage)?.to_string();
    let mut acceptances: Vec<Acceptance> = chosen
        .iter()
        .map(|(finding, answer)| Acceptance {
            wave: context.framework.wave,
            economy: economy.code.clone(),
            rule: rule.to_owned(),
            question: finding.question.clone(),
            seen: seen(finding, answer.as_ref()),
            by: by.to_owned(),
            reason: reason.to_owned(),
            at: at.clone(),
        })
        .collect();
    acceptances.dedup_by(|one, other| one.seen == other.seen);
    store.accept(&acceptances).map_err(Failure::stage)?;
    for (finding, _) in &chosen {
        let english = Language::english();
        let message = context.framework.told(finding, &english).message(&english);
        voice.line(&format!("{} {rule}: {message}", voice.toned(Tone::Good, "accepted")));
    }
    voice.line("it stays so until the answer changes; the next run takes it into account");
    voice.result(&acceptances)?;
    Ok(Exit::Done)
}

fn withdraw(context: &Context, voice: Voice, name: &FindingName) -> Result<Exit, Failure> {
    let economy = template::economy(context, &name.economy)?;
    let (rule, question) = named(context, name)?;
    let _lock = pipeline::stage::lock(context)?;
    let mut store = Store::open(&context.config.store).map_err(Failure::stage)?;
    let wave = context.framework.wave;
    let whose = (&economy.code, &context.economies);
    let withdrawn = store.withdraw(wave, whose, rule, question.as_ref()).map_err(Failure::stage)?;
    if withdrawn == 0 {
        let about = question.map_or_else(|| "no question".to_owned(), |id| id.to_string());
        return Err(usage(format!("no decision about {rule}, {about}, of {} is recorded", economy.code)));
    }
    voice.line(&format!("{withdrawn} withdrawn; the next run takes it into account"));
    voice.result(&json!({ "withdrawn": withdrawn }))?;
    Ok(Exit::Done)
}

fn list(context: &Context, voice: Voice, economy: Option<&str>) -> Result<Exit, Failure> {
    let only: Option<EconomyCode> = economy
        .map(|text| template::economy(context, text).map(|economy| economy.code.clone()))
        .transpose()?;
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let mut lines = Vec::new();
    if let Some(store) = &store {
        let all = store.acceptances(context.framework.wave, &context.economies).map_err(Failure::stage)?;
        let each = all.iter().flat_map(|(code, all)| all.iter().map(move |acceptance| (code, acceptance)));
        for (economy, acceptance) in each {
            if only.as_ref().is_some_and(|only| only != economy) {
                continue;
            }
            let subjects = subjects(context, store, economy).map_err(Failure::stage)?;
            let holds = subjects
                .iter()
                .flat_map(Subject::findings)
                .any(|(finding, answer)| acceptance.covers(finding, answer));
            let question = acceptance.question.as_ref().map_or("", |id| id.as_str());
            voice.line(&format!(
                "{:<5} {:<14} {question:<9} {:<8} {} ({}, {})",
                economy.as_str(),
                acceptance.rule,
                if holds { "holds" } else { "lapsed" },
                acceptance.reason,
                acceptance.by,
                acceptance.at,
            ));
            lines.push(json!({ "holds": holds, "decision": acceptance }));
        }
    }
    if lines.is_empty() {
        voice.line("no decision about a finding is recorded for this wave");
    }
    voice.result(&lines)?;
    Ok(Exit::Done)
}
