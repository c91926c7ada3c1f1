//! Ends a worker that does not answer in time: the kernel counts computing time only, not waiting.

use std::process::{Child, ExitStatus};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Watches over one worker from a thread of its own, which ends with it.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// `Some` starts the clock, `None` stops it.
    clock: Sender<Option<Duration>>,
    watched: Arc<Mutex<Watched>>,
}

#[derive(Debug)]
struct Watched {
    child: Child,
    /// Whether its time was over.
    is_late: bool,
}

/// How a worker ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct End {
    pub(super) status: ExitStatus,
    /// Whether its time was over: it was ended because of that, unless it ended by itself at that very moment.
    pub(super) is_late: bool,
}

impl Watchdog {
    /// Watches over `child`.
    pub(super) fn over(child: Child) -> std::io::Result<Self> {
        let watched = Arc::new(Mutex::new(Watched { child, is_late: false }));
        let (clock, orders) = mpsc::channel();
        let there = Arc::clone(&watched);
        thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            // Ends when the sender is dropped.
            while let Ok(order) = orders.recv() {
                let Some(limit) = order else { continue };
                if orders.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    let mut watched = there.lock().unwrap_or_else(PoisonError::into_inner);
                    watched.is_late = true;
                    // It may have ended by itself at this very moment.
                    let _ = watched.child.kill();
                }
            }
        })?;
        Ok(Self { clock, watched })
    }

    /// Starts the clock.
    pub(super) fn start(&self, limit: Duration) {
        // The thread lives as long as this sender.
        let _ = self.clock.send(Some(limit));
    }

    /// Stops the clock.
    pub(super) fn stop(&self) {
        let _ = self.clock.send(None);
    }

    /// Ends the worker and gives how it ended.
    pub(super) fn end(&self) -> std::io::Result<End> {
        let mut watched = self.watched.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = watched.child.kill();
        Ok(End { status: watched.child.wait()?, is_late: watched.is_late })
    }
}

#[cfg(test)]
impl Watchdog {
    /// The number of the worker's process.
    pub(super) fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_child(&self.watched.lock().unwrap().child)
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
