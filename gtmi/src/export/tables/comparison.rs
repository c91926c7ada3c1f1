//! `comparison`: change of scores from wave to wave, with how far they compare and what the change is made of.

use maturity::change::{Cause, Change, EconomyChange, Origin};
use maturity::framework::Verdict;
use maturity::submission::Collected;
use pipeline::Context;

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, Table, economy_column};
use crate::diff::points::{Held, change};

fn definition() -> Definition {
    let origins = Origin::ALL.map(Origin::as_str);
    let collected = Collected::ALL.map(Collected::as_str);
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
                .one_of(&Verdict::ALL.map(Verdict::as_str)),
            Column::number("due_to_answers", "Part of the change due to answers; missing if not known"),
            Column::number("due_to_instrument", "Part due to changed questions, points, weights, constructs"),
            Column::number("due_to_correction", "Part due to corrections within one wave; 0 between waves"),
            Column::number("due_to_external_index", "Part due to other values of external indices"),
            Column::number("due_to_source", "Part due to a change of who collected the answers"),
            Column::text("reason", "Why the scores do not compare or only partly, or are not split"),
            Column::text("from_origin", "Where the earlier score comes from").required().one_of(&origins),
            Column::text("to_origin", "Where the later score comes from").required().one_of(&origins),
            Column::text("from_group", "Maturity group of the economy in the earlier wave"),
            Column::text("to_group", "Maturity group of the economy in the later wave"),
            Column::text("from_collected", "Who collected the earlier answers, if known").one_of(&collected),
            Column::text("to_collected", "Who collected the later answers, if known").one_of(&collected),
        ],
        order: &["economy", "id", "from_wave", "to_wave"],
        unique: true,
        // An economy of earlier waves may have left the table of economies since.
        references: &[],
    }
}

pub(super) fn table<'s>() -> Table<'s> {
    Table::each(definition(), rows)
}

fn rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let of = |changes: &'r EconomyChange| {
        changes.changes.iter().map(move |change| row(sources.context, changes, change))
    };
    facts.changes.iter().flat_map(of).collect()
}

/// The changes of an economy between the waves that it has scores of, the earlier one first. Waves are compared with
/// the one before. A change from a published wave cannot be split, so a computed wave is also compared with the computed
/// one before it.
pub(super) fn changes(context: &Context, held: &[Held]) -> Vec<EconomyChange> {
    let mut changes = Vec::new();
    for (at, to) in held.iter().enumerate() {
        for (before, from) in held.iter().enumerate().take(at) {
            let mut between = held.iter().take(at).skip(before + 1);
            let is_neighbour = before + 1 == at;
            let is_pair = is_neighbour
                || (from.is_computed() && to.is_computed() && between.all(|held| !held.is_computed()));
            if is_pair {
                changes.push(change(context, from, to));
            }
        }
    }
    changes
}

fn row<'r>(context: &Context, of: &'r EconomyChange, change: &'r Change) -> Row<'r> {
    let reasons = of.reasons(change, &context.config.language).join(" ");
    let parts = change.parts.as_ref().ok();
    let mut row = vec![
        Value::text(of.economy.as_str()),
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
        Value::filled(reasons),
        Value::text(of.from.origin.as_str()),
        Value::text(of.to.origin.as_str()),
        Value::maybe(of.from.group.as_deref()),
        Value::maybe(of.to.group.as_deref()),
        Value::maybe(of.from.collected.map(Collected::as_str)),
        Value::maybe(of.to.collected.map(Collected::as_str)),
    ]);
    row
}
