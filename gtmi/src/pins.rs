//! `gtmi comparators`: freeze the comparators of now under a name, list what is frozen.

use pipeline::comparators::{self, Pin};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;

use crate::compare;
use crate::say::Voice;
use crate::stages;

/// Freezes the comparators of the scores in force under a name.
pub(crate) fn pin(context: &Context, voice: Voice, name: &str) -> Result<Exit, Failure> {
    if !Pin::may_freeze(name) {
        let message = format!(
            "\"{name}\" cannot be the name of a frozen set (published-… are those of published scores)"
        );
        return Err(Failure::new(Exit::Usage, message));
    }
    let _lock = pipeline::stage::lock(context)?;
    let mut store = stages::open(context)?;
    let economies = store.scored(context.framework.wave).map_err(Failure::stage)?.len();
    if economies == 0 {
        return Err(Failure::new(Exit::Usage, "there are no scores yet (gtmi run computes them)"));
    }
    let panels = compare::panels(context, &store).map_err(Failure::stage)?;
    let set = comparators::computed(context, Some(name), &panels);
    let now = jiff::Timestamp::now().to_string();
    store.pin_comparators(name, &now, &set).map_err(Failure::stage)?;
    let fingerprint = comparators::fingerprint(&set);
    voice.line(&format!(
        "frozen as \"{name}\": {} comparators of {} economies ([comparators] pin = \"{name}\" uses it)",
        set.comparators.len(),
        economies
    ));
    voice
        .result(&json!({ "name": name, "pinned_at": now, "sha256": fingerprint, "economies": economies }))?;
    Ok(Exit::Done)
}

/// Lists the sets that can be pinned.
pub(crate) fn list(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    let store = store::Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let frozen = match &store {
        Some(store) => store.comparator_pins().map_err(Failure::stage)?,
        None => Vec::new(),
    };
    let mut waves: Vec<u16> = context.published_scores.iter().map(|scores| scores.wave.0).collect();
    waves.sort_unstable();
    waves.dedup();
    for wave in &waves {
        voice.line(&format!("published-{wave}  from the table of published scores"));
    }
    for (name, at) in &frozen {
        voice.line(&format!("{name}  frozen at {at}"));
    }
    let frozen: Vec<_> =
        frozen.into_iter().map(|(name, at)| json!({ "name": name, "pinned_at": at })).collect();
    let published: Vec<String> = waves.iter().map(|wave| format!("published-{wave}")).collect();
    voice.result(
        &json!({ "published": published, "frozen": frozen, "in_use": context.config.comparators.pin }),
    )?;
    Ok(Exit::Done)
}
