//! The way out: asks other people's servers, and trusts nothing that they say.
//!
//! One [`Client`] for each place that is asked. Its [`Policy`] names the hosts; anything else is refused before a
//! byte leaves the machine: other hosts, plain http, addresses that are not public (after resolution, and
//! exactly the address that was checked is connected to), redirects that lead to any of these. Answers are
//! bounded in bytes and time, complete, and never decompressed on the way. Secrets come from the environment or
//! a file and appear in no message.

mod address;
mod client;
mod error;
mod policy;
mod resolve;
mod retry;
mod secret;

pub use address::is_public;
pub use client::{Answer, Body, Client, Request, Seen};
pub use error::FetchError;
pub use policy::Policy;
pub use retry::Retries;
pub use secret::{Secret, SecretError};
