//! `[comparators]`: who is compared with whom, and whether the set is pinned.

use std::collections::BTreeMap;

use serde::Deserialize;

/// The section `[comparators]`; all of it may be left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparatorChoice {
    /// Chosen peers: the name of each set, and its economies by code or name.
    #[serde(default)]
    pub peers: BTreeMap<String, Vec<String>>,
    /// The set that does not move with every new submission: `published-2022` takes the published scores of
    /// that wave, any other name the set frozen under it by `gtmi comparators pin`. Without it comparators
    /// are computed from the scores in force whenever they are asked for.
    pub pin: Option<String>,
}
