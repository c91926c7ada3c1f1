//! How long work tells how far it is, without knowing who watches.

/// Whoever watches asked to stop. What was finished is kept, the rest is left for the next run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("stopped as asked; what was finished is kept, and the next run goes on from there")]
pub struct Stopped;

/// Somebody who watches a stage.
pub trait Progress: Sync {
    /// A stage starts on `total` units of work.
    fn start(&self, stage: &str, total: usize);
    /// One unit is done.
    fn advance(&self);
    /// The stage is done.
    fn finish(&self);

    /// Whether the work is to end soon.
    fn stopped(&self) -> bool {
        false
    }

    /// Ends the work between two units if that is asked for.
    fn checkpoint(&self) -> Result<(), Stopped> {
        if self.stopped() { Err(Stopped) } else { Ok(()) }
    }
}

/// Nobody watches.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Progress for Silent {
    fn start(&self, _stage: &str, _total: usize) {}
    fn advance(&self) {}
    fn finish(&self) {}
}
