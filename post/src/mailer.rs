//! The way to a mail server: one connection for many letters, and a bound on the time of each.

use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use fetch::SecretError;
use pipeline::config::MailChoice;

use crate::letter::Mail;
use crate::outcome::Outcome;
use crate::smtp;

/// How long one letter may take in all, connecting included. A server that drips never stops a run.
const WHOLE: Duration = Duration::from_secs(90);

/// Sends letters one after the other.
#[derive(Debug)]
pub struct Mailer {
    letters: Sender<Mail>,
    outcomes: Receiver<Outcome>,
    lost: bool,
}

impl Mailer {
    /// Looks up the secret and makes ready; nothing is connected to before the first letter.
    pub fn new(choice: &MailChoice) -> Result<Self, SecretError> {
        let password = choice.account.as_ref().map(|(_, place)| crate::secret(place)).transpose()?;
        let (letters, incoming) = channel::<Mail>();
        let (outgoing, outcomes) = channel();
        let choice = choice.clone();
        // It ends with the last letter, as then nobody holds the other ends.
        thread::spawn(move || {
            let mut connection = None;
            for mail in incoming {
                let mut open = match connection.take() {
                    Some(open) => open,
                    None => match smtp::connect(&choice, password.as_ref()) {
                        Ok(open) => open,
                        Err(why) => {
                            if outgoing.send(Outcome::Unreachable(why)).is_err() {
                                return;
                            }
                            continue;
                        }
                    },
                };
                let outcome = smtp::hand_over(&mut open, &mail);
                if matches!(outcome, Outcome::Sent(_)) {
                    connection = Some(open);
                } else {
                    open.abort();
                }
                if outgoing.send(outcome).is_err() {
                    return;
                }
            }
            if let Some(mut open) = connection {
                // All letters are taken; a server that does not say good-bye changes nothing.
                let _ = open.quit();
            }
        });
        Ok(Self { letters, outcomes, lost: false })
    }

    /// Sends one letter.
    pub fn send(&mut self, mail: Mail) -> Outcome {
        if self.lost || self.letters.send(mail).is_err() {
            return Outcome::Unreachable("the mail server did not answer in time".to_owned());
        }
        match self.outcomes.recv_timeout(WHOLE) {
            Ok(outcome) => outcome,
            Err(RecvTimeoutError::Timeout) => {
                self.lost = true;
                Outcome::Uncertain(format!("the mail server took more than {} seconds", WHOLE.as_secs()))
            }
            Err(RecvTimeoutError::Disconnected) => {
                self.lost = true;
                Outcome::Uncertain("the conversation with the mail server broke off".to_owned())
            }
        }
    }
}
