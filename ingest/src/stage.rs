//! The run of the stage: look at every source, read what is new, store it, say what was refused.

use std::cell::LazyCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use maturity::finding::{Problem, Refusal};
use maturity::framework::Framework;
use maturity::submission::{Received, Wave};
use pipeline::durable;
use pipeline::hash::{Both, Digest, Fingerprint, Hashes, Seal};
use pipeline::known_files::{KnownFiles, Look};
use pipeline::logging::{NOTED, TRACES};
use pipeline::{Context, Progress, Silent, SourceKind, Stopped, Summary};
use questionnaire::Recogniser;
use rayon::prelude::*;
use reader::Limits;
use reader::worker::{Pool, PoolError};
use store::{FileName, IncomingFile, Placed, ReadFile, Store, StoreError};

use crate::content;
use crate::directory::{self, FoundFile, Origin};
use crate::known::Known;
use crate::refused;
use crate::reviews;
use crate::source::{self, SpoolError};
use crate::unread::Unread;

/// Files are read in batches of this size, so that memory does not grow with their number.
const BATCH: usize = 32;

/// A file that is only hashed is taken in pieces of so many bytes.
const PIECE: usize = 256 * 1024;

/// The stage failed.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The store failed.
    #[error("failed to store a submission")]
    Store(#[from] StoreError),
    /// Workbooks cannot be read at all.
    #[error("failed to read workbooks")]
    Reader(#[from] PoolError),
    /// Servers cannot be asked at all.
    #[error("failed to prepare for asking servers")]
    Runtime(#[source] io::Error),
    /// What was fetched cannot be kept.
    #[error("failed to keep what was fetched")]
    Spool(#[from] SpoolError),
    /// An output cannot be written.
    #[error("failed to write an output")]
    Write(#[from] durable::WriteError),
    /// Whoever watches asked to stop.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// A folder of outputs cannot be used.
    #[error("failed to use the folder {path:?}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A file after its bytes were looked at.
struct Looked<'a> {
    source: &'a str,
    found: &'a FoundFile,
    sha256: String,
    digest: Digest,
    seal: Seal,
    /// Whether it was known without its seal.
    is_unsealed: bool,
    /// So many bytes were read of it; none where the same content was read before.
    size: u64,
    /// Absent where the file is too large to be kept.
    bytes: Option<Vec<u8>>,
    /// Absent where the same content was read before under the same key.
    outcome: Option<Result<Vec<(Received, String)>, Refusal>>,
}

/// What was read before, and under which key it is read now.
struct Readings {
    key: String,
    known: Known,
}

impl Readings {
    /// Those of files whose origin says so much of them.
    fn of(context: &Context, store: &Store, beside_workbook: bool) -> Result<Self, StoreError> {
        let key = key(&context.framework, beside_workbook);
        // What is read again is told by nothing that is known.
        let known = if context.scope.force { Known::default() } else { Known::under(store, &key)? };
        Ok(Self { key, known })
    }
}

/// Takes in everything new from the sources.
pub fn run(context: &Context, store: &mut Store, progress: &dyn Progress) -> Result<Summary, IngestError> {
    let (wave, mut summary) = (context.framework.wave, Summary::of("ingest"));
    let gate = Gate {
        pool: Pool::new(rayon::current_num_threads())?,
        bounds: Bounds::default(),
        recogniser: Recogniser::of(&context.framework),
    };
    store.sweep()?;
    let mut usual = Readings::of(context, store, false)?;
    let mut beside_workbooks = Readings::of(context, store, true)?;
    let mut present = BTreeSet::new();

    let fetching = source::fetch(context, store, progress)?;
    let mut unread = Unread::default();
    summary.unreachable.clone_from(&fetching.failed);
    summary.notes.extend(fetching.failed.values().chain(&fetching.cares).chain(&fetching.notes).cloned());
    summary.attention |= !fetching.cares.is_empty();
    if fetching.fetched > 0 {
        summary.counts.insert("fetched".to_owned(), fetching.fetched);
    }
    let mut files: Vec<(&str, FoundFile)> =
        fetching.files.iter().map(|(source, file)| (source.as_str(), file.clone())).collect();
    for source in &context.config.sources {
        let SourceKind::Directory { path, include } = &source.kind else { continue };
        let listing = directory::list(path, include, &context.config.own_places_below(path));
        summary.notes.extend(listing.notes(&source.name));
        for problem in listing.problems {
            tracing::warn!(target: NOTED, source = source.name, problem, "part of a source cannot be looked at");
            unread.add(&source.name, problem);
        }
        files.extend(listing.files.into_iter().map(|file| (source.name.as_str(), file)));
    }

    progress.start("ingest", files.len());
    let stage = tracing::Span::current();
    for batch in files.chunks(BATCH) {
        progress.checkpoint()?;
        let looked: Vec<_> = batch
            .par_iter()
            .map_init(Vec::new, |buffer, (source, file)| {
                let _unit =
                    tracing::trace_span!(target: TRACES, parent: &stage, "read", file = file.name).entered();
                let readings = if file.is_beside_workbook() { &beside_workbooks } else { &usual };
                look((source, file), &context.known_files, &gate, &readings.known, buffer, progress)
            })
            .collect();
        // The end may have reached the workers too: what they say then is no verdict on a file. One that is hashed is left
        // where it is.
        progress.checkpoint()?;
        let mut fresh = Vec::new();
        let mut further = Vec::new();
        let mut unsealed = Vec::new();
        let mut names = Vec::with_capacity(batch.len());
        for result in looked {
            progress.advance();
            let looked = match result {
                Ok(looked) => looked,
                Err(LookError::Reader(error)) => return Err(error.into()),
                Err(LookError::File(source, file, problem)) => {
                    tracing::warn!(target: NOTED, file, %problem, "a file cannot be opened and is left for the next run");
                    unread.add(source, directory::unreadable(&format!("{file:?}"), problem));
                    continue;
                }
            };
            present.insert(looked.digest);
            let under =
                |name| FileName { sha256: looked.sha256.clone(), source: looked.source.to_owned(), name };
            names.push(under(looked.found.apart()));
            if looked.is_unsealed {
                unsealed.push((looked.digest, looked.seal));
            }
            let readings = if looked.found.is_beside_workbook() { &mut beside_workbooks } else { &mut usual };
            if readings.known.add(looked.digest, Some(looked.seal)) {
                fresh.push(looked);
                continue;
            }
            summary.unchanged += 1;
            further.push(under(looked.found.name.clone()));
        }
        let further = store.unknown_names(further)?;
        let placed = store.placed(wave, names)?;
        record(store, &fresh, &further, (wave, &placed), (&usual, &beside_workbooks), &mut summary)?;
        store.record_seals(&unsealed)?;
    }
    unread.tell(&mut summary);
    // What cannot be looked at was not taken out.
    for source in unread.sources() {
        present.extend(store.present_in(wave, source)?.iter().filter_map(|sha256| Digest::parse(sha256)));
    }
    mark_names(store, wave, &files)?;
    store
        .mark_present(wave, |sha256| Digest::parse(sha256).is_some_and(|digest| present.contains(&digest)))?;
    if let Some(folder) = &context.config.reviews {
        reviews::run(context, store, (&gate.pool, gate.bounds.read), folder, &mut summary)?;
    }

    let refused = store.refused(context.framework.wave)?;
    let written = refused::write(&context.config.output.join("refused"), &refused, &context.config.language)?;
    summary.written.extend(written);
    summary.counts.insert("refused".to_owned(), u64::try_from(refused.len()).unwrap_or(u64::MAX));
    let unreachable = u64::try_from(summary.unreachable.len()).unwrap_or(u64::MAX);
    if unreachable > 0 {
        summary.counts.insert("unreachable".to_owned(), unreachable);
    }
    summary.attention |= !refused.is_empty() || unreachable > 0 || summary.counts.contains_key("unreadable");
    progress.finish();
    Ok(summary)
}

/// Notes which of its names each file is under now. The names are put in order only where a file has several.
fn mark_names(store: &mut Store, wave: Wave, files: &[(&str, FoundFile)]) -> Result<(), StoreError> {
    let names = LazyCell::new(|| -> BTreeSet<(&str, &str)> {
        files.iter().map(|(source, file)| (*source, file.name.as_str())).collect()
    });
    store.mark_names(wave, |source, name| names.contains(&(source, name)))
}

/// What reads files and understands them, and how large they may be.
struct Gate<'a> {
    pool: Pool,
    bounds: Bounds,
    recogniser: Recogniser<'a>,
}

impl Gate<'_> {
    /// Reads the submissions in the bytes of a file; the inner result is the verdict on it.
    fn read(&self, bytes: &[u8], origin: Origin) -> Result<Result<Vec<Received>, Refusal>, PoolError> {
        let Origin::Form { has_workbook } = origin else {
            return read_submissions(bytes, &self.recogniser, &self.pool);
        };
        let read = self.pool.read(bytes)?.and_then(|book| self.recogniser.recognise_form(&book));
        // Who attached the questionnaire and answered nothing beside it has answered there.
        let says_something = |received: &Received| {
            !has_workbook || received.responses.iter().any(|response| !response.value.is_blank())
        };
        Ok(read.map(|all| all.into_iter().filter(says_something).collect()))
    }
}

/// How large files may be.
#[derive(Clone, Copy)]
struct Bounds {
    /// Larger ones are not read as workbooks.
    read: u64,
    /// Larger ones are not even hashed to their end: a file can say that it has more bytes than the disk.
    hashed: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { read: Limits::default().file_bytes, hashed: 256 << 20 }
    }
}

/// A file that cannot be looked at.
enum LookError<'a> {
    /// One of a source cannot be opened; the others can.
    File(&'a str, &'a str, io::Error),
    /// No file can be read.
    Reader(PoolError),
}

