//! One request to one complete answer.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{
    AUTHORIZATION, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, IF_NONE_MATCH, LOCATION, RETRY_AFTER,
    TRANSFER_ENCODING,
};
use reqwest::{Method, Response, StatusCode};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use url::Url;

use crate::error::{FetchError, place};
use crate::policy::Policy;
use crate::resolve::{Filtered, NotPublic};
use crate::retry::{self, Retries, Waited};
use crate::secret::{self, Secret};

/// The most characters of an answer that are quoted in an error.
const QUOTED: usize = 200;

/// What is asked.
#[derive(Debug, Clone)]
pub struct Request {
    method: Method,
    url: Url,
    accept: &'static str,
    authorization: Option<Secret>,
    unless: Option<String>,
    content: Option<Content>,
    headers: Vec<(String, String)>,
    /// What no message may repeat, even if the server says it.
    secrets: Vec<Secret>,
    hidden: bool,
}

/// What is sent; it may hold a password and is never shown.
#[derive(Clone)]
struct Content {
    kind: &'static str,
    bytes: Vec<u8>,
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({}, {} bytes)", self.kind, self.bytes.len())
    }
}

impl Request {
    /// A question for the document at `url`.
    pub fn get(url: &str) -> Result<Self, FetchError> {
        let parsed = Url::parse(url).map_err(|_| FetchError::address(url))?;
        let secrets = parsed.query_pairs().map(|(_, value)| Secret::new(&value)).collect();
        Ok(Self {
            method: Method::GET,
            url: parsed,
            accept: "*/*",
            authorization: None,
            unless: None,
            content: None,
            headers: Vec::new(),
            secrets,
            hidden: false,
        })
    }

    /// A question whether there is a document at `url`.
    pub fn head(url: &str) -> Result<Self, FetchError> {
        Ok(Self { method: Method::HEAD, ..Self::get(url)? })
    }

    /// A JSON document for `url`; it may hold a password and is never shown.
    pub fn post_json(url: &str, json: &Secret) -> Result<Self, FetchError> {
        let mut request = Self::post(url, "application/json", json.reveal().as_bytes().to_vec())?;
        match serde_json::from_str(json.reveal()) {
            Ok(value) => secret::of_json(&value, &mut request.secrets),
            Err(_) => request.secrets.push(json.clone()),
        }
        Ok(request.for_json())
    }

    /// A document of a kind, e.g. `application/json`, for `url`; it is never shown.
    pub fn post(url: &str, kind: &'static str, bytes: Vec<u8>) -> Result<Self, FetchError> {
        Ok(Self { method: Method::POST, content: Some(Content { kind, bytes }), ..Self::get(url)? })
    }

    /// The same with a header. Like what is sent, it does not go to another host.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: String) -> Self {
        self.secrets.push(Secret::new(&value));
        self.headers.push((name.to_owned(), value));
        self
    }

    /// The same, of whose address nothing but scheme and host is logged: its path is a secret.
    #[must_use]
    pub fn hidden(mut self) -> Self {
        self.secrets.extend(self.url.path_segments().into_iter().flatten().map(Secret::new));
        self.hidden = true;
        self
    }

    /// The same, asking for JSON.
    #[must_use]
    pub fn for_json(mut self) -> Self {
        self.accept = "application/json";
        self
    }

    /// The same with a value for the header `Authorization`. It is not sent on to another host.
    #[must_use]
    pub fn authorized(mut self, value: Secret) -> Self {
        let bare = value.reveal().split_once(' ').map_or(value.reveal(), |(_, bare)| bare);
        self.secrets.push(Secret::new(bare));
        self.authorization = Some(value);
        self
    }

    /// The same, unless the document still has this tag: then the answer is the status 304.
    #[must_use]
    pub fn unless(mut self, tag: &str) -> Self {
        self.unless = Some(tag.to_owned());
        self
    }

    /// The same with a parameter added to the query.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// What went wrong with it, for the log.
    fn told(&self, error: &FetchError) -> String {
        let text = error.to_string();
        if self.hidden {
            text.replace(&place(&self.url), &self.url.origin().ascii_serialization())
        } else {
            text
        }
    }
}

/// A complete answer with status 200.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Where it came from in the end.
    pub url: Url,
    /// The server's tag for this state of the document, if it has one.
    pub tag: Option<String>,
    /// Its body.
    pub body: Body,
}

/// The bytes of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

impl Body {
    /// The body as JSON.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.0)
    }
}

/// What a look at an address found, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The status at the end of all redirects.
    pub status: u16,
    /// Where the address has moved for good, if it has.
    pub moved: Option<Url>,
    /// How long the server asks to wait before the next request.
    pub retry_after: Option<Duration>,
}

/// Asks the hosts of one policy.
#[derive(Debug, Clone)]
pub struct Client {
    inner: reqwest::Client,
    policy: Policy,
    retries: Retries,
    waited: Arc<Waited>,
}

