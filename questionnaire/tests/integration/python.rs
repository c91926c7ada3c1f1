//! Other programs' view of our forms, through `form.py`.

use std::path::Path;
use std::process::Command;

use crate::office::skipped;

/// What `form.py` prints for these arguments. None where Python or its packages are missing and the tests do not
/// run for a decision.
pub(crate) fn form(arguments: &[&Path]) -> Option<serde_json::Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/integration/form.py");
    let is_there = Command::new("python3").args(["-c", "import lxml, pyxform"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        assert!(std::env::var_os("CI").is_none(), "python3 with lxml and pyxform is missing");
        skipped("python3 with lxml and pyxform is not installed");
        return None;
    }
    let output = Command::new("python3").arg(script).args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}
