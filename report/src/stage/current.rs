//! Which workbooks are up to date, and what they depend on.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use maturity::comparator::ComparatorSet;
use maturity::economy::EconomyCode;
use pipeline::hash::{Fingerprint, sha256};
use pipeline::{Context, comparators};
use store::{Store, StoreError, SubmissionRow};

use super::{GLOBAL, STAGE, StageError};
use crate::feedback;

/// Which workbooks are up to date.
pub(super) struct Finished {
    /// Key and hash of the file by unit, as recorded: `key hash`.
    pub(super) recorded: BTreeMap<String, String>,
    pub(super) folder: PathBuf,
}

impl Finished {
    /// Whether the workbook was made from `key` and its file is as it was written.
    pub(super) fn is_current(&self, unit: &str, key: &str) -> bool {
        let Some((known, hash)) = self.recorded.get(unit).and_then(|recorded| recorded.split_once(' '))
        else {
            return false;
        };
        known == key && fs::read(self.path(unit)).is_ok_and(|bytes| sha256(&bytes) == hash)
    }

    pub(super) fn path(&self, unit: &str) -> PathBuf {
        path(&self.folder, unit)
    }
}

/// The hash of every workbook and return that is recorded, by path in the folder of outputs: as it was written, and
/// found again by a run of this stage over all economies.
pub fn recorded_hashes(store: &Store) -> Result<BTreeMap<String, String>, StoreError> {
    let mut hashes = BTreeMap::new();
    let path: [fn(&str) -> String; 2] = [relative, feedback::relative];
    for (stage, path) in [STAGE, feedback::STAGE].into_iter().zip(path) {
        for (unit, recorded) in store.work_keys(stage)? {
            if let Some((_, hash)) = recorded.split_once(' ') {
                hashes.insert(path(&unit), hash.to_owned());
            }
        }
    }
    Ok(hashes)
}

/// Where the workbook of a unit goes.
fn path(folder: &Path, unit: &str) -> PathBuf {
    folder.join(relative(unit))
}

pub(super) fn relative(unit: &str) -> String {
    if unit == GLOBAL { "global.xlsx".to_owned() } else { format!("reports/{unit}.xlsx") }
}

/// What workbooks depend on.
pub(super) struct Keys {
    pub(super) base: String,
    pub(super) published: BTreeMap<EconomyCode, String>,
    pub(super) scored: BTreeMap<String, String>,
    pub(super) validated: BTreeMap<String, String>,
}

impl Keys {
    pub(super) fn of(
        context: &Context,
        store: &Store,
        set: Option<&ComparatorSet>,
    ) -> Result<Self, StageError> {
        let base = Fingerprint::new()
            .with(env!("CARGO_PKG_VERSION"))
            .with(&context.framework.hash)
            .with(&context.economies_hash)
            .with(context.config.language.tag())
            .with(set.map(comparators::fingerprint).unwrap_or_default())
            .finish();
        let mut published: BTreeMap<EconomyCode, Fingerprint> = BTreeMap::new();
        for scores in &context.published_scores {
            published.entry(scores.economy.clone()).or_default().add(format!("{scores:?}"));
        }
        let published = published.into_iter().map(|(economy, all)| (economy, all.finish())).collect();
        Ok(Self {
            base,
            published,
            scored: store.work_keys("score")?,
            validated: store.work_keys("validate")?,
        })
    }

    /// The key of a country report: also its fingerprint.
    pub(super) fn country(&self, row: &SubmissionRow, economy: &EconomyCode, approved: &str) -> String {
        let known = |keys: &BTreeMap<String, String>, unit: &str| keys.get(unit).cloned().unwrap_or_default();
        Fingerprint::new()
            .with(&self.base)
            .with(self.published.get(economy).map_or("", String::as_str))
            .with(known(&self.scored, economy.as_str()))
            .with(known(&self.validated, &row.id.to_string()))
            .with(&row.sha256)
            .with(&row.name)
            .with(approved)
            .finish()
    }
}
