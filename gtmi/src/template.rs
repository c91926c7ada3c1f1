//! `gtmi template`: questionnaires for economies to fill in.

use std::collections::BTreeMap;

use maturity::economy::Economy;
use maturity::language::Language;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, Progress, durable};
use questionnaire::{Entered, Request, Writer};
use rayon::prelude::*;
use serde_json::json;

use crate::arguments::TemplateOptions;
use crate::bar::Bars;
use crate::say::Voice;
use crate::stages;

/// Writes one questionnaire, or one for each economy.
pub(crate) fn template(context: &Context, voice: Voice, options: &TemplateOptions) -> Result<Exit, Failure> {
    let language = language(context, options.language.as_deref())?;
    let previous = if options.prefill { stages::previous_answers(context)? } else { BTreeMap::new() };
    let deadline = options.deadline.clone().or_else(|| context.config.deadline.map(|date| date.to_string()));
    let nothing = BTreeMap::new();
    let writer = Writer::new(&context.framework);
    let write = |economy: &Economy| {
        let previous = previous.get(&economy.code);
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
    let written = if let (Some(_), [economy]) = (&options.economy, asked.as_slice()) {
        let path = if options.out.is_dir() {
            options.out.join(format!("{}.xlsx", economy.code))
        } else {
            options.out.clone()
        };
        durable::write(&path, &write(economy)?).map_err(Failure::stage)?;
        vec![path]
    } else {
        durable::sweep_leftovers(&options.out).map_err(Failure::stage)?;
        let bars = Bars::new(voice.bars());
        bars.start("template", asked.len());
        let paths: Result<Vec<_>, Failure> = asked
            .par_iter()
            .map(|economy| {
                let path = options.out.join(format!("{}.xlsx", economy.code));
                durable::write(&path, &write(economy)?).map_err(Failure::stage)?;
                bars.advance();
                Ok(path)
            })
            .collect();
        bars.finish();
        paths?
    };
    match written.as_slice() {
        [path] => voice.line(&format!("wrote {}", path.display())),
        all => voice.line(&format!("wrote {} questionnaires to {}", all.len(), options.out.display())),
    }
    let unknown: Vec<&str> = asked
        .iter()
        .filter(|economy| options.prefill && !previous.contains_key(&economy.code))
        .map(|economy| economy.code.as_str())
        .collect();
    if !unknown.is_empty() {
        voice.line(&unfilled(context, &unknown, asked.len()));
    }
    voice.result(&json!({ "written": written, "unfilled": unknown }))?;
    Ok(Exit::Done)
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

/// The economy that a code or name means.
pub(crate) fn economy<'a>(context: &'a Context, text: &str) -> Result<&'a Economy, Failure> {
    context.economies.find(text).map(|(economy, _)| economy).map_err(|unknown| {
        let guess = unknown.nearest.map(|code| format!(", did you mean {code}?")).unwrap_or_default();
        Failure::new(Exit::Usage, format!("the economy \"{text}\" is not known{guess}"))
    })
}
