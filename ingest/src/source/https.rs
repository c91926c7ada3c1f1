//! Files on web servers: addresses that are given, and those that a page or JSON document lists.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use fetch::{Client, FetchError, Request, Secret};
use maturity::shown::decoded;
use pipeline::config::HttpsSource;
use pipeline::hash::sha256;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::SourceError;
use super::failures::Failures;
use super::spool::Spool;
use crate::directory;

/// The links of a page for browsers.
static LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?i)\bhref\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))"#).ok());

/// The most files that a listing may name.
const MOST_FILES: usize = 10_000;

/// Fetches every address whose content is new. One that fails is told at the end and stops no other.
pub(super) async fn fetch(source: &HttpsSource, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let addresses = source.urls.iter().chain(&source.listing).map(String::as_str);
    let client = super::client(&source.web, addresses)?;
    let authorization = source.authorization.as_ref().map(super::secret).transpose()?;
    let mut urls: BTreeSet<String> = source.urls.iter().cloned().collect();
    let mut failures = Failures::default();
    if let Some(listing) = &source.listing {
        let asked = async {
            let request = authorized(Request::get(listing)?, authorization.as_ref());
            let answer = client.ask(&request).await?;
            let found = listed(&answer.url, &answer.body.0)?;
            if found.is_empty() {
                tell_empty(&answer.url, &urls, spool);
            }
            urls.extend(found);
            Ok(())
        };
        let taken = asked.await;
        failures.note(listing, taken)?;
    }
    let names = urls.iter().map(|url| name(url)).collect::<Result<BTreeSet<_>, _>>();
    let names = names.unwrap_or_default();
    for url in &urls {
        if !failures.is_over(url) {
            let taken = take(&client, url, authorization.as_ref(), &names, spool).await;
            failures.note(url, taken)?;
        }
    }
    failures.end()
}

