//! `gtmi external`: which edition of each external index is used, from whom, on which scale, and for whom
//! there is no value.

use pipeline::stage::Failure;
use pipeline::tables::ExternalUse;
use pipeline::{Context, Exit};

use crate::say::{Tone, Voice, counted};

/// Tells about every external index of the framework.
pub(crate) fn external(context: &Context, voice: Voice) -> Result<Exit, Failure> {
    for used in context.external_indices.uses() {
        let (heading, lines) = describe(context, used);
        voice.line(&voice.toned(Tone::Heading, &heading));
        for line in lines {
            voice.line(&format!("  {line}"));
        }
    }
    voice.result(&context.external_indices.uses().collect::<Vec<_>>())?;
    Ok(Exit::Done)
}

fn describe(context: &Context, used: &ExternalUse) -> (String, Vec<String>) {
    /// Unknown names that are quoted; the rest is counted.
    const QUOTED: usize = 8;
    let Some(edition) = &used.edition else {
        let known: Vec<String> = used.available.iter().map(ToString::to_string).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        let wave = context.framework.wave;
        return (
            used.index.clone(),
            vec![format!("no edition up to {wave} (there is: {known}); no economy has a value")],
        );
    };
    let why = if used.pinned {
        "pinned".to_owned()
    } else {
        format!("the newest not later than {}", context.framework.wave)
    };
    let heading = format!("{} {}, {why}", used.index, edition.year);
    let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "not stated".to_owned());
    let (low, high) = edition.scale;
    let mut lines = vec![
        format!("source {}; licence {}", told(&edition.source), told(&edition.licence)),
        format!(
            "{}, from {}, on the scale {low} to {high}",
            counted(used.values, "economy", "economies"),
            edition.file
        ),
    ];
    let names: Vec<&str> = used
        .missing
        .iter()
        .filter_map(|code| context.economies.get(code))
        .map(|economy| economy.name.as_str())
        .collect();
    if !names.is_empty() {
        lines.push(format!("no value for {}", names.join("; ")));
    }
    let unmatched: Vec<&str> = used.unmatched.iter().map(String::as_str).take(QUOTED).collect();
    if !unmatched.is_empty() {
        let more = used.unmatched.len() - unmatched.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("passed over, not in the table of economies: {}{more}", unmatched.join("; ")));
    }
    (heading, lines)
}