impl Client {
    /// A client that keeps to `policy`.
    pub fn new(policy: Policy, retries: Retries) -> Result<Self, FetchError> {
        let failed = |error: Box<dyn std::error::Error + Send + Sync>| FetchError::Client(error);
        // Only the first client of a process sets it; the others find it there.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let inner = reqwest::Client::builder()
            .user_agent(concat!("gtmi/", env!("CARGO_PKG_VERSION")))
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Filtered::new(policy.allow_private))
            .connect_timeout(policy.connect)
            .read_timeout(policy.silence)
            .no_proxy()
            .build()
            .map_err(|error| failed(error.into()))?;
        Ok(Self { inner, policy, retries, waited: Arc::default() })
    }

    /// Asks, again if need be, until there is a complete answer or no hope of one.
    pub async fn ask(&self, request: &Request) -> Result<Answer, FetchError> {
        self.repeat(request, || self.ask_once(request)).await
    }

    /// Hands over what the request holds, again if need be: any status of success will do, and the answer's body is
    /// not read. Redirects are not followed, since what is sent is meant for this place. Gives the status.
    pub async fn deliver(&self, request: &Request) -> Result<u16, FetchError> {
        self.repeat(request, || self.deliver_once(request)).await
    }

    async fn deliver_once(&self, request: &Request) -> Result<u16, FetchError> {
        let limit = self.policy.whole;
        let handing = async {
            let mut response = self.send(request, &request.url).await?;
            let status = response.status();
            if status.is_success() {
                return Ok(status.as_u16());
            }
            if status.is_redirection() {
                return Err(FetchError::refused(
                    &request.url,
                    "it redirects, and what is sent is meant for it alone",
                ));
            }
            Err(self.bad_status(request, &request.url, &mut response).await)
        };
        tokio::time::timeout_at(Instant::now() + limit, handing)
            .await
            .unwrap_or_else(|_| Err(FetchError::Slow { place: place(&request.url), limit }))
    }

    async fn repeat<T, F>(&self, request: &Request, once: impl Fn() -> F) -> Result<T, FetchError>
    where
        F: Future<Output = Result<T, FetchError>>,
    {
        let mut attempt = 1;
        loop {
            let error = match once().await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            attempt += 1;
            let wait = if error.may_pass() { self.retries.wait(attempt, error.retry_after()) } else { None };
            let host = request.url.host_str().unwrap_or_default();
            let fits = |wait: &Duration| self.waited.add(host, *wait, self.retries.longest_in_all);
            let Some(wait) = wait.filter(fits) else { return Err(error) };
            let wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX);
            tracing::debug!(error = request.told(&error), attempt, wait_ms, "asking again");
            tokio::time::sleep(wait).await;
        }
    }

    /// Asks once.
    pub async fn ask_once(&self, request: &Request) -> Result<Answer, FetchError> {
        let limit = self.policy.whole;
        tokio::time::timeout_at(Instant::now() + limit, self.follow(request))
            .await
            .unwrap_or_else(|_| Err(FetchError::Slow { place: place(&request.url), limit }))
    }

    /// Follows redirects by our own rules: each step is checked like the first, none leads from https to http,
    /// and the secret stays with the host it is for.
    async fn follow(&self, request: &Request) -> Result<Answer, FetchError> {
        let mut url = request.url.clone();
        for _ in 0..=self.policy.redirects {
            let response = self.send(request, &url).await?;
            let status = response.status();
            if !status.is_redirection() || status == StatusCode::NOT_MODIFIED {
                return self.receive(request, url, response).await;
            }
            let next = response
                .headers()
                .get(LOCATION)
                .and_then(|location| location.to_str().ok())
                .and_then(|location| url.join(location).ok())
                .ok_or_else(|| FetchError::refused(&url, "its redirect leads nowhere"))?;
            if url.scheme() == "https" && next.scheme() != "https" {
                return Err(FetchError::refused(
                    &next,
                    "a redirect from https to something else is not followed",
                ));
            }
            url = next;
        }
        Err(FetchError::refused(&request.url, "it redirects too often"))
    }

    /// Looks once whether there is something at an address: follows redirects, reads no body.
    pub async fn look(&self, request: &Request) -> Result<Seen, FetchError> {
        let limit = self.policy.whole;
        tokio::time::timeout_at(Instant::now() + limit, self.seen(request))
            .await
            .unwrap_or_else(|_| Err(FetchError::Slow { place: place(&request.url), limit }))
    }

    async fn seen(&self, request: &Request) -> Result<Seen, FetchError> {
        let mut url = request.url.clone();
        let (mut moved, mut for_good) = (None, true);
        for _ in 0..=self.policy.redirects {
            let response = self.send(request, &url).await?;
            let (status, headers) = (response.status(), response.headers());
            let location = headers.get(LOCATION).and_then(|location| location.to_str().ok());
            let next =
                location.filter(|_| status.is_redirection()).and_then(|location| url.join(location).ok());
            let Some(next) = next else {
                let wait = headers.get(RETRY_AFTER).and_then(|value| value.to_str().ok());
                let retry_after = wait.and_then(|value| retry::asked(value, SystemTime::now()));
                return Ok(Seen { status: status.as_u16(), moved, retry_after });
            };
            // Behind a redirect for the moment only, nothing is for good.
            for_good &= matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
            if for_good {
                moved = Some(next.clone());
            }
            url = next;
        }
        Err(FetchError::refused(&request.url, "it redirects too often"))
    }

    async fn send(&self, request: &Request, url: &Url) -> Result<Response, FetchError> {
        self.policy.check(url)?;
        let mut builder = self
            .inner
            .request(request.method.clone(), url.clone())
            .header("Accept", request.accept)
            .header("Accept-Encoding", "identity");
        let same_place = (url.scheme(), url.host_str(), url.port_or_known_default())
            == (request.url.scheme(), request.url.host_str(), request.url.port_or_known_default());
        if let Some(secret) = request.authorization.as_ref().filter(|_| same_place) {
            builder = builder.header(AUTHORIZATION, secret.reveal());
        }
        if let Some(tag) = &request.unless {
            builder = builder.header(IF_NONE_MATCH, tag);
        }
        for (name, value) in request.headers.iter().filter(|_| same_place) {
            builder = builder.header(name, value);
        }
        if let Some(content) = request.content.as_ref().filter(|_| same_place) {
            builder = builder.header("Content-Type", content.kind).body(content.bytes.clone());
        }
        builder.send().await.map_err(|error| self.failed(url, error))
    }

    async fn receive(
        &self,
        request: &Request,
        url: Url,
        mut response: Response,
    ) -> Result<Answer, FetchError> {
        let status = response.status();
        let header =
            |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        if status != StatusCode::OK {
            return Err(self.bad_status(request, &url, &mut response).await);
        }
        let tag = header(ETAG);
        if request.method == Method::HEAD {
            return Ok(Answer { url, tag, body: Body(Vec::new()) });
        }
        if let Some(encoding) =
            header(CONTENT_ENCODING).filter(|encoding| !encoding.eq_ignore_ascii_case("identity"))
        {
            return Err(FetchError::Packed { place: place(&url), encoding: shown(&encoding) });
        }
        let (length, chunked) = (header(CONTENT_LENGTH), header(TRANSFER_ENCODING));
        if length.is_none() && chunked.is_none() {
            return Err(FetchError::NoLength { place: place(&url) });
        }
        let most = self.policy.most_bytes;
        let too_large = || FetchError::TooLarge { place: place(&url), most };
        if length.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > most) {
            return Err(too_large());
        }
        let mut bytes = Vec::new();
        while let Some(part) = response.chunk().await.map_err(|error| self.failed(&url, error))? {
            if u64::try_from(bytes.len() + part.len()).unwrap_or(u64::MAX) > most {
                return Err(too_large());
            }
            bytes.extend_from_slice(&part);
        }
        Ok(Answer { url, tag, body: Body(bytes) })
    }

    /// What a status that is no success says.
    async fn bad_status(&self, request: &Request, url: &Url, response: &mut Response) -> FetchError {
        let asked = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
        let retry_after = asked.and_then(|value| retry::asked(value, SystemTime::now()));
        let status = response.status().as_u16();
        FetchError::Status { place: place(url), status, note: note(request, response).await, retry_after }
    }

    fn failed(&self, url: &Url, error: reqwest::Error) -> FetchError {
        let mut source: Option<&dyn std::error::Error> = Some(&error);
        while let Some(cause) = source {
            if cause.is::<NotPublic>() {
                let why = "the host leads to an address that is not a public one";
                return FetchError::NotPublic { place: place(url), why };
            }
            source = cause.source();
        }
        if error.is_timeout() {
            let limit = if error.is_connect() { self.policy.connect } else { self.policy.silence };
            return FetchError::Slow { place: place(url), limit };
        }
        // The library's own text would show the query.
        FetchError::Connection { place: place(url), source: error.without_url().into() }
    }
}

/// The first words of an answer that is a text: servers often say there what is wrong. Some repeat what they were
/// sent, so an answer with a piece of a secret in it is not shown.
async fn note(request: &Request, response: &mut Response) -> Option<String> {
    let part = tokio::time::timeout(Duration::from_secs(2), response.chunk()).await.ok()?.ok()??;
    let text = String::from_utf8(part.to_vec()).ok()?;
    let message = serde_json::from_str::<serde_json::Value>(&text).ok();
    let message = message.as_ref().and_then(|json| json.get("message")?.as_str()).unwrap_or(&text);
    if request.secrets.iter().any(|secret| secret.is_told_by(&text) || secret.is_told_by(message)) {
        return Some("what it says repeats a secret and is not shown".to_owned());
    }
    let text = shown(message);
    // A page for browsers says nothing in its first words.
    (!text.is_empty() && !text.starts_with('<')).then_some(text)
}

/// A stranger's text for a message: one line, no control characters, not too long.
fn shown(text: &str) -> String {
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(clean).take(QUOTED).collect::<String>().trim().to_owned()
}
