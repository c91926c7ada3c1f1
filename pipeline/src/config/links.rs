//! `[links]`: how web addresses in evidence are opened, when that is asked for.

use serde::Deserialize;

/// The section `[links]`; all of it may be left out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinkChoice {
    /// After how many days an address that worked is opened again.
    pub max_age_days: u16,
    /// How many milliseconds pass between two requests to the same host.
    pub pause_ms: u32,
    /// Whether addresses that are not public count: for an intranet that all reviewers can see.
    pub allow_private: bool,
}

impl Default for LinkChoice {
    fn default() -> Self {
        Self { max_age_days: 30, pause_ms: 1000, allow_private: false }
    }
}
