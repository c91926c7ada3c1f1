//! What is recorded of a run: what went in, what came out, and which economies it left in another state.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use maturity::economy::EconomyCode;
use pipeline::hash::{Fingerprint, sha256};
use pipeline::stage::{Failure, Summary};
use pipeline::tables::ExternalUse;
use pipeline::{Context, Exit};
use serde::Serialize;
use store::{Scored, Snapshot, Store, StoreError, SubmissionId};

use crate::diff;

/// The record of a run: `run.json`.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    pub(super) id: String,
    tool: &'static str,
    tool_version: &'static str,
    wave: u16,
    pub(super) started_at: String,
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
    pub(super) outputs: BTreeMap<String, String>,
    stages: &'a [StageRecord],
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct FrameworkStamp<'a> {
    id: &'a str,
    version: &'a str,
    sha256: &'a str,
}

#[derive(Debug, Serialize)]
pub(crate) struct StageRecord {
    #[serde(flatten)]
    pub(crate) summary: Summary,
    pub(crate) seconds: f64,
}

/// The key of an economy's state: everything that its scores depend on.
pub(super) type Keys = BTreeMap<EconomyCode, String>;

fn keys(context: &Context, store: &Store) -> Result<Keys, StoreError> {
    let scored = store.work_keys("score")?;
    let mut keys = Keys::new();
    for economy in store.scored_economies(context.framework.wave)? {
        let key = scored.get(economy.as_str()).map_or("", String::as_str);
        let key = Fingerprint::new().with(&context.framework.hash).with(economy.as_str()).with(key).finish();
        keys.insert(economy, key);
    }
    Ok(keys)
}

/// The id of a run that leaves the store as it is now.
pub(crate) fn run_id(context: &Context, store: &Store) -> Result<String, Failure> {
    let inputs = inputs(store).map_err(Failure::stage)?;
    let keys = keys(context, store).map_err(Failure::stage)?;
    Ok(id(context, &inputs, &keys))
}

/// The states in which a run leaves the economies.
pub(super) struct States {
    pub(super) keys: Keys,
    /// The economies that the run before left in another state, each with the key of its new one; without a key, those
    /// that have no scores any more.
    pub(super) changed: Vec<(EconomyCode, Option<String>)>,
    /// What the states of the changed ones are read from.
    scored: BTreeMap<EconomyCode, Scored>,
    /// The name and SHA-256 of the file that each of them comes from.
    files: BTreeMap<SubmissionId, (String, String)>,
    editions: BTreeMap<String, u16>,
}

impl States {
    pub(super) fn of(context: &Context, store: &Store) -> Result<Self, StoreError> {
        let wave = context.framework.wave;
        let before = store.state_keys(wave, None)?;
        let keys = keys(context, store)?;
        let new = keys.iter().filter(|(economy, key)| before.get(economy) != Some(key));
        let mut changed: Vec<(EconomyCode, Option<String>)> =
            new.map(|(economy, key)| (economy.clone(), Some(key.clone()))).collect();
        let (mut scored, mut files) = (BTreeMap::new(), BTreeMap::new());
        if !changed.is_empty() {
            let all = store.scored(wave)?.into_iter();
            scored = all
                .filter(|scored| before.get(&scored.economy) != keys.get(&scored.economy))
                .map(|scored| (scored.economy.clone(), scored))
                .collect();
            let wanted: BTreeSet<SubmissionId> = scored.values().map(|scored| scored.submission).collect();
            let rows = store.submissions()?.into_iter().filter(|row| wanted.contains(&row.id));
            files = rows.map(|row| (row.id, (row.name, row.sha256))).collect();
        }
        changed.extend(
            before.into_keys().filter(|economy| !keys.contains_key(economy)).map(|gone| (gone, None)),
        );
        Ok(Self { keys, changed, scored, files, editions: diff::points::editions(context) })
    }

    /// The new state of an economy.
    pub(super) fn snapshot(
        &self,
        context: &Context,
        store: &Store,
        economy: &EconomyCode,
    ) -> Result<Snapshot, StoreError> {
        let none = || StoreError::Corrupt { place: format!("the scores of {economy}") };
        let of_economy = self.scored.get(economy).ok_or_else(none)?;
        let (file, sha256) = self.files.get(&of_economy.submission).cloned().unwrap_or_default();
        let scores = store.scores_of(context.framework.wave, of_economy)?;
        Ok(Snapshot { scores, file, sha256, editions: self.editions.clone() })
    }
}

pub(super) fn record<'a>(
    context: &'a Context,
    store: &Store,
    stages: &'a [StageRecord],
    keys: &Keys,
    started_at: &str,
    exit: Exit,
) -> Result<Record<'a>, Failure> {
    let inputs = inputs(store).map_err(Failure::stage)?;
    let mut outputs = BTreeMap::new();
    // A run over all economies has just looked at these, or written them.
    let known = if context.scope.is_whole() {
        report::recorded_hashes(store).map_err(Failure::stage)?
    } else {
        BTreeMap::new()
    };
    for folder in ["", "reports", "feedback", "refused"] {
        hash_folder(&context.config.output, folder, &known, &mut outputs).map_err(Failure::stage)?;
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

/// The names of every file that was ever taken in, by SHA-256.
pub(super) fn inputs(store: &Store) -> Result<BTreeMap<String, Vec<String>>, StoreError> {
    let mut inputs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in store.file_names()? {
        inputs.entry(file.sha256).or_default().push(format!("{}/{}", file.source, file.name));
    }
    Ok(inputs)
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

/// Hashes the workbooks and lists directly in a folder of outputs, as far as their hashes are not known.
fn hash_folder(
    root: &Path,
    folder: &str,
    known: &BTreeMap<String, String>,
    outputs: &mut BTreeMap<String, String>,
) -> io::Result<()> {
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
            let hash = match known.get(&relative) {
                Some(hash) => hash.clone(),
                None => sha256(&fs::read(entry.path())?),
            };
            outputs.insert(relative, hash);
        }
    }
    Ok(())
}
