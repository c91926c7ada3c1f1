//! The description of the tables as a Data Package, version 2.

use pipeline::Context;
use serde_json::{Value, json};

use super::table::{Table, Type};

/// The description of one table.
pub(super) fn resource(table: &Table, bytes: usize, sha256: &str) -> Value {
    let fields: Vec<Value> = table
        .columns
        .iter()
        .map(|column| {
            let kind = match column.kind {
                Type::Text => "string",
                Type::Integer => "integer",
                Type::Number => "number",
            };
            json!({ "name": column.name, "type": kind, "description": column.meaning })
        })
        .collect();
    let mut schema = json!({ "fields": fields, "missingValues": [""] });
    if !table.key.is_empty() {
        schema["primaryKey"] = json!(table.key);
    }
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
        "name": table.name,
        "title": table.title,
        "type": "table",
        "path": format!("{}.csv", table.name),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": bytes,
        "hash": format!("sha256:{sha256}"),
        "schema": schema,
    })
}

/// The description of the package.
pub(super) fn package(context: &Context, resources: &[Value]) -> Value {
    let framework = &context.framework;
    json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": framework.id,
        "title": framework.title.get(&context.config.language),
        "version": framework.version,
        // The date of the wave and not of the export: equal content has equal bytes.
        "created": format!("{}T00:00:00Z", framework.as_of),
        "resources": resources,
    })
}
