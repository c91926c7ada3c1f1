//! Whether the scores in the store are those of the configured framework: a number of one index is never shown under the
//! name of another one.

use std::collections::BTreeSet;
use std::path::Path;

use maturity::id::Id;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use store::{Store, StoreError};

use crate::arguments::{Command, ComparatorsCommand, FrameworkCommand};
use crate::say::{Tone, Voice};
use crate::stages::Stage;

/// Whether a command shows scores that an earlier one computed.
pub(crate) fn reads_scores(command: &Command) -> bool {
    match command {
        // A run that begins with an earlier stage computes them anew.
        Command::Run(options) => options.from == Stage::Report,
        Command::Report
        | Command::Status
        | Command::Explain { .. }
        | Command::Export(_)
        | Command::Compare(_)
        | Command::Comparators { command: ComparatorsCommand::Pin { .. } }
        | Command::Respondents { .. }
        | Command::Raise { .. }
        | Command::Diff(_)
        | Command::Publish(_)
        | Command::Framework { command: FrameworkCommand::Method { economy: Some(_), .. } } => true,
        _ => false,
    }
}

/// Refuses to show the scores of another index, and says once where the framework was changed since they were computed:
/// gives whether it did. `named` is the store by the name that people know, also where a copy of it is looked at.
pub(crate) fn look(context: &Context, voice: Voice, named: &Path) -> Result<bool, Failure> {
    // A store that cannot be read is the matter of the command, which knows more of what it wanted.
    let Ok(Some(found)) = found(context) else { return Ok(false) };
    let framework = &context.framework;
    if found.is_other_index(context) {
        let of = found.framework.map(|id| format!(" of the framework \"{id}\"")).unwrap_or_default();
        let has: Vec<&str> = found.composites.iter().map(Id::as_str).collect();
        return Err(Failure::new(
            Exit::Usage,
            format!(
                "the scores of wave {} in {} are those of another index, {}{of}, and not of {} of \"{}\" (give each \
                 index a [store] path and an [output] dir of its own; if this one takes the place of the other: gtmi run)",
                framework.wave,
                named.display(),
                has.join(", "),
                framework.composite.id,
                framework.id
            ),
        ));
    }
    if found.is_changed {
        let note = "the framework was changed since the last run, and these scores were computed before that: gtmi run";
        voice.line(&voice.toned(Tone::Attention, note));
    }
    Ok(found.is_changed)
}

/// What the scores in force were computed with.
struct Found {
    /// The id of the framework of the last run, where it is another one than the configured one.
    framework: Option<String>,
    composites: BTreeSet<Id>,
    subindexes: BTreeSet<Id>,
    /// Whether the last run had another framework, or the same one with other content.
    is_changed: bool,
}

impl Found {
    /// Two indices may call their composite the same, and one framework may get another id: only both together tell
    /// another index.
    fn is_other_index(&self, context: &Context) -> bool {
        let framework = &context.framework;
        let known = |id: &Id| framework.subindex(id).is_some();
        self.composites.iter().any(|id| *id != framework.composite.id)
            || (self.framework.is_some() && !self.subindexes.iter().all(known))
    }
}

/// Absent where the store holds no scores of the wave.
fn found(context: &Context) -> Result<Option<Found>, StoreError> {
    let framework = &context.framework;
    let Some(store) = Store::open_existing(&context.config.store)? else { return Ok(None) };
    store.look(|store| {
        let (composites, subindexes) = store.scored_ids(framework.wave)?;
        if composites.is_empty() {
            return Ok(None);
        }
        let hashes = store.frameworks_of_scores(framework.wave)?;
        let others = hashes.iter().filter(|hash| **hash != framework.hash);
        let mut ids = BTreeSet::new();
        for hash in others.clone() {
            ids.extend(store.kept_framework(hash)?.id());
        }
        Ok(Some(Found {
            framework: ids.into_iter().find(|id| *id != framework.id),
            composites,
            subindexes,
            is_changed: others.count() > 0,
        }))
    })
}
