//! What the store has on record of a finished workbook: what it was made from, and what its file holds.

use std::path::Path;

use pipeline::Context;
use pipeline::hash::{Digest, Hashes, Seal, of_file};
use pipeline::known_files::KnownFiles;

/// A record: `key sha256 seal`; earlier versions of this program wrote no seal.
pub(crate) struct Recorded<'r> {
    key: &'r str,
    sha256: &'r str,
    seal: Option<&'r str>,
}

impl<'r> Recorded<'r> {
    /// Reads a record; absent for any other text.
    pub(crate) fn parse(record: &'r str) -> Option<Self> {
        let (key, hashes) = record.split_once(' ')?;
        let (sha256, seal) =
            hashes.split_once(' ').map_or((hashes, None), |(sha256, seal)| (sha256, Some(seal)));
        Some(Self { key, sha256, seal })
    }

    /// Whether the workbook was made from `key`.
    pub(crate) fn is_of(&self, key: &str) -> bool {
        self.key == key
    }

    /// Whether the workbook was made from `key` and its file is as it was written.
    pub(crate) fn is_current(&self, known_files: &KnownFiles, key: &str, file: &Path) -> bool {
        self.is_of(key)
            && match self.seal.and_then(Seal::parse) {
                Some(seal) => known_files.seal_of(file).is_ok_and(|found| found == seal),
                None => of_file(file).is_ok_and(|found| Some(found) == self.sha256()),
            }
    }

    /// The SHA-256 of the file as it was written.
    pub(crate) fn sha256(&self) -> Option<Digest> {
        Digest::parse(self.sha256)
    }
}

/// The name under which the store has the work of a stage on record. It is that of the folder where the workbooks are, so that
/// waves with a store in common and folders of their own do not take each other's workbooks for outdated ones; the stage
/// alone stands for the folder of the store.
pub(crate) fn stage(context: &Context, stage: &str) -> String {
    let way = &context.config.way_to_output;
    if way.as_os_str().is_empty() { stage.to_owned() } else { format!("{stage} in {}", way.display()) }
}

/// The record of a workbook that was made from `key`.
pub(crate) fn record(key: &str, Hashes { sha256, seal }: Hashes) -> String {
    format!("{key} {sha256} {seal}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workbook_is_current_while_its_key_and_its_bytes_are_those_on_record() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("KEN.xlsx");
        std::fs::write(&path, b"as it was written").unwrap();
        let hashes = Hashes::of(b"as it was written");
        let known_files = KnownFiles::default();
        // As this version records it, and as earlier ones did.
        for record in [record("key", hashes), format!("key {}", hashes.sha256)] {
            let recorded = Recorded::parse(&record).unwrap();
            assert_eq!(recorded.sha256(), Some(hashes.sha256));
            assert!(recorded.is_current(&known_files, "key", &path));
            assert!(!recorded.is_current(&known_files, "another key", &path));
            assert!(!recorded.is_current(&known_files, "key", &folder.path().join("PER.xlsx")));
            std::fs::write(&path, b"as it is not").unwrap();
            assert!(!recorded.is_current(&known_files, "key", &path));
            std::fs::write(&path, b"as it was written").unwrap();
        }
        assert!(Recorded::parse("key").is_none());
    }
}
