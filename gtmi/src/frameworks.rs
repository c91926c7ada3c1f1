//! `gtmi framework check`: all problems of a framework at once.

use std::path::Path;

use pipeline::stage::{CommonArgs, Failure};
use pipeline::{Config, Exit, context};
use serde_json::json;

use crate::say::{Tone, Voice};

/// Checks the framework in `folder`, or the configured one.
pub(crate) fn check(folder: Option<&Path>, common: &CommonArgs, voice: Voice) -> Result<Exit, Failure> {
    let usage = |error| Failure::new(Exit::Usage, error);
    let folder = if let Some(folder) = folder {
        folder.to_owned()
    } else {
        let config =
            Config::load(common.config.as_deref()).map_err(|error| Failure::new(Exit::Usage, error))?;
        config.framework
    };
    let framework = context::framework(&folder).map_err(usage)?;
    let languages: Vec<&str> = framework.languages.iter().map(|(language, _)| language.tag()).collect();
    let scored = framework.questions.iter().filter(|question| question.scoring.is_some()).count();
    voice.line(&format!(
        "{} {}: {} indicators, {} questions ({scored} scored), {} lists of choices, languages {}",
        voice.toned(Tone::Good, "sound"),
        framework.id,
        framework.indicators.len(),
        framework.questions.len(),
        framework.choice_lists.len(),
        languages.join(", "),
    ));
    voice.result(&json!({
        "framework": framework.id,
        "version": framework.version,
        "sha256": framework.hash,
        "indicators": framework.indicators.len(),
        "questions": framework.questions.len(),
        "scored_questions": scored,
        "languages": languages,
    }))?;
    Ok(Exit::Done)
}
