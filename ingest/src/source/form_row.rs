//! A submission of an online form as a table of one row, the way the form's platform itself exports it. So it is
//! read by the same rules as an export that somebody sends.

use serde_json::Value;

/// The row's headings and values: nested groups joined by `separator`. `keep` decides on fields at the top.
/// Lists (repeated groups, attachments) have no place in one row and are left out.
pub(crate) fn csv(row: &Value, separator: &str, keep: impl Fn(&str) -> bool) -> Vec<u8> {
    let mut cells = Vec::new();
    if let Value::Object(fields) = row {
        for (name, value) in fields.iter().filter(|(name, _)| keep(name)) {
            flatten(name.clone(), value, separator, &mut cells);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and both records have the same length.
    let _ = writer.write_record(cells.iter().map(|(heading, _)| heading.as_str()));
    let _ = writer.write_record(cells.iter().map(|(_, value)| value.as_str()));
    writer.into_inner().unwrap_or_default()
}

fn flatten(name: String, value: &Value, separator: &str, cells: &mut Vec<(String, String)>) {
    let text = match value {
        Value::Object(fields) => {
            for (inner, value) in fields {
                flatten(format!("{name}{separator}{inner}"), value, separator, cells);
            }
            return;
        }
        Value::Array(_) => return,
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    cells.push((name, text));
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
        let text = String::from_utf8(csv(&row, "-", |name| name != "__system")).unwrap();
        assert_eq!(text, "cgsi-I_1,cgsi-I_17_4,cgsi-deep-x,economy,note\n2,,1.5,KEN,\"a, \"\"b\"\"\"\n");
    }
}
