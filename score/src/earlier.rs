//! The wave before, as far as the store holds what it was computed from: of each economy the latest that it has scores in.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkProblems};
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
    /// By hash, each with the first wave that it was met in; those that this version cannot load any more with the reason.
    frameworks: BTreeMap<String, (Wave, Result<Framework, FrameworkProblems>)>,
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
            let framework = Framework::load(&store.kept_framework(&hash)?);
            self.frameworks.insert(hash.clone(), (snapshot.scores.wave, framework));
        }
        Ok(Some((snapshot.scores, hash)))
    }

    /// That nothing is known of changes since an earlier wave, where its framework cannot be loaded, and what to do.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.frameworks.values().filter_map(|(wave, framework)| {
            let FrameworkProblems(problems) = framework.as_ref().err()?;
            let first = problems.first().map(ToString::to_string).unwrap_or_default();
            let more = match problems.len() {
                0 | 1 => String::new(),
                count => format!(", and {} more", count - 1),
            };
            Some(format!(
                "how scores moved since wave {wave} is not told, as this version cannot read the framework that they were computed \
                 with then: {first}{more} (run wave {wave} anew with a framework that it reads, then this one: gtmi run --force)"
            ))
        })
    }

    /// How scores moved since; absent where the earlier framework cannot be loaded.
    pub(crate) fn movement(
        &self,
        framework: &Framework,
        (before, hash): &(EconomyScores, String),
        after: &EconomyScores,
    ) -> Option<Movement> {
        let (_, earlier) = self.frameworks.get(hash)?;
        let earlier = earlier.as_ref().ok()?;
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
        let mut earlier = Earlier::before(&store, Wave(2024)).unwrap();
        let key = |code| earlier.key(&store, &EconomyCode::new(code)).unwrap();
        assert_eq!(key("KEN").as_deref(), Some("KEN 2022"));
        assert_eq!(key("USA").as_deref(), Some("USA 2020"));
        assert_eq!(key("PER"), None);

        // That its framework cannot be read is told once, with the first reason.
        assert_eq!(earlier.notes().count(), 0);
        for code in ["KEN", "USA"] {
            let before = earlier.state(&store, &EconomyCode::new(code)).unwrap().unwrap();
            assert_eq!(earlier.movement(&framework, &before, &before.0), None);
        }
        let notes: Vec<String> = earlier.notes().collect();
        let [note] = notes.as_slice() else { panic!("{notes:?}") };
        let begins = format!(
            "how scores moved since wave {} is not told, as this version cannot read",
            framework.wave
        );
        assert!(note.starts_with(&begins), "{note}");
        assert!(note.contains("choices.csv:1: ") && note.ends_with("gtmi run --force)"), "{note}");
    }
}
