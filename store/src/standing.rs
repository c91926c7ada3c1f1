//! Where each economy stands, computed with its scores.

use maturity::economy::EconomyCode;
use maturity::standing::Standing;
use maturity::submission::Wave;
use rusqlite::OptionalExtension;

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

    /// Where an economy stands; absent where it has no scores.
    pub fn standing(&self, wave: Wave, economy: &EconomyCode) -> Result<Option<Standing>, StoreError> {
        let doing = "read where economies stand";
        let content: Option<String> = self
            .connection
            .prepare_cached("SELECT content FROM standing WHERE wave = ?1 AND economy = ?2")
            .and_then(|mut statement| {
                statement.query_row((wave.0, economy.as_str()), |row| row.get(0)).optional()
            })
            .doing(doing)?;
        let read = |text: String| serde_json::from_str(&text).map_err(|_| corrupt("where an economy stands"));
        content.map(read).transpose()
    }
}
