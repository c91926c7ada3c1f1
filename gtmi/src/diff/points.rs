//! The two ends of a comparison: what every economy had in a wave, or after a run.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use maturity::change::EconomyChange;
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkProblems};
use maturity::score::{EconomyScores, ImportedScores};
use maturity::submission::Wave;
use pipeline::Context;
use rayon::prelude::*;
use score::attribution::{self, State};
use store::{RunRow, Scored, Store, StoreError};

/// What an end of a comparison had cannot be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PointError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("a framework that an earlier run used cannot be read by this version")]
    Framework(#[from] FrameworkProblems),
    #[error("the record of the run {0} names no wave")]
    Record(String),
}

/// What one economy had.
pub(crate) enum Held {
    /// Scores computed from answers, as a run left them or as they are in force.
    Computed {
        framework: Arc<Framework>,
        scores: Box<EconomyScores>,
        /// The file of the answers, where it is known.
        file: Option<String>,
        editions: BTreeMap<String, u16>,
        /// The key of the state; absent for what is in force now.
        key: Option<String>,
    },
    /// Published scores.
    Imported(ImportedScores),
}

impl Held {
    fn state(&self) -> State<'_> {
        match self {
            Self::Computed { framework, scores, .. } => State::Computed { framework, scores },
            Self::Imported(scores) => State::Imported(scores),
        }
    }

    fn framework(&self) -> Option<&Framework> {
        match self {
            Self::Computed { framework, .. } => Some(framework),
            Self::Imported(_) => None,
        }
    }

    fn key(&self) -> Option<&String> {
        match self {
            Self::Computed { key, .. } => key.as_ref(),
            Self::Imported(_) => None,
        }
    }

    /// Whether the answers behind the scores are known.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(self, Self::Computed { .. })
    }

    /// The file that the answers came in.
    pub(crate) fn file(&self) -> Option<&str> {
        match self {
            Self::Computed { file, .. } => file.as_deref(),
            Self::Imported(_) => None,
        }
    }

    /// The edition that was used of an external index.
    pub(crate) fn edition(&self, index: &str) -> Option<u16> {
        match self {
            Self::Computed { editions, .. } => editions.get(index).copied(),
            Self::Imported(_) => None,
        }
    }

    /// The composite and its group.
    pub(crate) fn composite(&self, framework: &Framework) -> (Option<f64>, Option<&str>) {
        match self {
            Self::Computed { scores, .. } => (scores.score, scores.group.as_deref()),
            Self::Imported(scores) => {
                let score = scores.scores.iter().find(|(id, _)| *id == framework.composite.id);
                (score.map(|(_, score)| *score), scores.group.as_deref())
            }
        }
    }
}

/// One end of a comparison.
pub(crate) struct Point {
    /// The run, where it is one.
    pub(crate) run: Option<RunRow>,
    pub(crate) wave: Wave,
    pub(crate) held: BTreeMap<EconomyCode, Held>,
}

/// Reads points from the store; each framework is loaded once.
pub(crate) struct Points<'a> {
    context: &'a Context,
    store: &'a Store,
    imported: Vec<ImportedScores>,
    frameworks: BTreeMap<String, Arc<Framework>>,
}

impl<'a> Points<'a> {
    pub(crate) fn new(context: &'a Context, store: &'a Store) -> Result<Self, PointError> {
        let imported = store.imported_scores()?;
        let own = (context.framework.hash.clone(), Arc::new(context.framework.clone()));
        Ok(Self { context, store, imported, frameworks: BTreeMap::from([own]) })
    }

    /// The waves that there are scores of.
    pub(crate) fn waves(&self) -> Result<BTreeSet<Wave>, PointError> {
        let mut waves = self.store.waves_with_states()?;
        waves.extend(self.imported.iter().map(|scores| scores.wave));
        let own = self.context.framework.wave;
        if !self.store.scored_economies(own)?.is_empty() {
            waves.insert(own);
        }
        Ok(waves)
    }

    /// The economies that there are scores of in some waves.
    pub(crate) fn economies(&self, waves: &BTreeSet<Wave>) -> Result<BTreeSet<EconomyCode>, PointError> {
        let mut economies: BTreeSet<_> = self.imported.iter().map(|scores| scores.economy.clone()).collect();
        let own = self.context.framework.wave;
        economies.extend(self.store.scored_economies(own)?);
        for wave in waves.iter().filter(|wave| **wave != own) {
            economies.extend(self.store.state_keys(*wave, None)?.into_keys());
        }
        Ok(economies)
    }

    /// The scores of a wave: those in force for the wave that is run, those of the latest run for another one,
    /// and published ones for economies that none were computed for.
    pub(crate) fn of_wave(&mut self, wave: Wave) -> Result<Point, PointError> {
        let own = self.context.framework.wave == wave;
        let mut held = if own { self.all_in_force()? } else { self.kept(wave, None)? };
        for scores in self.imported.iter().filter(|scores| scores.wave == wave) {
            held.entry(scores.economy.clone()).or_insert_with(|| Held::Imported(scores.clone()));
        }
        Ok(Point { run: None, wave, held })
    }

    /// The scores as a run left them.
    pub(crate) fn of_run(&mut self, run: &RunRow) -> Result<Point, PointError> {
        let record: Option<serde_json::Value> = serde_json::from_str(&run.record).ok();
        let wave = record.and_then(|record| record.get("wave")?.as_u64());
        let wave = wave.and_then(|wave| u16::try_from(wave).ok()).map(Wave);
        let wave = wave.ok_or_else(|| PointError::Record(run.id.clone()))?;
        let held = self.kept(wave, Some(run.seq))?;
        Ok(Point { run: Some(run.clone()), wave, held })
    }

