//! Ends a worker that does not answer in time: the kernel counts computing time only, not waiting.

use std::process::Child;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Watches over one worker from a thread of its own, which ends with it.
#[derive(Debug)]
pub(super) struct Watchdog {
    /// `Some` starts the clock, `None` stops it.
    clock: Sender<Option<Duration>>,
    child: Arc<Mutex<Child>>,
}

impl Watchdog {
    /// Watches over `child`.
    pub(super) fn over(child: Child) -> std::io::Result<Self> {
        let child = Arc::new(Mutex::new(child));
        let (clock, orders) = mpsc::channel();
        let watched = Arc::clone(&child);
        thread::Builder::new().name("watchdog".to_owned()).spawn(move || {
            // Ends when the sender is dropped.
            while let Ok(order) = orders.recv() {
                let Some(limit) = order else { continue };
                if orders.recv_timeout(limit) == Err(RecvTimeoutError::Timeout) {
                    // It may have ended by itself at this very moment.
                    let _ = watched.lock().unwrap_or_else(PoisonError::into_inner).kill();
                }
            }
        })?;
        Ok(Self { clock, child })
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
    pub(super) fn end(&self) -> std::io::Result<std::process::ExitStatus> {
        let mut child = self.child.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = child.kill();
        child.wait()
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        let _ = self.end();
    }
}