/// Says that a listing names no workbook: a page to sign in looks like that, too.
fn tell_empty(listing: &Url, urls: &BTreeSet<String>, spool: &mut Spool<'_>) {
    let given: BTreeSet<String> = urls.iter().filter_map(|url| name(url).ok()).collect();
    let place = decoded(listing.path());
    if spool.known().any(|known| !given.contains(&known.remote)) {
        spool.ask_for_care(format!(
            "the listing {place} names no workbook, and it did before (is it a page to sign in?)"
        ));
    } else {
        spool.tell(format!("the listing {place} names no workbook"));
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

/// An address as the store shows it: a query may hold a secret, so only its hash stays. A signature, which is another
/// one each time, names no file.
fn name(url: &str) -> Result<String, SourceError> {
    let parsed = Url::parse(url).map_err(|_| FetchError::address(url))?;
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    let plain = format!("{}{port}{}", parsed.host_str().unwrap_or_default(), parsed.path());
    Ok(match parsed.query().map(unsigned).filter(|query| !query.is_empty()) {
        Some(query) => format!("{plain}?{}", sha256(query.as_bytes()).get(..8).unwrap_or_default()),
        None => plain,
    })
}

/// What signed addresses have beside the signature, other than what begins like those of Amazon and Google.
const OF_SIGNATURES: [&str; 20] = [
    "expires",
    "policy",
    "key-pair-id",
    "awsaccesskeyid",
    "googleaccessid",
    "se",
    "sp",
    "sv",
    "sr",
    "st",
    "spr",
    "sip",
    "ss",
    "srt",
    "skoid",
    "sktid",
    "skt",
    "ske",
    "sks",
    "skv",
];

/// A query without its signature, if it has one, and what belongs to that.
fn unsigned(query: &str) -> String {
    let key = |pair: &str| pair.split('=').next().unwrap_or_default().to_lowercase();
    let is_signature = |key: &str| key == "sig" || key.ends_with("-sig") || key.ends_with("signature");
    if !query.split('&').any(|pair| is_signature(&key(pair))) {
        return query.to_owned();
    }
    let is_of_signature = |key: &str| {
        is_signature(key)
            || key.starts_with("x-amz-")
            || key.starts_with("x-goog-")
            || OF_SIGNATURES.contains(&key)
    };
    let rest: Vec<&str> = query.split('&').filter(|pair| !is_of_signature(&key(pair))).collect();
    rest.join("&")
}

/// The workbooks that a listing names: every text of a JSON document, or every link of a page, that ends like a
/// workbook. Hidden files and the lock files of office programs are left out, as in folders.
fn listed(base: &Url, body: &[u8]) -> Result<Vec<String>, SourceError> {
    let text = String::from_utf8_lossy(body);
    let mut found = Vec::new();
    if let Ok(json) = serde_json::from_slice::<Value>(body) {
        texts(&json, &mut found);
        found.iter_mut().for_each(encode);
    } else if let Some(link) = LINK.as_ref() {
        for captures in link.captures_iter(&text) {
            let target = captures.iter().skip(1).flatten().next().map_or("", |target| target.as_str());
            found.push(target.replace("&amp;", "&"));
        }
    }
    let is_wanted =
        |url: &Url| super::names_workbook(url.path()) && !directory::is_hidden_name(&file_name(url));
    let workbooks: BTreeSet<String> = found
        .iter()
        .filter_map(|target| base.join(target).ok())
        .filter(is_wanted)
        .map(|mut url| {
            url.set_fragment(None);
            String::from(url)
        })
        .collect();
    if workbooks.len() > MOST_FILES {
        let what = format!("it names more than {MOST_FILES} files");
        return Err(SourceError::Shape { place: base.path().to_owned(), what });
    }
    Ok(workbooks.into_iter().collect())
}

/// Makes an address of the name of a file with "#" in it, which begins no fragment there.
fn encode(text: &mut String) {
    let is_name = |text: &str| super::names_workbook(text) && !text.contains('?');
    if let Some((before, _)) = text.split_once('#')
        && !before.is_empty()
        && !super::names_workbook(before)
        && is_name(text)
    {
        *text = text.replace('#', "%23");
    }
}

/// The last part of the path of an address, as people write it.
fn file_name(url: &Url) -> String {
    let last = url.path_segments().and_then(|mut parts| parts.next_back()).unwrap_or_default();
    // A pair of a form without "=" is what percent-encoding leaves of a text.
    let plain = last.replace('+', "%2B");
    url::form_urlencoded::parse(plain.as_bytes())
        .map(|(name, _)| name.into_owned())
        .next()
        .unwrap_or_default()
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
    fn names_of_files_may_have_any_sign_and_hidden_ones_are_left_out() {
        let json =
            r#"["KEN #2.xlsx", "100%.xlsx", "get?name=a.xlsx", "~$KEN.xlsx", ".KEN.xlsx", "x/KEN.xlsx#top"]"#;
        let at = |name: &str| format!("https://files.example/wave/{name}");
        assert_eq!(found(json), [at("100%.xlsx"), at("KEN%20%232.xlsx"), at("x/KEN.xlsx")]);
        let page = "<a href='%7E%24KEN.xlsx'>lock</a><a href='~$FRA.xlsx'>lock</a><a href='BRA.xlsx'>B</a>";
        assert_eq!(found(page), [at("BRA.xlsx")]);
    }

    #[test]
    fn a_query_never_reaches_the_store() {
        let name = name("https://files.example/KEN.xlsx?token=hunter2").unwrap();
        assert!(name.starts_with("files.example/KEN.xlsx?") && !name.contains("hunter2"), "{name}");
    }

    #[test]
    fn a_signature_names_no_file() {
        let signed = |query: &str| name(&format!("https://files.example/KEN.xlsx?{query}")).unwrap();
        let one = signed("X-Amz-Date=20261201T000000Z&X-Amz-Expires=60&X-Amz-Signature=aa");
        assert_eq!(one, "files.example/KEN.xlsx");
        assert_eq!(signed("sv=2024-11-04&se=2026-12-01&sr=b&sp=r&sig=aa%3D"), one);
        assert_eq!(signed("versionId=3&Expires=1&Signature=a"), signed("versionId=3&Expires=2&Signature=b"));
        assert_ne!(signed("versionId=3&Signature=a"), signed("versionId=4&Signature=a"));
        assert_ne!(signed("sv=1"), signed("sv=2"), "without a signature all of it names the file");
    }

    #[test]
    fn servers_of_one_host_have_names_of_their_own() {
        let (one, other) = ("https://files.example:8443/KEN.xlsx", "https://files.example:9443/KEN.xlsx");
        assert_ne!(name(one).unwrap(), name(other).unwrap());
        assert_eq!(without_port(one).unwrap(), "files.example/KEN.xlsx");
    }
}