    /// What one economy has of a wave: as [`Points::of_wave`] has it of all.
    pub(crate) fn of_economy(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Option<Held>, PointError> {
        let computed = if wave == self.context.framework.wave {
            let scored = self.store.scored_one(wave, economy)?;
            scored.map(|scored| self.in_force(&scored)).transpose()?
        } else {
            let key = self.store.state_key(wave, economy)?;
            key.map(|key| self.kept_under(key)).transpose()?
        };
        let of_wave = |scores: &ImportedScores| (scores.wave, &scores.economy).cmp(&(wave, economy));
        let imported = || self.imported.binary_search_by(of_wave).ok().and_then(|at| self.imported.get(at));
        Ok(computed.or_else(|| imported().cloned().map(Held::Imported)))
    }

    fn all_in_force(&self) -> Result<BTreeMap<EconomyCode, Held>, PointError> {
        self.store.look(|store| {
            let mut held = BTreeMap::new();
            for scored in store.scored(self.context.framework.wave)? {
                let of_economy = self.in_force(&scored)?;
                held.insert(scored.economy, of_economy);
            }
            Ok(held)
        })
    }

    fn in_force(&self, scored: &Scored) -> Result<Held, PointError> {
        let context = self.context;
        let framework = self.frameworks.get(&context.framework.hash).cloned();
        Ok(Held::Computed {
            framework: framework.unwrap_or_else(|| Arc::new(context.framework.clone())),
            scores: Box::new(self.store.scores_of(context.framework.wave, scored)?),
            file: self.store.submission(scored.submission)?.map(|row| row.name),
            editions: editions(context),
            key: None,
        })
    }

    fn kept(&mut self, wave: Wave, run: Option<i64>) -> Result<BTreeMap<EconomyCode, Held>, PointError> {
        let mut held = BTreeMap::new();
        for (economy, key) in self.store.state_keys(wave, run)? {
            held.insert(economy, self.kept_under(key)?);
        }
        Ok(held)
    }

    fn kept_under(&mut self, key: String) -> Result<Held, PointError> {
        let (snapshot, hash) = self.store.state(&key)?;
        Ok(Held::Computed {
            framework: self.framework(&hash)?,
            scores: Box::new(snapshot.scores),
            file: Some(snapshot.file),
            editions: snapshot.editions,
            key: Some(key),
        })
    }

    fn framework(&mut self, hash: &str) -> Result<Arc<Framework>, PointError> {
        if let Some(known) = self.frameworks.get(hash) {
            return Ok(Arc::clone(known));
        }
        let sources = self.store.kept_framework(hash)?;
        let framework = Framework::load(&sources)?;
        let framework = Arc::new(framework);
        self.frameworks.insert(hash.to_owned(), Arc::clone(&framework));
        Ok(framework)
    }
}

/// The edition that is used of each external index.
pub(crate) fn editions(context: &Context) -> BTreeMap<String, u16> {
    let indices = context.framework.external_indices.iter();
    indices
        .filter_map(|index| Some((index.id.clone(), context.external_indices.edition(&index.id)?)))
        .collect()
}

/// What changed between two points, by economy.
pub(crate) struct Compared {
    /// Economies that have scores at both points and changed.
    pub(crate) changed: Vec<EconomyChange>,
    /// Economies that have scores at both points and did not change: their groups.
    pub(crate) unchanged: Vec<(EconomyCode, Option<String>)>,
    /// Economies that have scores at the later point only.
    pub(crate) appeared: Vec<EconomyCode>,
    /// Economies that have scores at the earlier point only.
    pub(crate) gone: Vec<EconomyCode>,
}

/// What changed for an economy.
pub(crate) fn change(context: &Context, before: &Held, after: &Held) -> EconomyChange {
    let guide = after.framework().or(before.framework()).unwrap_or(&context.framework);
    attribution::between(guide, before.state(), after.state())
}

/// Compares two points. The result does not depend on the number of threads.
pub(crate) fn compare(context: &Context, from: &Point, to: &Point, only: &BTreeSet<EconomyCode>) -> Compared {
    let codes: BTreeSet<&EconomyCode> = from.held.keys().chain(to.held.keys()).collect();
    let wanted = |code: &&EconomyCode| only.is_empty() || only.contains(*code);
    let mut compared =
        Compared { changed: Vec::new(), unchanged: Vec::new(), appeared: Vec::new(), gone: Vec::new() };
    let mut both = Vec::new();
    for code in codes.into_iter().filter(wanted) {
        match (from.held.get(code), to.held.get(code)) {
            (Some(before), Some(after)) if before.key().is_some() && before.key() == after.key() => {
                let (_, group) = after.composite(&context.framework);
                compared.unchanged.push((code.clone(), group.map(str::to_owned)));
            }
            (Some(before), Some(after)) => both.push((before, after)),
            (None, Some(_)) => compared.appeared.push(code.clone()),
            (Some(_), None) => compared.gone.push(code.clone()),
            (None, None) => {}
        }
    }
    let changes: Vec<EconomyChange> =
        both.par_iter().map(|(before, after)| change(context, before, after)).collect();
    for change in changes {
        let moved = change.changes.iter().any(|change| change.from != change.to);
        if moved || !change.questions.is_empty() || from.wave != to.wave {
            compared.changed.push(change);
        } else {
            compared.unchanged.push((change.economy, change.to.group));
        }
    }
    compared.unchanged.sort();
    compared
}
