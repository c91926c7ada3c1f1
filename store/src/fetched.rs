//! What was fetched from servers: which version of which document lies in which file.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use maturity::submission::Wave;
use pipeline::durable;
use pipeline::hash::{of_file, sha256};

use crate::database::{Doing, Store, StoreError};

/// Says of a withdrawn file that what took its place was corrected to be of another economy.
pub(crate) const CORRECTED: i64 = 2;

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
                durable::remove(&file)?;
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
    ///
    /// Where a submission of a form was corrected to be of another economy, what it said before is withdrawn too, and
    /// nobody is told of it any more: which economy it is of is known from its validation for the wave. What the sources of
    /// another wave say of its own stays. Gives how many of these there are that were not before. An empty form whose
    /// sender attached a workbook after it was read is withdrawn as well.
    pub fn withdraw_files(&mut self, wave: Wave) -> Result<usize, StoreError> {
        let doing = "withdraw files";
        let sql = format!(
            "WITH names AS (
                 SELECT n.sha256, coalesce(f.gone, 0) OR EXISTS (
                     SELECT 1 FROM readings WHERE sha256 = n.sha256 AND is_empty
                 ) AS gone, CASE WHEN NOT EXISTS (
                     SELECT 1 FROM places WHERE wave = ?1 AND source = n.source AND name = n.name
                 ) THEN (
                     SELECT withdrawn = {CORRECTED} FROM files WHERE sha256 = n.sha256
                 ) ELSE coalesce({} AND EXISTS (
                     SELECT 1 FROM places p JOIN submissions s ON s.sha256 = p.sha256
                     WHERE p.wave = ?1 AND p.source = n.source AND p.name = n.name AND p.sha256 <> n.sha256
                         AND s.economy IS NOT NULL
                 ) AND EXISTS (
                     SELECT 1 FROM submissions WHERE sha256 = n.sha256 AND economy IS NOT NULL
                 ) AND NOT EXISTS (
                     SELECT 1 FROM places p JOIN submissions s ON s.sha256 = p.sha256
                     JOIN submissions earlier ON earlier.sha256 = n.sha256 AND earlier.economy = s.economy
                     WHERE p.wave = ?1 AND p.source = n.source AND p.name = n.name
                 ), 0) END AS corrected
                 FROM file_names n LEFT JOIN fetched f ON f.source = n.source AND f.remote = n.name),
             verdicts AS (
                 SELECT sha256, CASE WHEN min(gone OR corrected) = 0 THEN 0
                     WHEN max(corrected) = 1 THEN {CORRECTED} ELSE 1 END AS verdict
                 FROM names GROUP BY sha256)
             UPDATE files SET withdrawn = verdict FROM verdicts
             WHERE verdicts.sha256 = files.sha256 AND withdrawn <> verdict
             RETURNING withdrawn",
            of_form("f")
        );
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let changed = statement.query_map([wave.0], |row| row.get::<_, i64>(0)).doing(doing)?;
        let changed: Vec<i64> = changed.collect::<Result<_, _>>().doing(doing)?;
        Ok(changed.into_iter().filter(|verdict| *verdict == CORRECTED).count())
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

