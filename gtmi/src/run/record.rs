//! What is recorded of a run: what went in, what came out, and which economies it left in another state.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fs;

use maturity::economy::EconomyCode;
use pipeline::hash::{Digest, Fingerprint, of_file};
use pipeline::stage::{Failure, Summary};
use pipeline::tables::ExternalUse;
use pipeline::{Context, Exit};
use serde::ser::{Error, SerializeMap};
use serde::{Deserialize, Serialize, Serializer};
use store::{Snapshot, Store, StoreError};

use crate::diff;
use crate::outputs;

/// The record of a run: `run.json`.
#[derive(Debug, Serialize)]
pub(super) struct Record<'a> {
    pub(super) id: String,
    tool: &'static str,
    tool_version: &'static str,
    wave: u16,
    started_at: &'a str,
    config_sha256: &'a str,
    framework: FrameworkStamp<'a>,
    /// The edition of each external index, with its source, and the economies that have no value.
    external_indices: Vec<&'a ExternalUse>,
    /// The rule for several respondents of one economy.
    respondents: &'static str,
    /// The date of the classification by region and income group.
    classified: Option<&'a str>,
    /// File name by SHA-256 of every file that was ever taken in.
    inputs: Inputs<'a>,
    /// SHA-256 by path of every output.
    outputs: BTreeMap<String, Digest>,
    stages: &'a [StageRecord],
    exit_code: u8,
}

/// What the ledger keeps of a run that failed.
#[derive(Debug, Serialize)]
pub(super) struct Broken<'a> {
    /// Absent where the store cannot be read.
    pub(super) inputs: Option<Inputs<'a>>,
    pub(super) stages: &'a [StageRecord],
}

#[derive(Debug, Serialize)]
struct FrameworkStamp<'a> {
    id: &'a str,
    version: &'a str,
    sha256: &'a str,
}

/// The names of every file that was ever taken in, by SHA-256: read from the store while they are written.
#[derive(Debug)]
pub(super) struct Inputs<'a>(pub(super) &'a Store);

impl Serialize for Inputs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.0.each_file(|sha256, names| map.serialize_entry(sha256, names)).map_err(S::Error::custom)??;
        map.end()
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct StageRecord {
    #[serde(flatten)]
    pub(crate) summary: Summary,
    pub(crate) seconds: f64,
}

/// Whether the record of the latest run also tells what one would that had nothing to do: how it ended, and how many files
/// are refused and submissions accepted or returned.
pub(super) fn still_holds(latest: &str, stages: &[StageRecord], exit: Exit) -> bool {
    #[derive(Deserialize)]
    struct Told {
        exit_code: u8,
        stages: Vec<Counted>,
    }
    #[derive(Deserialize)]
    struct Counted {
        stage: String,
        counts: BTreeMap<String, u64>,
    }
    let Ok(told) = serde_json::from_str::<Told>(latest) else { return false };
    let same = |now: &StageRecord| {
        let now = &now.summary;
        let before = told.stages.iter().find(|before| before.stage == now.stage);
        // A stage that was left out then has said nothing of it.
        before.is_none_or(|before| {
            ["refused", "accepted", "returned"]
                .iter()
                .all(|name| before.counts.get(*name) == now.counts.get(*name))
        })
    };
    told.exit_code == exit.code() && stages.iter().all(same)
}

/// The record of the latest run, which still holds, as one that had nothing to do prints it: its `notes` are what that one
/// noted, such as a source that cannot be reached now; what was noted when the work was done stands beside them as
/// `notes_of_record`.
pub(super) fn as_of_now(latest: &str, stages: &[StageRecord]) -> Result<String, serde_json::Error> {
    let mut record: serde_json::Value = serde_json::from_str(latest)?;
    let told = record.get_mut("stages").and_then(serde_json::Value::as_array_mut).into_iter().flatten();
    for told in told.filter_map(serde_json::Value::as_object_mut) {
        let now = stages.iter().map(|now| &now.summary).find(|now| told["stage"] == now.stage.as_str());
        // Of one that was left out, what it noted is all that is known.
        let Some(now) = now else { continue };
        if let Some(then) = told.remove("notes") {
            told.insert("notes_of_record".to_owned(), then);
        }
        if !now.notes.is_empty() {
            told.insert("notes".to_owned(), now.notes.as_slice().into());
        }
    }
    Ok(serde_json::to_string_pretty(&record)? + "\n")
}

/// The key of an economy's state: everything that its scores depend on.
pub(super) type Keys = BTreeMap<EconomyCode, String>;

