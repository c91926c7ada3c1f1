//! `gtmi framework method`: the method as a page to read.

use std::path::Path;

use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde_json::json;

use crate::places;
use crate::say::Voice;
use crate::standing;
use crate::template;

/// Writes the page, or prints it.
pub(crate) fn method(
    context: &Context,
    voice: Voice,
    economy: Option<&str>,
    language: Option<&str>,
    out: Option<&Path>,
) -> Result<Exit, Failure> {
    if let Some(out) = out {
        places::text(out)?;
        places::no_input(&context.config, out)?;
    }
    let language = template::language(context, language)?;
    let example = match economy {
        None => None,
        Some(asked) => {
            let economy = template::economy(context, asked)?;
            let (store, scored) = standing::scored(context, economy)?;
            Some((economy, store.scores_of(context.framework.wave, &scored).map_err(Failure::stage)?))
        }
    };
    let example = example.as_ref().map(|(economy, scores)| (*economy, scores));
    let page = report::methodology(&context.framework, &language, example);
    match out {
        Some(path) => {
            durable::write(path, page.as_bytes()).map_err(Failure::stage)?;
            voice.line(&format!("wrote {}", path.display()));
            voice.result(&json!({ "written": path.display().to_string() }))?;
        }
        None => voice.page(&page)?,
    }
    Ok(Exit::Done)
}
