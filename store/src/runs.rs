//! The record of runs that did something.

use crate::database::{Doing, Store, StoreError};
use crate::ledger::{self, LedgerEntry};
use crate::snapshots::{self, RunStates};

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
    pub fn record_run(
        &mut self,
        id: &str,
        started_at: &str,
        record: &str,
        states: &RunStates<'_>,
        entry: &LedgerEntry,
    ) -> Result<(), StoreError> {
        let doing = "record a run";
        let transaction = self.connection.savepoint().doing(doing)?;
        transaction
            .execute(
                "INSERT INTO runs (id, started_at, record) VALUES (?1, ?2, ?3)",
                (id, started_at, record),
            )
            .doing(doing)?;
        let seq = transaction.last_insert_rowid();
        snapshots::record(&transaction, seq, states)?;
        ledger::append(&transaction, entry, Some(seq))?;
        transaction.commit().doing(doing)
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

    /// The record of the latest run that did something.
    pub fn latest_run(&self) -> Result<Option<String>, StoreError> {
        let doing = "look up the latest run";
        let mut statement =
            self.connection.prepare("SELECT record FROM runs ORDER BY seq DESC LIMIT 1").doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        rows.next().doing(doing)?.map(|row| row.get(0)).transpose().doing(doing)
    }
}
