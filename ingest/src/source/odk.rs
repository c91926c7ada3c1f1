//! A form on an ODK Central server, by its `OData` feed.
//!
//! An edit or a review sets `updatedAt`, which is null before: new *and* changed submissions are those with
//! `submissionDate ge T or updatedAt ge T`. Pages are followed by path and query only, on the address that is
//! configured: the server's own idea of its address may differ. The total count tells when something was
//! deleted or is there that no date tells of: then everything is read.

use std::collections::{BTreeMap, BTreeSet};

use fetch::{Client, FetchError, Request, Secret};
use jiff::{SignedDuration, Timestamp};
use pipeline::config::OdkSource;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use url::Url;

use super::spool::Spool;
use super::{SourceError, form_row};

/// Submissions a page.
const PAGE: usize = 250;
/// More pages than any wave has; a server that never ends is given up.
const MOST_PAGES: usize = 10_000;
/// How far the next question reaches back: a submission may become visible a little after its date.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// How often a list that does not fit its own count is asked for.
const ATTEMPTS: usize = 3;
/// The version of what came from another form under the same source's name. It counts on, but says nothing of the
/// table that is read now.
const ELSEWHERE: &str = "of another form";
/// The version of a submission that is no longer in the table.
const DELETED: &str = "deleted";

/// Up to where the table was read.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The latest date seen that is not in the future.
    since: String,
    /// The server, project and form that it belongs to; earlier versions did not write it.
    of: Option<String>,
}

/// What matters of one submission.
struct Row {
    id: String,
    /// Its latest date: of the edit or review, else of the submission.
    dated: String,
    rejected: bool,
    present: u64,
    expected: u64,
    content: Value,
}

/// Fetches what is new or changed.
pub(super) async fn fetch(source: &OdkSource, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let client = super::client(&source.web, [source.url.as_str()])?;
    let session = Session { client, source, token: sign_in(source).await? };
    let cursor = spool.cursor()?.and_then(|text| serde_json::from_str::<Cursor>(&text).ok());
    let own = session.form();
    if cursor.as_ref().and_then(|cursor| cursor.of.as_ref()).is_some_and(|of| *of != own) {
        leave_behind(spool)?;
    }
    let since = cursor
        .filter(|cursor| cursor.of.as_ref().is_none_or(|of| *of == own) && !is_ahead(&cursor.since))
        .map(|cursor| cursor.since)
        .filter(|_| !lacks_files(spool));
    let mut rows = session.list(since.as_deref()).await?;
    session.take_all(&rows, spool).await?;
    let mut latest = since.unwrap_or_default();
    let mut attempts = 0;
    loop {
        let (told, received) = (session.total().await?, known(spool));
        if told == received {
            break;
        }
        if attempts == ATTEMPTS {
            return Err(SourceError::Counts { what: "submissions", place: session.table(), told, received });
        }
        // Something was deleted, or is there that no date tells of.
        attempts += 1;
        rows = session.list(None).await?;
        session.take_all(&rows, spool).await?;
        find_deleted(&rows, spool)?;
    }
    for row in rows.values().filter(|row| !is_ahead(&row.dated)) {
        if row.dated > latest {
            latest.clone_from(&row.dated);
        }
    }
    if !latest.is_empty() {
        let cursor = serde_json::to_string(&Cursor { since: latest, of: Some(own) }).unwrap_or_default();
        spool.set_cursor(&cursor)?;
    }
    session.late_attachments(&rows, spool).await
}

/// Whether a date lies in the future: somebody's clock is wrong, and what comes until then would not be asked for.
fn is_ahead(date: &str) -> bool {
    date.parse::<Timestamp>().is_ok_and(|date| date > Timestamp::now())
}

/// Whether files were removed by hand: they are fetched again, whatever their dates.
fn lacks_files(spool: &Spool<'_>) -> bool {
    spool.known().any(|known| !known.gone && known.version != ELSEWHERE && !spool.is_here(known))
}

/// Submissions that the table is known to hold.
fn known(spool: &Spool<'_>) -> u64 {
    let here = |version: &str| version != DELETED && version != ELSEWHERE;
    let known = spool.known().filter(|known| is_submission(&known.remote) && here(&known.version));
    u64::try_from(known.count()).unwrap_or(u64::MAX)
}

/// The source's name stands for another form now: what is known is not of this one.
fn leave_behind(spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let known: Vec<String> =
        spool.known().filter(|known| known.version != DELETED).map(|known| known.remote.clone()).collect();
    for remote in known {
        spool.mark(&remote, ELSEWHERE)?;
    }
    Ok(())
}

