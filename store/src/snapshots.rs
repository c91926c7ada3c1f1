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
use rusqlite::{Connection, OptionalExtension};
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
    /// The economies that changed, with the key of the new state; none for an economy that has no scores any more.
    pub changed: &'a [(EconomyCode, Option<String>)],
}

/// Records the states of a run inside its transaction. `state` reads the new state of an economy; it is asked for one
/// after the other, so that memory does not grow with them, and only for those whose key the store does not know.
pub(crate) fn record<E: From<StoreError>>(
    store: &Store,
    run: i64,
    states: &RunStates<'_>,
    state: &mut dyn FnMut(&Store, &EconomyCode) -> Result<Snapshot, E>,
) -> Result<(), E> {
    let doing = "record the states of a run";
    if states.changed.is_empty() {
        return Ok(());
    }
    let connection = &store.connection;
    if !is_known(connection, "SELECT 1 FROM frameworks WHERE hash = ?1", states.framework)? {
        let sources = packed(states.sources)?;
        connection
            .prepare_cached("INSERT INTO frameworks (hash, sources) VALUES (?1, ?2)")
            .and_then(|mut statement| statement.execute((states.framework, &sources)))
            .doing(doing)?;
    }
    for (economy, key) in states.changed {
        if let Some(key) = key
            && !is_known(connection, "SELECT 1 FROM snapshots WHERE key = ?1", key)?
        {
            let content = packed(&state(store, economy)?)?;
            connection
                .prepare_cached("INSERT INTO snapshots (key, framework, content) VALUES (?1, ?2, ?3)")
                .and_then(|mut statement| statement.execute((key, states.framework, content)))
                .doing(doing)?;
        }
        connection
            .prepare_cached(
                "INSERT INTO run_snapshots (run, wave, economy, snapshot) VALUES (?1, ?2, ?3, ?4)",
            )
            .and_then(|mut statement| statement.execute((run, states.wave.0, economy.as_str(), key)))
            .doing(doing)?;
    }
    Ok(())
}

