//! How long work tells how far it is, without knowing who watches.

/// Somebody who watches a stage.
pub trait Progress: Sync {
    /// A stage starts on `total` units of work.
    fn start(&self, stage: &str, total: usize);
    /// One unit is done.
    fn advance(&self);
    /// The stage is done.
    fn finish(&self);
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _stage: &str, _total: usize) {}
    fn advance(&self) {}
    fn finish(&self) {}
}
