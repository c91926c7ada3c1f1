//! What of a source could not be fetched: it is told at the end and stops nothing else.

use std::collections::BTreeMap;

use fetch::FetchError;
use pipeline::logging::NOTED;
use url::Url;

use super::{SourceError, chain};

/// The most files that failed and are told by name.
const MOST_TOLD: usize = 5;

/// The files that could not be fetched, and what is left of the patience with their servers.
#[derive(Default)]
pub(super) struct Failures {
    told: Vec<String>,
    patience: Patience,
}

impl Failures {
    /// Whether a file is to be left out, because its server does not answer.
    pub(super) fn is_over(&mut self, url: &str) -> bool {
        self.patience.is_over(url)
    }

    /// Notes what came of asking for a file; gives whether it came. What is no fault of its server stops the source.
    pub(super) fn note(&mut self, url: &str, taken: Result<(), SourceError>) -> Result<bool, SourceError> {
        self.patience.note(url, &taken);
        match taken {
            Ok(()) => Ok(true),
            Err(error @ (SourceError::Fetch(_) | SourceError::Shape { .. })) => {
                let told = chain(&error);
                tracing::warn!(target: NOTED, error = told, "a file could not be fetched");
                self.told.push(told);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// All of them as one error, if there are any.
    pub(super) fn end(mut self) -> Result<(), SourceError> {
        if self.told.is_empty() {
            return Ok(());
        }
        let more = self.told.len().saturating_sub(MOST_TOLD);
        self.told.truncate(MOST_TOLD);
        if more > 0 {
            self.told.push(format!("and {more} more"));
        }
        self.told.extend(self.patience.told());
        Err(SourceError::Files(self.told))
    }
}

/// What is left of the patience with each server of a source: one that does not answer is not waited for once for
/// each of its files.
#[derive(Default)]
struct Patience {
    /// Failures in a row by server, broken connections and statuses that say so; silence counts for many.
    failures: BTreeMap<String, u32>,
    /// Files that were not asked for.
    left_out: BTreeMap<String, u32>,
}

impl Patience {
    const END: u32 = 3;

    fn server(url: &str) -> String {
        Url::parse(url).map(|url| url.origin().ascii_serialization()).unwrap_or_default()
    }

    /// Whether a file is to be left out.
    fn is_over(&mut self, url: &str) -> bool {
        let server = Self::server(url);
        let over = self.failures.get(&server).is_some_and(|failures| *failures >= Self::END);
        if over {
            *self.left_out.entry(server).or_default() += 1;
        }
        over
    }

    fn note(&mut self, url: &str, taken: &Result<(), SourceError>) {
        let failures = self.failures.entry(Self::server(url)).or_default();
        *failures = match taken {
            Err(SourceError::Fetch(FetchError::Slow { .. })) => Self::END,
            Err(SourceError::Fetch(
                FetchError::Connection { .. } | FetchError::Status { status: 429 | 500.., .. },
            )) => *failures + 1,
            _ => 0,
        };
    }

    fn told(self) -> impl Iterator<Item = String> {
        let left_out = self.left_out.into_iter();
        left_out.map(|(server, count)| {
            format!("{server} does not answer or fails: {count} more of its files are left for the next run")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_answer_is_given_up() {
        let slow = || {
            let limit = std::time::Duration::from_secs(15);
            Err(SourceError::Fetch(FetchError::Slow { place: "x".to_owned(), limit }))
        };
        let broken = || {
            let source = "reset".into();
            Err(SourceError::Fetch(FetchError::Connection { place: "x".to_owned(), source }))
        };
        let status = |status| {
            let place = "x".to_owned();
            Err(SourceError::Fetch(FetchError::Status { place, status, note: None, retry_after: None }))
        };
        let mut patience = Patience::default();
        let (a, b) = ("https://a.example/1.xlsx", "https://b.example/1.xlsx");
        patience.note(a, &slow());
        assert!(patience.is_over("https://a.example/2.xlsx") && !patience.is_over(b));
        for taken in [broken(), broken(), Ok(()), broken(), broken()] {
            patience.note(b, &taken);
            assert!(!patience.is_over(b));
        }
        patience.note(b, &broken());
        assert!(patience.is_over(b));
        // A server that is too busy, or fails, brings no file either; one that has no such file works.
        let c = "https://c.example/1.xlsx";
        for taken in [status(503), status(429), status(404), status(500), status(429)] {
            patience.note(c, &taken);
            assert!(!patience.is_over(c));
        }
        patience.note(c, &status(503));
        assert!(patience.is_over(c));
        assert_eq!(patience.told().count(), 3);
    }
}
