//! A form on an ODK Central server, by its `OData` feed.
//!
//! An edit or a review sets `updatedAt`, which is null before: new *and* changed submissions are those with
//! `submissionDate ge T or updatedAt ge T`. Pages are followed by path and query only, on the address that is
//! configured: the server's own idea of its address may differ. The total count tells when something was
//! deleted or is there that no date tells of: then everything is read.

use std::collections::{BTreeMap, BTreeSet};

use fetch::{Client, Request, Secret};
use jiff::{SignedDuration, Timestamp};
use pipeline::config::OdkSource;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::Fetched;
use url::Url;

use super::failures::Failures;
use super::spool::Spool;
use super::{Allowance, SourceError, form_row, platform};

/// Submissions a page.
const PAGE: usize = 250;
/// More pages than any wave has; a server that never ends is given up.
const MOST_PAGES: usize = 10_000;
/// How far the next question reaches back: a submission may become visible a little after its date.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);
/// How often a list that does not fit its own count is asked for.
const ATTEMPTS: usize = 3;
/// What the version of a submission that is encrypted begins with.
const ENCRYPTED: &str = "encrypted ";

/// Up to where the table was read.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The latest date seen that is not in the future; empty where none was.
    since: String,
    /// The server, project and form that it belongs to; earlier versions did not write it.
    of: Option<String>,
    /// Whether workbooks were asked for; earlier versions did not write it.
    attachments: Option<bool>,
}

