//! `gtmi xlsform`: the instrument as an online form.

use std::path::Path;

use maturity::economy::Economy;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use questionnaire::FormRequest;
use serde_json::json;

use crate::places;
use crate::say::{Voice, counted};
use crate::template;

/// Writes the form.
pub(crate) fn xlsform(
    context: &Context,
    voice: Voice,
    out: &Path,
    language: Option<&str>,
) -> Result<Exit, Failure> {
    places::file(out)?;
    places::no_input(&context.config, out)?;
    let language = match language {
        Some(_) => template::language(context, language)?,
        None => context.framework.language(),
    };
    let economies: Vec<&Economy> = context.economies.iter().collect();
    let request = FormRequest { framework: &context.framework, economies: &economies, language };
    let form = questionnaire::write_form(&request).map_err(Failure::stage)?;
    durable::write(out, &form).map_err(Failure::stage)?;
    let asked = context.framework.asked_questions().count();
    voice.line(&format!("wrote {} with {}", out.display(), counted(asked, "question", "questions")));
    voice.result(&json!({ "written": out.display().to_string(), "questions": asked }))?;
    Ok(Exit::Done)
}
