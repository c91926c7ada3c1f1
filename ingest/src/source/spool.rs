//! The folder of fetched files beside the store: one file a document, recorded only when it is on the disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use jiff::Timestamp;
use pipeline::durable;
use pipeline::hash::sha256;
use pipeline::known_files::Look;
use store::{Fetched, Store, StoreError};

use super::platform;
use crate::directory::{FoundFile, Origin};

/// What was fetched cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error(transparent)]
    Write(#[from] durable::WriteError),
    /// The file cannot be looked at.
    #[error("failed to look at {path:?}")]
    Look {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// The fetched files of one source.
pub(crate) struct Spool<'a> {
    store: &'a mut Store,
    source: &'a str,
    folder: PathBuf,
    known: BTreeMap<String, Fetched>,
    fetched: u64,
    lost: Lost,
    notes: Vec<String>,
    cares: Vec<String>,
}

/// How much that counted before counts no more.
#[derive(Debug, Default)]
struct Lost {
    submissions: usize,
    workbooks: usize,
}

impl<'a> Spool<'a> {
    /// The fetched files of `source`, beside the store at `store_path`.
    pub(crate) fn open(store: &'a mut Store, store_path: &Path, source: &'a str) -> Result<Self, SpoolError> {
        let known = store.fetched(source)?;
        let folder = Store::fetched_folder(store_path, source);
        durable::sweep(&folder).map_err(|error| SpoolError::Look { path: folder.clone(), source: error })?;
        Ok(Self {
            store,
            source,
            folder,
            known,
            fetched: 0,
            lost: Lost::default(),
            notes: Vec::new(),
            cares: Vec::new(),
        })
    }

    /// Whether this version of a document is here already.
    pub(crate) fn has(&self, remote: &str, version: &str) -> bool {
        self.version(remote) == Some(version)
    }

    /// The version of a document that is here, unless it is gone. A document whose file was removed by hand is not
    /// here; one whose file is to be forgotten is, as nobody wants it again.
    pub(crate) fn version(&self, remote: &str) -> Option<&str> {
        let known = self.known.get(remote).filter(|known| !known.gone && self.is_here(known));
        known.map(|known| known.version.as_str())
    }

    /// Whether the file of a document is here, or is not wanted any more.
    pub(crate) fn is_here(&self, known: &Fetched) -> bool {
        known.file.is_empty() || self.folder.join(&known.file).is_file()
    }

    /// The documents that are known, gone ones too.
    pub(crate) fn known(&self) -> impl Iterator<Item = &Fetched> {
        self.known.values()
    }

    /// Keeps a document: on the disk first, then in the store.
    pub(crate) fn keep(
        &mut self,
        remote: &str,
        version: &str,
        ending: &str,
        dated: Option<&str>,
        bytes: &[u8],
    ) -> Result<(), SpoolError> {
        // The sender's names never reach the disk.
        let mut file = format!("{}.{ending}", sha256(remote.as_bytes()).get(..32).unwrap_or("document"));
        if self.store.is_forgotten(&sha256(bytes))? {
            // It holds names and addresses that were removed on request.
            file.clear();
        } else {
            durable::write(&self.folder.join(&file), bytes)?;
            self.fetched += 1;
        }
        self.record(Fetched {
            remote: remote.to_owned(),
            version: version.to_owned(),
            file,
            dated: dated.map(str::to_owned),
            gone: false,
        })
    }

    /// Notes that a document is known under a version without being wanted: rejected, or only expected so far.
    pub(crate) fn note(&mut self, remote: &str, version: &str) -> Result<(), SpoolError> {
        let known = self.known.get(remote);
        if known.is_some_and(|known| known.gone && known.version == version) {
            return Ok(());
        }
        let (file, dated) = known.map(|known| (known.file.clone(), known.dated.clone())).unwrap_or_default();
        self.record(Fetched {
            remote: remote.to_owned(),
            version: version.to_owned(),
            file,
            dated,
            gone: true,
        })
    }

    /// Notes that a submission, or a workbook attached to one, is withdrawn: it counts no more, and people are told so
    /// if it did.
    pub(crate) fn lose(&mut self, remote: &str, version: &str) -> Result<(), SpoolError> {
        if self.known.get(remote).is_some_and(|known| !known.gone) {
            tracing::warn!(remote, version, "withdrawn on the server; it counts no more");
            let lost = &mut self.lost;
            *if remote.contains('/') { &mut lost.workbooks } else { &mut lost.submissions } += 1;
        }
        self.note(remote, version)
    }

    /// Notes that a document could not be fetched so far. What came of it before counts on.
    pub(crate) fn expect(&mut self, remote: &str, version: &str) -> Result<(), SpoolError> {
        if self.known.get(remote).is_some_and(|known| !known.gone) {
            self.mark(remote, version)
        } else {
            self.note(remote, version)
        }
    }

    /// When a document was sent, as far as it is known.
    pub(crate) fn dated(&self, remote: &str) -> Option<&str> {
        self.known.get(remote)?.dated.as_deref()
    }

    /// Tells people something about the source.
    pub(crate) fn tell(&mut self, what: String) {
        self.notes.push(what);
    }

    /// Tells people something about the source that somebody has to look after.
    pub(crate) fn ask_for_care(&mut self, what: String) {
        self.cares.push(what);
    }

    /// What somebody has to look after.
    pub(crate) fn cares(&self) -> &[String] {
        &self.cares
    }

    /// What people should know.
    pub(crate) fn notes(&self) -> impl Iterator<Item = String> {
        self.notes.iter().cloned().chain(self.note_of_losses())
    }

    /// That what counted before counts no more, if that is so.
    fn note_of_losses(&self) -> Option<String> {
        let count = |count: usize, one: &str, more: &str| match count {
            0 => None,
            1 => Some(format!("1 {one}")),
            count => Some(format!("{count} {more}")),
        };
        let lost: Vec<String> = [
            count(self.lost.submissions, "submission", "submissions"),
            count(self.lost.workbooks, "attached workbook", "attached workbooks"),
        ]
        .into_iter()
        .flatten()
        .collect();
        let verb = if self.lost.submissions + self.lost.workbooks == 1 { "counts" } else { "count" };
        (!lost.is_empty()).then(|| {
            format!("{} {verb} no more: deleted, rejected or not approved on the server", lost.join(" and "))
        })
    }

    /// Gives a document another version and leaves everything else as it is.
    pub(crate) fn mark(&mut self, remote: &str, version: &str) -> Result<(), SpoolError> {
        match self.known.get(remote) {
            Some(known) if known.version != version => {
                self.record(Fetched { version: version.to_owned(), ..known.clone() })
            }
            _ => Ok(()),
        }
    }

    fn record(&mut self, fetched: Fetched) -> Result<(), SpoolError> {
        self.store.record_fetched(self.source, &fetched)?;
        self.known.insert(fetched.remote.clone(), fetched);
        Ok(())
    }

    /// How far the source was read completely.
    pub(crate) fn cursor(&self) -> Result<Option<String>, SpoolError> {
        Ok(self.store.cursor(self.source)?)
    }

    /// Records how far the source was read completely.
    pub(crate) fn set_cursor(&mut self, position: &str) -> Result<(), SpoolError> {
        if self.store.cursor(self.source)?.as_deref() != Some(position) {
            self.store.record_cursor(self.source, position)?;
        }
        Ok(())
    }

    /// How many documents were fetched anew.
    pub(crate) fn fetched(&self) -> u64 {
        self.fetched
    }

    /// The files that count now, those of a form's platform or others.
    pub(crate) fn files(&self, is_platform: bool) -> Result<Vec<FoundFile>, SpoolError> {
        let mut files = Vec::new();
        for known in self.known.values().filter(|known| !known.gone && !known.file.is_empty()) {
            let path = self.folder.join(&known.file);
            let metadata = match path.metadata() {
                Ok(metadata) => metadata,
                // Deleted by hand: it is fetched again at the next run.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(source) => return Err(SpoolError::Look { path, source }),
            };
            let told = known.dated.as_deref().and_then(|dated| dated.parse::<Timestamp>().ok());
            let since_1970 = told.and_then(|told| u64::try_from(told.as_millisecond()).ok());
            let modified = since_1970.map(|millis| SystemTime::UNIX_EPOCH + Duration::from_millis(millis));
            files.push(FoundFile {
                modified: modified.or(metadata.modified().ok()).unwrap_or(SystemTime::UNIX_EPOCH),
                name: known.remote.clone(),
                path,
                size: metadata.len(),
                look: Look::in_metadata(&metadata),
                depth: 0,
                unlike: None,
                origin: if is_platform { platform::origin(self, &known.remote) } else { Origin::Anywhere },
            });
        }
        files.sort();
        Ok(files)
    }
}
