//! What people type: options that every command takes, files that are not written over, and messages that say what to do.

use crate::desk::{Desk, Ran};
use crate::other_indices::asem;

/// Exit 2, and the message.
fn assert_usage(ran: &Ran, expected: &str) {
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains(expected), "{expected}\n--- is not in\n{}", ran.stderr);
}

#[test]
fn every_command_tells_the_version() {
    let desk = Desk::empty();
    for command in
        [&["run"][..], &["status"], &["review", "override"], &["framework", "check"], &["schedule"]]
    {
        let ran = desk.gtmi(&[command, &["--version"]].concat());
        assert_eq!(ran.code, 0, "{command:?}: {}", ran.stderr);
        assert!(ran.stdout.contains(env!("CARGO_PKG_VERSION")), "{command:?}: {}", ran.stdout);
    }
}

#[test]
fn variables_reach_into_sections_that_the_file_does_not_have() {
    let desk = Desk::with(&["KEN"]);
    let with = |variable: &str, value: &str, arguments: &[&str]| {
        std::process::Command::new(env!("CARGO_BIN_EXE_gtmi"))
            .args(arguments)
            .current_dir(desk.path(""))
            .env(variable, value)
            .output()
            .unwrap()
    };
    let external = with("GTMI_EXTERNAL__TII__EDITION", "2022", &["external"]);
    let said = String::from_utf8_lossy(&external.stderr).into_owned();
    assert!(external.status.success() && said.contains("TII 2022, pinned"), "{said}");
    let wrong = with("GTMI_COMPARATORS__PINN", "may", &["status"]);
    let said = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert_eq!(wrong.status.code(), Some(2));
    assert!(said.contains("GTMI_COMPARATORS__PINN: unknown field `pinn`"), "{said}");
    assert!(said.contains("did you mean \"pin\"?"), "{said}");
}

#[test]
fn an_index_without_groups_says_so() {
    let desk = asem();
    assert_eq!(desk.gtmi(&["demo", "--dataset", "--out", "inbox"]).code, 0);
    assert_eq!(desk.gtmi(&["run"]).code, 0);
    let raise = desk.gtmi(&["raise", "AUT"]);
    assert!(
        raise.code == 0 && raise.stderr.contains("this index has no maturity groups"),
        "{}",
        raise.stderr
    );
    assert!(!raise.stderr.contains("reached already"), "{}", raise.stderr);
    assert_usage(&desk.gtmi(&["raise", "AUT", "--to", "A"]), "this index has no maturity groups");
}