impl Cursor {
    fn text(&self) -> String {
        // A structure of plain fields always becomes JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// What matters of one submission.
struct Row {
    /// Its id as the name of a document.
    id: String,
    /// Its latest date: of the edit or review, else of the submission. It tells versions apart and orders nothing, as
    /// a review changes it too.
    dated: String,
    /// When it was first sent.
    sent: String,
    rejected: bool,
    encrypted: bool,
    present: u64,
    expected: u64,
    /// All of it as JSON: as a tree it takes many times the memory, and all rows are kept until the list is whole.
    content: String,
}

/// Fetches what is new or changed. A workbook that cannot be fetched is told at the end and keeps nothing else from
/// being read.
pub(super) async fn fetch(source: &OdkSource, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    if !source.attachments {
        platform::switch_off(spool)?;
    }
    let attachments = Some(source.attachments);
    let client = super::client(&source.web, [source.url.as_str()])?;
    let session = Session { client, source, token: sign_in(source).await? };
    let cursor = spool.cursor()?.and_then(|text| serde_json::from_str::<Cursor>(&text).ok());
    let own = session.form();
    if let Some(before) = cursor.as_ref().and_then(|cursor| cursor.of.as_ref()).filter(|of| **of != own) {
        platform::change_form(spool, before, &own)?;
        spool.set_cursor(&Cursor { since: String::new(), of: Some(own.clone()), attachments }.text())?;
    }
    let since = cursor
        .filter(|cursor| cursor.of.as_ref().is_none_or(|of| *of == own) && !is_ahead(&cursor.since))
        // Of what was read without its workbooks nothing else asks for them.
        .filter(|cursor| !source.attachments || cursor.attachments != Some(false))
        .map(|cursor| cursor.since)
        .filter(|_| !lacks_files(spool));
    let mut rows = session.list(since.as_deref()).await?;
    take_all(&rows, spool)?;
    // What came is completed also where the table does not fit its count.
    let settled = session.settle(&mut rows, spool).await;
    tell_encrypted(spool);
    platform::tell_set_aside(spool);
    let mut failures = Failures::default();
    for row in rows.values() {
        session.take_workbooks(row, spool, &mut failures).await?;
    }
    settled?;
    let mut latest = since.unwrap_or_default();
    for row in rows.values().filter(|row| !is_ahead(&row.dated)) {
        if row.dated > latest {
            latest.clone_from(&row.dated);
        }
    }
    if !latest.is_empty() {
        spool.set_cursor(&Cursor { since: latest, of: Some(own), attachments }.text())?;
    }
    if source.attachments {
        session.late_attachments(&rows, spool, &mut failures).await?;
    }
    failures.end()
}

/// Whether a date lies in the future: somebody's clock is wrong, and what comes until then would not be asked for.
fn is_ahead(date: &str) -> bool {
    date.parse::<Timestamp>().is_ok_and(|date| date > Timestamp::now())
}

/// Whether files were removed by hand: they are fetched again, whatever their dates.
fn lacks_files(spool: &Spool<'_>) -> bool {
    spool.known().any(|known| !known.gone && platform::is_of_form(known) && !spool.is_here(known))
}

/// Submissions that the table is known to hold.
fn known(spool: &Spool<'_>) -> u64 {
    let is_known = |known: &&Fetched| platform::is_submission(&known.remote) && platform::is_held(known);
    u64::try_from(spool.known().filter(is_known).count()).unwrap_or(u64::MAX)
}

/// Takes in submissions, without what is attached to them.
fn take_all(rows: &BTreeMap<String, Row>, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    rows.values().try_for_each(|row| take(row, spool))
}

fn take(row: &Row, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    if row.rejected {
        return platform::withdraw(spool, &row.id, &format!("rejected {}", row.dated));
    }
    if row.encrypted {
        return Ok(spool.note(&row.id, &format!("{ENCRYPTED}{}", row.dated))?);
    }
    if !spool.has(&row.id, &row.dated) {
        let wanted = |name: &str| name != "__system";
        // It was written from a value.
        let mut content: Value = serde_json::from_str(&row.content).unwrap_or_default();
        if let Value::Object(fields) = &mut content {
            let system = fields.get("__system").cloned().unwrap_or_default();
            let of = |name: &str| system.get(name).cloned().unwrap_or_default();
            // Not the state of the review: it changes without the answers.
            fields.insert("SubmissionDate".to_owned(), of("submissionDate"));
            fields.insert("FormVersion".to_owned(), of("formVersion"));
            fields.insert("KEY".to_owned(), Value::String(platform::id_of(&row.id)));
            fields.remove("__id");
        }
        let Some(bytes) = form_row::csv(&content, "-", wanted) else {
            return platform::set_aside(spool, &row.id);
        };
        spool.keep(&row.id, &row.dated, "csv", Some(&row.sent), &bytes)?;
    }
    Ok(())
}

/// Says that submissions are encrypted: only who has the key of the form reads them.
fn tell_encrypted(spool: &mut Spool<'_>) {
    let is_encrypted = |known: &&Fetched| known.version.starts_with(ENCRYPTED);
    let those = match spool.known().filter(is_encrypted).count() {
        0 => return,
        1 => "1 submission is encrypted and cannot be read".to_owned(),
        count => format!("{count} submissions are encrypted and cannot be read"),
    };
    spool.ask_for_care(format!(
        "{those} (export the submissions from Central with the passphrase, and put the table into a folder that is a \
         source)"
    ));
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
        let form = super::segment(&self.source.form);
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
        let mut room = Allowance::default();
        for _ in 0..MOST_PAGES {
            let page = super::page(&self.client, request.authorized(self.token.clone()), &mut room).await?;
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

    /// Reads everything until it fits the total that the server tells: something was deleted, or is there that no
    /// date tells of.
    async fn settle(
        &self,
        rows: &mut BTreeMap<String, Row>,
        spool: &mut Spool<'_>,
    ) -> Result<(), SourceError> {
        let mut attempts = 0;
        loop {
            let (told, received) = (self.total().await?, known(spool));
            if told == received {
                return Ok(());
            }
            if attempts == ATTEMPTS {
                return Err(SourceError::Counts { what: "submissions", place: self.table(), told, received });
            }
            attempts += 1;
            *rows = self.list(None).await?;
            take_all(rows, spool)?;
            platform::note_deleted(spool, |id| rows.contains_key(id))?;
        }
    }

    /// Takes in the workbooks that are attached to a submission of a list.
    async fn take_workbooks(
        &self,
        row: &Row,
        spool: &mut Spool<'_>,
        failures: &mut Failures,
    ) -> Result<(), SourceError> {
        if !self.source.attachments || row.rejected || row.encrypted {
            return Ok(());
        }
        // An edit may have taken off the only one: then the list is asked for once more, and has none.
        if row.expected == 0 && !platform::awaits_workbooks(spool, &row.id) {
            return Ok(());
        }
        self.attachments(&row.id, &row.dated, row.present, spool, failures).await
    }

    /// Asks again for attachments that were expected but had not come, of submissions that no list of this run has.
    async fn late_attachments(
        &self,
        rows: &BTreeMap<String, Row>,
        spool: &mut Spool<'_>,
        failures: &mut Failures,
    ) -> Result<(), SourceError> {
        let open: BTreeSet<(String, String)> = spool
            .known()
            .filter_map(|known| {
                let id = platform::submission(&known.remote);
                let dated = known.version.strip_prefix(platform::EXPECTED)?.trim_start();
                (!rows.contains_key(id)).then(|| (id.to_owned(), dated.to_owned()))
            })
            .collect();
        for (id, dated) in open {
            self.attachments(&id, &dated, 0, spool, failures).await?;
        }
        Ok(())
    }

    async fn attachments(
        &self,
        id: &str,
        dated: &str,
        present: u64,
        spool: &mut Spool<'_>,
        failures: &mut Failures,
    ) -> Result<(), SourceError> {
        let encoded = super::segment(&platform::id_of(id));
        let list = format!("{}/submissions/{encoded}/attachments", self.form());
        // Stands for the workbooks of a submission as long as their list cannot be had.
        let whole = format!("{id}/");
        if failures.is_over(&list) {
            return Ok(spool.expect(&whole, &expected(dated))?);
        }
        let (files, listed) = match self.workbooks(&list).await {
            Ok(files) => (files, Ok(())),
            Err(error) => (Vec::new(), Err(error)),
        };
        if !failures.note(&list, listed)? {
            return Ok(spool.expect(&whole, &expected(dated))?);
        }
        if spool.known().any(|known| known.remote == whole) {
            spool.note(&whole, "listed")?;
        }
        platform::note_removed(spool, id, |remote| {
            files.iter().any(|(name, _)| remote.strip_prefix(&whole) == Some(name.as_str()))
        })?;
        let sent = spool.dated(id).unwrap_or(dated).to_owned();
        for (name, exists) in files {
            let remote = format!("{id}/{name}");
            let version = format!("{dated} {present}");
            if !exists {
                if !spool.known().any(|known| known.remote == remote && !known.gone) {
                    spool.note(&remote, &expected(dated))?;
                }
                continue;
            }
            let mut url = Url::parse(&list).map_err(|_| self.shape("an attachment without address"))?;
            if let Ok(mut path) = url.path_segments_mut() {
                path.push(&name);
            }
            if spool.has(&remote, &version) {
                continue;
            }
            if failures.is_over(url.as_str()) {
                spool.expect(&remote, &expected(dated))?;
                continue;
            }
            let asked = async {
                let request = Request::get(url.as_str())?.authorized(self.token.clone());
                let answer = self.client.ask(&request).await?;
                let ending = name.rsplit_once('.').map_or("xlsx", |(_, ending)| ending).to_lowercase();
                Ok(spool.keep(&remote, &version, &ending, Some(&sent), &answer.body.0)?)
            };
            let taken = asked.await;
            if !failures.note(url.as_str(), taken)? {
                spool.expect(&remote, &expected(dated))?;
            }
        }
        Ok(())
    }

    /// The workbooks in a list of attachments by name, each with whether it has come.
    async fn workbooks(&self, list: &str) -> Result<Vec<(String, bool)>, SourceError> {
        let answer = self.json(Request::get(list)?).await?;
        let files = answer.as_array().ok_or_else(|| self.shape("no list of attachments"))?;
        let workbook = |file: &Value| {
            let name = file.get("name").and_then(Value::as_str).filter(|name| super::names_workbook(name))?;
            Some((name.to_owned(), file.get("exists").and_then(Value::as_bool) == Some(true)))
        };
        Ok(files.iter().filter_map(workbook).collect())
    }
}

/// The version of a workbook that could not be fetched so far, of a submission with that date.
fn expected(dated: &str) -> String {
    format!("{} {dated}", platform::EXPECTED)
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
        id: platform::name_of(value.get("__id")?.as_str()?),
        dated: text("updatedAt").or(text("submissionDate"))?.to_owned(),
        sent: text("submissionDate").or(text("updatedAt"))?.to_owned(),
        rejected: text("reviewState") == Some("rejected"),
        encrypted: text("status") == Some("notDecrypted"),
        present: number("attachmentsPresent"),
        expected: number("attachmentsExpected"),
        content: value.to_string(),
    })
}