/// Reads the submissions in the bytes of one file: the one way in, for the stage and for a check by hand. The
/// inner result is the verdict on the file.
pub fn read_submissions(
    bytes: &[u8],
    recogniser: &Recogniser<'_>,
    pool: &Pool,
) -> Result<Result<Vec<Received>, Refusal>, PoolError> {
    Ok(pool.read(bytes)?.and_then(|book| recogniser.recognise(&book)))
}

pub(crate) fn count(summary: &mut Summary, name: &str) {
    *summary.counts.entry(name.to_owned()).or_default() += 1;
}

/// The time of receipt, UTC in RFC 3339 to the second.
pub(crate) fn now() -> String {
    jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_else(|_| jiff::Timestamp::now()).to_string()
}

/// Counts the changes of this program after which a file may be read otherwise: each reads all files again.
const EDITION: &str = "9";

/// What a reading depends on beside the file's bytes. Of a form that a workbook is attached to, nothing is read where it is
/// empty: it is read again once the workbook is there.
pub(crate) fn key(framework: &Framework, beside_workbook: bool) -> String {
    let key = Fingerprint::new()
        .with(env!("CARGO_PKG_VERSION"))
        .with(EDITION)
        .with(&framework.id)
        .with(&framework.instrument_hash);
    if beside_workbook { key.with("beside a workbook") } else { key }.finish()
}

