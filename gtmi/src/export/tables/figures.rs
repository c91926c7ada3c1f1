//! `economies` and `external`: the population, and the values that nobody was asked for.

use maturity::economy::Economy;
use maturity::submission::Collected;
use store::ExternalStamp;

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, Table, economy_column, wave_column};

fn economies_definition() -> Definition {
    Definition {
        name: "economies",
        title: "Economies of the wave",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("name", "Name to print").required(),
            Column::text("iso3", "ISO 3166 alpha-3 code, or its usual stand-in"),
            Column::text("region", "Code of the region"),
            Column::text("income", "Code of the income group"),
            Column::boolean("scored", "Whether an accepted submission is in force").required(),
            Column::text("collected", "Who collected the answers")
                .one_of(&Collected::ALL.map(Collected::as_str)),
        ],
        order: &["wave", "economy"],
        unique: true,
        references: &[],
    }
}

pub(super) fn economies<'s>() -> Table<'s> {
    Table::each(economies_definition(), economy)
}

fn economy<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let known = sources.context.economies.get(&facts.economy);
    let row = |economy: &'r Economy| {
        vec![
            sources.wave(),
            Value::text(economy.code.as_str()),
            Value::text(&economy.name),
            Value::filled(&economy.iso3),
            Value::filled(&economy.region),
            Value::filled(&economy.income),
            Value::Boolean(Some(facts.scores.is_some())),
            Value::maybe(facts.scores.as_ref().and_then(|scores| scores.collected).map(Collected::as_str)),
        ]
    };
    known.into_iter().map(row).collect()
}

fn external_definition() -> Definition {
    Definition {
        name: "external",
        title: "Values of external indices that the wave is scored with",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("index", "Id of the external index").required(),
            Column::integer("edition", "Edition of the external index"),
            Column::number("value", "Value on the scale of the framework").required(),
            Column::text("source", "Who publishes the index, where the table of values says so"),
            Column::text("licence", "Licence of the values, where the table says so"),
        ],
        order: &["wave", "economy", "index"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

pub(super) fn external<'s>() -> Table<'s> {
    Table::each(external_definition(), values)
}

fn values<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let context = sources.context;
    let Some(economy) = context.economies.get(&facts.economy) else { return Vec::new() };
    let row = |index: &'r str, edition: Option<u16>, value: f64, told: [Option<&'r String>; 2]| {
        let [source, licence] = told;
        vec![
            sources.wave(),
            Value::text(economy.code.as_str()),
            Value::text(index),
            Value::Integer(edition.map(i64::from)),
            Value::number(value),
            Value::maybe(source),
            Value::maybe(licence),
        ]
    };
    // What it was scored with: the tables of today may hold other values, and the scores beside these are of then.
    if let Some(stamps) = &facts.external {
        let told = |stamp: &'r ExternalStamp| {
            let about = [stamp.source.as_ref(), stamp.licence.as_ref()];
            row(&stamp.index, Some(stamp.edition), stamp.value, about)
        };
        return stamps.iter().map(told).collect();
    }
    let known = sources.framework().external_indices.iter().filter_map(|index| {
        let value = context.external_indices.value(&index.id, &economy.code)?;
        let edition = context.external_indices.of(&index.id).and_then(|used| used.edition.as_ref());
        let about = [
            edition.and_then(|edition| edition.source.as_ref()),
            edition.and_then(|edition| edition.licence.as_ref()),
        ];
        Some(row(&index.id, edition.map(|edition| edition.year), value, about))
    });
    known.collect()
}
