//! What people type: options that every command takes, files that are not written over, and messages that say what to do.

use crate::desk::Desk;

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