/// Looks at what a file holds and reads it unless its content was read before. The error names the file.
fn look<'a>(
    (source, file): (&'a str, &'a FoundFile),
    known_files: &KnownFiles,
    gate: &Gate<'_>,
    known: &Known,
    buffer: &mut Vec<u8>,
    progress: &dyn Progress,
) -> Result<Looked<'a>, LookError<'a>> {
    let named = |error| LookError::File(source, file.name.as_str(), error);
    let untouched =
        file.look.and_then(|look| known_files.seal(look)).and_then(|seal| Some((seal, known.sealed(seal)?)));
    if let Some((seal, digest)) = untouched {
        return Ok(Looked {
            source,
            found: file,
            sha256: digest.to_string(),
            digest,
            seal,
            is_unsealed: false,
            size: file.size,
            bytes: None,
            outcome: None,
        });
    }
    let opened = file.open().map_err(named)?;
    let contents = contents(opened, gate.bounds, buffer, progress).map_err(named)?;
    let (seal, size, (before, after)) = (contents.seal(buffer), contents.size, contents.looks);
    known_files.was_read(before, after, seal);
    let sealed = known.sealed(seal);
    let digest = sealed.unwrap_or_else(|| contents.digest(buffer));
    let is_unsealed = sealed.is_none() && known.is_unsealed(digest);
    let is_known = sealed.is_some() || is_unsealed;
    // Of a file that is known the bytes are of no use, and the next one takes their place.
    let bytes = (contents.too_many.is_none() && !is_known).then(|| std::mem::take(buffer));
    let outcome = if is_known {
        None
    } else if let Some(bytes) = &bytes {
        let submissions = gate.read(bytes, file.origin).map_err(LookError::Reader)?;
        let with_content = |mut received: Received| {
            let content = content::of(&mut received);
            (received, content)
        };
        Some(submissions.map(|all| all.into_iter().map(with_content).collect()))
    } else {
        Some(Err(too_large(size, gate.bounds.read)))
    };
    let sha256 = digest.to_string();
    Ok(Looked { source, found: file, sha256, digest, seal, is_unsealed, size, bytes, outcome })
}

fn too_large(size: u64, most: u64) -> Refusal {
    let mebibytes = |bytes: u64| format!("{} MiB", bytes.div_ceil(1024 * 1024));
    Refusal::of_file(Problem::FileTooLarge { found: mebibytes(size), limit: mebibytes(most) })
}

