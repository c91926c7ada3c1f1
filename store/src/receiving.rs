//! Submissions as they are read from a received file: headers, responses and what was noticed while reading.

use maturity::finding::Finding;
use maturity::submission::{HeaderField, HeaderValue, Received, Response};
use rusqlite::{Connection, OptionalExtension};

use crate::database::{Doing, StoreError};
use crate::files::IncomingFile;
use crate::lists::list_of_responses;
use crate::reviews::insert_contests;
use crate::rows::corrupt;

/// Records a submission unless it is known; a known one is replaced only if it is read differently now.
pub(crate) fn insert_submission(
    transaction: &Connection,
    file: &IncomingFile<'_>,
    received: &Received,
    content: &str,
    forgotten: bool,
) -> Result<(), StoreError> {
    let place = serde_json::to_string(&received.place).map_err(|_| corrupt("a place"))?;
    let known: Option<(i64, String)> = transaction
        .prepare_cached("SELECT id, content FROM submissions WHERE sha256 = ?1 AND place = ?2")
        .and_then(|mut statement| {
            let mut rows = statement.query((file.sha256, &place))?;
            rows.next()?.map(|row| Ok((row.get(0)?, row.get(1)?))).transpose()
        })
        .doing("look up a submission")?;
    let id = match known {
        Some((id, known)) if known == content => {
            // An earlier version of the program did not keep it.
            let instance = received.header.iter().filter(|header| header.field == HeaderField::Instance);
            return insert_headers(transaction, id, instance);
        }
        Some((id, _)) => {
            for table in ["headers", "contacts", "response_lists", "reading_findings", "contests"] {
                transaction
                    .execute(&format!("DELETE FROM {table} WHERE submission = ?1"), [id])
                    .doing("replace a reading")?;
            }
            transaction
                .execute(
                    "UPDATE submissions SET content = ?2, layout = ?3 WHERE id = ?1",
                    (id, content, received.layout.as_str()),
                )
                .doing("replace a reading")?;
            id
        }
        None => {
            let arrival = arrival(transaction, received)?;
            let values = (file.sha256, &place, received.layout.as_str(), content, file.received_at, arrival);
            transaction
                .prepare_cached(
                    "INSERT INTO submissions (sha256, place, layout, content, received_at, arrival)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )
                .and_then(|mut statement| statement.insert(values))
                .doing("record a submission")?
        }
    };
    let kept = received.header.iter().filter(|header| !(forgotten && header.field.is_personal()));
    insert_headers(transaction, id, kept)?;
    insert_responses(transaction, id, &received.responses)?;
    insert_findings(transaction, id, &received.findings)?;
    insert_contests(transaction, id, &received.contests)
}

/// The place of a new submission in the order of receipt: the last one. What an earlier export of a form held already takes
/// the place behind that where something of the economy came since: it was sent before it.
fn arrival(transaction: &Connection, received: &Received) -> Result<i64, StoreError> {
    let doing = "look up whether a submission was exported before";
    if let Some(instance) = received.header(HeaderField::Instance) {
        let value = serde_json::to_string(&instance.value).map_err(|_| corrupt("a header"))?;
        let before: Option<i64> = transaction
            .prepare_cached(
                "WITH before AS (
                     SELECT s.arrival, s.economy FROM headers h JOIN submissions s ON s.id = h.submission
                     WHERE h.field = 'instance' AND h.value = ?1 ORDER BY s.arrival DESC LIMIT 1
                 )
                 SELECT arrival FROM before WHERE EXISTS (
                     SELECT 1 FROM submissions later
                     WHERE later.economy = before.economy AND later.arrival > before.arrival
                 )",
            )
            .and_then(|mut statement| statement.query_row([value], |row| row.get(0)).optional())
            .doing(doing)?;
        if let Some(before) = before {
            transaction
                .execute("UPDATE submissions SET arrival = arrival + 1 WHERE arrival > ?1", [before])
                .doing("order submissions as they were sent")?;
            return Ok(before + 1);
        }
    }
    transaction
        .prepare_cached("SELECT coalesce(max(arrival), 0) + 1 FROM submissions")
        .and_then(|mut statement| statement.query_row([], |row| row.get(0)))
        .doing(doing)
}

fn insert_findings(transaction: &Connection, id: i64, findings: &[Finding]) -> Result<(), StoreError> {
    let sql = "INSERT INTO reading_findings (submission, seq, finding) VALUES (?1, ?2, ?3)";
    for (seq, finding) in (0_i64..).zip(findings) {
        let finding = serde_json::to_string(finding).map_err(|_| corrupt("a finding"))?;
        transaction
            .prepare_cached(sql)
            .and_then(|mut statement| statement.execute((id, seq, finding)))
            .doing("record what was noticed while reading")?;
    }
    Ok(())
}

fn insert_headers<'h>(
    transaction: &Connection,
    id: i64,
    headers: impl Iterator<Item = &'h HeaderValue>,
) -> Result<(), StoreError> {
    for header in headers {
        let table = if header.field.is_personal() { "contacts" } else { "headers" };
        let value = serde_json::to_string(&header.value).map_err(|_| corrupt("a header"))?;
        let place = serde_json::to_string(&header.place).map_err(|_| corrupt("a place"))?;
        transaction
            .prepare_cached(&format!(
                "INSERT OR IGNORE INTO {table} (submission, field, value, place) VALUES (?1, ?2, ?3, ?4)"
            ))
            .and_then(|mut statement| statement.execute((id, header.field.as_str(), value, place)))
            .doing("record a header")?;
    }
    Ok(())
}

fn insert_responses(transaction: &Connection, id: i64, responses: &[Response]) -> Result<(), StoreError> {
    let list = list_of_responses(responses)?;
    transaction
        .prepare_cached("INSERT INTO response_lists (submission, list) VALUES (?1, ?2)")
        .and_then(|mut statement| statement.execute((id, list)))
        .doing("record responses")?;
    Ok(())
}
