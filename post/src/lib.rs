//! The post: hands letters to a mail server and messages to a webhook, and says what came of it. It decides nothing:
//! what is written to whom, and whether it is tried again, is told from outside.

mod letter;
mod mailer;
mod outcome;
mod smtp;
mod webhook;

pub use letter::{Attached, Mail, MailError};
pub use mailer::Mailer;
pub use outcome::Outcome;
pub use webhook::{DELIVERY, Webhook, shown_url};

use fetch::{Secret, SecretError};
use pipeline::config::SecretPlace;

/// The secret in its place.
fn secret(place: &SecretPlace) -> Result<Secret, SecretError> {
    match place {
        SecretPlace::Environment(name) => Secret::from_environment(name),
        SecretPlace::File(path) => Secret::from_file(path),
    }
}
