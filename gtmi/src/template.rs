//! `gtmi template`: questionnaires for economies to fill in.

use std::collections::BTreeMap;

use maturity::economy::Economy;
use maturity::language::Language;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, Progress, durable};
use questionnaire::{Entered, Request};
use rayon::prelude::*;
use serde_json::json;

use crate::arguments::TemplateOptions;
use crate::bar::Bars;
use crate::say::Voice;

/// Writes one questionnaire, or one for each economy.
pub(crate) fn template(context: &Context, voice: Voice, options: &TemplateOptions) -> Result<Exit, Failure> {
    let language = language(context, options.language.as_deref())?;
    let write = |economy: &Economy| {
        let request = Request {
            framework: &context.framework,
            economy,
            language: language.clone(),
            answers: &BTreeMap::new(),
            entered: &Entered::default(),
            collected: None,
            deadline: options.deadline.clone(),
            previous: None,
        };
        questionnaire::write(&request).map_err(Failure::stage)
    };
    let written = if let Some(text) = &options.economy {
        let economy = economy(context, text)?;
        let path = if options.out.is_dir() {
            options.out.join(format!("{}.xlsx", economy.code))
        } else {
            options.out.clone()
        };
        durable::write(&path, &write(economy)?).map_err(Failure::stage)?;
        vec![path]
    } else {
        let economies: Vec<&Economy> = context.economies.iter().collect();
        let bars = Bars::new(voice.bars());
        bars.start("template", economies.len());
        let paths: Result<Vec<_>, Failure> = economies
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
    voice.result(&json!({ "written": written }))?;
    Ok(Exit::Done)
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