/// The bytes of a file, or why they are too many to be read; and its SHA-256.
pub fn read_file(path: &Path) -> io::Result<(Result<Vec<u8>, Refusal>, String)> {
    let (mut buffer, bounds) = (Vec::new(), Bounds::default());
    let contents = contents(File::open(path)?, bounds, &mut buffer, &Silent)?;
    let sha256 = contents.digest(&buffer).to_string();
    let read =
        if contents.too_many.is_none() { Ok(buffer) } else { Err(too_large(contents.size, bounds.read)) };
    Ok((read, sha256))
}

/// What a file holds.
struct Contents {
    /// So many bytes.
    size: u64,
    /// What the file system told of the file before and after.
    looks: (Option<Look>, Option<Look>),
    /// The hashes of a file that has more bytes than can be read; those of others are in the buffer.
    too_many: Option<Hashes>,
}

impl Contents {
    fn seal(&self, buffer: &[u8]) -> Seal {
        self.too_many.map_or_else(|| Seal::of(buffer), |hashes| hashes.seal)
    }

    fn digest(&self, buffer: &[u8]) -> Digest {
        self.too_many.map_or_else(|| Digest::of(buffer), |hashes| hashes.sha256)
    }
}

/// What a file holds: its bytes are in the buffer, unless they are too many. A file that is too large even to be hashed is
/// known by its first bytes and its size. Ends early where the work is to end.
fn contents(
    file: File,
    bounds: Bounds,
    buffer: &mut Vec<u8>,
    progress: &dyn Progress,
) -> io::Result<Contents> {
    let before = Look::of(&file);
    let expected = usize::try_from(file.metadata()?.len().min(bounds.read)).unwrap_or_default();
    buffer.clear();
    buffer.reserve(expected + 1);
    let mut file = file.take(bounds.read + 1);
    let mut size = u64::try_from(file.read_to_end(buffer)?).unwrap_or(u64::MAX);
    if size <= bounds.read {
        return Ok(Contents { size, looks: (before, Look::of(file.get_ref())), too_many: None });
    }
    let mut hashes = Both::default();
    hashes.add(buffer);
    *buffer = Vec::new();
    file.set_limit((bounds.hashed + 1).saturating_sub(size));
    let mut file = BufReader::with_capacity(PIECE, file);
    loop {
        progress.checkpoint().map_err(io::Error::other)?;
        let piece = file.fill_buf()?;
        if piece.is_empty() {
            break;
        }
        hashes.add(piece);
        let length = piece.len();
        size += u64::try_from(length).unwrap_or(u64::MAX);
        file.consume(length);
    }
    let file = file.into_inner().into_inner();
    if size > bounds.hashed {
        size = size.max(file.metadata()?.len());
        hashes.add(&size.to_le_bytes());
    }
    Ok(Contents { size, looks: (before, Look::of(&file)), too_many: Some(hashes.finish()) })
}

