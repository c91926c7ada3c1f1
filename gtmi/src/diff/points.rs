//! The two ends of a comparison: what every economy had in a wave, or after a run.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use maturity::change::EconomyChange;
use maturity::economy::EconomyCode;
use maturity::framework::{Framework, FrameworkProblems};
use maturity::id::Id;
use maturity::score::{EconomyScores, ImportedScores};
use maturity::submission::Wave;
use pipeline::Context;
use rayon::prelude::*;
use score::attribution::{self, State};
use serde::Serialize;
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

/// The wave of a run, if its record names one.
pub(crate) fn wave_of(run: &RunRow) -> Option<Wave> {
    let record: serde_json::Value = serde_json::from_str(&run.record).ok()?;
    u16::try_from(record.get("wave")?.as_u64()?).ok().map(Wave)
}

/// What one economy had.
pub(crate) enum Held {
    /// Scores computed from answers, as a run left them or as they are in force.
    Computed { framework: Arc<Framework>, scores: Box<EconomyScores>, behind: Behind },
    /// Published scores.
    Imported(ImportedScores),
}

/// What scores were computed from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behind {
    /// The file that the answers came in, where it is known.
    pub(crate) file: Option<String>,
    /// SHA-256 of that file.
    pub(crate) sha256: Option<String>,
    editions: Arc<BTreeMap<String, u16>>,
}

impl Behind {
    /// The edition that was used of an external index.
    pub(crate) fn edition(&self, index: &str) -> Option<u16> {
        self.editions.get(index).copied()
    }
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

    /// Whether the answers behind the scores are known.
    pub(crate) fn is_computed(&self) -> bool {
        matches!(self, Self::Computed { .. })
    }

