//! A form on a `KoboToolbox` server, by version 2 of its API.
//!
//! An edit changes `_uuid` and leaves `_submission_time`; what stays is `meta/rootUuid`, else `_id`. So everything
//! is read at each run (a wave is one page) and compared by content.

use std::collections::{BTreeMap, BTreeSet};

use fetch::{Client, Request, Secret};
use pipeline::config::KoboSource;
use pipeline::hash::sha256;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::failures::Failures;
use super::spool::Spool;
use super::{Allowance, SourceError, form_row, platform};

/// Submissions a page: the most that the server gives.
const PAGE: u64 = 1000;
/// More pages than any wave has; a server that never ends is given up.
const MOST_PAGES: usize = 10_000;
/// How often a list that does not fit its own count is asked for.
const ATTEMPTS: usize = 3;
/// The fields about the submission that belong to its content.
const KEPT: [&str; 5] = ["_id", "_uuid", "_submission_time", "__version__", "meta/rootUuid"];

/// The version of a submission that reviewers did not approve.
const NOT_APPROVED: &str = "not approved";

/// What the known submissions belong to; earlier versions of this program did not write it.
#[derive(Debug, Serialize, Deserialize)]
struct Cursor {
    /// The server and form.
    of: String,
}

/// Fetches what is new or changed. A workbook that cannot be fetched is told at the end and keeps nothing else from
/// being read.
pub(super) async fn fetch(source: &KoboSource, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    if !source.attachments {
        platform::switch_off(spool)?;
    }
    let client = super::client(&source.web, [source.url.as_str()])?;
    let token = Secret::new(&format!("Token {}", super::secret(&source.token)?.reveal()));
    let asset = Asset { client, source, token };
    let rows = asset.list().await?;
    let cursor = spool.cursor()?.and_then(|text| serde_json::from_str::<Cursor>(&text).ok());
    let own = asset.form();
    if let Some(before) = cursor.map(|cursor| cursor.of).filter(|of| *of != own) {
        platform::change_form(spool, &before, &own)?;
    }
    spool.set_cursor(&serde_json::to_string(&Cursor { of: own }).unwrap_or_default())?;
    for (name, row) in &rows {
        asset.take(name, &row.value(), spool)?;
    }
    platform::note_deleted(spool, |name| rows.contains_key(name))?;
    platform::tell_set_aside(spool);
    let mut failures = Failures::default();
    if source.attachments {
        for (name, row) in &rows {
            asset.take_workbooks(name, &row.value(), spool, &mut failures).await?;
        }
    }
    failures.end()
}

/// A submission as JSON: as a tree it takes many times the memory, and all are kept until the list is whole.
struct Row(String);

impl Row {
    fn value(&self) -> Value {
        // It was written from one.
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

struct Asset<'a> {
    client: Client,
    source: &'a KoboSource,
    token: Secret,
}

impl Asset<'_> {
    fn form(&self) -> String {
        let asset = super::segment(&self.source.asset);
        format!("{}/api/v2/assets/{asset}", self.source.url)
    }

    fn data(&self) -> String {
        format!("{}/data/", self.form())
    }

    fn shape(&self, what: &str) -> SourceError {
        SourceError::Shape { place: self.data(), what: what.to_owned() }
    }

    /// All submissions by the name that stays when they are edited.
    async fn list(&self) -> Result<BTreeMap<String, Row>, SourceError> {
        let mut last = (0, 0);
        for _ in 0..ATTEMPTS {
            let (rows, received, told) = self.pages().await?;
            if received == told {
                return Ok(rows);
            }
            last = (told, received);
        }
        Err(SourceError::Counts { what: "submissions", place: self.data(), told: last.0, received: last.1 })
    }

    /// All submissions by name, how many the server sent, and how many it says that it has.
    async fn pages(&self) -> Result<(BTreeMap<String, Row>, u64, u64), SourceError> {
        let mut rows = BTreeMap::new();
        // A device that sends a submission twice makes two of one name. The later one counts, but for one that was not
        // approved because it is the second.
        let mut sent = BTreeSet::new();
        let mut start: u64 = 0;
        let mut room = Allowance::default();
        for _ in 0..MOST_PAGES {
            let request = Request::get(&self.data())?
                .with("format", "json")
                .with("start", &start.to_string())
                .with("limit", &PAGE.to_string())
                .with("sort", "{\"_id\":1}")
                .authorized(self.token.clone());
            let page = super::page(&self.client, request, &mut room).await?;
            let told = page.get("count").and_then(Value::as_u64).ok_or_else(|| self.shape("no count"))?;
            let results = page
                .get("results")
                .and_then(Value::as_array)
                .ok_or_else(|| self.shape("no list of results"))?;
            let before = sent.len();
            for row in results {
                let none = || self.shape("a submission without _id");
                sent.insert(row.get("_id").ok_or_else(none)?.to_string());
                let name = name(row).ok_or_else(none)?;
                if !is_refused(row) || !rows.contains_key(&name) {
                    rows.insert(name, Row(row.to_string()));
                }
            }
            // The server may give fewer than asked for, without a word.
            start += u64::try_from(results.len()).unwrap_or(u64::MAX);
            // Where a page brings nothing new, the next one will not either.
            if sent.len() == before || start >= told {
                let received = u64::try_from(sent.len()).unwrap_or(u64::MAX);
                return Ok((rows, received, told));
            }
        }
        Err(self.shape("its pages never end"))
    }

