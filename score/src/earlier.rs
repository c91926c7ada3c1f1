//! The wave before, as far as the store holds what it was computed from: of each economy the latest that it has scores in.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::score::EconomyScores;
use maturity::standing::{Moved, Movement};
use maturity::submission::Wave;
use store::{Store, StoreError};

use crate::attribution::{self, State};

/// The earlier waves that states were kept of.
#[derive(Debug)]
pub(crate) struct Earlier {
    /// The latest first.
    waves: Vec<Wave>,
    /// By hash; absent for one that this version cannot load any more.
    frameworks: BTreeMap<String, Option<Framework>>,
}

impl Earlier {
    /// The waves before `wave`.
    pub(crate) fn before(store: &Store, wave: Wave) -> Result<Self, StoreError> {
        let known = store.waves_with_states()?;
        let waves = known.into_iter().rev().filter(|known| *known < wave).collect();
        Ok(Self { waves, frameworks: BTreeMap::new() })
    }

    /// Names the state of an economy in the latest wave that has one; absent where none has.
    pub(crate) fn key(&self, store: &Store, economy: &EconomyCode) -> Result<Option<String>, StoreError> {
        for wave in &self.waves {
            if let Some(key) = store.state_key(*wave, economy)? {
                return Ok(Some(key));
            }
        }
        Ok(None)
    }

    /// The scores of an economy in that wave, with the hash of the framework that they were computed with.
    pub(crate) fn state(
        &mut self,
        store: &Store,
        economy: &EconomyCode,
    ) -> Result<Option<(EconomyScores, String)>, StoreError> {
        let Some(key) = self.key(store, economy)? else { return Ok(None) };
        let (snapshot, hash) = store.state(&key)?;
        if !self.frameworks.contains_key(&hash) {
            let framework = Framework::load(&store.kept_framework(&hash)?).ok();
            self.frameworks.insert(hash.clone(), framework);
        }
        Ok(Some((snapshot.scores, hash)))
    }

    /// How scores moved since; absent where the earlier framework cannot be loaded.
    pub(crate) fn movement(
        &self,
        framework: &Framework,
        (before, hash): &(EconomyScores, String),
        after: &EconomyScores,
    ) -> Option<Movement> {
        let earlier = self.frameworks.get(hash)?.as_ref()?;
        let from = State::Computed { framework: earlier, scores: before };
        let change = attribution::between(framework, from, State::Computed { framework, scores: after });
        let moved = change.changes.into_iter().map(|change| Moved {
            id: change.id,
            level: change.level,
            from: change.from,
            unknown: change.parts.as_ref().err().copied(),
            parts: change.parts.ok(),
        });
        Some(Movement { wave: change.from.wave, group: change.from.group, moved: moved.collect() })
    }
}

#[cfg(test)]
mod tests {
    use maturity::framework::FrameworkSources;
    use store::{LedgerEntry, RunStates, Snapshot};

    use super::*;
    use crate::Population;
    use crate::testing::two_subindexes;

    /// An economy that missed a wave is compared with the one before that.
    #[test]
    fn the_wave_before_is_the_latest_one_of_the_economy() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let framework = two_subindexes();
        for (wave, codes) in [(2020, &["KEN", "USA"][..]), (2022, &["KEN"]), (2026, &["KEN", "USA"])] {
            let changed: Vec<_> =
                codes.iter().map(|code| (EconomyCode::new(code), Some(format!("{code} {wave}")))).collect();
            let sources = FrameworkSources::default();
            let states =
                RunStates { wave: Wave(wave), framework: "hash", sources: &sources, changed: &changed };
            let state = |_: &Store, economy: &EconomyCode| -> Result<_, StoreError> {
                let (population, answers) = (Population::default(), BTreeMap::new());
                Ok(Snapshot {
                    scores: crate::score(&framework, &population, economy, None, &answers, &|_| None),
                    file: String::new(),
                    sha256: String::new(),
                    editions: BTreeMap::new(),
                })
            };
            let id = wave.to_string();
            let entry = LedgerEntry { attempt: id.clone(), ..LedgerEntry::default() };
            store.record_run((&id, "2026-01-01T00:00:00Z", "{}"), &states, &entry, state).unwrap();
        }
        let earlier = Earlier::before(&store, Wave(2024)).unwrap();
        let key = |code| earlier.key(&store, &EconomyCode::new(code)).unwrap();
        assert_eq!(key("KEN").as_deref(), Some("KEN 2022"));
        assert_eq!(key("USA").as_deref(), Some("USA 2020"));
        assert_eq!(key("PER"), None);
    }
}
