//! Which files of the sources wait for a run, as far as that is seen without reading all of them again: who only looks at
//! scores does not want to wait for it.

use std::collections::BTreeSet;
use std::io::{self, Read as _};
use std::path::Path;

use pipeline::Context;
use pipeline::config::SourceKind;
use pipeline::hash::{Digest, Seal};
use store::{Store, StoreError};

use crate::directory::{self, FoundFile};
use crate::known::Known;
use crate::stage::key;

/// How many bytes are read to tell whether files are those that a run has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// All of them.
    All,
    /// So few that nobody waits for it. Nothing is said of the files beyond.
    Little,
}

impl Reading {
    /// What of it is left at the beginning.
    pub(crate) fn allowance(self) -> Allowance {
        Allowance(match self {
            Self::All => u64::MAX,
            Self::Little => 16 << 20,
        })
    }
}

/// So many bytes may still be read.
pub(crate) struct Allowance(u64);

impl Allowance {
    /// Whether a file of this size may be read; then its bytes are taken off.
    pub(crate) fn takes(&mut self, size: u64) -> bool {
        let left = self.0.checked_sub(size);
        self.0 = left.unwrap_or(self.0);
        left.is_some()
    }
}

/// The files in the folders of the sources that the last run did not read, or that were not there then, by their paths from
/// the project's folder. Servers are not asked.
pub fn waiting_files(context: &Context, store: &Store) -> Result<Vec<String>, StoreError> {
    let known = Known::under(store, &key(&context.framework, false))?;
    let project = context.config.path.parent().unwrap_or(Path::new(""));
    let mut allowance = Reading::Little.allowance();
    let mut waiting = Vec::new();
    for source in &context.config.sources {
        let SourceKind::Directory { path, include } = &source.kind else { continue };
        let present = store.present_in(context.framework.wave, &source.name)?;
        let present: BTreeSet<Digest> = present.iter().filter_map(|sha256| Digest::parse(sha256)).collect();
        let listing = directory::list(path, include, &context.config.own_places_below(path));
        let shown = path.strip_prefix(project).unwrap_or(path);
        // What was changed last is new, if anything is.
        for file in listing.files.iter().rev() {
            let waits = match look(context, file, (&known, &mut allowance)) {
                Seen::Read(digest) => !present.contains(&digest),
                Seen::New => true,
                Seen::Unknown => false,
            };
            if waits {
                waiting.push(shown.join(&file.name).display().to_string());
            }
        }
    }
    waiting.sort();
    Ok(waiting)
}

/// What is known of a file.
enum Seen {
    /// A run has read this content.
    Read(Digest),
    /// No run has.
    New,
    /// Too much would have to be read to know it, or it cannot be read.
    Unknown,
}

fn look(context: &Context, file: &FoundFile, (known, allowance): (&Known, &mut Allowance)) -> Seen {
    if let Some(seal) = file.look.and_then(|look| context.known_files.seal(look)) {
        return known.sealed(seal).map_or(Seen::New, Seen::Read);
    }
    if !allowance.takes(file.size) {
        return Seen::Unknown;
    }
    let Ok(bytes) = bytes(file) else { return Seen::Unknown };
    let unsealed = || Some(Digest::of(&bytes)).filter(|digest| known.is_unsealed(*digest));
    known.sealed(Seal::of(&bytes)).or_else(unsealed).map_or(Seen::New, Seen::Read)
}

/// The bytes of a file that is as large as it was when it was listed.
fn bytes(file: &FoundFile) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.open()?.take(file.size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
