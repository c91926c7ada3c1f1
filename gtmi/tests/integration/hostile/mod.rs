//! Workbooks that are built to hurt, in one folder with honest ones, through the whole run: each is refused for a
//! reason that names what is wrong with it, and the honest ones are scored as if nothing else were there.

mod forged;
mod package;
mod texts;

use std::collections::BTreeMap;
use std::fs;

use crate::desk::Desk;
use forged::{Forged, all};

/// Whose honest questionnaires lie beside the hostile files.
const HONEST: [&str; 3] = ["KEN", "PER", "SEN"];

#[test]
fn hostile_workbooks_are_refused_one_by_one_and_the_honest_beside_them_are_scored() {
    let (desk, undisturbed) = (Desk::with(&HONEST).returning(), Desk::with(&HONEST).returning());
    let honest = fs::read(desk.path("inbox/PER.xlsx")).unwrap();
    let forged = all(&honest);
    assert!(forged.len() >= 30, "{}", forged.len());
    assert_eq!(undisturbed.gtmi(&["run"]).code, 0);
    for Forged { name, bytes, .. } in &forged {
        fs::write(desk.path("inbox").join(name), bytes).unwrap();
    }

    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 1, "{}", run.stderr);

    let outputs = desk.outputs();
    let mut refused = BTreeMap::new();
    for (_, bytes) in outputs.iter().filter(|(path, _)| path.starts_with("refused/")) {
        let record: serde_json::Value = serde_json::from_slice(bytes).unwrap();
        let text = |field: &str| record[field].as_str().unwrap_or_default().to_owned();
        let advice = text("what_to_do");
        assert!(advice.ends_with('.'), "{advice}");
        refused.insert(text("name"), (text("rule"), text("reason")));
    }
    for Forged { name, rule, says, .. } in &forged {
        let (found, reason) = refused.remove(*name).unwrap_or_else(|| panic!("{name} was not refused"));
        assert_eq!(found, *rule, "{name}: {reason}");
        assert!(reason.contains(says), "{name}: {reason}");
        assert!(run.stderr.contains(&format!("refused {name}")), "{name} is not told of\n{}", run.stderr);
    }
    assert!(refused.is_empty(), "{refused:?}");

    let reports = |outputs: &BTreeMap<String, Vec<u8>>| -> BTreeMap<String, Vec<u8>> {
        let all = outputs.iter().filter(|(path, _)| path.starts_with("reports/") || *path == "global.xlsx");
        all.map(|(path, bytes)| (path.clone(), bytes.clone())).collect()
    };
    let undisturbed = reports(&undisturbed.outputs());
    assert_eq!(undisturbed.len(), HONEST.len() + 1);
    assert!(undisturbed == reports(&outputs), "a hostile file changed the report of another");
}
