//! `gtmi template`: questionnaires for economies to fill in.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use maturity::economy::{Economy, EconomyCode};
use maturity::id::Id;
use maturity::language::Language;
use maturity::previous::PreviousAnswers;
use maturity::submission::Layout;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, Progress, durable};
use questionnaire::{Entered, Recogniser, Request, Writer};
use rayon::prelude::*;
use reader::worker::Pool;
use serde_json::json;

use crate::arguments::TemplateOptions;
use crate::bar::Bars;
use crate::places;
use crate::say::Voice;
use crate::stages;

/// Questionnaires are made in batches of this size, so that memory does not grow with their number.
const BATCH: usize = 64;

/// Writes one questionnaire, or one for each economy.
pub(crate) fn template(context: &Context, voice: Voice, options: &TemplateOptions) -> Result<Exit, Failure> {
    let language = language(context, options.language.as_deref())?;
    let deadline = options.deadline.clone().or_else(|| context.config.deadline.map(|date| date.to_string()));
    let nothing = BTreeMap::new();
    let writer = Writer::new(&context.framework);
    let known = options.prefill.then(|| stages::Previous::of(context)).transpose()?;
    let previous_of = |economy: &Economy| match &known {
        Some(known) => known.answers(&economy.code),
        None => Ok(None),
    };
    let write = |economy: &Economy, previous: Option<&PreviousAnswers>| {
        let request = Request {
            framework: &context.framework,
            economy,
            language: language.clone(),
            answers: previous.map_or(&nothing, |previous| &previous.answers),
            entered: &Entered::default(),
            collected: None,
            deadline: deadline.clone(),
            previous,
        };
        writer.write(&request).map_err(Failure::stage)
    };
    let asked: Vec<&Economy> = match &options.economy {
        Some(text) => vec![economy(context, text)?],
        None => context.economies.iter().collect(),
    };
    // A slash at the end says that a folder is meant, also where there is none yet.
    let is_folder = options.out.is_dir() || options.out.as_os_str().as_encoded_bytes().ends_with(b"/");
    let path_of = |economy: &Economy| {
        if options.economy.is_some() && !is_folder {
            options.out.clone()
        } else {
            options.out.join(format!("{}.xlsx", economy.code))
        }
    };
    if options.economy.is_some() {
        places::file(&path_of(asked[0]))?;
    } else {
        places::folder(&options.out)?;
    }
    if !options.force {
        let would_write =
            |economy: &Economy| previous_of(economy).and_then(|previous| write(economy, previous.as_ref()));
        keep(context, &asked, &path_of, &would_write)?;
    }
    let mut unknown: Vec<&str> = Vec::new();
    let mut left_out = LeftOut::default();
    let written = if let (Some(_), [economy]) = (&options.economy, asked.as_slice()) {
        let path = path_of(economy);
        let previous = previous_of(economy)?;
        left_out.add(previous.as_ref());
        durable::write(&path, &write(economy, previous.as_ref())?).map_err(Failure::stage)?;
        if options.prefill && previous.is_none() {
            unknown.push(economy.code.as_str());
        }
        vec![path]
    } else {
        durable::sweep_leftovers(&options.out).map_err(Failure::stage)?;
        let bars = Bars::new(voice.bars());
        bars.start("template", asked.len());
        let mut paths = Vec::with_capacity(asked.len());
        for batch in asked.chunks(BATCH) {
            let mut work = Vec::new();
            for economy in batch {
                let previous = previous_of(economy)?;
                left_out.add(previous.as_ref());
                if options.prefill && previous.is_none() {
                    unknown.push(economy.code.as_str());
                }
                work.push((economy, previous));
            }
            let made: Result<Vec<_>, Failure> = work
                .par_iter()
                .map(|(economy, previous)| {
                    let path = path_of(economy);
                    durable::write(&path, &write(economy, previous.as_ref())?).map_err(Failure::stage)?;
                    bars.advance();
                    Ok(path)
                })
                .collect();
            paths.extend(made?);
        }
        bars.finish();
        paths
    };
    match written.as_slice() {
        [path] => voice.line(&format!("wrote {}", path.display())),
        all => voice.line(&format!("wrote {} questionnaires to {}", all.len(), options.out.display())),
    }
    if !unknown.is_empty() {
        voice.line(&unfilled(context, &unknown, asked.len()));
    }
    if options.prefill {
        context.previous_left_out.iter().for_each(|told| voice.line(told));
        left_out.told().iter().for_each(|told| voice.line(told));
    }
    voice.result(&json!({ "written": places::shown(&written), "unfilled": unknown }))?;
    Ok(Exit::Done)
}

/// Earlier answers that cannot stand in a questionnaire, by question.
#[derive(Default)]
struct LeftOut(BTreeMap<Id, usize>);

impl LeftOut {
    fn add(&mut self, previous: Option<&PreviousAnswers>) {
        for question in previous.iter().flat_map(|previous| &previous.left_out) {
            *self.0.entry(question.clone()).or_default() += 1;
        }
    }

