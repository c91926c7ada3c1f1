//! Sources on servers: what is new there is fetched into a folder beside the store, document by document, and
//! from there it is taken in like any file. A run that is cut anywhere goes on without asking again for what it
//! has, because every document is on the disk and in the store before the next one is asked for.

mod failures;
mod form_row;
mod https;
mod kobo;
mod odk;
mod platform;
mod spool;
mod worldbank;

use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::time::Duration;

use fetch::{Client, FetchError, Policy, Request, Retries, Secret, SecretError};
use maturity::shown::decoded;
use pipeline::config::{SecretPlace, Web};
use pipeline::logging::NOTED;
use pipeline::{Context, Progress, SourceKind, Stopped};
use store::{Store, StoreError};
use url::Url;

use crate::directory::FoundFile;
use spool::Spool;
pub use spool::SpoolError;

/// Why a source could not be read to its end. What was fetched before is kept.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// A request failed.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The secret cannot be had.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The store or the folder of fetched files failed.
    #[error("failed to keep what was fetched")]
    Keep(#[from] SpoolError),
    /// The answer is not what such a server answers.
    #[error("{} does not answer as expected: {what}", decoded(.place))]
    Shape {
        /// What was asked.
        place: String,
        /// What is missing.
        what: String,
    },
    /// Files of a list could not be fetched; the others are.
    #[error("{}", .0.join("; "))]
    Files(Vec<String>),
    /// The server says that it has another number of submissions than it sent.
    #[error(
        "{} says that it has {told} {what}, but sent {received} (what came is kept; it is asked again at the next run)",
        decoded(.place)
    )]
    Counts {
        /// What was asked.
        place: String,
        /// What it counts, e.g. `submissions`.
        what: &'static str,
        /// The number that it told.
        told: u64,
        /// The number that came.
        received: u64,
    },
}

/// What came of the sources on servers.
#[derive(Debug, Default)]
pub(crate) struct Fetching {
    /// The files that are there now, each with its source's name.
    pub(crate) files: Vec<(String, FoundFile)>,
    /// Documents that were fetched anew.
    pub(crate) fetched: u64,
    /// What people should know of sources that were read.
    pub(crate) notes: Vec<String>,
    /// What somebody has to look after at sources that were read.
    pub(crate) cares: Vec<String>,
    /// The sources that could not be read to their end, each with the reason in words that name it.
    pub(crate) failed: BTreeMap<String, String>,
}

/// Fetches what is new from every source on a server. One that fails never stops the others.
pub(crate) fn fetch(
    context: &Context,
    store: &mut Store,
    progress: &dyn Progress,
) -> Result<Fetching, crate::IngestError> {
    let mut fetching = Fetching::default();
    let remote: Vec<_> = context
        .config
        .sources
        .iter()
        .filter(|source| !matches!(source.kind, SourceKind::Directory { .. }))
        .collect();
    if remote.is_empty() {
        return Ok(fetching);
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(crate::IngestError::Runtime)?;
    for source in remote {
        let mut spool = Spool::open(store, &context.config.store, &source.name)?;
        let asking = async {
            match &source.kind {
                SourceKind::Directory { .. } => Ok(()),
                SourceKind::Https(https) => https::fetch(https, &mut spool).await,
                SourceKind::Odk(odk) => odk::fetch(odk, &mut spool).await,
                SourceKind::Kobo(kobo) => kobo::fetch(kobo, &mut spool).await,
                SourceKind::WorldBank(bank) => {
                    let today = jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::now()).date().to_string();
                    let notes = worldbank::fetch(bank, &context.economies, &today).await?;
                    fetching.notes.extend(notes.into_iter().map(|note| format!("{}: {note}", source.name)));
                    Ok(())
                }
            }
        };
        let result = runtime.block_on(until_stopped(asking, progress))?;
        if let Err(error) = result {
            // Not the source has failed, but the disk here.
            if let SourceError::Keep(error) = error {
                return Err(error.into());
            }
            let chain = chain(&error);
            tracing::warn!(target: NOTED, source = source.name, error = chain, "a source could not be read to its end");
            let told = format!("{} could not be read to its end: {chain}", source.name);
            fetching.failed.insert(source.name.clone(), told);
        }
        fetching.fetched += spool.fetched();
        let of_source = |note: String| format!("{}: {note}", source.name);
        fetching.notes.extend(spool.notes().map(of_source));
        fetching.cares.extend(spool.cares().iter().cloned().map(of_source));
        let is_platform = matches!(source.kind, SourceKind::Odk(_) | SourceKind::Kobo(_));
        fetching.files.extend(spool.files(is_platform)?.into_iter().map(|file| (source.name.clone(), file)));
    }
    store.withdraw_files(context.framework.wave)?;
    Ok(fetching)
}

