//! The record of runs that did something.

use crate::database::{Doing, Store, StoreError};

impl Store {
    /// Appends a run; `record` is the JSON of `run.json`.
    pub fn record_run(&mut self, id: &str, started_at: &str, record: &str) -> Result<(), StoreError> {
        self.connection
            .execute(
                "INSERT INTO runs (id, started_at, record) VALUES (?1, ?2, ?3)",
                (id, started_at, record),
            )
            .doing("record a run")?;
        Ok(())
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
