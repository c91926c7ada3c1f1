//! What became of the web addresses in answers and evidence when they were last opened.

use std::collections::BTreeMap;

use maturity::link::{LinkOutcome, LinkState};

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

/// An address as it was found last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckedLink {
    /// What happened, and since when.
    pub state: LinkState,
    /// The day of the last look, `YYYY-MM-DD`.
    pub checked: String,
}

impl Store {
    /// Every address that was ever opened.
    pub fn links(&self) -> Result<BTreeMap<String, CheckedLink>, StoreError> {
        let doing = "look up links";
        let mut statement =
            self.connection.prepare("SELECT url, outcome, since, checked FROM links").doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let mut all = BTreeMap::new();
        while let Some(row) = rows.next().doing(doing)? {
            let outcome: String = row.get(1).doing(doing)?;
            let outcome: LinkOutcome = serde_json::from_str(&outcome).map_err(|_| corrupt("a link"))?;
            let state = LinkState { outcome, since: row.get(2).doing(doing)? };
            all.insert(row.get(0).doing(doing)?, CheckedLink { state, checked: row.get(3).doing(doing)? });
        }
        Ok(all)
    }

    /// Records what happened when an address was opened on `day`. An outcome that was found before keeps its
    /// first day.
    pub fn record_link(&mut self, url: &str, outcome: &LinkOutcome, day: &str) -> Result<(), StoreError> {
        let outcome = serde_json::to_string(outcome).map_err(|_| corrupt("a link"))?;
        self.connection
            .execute(
                "INSERT INTO links (url, outcome, since, checked) VALUES (?1, ?2, ?3, ?3)
                 ON CONFLICT (url) DO UPDATE SET
                     since = CASE WHEN outcome = excluded.outcome THEN since ELSE excluded.since END,
                     outcome = excluded.outcome,
                     checked = excluded.checked",
                (url, outcome, day),
            )
            .doing("record a link")?;
        Ok(())
    }
}
