//! The description of the tables as a Data Package, version 2.

use pipeline::Context;
use pipeline::durable::Written;
use serde_json::{Map, Value, json};

use super::table::{Column, Definition, Type};

/// A file that was written, as the package lists it.
pub(super) struct Listed<'a> {
    pub(super) path: &'a str,
    pub(super) definition: &'a Definition,
    pub(super) content: Written,
}

impl Listed<'_> {
    /// A CSV file, which programs that know Data Packages read and check as a table. `tables` are the names of
    /// the tables that it can refer to.
    pub(super) fn table(&self, tables: &[&str]) -> Value {
        let mut resource = self.file(self.definition.name, "csv", "text/csv");
        resource.insert("type".to_owned(), json!("table"));
        resource.insert("encoding".to_owned(), json!("utf-8"));
        resource.insert("schema".to_owned(), schema(self.definition, tables));
        resource.into()
    }

    /// A Parquet file. It describes its columns itself, and validators of the standard read tables as text, so
    /// it is listed as a file, with its size and hash.
    pub(super) fn parquet(&self) -> Value {
        // One name for each file: names in a package must differ.
        let name = format!("{}-parquet", self.definition.name);
        let mut resource = self.file(&name, "parquet", "application/vnd.apache.parquet");
        resource.insert("type".to_owned(), json!("file"));
        resource.into()
    }

    fn file(&self, name: &str, format: &str, mediatype: &str) -> Map<String, Value> {
        let resource = json!({
            "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
            "name": name,
            "title": self.definition.title,
            "path": self.path,
            "format": format,
            "mediatype": mediatype,
            "bytes": self.content.bytes,
            "hash": format!("sha256:{}", self.content.hash),
        });
        match resource {
            Value::Object(resource) => resource,
            _ => Map::new(),
        }
    }
}

fn schema(definition: &Definition, tables: &[&str]) -> Value {
    let fields: Vec<Value> = definition
        .columns
        .iter()
        .map(|column| field(column, definition.unique && definition.order.contains(&&*column.name)))
        .collect();
    let mut schema = json!({
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": fields,
        "missingValues": [""],
    });
    if definition.unique {
        schema["primaryKey"] = json!(definition.order);
    }
    let references: Vec<Value> = definition
        .references
        .iter()
        .filter(|reference| tables.contains(&reference.table))
        .map(|reference| {
            // A table that refers to itself has the empty name.
            let table = if reference.table == definition.name { "" } else { reference.table };
            json!({
                "fields": reference.columns,
                "reference": { "resource": table, "fields": reference.table_columns },
            })
        })
        .collect();
    if !references.is_empty() {
        schema["foreignKeys"] = json!(references);
    }
    schema
}

fn field(column: &Column, in_key: bool) -> Value {
    let kind = match column.kind {
        Type::Text => "string",
        Type::Integer => "integer",
        Type::Number => "number",
        Type::Boolean => "boolean",
        Type::Time => "datetime",
    };
    let mut field = json!({ "name": column.name, "type": kind, "description": column.meaning });
    let mut constraints = Map::new();
    if column.required || in_key {
        constraints.insert("required".to_owned(), json!(true));
    }
    if !column.values.is_empty() {
        constraints.insert("enum".to_owned(), json!(column.values));
    }
    if !constraints.is_empty() {
        field["constraints"] = constraints.into();
    }
    field
}

/// The description of the package.
pub(super) fn package(context: &Context, resources: &[Value]) -> Value {
    let framework = &context.framework;
    // Whose figures the scores are computed with.
    let sources: Vec<Value> = context
        .external_indices
        .uses()
        .filter_map(|external| {
            let edition = external.edition.as_ref()?;
            let source = edition.source.clone().unwrap_or_else(|| external.index.clone());
            Some(json!({ "title": format!("{}: {source}", external.index), "version": edition.year.to_string() }))
        })
        .collect();
    let mut package = json!({
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": framework.id,
        "title": framework.title.get(&context.config.language),
        "version": framework.version,
        // The date of the wave and not of the export: equal content has equal bytes.
        "created": format!("{}T00:00:00Z", framework.as_of),
        "resources": resources,
    });
    if !sources.is_empty() {
        package["sources"] = json!(sources);
    }
    package
}
