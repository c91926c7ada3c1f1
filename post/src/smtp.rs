//! One conversation with a mail server, step by step, so that it is known how far it got when it ends early: before
//! the whole letter was handed over it can be sent again; after that, nobody knows.

use std::error::Error as _;
use std::fs;
use std::time::Duration;

use fetch::Secret;
use lettre::Address;
use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail as From, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use pipeline::config::{MailChoice, Security};

use crate::letter::Mail;
use crate::mailer::Progress;
use crate::outcome::{Outcome, chain, quoted};

/// How long the server may be silent.
const SILENCE: Duration = Duration::from_secs(20);

/// Connects, protects the connection and signs in. Says why not, if it cannot.
pub(crate) fn connect(choice: &MailChoice, password: Option<&Secret>) -> Result<SmtpConnection, String> {
    let failed = |what: &str, error: &dyn std::error::Error| {
        format!("{}:{} {what}: {}", choice.server, choice.port, chain(error))
    };
    let tls = match choice.security {
        Security::None => None,
        Security::Starttls | Security::Tls => {
            let mut builder = TlsParameters::builder(choice.server.clone());
            if let Some(path) = &choice.certificate {
                let pem =
                    fs::read(path).map_err(|error| format!("failed to read {}: {error}", path.display()))?;
                let certificate = Certificate::from_pem(&pem);
                let certificate = certificate.map_err(|error| failed("has no usable certificate", &error))?;
                builder = builder.add_root_certificate(certificate);
            }
            Some(builder.build_rustls().map_err(|error| failed("cannot be connected to safely", &error))?)
        }
    };
    let host = choice.from.rsplit('@').next().unwrap_or("localhost");
    let hello = ClientId::Domain(host.to_owned());
    let at_once = tls.as_ref().filter(|_| choice.security == Security::Tls);
    let server = (choice.server.as_str(), choice.port);
    let mut connection = SmtpConnection::connect(server, Some(SILENCE), &hello, at_once, None)
        .map_err(|error| failed("cannot be reached", &error))?;
    if let Some(tls) = tls.as_ref().filter(|_| choice.security == Security::Starttls) {
        // A server that does not offer it is not talked to in the clear instead.
        connection.starttls(tls, &hello).map_err(|error| failed("does not go over to TLS", &error))?;
    }
    if let (Some((user, _)), Some(password)) = (&choice.account, password) {
        let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
        connection
            .auth(DEFAULT_MECHANISMS, &credentials)
            .map_err(|error| failed("does not accept the account", &error))?;
    }
    Ok(connection)
}

/// Hands a letter over. Where it fails the conversation is to be ended.
pub(crate) fn hand_over(connection: &mut SmtpConnection, mail: &Mail, progress: &Progress) -> Outcome {
    let mut options = Vec::new();
    let is_plain = |address: &Address| address.user().is_ascii() && address.domain().is_ascii();
    if !mail.envelope.to().iter().chain(mail.envelope.from()).all(is_plain) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Outcome::Refused("the server takes no address with such letters (SMTPUTF8)".to_owned());
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    if let Err(error) = connection.command(From::new(mail.envelope.from().cloned(), options)) {
        // The sender is the same for all letters.
        return Outcome::Unreachable(format!("the sender is not accepted: {}", chain(&error)));
    }
    for address in mail.envelope.to() {
        if let Err(error) = connection.command(Rcpt::new(address.clone(), Vec::new())) {
            return before_the_letter(&error);
        }
    }
    if let Err(error) = connection.command(Data) {
        return before_the_letter(&error);
    }
    if !progress.hand_over() {
        return Outcome::Later("its time was up before it was handed over".to_owned());
    }
    match connection.message(&mail.bytes) {
        Ok(response) => {
            let words: Vec<&str> = response.message().collect();
            Outcome::Sent(quoted(&format!("{} {}", response.code(), words.join(" "))))
        }
        Err(error) if error.is_permanent() || error.is_transient() => before_the_end(&error),
        Err(error) => Outcome::Uncertain(chain(&error)),
    }
}

/// What an answer means before anything of the letter was shown: that this sender may not use the server, or may not send
/// there, is mended at the server or in the configuration, and is no fault of the letter.
fn before_the_letter(error: &Error) -> Outcome {
    let status = error.status().map(|code| code.to_string()).unwrap_or_default();
    let said = error.source().map(ToString::to_string).unwrap_or_default();
    if forbids_sender(&status, &said) { Outcome::Later(chain(error)) } else { before_the_end(error) }
}

/// Whether a permanent refusal is about the right to send: it asks to sign in (530, 535), or has one of the enhanced codes
/// for policy and security (5.7, e.g. "relaying denied").
fn forbids_sender(status: &str, said: &str) -> bool {
    matches!(status, "530" | "534" | "535" | "538") || said.trim_start().starts_with("5.7.")
}

/// What an answer or a broken line means as long as the letter was not taken.
fn before_the_end(error: &Error) -> Outcome {
    if error.is_permanent() { Outcome::Refused(chain(error)) } else { Outcome::Later(chain(error)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_wants_another_sender_burns_no_letter() {
        assert!(forbids_sender("530", "5.7.0 Authentication required"));
        assert!(forbids_sender("530", "sign in first"));
        assert!(forbids_sender("550", "5.7.1 relaying denied"));
        assert!(!forbids_sender("550", "5.1.1 no such user"));
        assert!(!forbids_sender("552", "5.2.2 mailbox full"));
        assert!(!forbids_sender("", ""));
    }
}
