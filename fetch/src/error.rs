//! What went wrong, without a secret in it: addresses lose their queries, causes lose their addresses.

use std::io;
use std::time::Duration;

use maturity::shown::decoded;
use url::Url;

/// A request that did not give a complete answer.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// It was not sent, or a redirect was not followed.
    #[error("{place} is not asked: {why}")]
    Refused {
        /// The address without its query.
        place: String,
        /// The rule.
        why: String,
    },
    /// It was not sent, because it would lead into a network that is not public.
    #[error("{place} is not asked: {why}")]
    NotPublic {
        /// The address without its query.
        place: String,
        /// How that is known.
        why: &'static str,
    },
    /// The server answered with another status than 200.
    #[error("{place} answered {status}{}", .note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default())]
    Status {
        /// The address without its query.
        place: String,
        /// The status.
        status: u16,
        /// The first words of the answer, if it is a text.
        note: Option<String>,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The answer is larger than accepted.
    #[error("{place} sends more than {most} bytes")]
    TooLarge {
        /// The address without its query.
        place: String,
        /// The most that is accepted.
        most: u64,
    },
    /// The end of the answer cannot be told from a broken line.
    #[error("{place} does not say how long its answer is, so it may be cut off")]
    NoLength {
        /// The address without its query.
        place: String,
    },
    /// The answer is packed although nobody asked for that.
    #[error("{place} sends its answer packed ({encoding}), which was not asked for")]
    Packed {
        /// The address without its query.
        place: String,
        /// The encoding.
        encoding: String,
    },
    /// It took too long.
    #[error("{place} did not answer within {} seconds", .limit.as_secs())]
    Slow {
        /// The address without its query.
        place: String,
        /// The limit.
        limit: Duration,
    },
    /// The connection failed or broke off.
    #[error("failed to reach {place}")]
    Connection {
        /// The address without its query.
        place: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The address is none; see [`FetchError::address`].
    #[error("{0:?} is not a web address")]
    Address(String),
    /// The client cannot be made.
    #[error("failed to prepare for asking servers")]
    Client(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl FetchError {
    /// A text that is no address. Of what it holds, a query or an account may be secrets: they are left out.
    pub fn address(text: &str) -> Self {
        let place = text.split(['?', '#']).next().unwrap_or_default();
        let scheme = text.split_once("://").map(|(scheme, _)| scheme);
        Self::Address(match scheme {
            // Where an account ends, cannot be told.
            Some(scheme) if text.contains('@') => format!("{scheme}://…"),
            None if text.contains('@') => "…".to_owned(),
            _ => place.chars().map(|c| if c.is_control() { ' ' } else { c }).take(200).collect(),
        })
    }

    pub(crate) fn refused(url: &Url, why: &str) -> Self {
        Self::Refused { place: place(url), why: why.to_owned() }
    }

    /// Whether the server could not prove that it is the one that was asked.
    pub fn is_certificate(&self) -> bool {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(self);
        while let Some(error) = cause {
            // An error that travels inside one of input and output is not in its chain of sources.
            let inside = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
            let is = |error: &(dyn std::error::Error + 'static)| {
                matches!(error.downcast_ref(), Some(rustls::Error::InvalidCertificate(_)))
            };
            if is(error) || inside.is_some_and(|inside| is(inside)) {
                return true;
            }
            cause = inside.map_or_else(|| error.source(), |inside| Some(inside));
        }
        false
    }

    /// Whether the same request may succeed later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500 | 502 | 503 | 504),
            Self::Slow { .. } | Self::Connection { .. } => true,
            _ => false,
        }
    }

    /// How long the server asks to wait before the next attempt.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}

/// An address for messages, as people read it: without query, fragment, name and password, all of which may hold secrets.
pub(crate) fn place(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), decoded(url.path()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_as_people_read_it() {
        let url = Url::parse("https://files.example/wave/C%C3%B4te%20d'Ivoire.xlsx?token=hunter2").unwrap();
        assert_eq!(place(&url), "https://files.example/wave/Côte d'Ivoire.xlsx");
        let url = Url::parse("https://files.example/a%0Ab%FF.xlsx").unwrap();
        assert_eq!(place(&url), "https://files.example/a%0Ab%FF.xlsx");
    }

    #[test]
    fn what_is_no_address_is_shown_without_what_may_be_secret() {
        for (text, shown) in [
            ("https://files example/KEN.xlsx?token=hunter2", "https://files example/KEN.xlsx"),
            ("https://files example/KEN.xlsx#hunter2", "https://files example/KEN.xlsx"),
            ("https://user:hunter2@files example/", "https://…"),
            ("user:hunter2@files", "…"),
        ] {
            let told = FetchError::address(text).to_string();
            assert_eq!(told, format!("{shown:?} is not a web address"));
        }
    }

    #[test]
    fn a_bad_certificate_is_found_in_the_chain_of_causes() {
        let failed = |cause: rustls::Error| FetchError::Connection {
            place: "https://example.org/".to_owned(),
            source: Box::new(io::Error::other(cause)),
        };
        assert!(
            failed(rustls::Error::InvalidCertificate(rustls::CertificateError::Expired)).is_certificate()
        );
        assert!(!failed(rustls::Error::DecryptError).is_certificate());
        assert!(!FetchError::Address("x".to_owned()).is_certificate());
    }
}