/// Notes which known submissions a complete list no longer holds.
fn find_deleted(there: &BTreeMap<String, Row>, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let gone: Vec<String> = spool
        .known()
        .filter(|known| known.version != DELETED && known.version != ELSEWHERE)
        .filter(|known| !there.contains_key(known.remote.split('/').next().unwrap_or_default()))
        .map(|known| known.remote.clone())
        .collect();
    for remote in gone {
        tracing::warn!(remote, "deleted on the server; its answers count no more");
        spool.note(&remote, DELETED)?;
    }
    Ok(())
}

/// The names of attachments lie below those of their submissions.
fn is_submission(remote: &str) -> bool {
    !remote.contains('/')
}

async fn sign_in(source: &OdkSource) -> Result<Secret, SourceError> {
    let client = super::client(&source.web, [source.url.as_str()])?;
    let password = super::secret(&source.password)?;
    let body = json!({ "email": source.email, "password": password.reveal() }).to_string();
    let request = Request::post_json(&format!("{}/v1/sessions", source.url), &Secret::new(&body))?;
    let answer = super::json(&client, request).await?;
    let token = answer.get("token").and_then(Value::as_str);
    token.map(|token| Secret::new(&format!("Bearer {token}"))).ok_or_else(|| SourceError::Shape {
        place: "/v1/sessions".to_owned(),
        what: "there is no token in its answer".to_owned(),
    })
}

struct Session<'a> {
    client: Client,
    source: &'a OdkSource,
    token: Secret,
}

