//! The outputs of an earlier wave in the folder that another wave writes to now: they give way, and that is said.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::submission::Wave;
use pipeline::Context;
use store::{Store, StoreError};

use super::GLOBAL;
use super::current::{Finished, relative};

/// Says that the first run of a wave takes the place of the reports of another one, whether these were published, and how
/// to get them back.
pub(super) fn note(
    context: &Context,
    store: &Store,
    finished: &Finished,
) -> Result<Option<String>, StoreError> {
    let wave = context.framework.wave;
    if store.latest_run(wave)?.is_some() || store.work_key(&told_as(finished), &wave.to_string())?.is_some() {
        return Ok(None);
    }
    let reports = store.work_units(&finished.stage, |unit| unit != GLOBAL)?;
    let others: Vec<Wave> = store.waves_with_states()?.into_iter().filter(|other| *other != wave).collect();
    let mut of_waves: BTreeMap<Wave, Vec<String>> = BTreeMap::new();
    for unit in reports.into_iter().filter(|unit| finished.path(unit).exists()) {
        for other in others.iter().rev() {
            if store.scored_one(*other, &EconomyCode::new(&unit))?.is_some() {
                of_waves.entry(*other).or_default().push(relative(&unit));
                break;
            }
        }
    }
    let mut told = Vec::new();
    for (other, reports) in of_waves {
        let count = match reports.len() {
            1 => "the report of 1 economy".to_owned(),
            count => format!("the reports of {count} economies"),
        };
        // Only whether they are named in it matters here.
        let publication: Option<serde_json::Value> =
            store.publication(other)?.and_then(|document| serde_json::from_str(&document).ok());
        let outputs = publication.as_ref().and_then(|publication| publication.get("outputs"));
        let is_published =
            outputs.is_some_and(|outputs| reports.iter().any(|path| outputs.get(path).is_some()));
        let published =
            if is_published { format!(" (published: published-{other}.json)") } else { String::new() };
        told.push(format!("{count} of wave {other}{published}"));
    }
    if told.is_empty() {
        return Ok(None);
    }
    Ok(Some(format!(
        "this is the first run of wave {wave} into {}: {}, with their marked returns and global.xlsx, give way to it (to \
         have them again, run the configuration of that wave with an [output] dir of its own)",
        context.config.output.display(),
        told.join(", ")
    )))
}

/// Notes that it was said: this stage by itself is no run on record, and would say it each time.
pub(super) fn was_told(
    context: &Context,
    store: &mut Store,
    finished: &Finished,
    at: &str,
) -> Result<(), StoreError> {
    let wave = context.framework.wave.to_string();
    store.record_work(&told_as(finished), &[(wave, at.to_owned())])
}

/// The name under which it is on record of which waves it was said.
fn told_as(finished: &Finished) -> String {
    format!("{}, waves that gave way", finished.stage)
}
