//! Rows of responses, answers and terms become the lists that took their place. In code, so that what writes a number's
//! digits is what will read them: every bit stays.

use rusqlite::types::ValueRef;
use rusqlite::{Row, Transaction};
use serde_json::Value;

use crate::database::{Doing, StoreError};
use crate::rows::corrupt;

const DOING: &str = "pack rows into lists";

/// Packs all rows; they themselves stay.
pub(super) fn pack(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    for (lists, columns) in [
        ("response", "question, field, kind, text, number, formula, sheet, cell"),
        ("answer", "question, kind, code, number, text, missing, evidence, sheet, cell"),
    ] {
        let rows = format!("SELECT submission, {columns} FROM {lists}s ORDER BY submission, seq");
        let list = format!("INSERT INTO {lists}_lists (submission, list) VALUES (?1, ?2)");
        let mut rows = transaction.prepare(&rows).doing(DOING)?;
        let mut write = transaction.prepare(&list).doing(DOING)?;
        let mut rows = rows.query([]).doing(DOING)?;
        // One list at a time is in memory.
        let mut packed: Option<(i64, Vec<Value>)> = None;
        while let Some(row) = rows.next().doing(DOING)? {
            let submission: i64 = row.get(0).doing(DOING)?;
            if let Some((done, list)) = packed.take_if(|(last, _)| *last != submission) {
                write.execute((done, Value::from(list).to_string())).doing(DOING)?;
            }
            let (_, list) = packed.get_or_insert((submission, Vec::new()));
            list.push(item(row)?);
        }
        if let Some((done, list)) = packed {
            write.execute((done, Value::from(list).to_string())).doing(DOING)?;
        }
    }
    pack_terms(transaction)
}

/// The columns of a row behind its first, which says whose it is.
fn item(row: &Row<'_>) -> Result<Value, StoreError> {
    let columns = row.as_ref().column_count();
    (1..columns).map(|column| value(row.get_ref(column).doing(DOING)?)).collect()
}

fn value(column: ValueRef<'_>) -> Result<Value, StoreError> {
    Ok(match column {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        ValueRef::Text(text) => str::from_utf8(text).map_err(|_| corrupt("a text"))?.into(),
        ValueRef::Blob(_) => return Err(corrupt("a text")),
    })
}

/// The rows of questions come behind that of their indicator.
fn pack_terms(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut indicators = transaction
        .prepare(
            "SELECT wave, economy, seq FROM scores WHERE level = 'indicator' ORDER BY wave, economy, seq",
        )
        .doing(DOING)?;
    let mut terms = transaction
        .prepare(
            "SELECT level, id, answer, points, max_points, status FROM scores
             WHERE wave = ?1 AND economy = ?2 AND seq > ?3 ORDER BY seq",
        )
        .doing(DOING)?;
    let mut write = transaction
        .prepare("UPDATE scores SET terms = ?4 WHERE wave = ?1 AND economy = ?2 AND seq = ?3")
        .doing(DOING)?;
    // Collected first: what is walked is changed.
    let indicators: Vec<(i64, String, i64)> = indicators
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .doing(DOING)?;
    for (wave, economy, seq) in indicators {
        let mut list = Vec::new();
        let mut rows = terms.query((wave, &economy, seq)).doing(DOING)?;
        while let Some(row) = rows.next().doing(DOING)? {
            if row.get_ref(0).doing(DOING)? != ValueRef::Text(b"question") {
                break;
            }
            let mut item = item(row)?;
            if let Some(answer) = item.get_mut(1) {
                let text = answer.as_str().unwrap_or_default();
                *answer = serde_json::from_str(text).map_err(|_| corrupt("a term's answer"))?;
            }
            list.push(item);
        }
        write.execute((wave, economy, seq, Value::from(list).to_string())).doing(DOING)?;
    }
    Ok(())
}