    /// How many there are, and of which questions the most.
    fn told(&self) -> Option<String> {
        /// Questions that are named; the rest is counted.
        const NAMED: usize = 5;
        let mut counts: Vec<(&Id, usize)> =
            self.0.iter().map(|(question, count)| (question, *count)).collect();
        counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        let count: usize = counts.iter().map(|(_, count)| count).sum();
        let answers = match count {
            0 => return None,
            1 => "1 earlier answer is".to_owned(),
            count => format!("{count} earlier answers are"),
        };
        let named: Vec<String> =
            counts.iter().take(NAMED).map(|(question, count)| format!("{question} ({count})")).collect();
        let more = counts.len() - named.len();
        let more = if more > 0 { format!(" and {more} more questions") } else { String::new() };
        Some(format!(
            "{answers} left out, as what is asked or may be chosen is another now: {}{more}",
            named.join(", ")
        ))
    }
}

/// Refuses to write over what somebody filled in: questionnaires with nothing in them are replaced, and what would be
/// written anyway.
fn keep(
    context: &Context,
    asked: &[&Economy],
    path_of: &dyn Fn(&Economy) -> PathBuf,
    would_write: &dyn Fn(&Economy) -> Result<Vec<u8>, Failure>,
) -> Result<(), Failure> {
    let there: Vec<(&Economy, PathBuf)> =
        asked.iter().map(|economy| (*economy, path_of(economy))).filter(|(_, path)| path.exists()).collect();
    if there.is_empty() {
        return Ok(());
    }
    let pool = Pool::new(1).map_err(Failure::stage)?;
    let recogniser = Recogniser::of(&context.framework);
    let mut filled: Vec<&Path> = Vec::new();
    for (economy, path) in &there {
        if !is_blank(path, &recogniser, &pool)? && places::holds_other(path, &would_write(economy)?) {
            filled.push(path);
        }
    }
    places::kept(&filled)
}

/// Whether a file is a questionnaire of the framework that nobody wrote anything into.
fn is_blank(path: &Path, recogniser: &Recogniser<'_>, pool: &Pool) -> Result<bool, Failure> {
    let Ok(bytes) = fs::read(path) else { return Ok(false) };
    let read = ingest::read_submissions(&bytes, recogniser, pool).map_err(Failure::stage)?;
    Ok(match read.as_deref() {
        Ok([received]) => {
            received.layout == Layout::Questionnaire
                && received.responses.iter().all(|response| response.value.is_blank())
                && !received
                    .header
                    .iter()
                    .any(|header| header.field.is_personal() && !header.value.is_blank())
                && received.findings.is_empty()
                && received.contests.is_empty()
        }
        _ => false,
    })
}

/// Says whose questionnaires could not be filled in, and what would help.
fn unfilled(context: &Context, unknown: &[&str], asked: usize) -> String {
    /// Economies that are named; the rest is counted.
    const NAMED: usize = 10;
    let wave = context.framework.wave;
    if unknown.len() == asked && context.config.previous_answers.is_none() {
        return format!(
            "no answers of a wave before {wave} are known, so nothing was filled in (set previous_answers in [data])"
        );
    }
    let named = unknown.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    let more = unknown.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("no answers of a wave before {wave} are known of {named}{more}; not filled in")
}

/// The language asked for, if the framework exists in it.
pub(crate) fn language(context: &Context, asked: Option<&str>) -> Result<Language, Failure> {
    let language = asked.map_or_else(|| context.config.language.clone(), Language::new);
    if context.framework.speaks(&language) {
        return Ok(language);
    }
    let known: Vec<&str> = context.framework.languages.iter().map(|(language, _)| language.tag()).collect();
    let message = format!(
        "the framework does not exist in the language \"{language}\" (it exists in: {})",
        known.join(", ")
    );
    Err(Failure::new(Exit::Usage, message))
}

/// The economies that codes or names mean, which are separated by commas: names may have commas, too, as in "Korea, Rep.".
pub(crate) fn economies(context: &Context, texts: &[String]) -> Result<BTreeSet<EconomyCode>, Failure> {
    let mut all = BTreeSet::new();
    for text in texts {
        let parts: Vec<&str> = text.split(',').collect();
        let mut rest = parts.as_slice();
        while !rest.is_empty() {
            // The longest name that begins here.
            let found = (1..=rest.len()).rev().find_map(|count| {
                let (economy, _) = context.economies.find(&rest[..count].join(",")).ok()?;
                Some((economy.code.clone(), count))
            });
            let count = match found {
                Some((code, count)) => {
                    all.insert(code);
                    count
                }
                None => economy(context, rest[0]).map(|_| 1)?,
            };
            rest = &rest[count..];
        }
    }
    Ok(all)
}

/// The economy that a code or name means.
pub(crate) fn economy<'a>(context: &'a Context, text: &str) -> Result<&'a Economy, Failure> {
    context.economies.find(text).map(|(economy, _)| economy).map_err(|unknown| {
        let guess = unknown.proposed().map(|code| format!(", did you mean {code}?")).unwrap_or_default();
        Failure::new(Exit::Usage, format!("the economy \"{text}\" is not known{guess}"))
    })
}
