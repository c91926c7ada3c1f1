//! Telling people: letters to a real mail server in a process of its own, messages to a webhook, summaries.

mod exports;
mod letters;
mod offices;
mod outbox;
mod summary;
mod webhook;

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::desk::{Desk, root};
use crate::dirty::altered;
use crate::tools::is_there;

/// Whether the mail server can be started here.
pub(crate) fn mail_server_is_there() -> bool {
    is_there("python3", &["-c", "import aiosmtpd"], "aiosmtpd")
        && is_there("openssl", &["version"], "openssl")
}

/// The mail server; it ends with the value.
pub(crate) struct MailServer {
    process: Child,
    pub(crate) port: u16,
    folder: TempDir,
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A letter that the server took.
#[derive(Debug)]
struct Taken {
    told: Value,
    /// As it came.
    text: String,
}

impl MailServer {
    pub(crate) fn start(arguments: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let script = root().join("gtmi/tests/integration/notify/mail_server.py");
        let mut process = Command::new("python3")
            .arg(script)
            .arg(folder.path())
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self { port: line.trim().parse().expect("the port of the mail server"), process, folder }
    }

    fn letters(&self) -> Vec<Taken> {
        let mut names: Vec<PathBuf> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
            .collect();
        names.sort();
        let read = |path: PathBuf| Taken {
            told: serde_json::from_slice(&fs::read(&path).unwrap()).unwrap(),
            text: String::from_utf8(fs::read(path.with_extension("eml")).unwrap()).unwrap(),
        };
        names.into_iter().map(read).collect()
    }

    /// Forgets the letters so far.
    pub(crate) fn clear(&self) {
        for entry in fs::read_dir(self.folder.path()).unwrap() {
            fs::remove_file(entry.unwrap().path()).unwrap();
        }
    }

    /// Who got letters, in the order in which they came.
    pub(crate) fn recipients(&self) -> Vec<String> {
        self.letters().iter().map(|letter| letter.told["to"][0].as_str().unwrap().to_owned()).collect()
    }
}

/// What Python's mail library makes of a letter: subject, plain text, HTML, and the name and SHA-256 of each file.
fn understood(letter: &str) -> Value {
    let program = "import email, email.policy, hashlib, json, sys
mail = email.message_from_bytes(sys.stdin.buffer.read(), policy=email.policy.default)
files = [[part.get_filename(), hashlib.sha256(part.get_content()).hexdigest()] for part in mail.iter_attachments()]
print(json.dumps({'subject': mail['subject'], 'from': mail['from'], 'to': mail['to'], 'headers': mail.keys(),
  'defects': [str(defect) for part in mail.walk() for defect in part.defects],
  'text': mail.get_body(('plain',)).get_content(), 'html': mail.get_body(('html',)).get_content(), 'files': files}))";
    let mut child = Command::new("python3")
        .args(["-c", program])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), letter.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{letter}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A desk at which Kenya is accepted, Peru is returned, and a file is refused, in one run.
pub(crate) fn desk() -> Desk {
    let desk = Desk::empty().returning();
    assert_eq!(desk.gtmi(&["demo", "--out", "inbox", "--economy", "KEN,PER"]).code, 0);
    let broken = altered(&desk, "PER", &[("CGSI", "D6", "no answer at all")]);
    fs::write(desk.path("inbox/PER.xlsx"), broken).unwrap();
    fs::write(desk.path("inbox/notes.xlsx"), "no workbook").unwrap();
    desk
}

/// A port of this machine at which nobody listens.
fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Adds to the configuration of a desk.
pub(crate) fn configure(desk: &Desk, addition: &str) {
    let text = fs::read_to_string(desk.path("pipeline.toml")).unwrap();
    fs::write(desk.path("pipeline.toml"), format!("{text}\n{addition}\n")).unwrap();
}

/// The section for a mail server without encryption on this machine.
pub(crate) fn plain_mail(port: u16, more: &str) -> String {
    format!(
        "[notify.mail]\nserver = \"127.0.0.1\"\nport = {port}\nsecurity = \"none\"\n\
         from = \"survey@ministry.example\"\nfrom_name = \"Équipe de l'enquête\"\n{more}"
    )
}

pub(crate) fn focal_points(desk: &Desk, rows: &str) {
    fs::write(desk.path("focal-points.csv"), format!("economy,address,language\n{rows}")).unwrap();
}

/// Number, address and state of every message.
pub(crate) fn listed(desk: &Desk) -> Vec<(String, String)> {
    let rows = desk.gtmi(&["notify", "--list", "--json"]).json();
    let field = |row: &Value, name: &str| row[name].as_str().unwrap().to_owned();
    rows.as_array().unwrap().iter().map(|row| (field(row, "address"), field(row, "state"))).collect()
}

fn sha256_of(path: &Path) -> String {
    let output = Command::new("sha256sum").arg(path).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().next().unwrap().to_owned()
}