    /// Takes in a submission, without what is attached to it.
    fn take(&self, name: &str, row: &Value, spool: &mut Spool<'_>) -> Result<(), SourceError> {
        if is_refused(row) {
            return platform::withdraw(spool, name, NOT_APPROVED);
        }
        if self.source.attachments {
            let attached: BTreeSet<String> =
                workbooks(row).map(|workbook| format!("{name}/{}", workbook.file)).collect();
            platform::note_removed(spool, name, |remote| attached.contains(remote))?;
        }
        let is_answer = |field: &str| !field.starts_with('_') || KEPT.contains(&field);
        let Some(bytes) = form_row::csv(row, "/", is_answer) else {
            return platform::set_aside(spool, name);
        };
        let version = sha256(&bytes);
        if !spool.has(name, &version) {
            spool.keep(name, &version, "csv", dated(row).as_deref(), &bytes)?;
        }
        Ok(())
    }

    /// Takes in the workbooks that are attached to a submission, unless it counts no more.
    async fn take_workbooks(
        &self,
        name: &str,
        row: &Value,
        spool: &mut Spool<'_>,
        failures: &mut Failures,
    ) -> Result<(), SourceError> {
        if is_refused(row) {
            return Ok(());
        }
        let id = row.get("_id").map(ToString::to_string).unwrap_or_default();
        for Workbook { file, number } in workbooks(row) {
            let remote = format!("{name}/{file}");
            let encoded = super::segment(&number);
            let url = format!("{}{id}/attachments/{encoded}/", self.data());
            if spool.has(&remote, &number) {
                continue;
            }
            if failures.is_over(&url) {
                spool.expect(&remote, platform::EXPECTED)?;
                continue;
            }
            let asked = async {
                let request = Request::get(&url)?.authorized(self.token.clone());
                let answer = self.client.ask(&request).await?;
                let ending = file.rsplit_once('.').map_or("xlsx", |(_, ending)| ending).to_lowercase();
                Ok(spool.keep(&remote, &number, &ending, dated(row).as_deref(), &answer.body.0)?)
            };
            let taken = asked.await;
            if !failures.note(&url, taken)? {
                spool.expect(&remote, platform::EXPECTED)?;
            }
        }
        Ok(())
    }
}

/// A workbook attached to a submission.
struct Workbook<'a> {
    /// Its file's name.
    file: &'a str,
    /// What the server calls it; another one once it is replaced.
    number: String,
}

/// The workbooks attached to a submission. What an edit took away stays in the list, with a mark.
fn workbooks(row: &Value) -> impl Iterator<Item = Workbook<'_>> {
    let attachments = row.get("_attachments").and_then(Value::as_array).into_iter().flatten();
    let is_deleted = |attachment: &Value| attachment.get("is_deleted").and_then(Value::as_bool) == Some(true);
    attachments.filter(move |attachment| !is_deleted(attachment)).filter_map(|attachment| {
        let file = attachment.get("filename").and_then(Value::as_str).unwrap_or_default();
        let file = file.rsplit('/').next().unwrap_or_default();
        let number = attachment.get("uid").or(attachment.get("id"))?;
        let number = number.as_str().map_or(number.to_string(), str::to_owned);
        super::names_workbook(file).then_some(Workbook { file, number })
    })
}

/// Whether reviewers did not approve a submission.
fn is_refused(row: &Value) -> bool {
    let status = row.get("_validation_status").and_then(|status| status.get("uid")).and_then(Value::as_str);
    status == Some("validation_status_not_approved")
}

/// When a submission was first sent; an edit leaves that as it is.
fn dated(row: &Value) -> Option<String> {
    row.get("_submission_time").and_then(Value::as_str).map(|time| {
        // UTC, although it does not say so.
        if time.ends_with('Z') || time.contains('+') { time.to_owned() } else { format!("{time}Z") }
    })
}

/// The name of a submission that stays when it is edited.
fn name(row: &Value) -> Option<String> {
    let root = row.get("meta/rootUuid").and_then(Value::as_str).map(str::to_owned);
    let id = root.or_else(|| row.get("_id").map(|id| id.as_str().map_or(id.to_string(), str::to_owned)));
    id.map(|id| platform::name_of(&id))
}
