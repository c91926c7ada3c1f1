//! `LibreOffice`, for what only a spreadsheet program can show.

use std::fs;
use std::process::Command;

/// Recalculate what was not saved by `LibreOffice` itself: files of libraries hold no results.
const ALWAYS_RECALCULATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

/// The workbook as `LibreOffice` saves it after computing everything. None where the program is missing and the
/// tests do not run for a decision.
pub(crate) fn recalculated(workbook: &[u8]) -> Option<Vec<u8>> {
    converted(workbook, "xlsx", "xlsx:Calc MS Excel 2007 XML")
}

/// The workbook as `LibreOffice` saves it in another format, everything computed.
pub(crate) fn converted(workbook: &[u8], from: &str, to: &str) -> Option<Vec<u8>> {
    if Command::new("soffice").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "soffice is missing: install LibreOffice Calc");
        skipped("soffice is not installed");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    let profile = folder.path().join("profile");
    fs::create_dir_all(profile.join("user")).unwrap();
    fs::write(profile.join("user/registrymodifications.xcu"), ALWAYS_RECALCULATE).unwrap();
    let source = folder.path().join(format!("book.{from}"));
    fs::write(&source, workbook).unwrap();
    let out = folder.path().join("out");
    let output = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to", to, "--outdir"])
        .arg(&out)
        .arg(&source)
        .output()
        .unwrap();
    let extension = to.split(':').next().unwrap_or(to);
    let converted = fs::read(out.join(format!("book.{extension}")));
    Some(converted.unwrap_or_else(|_| panic!("soffice: {}", String::from_utf8_lossy(&output.stderr))))
}

/// Says that a test was passed over, which only happens where no decision hangs on it.
#[expect(clippy::print_stderr, reason = "the one place where tests speak to people")]
pub(crate) fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}
