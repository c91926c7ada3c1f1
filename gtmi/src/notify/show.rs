//! What would be sent to whom, to the byte.

use std::fs;
use std::path::Path;
use std::time::SystemTime;

use notice::{SIGNATURE, TIMESTAMP};
use pipeline::hash::sha256;
use pipeline::stage::Failure;
use pipeline::{Context, durable};
use post::DELIVERY;
use serde::Serialize;
use store::{Message, Store};

use super::send::{self, WAITING};
use crate::say::{Tone, Voice};

/// A message that would be sent.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    number: i64,
    way: String,
    occasion: String,
    economy: Option<String>,
    to: String,
    language: Option<String>,
    subject: Option<String>,
    headers: String,
    text: String,
    attachment: Option<ShownFile>,
    /// The size of the whole message.
    bytes: usize,
    /// Why it cannot be sent as it is.
    problem: Option<String>,
}

#[derive(Debug, Serialize)]
struct ShownFile {
    path: String,
    bytes: usize,
    sha256: String,
}

/// Shows every message that waits; with `out`, writes each to a file that mail programs open.
pub(super) fn show(
    context: &Context,
    store: &Store,
    voice: Voice,
    out: Option<&Path>,
) -> Result<Vec<Shown>, Failure> {
    let mut all = Vec::new();
    let open = store.open_messages(context.framework.wave).map_err(Failure::stage)?;
    let returns = send::returns(context, store, &open)?;
    for row in open.iter().filter(|row| row.state == WAITING) {
        let (shown, bytes) = match row.message.way.as_str() {
            "mail" => letter(context, row, returns.get(&row.number)),
            _ => message(context, row),
        };
        say(voice, &shown);
        if let Some(folder) = out.filter(|_| shown.problem.is_none()) {
            let extension = if shown.way == "mail" { "eml" } else { "json" };
            let path = folder.join(format!("{:05}.{extension}", shown.number));
            durable::write(&path, &bytes).map_err(Failure::stage)?;
        }
        all.push(shown);
    }
    if all.is_empty() {
        voice.line("no message would be sent");
    }
    Ok(all)
}

fn shown(row: &Message) -> Shown {
    Shown {
        number: row.number,
        way: row.message.way.clone(),
        occasion: row.message.occasion.clone(),
        economy: row.message.economy.as_ref().map(ToString::to_string),
        to: row.message.address.clone(),
        language: None,
        subject: None,
        headers: String::new(),
        text: String::new(),
        attachment: None,
        bytes: 0,
        problem: None,
    }
}

fn letter(context: &Context, row: &Message, attached: Option<&String>) -> (Shown, Vec<u8>) {
    let shown = shown(row);
    let Some(choice) = &context.config.notify.mail else {
        let problem = Some("the configuration has no [notify.mail] any more".to_owned());
        return (Shown { problem, ..shown }, Vec::new());
    };
    match send::mail(context, choice, (row, attached), SystemTime::now()) {
        Err(outcome) => (Shown { problem: Some(outcome.words().to_owned()), ..shown }, Vec::new()),
        Ok((mail, letter)) => {
            let attachment = letter.attachment.as_ref().and(attached).and_then(|path| {
                let bytes = fs::read(context.config.output.join(path)).ok()?;
                Some(ShownFile { path: path.clone(), bytes: bytes.len(), sha256: sha256(&bytes) })
            });
            let shown = Shown {
                language: Some(letter.language.tag().to_owned()),
                subject: Some(letter.subject),
                headers: mail.headers(),
                text: letter.text,
                attachment,
                bytes: mail.bytes().len(),
                ..shown
            };
            (shown, mail.bytes().to_vec())
        }
    }
}

fn message(context: &Context, row: &Message) -> (Shown, Vec<u8>) {
    let body = row.message.content.clone();
    let headers = format!(
        "Content-Type: application/json\n{DELIVERY}: {}\n{TIMESTAMP}: (the time of sending)\n\
         {SIGNATURE}: (over the time and the body)",
        row.message.key
    );
    let problem = context.config.notify.webhook.is_none();
    let problem = problem.then(|| "the configuration has no [notify.webhook] any more".to_owned());
    let bytes = body.clone().into_bytes();
    (Shown { headers, bytes: bytes.len(), text: body, problem, ..shown(row) }, bytes)
}

fn say(voice: Voice, shown: &Shown) {
    let about = shown.economy.as_deref().map(|economy| format!(", {economy}")).unwrap_or_default();
    let head = format!(
        "\nwould send to {} ({}, {}{about}), {} bytes",
        shown.to, shown.way, shown.occasion, shown.bytes
    );
    voice.line(&voice.toned(Tone::Heading, &head));
    if let Some(problem) = &shown.problem {
        voice.line(&format!("  cannot be sent: {problem}"));
        return;
    }
    for line in shown.headers.lines() {
        voice.line(&format!("  {line}"));
    }
    if let Some(subject) = &shown.subject {
        voice.line(&format!("  (subject: {subject})"));
    }
    voice.line("");
    for line in shown.text.lines() {
        voice.line(&format!("  {line}"));
    }
    if let Some(file) = &shown.attachment {
        voice.line(&format!("  + {}, {} bytes, sha256 {}", file.path, file.bytes, file.sha256));
    }
}
