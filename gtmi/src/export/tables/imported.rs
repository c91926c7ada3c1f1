//! `imported_scores`: published scores that were taken over, with where they are from.

use maturity::id::Id;
use maturity::score::{ImportSource, ImportedScores};
use maturity::submission::Collected;

use super::super::ExportError;
use super::super::table::{Column, Definition, Value};
use super::{Sources, TO_ECONOMY, Table, economy_column, wave_column};

fn definition() -> Definition {
    Definition {
        name: "imported_scores",
        title: "Published scores that were taken over",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("id", "Id of the index or subindex").required(),
            Column::number("score", "Score as published, on the scale of its index").required(),
            Column::text("group", "Maturity group of the economy as published"),
            Column::text("collected", "Who collected the answers, where it is known")
                .one_of(&Collected::ALL.map(Collected::as_str)),
            Column::text("source", "Publisher and publication"),
            Column::text("edition", "Edition of the publication"),
            Column::text("licence", "Licence of the publication"),
        ],
        order: &["wave", "economy", "id"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

pub(super) fn table<'s>(sources: &'s Sources<'_>) -> Result<Table<'s>, ExportError> {
    let publications = sources.store.import_sources()?;
    let rows = move |scores: ImportedScores| {
        let publication = publications.iter().find(|known| known.wave == scores.wave);
        let stated = |text: fn(&ImportSource) -> &Option<String>| {
            Value::maybe(publication.and_then(|publication| text(publication).clone()))
        };
        let row = |(id, score): &(Id, f64)| {
            vec![
                Value::integer(scores.wave.0),
                Value::text(scores.economy.as_str().to_owned()),
                Value::text(id.as_str().to_owned()),
                Value::number(*score),
                Value::maybe(scores.group.clone()),
                Value::maybe(scores.collected.map(Collected::as_str)),
                stated(|publication| &publication.source),
                stated(|publication| &publication.edition),
                stated(|publication| &publication.licence),
            ]
        };
        scores.scores.iter().map(row).collect()
    };
    // They come by wave and economy.
    Ok(Table::groups(definition(), sources.store.imported_scores()?.into_iter().map(rows)))
}
