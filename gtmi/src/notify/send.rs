//! Emptying the outbox.
//!
//! A message is marked as being sent before it is handed over, and as sent after. A process that ends between the two
//! leaves the mark, and the next one does not know whether the message came. A letter is then not sent again, so that
//! nobody gets it twice: it is `uncertain` until somebody decides (`gtmi notify --again`). A message to a webhook is
//! sent again, since its receiver knows it by its name.

use std::collections::BTreeMap;
use std::fs;
use std::time::SystemTime;

use jiff::Timestamp;
use notice::Letter;
use pipeline::Context;
use pipeline::config::MailChoice;
use pipeline::stage::Failure;
use post::{Attached, Mail, Mailer, Outcome, Webhook};
use report::MadeReturns;
use serde::Serialize;
use store::{Message, Store};

use super::queue::{identify, now, subjects};
use crate::say::{Tone, Voice};
use crate::stop;

/// The state of a message that is to be sent.
pub(super) const WAITING: &str = "waiting";

/// What came of the outbox.
#[derive(Debug, Default, Serialize)]
pub(super) struct Sent {
    /// Messages by the state that they came into.
    states: BTreeMap<String, u64>,
    /// What people should know.
    notes: Vec<String>,
}

impl Sent {
    pub(super) fn is_empty(&self) -> bool {
        self.states.is_empty() && self.notes.is_empty()
    }

    pub(super) fn tell(&self, voice: Voice) {
        if !self.states.is_empty() {
            let told: Vec<String> =
                self.states.iter().map(|(state, count)| format!("{count} {state}")).collect();
            voice.line(&format!("notify    messages: {}", told.join(", ")));
        }
        for note in &self.notes {
            voice.line(&format!("          {}", voice.toned(Tone::Attention, note)));
        }
    }

    fn count(&mut self, state: &str) {
        *self.states.entry(state.to_owned()).or_default() += 1;
    }

    fn note(&mut self, text: String) {
        tracing::warn!("{text}");
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }
}

/// Sends what waits, as far as the configuration has a way for it.
pub(super) fn send(context: &Context, store: &mut Store) -> Result<Sent, Failure> {
    let mut sent = Sent::default();
    identify(context, store)?;
    let open = store.open_messages(context.framework.wave).map_err(Failure::stage)?;
    if open.is_empty() {
        return Ok(sent);
    }
    close_broken_off(store, &open, &mut sent)?;
    if let Some(choice) = &context.config.notify.mail {
        let returns = returns(context, store, &open)?;
        match Mailer::new(choice) {
            Ok(mut mailer) => {
                through((context, store), "mail", choice.attempts, &mut sent, |row| {
                    letter(context, choice, &mut mailer, (row, returns.get(&row.number)))
                })?;
            }
            Err(error) => sent.note(format!("no letter can be sent: {error}")),
        }
    }
    if let Some(choice) = &context.config.notify.webhook {
        match Webhook::new(choice) {
            Ok(webhook) => through((context, store), "webhook", choice.attempts, &mut sent, |row| {
                webhook.send(&row.message.key, Timestamp::now().as_second(), &row.message.content)
            })?,
            Err(error) => sent.note(format!("the webhook cannot be told: {error}")),
        }
    }
    Ok(sent)
}

/// Messages that were being sent when an earlier process ended without a word.
fn close_broken_off(store: &mut Store, open: &[Message], sent: &mut Sent) -> Result<(), Failure> {
    for row in open.iter().filter(|row| row.state == "sending") {
        let words = "the program ended while it was sent";
        let state = if row.message.way == "webhook" { WAITING } else { "uncertain" };
        if state != WAITING {
            sent.count(state);
            sent.note(uncertain(row.number, "the program ended in between"));
        }
        store.note_message(row.number, state, row.attempts, Some(words), &now()).map_err(Failure::stage)?;
    }
    Ok(())
}

