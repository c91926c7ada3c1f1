//! A submission of an online form as a table of one row, the way the form's platform itself exports it. So it is
//! read by the same rules as an export that somebody sends.

use serde_json::Value;

/// The most bytes of all headings together; a form of a thousand questions has a hundredth of it. The name of a group
/// stands in the heading of everything in it, so a small answer could ask for any size.
const MOST_HEADINGS: usize = 4 * 1024 * 1024;

/// The row's headings and values: nested groups joined by `separator`. `keep` decides on fields at the top.
/// Lists (repeated groups, attachments) have no place in one row and are left out. Nothing where the headings are longer
/// than those of any form.
pub(crate) fn csv(row: &Value, separator: &str, keep: impl Fn(&str) -> bool) -> Option<Vec<u8>> {
    let mut cells = Vec::new();
    let mut left = MOST_HEADINGS;
    if let Value::Object(fields) = row {
        for (name, value) in fields.iter().filter(|(name, _)| keep(name)) {
            flatten(name.clone(), value, separator, &mut left, &mut cells)?;
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and both records have the same length.
    let _ = writer.write_record(cells.iter().map(|(heading, _)| heading.as_str()));
    let _ = writer.write_record(cells.iter().map(|(_, value)| value.as_str()));
    Some(writer.into_inner().unwrap_or_default())
}

fn flatten(
    name: String,
    value: &Value,
    separator: &str,
    left: &mut usize,
    cells: &mut Vec<(String, String)>,
) -> Option<()> {
    // Also of what has no cell: writing the name takes its time.
    *left = left.checked_sub(name.len())?;
    let text = match value {
        Value::Object(fields) => {
            for (inner, value) in fields {
                flatten(format!("{name}{separator}{inner}"), value, separator, left, cells)?;
            }
            return Some(());
        }
        Value::Array(_) => return Some(()),
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    cells.push((name, text));
    Some(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn groups_become_headings_and_lists_are_left_out() {
        let row = json!({
            "economy": "KEN", "cgsi": { "I_1": "2", "I_17_4": null, "deep": { "x": 1.5 } },
            "repeats": [{ "a": 1 }], "__system": { "edits": 0 }, "note": "a, \"b\""
        });
        let text = String::from_utf8(csv(&row, "-", |name| name != "__system").unwrap()).unwrap();
        assert_eq!(text, "cgsi-I_1,cgsi-I_17_4,cgsi-deep-x,economy,note\n2,,1.5,KEN,\"a, \"\"b\"\"\"\n");
    }
    #[test]
    fn headings_longer_than_those_of_any_form_are_given_up() {
        let fields =
            |value: Value| -> Value { (0..20_000).map(|at| (format!("a{at}"), value.clone())).collect() };
        let within = |length: usize, value: Value| json!({ "K".repeat(length): fields(value) });
        assert!(csv(&within(100, json!(1)), "/", |_| true).is_some());
        for value in [json!(1), json!([]), json!({})] {
            assert_eq!(csv(&within(1_000_000, value), "/", |_| true), None);
        }
    }
}
