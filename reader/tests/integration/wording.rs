//! Every reason that the gate can give exists in the languages of the respondents.

use std::fs;
use std::path::Path;

use maturity::fragment;

/// The texts that are handed to the makers of refusals, gaps and all, as they stand in the source.
fn reasons(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap();
    let mut found = Vec::new();
    for maker in [
        "damaged(",
        "unreadable(",
        "too_large(",
        "not_workbook(",
        "other_kind(",
        "reason: ",
        "let why = ",
        "let found = ",
    ] {
        for after in code.split(maker).skip(1) {
            let start = after.trim_start().trim_start_matches("format!(").trim_start();
            if let Some(literal) = start.strip_prefix('"') {
                // No reason holds a quotation mark of its own.
                found.push(literal.split('"').next().unwrap().to_owned());
            }
        }
    }
    found
}

#[test]
fn every_reason_exists_in_all_languages() {
    let mut seen = 0;
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let folders = ["", "ods", "worker", "xlsx"].map(|folder| fs::read_dir(source.join(folder)).unwrap());
    for entry in folders.into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "rs") {
            continue;
        }
        for reason in reasons(&fs::read_to_string(&path).unwrap()) {
            assert!(
                fragment::is_known(&reason) || reason == "xlsb" || reason == "SYLK (slk)",
                "{}: {reason:?}",
                path.display()
            );
            seen += 1;
        }
    }
    assert!(seen > 90, "only {seen} reasons were found; does the test still see them?");
}
