//! `economies` and `external`: the population, and the values that nobody was asked for.

use std::collections::BTreeMap;

use maturity::submission::Collected;

use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, economy as code, economy_column, wave_column};

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
            Column::text("collected", "Who collected the answers").one_of(&["survey", "remote"]),
        ],
        order: &["wave", "economy"],
        unique: true,
        references: &[],
    }
}

pub(super) fn economies(sources: &Sources<'_>) -> Table {
    let scored: BTreeMap<_, _> =
        sources.scores.iter().map(|(scores, _)| (&scores.economy, scores.collected)).collect();
    let filled = |text: &String| Value::Text(Some(text.clone()).filter(|text| !text.is_empty()));
    let rows = sources.context.economies.iter().map(|economy| {
        let collected = scored.get(&economy.code).copied();
        vec![
            sources.wave(),
            code(&economy.code),
            Value::text(&economy.name),
            filled(&economy.iso3),
            filled(&economy.region),
            filled(&economy.income),
            Value::Boolean(Some(collected.is_some())),
            Value::shown(collected.flatten().map(Collected::as_str).as_ref()),
        ]
    });
    Table::new(economies_definition(), rows.collect())
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

pub(super) fn external(sources: &Sources<'_>) -> Table {
    let (context, framework) = (sources.context, sources.framework());
    let mut rows = Vec::new();
    for economy in context.economies.iter() {
        for index in &framework.external_indices {
            let Some(value) = context.external_indices.value(&index.id, &economy.code) else { continue };
            let edition = context.external_indices.of(&index.id).and_then(|used| used.edition.as_ref());
            rows.push(vec![
                sources.wave(),
                code(&economy.code),
                Value::text(&index.id),
                Value::Integer(edition.map(|edition| i64::from(edition.year))),
                Value::number(value),
                Value::shown(edition.and_then(|edition| edition.source.as_ref())),
                Value::shown(edition.and_then(|edition| edition.licence.as_ref())),
            ]);
        }
    }
    Table::new(external_definition(), rows)
}
