//! The parent's side: a few workers, each reused for many files and replaced when one costs it its life.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use maturity::cell::Book;
use maturity::finding::{Problem, Refusal};
use rustix::process::Signal;

use super::watchdog::{End, Watchdog};
use super::{ARGUMENT, Costs, protocol};
use crate::{Limits, refusal};

/// A worker is replaced after so many files: memory that the allocator keeps goes back to the system.
const FILES_FOR_A_WORKER: u32 = 1000;

/// Workers could not be started or asked. This is a fault of the machine or the program, not of a file.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// The program's own file is not known.
    #[error("failed to find the program that reads workbooks")]
    Program(#[source] io::Error),
    /// A worker does not start.
    #[error("failed to start {program:?} to read workbooks")]
    Start {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A worker ended before it was given a file.
    #[error("{program:?} ended before it could read a workbook ({status})")]
    Ended {
        /// The program.
        program: PathBuf,
        /// How it ended.
        status: ExitStatus,
    },
    /// A worker ended, and the system does not say how.
    #[error("failed to learn how {program:?} ended, which read workbooks")]
    Unknown {
        /// The program.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// A pool of workers; shared by threads, each of which has at most one of them at a time.
#[derive(Debug)]
pub struct Pool {
    program: PathBuf,
    costs: Costs,
    /// Idle workers, and how many there are in all.
    state: Mutex<(Vec<Worker>, usize)>,
    freed: Condvar,
    most: usize,
}

impl Pool {
    /// A pool of at most `most` workers that run this very program. Nothing is started yet.
    pub fn new(most: usize) -> Result<Self, PoolError> {
        Ok(Self::of_program(std::env::current_exe().map_err(PoolError::Program)?, most, Costs::default()))
    }

    /// A pool of workers that run `program`, which must serve when it is started as a worker.
    pub fn of_program(program: PathBuf, most: usize, costs: Costs) -> Self {
        let state = Mutex::new((Vec::new(), 0));
        Self { program, costs, state, freed: Condvar::new(), most: most.max(1) }
    }

    /// Reads a workbook in a worker; waits for one if all are busy. What the file does to the worker is its
    /// refusal, never an error. Where something else may have ended the worker, the file is read once more by a fresh one.
    pub fn read(&self, bytes: &[u8]) -> Result<Result<Book, Refusal>, PoolError> {
        let (size, limits) = (u64::try_from(bytes.len()).unwrap_or(u64::MAX), Limits::default());
        if size > limits.file_bytes {
            return Ok(Err(refusal::too_large(refusal::size(size), refusal::size(limits.file_bytes))));
        }
        let mut worker = match self.idle() {
            Some(worker) => worker,
            None => self.start()?,
        };
        let mut is_again = false;
        loop {
            if let Ok(answer) = worker.ask(bytes, &self.costs) {
                self.give_back(worker);
                return Ok(answer);
            }
            let served = worker.served;
            let end = worker.watchdog.end().map_err(|source| {
                self.lost();
                PoolError::Unknown { program: self.program.clone(), source }
            })?;
            if !is_again && !is_of_file(end.status) {
                is_again = true;
                // It takes the place of the one that ended.
                worker = self.start()?;
                continue;
            }
            self.lost();
            // A fresh worker that fails without a signal never began: it could not be confined.
            if served == 0 && end.status.code().is_some() {
                return Err(PoolError::Ended { program: self.program.clone(), status: end.status });
            }
            return Ok(Err(Refusal::of_file(verdict(end, &self.costs))));
        }
    }

    /// An idle worker, or the right to start one.
    fn idle(&self) -> Option<Worker> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(worker) = state.0.pop() {
                return Some(worker);
            }
            if state.1 < self.most {
                state.1 += 1;
                return None;
            }
            state = self.freed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn give_back(&self, worker: Worker) {
        if worker.served >= FILES_FOR_A_WORKER {
            drop(worker);
            return self.lost();
        }
        self.state.lock().unwrap_or_else(PoisonError::into_inner).0.push(worker);
        self.freed.notify_one();
    }

    fn lost(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.1 = state.1.saturating_sub(1);
        drop(state);
        self.freed.notify_one();
    }

    fn start(&self) -> Result<Worker, PoolError> {
        let failed = |source| {
            self.lost();
            PoolError::Start { program: self.program.clone(), source }
        };
        let mut command = Command::new(&self.program);
        // A key that ends the run on the terminal is for the run: it finishes what its workers are reading.
        command.process_group(0);
        let mut child = command
            .arg(ARGUMENT)
            // No secret of the parent reaches a worker.
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(failed)?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (to, from) = pipes.ok_or_else(|| failed(io::ErrorKind::BrokenPipe.into()))?;
        let watchdog = Watchdog::over(child).map_err(failed)?;
        Ok(Worker { to, from, watchdog, served: 0 })
    }
}

#[derive(Debug)]
struct Worker {
    to: ChildStdin,
    from: ChildStdout,
    watchdog: Watchdog,
    served: u32,
}

impl Worker {
    fn ask(&mut self, bytes: &[u8], costs: &Costs) -> io::Result<protocol::Answer> {
        self.watchdog.start(Duration::from_secs(costs.wall_seconds));
        let answer = protocol::send_request(&mut self.to, bytes)
            .and_then(|()| protocol::receive_answer(&mut self.from, costs.answer));
        self.watchdog.stop();
        if answer.is_ok() {
            self.served += 1;
        }
        answer
    }
}

/// Whether nothing but the file ends a worker so. Any other signal may be meant for all processes of a machine that shuts
/// down or has no memory left, and a worker is late too where the machine stood still.
fn is_of_file(status: ExitStatus) -> bool {
    let own = [Signal::XCPU, Signal::SEGV, Signal::BUS, Signal::ABORT];
    status.signal().is_none_or(|signal| own.iter().any(|own| own.as_raw() == signal))
}

/// Why a worker died, as what is wrong with the file.
fn verdict(End { status, is_late }: End, costs: &Costs) -> Problem {
    let is_by = |signal: Signal| status.signal() == Some(signal.as_raw());
    if is_by(Signal::XCPU) || (is_late && is_by(Signal::KILL)) {
        Problem::FileTakesLong { seconds: costs.cpu_seconds }
    } else {
        Problem::FileBreaksReader { limit: refusal::size(costs.memory) }
    }
}

#[cfg(test)]
mod tests {
    use rustix::process::{WaitOptions, waitpid};

    use super::*;

    #[test]
    fn a_worker_whose_end_is_not_told_frees_its_place() {
        // It knows no such argument and ends. "/bin/false" closes its output before it ends, and could be killed in between.
        let pool = Pool::of_program("/bin/sh".into(), 1, Costs::default());
        assert!(pool.idle().is_none());
        let worker = pool.start().unwrap();
        // As where the system keeps nothing of children that ended.
        waitpid(Some(worker.watchdog.pid()), WaitOptions::empty()).unwrap();
        pool.give_back(worker);
        let found = pool.read(b"a workbook");
        assert!(matches!(found, Err(PoolError::Unknown { .. })), "{found:?}");
        assert_eq!(pool.state.lock().unwrap().1, 0);
        let found = pool.read(b"a workbook");
        assert!(matches!(found, Err(PoolError::Ended { .. })), "{found:?}");
    }

    #[test]
    fn only_what_a_file_does_is_a_verdict_at_once() {
        let by = |signal: Signal| ExitStatus::from_raw(signal.as_raw());
        for signal in [Signal::XCPU, Signal::SEGV, Signal::BUS, Signal::ABORT] {
            assert!(is_of_file(by(signal)), "{signal:?}");
        }
        for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::KILL] {
            assert!(!is_of_file(by(signal)), "{signal:?}");
        }
        assert!(is_of_file(ExitStatus::from_raw(1 << 8)));

        let verdict = |signal, is_late| verdict(End { status: by(signal), is_late }, &Costs::default());
        let (long, breaks) = (
            Problem::FileTakesLong { seconds: 20 },
            Problem::FileBreaksReader { limit: "1024 MiB".to_owned() },
        );
        assert_eq!(verdict(Signal::KILL, true), long);
        assert_eq!(verdict(Signal::XCPU, false), long);
        assert_eq!(verdict(Signal::KILL, false), breaks);
        assert_eq!(verdict(Signal::SEGV, true), breaks);
    }
}
