//! `gtmi respondents`: who answered for an economy, where they disagree, and what each alone would have given.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::decision::Verdict;
use maturity::economy::EconomyCode;
use maturity::framework::{Kind, Question};
use maturity::id::Id;
use maturity::submission::HeaderField;
use pipeline::config::RespondentRule;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use score::WaveScoring;
use score::respondents::{Voice as Respondent, merge, of_economy};
use serde::Serialize;
use store::{Store, StoreError};

use crate::say::{Tone, Voice, counted, on_one_line};
use crate::template;

/// Everything about the respondents of one economy.
#[derive(Debug, Serialize)]
pub(crate) struct Respondents {
    pub(crate) economy: EconomyCode,
    pub(crate) wave: u16,
    pub(crate) rule: &'static str,
    /// In the order of offices.
    #[serde(rename = "respondents")]
    pub(crate) lines: Vec<Line>,
    pub(crate) disagreements: Vec<Disagreement>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Line {
    pub(crate) respondent: u32,
    /// The office of the configuration that it was recognised as.
    pub(crate) office: Option<String>,
    pub(crate) file: String,
    pub(crate) sha256: String,
    pub(crate) received_at: String,
    pub(crate) answered: usize,
    /// Answers of this respondent that are in force.
    pub(crate) in_force: usize,
    /// The score that its answers alone give.
    pub(crate) score: Option<f64>,
    pub(crate) group: Option<String>,
}

/// A question that the respondents answer differently.
#[derive(Debug, Serialize)]
pub(crate) struct Disagreement {
    pub(crate) question: Id,
    /// The respondent whose answer is in force; none where a reviewer replaced it.
    pub(crate) in_force: Option<u32>,
    /// The answer that a reviewer let count in the place of all of these.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) overridden: Option<String>,
    /// Whether no answer has the most votes.
    pub(crate) tied: bool,
    /// The answer of each respondent, by number; left out where it gives none.
    pub(crate) answers: BTreeMap<u32, String>,
    /// The same as people read them.
    #[serde(skip)]
    shown: Vec<(u32, String)>,
    /// The same of the answer that a reviewer let count.
    #[serde(skip)]
    shown_override: Option<String>,
}

/// Looks up the respondents of an economy; none if nothing of it was accepted.
pub(crate) fn gather(
    context: &Context,
    store: &Store,
    economy: &EconomyCode,
) -> Result<Respondents, StoreError> {
    let framework = &context.framework;
    let choice = &context.config.respondents;
    let voices = of_economy(context, store, framework.wave, economy)?;
    let mut merged = merge(framework, choice.rule, &voices);
    if choice.rule == RespondentRule::Latest {
        let latest = store.latest_accepted(framework.wave, economy)?.map(|row| row.id);
        let latest = voices.iter().position(|voice| Some(voice.row.id) == latest).unwrap_or(0);
        merged.origins.values_mut().for_each(|origin| *origin = latest);
    }
    // An override that only brings evidence leaves the answer in force.
    let mut replaced: BTreeMap<Id, Answer> = BTreeMap::new();
    for (question, decision) in store.overrides(framework.wave, economy)? {
        if let Verdict::Override { from, to, .. } = decision.verdict
            && from != to
        {
            replaced.insert(question, to);
        }
    }
    let scoring = WaveScoring::of(context, store)?;
    let line = |(at, voice): (usize, &Respondent)| {
        let alone = scoring.score(economy, voice.row.collected, &voice.answers());
        let gives = |id: &Id| voice.answer(id).is_some_and(Answer::is_given);
        Line {
            respondent: voice.respondent.number,
            office: voice.respondent.office.clone(),
            file: voice.row.name.clone(),
            sha256: voice.row.sha256.clone(),
            received_at: voice.row.received_at.clone(),
            answered: voice.records.iter().filter(|record| record.answer.is_given()).count(),
            in_force: merged
                .origins
                .iter()
                .filter(|(id, origin)| **origin == at && gives(id) && !replaced.contains_key(*id))
                .count(),
            score: alone.score,
            group: alone.group,
        }
    };
    let disagreement = |question: &Question| {
        let given: BTreeMap<u32, &Answer> = voices
            .iter()
            .filter_map(|voice| {
                let answer = voice.answer(&question.id).filter(|answer| answer.is_given())?;
                Some((voice.respondent.number, answer))
            })
            .collect();
        let answers: BTreeMap<u32, String> =
            given.iter().map(|(number, answer)| (*number, answer.expression_value().into_owned())).collect();
        let mut values = answers.values();
        let first = values.next()?;
        if values.all(|other| other == first) {
            return None;
        }
        let origin = merged.origins.get(&question.id).copied().unwrap_or(0);
        let overridden = replaced.get(&question.id);
        let beside: Vec<&Answer> = given.values().copied().chain(overridden).collect();
        let mut shown: Vec<String> =
            Answer::shown_apart(&beside).into_iter().map(std::borrow::Cow::into_owned).collect();
        let shown_override = overridden.and_then(|_| shown.pop());
        Some(Disagreement {
            question: question.id.clone(),
            in_force: voices
                .get(origin)
                .map(|voice| voice.respondent.number)
                .filter(|_| !replaced.contains_key(&question.id)),
            overridden: overridden.map(|to| to.expression_value().into_owned()),
            tied: merged.ties.iter().any(|tie| tie.question == question.id),
            shown: given.keys().copied().zip(shown).collect(),
            shown_override,
            answers,
        })
    };
    let compared = framework.asked_questions().filter(|question| question.kind != Kind::Text);
    Ok(Respondents {
        economy: economy.clone(),
        wave: framework.wave.0,
        rule: choice.rule.as_str(),
        disagreements: compared.filter_map(disagreement).collect(),
        lines: voices.iter().enumerate().map(line).collect(),
    })
}

/// Tells about the respondents of an economy. Offices that the configuration does not name are personal data
/// and shown only if asked for, and only to the person at the terminal.
pub(crate) fn respondents(
    context: &Context,
    voice: Voice,
    economy: &str,
    offices: bool,
) -> Result<Exit, Failure> {
    let economy = template::economy(context, economy)?;
    let none = || {
        let message = format!("nothing of {} was accepted yet (gtmi status shows what came)", economy.code);
        Failure::new(Exit::Usage, message)
    };
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?.ok_or_else(none)?;
    let found = gather(context, &store, &economy.code).map_err(Failure::stage)?;
    if found.lines.is_empty() {
        return Err(none());
    }
    say(voice, &found, &economy.name);
    if offices {
        let voices =
            of_economy(context, &store, context.framework.wave, &economy.code).map_err(Failure::stage)?;
        for respondent in voices {
            let header = store.header(respondent.row.id).map_err(Failure::stage)?;
            let office = header.iter().find(|value| value.field == HeaderField::ContactOffice);
            let office = office.map_or_else(|| "not told".to_owned(), |value| value.value.display());
            voice.line(&format!("office of respondent {}: {office}", respondent.respondent.number));
        }
    }
    voice.result(&found)?;
    Ok(Exit::Done)
}

fn say(voice: Voice, found: &Respondents, name: &str) {
    let count = found.lines.len();
    let plural = if count == 1 { "" } else { "s" };
    let heading = format!("{} {name}, wave {}: {count} respondent{plural}", found.economy, found.wave);
    voice.line(&voice.toned(Tone::Heading, &heading));
    voice.line(&format!("rule: {}\n", found.rule));
    voice.line(&format!(
        "{:>2}  {:<24} {:<28} {:>8} {:>8} {:>8} group",
        "", "office", "file", "answers", "in force", "alone"
    ));
    for line in &found.lines {
        let score = line.score.map_or_else(|| "n/a".to_owned(), |score| format!("{score:.4}"));
        voice.line(&format!(
            "{:>2}  {:<24} {:<28} {:>8} {:>8} {score:>8} {}",
            line.respondent,
            on_one_line(line.office.as_deref().unwrap_or("(not named)")),
            on_one_line(&line.file),
            line.answered,
            line.in_force,
            line.group.as_deref().unwrap_or("n/a"),
        ));
    }
    if count < 2 {
        return;
    }
    let differ = counted(found.disagreements.len(), "answer differs", "answers differ");
    voice.line(&format!("\n{differ} (* in force, ? no majority)"));
    for disagreement in &found.disagreements {
        let answers: Vec<String> = disagreement
            .shown
            .iter()
            .map(|(number, answer)| {
                let mark = if Some(*number) == disagreement.in_force { "*" } else { "" };
                format!("{number}: {answer}{mark}")
            })
            .collect();
        let tied = if disagreement.tied { " ?" } else { "" };
        let overridden = disagreement.shown_override.as_ref();
        let overridden = overridden.map(|to| format!("   override: {to}*")).unwrap_or_default();
        voice.line(&format!("{:<10} {}{overridden}{tied}", disagreement.question, answers.join("   ")));
    }
}
