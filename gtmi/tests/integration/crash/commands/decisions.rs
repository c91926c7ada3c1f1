//! What reviewers decide: overrides, returns, approvals, tables of decisions, publications, names that are removed.

use std::fs;

use super::Trial;
use crate::decisions::{cover_cell, decide};
use crate::desk::Desk;
use crate::dirty::altered;

const BY: [&str; 4] = ["--by", "A. Reviewer", "--reason", "the platform is announced, not open"];

/// A desk at which Kenya's questionnaire was run; on its cover stands a name.
fn kenya() -> Desk {
    let desk = Desk::with(&["KEN"]);
    let (sheet, cell) = cover_cell(&desk, "contact-name");
    let named = altered(&desk, "KEN", &[(&sheet, &cell, "Wanjiku Respondent")]);
    fs::write(desk.path("inbox/KEN.xlsx"), named).unwrap();
    let ran = desk.gtmi(&["run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    desk
}

fn trial(desk: Desk, what: &[&str]) -> Trial {
    Trial::new(desk, &[what, &BY].concat())
}

#[test]
fn an_override_is_on_record_or_not() {
    trial(kenya(), &["review", "override", "KEN", "I-1", "--answer", "1"]).survives();
}

#[test]
fn a_return_is_on_record_or_not() {
    trial(kenya(), &["review", "return", "KEN"]).survives();
}

#[test]
fn an_approval_is_on_record_with_its_step_or_not() {
    trial(kenya(), &["review", "approve", "KEN"]).survives();
}

#[test]
fn what_is_undone_is_undone_or_not() {
    let desk = kenya();
    let id = decide(&desk, "1", "A. Reviewer");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    trial(desk, &["review", "undo", &id]).survives();
}

#[test]
fn a_table_of_decisions_is_taken_as_a_whole_or_not() {
    let desk = kenya();
    fs::write(
        desk.path("decisions.csv"),
        "economy,question,decision,answer,reason,reviewer\nKEN,I-1,override,1,announced only,A. Reviewer\n\
         KEN,I-2,override,0,not yet,B. Reviewer\nKEN,,return,,please attach the decree,A. Reviewer\n\
         KEN,I-99,override,0,no such question,A. Reviewer\n",
    )
    .unwrap();
    Trial::new(desk, &["review", "--from", "decisions.csv"]).survives();
}

#[test]
fn a_publication_is_on_record_with_its_steps_or_not() {
    let desk = kenya();
    assert_eq!(desk.gtmi(&[&["review", "approve", "KEN"], &BY[..]].concat()).code, 0);
    Trial::new(desk, &["publish", "--by", "C. Head"]).survives();
}

#[test]
fn who_is_to_be_forgotten_is_forgotten_in_the_end() {
    let desk = kenya();
    let held = |desk: &Desk| -> Vec<String> {
        let holds = |bytes: &[u8]| bytes.windows(7).any(|window| window == b"Wanjiku");
        desk.outputs().into_iter().filter(|(_, bytes)| holds(bytes)).map(|(path, _)| path).collect()
    };
    assert!(!held(&desk).is_empty(), "the store knows the name");
    Trial::new(desk, &["forget", "KEN"]).survives_and(&|desk, when| {
        assert_eq!(held(desk), Vec::<String>::new(), "{when}: the name is still there");
    });
}
