//! The record of runs that did something.

use maturity::economy::EconomyCode;
use maturity::submission::Wave;

use crate::database::{Doing, Store, StoreError};
use crate::ledger::{self, LedgerEntry};
use crate::snapshots::{self, RunStates, Snapshot};

/// A run that did something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its number in the store; later runs have higher numbers.
    pub seq: i64,
    /// Its id, as in `run.json`.
    pub id: String,
    /// When it started, UTC in RFC 3339.
    pub started_at: String,
    /// The JSON of its `run.json`.
    pub record: String,
}

impl Store {
    /// Appends a run with the states that it changed and its row of the ledger; `record` is the JSON of `run.json`.
    /// `state` reads the state of an economy, for those that the store does not know yet.
    pub fn record_run<E: From<StoreError>>(
        &mut self,
        (id, started_at, record): (&str, &str, &str),
        states: &RunStates<'_>,
        entry: &LedgerEntry,
        mut state: impl FnMut(&Self, &EconomyCode) -> Result<Snapshot, E>,
    ) -> Result<(), E> {
        let doing = "record a run";
        self.together(doing, |store| {
            let sql = "INSERT INTO runs (id, started_at, record) VALUES (?1, ?2, ?3)";
            store.connection.execute(sql, (id, started_at, record)).doing(doing)?;
            let seq = store.connection.last_insert_rowid();
            snapshots::record(store, seq, states, &mut state)?;
            Ok(ledger::append(&store.connection, entry, Some(seq))?)
        })
    }

    /// All runs that did something, in their order.
    pub fn runs(&self) -> Result<Vec<RunRow>, StoreError> {
        let doing = "list the runs";
        let mut statement = self
            .connection
            .prepare("SELECT seq, id, started_at, record FROM runs ORDER BY seq")
            .doing(doing)?;
        let rows = statement
            .query_map([], |row| {
                Ok(RunRow { seq: row.get(0)?, id: row.get(1)?, started_at: row.get(2)?, record: row.get(3)? })
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// The record of the latest run of a wave that did something.
    pub fn latest_run(&self, wave: Wave) -> Result<Option<String>, StoreError> {
        let doing = "look up the latest run";
        let sql =
            "SELECT record FROM runs WHERE json_extract(record, '$.wave') = ?1 ORDER BY seq DESC LIMIT 1";
        let mut statement = self.connection.prepare(sql).doing(doing)?;
        let mut rows = statement.query([wave.0]).doing(doing)?;
        rows.next().doing(doing)?.map(|row| row.get(0)).transpose().doing(doing)
    }
}