fn keys(context: &Context, store: &Store) -> Result<Keys, StoreError> {
    store.look(|store| {
        let mut keys = Keys::new();
        for economy in store.scored_economies(context.framework.wave)? {
            let key = store.score_key(context.framework.wave, &economy)?.unwrap_or_default();
            let key = Fingerprint::new().with(&context.framework.hash).with(economy.as_str()).with(key);
            keys.insert(economy, key.finish());
        }
        Ok(keys)
    })
}

/// The id of a run that leaves the store as it is now.
pub(crate) fn run_id(context: &Context, store: &Store) -> Result<String, Failure> {
    let keys = keys(context, store).map_err(Failure::stage)?;
    id(context, store, &keys).map_err(Failure::stage)
}

/// The states in which a run leaves the economies.
pub(super) struct States {
    pub(super) keys: Keys,
    /// The economies that the run before left in another state, each with the key of its new one; without a key, those
    /// that have no scores any more.
    pub(super) changed: Vec<(EconomyCode, Option<String>)>,
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
        changed.extend(
            before.into_keys().filter(|economy| !keys.contains_key(economy)).map(|gone| (gone, None)),
        );
        Ok(Self { keys, changed, editions: diff::points::editions(context) })
    }

    /// The new state of an economy.
    pub(super) fn snapshot(
        &self,
        context: &Context,
        store: &Store,
        economy: &EconomyCode,
    ) -> Result<Snapshot, StoreError> {
        let none = || StoreError::Corrupt { place: format!("the scores of {economy}") };
        let wave = context.framework.wave;
        let of_economy = store.scored_one(wave, economy)?.ok_or_else(none)?;
        let row = store.submission(of_economy.submission)?;
        let (file, sha256) = row.map(|row| (row.name, row.sha256)).unwrap_or_default();
        let scores = store.scores_of(wave, &of_economy)?;
        Ok(Snapshot { scores, file, sha256, editions: self.editions.clone() })
    }
}

pub(super) fn record<'a>(
    context: &'a Context,
    store: &'a Store,
    stages: &'a [StageRecord],
    keys: &Keys,
    started_at: &'a str,
    exit: Exit,
) -> Result<Record<'a>, Failure> {
    let mut outputs = BTreeMap::new();
    let hashed = store.look(|store| {
        let mut folders = ["", "reports", "feedback", "refused"].into_iter();
        Ok::<_, StoreError>(folders.try_for_each(|folder| hash_folder(context, store, folder, &mut outputs)))
    });
    hashed.map_err(Failure::stage)??;
    Ok(Record {
        id: id(context, store, keys).map_err(Failure::stage)?,
        tool: env!("CARGO_PKG_NAME"),
        tool_version: env!("CARGO_PKG_VERSION"),
        wave: context.config.wave.0,
        started_at,
        config_sha256: &context.config.hash,
        framework: FrameworkStamp {
            id: &context.framework.id,
            version: &context.framework.version,
            sha256: &context.framework.hash,
        },
        external_indices: context.external_indices.uses().collect(),
        respondents: context.config.respondents.rule.as_str(),
        classified: context.economies.classified(),
        inputs: Inputs(store),
        outputs,
        stages,
        exit_code: exit.code(),
    })
}

/// The id of a run names what went into it: equal input has an equal id, on every machine.
fn id(context: &Context, store: &Store, keys: &Keys) -> Result<String, StoreError> {
    let mut fingerprint = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(&context.config.hash)
        .with(&context.framework.hash)
        .with(&context.economies_hash);
    let added: Result<(), Infallible> = store.each_file(|sha256, _| {
        fingerprint.add(sha256);
        Ok(())
    })?;
    let Ok(()) = added;
    // External values are in the keys of the states.
    for key in keys.values() {
        fingerprint.add(key);
    }
    fingerprint.add(format!("{:?}", context.published_scores));
    Ok(fingerprint.finish().chars().take(16).collect())
}

/// Hashes the workbooks and lists directly in a folder of outputs, as far as their hashes are not known.
fn hash_folder(
    context: &Context,
    store: &Store,
    folder: &str,
    outputs: &mut BTreeMap<String, Digest>,
) -> Result<(), Failure> {
    let path = context.config.output.join(folder);
    if !path.exists() {
        return Ok(());
    }
    for entry in fs::read_dir(path).map_err(Failure::stage)? {
        let entry = entry.map_err(Failure::stage)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let is_output = outputs::is_output(&context.economies, folder, &name);
        if is_output && entry.file_type().map_err(Failure::stage)?.is_file() {
            let relative = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            // A run over all economies has just looked at these, or written them.
            let known = context
                .scope
                .is_whole()
                .then(|| report::recorded_hash(context, store, &relative))
                .transpose();
            let hash = match known.map_err(Failure::stage)?.flatten() {
                Some(hash) => hash,
                None => of_file(&entry.path()).map_err(Failure::stage)?,
            };
            outputs.insert(relative, hash);
        }
    }
    Ok(())
}
