//! The sheet `settings`.

use maturity::framework::Framework;

use super::FormRequest;
use super::table::{Languages, Row, Table};

/// What form servers know the form by.
pub(super) fn settings(request: &FormRequest<'_>, languages: &Languages) -> Table {
    let framework = request.framework;
    let row = Row::default()
        .with("form_title", framework.title.get(&request.language))
        .with("form_id", maturity::form::name(&framework.id.as_str().into()))
        .with("version", version(framework))
        .with("default_language", languages.name(&request.language))
        .with("instance_name", "${economy}")
        // One section a page in the web form.
        .with("style", "pages");
    let columns = ["form_title", "form_id", "version", "default_language", "instance_name", "style"]
        .map(|c| (c, false));
    Table::new(&columns, languages, vec![row])
}

/// The version as servers order it, `yyyymmddrr`: the framework's date, and the last number of its version as the
/// revision (`2022.1` gives 01).
fn version(framework: &Framework) -> String {
    let revision = framework.version.rsplit(|c: char| !c.is_ascii_digit()).find(|part| !part.is_empty());
    let revision = revision.and_then(|part| part.parse::<u32>().ok()).unwrap_or(0) % 100;
    let date = framework.as_of;
    format!("{:04}{:02}{:02}{revision:02}", date.year, date.month, date.day)
}
