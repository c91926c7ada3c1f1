//! What the client does when servers behave, and when they do not.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod answers;
mod safety;
mod server;
