//! `[notify]`: who is told after a run, and how. Nothing is sent unless it is asked for here.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use email_address::EmailAddress;
use serde::Deserialize;
use toml::Spanned;

use super::sources::address;
use super::{ConfigError, Located, SecretPlace, Web};

/// The section as it is written.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NotifyTable {
    summary: Option<bool>,
    mail: Option<MailTable>,
    webhook: Option<WebhookTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MailTable {
    server: Spanned<String>,
    port: Option<u16>,
    security: Option<Security>,
    #[serde(default)]
    allow_plain: bool,
    certificate: Option<Spanned<PathBuf>>,
    user: Option<Spanned<String>>,
    secret_env: Option<String>,
    secret_file: Option<Spanned<PathBuf>>,
    from: Spanned<String>,
    from_name: Option<String>,
    reply_to: Option<Spanned<String>>,
    addresses: Option<Spanned<PathBuf>>,
    #[serde(default)]
    respondents: bool,
    accepted: Option<bool>,
    #[serde(default)]
    reviewers: Vec<Spanned<String>>,
    attempts: Option<u32>,
    most_attached_kib: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WebhookTable {
    url: Spanned<String>,
    secret_env: Option<String>,
    secret_file: Option<Spanned<PathBuf>>,
    #[serde(default)]
    allow_http: bool,
    #[serde(default)]
    allow_private: bool,
    attempts: Option<u32>,
}

/// How the connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Security {
    /// It begins plain and goes on encrypted; a server that cannot is refused.
    Starttls,
    /// It is encrypted from the beginning.
    Tls,
    /// It is not: only to a server on this machine, unless plainly allowed.
    None,
}

/// Who is told after a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// Whether `summary.md`, `summary.html` and `summary.json` are written to the folder of outputs.
    pub summary: bool,
    /// Letters.
    pub mail: Option<MailChoice>,
    /// A server that is told.
    pub webhook: Option<WebhookChoice>,
}

/// Letters by e-mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailChoice {
    /// The mail server's name or address.
    pub server: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// A file with a further certificate that is trusted: that of a ministry's own authority.
    pub certificate: Option<PathBuf>,
    /// The account, if the server wants one, and its password.
    pub account: Option<(String, SecretPlace)>,
    /// The sender's address.
    pub from: String,
    /// The sender's name.
    pub from_name: Option<String>,
    /// Where replies go.
    pub reply_to: Option<String>,
    /// The table of focal points: `economy,address,language`.
    pub addresses: Option<PathBuf>,
    /// Whether the address on the cover of a questionnaire is written to where the table has none.
    pub respondents: bool,
    /// Whether focal points are also told that a questionnaire was accepted.
    pub accepted: bool,
    /// The addresses that are told what is new.
    pub reviewers: Vec<String>,
    /// In how many runs a letter is tried before it is given up.
    pub attempts: u32,
    /// The largest workbook that goes with a letter, in bytes.
    pub most_attached: u64,
}

/// A server that is told what is new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookChoice {
    /// Its address; it may hold a token, so only its host is shown.
    pub url: String,
    /// The secret that messages are signed with.
    pub secret: SecretPlace,
    /// How the server may be reached.
    pub web: Web,
    /// In how many runs a message is tried before it is given up.
    pub attempts: u32,
}

impl Default for Notify {
    fn default() -> Self {
        Self { summary: true, mail: None, webhook: None }
    }
}

impl NotifyTable {
    pub(super) fn notify(&self, root: &Path, located: &Located<'_>) -> Result<Notify, ConfigError> {
        Ok(Notify {
            summary: self.summary.unwrap_or(true),
            mail: self.mail.as_ref().map(|table| table.choice(root, located)).transpose()?,
            webhook: self.webhook.as_ref().map(|table| table.choice(root, located)).transpose()?,
        })
    }
}

