//! Reading in processes of their own: whatever a stranger's file does to the reader, it costs that one file.
//!
//! The program starts itself again as a worker ([`fn@serve`]), confined in memory, time, files and network. The
//! parent ([`Pool`]) sends it bytes and gets a [`Book`] or a refusal back. A worker that panics is asked again
//! for the next file; one that is killed, aborts or takes too long is replaced, and its file is refused.
//!
//! [`Book`]: maturity::cell::Book

mod confine;
mod pool;
mod protocol;
mod serve;
mod watchdog;

pub use pool::{Pool, PoolError};
pub use serve::{ARGUMENT, is_asked_for, serve};

/// What one file may cost a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Costs {
    /// Bytes of address space of the process.
    pub memory: u64,
    /// Seconds of computing time for one file.
    pub cpu_seconds: u64,
    /// Seconds by the clock for one file; more than the computing time, because machines are shared.
    pub wall_seconds: u64,
    /// Bytes of what the worker may answer.
    pub answer: u32,
}

impl Default for Costs {
    fn default() -> Self {
        Self { memory: 1 << 30, cpu_seconds: 20, wall_seconds: 60, answer: 256 << 20 }
    }
}
