//! Rules and reviewers: the catalogue, and findings that are accepted until the answer changes.

use std::fs;

use crate::desk::{Desk, root};
use crate::dirty::altered;

#[test]
fn the_catalogue_of_rules_is_up_to_date() {
    let desk = Desk::empty();
    let rules = desk.gtmi(&["rules", "--out", "rules.md", "--json"]);
    assert_eq!(rules.code, 0, "{}", rules.stderr);
    let made = fs::read_to_string(desk.path("rules.md")).unwrap();
    let known = fs::read_to_string(root().join("docs/rules.md")).unwrap();
    assert!(made == known, "docs/rules.md is out of date: make it with `gtmi rules --out docs/rules.md`");
    for rule in rules.json().as_array().unwrap() {
        assert!(made.contains(&format!("### {}", rule["id"].as_str().unwrap())));
    }
}

#[test]
fn an_accepted_finding_is_settled_until_the_answer_changes() {
    let desk = Desk::empty();
    let whole = fs::read(root().join("examples/wave-2022/KEN.xlsx")).unwrap();
    fs::write(desk.path("inbox/KEN.xlsx"), &whole).unwrap();
    let broken = altered(&desk, "KEN", &[("CGSI", "D6", "Maybe")]);
    fs::write(desk.path("inbox/KEN.xlsx"), broken).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);

    let accept = |arguments: &[&str]| {
        let mut all = vec!["review", "accept"];
        all.extend(arguments);
        all.extend(["--by", "A. Reviewer", "--reason", "agreed by telephone"]);
        desk.gtmi(&all)
    };
    for (arguments, expected) in [
        (["KEN", "CHOICE-01", "I-1"], "did you mean \"CHOICE-001\"?"),
        (["KEN", "FILE-001", "I-1"], "cannot be accepted"),
        (["KEN", "CHOICE-001", "I-2"], "has no finding of CHOICE-001 about I-2 (it has some about: I-1)"),
        (["PER", "CHOICE-001", "I-1"], "nothing was received from PER"),
    ] {
        let wrong = accept(&arguments);
        assert_eq!(wrong.code, 2, "{}", wrong.stderr);
        assert!(wrong.stderr.contains(expected), "{}", wrong.stderr);
    }
    let accepted = accept(&["ken", "choice-001", "I-1"]);
    assert_eq!(accepted.code, 0, "{}", accepted.stderr);

    let run = desk.gtmi(&["run"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("1 accepted, 0 returned"), "{}", run.stderr);
    assert!(desk.gtmi(&["run"]).stderr.contains("nothing changed"));
    assert_eq!(desk.gtmi(&["export", "--out", "export"]).code, 0);
    let statuses: Vec<_> = desk
        .table("findings")
        .into_iter()
        .filter(|row| row["rule"] == "CHOICE-001")
        .map(|row| (row["question"].clone(), row["status"].clone()))
        .collect();
    assert_eq!(statuses, [("I-1".to_owned(), "accepted".to_owned())]);
    let listed = desk.gtmi(&["review", "list", "--json"]).json();
    assert_eq!((&listed[0]["holds"], &listed[0]["decision"]["by"]), (&true.into(), &"A. Reviewer".into()));

    // Another answer that is not understood is another finding.
    fs::write(desk.path("inbox/KEN.xlsx"), &whole).unwrap();
    fs::write(desk.path("inbox/KEN.xlsx"), altered(&desk, "KEN", &[("CGSI", "D6", "Perhaps")])).unwrap();
    assert_eq!(desk.gtmi(&["run"]).code, 1);
    assert_eq!(desk.gtmi(&["review", "list", "--json"]).json()[0]["holds"], false);
    assert_eq!(desk.gtmi(&["review", "withdraw", "KEN", "CHOICE-001", "I-1"]).code, 0);
    assert_eq!(desk.gtmi(&["review", "withdraw", "KEN", "CHOICE-001", "I-1"]).code, 2);
}