impl MailTable {
    fn choice(&self, root: &Path, located: &Located<'_>) -> Result<MailChoice, ConfigError> {
        let server = self.server.get_ref().trim().to_owned();
        let wrong = |what: &str| Err(located.invalid(self.server.span(), what.to_owned()));
        if server.is_empty()
            || server.contains(|c: char| c.is_whitespace() || c.is_control() || "/:@".contains(c))
        {
            return wrong(
                "\"server\" is the name of a mail server, without port, e.g. \"smtp.ministry.example\"",
            );
        }
        let security = self.security.unwrap_or(Security::Starttls);
        if security == Security::None && !self.allow_plain && !is_this_machine(&server) {
            return wrong(
                "letters hold answers of governments: security = \"none\" is for a server on this machine (use \"starttls\" or \"tls\", or say allow_plain = true)",
            );
        }
        let secret = secret(root, located, self.secret_env.as_ref(), self.secret_file.as_ref())?;
        let account = match (&self.user, secret) {
            (Some(user), Some(secret)) => Some((user.get_ref().clone(), secret)),
            (None, None) => None,
            (Some(user), None) => {
                let what =
                    "an account needs \"secret_env\" (a variable's name) or \"secret_file\" (a file's path)";
                return Err(located.invalid(user.span(), what.to_owned()));
            }
            (None, Some(_)) => return wrong("a secret is given, but no \"user\" that it belongs to"),
        };
        if account.is_some() && security == Security::None && !is_this_machine(&server) {
            return wrong("a password is never sent over a plain connection (use \"starttls\" or \"tls\")");
        }
        let mail = |text: &Spanned<String>| {
            let checked = mail_address(text.get_ref());
            checked.map_err(|what| located.invalid(text.span(), what))
        };
        let file = |path: &Spanned<PathBuf>, what: &str| {
            let full = root.join(path.get_ref());
            if full.is_file() {
                return Ok(full);
            }
            let what = format!("{what} \"{}\" does not exist", path.get_ref().display());
            Err(located.invalid(path.span(), what))
        };
        let usual = match security {
            Security::Starttls => 587,
            Security::Tls => 465,
            Security::None => 25,
        };
        Ok(MailChoice {
            server,
            port: self.port.unwrap_or(usual),
            security,
            certificate: self.certificate.as_ref().map(|path| file(path, "the certificate")).transpose()?,
            account,
            from: mail(&self.from)?,
            from_name: self.from_name.clone(),
            reply_to: self.reply_to.as_ref().map(mail).transpose()?,
            addresses: self.addresses.as_ref().map(|path| file(path, "the table")).transpose()?,
            respondents: self.respondents,
            accepted: self.accepted.unwrap_or(true),
            reviewers: self.reviewers.iter().map(mail).collect::<Result<_, _>>()?,
            attempts: self.attempts.unwrap_or(ATTEMPTS).max(1),
            most_attached: u64::from(self.most_attached_kib.unwrap_or(10 * 1024)) * 1024,
        })
    }
}

/// In how many runs something is tried if the configuration does not say.
const ATTEMPTS: u32 = 10;

impl WebhookTable {
    fn choice(&self, root: &Path, located: &Located<'_>) -> Result<WebhookChoice, ConfigError> {
        let url = address(&self.url, located)?;
        if url.starts_with("http://") && !self.allow_http {
            let what = "the address begins with http:// (use https://, or say allow_http = true)";
            return Err(located.invalid(self.url.span(), what.to_owned()));
        }
        let secret = secret(root, located, self.secret_env.as_ref(), self.secret_file.as_ref())?;
        let Some(secret) = secret else {
            let what = "messages are signed: \"secret_env\" (a variable's name) or \"secret_file\" (a file's path) is needed";
            return Err(located.invalid(self.url.span(), what.to_owned()));
        };
        let web = Web { hosts: Vec::new(), allow_http: self.allow_http, allow_private: self.allow_private };
        // The address as it was written: a slash at its end may count.
        let url = self.url.get_ref().clone();
        Ok(WebhookChoice { url, secret, web, attempts: self.attempts.unwrap_or(ATTEMPTS).max(1) })
    }
}

