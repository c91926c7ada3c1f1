//! What was fetched from servers: which version of which document lies in which file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use pipeline::hash::{of_file, sha256};

use crate::database::{Doing, Store, StoreError};

/// A document of a server as it was fetched last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// What names the document at its source: an address, a submission's id, an attachment's path.
    pub remote: String,
    /// What the source says changes with the content: a date, a tag, a hash.
    pub version: String,
    /// The file's name in the folder of fetched files; empty where there is none, or it is to be forgotten.
    pub file: String,
    /// When the source says that it was sent or changed, UTC in RFC 3339; absent where it does not say.
    pub dated: Option<String>,
    /// Whether the source no longer has the document, or has rejected it.
    pub gone: bool,
}

impl Store {
    /// The folder of the files that were fetched from a source, for the store at `path`. No two sources share one.
    pub fn fetched_folder(path: &Path, source: &str) -> PathBuf {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let mut name: String = source.chars().map(|c| if plain(c) { c } else { '_' }).collect();
        if name != source {
            name.push('_');
            name.push_str(sha256(source.as_bytes()).get(..8).unwrap_or_default());
        }
        path.with_extension("fetched").join(name)
    }

    /// Removes the fetched files that are to be forgotten, for the store at `path`; gives how many there were.
    pub fn forget_fetched(&mut self, path: &Path) -> Result<usize, StoreError> {
        let doing = "look up what was fetched";
        let root = path.with_extension("fetched");
        let mut removed = 0;
        for folder in entries(&root)? {
            for file in entries(&folder)? {
                let failed = |source| StoreError::File { path: file.clone(), source };
                if !file.is_file() || !self.is_forgotten(&of_file(&file).map_err(failed)?.to_string())? {
                    continue;
                }
                fs::remove_file(&file).map_err(failed)?;
                removed += 1;
            }
        }
        // Whose file is gone for good is not asked for again.
        let rows: Vec<(String, String, String)> = {
            let mut statement = self
                .connection
                .prepare(
                    "SELECT DISTINCT f.source, f.remote, f.file FROM fetched f
                     JOIN file_names n ON n.source = f.source AND n.name = f.remote
                     JOIN forgotten USING (sha256) WHERE f.file <> ''",
                )
                .doing(doing)?;
            let rows =
                statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).doing(doing)?;
            rows.collect::<Result<_, _>>().doing(doing)?
        };
        for (source, remote, file) in rows {
            if !Self::fetched_folder(path, &source).join(&file).exists() {
                self.connection
                    .execute(
                        "UPDATE fetched SET file = '' WHERE source = ?1 AND remote = ?2",
                        (&source, &remote),
                    )
                    .doing("forget a fetched file")?;
            }
        }
        Ok(removed)
    }

    /// Everything that was fetched from a source, by remote name.
    pub fn fetched(&self, source: &str) -> Result<BTreeMap<String, Fetched>, StoreError> {
        let doing = "look up what was fetched";
        let mut statement = self
            .connection
            .prepare("SELECT remote, version, file, dated, gone FROM fetched WHERE source = ?1")
            .doing(doing)?;
        let rows = statement
            .query_map([source], |row| {
                Ok(Fetched {
                    remote: row.get(0)?,
                    version: row.get(1)?,
                    file: row.get(2)?,
                    dated: row.get(3)?,
                    gone: row.get(4)?,
                })
            })
            .doing(doing)?;
        let all = rows.collect::<Result<Vec<_>, _>>().doing(doing)?;
        Ok(all.into_iter().map(|fetched| (fetched.remote.clone(), fetched)).collect())
    }

    /// Records a document whose file is on the disk.
    pub fn record_fetched(&mut self, source: &str, fetched: &Fetched) -> Result<(), StoreError> {
        self.connection
            .execute(
                "INSERT OR REPLACE INTO fetched (source, remote, version, file, dated, gone)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                (source, &fetched.remote, &fetched.version, &fetched.file, &fetched.dated, fetched.gone),
            )
            .doing("record what was fetched")?;
        Ok(())
    }

    /// Withdraws the files that every source they came from has withdrawn, and brings back those that one of
    /// them has again. Writes only what changed.
    pub fn withdraw_files(&mut self) -> Result<(), StoreError> {
        self.connection
            .execute(
                "WITH gone AS (
                     SELECT n.sha256 FROM file_names n
                     LEFT JOIN fetched f ON f.source = n.source AND f.remote = n.name
                     GROUP BY n.sha256 HAVING min(coalesce(f.gone, 0)) = 1)
                 UPDATE files SET withdrawn = sha256 IN gone WHERE withdrawn != (sha256 IN gone)",
                [],
            )
            .doing("withdraw files")?;
        Ok(())
    }

    /// Up to when a source was read completely, in the source's own words; absent before the first time.
    pub fn cursor(&self, source: &str) -> Result<Option<String>, StoreError> {
        let doing = "look up how far a source was read";
        let mut statement =
            self.connection.prepare("SELECT position FROM cursors WHERE source = ?1").doing(doing)?;
        let mut rows = statement.query([source]).doing(doing)?;
        match rows.next().doing(doing)? {
            Some(row) => Ok(Some(row.get(0).doing(doing)?)),
            None => Ok(None),
        }
    }

    /// Records how far a source was read completely.
    pub fn record_cursor(&mut self, source: &str, position: &str) -> Result<(), StoreError> {
        self.connection
            .execute("INSERT OR REPLACE INTO cursors (source, position) VALUES (?1, ?2)", (source, position))
            .doing("record how far a source was read")?;
        Ok(())
    }
}

/// The paths directly in a folder; none if there is no such folder.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, StoreError> {
    let read = fs::read_dir(folder).and_then(|entries| {
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()
    });
    match read {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(Vec::new())
        }
        read => read.map_err(|source| StoreError::File { path: folder.to_owned(), source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_share_no_folder() {
        let of = |source| Store::fetched_folder(Path::new("out/gtmi.db"), source);
        assert_eq!(of("web-1"), Path::new("out/gtmi.fetched/web-1"));
        assert_ne!(of("анкеты"), of("ответы"));
        assert_ne!(of("a b"), of("a_b"));
    }
}
