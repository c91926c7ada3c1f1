//! A letter as mail: headers, plain text and HTML side by side, the workbook that goes with it.

use std::time::SystemTime;

use lettre::Message;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, MultiPartKind, SinglePart};
use notice::Letter;
use pipeline::config::MailChoice;

/// A file that goes with a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attached {
    /// Its name, without folders.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A letter cannot be made into mail.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// An address is none.
    #[error("{0:?} is not an e-mail address")]
    Address(String),
    /// The parts do not make a message.
    #[error("the message cannot be put together")]
    Parts(#[from] lettre::error::Error),
}

/// A message as it goes to the server.
#[derive(Debug, Clone)]
pub struct Mail {
    pub(crate) envelope: Envelope,
    pub(crate) bytes: Vec<u8>,
}

/// The kind of the files that are attached.
const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

impl Mail {
    /// Puts a letter together. `key` names it: its id and the borders of its parts come from there, so that the same
    /// letter of the same time has the same bytes.
    pub fn of(
        choice: &MailChoice,
        letter: &Letter,
        key: &str,
        date: SystemTime,
        attached: Option<Attached>,
    ) -> Result<Self, MailError> {
        let address = |text: &str| text.parse().map_err(|_| MailError::Address(text.to_owned()));
        let name = choice.from_name.as_ref().map(|name| name.chars().filter(|c| !c.is_control()).collect());
        let key: String = key.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
        let host = choice.from.rsplit('@').next().unwrap_or_default();
        let mut builder = Message::builder()
            .from(Mailbox::new(name, address(&choice.from)?))
            .to(Mailbox::new(None, address(&letter.address)?))
            .subject(&letter.subject)
            .date(date)
            .message_id(Some(format!("<{key}@{host}>")));
        if let Some(reply_to) = &choice.reply_to {
            builder = builder.reply_to(Mailbox::new(None, address(reply_to)?));
        }
        // Programs that answer for people on leave keep quiet (RFC 3834).
        let name = HeaderName::new_from_ascii_str("Auto-Submitted");
        builder = builder.raw_header(HeaderValue::new(name, "auto-generated".to_owned()));
        let words = MultiPart::builder()
            .kind(MultiPartKind::Alternative)
            .boundary(format!("words-{key}"))
            .singlepart(SinglePart::plain(letter.text.clone()))
            .singlepart(SinglePart::html(letter.html.clone()));
        let message = match attached {
            None => builder.multipart(words)?,
            Some(file) => {
                let kind = ContentType::parse(WORKBOOK).unwrap_or(ContentType::TEXT_PLAIN);
                let file = Attachment::new(file.name).body(file.bytes, kind);
                let mixed = MultiPart::builder().kind(MultiPartKind::Mixed).boundary(format!("parts-{key}"));
                builder.multipart(mixed.multipart(words).singlepart(file))?
            }
        };
        Ok(Self { envelope: message.envelope().clone(), bytes: message.formatted() })
    }

    /// The message as it is sent: headers, an empty line, the parts.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The headers, one a line.
    pub fn headers(&self) -> String {
        let text = String::from_utf8_lossy(&self.bytes);
        let head = text.split("\r\n\r\n").next().unwrap_or_default();
        head.replace("\r\n", "\n")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use maturity::language::Language;
    use notice::Occasion;
    use pipeline::config::Security;

    use super::*;

    pub(crate) fn choice() -> MailChoice {
        MailChoice {
            server: "localhost".to_owned(),
            port: 25,
            security: Security::None,
            certificate: None,
            account: None,
            from: "gtmi@ministry.example".to_owned(),
            from_name: Some("Indice de maturité\r\nBcc: x@evil.example".to_owned()),
            reply_to: Some("people@ministry.example".to_owned()),
            addresses: None,
            respondents: false,
            accepted: true,
            reviewers: Vec::new(),
            attempts: 3,
            most_attached: 1024,
        }
    }

    fn letter() -> Letter {
        Letter {
            occasion: Occasion::Returned,
            economy: None,
            address: "pm@ict.example".to_owned(),
            language: Language::new("fr"),
            subject: "Le questionnaire de « Côte d'Ivoire » est à corriger\r\nBcc: x@evil.example".to_owned(),
            text: ".\r\nMadame, Monsieur,\n".to_owned(),
            html: "<p>Madame, Monsieur,</p>".to_owned(),
            attachment: Some("feedback/CIV.xlsx".to_owned()),
        }
    }

    #[test]
    fn no_value_adds_a_header_and_the_same_letter_has_the_same_bytes() {
        let attached = Attached { name: "CIV.xlsx".to_owned(), bytes: vec![0, 255, 13, 10] };
        let make =
            || Mail::of(&choice(), &letter(), "0123abcd", SystemTime::UNIX_EPOCH, Some(attached.clone()));
        let mail = make().unwrap();
        assert_eq!(mail.bytes(), make().unwrap().bytes());
        let headers = mail.headers();
        let names: Vec<&str> = headers
            .lines()
            .filter(|line| !line.starts_with([' ', '\t']))
            .filter_map(|line| line.split_once(':').map(|(name, _)| name))
            .collect();
        assert!(!names.contains(&"Bcc"), "{headers}");
        assert_eq!(
            names.len(),
            headers.lines().filter(|line| !line.starts_with([' ', '\t'])).count(),
            "{headers}"
        );
        assert!(headers.contains("Message-ID: <0123abcd@ministry.example>"), "{headers}");
        assert!(
            headers.contains("Auto-Submitted: auto-generated") && headers.contains("Reply-To:"),
            "{headers}"
        );
        assert!(mail.bytes().is_ascii(), "old servers take only ASCII");
        assert_eq!(mail.envelope.to().len(), 1);
    }

    #[test]
    fn an_address_that_is_none_makes_no_mail() {
        for address in
            ["a@b.example\r\nRCPT TO:<c@d.example>", "a@b.example, c@d.example", "", "a b@c.example"]
        {
            let letter = Letter { address: address.to_owned(), ..letter() };
            let made = Mail::of(&choice(), &letter, "k", SystemTime::UNIX_EPOCH, None);
            assert!(matches!(made, Err(MailError::Address(_))), "{address:?}");
        }
    }
}
