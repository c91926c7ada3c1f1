//! `[external.INDEX]` and `[[external_file]]`: which edition of an external index is used, and files as their
//! publishers give them out.

use std::path::PathBuf;

use serde::Deserialize;
use toml::Spanned;

/// What is asked of one external index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExternalChoice {
    /// The edition to use, whatever the wave; the newest not later than the wave if there is no such choice.
    pub edition: u16,
}

/// A file that holds an external index in its publisher's arrangement.
#[derive(Debug, Clone, PartialEq)]
pub struct ExternalFile {
    /// The index of the framework that it holds, e.g. `TII`.
    pub index: String,
    /// The file.
    pub path: PathBuf,
    /// What the file calls the index: a heading, or a value of its column of indicators. The index's id if
    /// it is not told.
    pub called: Option<String>,
    /// The lowest and highest value of the scale that the file is on; asked for, never guessed.
    pub scale: Option<(f64, f64)>,
    /// The edition of all rows; needed where the file has neither a column of years nor years as headings.
    pub edition: Option<u16>,
    /// Who publishes the figures.
    pub source: Option<String>,
    /// The licence under which they may be used.
    pub licence: Option<String>,
    /// Where in the configuration it is named, e.g. `pipeline.toml:31`.
    pub place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ExternalFileTable {
    pub(super) index: String,
    pub(super) path: Spanned<PathBuf>,
    pub(super) called: Option<String>,
    pub(super) scale: Option<(f64, f64)>,
    pub(super) edition: Option<u16>,
    pub(super) source: Option<String>,
    pub(super) licence: Option<String>,
}

impl ExternalFileTable {
    /// The checked file; `path` is the one that exists, `place` where it is named.
    pub(super) fn at(&self, path: PathBuf, place: String) -> ExternalFile {
        ExternalFile {
            index: self.index.clone(),
            path,
            called: self.called.clone(),
            scale: self.scale,
            edition: self.edition,
            source: self.source.clone(),
            licence: self.licence.clone(),
            place,
        }
    }
}
