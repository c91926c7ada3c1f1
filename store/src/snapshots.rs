//! What an earlier run had: for each economy the scores, the answers and external values behind them, and the
//! framework. A run stores only the economies whose state it changed, and equal states are stored once.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use maturity::economy::EconomyCode;
use maturity::framework::FrameworkSources;
use maturity::score::EconomyScores;
use maturity::submission::Wave;
use rusqlite::Transaction;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

/// The state of one economy. Holds no free text and no contacts: only what scores are computed from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The scores with their terms: the answers and values that count.
    pub scores: EconomyScores,
    /// The file that the answers came in.
    pub file: String,
    /// SHA-256 of that file.
    pub sha256: String,
    /// The edition used of each external index.
    pub editions: BTreeMap<String, u16>,
}

/// What a run leaves behind for later comparison.
#[derive(Debug)]
pub struct RunStates<'a> {
    /// The wave of the run.
    pub wave: Wave,
    /// SHA-256 of the framework.
    pub framework: &'a str,
    /// The framework's files.
    pub sources: &'a FrameworkSources,
    /// The economies that changed: the key of the new state and, if the store lacks it, the state; no state at
    /// all for an economy that has no scores any more.
    pub changed: Vec<(EconomyCode, Option<(String, Snapshot)>)>,
}

/// Records the states of a run inside its transaction.
pub(crate) fn record(
    transaction: &Transaction<'_>,
    run: i64,
    states: &RunStates<'_>,
) -> Result<(), StoreError> {
    let doing = "record the states of a run";
    if states.changed.is_empty() {
        return Ok(());
    }
    transaction
        .execute(
            "INSERT OR IGNORE INTO frameworks (hash, sources) VALUES (?1, ?2)",
            (states.framework, packed(states.sources)?),
        )
        .doing(doing)?;
    let mut state = transaction
        .prepare("INSERT OR IGNORE INTO snapshots (key, framework, content) VALUES (?1, ?2, ?3)")
        .doing(doing)?;
    let mut of_run = transaction
        .prepare("INSERT INTO run_snapshots (run, wave, economy, snapshot) VALUES (?1, ?2, ?3, ?4)")
        .doing(doing)?;
    for (economy, changed) in &states.changed {
        if let Some((key, snapshot)) = changed {
            state.execute((key, states.framework, packed(snapshot)?)).doing(doing)?;
        }
        let key = changed.as_ref().map(|(key, _)| key);
        of_run.execute((run, states.wave.0, economy.as_str(), key)).doing(doing)?;
    }
    Ok(())
}

impl Store {
    /// The key of the state of each economy of a wave as the run `run` left it; as the latest run left it if
    /// none is given. Economies without scores are left out.
    pub fn state_keys(
        &self,
        wave: Wave,
        run: Option<i64>,
    ) -> Result<BTreeMap<EconomyCode, String>, StoreError> {
        let doing = "look up the states of a run";
        let mut statement = self
            .connection
            .prepare(
                "SELECT economy, snapshot FROM run_snapshots r WHERE wave = ?1 AND run =
                     (SELECT max(run) FROM run_snapshots
                      WHERE wave = r.wave AND economy = r.economy AND run <= ?2)",
            )
            .doing(doing)?;
        let rows = statement
            .query_map((wave.0, run.unwrap_or(i64::MAX)), |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, Option<String>>(1)?))
            })
            .doing(doing)?;
        let mut keys = BTreeMap::new();
        for row in rows {
            if let (economy, Some(key)) = row.doing(doing)? {
                keys.insert(EconomyCode::new(&economy), key);
            }
        }
        Ok(keys)
    }

    /// The waves that states of runs were kept of.
    pub fn waves_with_states(&self) -> Result<BTreeSet<Wave>, StoreError> {
        let doing = "list the waves of earlier runs";
        let mut statement =
            self.connection.prepare("SELECT DISTINCT wave FROM run_snapshots").doing(doing)?;
        let rows = statement.query_map([], |row| row.get(0).map(Wave)).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// A state by its key, with the hash of its framework.
    pub fn state(&self, key: &str) -> Result<(Snapshot, String), StoreError> {
        let doing = "read a state of a run";
        let mut statement = self
            .connection
            .prepare_cached("SELECT content, framework FROM snapshots WHERE key = ?1")
            .doing(doing)?;
        let (content, framework): (Vec<u8>, String) =
            statement.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        Ok((unpacked(&content, "a state of a run")?, framework))
    }

    /// The files of a framework that scores were computed with.
    pub fn kept_framework(&self, hash: &str) -> Result<FrameworkSources, StoreError> {
        let doing = "read the framework of a run";
        let mut statement =
            self.connection.prepare_cached("SELECT sources FROM frameworks WHERE hash = ?1").doing(doing)?;
        let sources: Vec<u8> = statement.query_row([hash], |row| row.get(0)).doing(doing)?;
        unpacked(&sources, "the framework of a run")
    }
}

fn packed(value: &impl Serialize) -> Result<Vec<u8>, StoreError> {
    let json = serde_json::to_vec(value).map_err(|_| corrupt("a state to be stored"))?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    let written = encoder.write_all(&json).and_then(|()| encoder.finish());
    written.map_err(|_| corrupt("a state to be stored"))
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let mut json = Vec::new();
    ZlibDecoder::new(bytes).read_to_end(&mut json).map_err(|_| corrupt(what))?;
    serde_json::from_slice(&json).map_err(|_| corrupt(what))
}
