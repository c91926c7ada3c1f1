//! The summary as files: made from what the store holds, so that it is there after a run that was cut off too.

use std::fs;

use notice::Summary;
use pipeline::stage::Failure;
use pipeline::{Context, durable};
use store::Store;

/// Writes `summary.md`, `summary.html` and `summary.json` where they are not those of the latest summary.
pub(super) fn bring_up_to_date(context: &Context, store: &Store) -> Result<(), Failure> {
    if !context.config.notify.summary {
        return Ok(());
    }
    let told = store.told(context.framework.wave).map_err(Failure::stage)?;
    let Some(text) = told.and_then(|told| told.summary) else { return Ok(()) };
    let summary: Summary = serde_json::from_str(&text).map_err(Failure::stage)?;
    let page = summary.page(&context.config.language);
    let json = serde_json::to_string_pretty(&summary).map_err(Failure::stage)? + "\n";
    for (name, content) in
        [("summary.md", page.markdown()), ("summary.html", page.html()), ("summary.json", json)]
    {
        let path = context.config.output.join(name);
        if fs::read(&path).ok().as_deref() != Some(content.as_bytes()) {
            durable::write(&path, content.as_bytes()).map_err(Failure::stage)?;
        }
    }
    Ok(())
}
