//! What is written on demand: tables, questionnaires.

use super::Trial;
use crate::decisions::decide;
use crate::desk::Desk;

#[test]
fn each_exported_table_is_the_old_one_or_the_new_one() {
    let desk = Desk::with(&["KEN"]).returning();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let arguments = ["export", "--out", "export", "--format", "csv,parquet,sdmx"];
    let ran = desk.gtmi(&arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    decide(&desk, "1", "A. Reviewer");
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    Trial { writes: &["export"], ..Trial::new(desk, &arguments) }.survives();
}

#[test]
fn each_questionnaire_of_the_demonstration_is_whole_or_not_there() {
    let desk = Desk::with(&["KEN"]).returning();
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let arguments = ["demo", "--out", "made/demo", "--economy", "PER,SEN"];
    Trial { writes: &["made"], ..Trial::new(desk, &arguments) }.survives();
}
