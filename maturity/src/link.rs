//! Web addresses in answers and evidence, and what became of them when they were last opened.

use serde::{Deserialize, Serialize};

/// The words of a text that are meant as web addresses, in their order. Evidence may also be the name of a
/// document, in words.
pub fn addresses(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || matches!(c, ';' | '<' | '>' | '(' | ')' | '"'))
        .map(|word| word.trim_end_matches(['.', ',', ':']))
        .filter(|word| word.contains("://") || starts_with(word, "www.") || starts_with(word, "http:"))
}

/// Whether a word starts like an address that can be opened.
pub fn is_web(word: &str) -> bool {
    starts_with(word, "https://") || starts_with(word, "http://")
}

fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// What happened when an address was opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum LinkOutcome {
    /// There is a page or document.
    Works,
    /// The server says that there is none any more.
    Gone,
    /// It has moved for good.
    Moved {
        /// Where to.
        to: String,
    },
    /// It cannot be seen by everyone: the server asks to sign in, or refuses.
    Closed {
        /// The status that says so, e.g. 401.
        status: u16,
    },
    /// The server cannot prove that it is who it says.
    Certificate,
    /// The server is not found, does not answer in time, or fails.
    Silent,
    /// It leads into a network that is not public.
    NotPublic,
}

impl LinkOutcome {
    /// Whether everyone can see the evidence there.
    pub fn works(&self) -> bool {
        *self == Self::Works
    }
}

/// The state of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkState {
    /// What happened.
    pub outcome: LinkOutcome,
    /// The first day on which that happened without a break, `YYYY-MM-DD`.
    pub since: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_sentences() {
        let found = |text| addresses(text).collect::<Vec<_>>();
        assert_eq!(
            found("see (https://example.org/a), page 3; http://example.net."),
            ["https://example.org/a", "http://example.net"]
        );
        assert_eq!(found("www.example.org"), ["www.example.org"]);
        assert!(found("Act No. 12 of 2019, section 4").is_empty());
        assert!(is_web("HTTPS://example.org") && !is_web("ftp://example.org") && !is_web("é"));
    }
}
