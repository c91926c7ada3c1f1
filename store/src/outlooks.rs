//! What lies behind and before the scores in force: one outlook an economy.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::outlook::Outlook;
use maturity::submission::Wave;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

impl Store {
    /// Replaces the outlook of an economy. Recorded before the scores themselves, whose record says that the work
    /// is done.
    pub fn record_outlook(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
        outlook: &Outlook,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_string(outlook).map_err(|_| corrupt("an outlook"))?;
        self.connection
            .execute(
                "INSERT OR REPLACE INTO outlooks (wave, economy, content) VALUES (?1, ?2, ?3)",
                (wave.0, economy.as_str(), content),
            )
            .doing("record an outlook")?;
        Ok(())
    }

    /// The outlooks of all economies of a wave.
    pub fn outlooks(&self, wave: Wave) -> Result<BTreeMap<EconomyCode, Outlook>, StoreError> {
        let doing = "read outlooks";
        let mut statement =
            self.connection.prepare("SELECT economy, content FROM outlooks WHERE wave = ?1").doing(doing)?;
        let rows = statement
            .query_map([wave.0], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))
            .doing(doing)?;
        let mut all = BTreeMap::new();
        for row in rows {
            let (economy, content) = row.doing(doing)?;
            let outlook = serde_json::from_str(&content).map_err(|_| corrupt("an outlook"))?;
            all.insert(EconomyCode::new(&economy), outlook);
        }
        Ok(all)
    }
}
