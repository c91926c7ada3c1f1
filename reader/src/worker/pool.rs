//! The parent's side: a few workers, each reused for many files and replaced when one costs it its life.

use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use maturity::cell::Book;
use maturity::finding::{Problem, Refusal};

use super::watchdog::Watchdog;
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
    /// refusal, never an error.
    pub fn read(&self, bytes: &[u8]) -> Result<Result<Book, Refusal>, PoolError> {
        let (size, limits) = (u64::try_from(bytes.len()).unwrap_or(u64::MAX), Limits::default());
        if size > limits.file_bytes {
            return Ok(Err(refusal::too_large(refusal::size(size), refusal::size(limits.file_bytes))));
        }
        let mut worker = match self.idle() {
            Some(worker) => worker,
            None => self.start()?,
        };
        if let Ok(answer) = worker.ask(bytes, &self.costs) {
            self.give_back(worker);
            return Ok(answer);
        }
        let served = worker.served;
        let status = worker.watchdog.end().map_err(PoolError::Program)?;
        self.lost();
        // A fresh worker that fails without a signal never began: it could not be confined.
        if served == 0 && status.code().is_some() {
            return Err(PoolError::Ended { program: self.program.clone(), status });
        }
        Ok(Err(Refusal::of_file(verdict(status, &self.costs))))
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

/// Why a worker died, as what is wrong with the file.
fn verdict(status: ExitStatus, costs: &Costs) -> Problem {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        let (cpu, killed) = (rustix::process::Signal::XCPU, rustix::process::Signal::KILL);
        if status.signal().is_some_and(|signal| signal == cpu.as_raw() || signal == killed.as_raw()) {
            return Problem::FileTakesLong { seconds: costs.cpu_seconds };
        }
    }
    let _ = status;
    Problem::FileBreaksReader { limit: refusal::size(costs.memory) }
}
