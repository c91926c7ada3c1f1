//! `gtmi framework method`: the method as a page to read.

use std::path::Path;

use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde_json::json;
use store::Store;

use crate::say::Voice;
use crate::template;

/// Writes the page, or prints it.
pub(crate) fn method(
    context: &Context,
    voice: Voice,
    economy: Option<&str>,
    language: Option<&str>,
    out: Option<&Path>,
) -> Result<Exit, Failure> {
    let language = template::language(context, language)?;
    let example = match economy {
        None => None,
        Some(asked) => {
            let economy = template::economy(context, asked)?;
            let none = || {
                let message = format!("{} has no scores yet (gtmi run computes them)", economy.code);
                Failure::new(Exit::Usage, message)
            };
            let store =
                Store::open_existing(&context.config.store).map_err(Failure::stage)?.ok_or_else(none)?;
            let wave = context.framework.wave;
            let scored = store.scored_one(wave, &economy.code).map_err(Failure::stage)?.ok_or_else(none)?;
            Some((economy, store.scores_of(wave, &scored).map_err(Failure::stage)?))
        }
    };
    let example = example.as_ref().map(|(economy, scores)| (*economy, scores));
    let page = report::methodology(&context.framework, &language, example);
    match out {
        Some(path) => {
            durable::write(path, page.as_bytes()).map_err(Failure::stage)?;
            voice.line(&format!("wrote {}", path.display()));
            voice.result(&json!({ "written": path }))?;
        }
        None => voice.page(&page)?,
    }
    Ok(Exit::Done)
}