impl Session<'_> {
    fn form(&self) -> String {
        let form: String = url::form_urlencoded::byte_serialize(self.source.form.as_bytes()).collect();
        format!("{}/v1/projects/{}/forms/{form}", self.source.url, self.source.project)
    }

    fn table(&self) -> String {
        format!("{}.svc/Submissions", self.form())
    }

    fn shape(&self, what: &str) -> SourceError {
        SourceError::Shape { place: self.table(), what: what.to_owned() }
    }

    async fn json(&self, request: Request) -> Result<Value, SourceError> {
        super::json(&self.client, request.authorized(self.token.clone())).await
    }

    /// All submissions since a date, by id. A list that does not hold as many as it says is asked for again:
    /// something changed between two pages.
    async fn list(&self, since: Option<&str>) -> Result<BTreeMap<String, Row>, SourceError> {
        let mut last = (0, 0);
        for _ in 0..ATTEMPTS {
            let (rows, told) = self.pages(since).await?;
            let received = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if told == received {
                return Ok(rows);
            }
            last = (told, received);
        }
        Err(SourceError::Counts { what: "submissions", place: self.table(), told: last.0, received: last.1 })
    }

    async fn pages(&self, since: Option<&str>) -> Result<(BTreeMap<String, Row>, u64), SourceError> {
        let mut request = Request::get(&self.table())?.with("$top", &PAGE.to_string()).with("$count", "true");
        if let Some(since) = since.and_then(reach_back) {
            let filter = format!("__system/submissionDate ge {since} or __system/updatedAt ge {since}");
            request = request.with("$filter", &filter);
        }
        let mut rows = BTreeMap::new();
        let mut asked = BTreeSet::new();
        let mut told = 0;
        for _ in 0..MOST_PAGES {
            let page = self.json(request).await?;
            for value in page.get("value").and_then(Value::as_array).ok_or_else(|| self.shape("no list"))? {
                let row = row(value).ok_or_else(|| self.shape("a submission without id or date"))?;
                rows.insert(row.id.clone(), row);
            }
            if let Some(count) = page.get("@odata.count").and_then(Value::as_u64) {
                told = count;
            }
            let Some(next) = page.get("@odata.nextLink").and_then(Value::as_str) else {
                return Ok((rows, told));
            };
            if !asked.insert(next.to_owned()) {
                return Err(self.shape("its pages go in a circle"));
            }
            request = Request::get(&self.here(next)?)?;
        }
        Err(self.shape("its pages never end"))
    }

    /// Path and query of a link of the server, on the address that is configured.
    fn here(&self, link: &str) -> Result<String, SourceError> {
        let base = Url::parse(&self.source.url).map_err(|_| self.shape("the configured address is none"))?;
        let link = base.join(link).map_err(|_| self.shape("the link to its next page is none"))?;
        let path = link.path().strip_prefix(base.path().trim_end_matches('/')).unwrap_or(link.path());
        let query = link.query().map(|query| format!("?{query}")).unwrap_or_default();
        Ok(format!("{}{path}{query}", self.source.url))
    }

    async fn total(&self) -> Result<u64, SourceError> {
        let page = self.json(Request::get(&self.table())?.with("$top", "1").with("$count", "true")).await?;
        page.get("@odata.count").and_then(Value::as_u64).ok_or_else(|| self.shape("no count"))
    }

    async fn take_all(&self, rows: &BTreeMap<String, Row>, spool: &mut Spool<'_>) -> Result<(), SourceError> {
        for row in rows.values() {
            self.take(row, spool).await?;
        }
        Ok(())
    }

    /// Takes in a submission and the workbooks attached to it.
    async fn take(&self, row: &Row, spool: &mut Spool<'_>) -> Result<(), SourceError> {
        if row.rejected {
            let known: Vec<String> = spool
                .known()
                .filter(|known| known.remote.split('/').next() == Some(&row.id))
                .map(|known| known.remote.clone())
                .collect();
            for remote in known {
                spool.note(&remote, &format!("rejected {}", row.dated))?;
            }
            spool.note(&row.id, &format!("rejected {}", row.dated))?;
            return Ok(());
        }
        if !spool.has(&row.id, &row.dated) {
            let wanted = |name: &str| name != "__system";
            let mut content = row.content.clone();
            if let Value::Object(fields) = &mut content {
                let system = fields.get("__system").cloned().unwrap_or_default();
                let of = |name: &str| system.get(name).cloned().unwrap_or_default();
                // Not the state of the review: it changes without the answers.
                fields.insert("SubmissionDate".to_owned(), of("submissionDate"));
                fields.insert("FormVersion".to_owned(), of("formVersion"));
                fields.insert("KEY".to_owned(), Value::String(row.id.clone()));
                fields.remove("__id");
            }
            let bytes = form_row::csv(&content, "-", wanted);
            spool.keep(&row.id, &row.dated, "csv", Some(&row.dated), &bytes)?;
        }
        if self.source.attachments && row.expected > 0 {
            self.attachments(&row.id, &row.dated, row.present, spool).await?;
        }
        Ok(())
    }

    /// Asks again for attachments that were expected but had not come. To be done last: one that cannot be had keeps
    /// nothing else from being read.
    async fn late_attachments(
        &self,
        rows: &BTreeMap<String, Row>,
        spool: &mut Spool<'_>,
    ) -> Result<(), SourceError> {
        let open: Vec<(String, String)> = spool
            .known()
            .filter(|known| known.version.starts_with("expected "))
            .filter_map(|known| {
                let id = known.remote.split('/').next()?;
                let dated = known.version.strip_prefix("expected ")?;
                (!rows.contains_key(id)).then(|| (id.to_owned(), dated.to_owned()))
            })
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect();
        let mut failure = None;
        for (id, dated) in open {
            match self.attachments(&id, &dated, 0, spool).await {
                Err(error @ SourceError::Fetch(FetchError::Status { .. })) => {
                    failure.get_or_insert(error);
                }
                answer => answer?,
            }
        }
        failure.map_or(Ok(()), Err)
    }

    async fn attachments(
        &self,
        id: &str,
        dated: &str,
        present: u64,
        spool: &mut Spool<'_>,
    ) -> Result<(), SourceError> {
        let encoded: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
        let list = format!("{}/submissions/{encoded}/attachments", self.form());
        let answer = self.json(Request::get(&list)?).await?;
        let files = answer.as_array().ok_or_else(|| self.shape("no list of attachments"))?;
        for file in files {
            let name = file.get("name").and_then(Value::as_str).unwrap_or_default();
            if !super::names_workbook(name) {
                continue;
            }
            let remote = format!("{id}/{name}");
            if file.get("exists").and_then(Value::as_bool) != Some(true) {
                if !spool.known().any(|known| known.remote == remote && !known.gone) {
                    spool.note(&remote, &format!("expected {dated}"))?;
                }
                continue;
            }
            let version = format!("{dated} {present}");
            if spool.has(&remote, &version) {
                continue;
            }
            let mut url = Url::parse(&list).map_err(|_| self.shape("an attachment without address"))?;
            if let Ok(mut path) = url.path_segments_mut() {
                path.push(name);
            }
            let request = Request::get(url.as_str())?.authorized(self.token.clone());
            let answer = self.client.ask(&request).await?;
            let ending = name.rsplit_once('.').map_or("xlsx", |(_, ending)| ending).to_lowercase();
            spool.keep(&remote, &version, &ending, Some(dated), &answer.body.0)?;
        }
        Ok(())
    }
}

/// A date a little before, in the form that the server writes.
fn reach_back(date: &str) -> Option<String> {
    let date: Timestamp = date.parse().ok()?;
    Some(date.checked_sub(OVERLAP).ok()?.to_string())
}

fn row(value: &Value) -> Option<Row> {
    let system = value.get("__system")?;
    let text = |name: &str| system.get(name).and_then(Value::as_str);
    let number = |name: &str| system.get(name).and_then(Value::as_u64).unwrap_or(0);
    Some(Row {
        id: value.get("__id")?.as_str()?.to_owned(),
        dated: text("updatedAt").or(text("submissionDate"))?.to_owned(),
        rejected: text("reviewState") == Some("rejected"),
        present: number("attachmentsPresent"),
        expected: number("attachmentsExpected"),
        content: value.clone(),
    })
}
