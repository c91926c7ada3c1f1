//! `gtmi comparators`: freeze the comparators of now under a name, list what is frozen.

use std::collections::BTreeSet;

use maturity::spelling::did_you_mean;
use pipeline::comparators::{self, Pin};
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde_json::json;
use store::ComparatorPin;

use crate::compare;
use crate::say::{Tone, Voice, counted};
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
        "frozen as \"{name}\": {} of {} ([comparators] pin = \"{name}\" uses it)",
        counted(set.comparators.len(), "comparator", "comparators"),
        counted(economies, "economy", "economies")
    ));
    voice
        .result(&json!({ "name": name, "pinned_at": now, "sha256": fingerprint, "economies": economies }))?;
    Ok(Exit::Done)
}

/// Looks whether there is the frozen set that reports are to show. Where there are scores to freeze, a name that nothing
/// is frozen under is a wrong configuration. A set is frozen from scores, so the first run is without it, and says so.
pub(crate) fn look(context: &Context, voice: Voice) -> Result<(), Failure> {
    let Pin::Frozen(name) = &context.pin else { return Ok(()) };
    let store = store::Store::open_existing(&context.config.store).map_err(Failure::stage)?;
    let (frozen, has_scores) = match &store {
        Some(store) => (
            store.comparator_pins().map_err(Failure::stage)?,
            !store.scored_economies(context.framework.wave).map_err(Failure::stage)?.is_empty(),
        ),
        None => (Vec::new(), false),
    };
    if frozen.iter().any(|pin| pin.name == *name) {
        return Ok(());
    }
    let waves = context.published_scores.iter().map(|scores| format!("published-{}", scores.wave));
    let known: BTreeSet<String> = frozen.into_iter().map(|pin| pin.name).chain(waves).collect();
    let guess = did_you_mean(name, known.iter().map(String::as_str));
    if !has_scores && guess.is_empty() {
        let note = format!(
            "no comparators are frozen under \"{name}\" yet: reports are made without comparators (after this run: \
             gtmi comparators pin {name}, then gtmi run)"
        );
        voice.line(&voice.toned(Tone::Attention, &note));
        return Ok(());
    }
    let there = match known.len() {
        0 => String::new(),
        _ => format!("; there are: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
    };
    let message = format!(
        "[comparators] pin: no comparators are frozen under \"{name}\"{guess} (gtmi comparators pin {name} freezes those \
         of now{there})"
    );
    Err(Failure::new(Exit::Usage, message))
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
    for pin in &frozen {
        voice.line(&format!("{}  of wave {}, frozen at {}", pin.name, pin.wave, pin.pinned_at));
    }
    let of = |pin: ComparatorPin| json!({ "name": pin.name, "wave": pin.wave, "pinned_at": pin.pinned_at });
    let frozen: Vec<_> = frozen.into_iter().map(of).collect();
    let published: Vec<String> = waves.iter().map(|wave| format!("published-{wave}")).collect();
    voice.result(
        &json!({ "published": published, "frozen": frozen, "in_use": context.config.comparators.pin }),
    )?;
    Ok(Exit::Done)
}
