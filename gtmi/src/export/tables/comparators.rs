//! `comparators`: how the scores of the world, of regions, income groups and chosen peers are distributed.

use maturity::comparator::{Kind, Level, Origin};

use super::super::ExportError;
use super::super::table::{Column, Definition, Row, Value};
use super::{Sources, Table, wave_column};
use crate::compare;

fn definition() -> Definition {
    Definition {
        name: "comparators",
        title: "Scores of the world, of regions, income groups and chosen peers",
        columns: vec![
            wave_column(),
            Column::integer(
                "matched_wave",
                "Wave in which the same economies have a score too; the wave itself where all are taken",
            )
            .required(),
            Column::text("kind", "What the economies have in common")
                .required()
                .one_of(&Kind::ALL.map(Kind::as_str)),
            Column::text("comparator", "Which region, income group or set of peers").required(),
            Column::text("level", "What the score is of").required().one_of(&Level::ALL.map(Level::as_str)),
            Column::text("id", "Id of the index, subindex, indicator or question").required(),
            Column::integer("economies", "Economies with a score").required(),
            Column::number("mean", "Arithmetic mean, every economy with the same weight").required(),
            Column::number("lower_quartile", "First quartile, type 7").required(),
            Column::number("median", "Median").required(),
            Column::number("upper_quartile", "Third quartile, type 7").required(),
            Column::number("full_share", "Share of economies with all points"),
            Column::text("origin", "Where the scores come from")
                .required()
                .one_of(&Origin::ALL.map(Origin::as_str)),
            Column::text("classified", "Date of the classification by region and income group"),
            Column::text("pin", "Name of the pinned set; of a set that moves with the scores, missing"),
        ],
        order: &["wave", "matched_wave", "kind", "comparator", "level", "id"],
        unique: true,
        references: &[],
    }
}

pub(super) fn table<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    Table::whole(definition(), || rows(sources))
}

fn rows(sources: &Sources<'_>) -> Result<Vec<Row<'static>>, ExportError> {
    let (set, _) = compare::set(sources.context, sources.store)?;
    let row = |row: &maturity::comparator::Row| -> Row<'static> {
        let of = &row.distribution;
        vec![
            Value::integer(row.wave.0),
            Value::integer(row.matched.unwrap_or(row.wave).0),
            Value::text(row.kind.as_str()),
            Value::text(row.name.clone()),
            Value::text(row.item.level.as_str()),
            Value::text(row.item.id.as_str().to_owned()),
            Value::integer(of.economies),
            Value::number(of.mean),
            Value::number(of.lower_quartile),
            Value::number(of.median),
            Value::number(of.upper_quartile),
            Value::Number(of.full_share),
            Value::text(row.origin.as_str()),
            Value::shown(set.classified.as_ref()),
            Value::shown(set.pin.as_ref()),
        ]
    };
    Ok(set.rows.iter().map(row).collect())
}
