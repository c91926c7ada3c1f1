//! `[review]`: where reports come back in which reviewers decided.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

/// The section `[review]`; all of it may be left out.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReviewTable {
    /// The folder of country reports whose sheet of decisions is filled in.
    pub(super) dir: Option<Spanned<PathBuf>>,
}