    /// What they were computed from; of published scores, nothing is known.
    fn into_behind(self) -> Behind {
        match self {
            Self::Computed { behind, .. } => behind,
            Self::Imported(_) => Behind::default(),
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

/// One end of a comparison: which economies have scores there, and where these are. They are read when they are compared.
pub(crate) struct Point {
    /// The run, where it is one.
    pub(crate) run: Option<RunRow>,
    pub(crate) wave: Wave,
    places: BTreeMap<EconomyCode, Place>,
    /// How many economies were scored by the publisher and are left out, as the wave is one that is computed here.
    pub(crate) left_out: usize,
}

/// Where the scores of an economy are.
#[derive(Debug, Clone)]
enum Place {
    InForce(Scored),
    /// Under the key of a state.
    Kept(String),
    /// At this place among the imported scores.
    Imported(usize),
}

impl Place {
    fn key(&self) -> Option<&String> {
        match self {
            Self::Kept(key) => Some(key),
            Self::InForce(_) | Self::Imported(_) => None,
        }
    }
}

impl Point {
    /// How many economies have scores.
    pub(crate) fn economies(&self) -> usize {
        self.places.len()
    }

    /// How many of them are published ones.
    pub(crate) fn imported(&self) -> usize {
        self.places.values().filter(|place| matches!(place, Place::Imported(_))).count()
    }
}

/// Reads points from the store; each framework is loaded once.
pub(crate) struct Points<'a> {
    context: &'a Context,
    store: &'a Store,
    imported: Vec<ImportedScores>,
    frameworks: BTreeMap<String, Arc<Framework>>,
    /// The editions of external indices that scores are computed with now.
    editions: Arc<BTreeMap<String, u16>>,
    /// Whether scores of the wave that is run were computed: then those without have none, whatever was published.
    is_scored: bool,
}

impl<'a> Points<'a> {
    pub(crate) fn new(context: &'a Context, store: &'a Store) -> Result<Self, PointError> {
        let imported = of_index(&context.framework, store.imported_scores()?);
        let own = (context.framework.hash.clone(), Arc::new(context.framework.clone()));
        let editions = Arc::new(editions(context));
        let is_scored = !store.scored_economies(context.framework.wave)?.is_empty();
        Ok(Self { context, store, imported, frameworks: BTreeMap::from([own]), editions, is_scored })
    }

    /// The waves that there are scores of.
    pub(crate) fn waves(&self) -> Result<BTreeSet<Wave>, PointError> {
        let mut waves = self.store.waves_with_states()?;
        waves.extend(self.imported.iter().map(|scores| scores.wave));
        let own = self.context.framework.wave;
        if self.is_scored {
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

    /// The scores of a wave: those in force for the wave that is run, and those of the latest run for another one with
    /// published ones for economies that none were computed for. Of the wave that is run, published ones count
    /// before its first score only: who was returned, or sent nothing, has none.
    pub(crate) fn of_wave(&self, wave: Wave) -> Result<Point, PointError> {
        let mut places = BTreeMap::new();
        if self.context.framework.wave == wave {
            let scored = self.store.scored(wave)?.into_iter();
            places.extend(scored.map(|scored| (scored.economy.clone(), Place::InForce(scored))));
        } else {
            places = self.kept(wave, None)?;
        }
        let mut left_out = 0;
        for (at, scores) in self.imported.iter().enumerate().filter(|(_, scores)| scores.wave == wave) {
            match places.entry(scores.economy.clone()) {
                Entry::Vacant(_) if self.is_settled(wave) => left_out += 1,
                Entry::Vacant(place) => {
                    place.insert(Place::Imported(at));
                }
                Entry::Occupied(_) => {}
            }
        }
        Ok(Point { run: None, wave, places, left_out })
    }

    /// Whether no published score stands in for one that was not computed.
    fn is_settled(&self, wave: Wave) -> bool {
        self.is_scored && wave == self.context.framework.wave
    }

    /// The scores as a run left them.
    pub(crate) fn of_run(&self, run: &RunRow) -> Result<Point, PointError> {
        let wave = wave_of(run).ok_or_else(|| PointError::Record(run.id.clone()))?;
        Ok(Point { run: Some(run.clone()), wave, places: self.kept(wave, Some(run.seq))?, left_out: 0 })
    }

    fn kept(&self, wave: Wave, run: Option<i64>) -> Result<BTreeMap<EconomyCode, Place>, PointError> {
        let keys = self.store.state_keys(wave, run)?.into_iter();
        Ok(keys.map(|(economy, key)| (economy, Place::Kept(key))).collect())
    }

    /// What one economy has of a wave: as [`Points::of_wave`] has it of all.
    pub(crate) fn of_economy(
        &mut self,
        wave: Wave,
        economy: &EconomyCode,
    ) -> Result<Option<Held>, PointError> {
        let computed = if wave == self.context.framework.wave {
            self.store.scored_one(wave, economy)?.map(Place::InForce)
        } else {
            self.store.state_key(wave, economy)?.map(Place::Kept)
        };
        let of_wave = |scores: &ImportedScores| (scores.wave, &scores.economy).cmp(&(wave, economy));
        let imported = || self.imported.binary_search_by(of_wave).ok().map(Place::Imported);
        let place = computed.or_else(|| if self.is_settled(wave) { None } else { imported() });
        Ok(place.map(|place| self.held(&place)).transpose()?.flatten())
    }

    fn held(&mut self, place: &Place) -> Result<Option<Held>, PointError> {
        Ok(match place {
            Place::InForce(scored) => Some(self.in_force(scored)?),
            Place::Kept(key) => Some(self.kept_under(key)?),
            Place::Imported(at) => self.imported.get(*at).cloned().map(Held::Imported),
        })
    }

    fn in_force(&self, scored: &Scored) -> Result<Held, PointError> {
        let context = self.context;
        let framework = self.frameworks.get(&context.framework.hash).cloned();
        let row = self.store.submission(scored.submission)?;
        let (file, sha256) = row.map(|row| (row.name, row.sha256)).unzip();
        Ok(Held::Computed {
            framework: framework.unwrap_or_else(|| Arc::new(context.framework.clone())),
            scores: Box::new(self.store.scores_of(context.framework.wave, scored)?),
            behind: Behind { file, sha256, editions: Arc::clone(&self.editions) },
        })
    }

    fn kept_under(&mut self, key: &str) -> Result<Held, PointError> {
        let (snapshot, hash) = self.store.state(key)?;
        Ok(Held::Computed {
            framework: self.framework(&hash)?,
            scores: Box::new(snapshot.scores),
            behind: Behind {
                file: Some(snapshot.file),
                sha256: Some(snapshot.sha256),
                editions: Arc::new(snapshot.editions),
            },
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

/// The published scores that are of this index. The table may be that of another one, whose groups say nothing here.
fn of_index(framework: &Framework, mut all: Vec<ImportedScores>) -> Vec<ImportedScores> {
    let is_known = |id: &Id| *id == framework.composite.id || framework.subindex(id).is_some();
    all.retain(|scores| scores.scores.is_empty() || scores.scores.iter().any(|(id, _)| is_known(id)));
    for scores in &mut all {
        if !scores.scores.is_empty() && scores.scores.iter().all(|(id, _)| *id != framework.composite.id) {
            scores.group = None;
        }
    }
    all
}

/// The edition that is used of each external index.
pub(crate) fn editions(context: &Context) -> BTreeMap<String, u16> {
    let indices = context.framework.external_indices.iter();
    indices
        .filter_map(|index| Some((index.id.clone(), context.external_indices.edition(&index.id)?)))
        .collect()
}

/// What changed between two points, by economy.
#[derive(Default)]
pub(crate) struct Compared {
    /// Economies that have scores at both points and changed.
    pub(crate) changed: Vec<EconomyChange>,
    /// What their scores were computed from, at both points.
    pub(crate) behind: BTreeMap<EconomyCode, (Behind, Behind)>,
    /// Economies that have scores at both points and did not change: their groups.
    pub(crate) unchanged: Vec<(EconomyCode, Option<String>)>,
    /// Economies that have scores at the later point only.
    pub(crate) appeared: Vec<EconomyCode>,
    /// Economies that have scores at the earlier point only.
    pub(crate) gone: Vec<EconomyCode>,
    /// Groups that begin elsewhere at the later point.
    pub(crate) thresholds: Vec<Threshold>,
}

/// A group that begins at another score than before.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Threshold {
    pub(crate) group: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
}

/// The groups that begin elsewhere in the later framework.
fn thresholds(before: &Framework, after: &Framework) -> Vec<Threshold> {
    let moved = after.groups.iter().filter_map(|group| {
        let earlier = before.groups.iter().find(|earlier| earlier.id == group.id)?;
        let (from, to) = (earlier.at_least, group.at_least);
        (from.to_bits() != to.to_bits()).then(|| Threshold { group: group.id.clone(), from, to })
    });
    moved.collect()
}

/// What changed for an economy.
pub(crate) fn change(context: &Context, before: &Held, after: &Held) -> EconomyChange {
    let guide = after.framework().or(before.framework()).unwrap_or(&context.framework);
    attribution::between(guide, before.state(), after.state())
}

/// So many economies are held and compared at a time.
const BATCH: usize = 64;

impl Points<'_> {
    /// Compares two points. The result does not depend on the number of threads.
    pub(crate) fn compare(
        &mut self,
        from: &Point,
        to: &Point,
        only: &BTreeSet<EconomyCode>,
    ) -> Result<Compared, PointError> {
        let codes: BTreeSet<&EconomyCode> = from.places.keys().chain(to.places.keys()).collect();
        let wanted = |code: &&EconomyCode| only.is_empty() || only.contains(*code);
        let mut compared = Compared::default();
        let mut both = Vec::new();
        for code in codes.into_iter().filter(wanted) {
            match (from.places.get(code), to.places.get(code)) {
                (Some(before), Some(after)) => both.push((code, before, after)),
                (None, Some(_)) => compared.appeared.push(code.clone()),
                (Some(_), None) => compared.gone.push(code.clone()),
                (None, None) => {}
            }
        }
        for batch in both.chunks(BATCH) {
            let mut pairs = Vec::new();
            for (code, before, after) in batch {
                let Some(later) = self.held(after)? else { continue };
                if before.key().is_some() && before.key() == after.key() {
                    let (_, group) = later.composite(&self.context.framework);
                    compared.unchanged.push(((*code).clone(), group.map(str::to_owned)));
                } else if let Some(earlier) = self.held(before)? {
                    pairs.push((earlier, later));
                }
            }
            let context = self.context;
            let changes: Vec<EconomyChange> =
                pairs.par_iter().map(|(before, after)| change(context, before, after)).collect();
            for (change, (before, after)) in changes.into_iter().zip(pairs) {
                if let (Some(earlier), Some(later)) = (before.framework(), after.framework()) {
                    for moved in thresholds(earlier, later) {
                        if !compared.thresholds.contains(&moved) {
                            compared.thresholds.push(moved);
                        }
                    }
                }
                let moved = change.changes.iter().any(|change| change.from != change.to)
                    || change.from.group != change.to.group;
                if moved || !change.questions.is_empty() {
                    let behind = (before.into_behind(), after.into_behind());
                    compared.behind.insert(change.economy.clone(), behind);
                    compared.changed.push(change);
                } else {
                    compared.unchanged.push((change.economy, change.to.group));
                }
            }
        }
        compared.unchanged.sort();
        Ok(compared)
    }
}
