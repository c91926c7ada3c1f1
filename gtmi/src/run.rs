//! `gtmi run`: the four stages in order, and the record of the run.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use pipeline::hash::{Fingerprint, sha256};
use pipeline::stage::{Failure, Summary};
use pipeline::{Context, Exit, durable};
use serde::Serialize;
use store::Store;

use crate::bar::Bars;
use crate::say::{Tone, Voice};
use crate::stages::{self, Stage};

/// The record of a run: `run.json`.
#[derive(Debug, Serialize)]
struct Record<'a> {
    id: String,
    tool: &'static str,
    tool_version: &'static str,
    wave: u16,
    started_at: String,
    config_sha256: &'a str,
    framework: FrameworkStamp<'a>,
    /// File name by SHA-256 of every file that was ever taken in.
    inputs: BTreeMap<String, Vec<String>>,
    /// SHA-256 by path of every output.
    outputs: BTreeMap<String, String>,
    stages: Vec<StageRecord>,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct FrameworkStamp<'a> {
    id: &'a str,
    version: &'a str,
    sha256: &'a str,
}

#[derive(Debug, Serialize)]
struct StageRecord {
    #[serde(flatten)]
    summary: Summary,
    seconds: f64,
}

/// Runs all stages. A run that finds nothing to do writes nothing.
pub(crate) fn run(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    let start = Instant::now();
    let started_at = jiff::Timestamp::now();
    let _lock = pipeline::stage::lock(context)?;
    let mut store = stages::open(context)?;
    sweep(context)?;
    let bars = Bars::new(voice.bars());
    let mut stages = Vec::new();
    for stage in Stage::ALL {
        let (summary, seconds) = stage.run(context, &mut store, &bars)?;
        stages::tell(voice, &summary);
        stages.push(StageRecord { summary, seconds });
    }
    stages::attention(context, &store, voice)?;

    let attention = stages.iter().any(|stage| stage.summary.attention);
    let exit = if attention { Exit::Attention } else { Exit::Done };
    let idle = stages.iter().all(|stage| stage.summary.done == 0 && stage.summary.written.is_empty());
    let known = context.config.output.join("run.json").exists();
    if idle && known {
        voice.line(&voice.toned(Tone::Good, "\nnothing changed since the last run; nothing was written"));
        let latest = store.latest_run().map_err(Failure::stage)?;
        let latest: Option<serde_json::Value> = latest.and_then(|record| serde_json::from_str(&record).ok());
        voice.result(&latest)?;
        return Ok(exit);
    }
    let record = record(context, &store, stages, &started_at.to_string(), exit)?;
    let text = serde_json::to_string_pretty(&record).map_err(Failure::stage)? + "\n";
    store.record_run(&record.id, &record.started_at, &text).map_err(Failure::stage)?;
    durable::write(&context.config.output.join("run.json"), text.as_bytes()).map_err(Failure::stage)?;

    let output = context.config.output.display();
    let seconds = start.elapsed().as_secs_f64();
    let done =
        format!("\ndone in {seconds:.1} s: {output}/reports, {output}/global.xlsx (run {})", record.id);
    voice.line(&voice.toned(Tone::Good, &done));
    voice.result(&record)?;
    Ok(exit)
}

/// Removes what killed runs left.
fn sweep(context: &Context) -> Result<(), Failure> {
    for folder in ["", "reports", "feedback", "refused"] {
        durable::sweep(&context.config.output.join(folder)).map_err(Failure::stage)?;
    }
    Ok(())
}

fn record<'a>(
    context: &'a Context,
    store: &Store,
    stages: Vec<StageRecord>,
    started_at: &str,
    exit: Exit,
) -> Result<Record<'a>, Failure> {
    let mut inputs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in store.file_names().map_err(Failure::stage)? {
        inputs.entry(file.sha256).or_default().push(format!("{}/{}", file.source, file.name));
    }
    let mut outputs = BTreeMap::new();
    for folder in ["", "reports", "feedback", "refused"] {
        hash_folder(&context.config.output, folder, &mut outputs).map_err(Failure::stage)?;
    }
    Ok(Record {
        id: id(context, &inputs),
        tool: env!("CARGO_PKG_NAME"),
        tool_version: env!("CARGO_PKG_VERSION"),
        wave: context.config.wave.0,
        started_at: started_at.to_owned(),
        config_sha256: &context.config.hash,
        framework: FrameworkStamp {
            id: &context.framework.id,
            version: &context.framework.version,
            sha256: &context.framework.hash,
        },
        inputs,
        outputs,
        stages,
        exit_code: exit.code(),
    })
}

/// The id of a run names what went into it: equal input has an equal id, on every machine.
fn id(context: &Context, inputs: &BTreeMap<String, Vec<String>>) -> String {
    let mut fingerprint = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(&context.config.hash)
        .with(&context.framework.hash)
        .with(&context.economies_hash);
    for sha256 in inputs.keys() {
        fingerprint.add(sha256);
    }
    fingerprint.finish().chars().take(16).collect()
}

/// Hashes the workbooks and lists directly in a folder of outputs.
fn hash_folder(root: &Path, folder: &str, outputs: &mut BTreeMap<String, String>) -> io::Result<()> {
    let path = root.join(folder);
    if !path.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let extension = Path::new(&name).extension().and_then(|extension| extension.to_str());
        let is_output = extension == Some("xlsx") || (folder == "refused" && extension == Some("json"));
        if is_output && entry.file_type()?.is_file() {
            let relative = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            outputs.insert(relative, sha256(&fs::read(entry.path())?));
        }
    }
    Ok(())
}
