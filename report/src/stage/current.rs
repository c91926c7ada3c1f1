//! Which workbooks are up to date, and what they depend on.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use pipeline::Context;
use pipeline::hash::{Digest, Fingerprint};
use pipeline::known_files::KnownFiles;
use store::{Store, StoreError, SubmissionId, SubmissionRow};

use super::{GLOBAL, STAGE, altered};
use crate::feedback;
use crate::recorded::{self, Recorded};

/// Which workbooks are up to date.
pub(super) struct Finished<'a> {
    folder: PathBuf,
    known_files: &'a KnownFiles,
    /// The name of the stage for what it has on record there.
    pub(super) stage: String,
}

impl<'a> Finished<'a> {
    pub(super) fn of(context: &'a Context) -> Self {
        Self {
            folder: context.config.output.clone(),
            known_files: &context.known_files,
            stage: recorded::stage(context, STAGE),
        }
    }

    /// Whether the workbook was made from `key` and its file is as it was written.
    pub(super) fn is_current(&self, store: &Store, unit: &str, key: &str) -> Result<bool, StoreError> {
        let recorded = store.work_key(&self.stage, unit)?;
        let recorded = recorded.as_deref().and_then(Recorded::parse);
        Ok(recorded.is_some_and(|recorded| recorded.is_current(self.known_files, key, &self.path(unit))))
    }

    /// The hash of the workbook's file, where somebody wrote into it.
    pub(super) fn altered(&self, store: &Store, unit: &str) -> Result<Option<Digest>, StoreError> {
        let recorded = store.work_key(&self.stage, unit)?;
        let found = altered::found(recorded.as_deref().and_then(Recorded::parse).as_ref(), &self.path(unit));
        let Some(found) = found else { return Ok(None) };
        // A run that broke off wrote it.
        let begun = store.work_key(&self.begun(), unit)?.unwrap_or_default();
        let found_as = found.to_string();
        Ok((!begun.split(' ').any(|hash| hash == found_as)).then_some(found))
    }

    /// The name of the stage for the workbooks that are about to be written.
    fn begun(&self) -> String {
        format!("{}, begun", self.stage)
    }

    /// Notes what is about to be written in the place of workbooks that are on record.
    pub(super) fn begin<'u>(
        &self,
        store: &mut Store,
        units: impl Iterator<Item = (&'u str, Digest)>,
    ) -> Result<(), StoreError> {
        /// Of so many runs in a row that broke off it is known what they wrote.
        const MOST: usize = 8;
        let mut begun = Vec::new();
        for (unit, hash) in units {
            // Of one that is not on record nobody asks who wrote it.
            if store.work_key(&self.stage, unit)?.is_none() {
                continue;
            }
            let hash = hash.to_string();
            let before = store.work_key(&self.begun(), unit)?.unwrap_or_default();
            // This run may break off before it has written over what the one before left.
            let before = before.split(' ').filter(|other| !other.is_empty() && *other != hash);
            let all: Vec<&str> = std::iter::once(hash.as_str()).chain(before).take(MOST).collect();
            begun.push((unit.to_owned(), all.join(" ")));
        }
        store.record_work(&self.begun(), &begun)
    }

    /// Notes workbooks as done.
    pub(super) fn end(&self, store: &mut Store, units: &[(String, String)]) -> Result<(), StoreError> {
        store.together("record finished work", |store| {
            store.record_work(&self.stage, units)?;
            let units: Vec<String> = units.iter().map(|(unit, _)| unit.clone()).collect();
            store.forget_work(&self.begun(), &units)
        })
    }

    pub(super) fn path(&self, unit: &str) -> PathBuf {
        path(&self.folder, unit)
    }
}

/// The recorded hash of the workbook or return at a path in the folder of outputs: as it was written, and found again by a
/// run of this stage over all economies.
pub fn recorded_hash(context: &Context, store: &Store, path: &str) -> Result<Option<Digest>, StoreError> {
    let (stage, unit) =
        match path.strip_suffix(".xlsx").map(|path| path.split_once('/').unwrap_or(("", path))) {
            Some(("", GLOBAL)) => (STAGE, GLOBAL),
            Some(("reports", unit)) if unit != GLOBAL => (STAGE, unit),
            Some((feedback::FOLDER, unit)) => (feedback::STAGE, unit),
            _ => return Ok(None),
        };
    let recorded = store.work_key(&recorded::stage(context, stage), unit)?;
    Ok(recorded.as_deref().and_then(|recorded| Recorded::parse(recorded)?.sha256()))
}

/// Where the workbook of a unit goes.
fn path(folder: &Path, unit: &str) -> PathBuf {
    folder.join(relative(unit))
}

