//! `gtmi export`: tidy tables as CSV, described by a `datapackage.json`.

mod package;
mod table;
mod tables;

use std::path::Path;

use pipeline::hash::sha256;
use pipeline::stage::Failure;
use pipeline::{Context, Exit, durable};
use serde_json::json;
use store::Store;

use crate::say::Voice;

/// Writes the tables of the wave into a folder.
pub(crate) fn export(context: &Context, voice: Voice, out: &Path) -> Result<Exit, Failure> {
    let store = Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let store = store.ok_or_else(|| {
        Failure::new(Exit::Usage, "there is nothing to export yet (gtmi run reads and scores what came in)")
    })?;
    let mut written = Vec::new();
    let mut resources = Vec::new();
    for table in tables::all(context, &store).map_err(Failure::stage)? {
        let bytes = table.csv().map_err(Failure::stage)?;
        let path = out.join(format!("{}.csv", table.name));
        durable::write(&path, &bytes).map_err(Failure::stage)?;
        voice.line(&format!("wrote {}, {} rows", path.display(), table.rows.len()));
        resources.push(package::resource(&table, bytes.len(), &sha256(&bytes)));
        written.push(path);
    }
    let path = out.join("datapackage.json");
    let text =
        serde_json::to_string_pretty(&package::package(context, &resources)).map_err(Failure::stage)? + "\n";
    durable::write(&path, text.as_bytes()).map_err(Failure::stage)?;
    voice.line(&format!("wrote {}", path.display()));
    written.push(path);
    voice.result(&json!({ "written": written }))?;
    Ok(Exit::Done)
}