/// Whether a query finds anything.
fn is_known(connection: &Connection, sql: &str, key: &str) -> Result<bool, StoreError> {
    let found = connection.prepare_cached(sql).and_then(|mut statement| statement.exists([key]));
    found.doing("look up what is kept of runs")
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

    /// The key of the state in which the latest run left an economy; absent where it left no scores.
    pub fn state_key(&self, wave: Wave, economy: &EconomyCode) -> Result<Option<String>, StoreError> {
        let key: Option<Option<String>> = self
            .connection
            .prepare_cached(
                "SELECT snapshot FROM run_snapshots WHERE wave = ?1 AND economy = ?2 ORDER BY run DESC LIMIT 1",
            )
            .and_then(|mut statement| {
                statement.query_row((wave.0, economy.as_str()), |row| row.get(0)).optional()
            })
            .doing("look up the states of a run")?;
        Ok(key.flatten())
    }

    /// The hashes of the frameworks with which the last runs left the economies of a wave that have scores.
    pub fn frameworks_of_scores(&self, wave: Wave) -> Result<BTreeSet<String>, StoreError> {
        let doing = "look up the frameworks of scores";
        let mut statement = self
            .connection
            .prepare(
                "SELECT DISTINCT framework FROM scored JOIN run_snapshots r USING (wave, economy)
                     JOIN snapshots ON key = r.snapshot
                 WHERE r.wave = ?1 AND r.run =
                     (SELECT max(run) FROM run_snapshots WHERE wave = r.wave AND economy = r.economy)",
            )
            .doing(doing)?;
        let rows = statement.query_map([wave.0], |row| row.get(0)).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
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
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(&json).and_then(|()| encoder.finish());
    written.map_err(|_| corrupt("a state to be stored"))
}

fn unpacked<T: DeserializeOwned>(bytes: &[u8], what: &str) -> Result<T, StoreError> {
    let mut json = Vec::new();
    ZlibDecoder::new(bytes).read_to_end(&mut json).map_err(|_| corrupt(what))?;
    serde_json::from_slice(&json).map_err(|_| corrupt(what))
}

#[cfg(test)]
mod tests {
    use maturity::answer::Answer;
    use maturity::id::Id;
    use maturity::score::{Coverage, IndicatorScore, SubindexScore, Term, TermStatus};
    use maturity::submission::Collected;

    use super::*;

    fn snapshot(code: &str, score: f64) -> Snapshot {
        let coverage = Coverage { answered: 1, asked: 1 };
        let term = Term {
            question: Id::from("I-1"),
            answer: Answer::Number(score),
            points: score,
            max_points: 1.0,
            status: TermStatus::Counted,
        };
        let indicator = IndicatorScore {
            id: Id::from("I-1"),
            terms: vec![term],
            points: score,
            max_points: 1.0,
            value: Some(score),
            score: Some(score),
            withheld: None,
            coverage,
        };
        let subindex = SubindexScore {
            id: Id::from("S1"),
            indicators: vec![indicator],
            points: score,
            max_points: 1.0,
            score: Some(score),
            withheld: None,
            group: None,
            coverage,
        };
        let scores = EconomyScores {
            economy: EconomyCode::new(code),
            wave: Wave(2022),
            collected: Some(Collected::Survey),
            subindexes: vec![subindex],
            id: Id::from("ALL"),
            score: Some(score),
            withheld: None,
            group: None,
            coverage,
        };
        let editions = BTreeMap::from([("TII".to_owned(), 2022)]);
        Snapshot { scores, file: format!("{code}.xlsx"), sha256: "00ff".to_owned(), editions }
    }

    /// Records a run that left these economies in these states.
    fn run(store: &mut Store, id: &str, changed: &[(&str, Option<(&str, f64)>)]) {
        let sources = FrameworkSources { framework: "id = \"x\"".to_owned(), ..FrameworkSources::default() };
        let scores: BTreeMap<EconomyCode, f64> = changed
            .iter()
            .filter_map(|(code, state)| Some((EconomyCode::new(code), state.as_ref()?.1)))
            .collect();
        let changed: Vec<_> = changed
            .iter()
            .map(|(code, state)| (EconomyCode::new(code), state.map(|(key, _)| key.to_owned())))
            .collect();
        let states = RunStates { wave: Wave(2022), framework: "hash", sources: &sources, changed: &changed };
        let attempt = format!("{id}-{}", store.runs().unwrap().len());
        let entry = crate::LedgerEntry { attempt, ..crate::LedgerEntry::default() };
        let state = |_: &Store, economy: &EconomyCode| -> Result<_, StoreError> {
            Ok(snapshot(economy.as_str(), scores[economy]))
        };
        store.record_run((id, "2026-01-01T00:00:00Z", "{}"), &states, &entry, state).unwrap();
    }

    fn keys(store: &Store, run: Option<i64>) -> Vec<(String, String)> {
        let keys = store.state_keys(Wave(2022), run).unwrap();
        keys.into_iter().map(|(code, key)| (code.to_string(), key)).collect()
    }

    fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
        expected.iter().map(|(code, key)| ((*code).to_owned(), (*key).to_owned())).collect()
    }

    #[test]
    fn every_run_keeps_what_it_had_and_stores_only_what_changed() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        run(&mut store, "r1", &[("KEN", Some(("k1", 0.1 + 0.2))), ("PER", Some(("p1", 0.5)))]);
        run(&mut store, "r2", &[("KEN", Some(("k2", 0.4)))]);
        run(&mut store, "r3", &[("PER", None)]);
        // Back to an earlier state: nothing new is stored.
        run(&mut store, "r4", &[("KEN", Some(("k1", 0.1 + 0.2)))]);
        let seqs: Vec<i64> = store.runs().unwrap().iter().map(|run| run.seq).collect();
        assert_eq!(seqs.len(), 4);
        let expected: [&[(&str, &str)]; 4] = [
            &[("KEN", "k1"), ("PER", "p1")],
            &[("KEN", "k2"), ("PER", "p1")],
            &[("KEN", "k2")],
            &[("KEN", "k1")],
        ];
        for (seq, expected) in seqs.iter().zip(expected) {
            assert_eq!(keys(&store, Some(*seq)), pairs(expected), "run {seq}");
        }
        assert_eq!(keys(&store, None), pairs(&[("KEN", "k1")]));
        let latest = |code| store.state_key(Wave(2022), &EconomyCode::new(code)).unwrap();
        assert_eq!([latest("KEN"), latest("PER"), latest("BRA")], [Some("k1".to_owned()), None, None]);
        assert_eq!(store.state_key(Wave(2020), &EconomyCode::new("KEN")).unwrap(), None);
        let (state, framework) = store.state("k1").unwrap();
        assert_eq!((state, framework.as_str()), (snapshot("KEN", 0.1 + 0.2), "hash"));
        assert_eq!(store.kept_framework("hash").unwrap().framework, "id = \"x\"");
        let count = |table: &str| -> i64 {
            let sql = format!("SELECT count(*) FROM {table}");
            store.connection.query_row(&sql, [], |row| row.get(0)).unwrap()
        };
        assert_eq!([count("snapshots"), count("frameworks"), count("run_snapshots")], [3, 1, 5]);
    }

    #[test]
    fn a_damaged_state_is_an_error_and_not_a_panic() {
        assert!(matches!(
            unpacked::<Snapshot>(b"no compressed JSON", "a state"),
            Err(StoreError::Corrupt { .. })
        ));
        let short = packed(&snapshot("KEN", 0.5)).unwrap();
        assert!(unpacked::<Snapshot>(&short[..short.len() / 2], "a state").is_err());
    }
}
