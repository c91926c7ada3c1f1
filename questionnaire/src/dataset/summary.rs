//! The rows below the economies: counts by group, sums, means, the headings again, a footnote.

use maturity::framework::Framework;

use super::Value;

/// The summary and footer rows of a table of economies.
pub(super) fn rows(framework: &Framework, headings: &[String], economies: &[Vec<Value>]) -> Vec<Vec<Value>> {
    let composite = headings.iter().position(|heading| *heading == framework.composite.id.as_str());
    let scores: Vec<f64> = economies
        .iter()
        .filter_map(|row| match row.get(composite?) {
            Some(Value::Number(score)) => Some(*score),
            _ => None,
        })
        .collect();
    let mut rows = vec![Vec::new()];
    for group in &framework.groups {
        let members = || {
            scores.iter().filter(|score| framework.group(**score).is_some_and(|found| found.id == group.id))
        };
        let mean = mean(members().sum(), members().count());
        let count = Value::Number(size(members().count()));
        rows.push(vec![Value::Number(group.at_least), Value::text(&group.id), count, mean]);
    }
    let columns = |summary: fn(f64, usize) -> Value, label: &str| {
        let mut row = vec![Value::Blank, Value::Blank, Value::text(label)];
        for column in row.len()..headings.len() {
            let numbers: Vec<f64> = economies
                .iter()
                .filter_map(|economy| match economy.get(column) {
                    Some(Value::Number(number)) => Some(*number),
                    _ => None,
                })
                .collect();
            row.push(summary(numbers.iter().sum(), numbers.len()));
        }
        row
    };
    rows.push(columns(|sum, count| if count == 0 { Value::Blank } else { Value::Number(sum) }, "Sum"));
    rows.push(columns(mean, "Mean"));
    rows.push(headings.iter().map(|heading| Value::text(heading)).collect());
    rows.push(vec![Value::text(
        "Note: \"-\" stands for not applicable, no answer or no value; it is never zero.",
    )]);
    rows
}

fn mean(sum: f64, count: usize) -> Value {
    if count == 0 { Value::Blank } else { Value::Number(sum / size(count)) }
}

fn size(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