fn secret(
    root: &Path,
    located: &Located<'_>,
    variable: Option<&String>,
    file: Option<&Spanned<PathBuf>>,
) -> Result<Option<SecretPlace>, ConfigError> {
    match (variable, file) {
        (Some(name), None) => Ok(Some(SecretPlace::Environment(name.clone()))),
        (None, Some(path)) => Ok(Some(SecretPlace::File(root.join(path.get_ref())))),
        (None, None) => Ok(None),
        (Some(_), Some(path)) => {
            let what = "\"secret_env\" and \"secret_file\" are both given; keep one".to_owned();
            Err(located.invalid(path.span(), what))
        }
    }
}

/// Whether a server's name can only mean this machine.
fn is_this_machine(server: &str) -> bool {
    server == "localhost" || server.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// An e-mail address without a name and without blanks around it; else what is wrong. Line ends and other control
/// characters make it no address, so none gets into a header.
pub fn mail_address(text: &str) -> Result<String, String> {
    let text = text.trim();
    let is_address = EmailAddress::from_str(text).is_ok()
        && !text.contains(|c: char| c.is_control() || c.is_whitespace() || "<>,;\"".contains(c));
    if is_address {
        return Ok(text.to_owned());
    }
    // Control characters are shown, not said.
    Err(format!("{text:?} is not an e-mail address (write it as in review@ministry.example)"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notify(text: &str) -> Result<Notify, String> {
        let table: NotifyTable = toml::from_str(text).map_err(|error| error.to_string())?;
        let located = Located { name: "pipeline.toml", text: Some(text) };
        table.notify(Path::new("/srv/gtmi"), &located).map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_is_sent_unless_it_is_asked_for() {
        let off = notify("").unwrap();
        assert_eq!(off, Notify::default());
        assert!(off.summary && off.mail.is_none() && off.webhook.is_none());
    }

    #[test]
    fn letters_go_encrypted_by_default() {
        let mail = notify("[mail]\nserver = \"smtp.example\"\nfrom = \"gtmi@ministry.example\"")
            .unwrap()
            .mail
            .unwrap();
        assert_eq!((mail.security, mail.port), (Security::Starttls, 587));
        let local = "[mail]\nserver = \"127.0.0.1\"\nsecurity = \"none\"\nfrom = \"gtmi@ministry.example\"";
        assert_eq!(notify(local).unwrap().mail.unwrap().port, 25);
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_its_line() {
        let mail = |keys: &str| {
            format!("[mail]\nserver = \"smtp.example\"\nfrom = \"gtmi@ministry.example\"\n{keys}")
        };
        let hook = |keys: &str| format!("[webhook]\nurl = \"https://hooks.example/in\"\n{keys}");
        for (text, expected) in [
            (mail("security = \"none\""), "pipeline.toml:2: letters hold answers of governments"),
            (
                mail("security = \"none\"\nallow_plain = true\nuser = \"u\"\nsecret_env = \"P\""),
                "a password is never sent",
            ),
            (mail("security = \"ssl\""), "unknown variant `ssl`"),
            (mail("user = \"u\""), "pipeline.toml:4: an account needs"),
            (mail("secret_env = \"P\""), "no \"user\""),
            (mail("password = \"p\""), "unknown field `password`"),
            (mail("addresses = \"absent.csv\""), "pipeline.toml:4: the table \"absent.csv\" does not exist"),
            (
                mail("reviewers = [\"a@b.example\", \"a@b.example\\r\\nBcc: c@d.example\"]"),
                "is not an e-mail address",
            ),
            (mail("reply_to = \"Review <a@b.example>\""), "pipeline.toml:4: \"Review <a@b.example>\" is not"),
            ("[mail]\nserver = \"smtp.example:25\"\nfrom = \"a@b.example\"".to_owned(), "without port"),
            (hook(""), "pipeline.toml:2: messages are signed"),
            (hook("secret_env = \"A\"\nsecret_file = \"b\""), "both given"),
            (hook("secret = \"A\""), "unknown field `secret`"),
            (
                "[webhook]\nurl = \"http://hooks.example/in\"\nsecret_env = \"A\"".to_owned(),
                "begins with http://",
            ),
        ] {
            let error = notify(&text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
