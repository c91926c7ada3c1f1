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
    (1..row.as_ref().column_count()).map(|column| value(row.get_ref(column).doing(DOING)?)).collect()
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

/// An indicator's id and its terms.
type Indicator = (String, Vec<Value>);

/// The rows of questions come behind that of their indicator.
fn pack_terms(transaction: &Transaction<'_>) -> Result<(), StoreError> {
    let mut rows = transaction
        .prepare(
            "SELECT wave, economy, level, id, answer, points, max_points, status FROM scores
             WHERE level IN ('indicator', 'question') ORDER BY wave, economy, seq",
        )
        .doing(DOING)?;
    let mut write = transaction
        .prepare("INSERT INTO term_lists (wave, economy, list) VALUES (?1, ?2, ?3)")
        .doing(DOING)?;
    let mut rows = rows.query([]).doing(DOING)?;
    let mut packed: Option<((i64, String), Vec<Indicator>)> = None;
    while let Some(row) = rows.next().doing(DOING)? {
        let of: (i64, String) = (row.get(0).doing(DOING)?, row.get(1).doing(DOING)?);
        if let Some(((wave, economy), list)) = packed.take_if(|(last, _)| *last != of) {
            write.execute((wave, economy, json(&list)?)).doing(DOING)?;
        }
        let (_, list) = packed.get_or_insert((of, Vec::new()));
        if row.get_ref(2).doing(DOING)? == ValueRef::Text(b"indicator") {
            list.push((row.get(3).doing(DOING)?, Vec::new()));
        } else if let Some((_, terms)) = list.last_mut() {
            let answer: String = row.get(4).doing(DOING)?;
            let answer: Value = serde_json::from_str(&answer).map_err(|_| corrupt("a term's answer"))?;
            let mut term = vec![value(row.get_ref(3).doing(DOING)?)?, answer];
            for column in 5..8 {
                term.push(value(row.get_ref(column).doing(DOING)?)?);
            }
            terms.push(term.into());
        }
    }
    if let Some(((wave, economy), list)) = packed {
        write.execute((wave, economy, json(&list)?)).doing(DOING)?;
    }
    Ok(())
}

fn json(list: &[Indicator]) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|_| corrupt("terms"))
}
