//! Where each economy stands, computed with its scores.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::standing::Standing;
use maturity::submission::Wave;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

impl Store {
    /// Replaces what is known about where an economy stands. Recorded before its scores, whose record says
    /// that the work is done.
    pub fn record_standing(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
        standing: &Standing,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_string(standing).map_err(|_| corrupt("where an economy stands"))?;
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO standing (wave, economy, content) VALUES (?1, ?2, ?3)")
            .and_then(|mut statement| statement.execute((wave.0, economy.as_str(), content)))
            .doing("record where an economy stands")?;
        Ok(())
    }

    /// Where the economies of a wave stand.
    pub fn standings(&self, wave: Wave) -> Result<BTreeMap<EconomyCode, Standing>, StoreError> {
        let doing = "read where economies stand";
        let mut statement =
            self.connection.prepare("SELECT economy, content FROM standing WHERE wave = ?1").doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .doing(doing)?;
        let mut all = BTreeMap::new();
        for row in rows {
            let (economy, content) = row.doing(doing)?;
            let standing = serde_json::from_str(&content).map_err(|_| corrupt("where an economy stands"))?;
            all.insert(EconomyCode::new(&economy), standing);
        }
        Ok(all)
    }
}
