//! Names become addresses here, and only addresses that pass the policy are connected to. As the connection is
//! made to exactly the addresses that come out, a name cannot change its meaning between check and use.

use std::net::SocketAddr;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use crate::address::is_public;

/// The system's resolver with a filter behind it.
#[derive(Debug, Clone)]
pub(crate) struct Filtered {
    pub(crate) allow_private: bool,
}

/// A name leads to addresses that are not public.
#[derive(Debug, thiserror::Error)]
#[error("the host leads to an address that is not a public one")]
pub(crate) struct NotPublic;

impl Resolve for Filtered {
    fn resolve(&self, name: Name) -> Resolving {
        let allow_private = self.allow_private;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let kept: Vec<SocketAddr> =
                found.into_iter().filter(|address| allow_private || is_public(address.ip())).collect();
            if kept.is_empty() {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(kept.into_iter());
            Ok(addresses)
        })
    }
}

impl Filtered {
    pub(crate) fn new(allow_private: bool) -> Arc<Self> {
        Arc::new(Self { allow_private })
    }
}
