//! The look of cells.

use std::sync::Arc;

use rust_xlsxwriter::Format;

/// A format that is made once and given to many cells.
///
/// The library finds a format by all that it says, font, borders and colours, and does so for each cell. Two
/// styles are compared by what they are instead: a style is the same only as itself and its clones.
#[derive(Debug, Clone, Default)]
pub struct Style(Arc<Format>);

impl Style {
    /// Whether two styles are one.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// What the library knows it as.
    pub(super) fn format(&self) -> &Format {
        &self.0
    }
}

impl From<Format> for Style {
    fn from(format: Format) -> Self {
        Self(Arc::new(format))
    }
}
