//! `LibreOffice`, driven by the project's own script, for what only a spreadsheet program can show.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::desk::root;
use crate::tools::{is_there, said};

/// Fills in a workbook with `scripts/fill.py`. False where `LibreOffice` or its Python bridge is missing and the
/// tests do not run for a decision.
pub(crate) fn fill(workbook: &Path, out: &Path, arguments: &[&str]) -> bool {
    let Some(python) = python() else {
        assert!(std::env::var_os("CI").is_none(), "soffice or python3-uno is missing: install both");
        return false;
    };
    let output = Command::new(python)
        .arg(root().join("scripts/fill.py"))
        .arg(workbook)
        .arg("--out")
        .arg(out)
        .arg("--framework")
        .arg(root().join("frameworks/gtmi-2022"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "fill.py: {}", String::from_utf8_lossy(&output.stderr));
    true
}

/// A Python that can speak to `LibreOffice`: the system's own, since the bridge is a system package.
fn python() -> Option<&'static str> {
    Command::new("soffice").arg("--version").output().ok()?;
    ["/usr/bin/python3", "python3"].into_iter().find(|python| {
        let bridge = Command::new(python).args(["-c", "import uno"]).output();
        bridge.is_ok_and(|output| output.status.success())
    })
}

/// Workbooks as `LibreOffice` saves them after opening them, in the folder `out`. False where the program is missing
/// and the tests do not run for a decision.
pub(crate) fn resaved(workbooks: &[PathBuf], out: &Path) -> bool {
    saved_as("xlsx:Calc MS Excel 2007 XML", workbooks, out)
}

/// The same in another format.
pub(crate) fn saved_as(format: &str, workbooks: &[PathBuf], out: &Path) -> bool {
    if !is_there("soffice", &["--version"], "LibreOffice") {
        return false;
    }
    let profile = tempfile::tempdir().unwrap();
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.path().display()))
        .args(["--headless", "--convert-to", format, "--outdir"])
        .arg(out)
        .args(workbooks)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", said(&output));
    true
}
