//! The way to a mail server: one connection for many letters, and a bound on the time of each.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
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

/// How far a letter has got. Whoever changes it first decides: the letter is handed over, or its time is up and it is
/// not.
#[derive(Debug, Clone, Default)]
pub(crate) struct Progress(Arc<AtomicU8>);

impl Progress {
    const HANDED_OVER: u8 = 1;
    const GIVEN_UP: u8 = 2;

    fn change(&self, to: u8) -> bool {
        self.0.compare_exchange(0, to, Ordering::SeqCst, Ordering::SeqCst).is_ok()
    }

    /// Marks that the letter itself is sent from now on; no, if its time is up.
    pub(crate) fn hand_over(&self) -> bool {
        self.change(Self::HANDED_OVER)
    }

    /// Marks that its time is up; no, if it is handed over already.
    fn give_up(&self) -> bool {
        self.change(Self::GIVEN_UP)
    }
}

/// Sends letters one after the other.
#[derive(Debug)]
pub struct Mailer {
    letters: Sender<(Mail, Progress)>,
    outcomes: Receiver<Outcome>,
    lost: bool,
}

impl Mailer {
    /// Looks up the secret and makes ready; nothing is connected to before the first letter.
    pub fn new(choice: &MailChoice) -> Result<Self, SecretError> {
        let password = choice.account.as_ref().map(|(_, place)| crate::secret(place)).transpose()?;
        let (letters, incoming) = channel::<(Mail, Progress)>();
        let (outgoing, outcomes) = channel();
        let choice = choice.clone();
        // It ends with the last letter, as then nobody holds the other ends.
        thread::spawn(move || {
            let mut connection = None;
            for (mail, progress) in incoming {
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
                let outcome = smtp::hand_over(&mut open, &mail, &progress);
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
        self.send_within(mail, WHOLE)
    }

    fn send_within(&mut self, mail: Mail, limit: Duration) -> Outcome {
        let progress = Progress::default();
        if self.lost || self.letters.send((mail, progress.clone())).is_err() {
            return Outcome::Unreachable("the mail server did not answer in time".to_owned());
        }
        let (why, limit) = match self.outcomes.recv_timeout(limit) {
            Ok(outcome) => return outcome,
            Err(RecvTimeoutError::Timeout) => ("the mail server took more than", Some(limit)),
            Err(RecvTimeoutError::Disconnected) => ("the conversation with the mail server broke off", None),
        };
        self.lost = true;
        let why = limit.map_or(why.to_owned(), |limit| format!("{why} {} seconds", limit.as_secs()));
        // Before the letter itself is sent nobody can have got it.
        if progress.give_up() { Outcome::Unreachable(why) } else { Outcome::Uncertain(why) }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Write};
    use std::net::TcpListener;

    use lettre::address::Envelope;
    use pipeline::config::Security;

    use super::*;

    /// A server that takes a letter up to a command, and is silent from then on.
    fn silent_after(last: &'static str) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            stream.write_all(b"220 here\r\n").unwrap();
            while let Some(Ok(line)) = lines.next() {
                if line.starts_with(last) {
                    continue;
                }
                let answer = if line.starts_with("DATA") { "354 go on\r\n" } else { "250 good\r\n" };
                if ["EHLO", "MAIL", "RCPT", "DATA"].iter().any(|command| line.starts_with(command)) {
                    let _ = stream.write_all(answer.as_bytes());
                }
            }
        });
        port
    }

    #[test]
    fn a_letter_whose_time_is_up_before_it_is_handed_over_waits() {
        for (last, waits) in [("MAIL", true), ("DATA", true), (".", false)] {
            let mut choice = crate::letter::tests::choice();
            choice.port = silent_after(last);
            "127.0.0.1".clone_into(&mut choice.server);
            choice.security = Security::None;
            choice.account = None;
            let mut mailer = Mailer::new(&choice).unwrap();
            let envelope = Envelope::new(
                Some("a@ministry.example".parse().unwrap()),
                vec!["b@ict.example".parse().unwrap()],
            );
            let mail = Mail { envelope: envelope.unwrap(), bytes: b"Subject: x\r\n\r\ny\r\n".to_vec() };
            let outcome = mailer.send_within(mail, Duration::from_secs(2));
            let expected = if waits {
                matches!(outcome, Outcome::Unreachable(_))
            } else {
                matches!(outcome, Outcome::Uncertain(_))
            };
            assert!(expected, "{last}: {outcome:?}");
        }
    }
}
