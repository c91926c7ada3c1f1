//! What may be asked of whom.

use std::net::IpAddr;
use std::time::Duration;

use url::{Host, Url};

use crate::address::is_public;
use crate::error::{FetchError, place};

/// What a client may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The hosts that may be asked, in lower case; `*.example.org` names all below `example.org`, `*` all.
    pub hosts: Vec<String>,
    /// Whether plain http is accepted: for servers in the same building only.
    pub allow_http: bool,
    /// Whether addresses that are not public are accepted: for servers of an intranet.
    pub allow_private: bool,
    /// The most bytes of an answer's body.
    pub most_bytes: u64,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long the server may be silent.
    pub silence: Duration,
    /// How long one request may take in all, redirects included.
    pub whole: Duration,
    /// How many redirects are followed.
    pub redirects: u8,
}

impl Policy {
    /// The strict policy: https to `hosts`, public addresses, 25 MiB, 10 s to connect, 15 s of silence, 60 s in
    /// all, three redirects.
    pub fn strict(hosts: &[&str]) -> Self {
        Self {
            hosts: hosts.iter().map(|host| host.to_lowercase()).collect(),
            allow_http: false,
            allow_private: false,
            most_bytes: 25 * 1024 * 1024,
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(15),
            whole: Duration::from_secs(60),
            redirects: 3,
        }
    }

    /// The policy for looking at addresses that strangers give: any public host, plain http too, 10 s to connect,
    /// 10 s of silence, 20 s in all, five redirects.
    pub fn any_public() -> Self {
        Self {
            hosts: vec!["*".to_owned()],
            allow_http: true,
            silence: Duration::from_secs(10),
            whole: Duration::from_secs(20),
            redirects: 5,
            ..Self::strict(&[])
        }
    }

    /// Checks an address on the web before anything is sent there.
    pub(crate) fn check(&self, url: &Url) -> Result<(), FetchError> {
        let refused = |why: &str| FetchError::refused(url, why);
        match url.scheme() {
            "https" => {}
            "http" if self.allow_http => {}
            "http" => return Err(refused("plain http is not allowed here; use https")),
            _ => return Err(refused("only https is allowed")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("an address must not hold a name or password"));
        }
        let Some(host) = url.host() else { return Err(refused("it names no host")) };
        let name = host.to_string().to_lowercase();
        if !self.hosts.iter().any(|allowed| matches(allowed, &name)) {
            return Err(refused("the host is not on the list of allowed hosts"));
        }
        let literal = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        if literal.is_some_and(|address| !self.allow_private && !is_public(address)) {
            return Err(FetchError::NotPublic { place: place(url), why: "the address is not a public one" });
        }
        Ok(())
    }
}

fn matches(allowed: &str, host: &str) -> bool {
    if allowed == "*" {
        return true;
    }
    match allowed.strip_prefix("*.") {
        Some(parent) => host.strip_suffix(parent).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.')),
        None => allowed == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(policy: &Policy, url: &str) -> Result<(), String> {
        policy.check(&Url::parse(url).unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn only_named_hosts_over_https_are_asked() {
        let policy = Policy::strict(&["odk.example.org", "*.gov.example"]);
        for url in [
            "https://odk.example.org/v1",
            "https://ODK.Example.org:8443/",
            "https://a.gov.example",
            "https://a.b.gov.example",
        ] {
            assert_eq!(verdict(&policy, url), Ok(()), "{url}");
        }
        for (url, why) in [
            ("http://odk.example.org/", "plain http"),
            ("file:///etc/passwd", "only https"),
            ("ftp://odk.example.org/", "only https"),
            ("https://user@odk.example.org/", "name or password"),
            ("https://:secret@odk.example.org/", "name or password"),
            ("https://gov.example/", "not on the list"),
            ("https://evilgov.example/", "not on the list"),
            ("https://odk.example.org.evil.example/", "not on the list"),
            ("https://127.0.0.1/", "not on the list"),
        ] {
            let refused = verdict(&policy, url).unwrap_err();
            assert!(refused.contains(why), "{url}: {refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
    }

    #[test]
    fn an_address_that_is_not_public_is_refused_in_every_spelling() {
        let policy = Policy::strict(&["127.0.0.1", "0.0.0.0", "[::1]", "[::ffff:7f00:1]", "10.0.0.8"]);
        for url in [
            "https://127.0.0.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://127.1/",
            "https://0.0.0.0/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://10.0.0.8/",
        ] {
            let refused = verdict(&policy, url).unwrap_err();
            assert!(refused.contains("not a public one"), "{url}: {refused}");
        }
        let intranet = Policy { allow_private: true, ..policy };
        assert_eq!(verdict(&intranet, "https://10.0.0.8/"), Ok(()));
    }
}
