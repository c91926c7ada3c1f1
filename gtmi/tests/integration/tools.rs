//! Other people's software that results are compared with.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Whether a program is there. On the machine that checks changes it must be: `.ci/run` installs it.
#[expect(clippy::print_stderr, reason = "a test that is passed over says so")]
pub(crate) fn is_there(program: &str, arguments: &[&str], what: &str) -> bool {
    let found = Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success());
    if !found {
        assert!(std::env::var_os("CI").is_none(), "{what} is missing: .ci/run installs it");
        eprintln!("skipped: {what} is not installed");
    }
    found
}

/// Both streams of a program's output, to show when it fails.
pub(crate) fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A certificate for `localhost` that nobody vouches for, and its key, made by openssl.
pub(crate) fn certificate(folder: &Path) -> (PathBuf, PathBuf) {
    let (certificate, key) = (folder.join("certificate.pem"), folder.join("key.pem"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", said(&made));
    (certificate, key)
}
