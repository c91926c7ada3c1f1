//! The way to a webhook: a signed JSON document over the rules of [`fetch`].

use std::time::Duration;

use fetch::{Client, FetchError, Policy, Request, Retries, Secret};
use notice::{SIGNATURE, TIMESTAMP, sign};
use pipeline::config::WebhookChoice;
use tokio::runtime::Runtime;
use url::Url;

use crate::outcome::{Outcome, chain};

/// The header that names a message: one that comes twice has the same value twice.
pub const DELIVERY: &str = "X-Gtmi-Delivery";

/// Hands over messages to one address.
#[derive(Debug)]
pub struct Webhook {
    url: String,
    client: Client,
    secret: Secret,
    runtime: Runtime,
}

/// Scheme and host of a webhook's address: the rest may hold a token.
pub fn shown_url(url: &str) -> String {
    let parsed = Url::parse(url).ok();
    parsed.map_or_else(|| "the webhook".to_owned(), |url| url.origin().ascii_serialization())
}

impl Webhook {
    /// Looks up the secret and makes ready; says why not, if it cannot.
    pub fn new(choice: &WebhookChoice) -> Result<Self, String> {
        let secret = crate::secret(&choice.secret).map_err(|error| chain(&error))?;
        let url = Url::parse(&choice.url).map_err(|error| chain(&error))?;
        let host = url.host().map(|host| host.to_string()).unwrap_or_default();
        let policy = Policy {
            allow_http: choice.web.allow_http,
            allow_private: choice.web.allow_private,
            whole: Duration::from_secs(20),
            redirects: 0,
            ..Policy::strict(&[&host])
        };
        // A run does not wait long for somebody who is to be told of it; the next run tries again.
        let retries = Retries {
            attempts: 3,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(5),
            longest_asked: Duration::from_secs(10),
            longest_in_all: Duration::from_secs(60),
        };
        let client = Client::new(policy, retries).map_err(|error| chain(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        Ok(Self { url: choice.url.clone(), client, secret, runtime: runtime.map_err(|error| chain(&error))? })
    }

    /// Sends one message, signed at the time `now` (seconds since 1970) and named by `key`.
    pub fn send(&self, key: &str, now: i64, body: &str) -> Outcome {
        let request = Request::post(&self.url, "application/json", body.as_bytes().to_vec());
        let Ok(request) = request else {
            return Outcome::Refused("the webhook's address is none".to_owned());
        };
        let signature = sign(self.secret.reveal().as_bytes(), now, body.as_bytes());
        let request = request
            .hidden()
            .with_header(DELIVERY, key.to_owned())
            .with_header(TIMESTAMP, now.to_string())
            .with_header(SIGNATURE, signature);
        match self.runtime.block_on(self.client.deliver(&request)) {
            Ok(status) => Outcome::Sent(status.to_string()),
            Err(error) => self.failed(&error),
        }
    }

    /// Receivers know a message by its name, so one of which nobody knows whether it came is sent again.
    fn failed(&self, error: &FetchError) -> Outcome {
        let place = shown_url(&self.url);
        // The whole address may hold a token.
        Outcome::Unreachable(match error {
            FetchError::Status { status, .. } => format!("{place} answered {status}"),
            FetchError::Refused { why, .. } => format!("{place} is not asked: {why}"),
            FetchError::NotPublic { why, .. } => format!("{place} is not asked: {why}"),
            FetchError::Slow { limit, .. } => {
                format!("{place} did not answer within {} seconds", limit.as_secs())
            }
            FetchError::Connection { source, .. } => {
                format!("failed to reach {place}: {}", chain(source.as_ref()))
            }
            _ => format!("{place} cannot be asked"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_may_hold_a_token_is_shown_by_its_host() {
        assert_eq!(shown_url("https://hooks.example:8443/T0/secret?x=y"), "https://hooks.example:8443");
        assert_eq!(shown_url("nonsense"), "the webhook");
    }
}
