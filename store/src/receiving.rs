//! Submissions as they are read from a received file: headers, responses and what was noticed while reading.

use std::collections::BTreeSet;

use maturity::cell::CellValue;
use maturity::finding::Finding;
use maturity::submission::{HeaderField, HeaderValue, Received, Response};
use rusqlite::{Connection, OptionalExtension};

use crate::database::{Doing, StoreError};
use crate::files::IncomingFile;
use crate::lists::{list_of_responses, responses_of};
use crate::reviews::insert_contests;
use crate::rows::corrupt;

/// Records a submission unless it is known; a known one is replaced only if it is read differently now. What an earlier export
/// of a form held already is the same submission wherever it stands: what was decided about that holds for it.
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
    let before = match &known {
        Some((_, known)) if known == content => None,
        known => said_before(transaction, received, known.as_ref().map(|(id, _)| *id))?,
    };
    let content = before.as_deref().unwrap_or(content);
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

/// The content of an earlier submission of the same instance of a form that said the same, by whatever row of its file; where
/// the submission is known, `id` is its number.
fn said_before(
    transaction: &Connection,
    received: &Received,
    id: Option<i64>,
) -> Result<Option<String>, StoreError> {
    let doing = "look up whether a submission was exported before";
    let Some(instance) = received.header(HeaderField::Instance) else { return Ok(None) };
    let value = serde_json::to_string(&instance.value).map_err(|_| corrupt("a header"))?;
    let earlier: Vec<(i64, String)> = transaction
        .prepare_cached(
            "SELECT s.id, s.content FROM headers h JOIN submissions s ON s.id = h.submission
             WHERE h.field = 'instance' AND h.value = ?1 AND s.id < ?2 ORDER BY s.arrival DESC",
        )
        .and_then(|mut statement| {
            let rows =
                statement.query_map((value, id.unwrap_or(i64::MAX)), |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })
        .doing(doing)?;
    let mut said = None;
    let mut seen = BTreeSet::new();
    for (id, content) in earlier {
        if !seen.insert(content.clone()) {
            continue;
        }
        let said = said.get_or_insert_with(|| Said::of(received));
        if said.is_that_of(&Said::recorded(transaction, id)?) {
            return Ok(Some(content));
        }
    }
    Ok(None)
}

/// What a submission says, without the places where it does.
struct Said {
    /// What stands in its header about the form and the economy.
    header: BTreeSet<(String, ValueText)>,
    /// What stands there about people. It may have been removed since.
    contacts: BTreeSet<(String, ValueText)>,
    /// What was answered to each question, by its fields.
    responses: BTreeSet<(String, &'static str, ValueText)>,
    /// What was noticed while reading.
    findings: BTreeSet<(&'static str, &'static str, Option<String>)>,
}

/// A value as the store writes it.
type ValueText = String;

impl Said {
    fn of(received: &Received) -> Self {
        let text = |value: &CellValue| serde_json::to_string(value).unwrap_or_default();
        let mut said = Self::noticed(&received.findings);
        for header in &received.header {
            if !header.value.is_blank() {
                said.add_header(header.field, text(&header.value));
            }
        }
        said.responses = answered(&received.responses);
        said
    }

    /// The same of a submission that is recorded.
    fn recorded(transaction: &Connection, id: i64) -> Result<Self, StoreError> {
        let doing = "compare submissions";
        let texts = |sql: &str| -> Result<Vec<(String, String)>, StoreError> {
            transaction
                .prepare_cached(sql)
                .and_then(|mut statement| {
                    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get(1)?)))?;
                    rows.collect()
                })
                .doing(doing)
        };
        let findings = texts("SELECT '', finding FROM reading_findings WHERE submission = ?1")?;
        let findings: Result<Vec<Finding>, _> =
            findings.iter().map(|(_, finding)| serde_json::from_str(finding)).collect();
        let mut said = Self::noticed(&findings.map_err(|_| corrupt("what was noticed while reading"))?);
        let header = "SELECT field, value FROM headers WHERE submission = ?1
             UNION ALL SELECT field, value FROM contacts WHERE submission = ?1";
        for (field, value) in texts(header)? {
            let field = HeaderField::parse(&field).ok_or_else(|| corrupt("a header's field"))?;
            let is_blank = serde_json::from_str(&value).is_ok_and(|value: CellValue| value.is_blank());
            if !is_blank {
                said.add_header(field, value);
            }
        }
        for (_, list) in texts("SELECT '', list FROM response_lists WHERE submission = ?1")? {
            said.responses = answered(&responses_of(&list)?);
        }
        Ok(said)
    }

    fn noticed(findings: &[Finding]) -> Self {
        let noticed = |finding: &Finding| {
            let question = finding.question.as_ref().map(ToString::to_string);
            (finding.rule(), finding.severity.as_str(), question)
        };
        Self {
            header: BTreeSet::new(),
            contacts: BTreeSet::new(),
            responses: BTreeSet::new(),
            findings: findings.iter().map(noticed).collect(),
        }
    }

    fn add_header(&mut self, field: HeaderField, value: ValueText) {
        // Earlier versions of this program did not keep all that is only compared with.
        if matches!(field, HeaderField::OtherEconomy | HeaderField::Instance) {
            return;
        }
        let all = if field.is_personal() { &mut self.contacts } else { &mut self.header };
        all.insert((field.as_str().to_owned(), value));
    }

    /// Whether an earlier submission said this.
    fn is_that_of(&self, earlier: &Self) -> bool {
        (&self.header, &self.responses, &self.findings)
            == (&earlier.header, &earlier.responses, &earlier.findings)
            && (self.contacts == earlier.contacts || earlier.contacts.is_empty())
    }
}

/// What was answered; a column that nobody filled in says nothing.
fn answered(responses: &[Response]) -> BTreeSet<(String, &'static str, ValueText)> {
    let given = responses.iter().filter(|response| !response.value.is_blank());
    given
        .map(|response| {
            let value = serde_json::to_string(&response.value).unwrap_or_default();
            (response.question.clone(), response.field.as_str(), value)
        })
        .collect()
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