/// Records what was read, as one: a batch that is cut off is read again. Then the further names of files that are known,
/// and what is under each name now. A known file that took the place of another counts as received once more: whoever
/// puts an earlier version back wants it to be in force.
fn record(
    store: &mut Store,
    fresh: &[Looked<'_>],
    further: &[FileName],
    (wave, placed): (Wave, &[Placed]),
    (usual, beside_workbooks): (&Readings, &Readings),
    summary: &mut Summary,
) -> Result<(), IngestError> {
    if fresh.is_empty() && further.is_empty() && placed.is_empty() {
        return Ok(());
    }
    let received_at = now();
    let read = fresh.iter().filter_map(|looked| {
        let file = IncomingFile {
            sha256: &looked.sha256,
            seal: Some(looked.seal),
            bytes: looked.bytes.as_deref(),
            size: looked.size,
            source: looked.source,
            name: &looked.found.name,
            received_at: &received_at,
        };
        let readings = if looked.found.is_beside_workbook() { beside_workbooks } else { usual };
        Some(ReadFile { file, key: &readings.key, outcome: looked.outcome.as_ref()? })
    });
    let read: Vec<ReadFile<'_>> = read.collect();
    // Those that are read again, for another wave too, keep their places.
    let is_read = |file: &&FileName| read.iter().any(|read| read.file.sha256 == file.sha256);
    let new =
        store.unknown_names(placed.iter().map(|placed| &placed.file).filter(is_read).cloned().collect())?;
    let back: Vec<&FileName> = store.together("record files", |store| {
        let mut back = Vec::new();
        for Placed { file, .. } in placed.iter().filter(|placed| placed.replaces) {
            if store.arrive_again(file, &received_at)? > 0 {
                back.push(file);
            }
        }
        store.record_files(wave, &read)?;
        further.iter().try_for_each(|name| store.record_name(name, &received_at))?;
        placed.iter().try_for_each(|placed| store.record_place(wave, &placed.file))?;
        // What a platform has keeps the order in which it was sent, whenever it was edited or fetched.
        let arrived: Vec<&FileName> = new.iter().chain(back.iter().copied()).collect();
        store.order_as_sent(wave, &arrived)?;
        Ok::<_, StoreError>(back)
    })?;
    for file in back {
        tracing::info!(file = file.name, "holds what was received before, which counts as the latest");
        let note = format!("{:?} holds what was received before; it counts as the latest", file.name);
        summary.notes.push(note);
        count(summary, "back");
    }
    for ReadFile { file, outcome, .. } in read {
        summary.done += 1;
        match outcome {
            Ok(submissions) => {
                let submissions = submissions.len();
                *summary.counts.entry("submissions".to_owned()).or_default() +=
                    u64::try_from(submissions).unwrap_or(u64::MAX);
                tracing::info!(file = file.name, submissions, "read");
            }
            Err(refusal) => {
                tracing::warn!(file = file.name, rule = refusal.problem.rule(), "refused: {refusal}");
            }
        }
    }
    for name in further {
        tracing::info!(file = name.name, "the same content is known under another name");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write;

    use super::*;

    const SMALL: Bounds = Bounds { read: 10, hashed: 100 };

    fn look_into(path: &Path, progress: &dyn Progress) -> io::Result<(Contents, Vec<u8>)> {
        let mut buffer = Vec::new();
        let contents = contents(File::open(path)?, SMALL, &mut buffer, progress)?;
        Ok((contents, buffer))
    }

    #[test]
    fn a_file_is_hashed_as_far_as_it_may_be_and_known_by_its_size_beyond() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("KEN.xlsx");
        let of = |bytes: &[u8]| {
            fs::write(&path, bytes).unwrap();
            let (contents, buffer) = look_into(&path, &Silent).unwrap();
            let hashes = Hashes { sha256: contents.digest(&buffer), seal: contents.seal(&buffer) };
            (contents.size, hashes, contents.too_many.is_none())
        };
        for length in [0, 1, 10, 11, 99, 100] {
            let bytes = vec![7; length];
            assert_eq!(of(&bytes), (length as u64, Hashes::of(&bytes), length <= 10), "{length}");
        }
        let known = |length: u64| Hashes::of(&[&[7; 101][..], &length.to_le_bytes()].concat());
        for length in [101_u16, 102, 1000] {
            let (bytes, length) = (vec![7; usize::from(length)], u64::from(length));
            assert_eq!(of(&bytes), (length, known(length), false), "{length}");
        }
    }

    /// Somebody who asks for the end.
    struct Asked;
    impl Progress for Asked {
        fn start(&self, _stage: &str, _total: usize) {}
        fn advance(&self) {}
        fn finish(&self) {}
        fn stopped(&self) -> bool {
            true
        }
    }

    #[test]
    fn a_file_without_an_end_is_not_read_to_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("KEN.xlsx");
        File::create(&path).unwrap().set_len(1 << 40).unwrap();
        assert_eq!(look_into(&path, &Silent).unwrap().0.size, 1 << 40);

        assert!(look_into(&path, &Asked).is_err(), "the wish to end is heard");
        fs::write(&path, "short").unwrap();
        assert!(look_into(&path, &Asked).is_ok());
    }

    #[test]
    fn a_file_that_grew_since_it_was_listed_has_the_size_that_was_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("KEN.xlsx");
        fs::write(&path, "short").unwrap();
        let everything =
            globset::GlobSetBuilder::new().add(globset::Glob::new("**").unwrap()).build().unwrap();
        let file = directory::list(folder.path(), &everything, &[]).files.remove(0);
        File::options().append(true).open(&path).unwrap().write_all(&[0; 20]).unwrap();

        let framework = pipeline::context::framework(Path::new("../frameworks/gtmi-2022"))
            .unwrap_or_else(|error| panic!("{error}"));
        let gate =
            Gate { pool: Pool::new(1).unwrap(), bounds: SMALL, recogniser: Recogniser::of(&framework) };
        let (known_files, known) = (KnownFiles::default(), Known::default());
        let looked = look(("inbox", &file), &known_files, &gate, &known, &mut Vec::new(), &Silent);
        let looked = looked.unwrap_or_else(|_| panic!());
        assert_eq!((file.size, looked.size, looked.bytes), (5, 25, None));
    }
}
