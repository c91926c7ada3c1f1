//! `gtmi run`: the four stages in order, and the record of the run.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;
use std::time::Instant;

use maturity::economy::EconomyCode;
use pipeline::hash::{Fingerprint, sha256};
use pipeline::stage::{Failure, Summary};
use pipeline::tables::ExternalUse;
use pipeline::{Context, Exit, durable};
use serde::Serialize;
use store::{RunStates, Snapshot, Store};

use crate::bar::Bars;
use crate::diff;
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
    /// The edition of each external index, with its source, and the economies that have no value.
    external_indices: Vec<&'a ExternalUse>,
    /// The rule for several respondents of one economy.
    respondents: &'static str,
    /// The date of the classification by region and income group.
    classified: Option<&'a str>,
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
    let (keys, changed) = states(context, &store)?;
    let imported = stages.iter().any(|stage| stage.summary.counts.contains_key("imported"));
    let idle = stages.iter().all(|stage| stage.summary.done == 0 && stage.summary.written.is_empty())
        && changed.is_empty()
        && !imported;
    let known = context.config.output.join("run.json").exists();
    if idle && known {
        voice.line(&voice.toned(Tone::Good, "\nnothing changed since the last run; nothing was written"));
        let latest = store.latest_run().map_err(Failure::stage)?;
        let latest: Option<serde_json::Value> = latest.and_then(|record| serde_json::from_str(&record).ok());
        voice.result(&latest)?;
        return Ok(exit);
    }
    let record = record(context, &store, stages, &keys, &started_at.to_string(), exit)?;
    let text = serde_json::to_string_pretty(&record).map_err(Failure::stage)? + "\n";
    let kept = RunStates {
        wave: context.framework.wave,
        framework: &context.framework.hash,
        sources: &context.framework_sources,
        changed,
    };
    store.record_run(&record.id, &record.started_at, &text, &kept).map_err(Failure::stage)?;
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

/// The key of an economy's state: everything that its scores depend on.
type Keys = BTreeMap<EconomyCode, String>;

/// The economies that this run left in another state than the run before.
type Changed = Vec<(EconomyCode, Option<(String, Snapshot)>)>;

/// The keys of all states of the wave, and the states that changed since the latest recorded run.
fn states(context: &Context, store: &Store) -> Result<(Keys, Changed), Failure> {
    let wave = context.framework.wave;
    let before = store.state_keys(wave, None).map_err(Failure::stage)?;
    let scored = store.work_keys("score").map_err(Failure::stage)?;
    let mut keys = Keys::new();
    for economy in store.scored_economies(wave).map_err(Failure::stage)? {
        let key = scored.get(economy.as_str()).map_or("", String::as_str);
        let key = Fingerprint::new().with(&context.framework.hash).with(economy.as_str()).with(key).finish();
        keys.insert(economy, key);
    }
    let is_new = |economy: &EconomyCode| keys.get(economy) != before.get(economy);
    let mut changed = Changed::new();
    if keys.keys().any(is_new) {
        let files: BTreeMap<_, _> = store
            .submissions()
            .map_err(Failure::stage)?
            .into_iter()
            .map(|row| (row.id, (row.name, row.sha256)))
            .collect();
        let editions = diff::points::editions(context);
        for (scores, submission) in store.scores(wave).map_err(Failure::stage)? {
            let Some(key) = keys.get(&scores.economy).filter(|_| is_new(&scores.economy)) else { continue };
            let (file, sha256) = files.get(&submission).cloned().unwrap_or_default();
            let economy = scores.economy.clone();
            let snapshot = Snapshot { scores, file, sha256, editions: editions.clone() };
            changed.push((economy, Some((key.clone(), snapshot))));
        }
    }
    changed.extend(
        before.keys().filter(|economy| !keys.contains_key(*economy)).map(|gone| (gone.clone(), None)),
    );
    Ok((keys, changed))
}

fn record<'a>(
    context: &'a Context,
    store: &Store,
    stages: Vec<StageRecord>,
    keys: &Keys,
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
        id: id(context, &inputs, keys),
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
        external_indices: context.external_indices.uses().collect(),
        respondents: context.config.respondents.rule.as_str(),
        classified: context.economies.classified(),
        inputs,
        outputs,
        stages,
        exit_code: exit.code(),
    })
}

/// The id of a run names what went into it: equal input has an equal id, on every machine.
fn id(context: &Context, inputs: &BTreeMap<String, Vec<String>>, keys: &Keys) -> String {
    let mut fingerprint = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(&context.config.hash)
        .with(&context.framework.hash)
        .with(&context.economies_hash);
    for sha256 in inputs.keys() {
        fingerprint.add(sha256);
    }
    // External values are in the keys of the states.
    for key in keys.values() {
        fingerprint.add(key);
    }
    fingerprint.add(format!("{:?}", context.published_scores));
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
