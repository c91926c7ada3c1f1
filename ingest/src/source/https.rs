//! Files on web servers: addresses that are given, and those that a page or JSON document lists.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use fetch::{Client, FetchError, Request, Secret};
use pipeline::config::HttpsSource;
use pipeline::hash::sha256;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::SourceError;
use super::spool::Spool;

/// The links of a page for browsers.
static LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))"#).ok());

/// The most files that a listing may name.
const MOST_FILES: usize = 10_000;
/// The most files that failed and are told by name.
const MOST_TOLD: usize = 5;

/// Fetches every address whose content is new. One that fails is told at the end and stops no other.
pub(super) async fn fetch(source: &HttpsSource, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let addresses = source.urls.iter().chain(&source.listing).map(String::as_str);
    let client = super::client(&source.web, addresses)?;
    let authorization = source.authorization.as_ref().map(super::secret).transpose()?;
    let mut urls: BTreeSet<String> = source.urls.iter().cloned().collect();
    if let Some(listing) = &source.listing {
        let request = authorized(Request::get(listing)?, authorization.as_ref());
        let answer = client.ask(&request).await?;
        urls.extend(listed(&answer.url, &answer.body.0)?);
    }
    let names = urls.iter().map(|url| name(url)).collect::<Result<BTreeSet<_>, _>>();
    let names = names.unwrap_or_default();
    let mut failures = Vec::new();
    let mut patience = Patience::default();
    for url in &urls {
        if patience.is_over(url) {
            continue;
        }
        let taken = take(&client, url, authorization.as_ref(), &names, spool).await;
        patience.note(url, &taken);
        if let Err(error) = taken {
            let SourceError::Fetch(_) = &error else { return Err(error) };
            let told = super::chain(&error);
            tracing::warn!(error = told, "a file could not be fetched");
            failures.push(told);
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    let more = failures.len().saturating_sub(MOST_TOLD);
    failures.truncate(MOST_TOLD);
    if more > 0 {
        failures.push(format!("and {more} more"));
    }
    failures.extend(patience.told());
    Err(SourceError::Files(failures))
}

/// What is left of the patience with each server of a source: one that does not answer is not waited for once for
/// each of its files.
#[derive(Default)]
struct Patience {
    /// Failures in a row by server; silence counts for many.
    failures: BTreeMap<String, u32>,
    /// Files that were not asked for.
    left_out: BTreeMap<String, u32>,
}

impl Patience {
    const END: u32 = 3;

    fn server(url: &str) -> String {
        Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// Whether a file is to be left out.
    fn is_over(&mut self, url: &str) -> bool {
        let server = Self::server(url);
        let over = self.failures.get(&server).is_some_and(|failures| *failures >= Self::END);
        if over {
            *self.left_out.entry(server).or_default() += 1;
        }
        over
    }

    fn note(&mut self, url: &str, taken: &Result<(), SourceError>) {
        let failures = self.failures.entry(Self::server(url)).or_default();
        *failures = match taken {
            Err(SourceError::Fetch(FetchError::Slow { .. })) => Self::END,
            Err(SourceError::Fetch(FetchError::Connection { .. })) => *failures + 1,
            _ => 0,
        };
    }

    fn told(self) -> impl Iterator<Item = String> {
        let left_out = self.left_out.into_iter();
        left_out.map(|(server, count)| {
            format!("{server} does not answer: {count} more of its files are left for the next run")
        })
    }
}

fn authorized(request: Request, secret: Option<&Secret>) -> Request {
    match secret {
        Some(secret) => request.authorized(secret.clone()),
        None => request,
    }
}

async fn take(
    client: &Client,
    url: &str,
    authorization: Option<&Secret>,
    names: &BTreeSet<String>,
    spool: &mut Spool<'_>,
) -> Result<(), SourceError> {
    let remote = name(url)?;
    // Earlier versions left the port out.
    let earlier = without_port(url).filter(|earlier| *earlier != remote && !names.contains(earlier));
    let mut request = authorized(Request::get(url)?, authorization);
    // The version is the server's tag and the content's hash.
    let tag =
        spool.version(&remote).and_then(|version| version.split_once(' ')).map(|(_, tag)| tag.to_owned());
    if let Some(tag) = tag.filter(|tag| !tag.is_empty()) {
        request = request.unless(&tag);
    }
    let answer = match client.ask(&request).await {
        Err(FetchError::Status { status: 304, .. }) => return Ok(()),
        answer => answer?,
    };
    let hash = sha256(&answer.body.0);
    let version = format!("{hash} {}", answer.tag.unwrap_or_default());
    if spool.version(&remote).is_some_and(|known| known.split(' ').next() == Some(&hash)) {
        return Ok(());
    }
    let ending = answer.url.path().rsplit_once('.').map_or("xlsx", |(_, ending)| ending).to_lowercase();
    let ending = if super::names_workbook(&format!("x.{ending}")) { ending } else { "xlsx".to_owned() };
    spool.keep(&remote, &version, &ending, None, &answer.body.0)?;
    if let Some(earlier) = earlier.filter(|earlier| spool.known().any(|known| known.remote == *earlier)) {
        spool.note(&earlier, "under its whole name")?;
    }
    Ok(())
}

fn without_port(url: &str) -> Option<String> {
    let mut url = Url::parse(url).ok()?;
    url.set_port(None).ok()?;
    name(url.as_str()).ok()
}

/// An address as the store shows it: a query may hold a secret, so only its hash stays.
fn name(url: &str) -> Result<String, SourceError> {
    let parsed = Url::parse(url).map_err(|_| FetchError::address(url))?;
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let plain = format!("{}{port}{}", parsed.host_str().unwrap_or_default(), parsed.path());
    Ok(match parsed.query() {
        Some(query) => format!("{plain}?{}", sha256(query.as_bytes()).get(..8).unwrap_or_default()),
        None => plain,
    })
}

/// The workbooks that a listing names: every text of a JSON document, or every link of a page, that ends like a
/// workbook.
fn listed(base: &Url, body: &[u8]) -> Result<Vec<String>, SourceError> {
    let text = String::from_utf8_lossy(body);
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        texts(&json, &mut found);
    } else if let Some(link) = LINK.as_ref() {
        for captures in link.captures_iter(&text) {
            let target = captures.iter().skip(1).flatten().next().map_or("", |target| target.as_str());
            found.push(target.replace("&amp;", "&"));
        }
    }
    let workbooks: BTreeSet<String> = found
        .iter()
        .filter_map(|target| base.join(target).ok())
        .filter(|url| super::names_workbook(url.path()))
        .map(String::from)
        .collect();
    if workbooks.len() > MOST_FILES {
        let what = format!("it names more than {MOST_FILES} files");
        return Err(SourceError::Shape { place: base.path().to_owned(), what });
    }
    Ok(workbooks.into_iter().collect())
}

fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(fields) => fields.values().for_each(|value| texts(value, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(body: &str) -> Vec<String> {
        listed(&Url::parse("https://files.example/wave/index.html").unwrap(), body.as_bytes()).unwrap()
    }

    #[test]
    fn a_page_and_a_document_list_workbooks() {
        let page =
            "<a HREF='KEN.xlsx'>Kenya</a><a href=\"/a/FRA.ods?x=1&amp;y=2\">F</a><a href=notes.pdf>n</a>";
        assert_eq!(
            found(page),
            ["https://files.example/a/FRA.ods?x=1&y=2", "https://files.example/wave/KEN.xlsx"]
        );
        let json = r#"{"files":[{"url":"KEN.xlsx","size":3},"https://other.example/b.CSV","readme.txt"]}"#;
        assert_eq!(found(json), ["https://files.example/wave/KEN.xlsx", "https://other.example/b.CSV"]);
        assert!(found("").is_empty());
    }

    #[test]
    fn a_query_never_reaches_the_store() {
        let name = name("https://files.example/KEN.xlsx?token=hunter2").unwrap();
        assert!(name.starts_with("files.example/KEN.xlsx?") && !name.contains("hunter2"), "{name}");
    }

    #[test]
    fn servers_of_one_host_have_names_of_their_own() {
        let (one, other) = ("https://files.example:8443/KEN.xlsx", "https://files.example:9443/KEN.xlsx");
        assert_ne!(name(one).unwrap(), name(other).unwrap());
        assert_eq!(without_port(one).unwrap(), "files.example/KEN.xlsx");
    }

    #[test]
    fn a_server_that_does_not_answer_is_given_up() {
        let slow = || {
            let limit = std::time::Duration::from_secs(15);
            Err(SourceError::Fetch(FetchError::Slow { place: "x".to_owned(), limit }))
        };
        let broken = || {
            let source = "reset".into();
            Err(SourceError::Fetch(FetchError::Connection { place: "x".to_owned(), source }))
        };
        let mut patience = Patience::default();
        let (a, b) = ("https://a.example/1.xlsx", "https://b.example/1.xlsx");
        patience.note(a, &slow());
        assert!(patience.is_over("https://a.example/2.xlsx") && !patience.is_over(b));
        for taken in [broken(), broken(), Ok(()), broken(), broken()] {
            patience.note(b, &taken);
            assert!(!patience.is_over(b));
        }
        patience.note(b, &broken());
        assert!(patience.is_over(b));
        assert_eq!(patience.told().count(), 2);
    }
}
