//! The ledger: what was started, by whom, and how it ended. Rows are added and never changed; the database itself
//! refuses anything else.

use rusqlite::Connection;

use crate::database::{Doing, Store, StoreError};

/// An attempt that did something or failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LedgerEntry {
    /// Names the attempt, also in logs.
    pub attempt: String,
    /// What started it, e.g. `command` or `schedule`.
    pub cause: String,
    /// When it started, UTC in RFC 3339.
    pub started_at: String,
    /// How long it took; unknown where it broke off.
    pub seconds: Option<f64>,
    /// How it ended: `done`, `attention`, `failed`, `stopped` or `broken off`.
    pub outcome: String,
    /// How the process exited; unknown where it broke off.
    pub exit_code: Option<u8>,
    /// SHA-256 of the configuration.
    pub config_sha256: String,
    /// SHA-256 of the framework.
    pub framework_sha256: String,
    /// Why it failed or ended early.
    pub error: Option<String>,
    /// Inputs, outputs and stages as JSON: that of `run.json` where it became a run.
    pub record: Option<String>,
}

/// Adds a row; `run` is the run that the attempt became, which then holds its record.
pub(crate) fn append(
    connection: &Connection,
    entry: &LedgerEntry,
    run: Option<i64>,
) -> Result<(), StoreError> {
    let record = entry.record.as_ref().filter(|_| run.is_none());
    connection
        .execute(
            "INSERT INTO ledger (attempt, cause, started_at, seconds, outcome, exit_code, config_sha256,
                 framework_sha256, error, run, record)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            (
                &entry.attempt,
                &entry.cause,
                &entry.started_at,
                entry.seconds,
                &entry.outcome,
                entry.exit_code,
                &entry.config_sha256,
                &entry.framework_sha256,
                &entry.error,
                run,
                record,
            ),
        )
        .doing("add to the ledger")?;
    Ok(())
}

impl Store {
    /// Adds an attempt that became no run.
    pub fn add_to_ledger(&mut self, entry: &LedgerEntry) -> Result<(), StoreError> {
        append(&self.connection, entry, None)
    }

    /// Adds an attempt that ended without a word, unless it is there already: whoever notes it may be killed too.
    pub fn add_broken_off(&mut self, entry: &LedgerEntry) -> Result<(), StoreError> {
        let known = self
            .connection
            .prepare_cached("SELECT 1 FROM ledger WHERE attempt = ?1")
            .and_then(|mut statement| statement.exists([&entry.attempt]))
            .doing("look into the ledger")?;
        if known { Ok(()) } else { append(&self.connection, entry, None) }
    }

    /// All attempts in their order.
    pub fn ledger(&self) -> Result<Vec<LedgerEntry>, StoreError> {
        let doing = "read the ledger";
        let mut statement = self
            .connection
            .prepare(
                "SELECT attempt, cause, l.started_at, seconds, outcome, exit_code, config_sha256,
                     framework_sha256, error, coalesce(l.record, runs.record)
                 FROM ledger AS l LEFT JOIN runs ON runs.seq = l.run ORDER BY l.seq",
            )
            .doing(doing)?;
        let rows = statement
            .query_map([], |row| {
                Ok(LedgerEntry {
                    attempt: row.get(0)?,
                    cause: row.get(1)?,
                    started_at: row.get(2)?,
                    seconds: row.get(3)?,
                    outcome: row.get(4)?,
                    exit_code: row.get(5)?,
                    config_sha256: row.get(6)?,
                    framework_sha256: row.get(7)?,
                    error: row.get(8)?,
                    record: row.get(9)?,
                })
            })
            .doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_the_ledger_is_neither_changed_nor_removed() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let entry = LedgerEntry {
            attempt: "20220101T000000Z-1".to_owned(),
            cause: "command".to_owned(),
            started_at: "2022-01-01T00:00:00Z".to_owned(),
            seconds: Some(0.5),
            outcome: "failed".to_owned(),
            exit_code: Some(70),
            config_sha256: "c".to_owned(),
            framework_sha256: "f".to_owned(),
            error: Some("the disk is full".to_owned()),
            record: Some("{}".to_owned()),
        };
        store.add_to_ledger(&entry).unwrap();
        assert!(store.add_to_ledger(&entry).is_err(), "an attempt is named once");
        store.add_broken_off(&entry).unwrap();
        for change in ["UPDATE ledger SET outcome = 'done'", "DELETE FROM ledger"] {
            let error = store.connection.execute(change, []).unwrap_err().to_string();
            assert!(error.contains("only added to"), "{error}");
        }
        assert_eq!(store.ledger().unwrap(), [entry]);
    }
}
