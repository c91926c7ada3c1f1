//! One attempt at a run: its name, its cause, and its row of the ledger.

use std::time::Instant;

use pipeline::lock::{Lock, LockError};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::{Deserialize, Serialize};
use store::{LedgerEntry, Store};

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Somebody, or a scheduler outside.
    Command,
    /// `gtmi schedule`, at its time.
    Schedule,
    /// `gtmi schedule`, after a time was missed.
    CatchUp,
    /// One stage by itself.
    Stage,
}

impl Cause {
    /// As it stands in the ledger.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Command => "command",
            Self::Schedule => "schedule",
            Self::CatchUp => "catch-up",
            Self::Stage => "stage",
        }
    }
}

/// An attempt that is under way.
#[derive(Debug)]
pub(crate) struct Attempt {
    /// Names it in the ledger and in logs: the time of its start and the process.
    pub(crate) name: String,
    /// When it started.
    pub(crate) started: jiff::Timestamp,
    clock: Instant,
    cause: Cause,
}

impl Attempt {
    /// Starts now.
    pub(crate) fn start(cause: Cause) -> Self {
        let started = jiff::Timestamp::now();
        let time = started.strftime("%Y%m%dT%H%M%S.%6fZ");
        Self { name: format!("{time}-{}", std::process::id()), started, clock: Instant::now(), cause }
    }

    /// Seconds since the start.
    pub(crate) fn seconds(&self) -> f64 {
        self.clock.elapsed().as_secs_f64()
    }

    /// The row of an attempt that did its work.
    pub(crate) fn ended(&self, context: &Context, exit: Exit) -> LedgerEntry {
        LedgerEntry {
            attempt: self.name.clone(),
            cause: self.cause.as_str().to_owned(),
            started_at: self.started.to_string(),
            seconds: Some(self.seconds()),
            outcome: outcome(exit).to_owned(),
            exit_code: Some(exit.code()),
            config_sha256: context.config.hash.clone(),
            framework_sha256: context.framework.hash.clone(),
            error: None,
            record: None,
        }
    }

    /// The row of an attempt that failed or was ended.
    pub(crate) fn failed(&self, context: &Context, failure: &Failure) -> LedgerEntry {
        LedgerEntry { error: Some(failure.chain()), ..self.ended(context, failure.exit) }
    }
}

/// The mark that an attempt leaves in the lock's file while it is under way: the beginning of its row.
#[derive(Debug, Serialize, Deserialize)]
struct Begun {
    attempt: String,
    cause: String,
    started_at: String,
    config_sha256: String,
    framework_sha256: String,
}

impl Attempt {
    /// Adds to the ledger what earlier holders of the lock began and did not end, and marks this attempt as begun.
    /// The mark lies outside of the store, so an attempt that finds nothing to do changes nothing there.
    pub(crate) fn begin(&self, context: &Context, store: &mut Store, lock: &mut Lock) -> Result<(), Failure> {
        for mark in lock.left() {
            // A mark that was cut off in the middle, after a power failure say, tells nothing.
            let Ok(begun) = serde_json::from_str::<Begun>(mark) else { continue };
            tracing::warn!(attempt = begun.attempt, "an earlier run broke off");
            let entry = LedgerEntry {
                attempt: begun.attempt,
                cause: begun.cause,
                started_at: begun.started_at,
                seconds: None,
                outcome: "broken off".to_owned(),
                exit_code: None,
                config_sha256: begun.config_sha256,
                framework_sha256: begun.framework_sha256,
                error: Some(
                    "it ended without a word: it was killed, the machine stopped, or its end could not be written"
                        .to_owned(),
                ),
                record: None,
            };
            store.add_broken_off(&entry).map_err(Failure::stage)?;
        }
        let begun = Begun {
            attempt: self.name.clone(),
            cause: self.cause.as_str().to_owned(),
            started_at: self.started.to_string(),
            config_sha256: context.config.hash.clone(),
            framework_sha256: context.framework.hash.clone(),
        };
        let mark = serde_json::to_string(&begun).map_err(Failure::stage)?;
        let path = context.config.lock_path();
        lock.begin(&mark).map_err(|source| Failure::stage(LockError::Io { path, source }))
    }
}

/// How an attempt ended, in a word.
pub(crate) fn outcome(exit: Exit) -> &'static str {
    match exit {
        Exit::Done => "done",
        Exit::Attention => "attention",
        Exit::Usage => "usage",
        Exit::Failed => "failed",
        Exit::Locked => "locked",
        Exit::Interrupted | Exit::Terminated => "stopped",
    }
}