/// Waits for an answer, or for the wish to stop: a request may be dropped anywhere.
async fn until_stopped<T>(asking: impl Future<Output = T>, progress: &dyn Progress) -> Result<T, Stopped> {
    /// How soon a wish to stop is seen.
    const EVERY: Duration = Duration::from_millis(100);
    let mut asking = pin!(asking);
    loop {
        if let Ok(answer) = tokio::time::timeout(EVERY, asking.as_mut()).await {
            return Ok(answer);
        }
        progress.checkpoint()?;
    }
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

/// The secret that a configuration names.
fn secret(place: &SecretPlace) -> Result<Secret, SecretError> {
    match place {
        SecretPlace::Environment(name) => Secret::from_environment(name),
        SecretPlace::File(path) => Secret::from_file(path),
    }
}

/// A client that may ask the hosts of these addresses and those that the configuration allows.
fn client<'a>(web: &Web, urls: impl IntoIterator<Item = &'a str>) -> Result<Client, FetchError> {
    let mut hosts: BTreeSet<String> = web.hosts.iter().map(|host| host.to_lowercase()).collect();
    for url in urls {
        let parsed = Url::parse(url).map_err(|_| FetchError::address(url))?;
        hosts.extend(parsed.host_str().map(str::to_lowercase));
    }
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let policy =
        Policy { allow_http: web.allow_http, allow_private: web.allow_private, ..Policy::strict(&hosts) };
    Client::new(policy, Retries::default())
}

/// What the pages of one list may hold in all: they are kept until the list is whole.
struct Allowance {
    /// Bytes that may still come.
    left: u64,
}

impl Allowance {
    /// Ten times a wave of 500 economies that answer every question at length.
    const MOST: u64 = 256 * 1024 * 1024;

    fn take(&mut self, place: &str, bytes: usize) -> Result<(), SourceError> {
        let left = self.left.checked_sub(u64::try_from(bytes).unwrap_or(u64::MAX));
        self.left = left.ok_or_else(|| SourceError::Shape {
            place: place.to_owned(),
            what: format!("its list holds more than {} MiB", Self::MOST / (1024 * 1024)),
        })?;
        Ok(())
    }
}

impl Default for Allowance {
    fn default() -> Self {
        Self { left: Self::MOST }
    }
}

/// Asks for a JSON document.
async fn json(client: &Client, request: Request) -> Result<serde_json::Value, SourceError> {
    page(client, request, &mut Allowance::default()).await
}

/// Asks for a JSON document that is a page of a list.
async fn page(
    client: &Client,
    request: Request,
    list: &mut Allowance,
) -> Result<serde_json::Value, SourceError> {
    let answer = client.ask(&request.for_json()).await?;
    list.take(answer.url.path(), answer.body.0.len())?;
    answer.body.json().map_err(|error| SourceError::Shape {
        place: answer.url.path().to_owned(),
        what: format!("its answer is no JSON ({error})"),
    })
}

/// A text as one part of the path of an address.
fn segment(text: &str) -> String {
    // A blank is a plus in forms, but not in paths.
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// Whether a name is that of a workbook, by its ending: everything else that people attach is left alone.
fn names_workbook(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase());
    ending.is_some_and(|ending| ["xlsx", "xlsm", "xls", "ods", "csv"].contains(&ending.as_str()))
}

impl From<StoreError> for SourceError {
    fn from(error: StoreError) -> Self {
        Self::Keep(error.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_path_is_one_part() {
        assert_eq!(segment("uuid:a/b c+d"), "uuid%3Aa%2Fb%20c%2Bd");
    }

    #[test]
    fn pages_that_bring_more_than_a_list_may_hold_are_given_up() {
        let mut list = Allowance { left: 40 };
        assert!(list.take("/data", 20).is_ok() && list.take("/data", 20).is_ok());
        let told = list.take("/data", 1).unwrap_err().to_string();
        assert_eq!(told, "/data does not answer as expected: its list holds more than 256 MiB");
    }
}
