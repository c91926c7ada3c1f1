//! The wave before, as far as the store holds what it was computed from.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::score::EconomyScores;
use maturity::standing::{Moved, Movement};
use maturity::submission::Wave;
use store::{Store, StoreError};

use crate::attribution::{self, State};

/// The latest earlier wave that states were kept of.
#[derive(Debug)]
pub(crate) struct Earlier {
    wave: Option<Wave>,
    /// By hash; absent for one that this version cannot load any more.
    frameworks: BTreeMap<String, Option<Framework>>,
}

impl Earlier {
    /// The wave before `wave`.
    pub(crate) fn before(store: &Store, wave: Wave) -> Result<Self, StoreError> {
        let latest = store.waves_with_states()?.into_iter().filter(|known| *known < wave).max();
        Ok(Self { wave: latest, frameworks: BTreeMap::new() })
    }

    /// Names the state of an economy in that wave; absent where there is none.
    pub(crate) fn key(&self, store: &Store, economy: &EconomyCode) -> Result<Option<String>, StoreError> {
        Ok(self.wave.map(|wave| store.state_key(wave, economy)).transpose()?.flatten())
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
            parts: change.parts.ok(),
        });
        Some(Movement { wave: change.from.wave, group: change.from.group, moved: moved.collect() })
    }
}
