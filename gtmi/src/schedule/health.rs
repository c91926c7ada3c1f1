//! The health file: how the schedule is doing, for people and for watchers. It is replaced as a whole.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use jiff::Timestamp;
use pipeline::durable;
use serde::{Deserialize, Serialize};

/// How the schedule is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Health {
    /// `waiting`, `running` or `stopped`.
    pub(crate) state: String,
    /// The process.
    pub(crate) process: u32,
    /// The times of runs, in cron syntax.
    pub(crate) cron: String,
    /// The zone of the times.
    pub(crate) time_zone: String,
    /// When the next run is due, jitter included.
    pub(crate) next_at: Option<Timestamp>,
    /// When this was written.
    pub(crate) updated_at: Option<Timestamp>,
    /// The last run.
    pub(crate) last: Option<LastRun>,
    /// When a run last exited with 0 or 1.
    pub(crate) last_success_at: Option<Timestamp>,
}

/// The last run of the schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LastRun {
    /// When it started.
    pub(crate) started_at: Timestamp,
    /// When it ended.
    pub(crate) ended_at: Timestamp,
    /// `schedule` or `catch-up`.
    pub(crate) cause: String,
    /// `done`, `attention`, `usage`, `failed`, `locked` or `stopped`.
    pub(crate) outcome: String,
    /// How `gtmi run` would have exited.
    pub(crate) exit_code: u8,
    /// The id of the run; absent where nothing changed.
    pub(crate) run: Option<String>,
    /// Why it failed.
    pub(crate) error: Option<String>,
    /// The sources that it could not read to their end, each with the reason.
    #[serde(default)]
    pub(crate) unreachable: BTreeMap<String, String>,
}

impl Health {
    /// What an earlier process left; nothing if there is no such file or it is no health file.
    pub(crate) fn read(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes that the process is in that state and when the next run is due. Where that fails, the log says so: nothing
    /// that only tells of the schedule ends it.
    pub(crate) fn note(&mut self, state: &str, next_at: Option<Timestamp>, path: &Path) {
        state.clone_into(&mut self.state);
        self.next_at = next_at;
        if let Err(error) = self.write(path) {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "the health file cannot be written");
        }
    }

    /// Writes the file.
    pub(crate) fn write(&mut self, path: &Path) -> Result<(), durable::WriteError> {
        self.updated_at = Some(super::now());
        // A structure of plain fields always becomes JSON.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        durable::write(path, &text)
    }
}
