//! Sets of comparators that were frozen under a name.

use maturity::comparator::ComparatorSet;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

impl Store {
    /// Keeps a set under a name; one that is there under it is replaced.
    pub fn pin_comparators(
        &mut self,
        name: &str,
        pinned_at: &str,
        set: &ComparatorSet,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_string(set).map_err(|_| corrupt("a set of comparators"))?;
        self.connection
            .execute(
                "INSERT OR REPLACE INTO comparator_sets (name, pinned_at, content) VALUES (?1, ?2, ?3)",
                (name, pinned_at, content),
            )
            .doing("pin comparators")?;
        Ok(())
    }

    /// The set that was frozen under a name.
    pub fn pinned_comparators(&self, name: &str) -> Result<Option<ComparatorSet>, StoreError> {
        let doing = "read pinned comparators";
        let mut statement =
            self.connection.prepare("SELECT content FROM comparator_sets WHERE name = ?1").doing(doing)?;
        let mut rows = statement.query([name]).doing(doing)?;
        let Some(row) = rows.next().doing(doing)? else { return Ok(None) };
        let content: String = row.get(0).doing(doing)?;
        serde_json::from_str(&content).map(Some).map_err(|_| corrupt(format!("the comparators {name}")))
    }

    /// The names of all frozen sets, each with when it was frozen.
    pub fn comparator_pins(&self) -> Result<Vec<(String, String)>, StoreError> {
        let doing = "list pinned comparators";
        let mut statement = self
            .connection
            .prepare("SELECT name, pinned_at FROM comparator_sets ORDER BY name")
            .doing(doing)?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }
}
