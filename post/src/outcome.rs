//! What came of handing something over.

use std::error::Error;

/// The most characters of a server's words that are kept.
const QUOTED: usize = 300;

/// What came of handing one message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has taken it, and said this.
    Sent(String),
    /// Not this one and not now; a later attempt may succeed.
    Later(String),
    /// The server cannot be used now; nor can it for other messages.
    Unreachable(String),
    /// Never: the server, or the message itself, forbids it.
    Refused(String),
    /// It was handed over completely, and no answer came: the server may have taken it or not.
    Uncertain(String),
}

impl Outcome {
    /// What was said.
    pub fn words(&self) -> &str {
        match self {
            Self::Sent(words)
            | Self::Later(words)
            | Self::Unreachable(words)
            | Self::Refused(words)
            | Self::Uncertain(words) => words,
        }
    }
}

/// An error with its causes, in one line of bounded length.
pub(crate) fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !text.ends_with(&cause_text) {
            text.push_str(": ");
            text.push_str(&cause_text);
        }
        source = cause.source();
    }
    quoted(&text)
}

/// A server's words in one line of bounded length.
pub(crate) fn quoted(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    line.trim().chars().take(QUOTED).collect()
}