/// Sends the messages of one way in order, until the server cannot be used or the process is asked to stop.
fn through(
    (context, store): (&Context, &mut Store),
    way: &str,
    most: u32,
    sent: &mut Sent,
    mut hand_over: impl FnMut(&Message) -> Outcome,
) -> Result<(), Failure> {
    let rows = store.open_messages(context.framework.wave).map_err(Failure::stage)?;
    let mut unreachable: Option<String> = None;
    let (mut waits, mut given_up) = (false, None);
    for row in rows.iter().filter(|row| row.state == WAITING && row.message.way == way) {
        if stop::asked().is_some() {
            break;
        }
        let attempts = row.attempts + 1;
        let outcome = if let Some(why) = &unreachable {
            Outcome::Unreachable(why.clone())
        } else {
            store.note_message(row.number, "sending", attempts, None, &now()).map_err(Failure::stage)?;
            hand_over(row)
        };
        let state = match &outcome {
            Outcome::Sent(_) => "sent",
            Outcome::Refused(_) => "refused",
            Outcome::Uncertain(_) => "uncertain",
            Outcome::Later(_) | Outcome::Unreachable(_) if attempts >= most => "given-up",
            Outcome::Later(_) | Outcome::Unreachable(_) => WAITING,
        };
        store
            .note_message(row.number, state, attempts, Some(outcome.words()), &now())
            .map_err(Failure::stage)?;
        tracing::info!(message = row.number, way, state, "a message");
        sent.count(state);
        match outcome {
            Outcome::Sent(_) => {}
            Outcome::Unreachable(why) => {
                if state == WAITING {
                    waits = true;
                } else {
                    given_up = given_up.or(Some(row.number));
                }
                unreachable = Some(why);
            }
            Outcome::Later(why) | Outcome::Refused(why) => {
                sent.note(format!("message {}: {why}", row.number));
            }
            Outcome::Uncertain(why) => sent.note(uncertain(row.number, &why)),
        }
    }
    if let Some(why) = unreachable {
        let mut advice = Vec::new();
        if waits {
            advice.push("what waits is sent by the next run".to_owned());
        }
        advice.extend(given_up.map(|number| {
            format!(
                "what was given up waits again with gtmi notify --again NUMBER, the first of it is {number}"
            )
        }));
        sent.note(format!("{why} ({})", advice.join("; ")));
    }
    Ok(())
}

fn uncertain(number: i64, why: &str) -> String {
    format!("message {number} may have been sent or not: {why} (gtmi notify --again {number} sends it again)")
}

fn letter(
    context: &Context,
    choice: &MailChoice,
    mailer: &mut Mailer,
    (row, attached): (&Message, Option<&String>),
) -> Outcome {
    match mail(context, choice, (row, attached), SystemTime::now()) {
        Ok((mail, _)) => mailer.send(mail),
        Err(outcome) => outcome,
    }
}

/// The paths of the marked questionnaires that go with letters, by the numbers of these. What lay there when a letter was
/// written may be another one's by now, and the name of its own another one: it is looked up again, by the submission that the
/// letter is about.
pub(super) fn returns(
    context: &Context,
    store: &Store,
    open: &[Message],
) -> Result<BTreeMap<i64, String>, Failure> {
    let mut all = BTreeMap::new();
    let mut made = None;
    let found = subjects(store, open)?;
    for row in open.iter().filter(|row| row.message.way == "mail" && row.state == WAITING) {
        let Some(economy) = &row.message.economy else { continue };
        let found = found.get(&row.number).map(|row| row.sha256.as_str());
        let submission = row.message.submission.as_deref().or(found);
        // Earlier versions of the program did not note it: one that no submission fits is about the latest.
        let is_known =
            submission.is_some() || row.wave.is_some() && !context.config.respondents.rule.merges();
        if !is_known {
            continue;
        }
        if made.is_none() {
            made = Some(MadeReturns::of(context, store).map_err(Failure::stage)?);
        }
        let Some(made) = &made else { continue };
        let path = made.path(store, economy, submission).map_err(Failure::stage)?;
        all.extend(path.map(|path| (row.number, path)));
    }
    Ok(all)
}

/// The letter of a row as mail, with its words; `attached` is the path of the marked questionnaire that goes with it, if it
/// is there.
pub(super) fn mail(
    context: &Context,
    choice: &MailChoice,
    (row, attached): (&Message, Option<&String>),
    date: SystemTime,
) -> Result<(Mail, Letter), Outcome> {
    let letter: Letter = serde_json::from_str(&row.message.content)
        .map_err(|error| Outcome::Refused(format!("the letter cannot be read: {error}")))?;
    let attached = if letter.attachment.is_some() {
        let path = attached.ok_or_else(|| {
            let why = "the marked questionnaire that goes with it is not there as it is to be now";
            Outcome::Later(format!("{why} (gtmi run makes it, unless something else has come since)"))
        })?;
        let bytes = fs::read(context.config.output.join(path))
            .map_err(|error| Outcome::Later(format!("{path} cannot be attached: {error}")))?;
        Some(Attached { name: path.rsplit('/').next().unwrap_or(path).to_owned(), bytes })
    } else {
        None
    };
    let mail = Mail::of(choice, &letter, &row.message.key, date, attached);
    Ok((mail.map_err(|error| Outcome::Refused(error.to_string()))?, letter))
}
