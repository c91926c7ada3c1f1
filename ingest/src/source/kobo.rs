//! A form on a `KoboToolbox` server, by version 2 of its API.
//!
//! An edit changes `_uuid` and leaves `_submission_time`; what stays is `meta/rootUuid`, else `_id`. So everything
//! is read at each run (a wave is one page) and compared by content.

use std::collections::BTreeMap;

use fetch::{Client, Request, Secret};
use pipeline::config::KoboSource;
use pipeline::hash::sha256;
use serde_json::Value;

use super::spool::Spool;
use super::{SourceError, form_row};

/// Submissions a page: the most that the server gives.
const PAGE: u64 = 1000;
/// How often a list that does not fit its own count is asked for.
const ATTEMPTS: usize = 3;
/// The fields about the submission that belong to its content.
const KEPT: [&str; 5] = ["_id", "_uuid", "_submission_time", "__version__", "meta/rootUuid"];

/// Fetches what is new or changed.
pub(super) async fn fetch(source: &KoboSource, spool: &mut Spool<'_>) -> Result<(), SourceError> {
    let client = super::client(&source.web, [source.url.as_str()])?;
    let token = Secret::new(&format!("Token {}", super::secret(&source.token)?.reveal()));
    let asset = Asset { client, source, token };
    let rows = asset.list().await?;
    for (name, row) in &rows {
        asset.take(name, row, spool).await?;
    }
    let gone: Vec<String> = spool
        .known()
        .filter(|known| !known.gone && !rows.contains_key(known.remote.split('/').next().unwrap_or_default()))
        .map(|known| known.remote.clone())
        .collect();
    for remote in gone {
        tracing::warn!(remote, "deleted on the server; its answers count no more");
        spool.note(&remote, "deleted")?;
    }
    Ok(())
}

struct Asset<'a> {
    client: Client,
    source: &'a KoboSource,
    token: Secret,
}

impl Asset<'_> {
    fn data(&self) -> String {
        let asset: String = url::form_urlencoded::byte_serialize(self.source.asset.as_bytes()).collect();
        format!("{}/api/v2/assets/{asset}/data/", self.source.url)
    }

    fn shape(&self, what: &str) -> SourceError {
        SourceError::Shape { place: self.data(), what: what.to_owned() }
    }

    /// All submissions by the name that stays when they are edited.
    async fn list(&self) -> Result<BTreeMap<String, Value>, SourceError> {
        let mut last = (0, 0);
        for _ in 0..ATTEMPTS {
            let (rows, told) = self.pages().await?;
            let received = u64::try_from(rows.len()).unwrap_or(u64::MAX);
            if received == told {
                return Ok(rows);
            }
            last = (told, received);
        }
        Err(SourceError::Counts { what: "submissions", place: self.data(), told: last.0, received: last.1 })
    }

    async fn pages(&self) -> Result<(BTreeMap<String, Value>, u64), SourceError> {
        let mut rows = BTreeMap::new();
        let mut start: u64 = 0;
        loop {
            let request = Request::get(&self.data())?
                .with("format", "json")
                .with("start", &start.to_string())
                .with("limit", &PAGE.to_string())
                .with("sort", "{\"_id\":1}")
                .authorized(self.token.clone());
            let page = super::json(&self.client, request).await?;
            let told = page.get("count").and_then(Value::as_u64).ok_or_else(|| self.shape("no count"))?;
            let results = page
                .get("results")
                .and_then(Value::as_array)
                .ok_or_else(|| self.shape("no list of results"))?;
            for row in results {
                let name = name(row).ok_or_else(|| self.shape("a submission without _id"))?;
                rows.insert(name, row.clone());
            }
            // The server may give fewer than asked for, without a word.
            start += u64::try_from(results.len()).unwrap_or(u64::MAX);
            if results.is_empty() || start >= told {
                return Ok((rows, told));
            }
        }
    }

    async fn take(&self, name: &str, row: &Value, spool: &mut Spool<'_>) -> Result<(), SourceError> {
        let status =
            row.get("_validation_status").and_then(|status| status.get("uid")).and_then(Value::as_str);
        let known: Vec<String> = spool
            .known()
            .filter(|known| known.remote.split('/').next() == Some(name))
            .map(|known| known.remote.clone())
            .collect();
        if status == Some("validation_status_not_approved") {
            for remote in known.iter().map(String::as_str).chain([name]) {
                spool.note(remote, "not approved")?;
            }
            return Ok(());
        }
        let is_answer = |field: &str| !field.starts_with('_') || KEPT.contains(&field);
        let bytes = form_row::csv(row, "/", is_answer);
        let version = sha256(&bytes);
        let dated = row.get("_submission_time").and_then(Value::as_str).map(|time| {
            // UTC, although it does not say so.
            if time.ends_with('Z') || time.contains('+') { time.to_owned() } else { format!("{time}Z") }
        });
        if !spool.has(name, &version) {
            spool.keep(name, &version, "csv", dated.as_deref(), &bytes)?;
        }
        if !self.source.attachments {
            return Ok(());
        }
        let id = row.get("_id").map(ToString::to_string).unwrap_or_default();
        for attachment in row.get("_attachments").and_then(Value::as_array).into_iter().flatten() {
            let file = attachment.get("filename").and_then(Value::as_str).unwrap_or_default();
            let file = file.rsplit('/').next().unwrap_or_default();
            let number = attachment.get("uid").or(attachment.get("id"));
            let number = number.map(|number| number.as_str().map_or(number.to_string(), str::to_owned));
            let Some(number) = number.filter(|_| super::names_workbook(file)) else { continue };
            let remote = format!("{name}/{file}");
            if spool.has(&remote, &number) {
                continue;
            }
            let encoded: String = url::form_urlencoded::byte_serialize(number.as_bytes()).collect();
            let url = format!("{}{id}/attachments/{encoded}/", self.data());
            let request = Request::get(&url)?.authorized(self.token.clone());
            let answer = self.client.ask(&request).await?;
            let ending = file.rsplit_once('.').map_or("xlsx", |(_, ending)| ending).to_lowercase();
            spool.keep(&remote, &number, &ending, dated.as_deref(), &answer.body.0)?;
        }
        Ok(())
    }
}

/// The name of a submission that stays when it is edited.
fn name(row: &Value) -> Option<String> {
    let root = row.get("meta/rootUuid").and_then(Value::as_str).map(str::to_owned);
    root.or_else(|| row.get("_id").map(|id| id.as_str().map_or(id.to_string(), str::to_owned)))
}