/// Whether a row of `fetched` is a submission of a form, or a workbook attached to one: it lies below the submission's
/// name. Addresses of files always have a path, and their hosts are no documents.
pub(crate) fn of_form(row: &str) -> String {
    format!(
        "(instr({row}.remote, '/') = 0 OR EXISTS (SELECT 1 FROM fetched parent WHERE parent.source = {row}.source
             AND parent.remote = substr({row}.remote, 1, instr({row}.remote, '/') - 1)))"
    )
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
    use maturity::economy::EconomyCode;
    use maturity::submission::State;

    use super::*;
    use crate::tests::{open, record_as, validation};
    use crate::{FileName, IncomingFile, ReadFile, SubmissionId};

    /// A version of a document of a form, validated for an economy.
    fn receive(
        store: &mut Store,
        sha256: &str,
        (remote, dated): (&str, &str),
        economy: &str,
    ) -> SubmissionId {
        let fetched = Fetched {
            remote: remote.to_owned(),
            version: sha256.to_owned(),
            file: format!("{remote}.csv"),
            dated: Some(dated.to_owned()),
            gone: false,
        };
        store.record_fetched("inbox", &fetched).unwrap();
        let id = record_as(store, sha256, remote, economy);
        let file =
            FileName { sha256: sha256.to_owned(), source: "inbox".to_owned(), name: remote.to_owned() };
        store.record_place(Wave(2022), &file).unwrap();
        store.order_as_sent(Wave(2022), &[&file]).unwrap();
        store.record_validation(id, "key", &validation(economy, State::Accepted)).unwrap();
        id
    }

    fn in_force(store: &Store, economy: &str) -> Option<String> {
        let row = store.latest_accepted(Wave(2022), &EconomyCode::new(economy)).unwrap();
        row.map(|row| row.sha256)
    }

    #[test]
    fn what_a_submission_said_of_another_economy_counts_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let told = |store: &Store| -> Vec<String> {
            let latest = store.latest_submissions(Wave(2022)).unwrap();
            latest.keys().map(ToString::to_string).collect()
        };
        receive(&mut store, "aa", ("uuid:1", "2026-11-20"), "KEN");
        receive(&mut store, "a1", ("uuid:1/ken.xlsx", "2026-11-20"), "KEN");
        receive(&mut store, "bb", ("uuid:2", "2026-11-21"), "BRA");
        assert_eq!(store.withdraw_files(Wave(2022)).unwrap(), 0);
        // Answers are corrected, then the economies of both documents.
        receive(&mut store, "cc", ("uuid:1", "2026-11-20"), "KEN");
        assert_eq!(store.withdraw_files(Wave(2022)).unwrap(), 0);
        receive(&mut store, "dd", ("uuid:1", "2026-11-20"), "FRA");
        receive(&mut store, "d1", ("uuid:1/ken.xlsx", "2026-11-20"), "FRA");
        assert_eq!(store.withdraw_files(Wave(2022)).unwrap(), 3);
        assert_eq!(in_force(&store, "KEN"), None);
        assert_eq!(in_force(&store, "FRA").as_deref(), Some("d1"));
        assert_eq!(told(&store), ["BRA", "FRA"]);
        assert_eq!(store.withdraw_files(Wave(2022)).unwrap(), 0);
        // Another wave, whose sources have none of this, changes nothing of it.
        assert_eq!(store.withdraw_files(Wave(2028)).unwrap(), 0);
        assert_eq!((in_force(&store, "KEN"), told(&store).len()), (None, 2));
        // A file on a web server is no submission: another may take its address.
        receive(&mut store, "ee", ("files.example/latest.xlsx", "2026-11-22"), "PER");
        receive(&mut store, "ff", ("files.example/latest.xlsx", "2026-11-22"), "AGO");
        assert_eq!(store.withdraw_files(Wave(2022)).unwrap(), 0);
        assert_eq!(told(&store), ["AGO", "BRA", "FRA", "PER"]);
    }

    #[test]
    fn an_empty_form_counts_no_more_once_its_workbook_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        receive(&mut store, "aa", ("uuid:1", "2026-11-20"), "KEN");
        assert_eq!(store.withdraw_files(Wave(2022)).unwrap(), 0);
        assert_eq!(in_force(&store, "KEN").as_deref(), Some("aa"));
        let file = IncomingFile {
            sha256: "aa",
            seal: None,
            bytes: None,
            size: 2,
            source: "inbox",
            name: "uuid:1",
            received_at: "2026-11-21T00:00:00Z",
        };
        let read = ReadFile { file, key: "with a workbook", outcome: &Ok(Vec::new()) };
        store.record_files(Wave(2022), &[read]).unwrap();
        store.withdraw_files(Wave(2022)).unwrap();
        assert_eq!(in_force(&store, "KEN"), None);
    }

    #[test]
    fn an_edit_keeps_its_place_and_what_comes_late_takes_that_of_its_date() {
        let folder = tempfile::tempdir().unwrap();
        let mut store = open(folder.path());
        let order = |store: &Store| -> Vec<String> {
            store.submissions().unwrap().into_iter().map(|row| row.sha256).collect()
        };
        receive(&mut store, "a1", ("uuid:a", "2026-11-20"), "KEN");
        receive(&mut store, "b1", ("uuid:b", "2026-11-22"), "KEN");
        record_as(&mut store, "f1", "from-a-folder.xlsx", "KEN");
        receive(&mut store, "a2", ("uuid:a", "2026-11-20"), "KEN");
        assert_eq!(order(&store), ["a1", "a2", "b1", "f1"]);
        receive(&mut store, "c1", ("uuid:c", "2026-11-21"), "KEN");
        receive(&mut store, "d1", ("uuid:d", "2026-11-23"), "KEN");
        assert_eq!(order(&store), ["a1", "a2", "c1", "b1", "f1", "d1"]);
        // An earlier version is put back: it is in force again in its place.
        let file =
            FileName { sha256: "a1".to_owned(), source: "inbox".to_owned(), name: "uuid:a".to_owned() };
        store.arrive_again(&file, "2026-11-24T00:00:00Z").unwrap();
        store.record_place(Wave(2022), &file).unwrap();
        store.order_as_sent(Wave(2022), &[&file]).unwrap();
        assert_eq!(order(&store), ["a2", "a1", "c1", "b1", "f1", "d1"]);
        assert_eq!(in_force(&store, "KEN").as_deref(), Some("d1"));
    }

    #[test]
    fn sources_share_no_folder() {
        let of = |source| Store::fetched_folder(Path::new("out/gtmi.db"), source);
        assert_eq!(of("web-1"), Path::new("out/gtmi.fetched/web-1"));
        assert_ne!(of("анкеты"), of("ответы"));
        assert_ne!(of("a b"), of("a_b"));
    }
}
