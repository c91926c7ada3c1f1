//! The exit codes that schedulers rely on.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done.
    Done,
    /// Done, and some submissions were refused or returned with blocking findings.
    Attention,
    /// Wrong usage, configuration or framework; nothing was done.
    Usage,
    /// A stage failed; outputs of earlier runs are intact.
    Failed,
    /// Another run holds the lock.
    Locked,
    /// Ended from the keyboard (SIGINT) before it was done; what was finished is kept.
    Interrupted,
    /// Ended by the system (SIGTERM) before it was done; what was finished is kept.
    Terminated,
}

impl Exit {
    /// The process's exit code.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Attention => 1,
            Self::Usage => 2,
            Self::Failed => 70,
            Self::Locked => 75,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
