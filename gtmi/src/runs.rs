//! `gtmi runs`: the ledger of runs.

use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::Serialize;
use serde_json::Value;
use store::{LedgerEntry, Store};

use crate::say::{Tone, Voice};

/// A row of the ledger for machines.
#[derive(Debug, Serialize)]
struct Row {
    attempt: String,
    /// The id of the run, as in `run.json`; absent where it failed.
    run: Option<Value>,
    cause: String,
    started_at: String,
    seconds: Option<f64>,
    outcome: String,
    exit_code: Option<u8>,
    config_sha256: String,
    framework_sha256: String,
    error: Option<String>,
    inputs: Option<Value>,
    outputs: Option<Value>,
    stages: Option<Value>,
}

impl Row {
    fn of(entry: LedgerEntry) -> Self {
        let record: Option<Value> =
            entry.record.as_deref().and_then(|record| serde_json::from_str(record).ok());
        let part = |name: &str| record.as_ref().and_then(|record| record.get(name)).cloned();
        Self {
            run: part("id"),
            inputs: part("inputs"),
            outputs: part("outputs"),
            stages: part("stages"),
            attempt: entry.attempt,
            cause: entry.cause,
            started_at: entry.started_at,
            seconds: entry.seconds,
            outcome: entry.outcome,
            exit_code: entry.exit_code,
            config_sha256: entry.config_sha256,
            framework_sha256: entry.framework_sha256,
            error: entry.error,
        }
    }

    /// One line, and a second one for what went wrong.
    fn line(&self) -> String {
        let started = self.started_at.get(..19).unwrap_or(&self.started_at);
        let id = self.run.as_ref().and_then(Value::as_str).unwrap_or("-");
        let exit = self.exit_code.map_or_else(|| "-".to_owned(), |code| code.to_string());
        let took = self.seconds.map_or_else(|| "-".to_owned(), |seconds| format!("{seconds:.1} s"));
        let mut line = format!(
            "{started}Z  {:<9} {:<10} {exit:>4} {took:>10}  {id:<16}  {}",
            self.cause,
            self.outcome,
            self.done()
        );
        if let Some(error) = &self.error {
            line.push_str("\n    ");
            line.push_str(error);
        }
        line
    }

    /// What each stage did.
    fn done(&self) -> String {
        let stages = self.stages.as_ref().and_then(Value::as_array);
        let told = stages.into_iter().flatten().filter_map(|stage| {
            let count = stage.get("done")?.as_u64()?;
            Some(format!("{} {count}", stage.get("stage")?.as_str()?))
        });
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Lists the latest `last` rows, or all.
pub(crate) fn runs(context: &Context, voice: Voice, last: Option<usize>) -> Result<Exit, Failure> {
    let entries = match Store::open_existing(&context.config.store).map_err(Failure::stage)? {
        Some(store) => store.ledger().map_err(Failure::stage)?,
        None => Vec::new(),
    };
    let hidden = entries.len().saturating_sub(last.unwrap_or(usize::MAX));
    let is_empty = entries.is_empty();
    let rows: Vec<Row> = entries.into_iter().skip(hidden).map(Row::of).collect();
    if is_empty {
        voice.line("no run did anything yet");
    } else if rows.is_empty() {
        voice.line("none of the runs was asked for (--last 0)");
    } else {
        let heading = format!(
            "{:<20}  {:<9} {:<10} {:>4} {:>10}  {:<16}  units done",
            "started", "cause", "outcome", "exit", "took", "run"
        );
        voice.line(&voice.toned(Tone::Heading, &heading));
    }
    for row in &rows {
        voice.line(&row.line());
    }
    voice.result(&rows)?;
    Ok(Exit::Done)
}
