//! Copies of the store that are whole, also while somebody writes to it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use crate::database::{Doing, Store, StoreError, for_reading};

impl Store {
    /// Copies the database at `from` to the new file `to`: one moment of it, whatever is being written. The copy
    /// has the schema of the original, and the original is not written to.
    pub fn copy_database(from: &Path, to: &Path) -> Result<(), StoreError> {
        let doing = "copy the database";
        let connection = for_reading(from)?;
        let target = to.to_str().ok_or_else(|| StoreError::File {
            path: to.to_owned(),
            source: io::Error::new(io::ErrorKind::InvalidFilename, "the path is not Unicode"),
        })?;
        connection.execute("VACUUM INTO ?1", [target]).doing(doing)?;
        let sync = |path: &Path| fs::File::open(path).and_then(|file| file.sync_all());
        sync(to).map_err(|source| StoreError::File { path: to.to_owned(), source })
    }
}

impl Store {
    /// The received files whose bytes belong to the database at `path`, by SHA-256, each with the name that it was last
    /// seen under.
    /// Those of more than `most` bytes are never kept, and those whose respondents were forgotten no longer. What counts is
    /// the verdict too: an earlier version could record the size of before a file grew beyond the limit.
    pub fn kept_files(path: &Path, most: u64) -> Result<BTreeMap<String, String>, StoreError> {
        let doing = "look up the received files";
        let connection = for_reading(path)?;
        // A database of an earlier version is copied as it is, and may not have all tables.
        let has = |table: &str| {
            connection
                .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1")
                .and_then(|mut statement| statement.exists([table]))
                .doing(doing)
        };
        if !has("files")? {
            return Ok(BTreeMap::new());
        }
        let forgotten =
            if has("forgotten")? { "AND sha256 NOT IN (SELECT sha256 FROM forgotten)" } else { "" };
        let refused = "AND sha256 NOT IN (SELECT sha256 FROM readings
             WHERE json_extract(refusal, '$.problem.problem') = 'file-too-large'
             AND json_extract(refusal, '$.problem.limit') = ?2)";
        let latest = connection
            .prepare("SELECT 1 FROM pragma_table_info('file_names') WHERE name = 'latest'")
            .and_then(|mut statement| statement.exists([]))
            .doing(doing)?;
        let latest = if latest { "n.latest DESC, " } else { "" };
        let sql = format!(
            "SELECT sha256, coalesce((SELECT n.name FROM file_names n WHERE n.sha256 = files.sha256
                 ORDER BY {latest}n.source, n.name LIMIT 1), '')
             FROM files WHERE bytes <= ?1 {refused} {forgotten}"
        );
        let mut statement = connection.prepare(&sql).doing(doing)?;
        // As the verdict says it.
        let limit = format!("{} MiB", most.div_ceil(1024 * 1024));
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let rows = statement.query_map((most, limit), |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_what_was_committed_and_nothing_half() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("gtmi.db"), folder.path().join("copy.db"));
        let mut store = Store::open(&from).unwrap();
        store.record_work("score", &[("KEN".to_owned(), "1".to_owned())]).unwrap();
        let writing = store.connection.transaction().unwrap();
        writing.execute("INSERT INTO work VALUES ('score', 'PER', '2')", []).unwrap();
        Store::copy_database(&from, &to).unwrap();
        writing.commit().unwrap();

        let copy = Store::open(&to).unwrap();
        copy.check().unwrap();
        let keys = copy.work_keys("score").unwrap();
        assert_eq!(keys.into_iter().collect::<Vec<_>>(), [("KEN".to_owned(), "1".to_owned())]);
        assert!(Store::copy_database(&from, &to).is_err(), "a copy is never overwritten");
    }

    #[test]
    fn bytes_that_were_never_kept_are_not_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("gtmi.db");
        let store = Store::open(&path).unwrap();
        let too_large = |limit: &str| {
            format!(
                r#"{{"problem":{{"problem":"file-too-large","found":"1 GiB","limit":"{limit}"}},"place":null}}"#
            )
        };
        for (sha256, bytes, refusal) in [
            ("read", 1000, None),
            ("large", 26 << 20, Some(too_large("25 MiB"))),
            // It was 1,000 bytes long when it was found.
            ("grown", 1000, Some(too_large("25 MiB"))),
            ("unpacked", 1000, Some(too_large("256 MiB"))),
        ] {
            let insert = "INSERT INTO files (sha256, bytes, received_at) VALUES (?1, ?2, '')";
            store.connection.execute(insert, (sha256, bytes)).unwrap();
            let insert = "INSERT INTO readings (sha256, key, refusal) VALUES (?1, '', ?2)";
            store.connection.execute(insert, (sha256, refusal)).unwrap();
        }
        let kept = Store::kept_files(&path, 25 << 20).unwrap();
        assert_eq!(kept.into_keys().collect::<Vec<_>>(), ["read", "unpacked"]);
    }
}
