//! `LibreOffice` saves the workbooks again, as senders' programs do.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use tempfile::TempDir;

/// The formats that workbooks come back in.
pub(crate) const FORMATS: [&str; 3] = ["xlsx", "ods", "xls"];

/// No picture of the first page in an ods: making it takes as long as half of the rest.
const NO_THUMBNAILS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Save/Document"><prop oor:name="GenerateThumbnail" oor:op="fuse"><value>false</value></prop></item>
</oor:items>
"#;

/// Workbooks as `LibreOffice` saved them.
pub(crate) struct Saved {
    folder: TempDir,
}

impl Saved {
    /// Saves all workbooks in all formats, one call a format, side by side. Without `LibreOffice` there is nothing to compare:
    /// a failure where everything has to be checked, and said on a developer's machine.
    #[expect(clippy::print_stderr, reason = "a developer should know what was not tested")]
    pub(crate) fn by_libreoffice<'a>(workbooks: impl Iterator<Item = (String, &'a [u8])>) -> Option<Self> {
        let present =
            Command::new("soffice").arg("--version").output().is_ok_and(|done| done.status.success());
        if !present {
            assert!(std::env::var_os("CI").is_none(), "soffice is missing");
            eprintln!("skipped what needs LibreOffice: soffice is missing");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let written = folder.path().join("written");
        fs::create_dir(&written).unwrap();
        let mut files: Vec<PathBuf> = Vec::new();
        for (name, bytes) in workbooks {
            files.push(written.join(format!("{name}.xlsx")));
            fs::write(files.last().unwrap(), bytes).unwrap();
        }
        thread::scope(|scope| {
            let (folder, files) = (folder.path(), &files);
            let calls = FORMATS.map(|format| scope.spawn(move || convert(folder, files, format)));
            for call in calls {
                call.join().unwrap();
            }
        });
        Some(Self { folder })
    }

    /// The bytes of a workbook in a format.
    pub(crate) fn file(&self, name: &str, format: &str) -> Vec<u8> {
        let path = self.folder.path().join(format).join(format!("{name}.{format}"));
        fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

/// One call of `LibreOffice`, with a profile of its own so that calls do not wait for each other.
fn convert(folder: &Path, files: &[PathBuf], format: &str) {
    let profile = folder.join(format!("profile-{format}"));
    fs::create_dir_all(profile.join("user")).unwrap();
    fs::write(profile.join("user/registrymodifications.xcu"), NO_THUMBNAILS).unwrap();
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to", format, "--outdir"])
        .arg(folder.join(format))
        .args(files)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}
