//! Sets of comparators that were frozen under a name, each for its wave.

use maturity::comparator::ComparatorSet;
use maturity::submission::Wave;

use crate::database::{Doing, Store, StoreError};
use crate::rows::corrupt;

/// What is known of a frozen set beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparatorPin {
    /// The wave whose scores it is of.
    pub wave: Wave,
    /// Its name.
    pub name: String,
    /// When it was frozen, UTC in RFC 3339.
    pub pinned_at: String,
}

impl Store {
    /// Keeps a set under a name; one of the same wave that is there under it is replaced.
    pub fn pin_comparators(
        &mut self,
        name: &str,
        pinned_at: &str,
        set: &ComparatorSet,
    ) -> Result<(), StoreError> {
        let content = serde_json::to_string(set).map_err(|_| corrupt("a set of comparators"))?;
        self.connection
            .execute(
                "INSERT OR REPLACE INTO comparator_sets (wave, name, pinned_at, content) VALUES (?1, ?2, ?3, ?4)",
                (set.wave.0, name, pinned_at, content),
            )
            .doing("pin comparators")?;
        Ok(())
    }

    /// The set that was frozen under a name, for a look from a wave: its own; where it has none, that of the wave before it
    /// that is nearest, else of the nearest after it. What a later wave freezes changes nothing where there is one of before.
    pub fn pinned_comparators(&self, wave: Wave, name: &str) -> Result<Option<ComparatorSet>, StoreError> {
        let doing = "read pinned comparators";
        let mut statement = self
            .connection
            .prepare(
                "SELECT content FROM comparator_sets WHERE name = ?2 ORDER BY wave > ?1, abs(wave - ?1) LIMIT 1",
            )
            .doing(doing)?;
        let mut rows = statement.query((wave.0, name)).doing(doing)?;
        let Some(row) = rows.next().doing(doing)? else { return Ok(None) };
        let content: String = row.get(0).doing(doing)?;
        serde_json::from_str(&content).map(Some).map_err(|_| corrupt(format!("the comparators {name}")))
    }

    /// All frozen sets, by name and wave.
    pub fn comparator_pins(&self) -> Result<Vec<ComparatorPin>, StoreError> {
        let doing = "list pinned comparators";
        let mut statement = self
            .connection
            .prepare("SELECT wave, name, pinned_at FROM comparator_sets ORDER BY name, wave")
            .doing(doing)?;
        let pin = |row: &rusqlite::Row<'_>| {
            Ok(ComparatorPin { wave: Wave(row.get(0)?), name: row.get(1)?, pinned_at: row.get(2)? })
        };
        let rows = statement.query_map([], pin).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::open;

    #[test]
    fn each_wave_has_its_own_set_under_a_name_and_one_without_has_that_of_the_wave_before() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let of = |wave, classified: &str| {
            ComparatorSet::compute(Some("may"), Some(classified), Wave(wave), Vec::new(), &[])
        };
        for (wave, classified) in [(2022, "a"), (2028, "b"), (2031, "c"), (2028, "again")] {
            store.pin_comparators("may", classified, &of(wave, classified)).unwrap();
        }
        let found = |wave| store.pinned_comparators(Wave(wave), "may").unwrap().unwrap();
        let expected = [(2020, 2022), (2022, 2022), (2025, 2022), (2028, 2028), (2030, 2028), (2031, 2031)];
        for (wave, expected) in expected {
            assert_eq!(found(wave).wave, Wave(expected), "{wave}");
        }
        assert_eq!(found(2028).classified.as_deref(), Some("again"));
        assert_eq!(store.pinned_comparators(Wave(2022), "june").unwrap(), None);
        let pins: Vec<_> =
            store.comparator_pins().unwrap().into_iter().map(|pin| (pin.wave.0, pin.pinned_at)).collect();
        let expected = [(2022, "a"), (2028, "again"), (2031, "c")];
        assert_eq!(pins, expected.map(|(wave, at)| (wave, at.to_owned())));
    }
}
