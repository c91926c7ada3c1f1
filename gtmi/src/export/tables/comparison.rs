//! `comparison`: change of scores from wave to wave, with how far they compare and what the change is made of.

use std::collections::BTreeSet;

use maturity::change::{Cause, Change, EconomyChange};
use maturity::economy::EconomyCode;
use pipeline::Context;

use super::super::ExportError;
use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, economy, economy_column};
use crate::diff::points::{Points, compare};

const ORIGINS: [&str; 2] = ["computed", "imported"];
const COLLECTED: [&str; 2] = ["survey", "remote"];

fn definition() -> Definition {
    Definition {
        name: "comparison",
        title: "Change of scores between waves",
        columns: vec![
            economy_column().required(),
            Column::text("id", "Id of the index, subindex or indicator").required(),
            Column::integer("from_wave", "Earlier wave").required(),
            Column::integer("to_wave", "Later wave").required(),
            Column::number("from_score", "Score in the earlier wave"),
            Column::number("to_score", "Score in the later wave"),
            Column::number("change", "Later minus earlier score; missing where the two do not compare"),
            Column::text("comparable", "Whether the two scores measure the same")
                .required()
                .one_of(&["yes", "no", "partly"]),
            Column::number("due_to_answers", "Part of the change due to answers; missing if not known"),
            Column::number("due_to_instrument", "Part due to changed questions, points, weights, constructs"),
            Column::number("due_to_correction", "Part due to corrections within one wave; 0 between waves"),
            Column::number("due_to_external_index", "Part due to other values of external indices"),
            Column::number("due_to_source", "Part due to a change of who collected the answers"),
            Column::text("reason", "Why the scores do not compare or only partly, or are not split"),
            Column::text("from_origin", "Where the earlier score comes from").required().one_of(&ORIGINS),
            Column::text("to_origin", "Where the later score comes from").required().one_of(&ORIGINS),
            Column::text("from_group", "Maturity group of the economy in the earlier wave"),
            Column::text("to_group", "Maturity group of the economy in the later wave"),
            Column::text("from_collected", "Who collected the earlier answers, if known").one_of(&COLLECTED),
            Column::text("to_collected", "Who collected the later answers, if known").one_of(&COLLECTED),
        ],
        order: &["economy", "id", "from_wave", "to_wave"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

pub(super) fn table(sources: &Sources<'_>) -> Result<Table, ExportError> {
    let context = sources.context;
    let mut points = Points::new(context, sources.store)?;
    let mut all = Vec::new();
    for wave in points.waves()? {
        all.push(points.of_wave(wave)?);
    }
    let mut rows = Vec::new();
    for (at, to) in all.iter().enumerate() {
        for (before, from) in all.iter().enumerate().take(at) {
            // Neighbours are the waves next to each other that the economy has scores of. A change from a published
            // wave cannot be split, so a computed wave is also compared with the computed one before it.
            let between = all.iter().take(at).skip(before + 1);
            let is_pair = |code: &EconomyCode| {
                let (Some(earlier), Some(later)) = (from.held.get(code), to.held.get(code)) else {
                    return false;
                };
                let mut held = between.clone().filter_map(|wave| wave.held.get(code)).peekable();
                held.peek().is_none()
                    || (earlier.is_computed() && later.is_computed() && held.all(|held| !held.is_computed()))
            };
            let neighbours: BTreeSet<_> = from.held.keys().filter(|code| is_pair(code)).cloned().collect();
            if neighbours.is_empty() {
                continue;
            }
            for economy in compare(context, from, to, &neighbours).changed {
                rows.extend(economy.changes.iter().map(|change| row(context, &economy, change)));
            }
        }
    }
    Ok(Table::new(definition(), rows))
}

fn row(context: &Context, of: &EconomyChange, change: &Change) -> Vec<Value> {
    let reasons = of.reasons(change, &context.config.language).join(" ");
    let parts = change.parts.as_ref().ok();
    let mut row = vec![
        economy(&of.economy),
        Value::text(change.id.as_str()),
        Value::integer(of.from.wave.0),
        Value::integer(of.to.wave.0),
        Value::Number(change.from),
        Value::Number(change.to),
        Value::Number(change.difference()),
        Value::text(change.comparability.verdict.as_str()),
    ];
    row.extend(Cause::ALL.map(|cause| Value::Number(parts.map(|parts| parts.of(cause)))));
    row.extend([
        Value::Text(Some(reasons).filter(|reasons| !reasons.is_empty())),
        Value::text(of.from.origin.as_str()),
        Value::text(of.to.origin.as_str()),
        Value::Text(of.from.group.clone()),
        Value::Text(of.to.group.clone()),
        Value::Text(of.from.collected.map(|how| how.as_str().to_owned())),
        Value::Text(of.to.collected.map(|how| how.as_str().to_owned())),
    ]);
    row
}
