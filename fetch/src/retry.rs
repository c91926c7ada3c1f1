//! How often and when a request is made again.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, SystemTime};

/// Retries of requests that may pass later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retries {
    /// How often a request is made at the most.
    pub attempts: u32,
    /// The longest wait before the second attempt; it doubles for each further one.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// The longest wait that a server may ask for; a longer one ends the attempts.
    pub longest_asked: Duration,
    /// The longest that a client waits in all for one host. After that each request to it is made once.
    pub longest_in_all: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_secs(1),
            longest: Duration::from_secs(30),
            longest_asked: Duration::from_secs(300),
            longest_in_all: Duration::from_secs(600),
        }
    }
}

impl Retries {
    /// How long to wait before attempt `next` (2 for the first repetition); nothing if there is none. A random
    /// share of the growing limit keeps many clients from coming back at the same moment.
    pub(crate) fn wait(&self, next: u32, asked: Option<Duration>) -> Option<Duration> {
        if next > self.attempts {
            return None;
        }
        if let Some(asked) = asked {
            return (asked <= self.longest_asked).then_some(asked);
        }
        let limit = self.first.saturating_mul(1 << next.saturating_sub(2).min(16)).min(self.longest);
        Some(limit.mul_f64(0.5 + fastrand::f64() / 2.0))
    }
}

/// How long a client waited for each host so far.
#[derive(Debug, Default)]
pub(crate) struct Waited(Mutex<BTreeMap<String, Duration>>);

impl Waited {
    /// Adds a wait, unless that would be more than `most` in all; gives whether it is to be waited.
    pub(crate) fn add(&self, host: &str, wait: Duration, most: Duration) -> bool {
        // Nobody panics while holding it; if so, it is no reason to wait without end.
        let Ok(mut waited) = self.0.lock() else { return false };
        let so_far = waited.entry(host.to_owned()).or_default();
        let in_all = so_far.saturating_add(wait);
        let fits = in_all <= most;
        if fits {
            *so_far = in_all;
        }
        fits
    }
}

/// The time that a `Retry-After` header asks to wait: seconds, or a date.
pub(crate) fn asked(header: &str, now: SystemTime) -> Option<Duration> {
    let header = header.trim();
    if let Ok(seconds) = header.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = httpdate::parse_http_date(header).ok()?;
    Some(until.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let retries = Retries::default();
        for (next, low, high) in [(2, 500, 1000), (3, 1000, 2000), (4, 2000, 4000), (5, 4000, 8000)] {
            let wait = retries.wait(next, None).unwrap().as_millis();
            assert!((low..=high).contains(&wait), "{next}: {wait}");
        }
        assert_eq!(retries.wait(6, None), None);
        assert_eq!(
            Retries { attempts: 99, ..retries }.wait(60, None).map(|wait| wait.as_secs() <= 30),
            Some(true)
        );
    }

    #[test]
    fn the_server_may_ask_for_a_wait_within_reason() {
        let retries = Retries::default();
        assert_eq!(retries.wait(2, Some(Duration::from_secs(7))), Some(Duration::from_secs(7)));
        assert_eq!(retries.wait(2, Some(Duration::from_secs(3600))), None);
    }

    #[test]
    fn the_waits_for_a_host_end() {
        let waited = Waited::default();
        let add = |host: &str, seconds| {
            waited.add(host, Duration::from_secs(seconds), Retries::default().longest_in_all)
        };
        assert!(add("a.example", 300) && add("a.example", 290) && !add("a.example", 11));
        assert!(add("a.example", 10) && !add("a.example", 1), "what was not waited does not count");
        assert!(add("b.example", 300), "for each host by itself");
    }

    #[test]
    fn reads_seconds_and_dates() {
        let now = httpdate::parse_http_date("Wed, 25 Nov 2026 10:00:00 GMT").unwrap();
        assert_eq!(asked("120", now), Some(Duration::from_secs(120)));
        assert_eq!(asked("Wed, 25 Nov 2026 10:00:05 GMT", now), Some(Duration::from_secs(5)));
        assert_eq!(asked("Wed, 25 Nov 2026 09:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(asked("soon", now), None);
    }
}