pub(super) fn relative(unit: &str) -> String {
    if unit == GLOBAL { "global.xlsx".to_owned() } else { format!("reports/{unit}.xlsx") }
}

/// Counts the changes of this program after which the same figures make other workbooks: each makes all anew.
const EDITION: &str = "4";

/// What workbooks depend on.
pub(super) struct Keys {
    wave: Wave,
    /// The earlier waves that the store has scores of.
    earlier: Vec<Wave>,
    pub(super) base: String,
    published: BTreeMap<EconomyCode, String>,
}

impl Keys {
    /// `comparators` names the set that reports show.
    pub(super) fn of(context: &Context, comparators: &str, earlier: Vec<Wave>) -> Self {
        let base = Fingerprint::new()
            .with(env!("CARGO_PKG_VERSION"))
            .with(EDITION)
            .with(&context.framework.hash)
            .with(&context.economies_hash)
            .with(context.config.language.tag())
            .with(comparators)
            .finish();
        let mut published: BTreeMap<EconomyCode, Fingerprint> = BTreeMap::new();
        for scores in &context.published_scores {
            let of_economy = published.entry(scores.economy.clone()).or_default();
            of_economy.add(scores.wave.to_string());
            of_economy.add(&scores.group);
            of_economy.add(scores.scores.len().to_string());
            for (id, score) in &scores.scores {
                of_economy.add(id.as_str());
                of_economy.add(score.to_bits().to_le_bytes());
            }
        }
        let published = published.into_iter().map(|(economy, all)| (economy, all.finish())).collect();
        Self { wave: context.framework.wave, earlier, base, published }
    }

    /// Names the published scores of an economy; empty where there are none.
    pub(super) fn published(&self, economy: &EconomyCode) -> &str {
        self.published.get(economy).map_or("", String::as_str)
    }

    /// The key of a country report: also its fingerprint.
    pub(super) fn country(
        &self,
        store: &Store,
        row: &SubmissionRow,
        economy: &EconomyCode,
        approved: &str,
    ) -> Result<String, StoreError> {
        let mut key = Fingerprint::new()
            .with(&self.base)
            .with(self.published(economy))
            .with(scored(store, self.wave, economy)?)
            .with(validated(store, row.id)?)
            .with(&row.sha256)
            .with(&row.name)
            .with(approved);
        // A report shows the scores of all of them.
        for wave in &self.earlier {
            key.add(scored(store, *wave, economy)?);
        }
        Ok(key.finish())
    }
}

/// The key under which an economy was scored for a wave.
pub(super) fn scored(store: &Store, wave: Wave, economy: &EconomyCode) -> Result<String, StoreError> {
    Ok(store.score_key(wave, economy)?.unwrap_or_default())
}

/// The key under which a submission was validated.
pub(super) fn validated(store: &Store, submission: SubmissionId) -> Result<String, StoreError> {
    Ok(store.work_key("validate", &submission.to_string())?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use pipeline::hash::Hashes;

    use super::*;

    #[test]
    fn what_a_run_wrote_before_it_broke_off_is_nobody_elses() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = Store::open(&folder.path().join("gtmi.db")).unwrap();
        let known_files = KnownFiles::default();
        let finished =
            Finished { folder: folder.path().to_owned(), known_files: &known_files, stage: STAGE.to_owned() };
        let path = finished.path("KEN");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let record = |bytes: &[u8]| ("KEN".to_owned(), recorded::record("key", Hashes::of(bytes)));
        let begin = |store: &mut Store, bytes| {
            finished.begin(store, [("KEN", Hashes::of(bytes).sha256)].into_iter()).unwrap();
        };
        let altered = |store: &Store| finished.altered(store, "KEN").unwrap().is_some();
        // The first of all: nothing is on record that it could differ from.
        begin(&mut store, b"first");
        assert!(store.work_keys(&finished.begun()).unwrap().is_empty());
        fs::write(&path, b"first").unwrap();
        finished.end(&mut store, &[record(b"first")]).unwrap();
        assert!(!altered(&store));

        begin(&mut store, b"second");
        assert!(!altered(&store), "it was not written yet");
        fs::write(&path, b"second").unwrap();
        assert!(!altered(&store), "it was written and not noted");
        begin(&mut store, b"third");
        assert!(!altered(&store), "nor was it written over yet");
        fs::write(&path, b"second, and a decision").unwrap();
        assert!(altered(&store));
        finished.end(&mut store, &[record(b"third")]).unwrap();
        fs::write(&path, b"second").unwrap();
        assert!(altered(&store), "somebody put it there");
    }
}
