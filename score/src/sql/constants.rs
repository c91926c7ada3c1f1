//! The framework's numbers as rows of values.

use super::dialect::{Dialect, number};
use super::values::Values;

/// Rows as a table with typed columns: engines guess the types of bare values differently.
fn table(dialect: Dialect, columns: &[&str], numbers: &[&str], rows: &[Vec<String>]) -> String {
    let selected: Vec<String> = columns
        .iter()
        .map(|column| {
            if numbers.contains(column) {
                format!("CAST({column} AS {}) AS {column}", dialect.double())
            } else {
                (*column).to_owned()
            }
        })
        .collect();
    let rows: Vec<String> = rows.iter().map(|row| format!("        ({})", row.join(", "))).collect();
    format!(
        "    SELECT {}\n    FROM (VALUES\n{}\n    ) AS rows_of_values ({})",
        selected.join(", "),
        rows.join(",\n"),
        columns.join(", ")
    )
}

fn boolean(value: bool) -> String {
    if value { "TRUE" } else { "FALSE" }.to_owned()
}

/// The scored questions.
pub(super) fn items(dialect: Dialect, values: &Values) -> String {
    let rows: Vec<Vec<String>> = values
        .items
        .iter()
        .map(|item| {
            vec![
                dialect.literal(item.question.as_str()),
                dialect.literal(item.unit.as_str()),
                dialect.literal(item.found.as_str()),
                number(item.max_points),
                boolean(item.stays),
            ]
        })
        .collect();
    table(dialect, &["question", "unit", "found", "max_points", "stays"], &["max_points"], &rows)
}

/// The points of choices.
pub(super) fn worths(dialect: Dialect, values: &Values) -> String {
    let rows: Vec<Vec<String>> = values
        .worths
        .iter()
        .map(|worth| {
            vec![dialect.literal(worth.question.as_str()), dialect.literal(&worth.code), number(worth.points)]
        })
        .collect();
    table(dialect, &["question", "code", "points"], &["points"], &rows)
}

/// The scales of external indices.
pub(super) fn scales(dialect: Dialect, values: &Values) -> String {
    let rows: Vec<Vec<String>> = values
        .scales
        .iter()
        .map(|scale| {
            vec![
                dialect.literal(scale.question.as_str()),
                dialect.literal(&scale.index),
                number(scale.points),
                number(scale.low),
                number(scale.high),
            ]
        })
        .collect();
    let columns = ["question", "external_index", "points", "low", "high"];
    table(dialect, &columns, &["points", "low", "high"], &rows)
}

/// The lowest level of sums. One of which nothing is scored has no weight: it is no part of a mean.
pub(super) fn units(dialect: Dialect, values: &Values) -> String {
    let rows: Vec<Vec<String>> = values
        .units
        .iter()
        .map(|unit| {
            vec![
                dialect.literal(unit.id.as_str()),
                dialect.literal(unit.node.as_str()),
                number(unit.max_points),
                unit.asked.to_string(),
                unit.external.to_string(),
                if unit.asked == 0 { "NULL".to_owned() } else { number(unit.weight) },
                number(unit.factor),
                boolean(unit.is_number),
            ]
        })
        .collect();
    let columns = ["unit", "node", "max_points", "asked", "external", "weight", "factor", "is_number"];
    table(dialect, &columns, &["max_points", "weight", "factor"], &rows)
}

/// The subindexes and the composite.
pub(super) fn nodes(dialect: Dialect, values: &Values) -> String {
    let text = |text: &str| dialect.literal(text);
    let rows: Vec<Vec<String>> = values
        .nodes
        .iter()
        .map(|node| {
            vec![
                text(node.id.as_str()),
                node.height.to_string(),
                node.parent.as_ref().map_or_else(|| "NULL".to_owned(), |parent| text(parent.as_str())),
                number(node.weight),
                text(node.method.as_str()),
                boolean(node.rescale),
                number(node.least),
            ]
        })
        .collect();
    let columns = ["node", "height", "parent", "weight", "method", "rescale", "least"];
    table(dialect, &columns, &["weight", "least"], &rows)
}
