//! `submissions`: everything that was received.

use maturity::economy::EconomyCode;
use maturity::submission::Layout;

use super::super::ExportError;
use super::super::table::{Column, Definition, Row, Value};
use super::{Sources, Table, economy_column};

fn definition() -> Definition {
    Definition {
        name: "submissions",
        title: "Everything that was received",
        columns: vec![
            Column::integer("wave", "Year of the wave, once it is known"),
            economy_column(),
            Column::text("sha256", "SHA-256 of the file").required(),
            Column::text("name", "Name of the file"),
            Column::text("source", "Source the file came from"),
            Column::time("received_at", "When it was received, UTC").required(),
            Column::text("layout", "How the answers are arranged")
                .required()
                .one_of(&Layout::ALL.map(Layout::as_str)),
            Column::text("language", "Language of the questionnaire"),
            Column::text("state", "Where it stands").required(),
        ],
        order: &["wave", "economy", "received_at", "sha256"],
        unique: false,
        // An economy of an earlier wave may have left the table of economies since.
        references: &[],
    }
}

pub(super) fn table<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    Table::whole(definition(), || rows(sources))
}

fn rows<'s>(sources: &'s Sources<'_>) -> Result<Vec<Row<'s>>, ExportError> {
    let mut rows = Vec::new();
    for row in sources.submissions.values() {
        let received_at = row.received_at.parse().map_err(|source| ExportError::Time {
            name: row.name.clone(),
            found: row.received_at.clone(),
            source,
        })?;
        rows.push(vec![
            Value::Integer(row.wave.map(|wave| i64::from(wave.0))),
            Value::maybe(row.economy.as_ref().map(EconomyCode::as_str)),
            Value::text(&row.sha256),
            Value::text(&row.name),
            Value::text(&row.source),
            Value::Time(Some(received_at)),
            Value::text(row.layout.as_str()),
            Value::maybe(row.language.as_deref()),
            Value::text(row.state.as_str()),
        ]);
    }
    Ok(rows)
}
