//! `imported_scores`: published scores that were taken over, with where they are from.

use maturity::score::ImportSource;

use super::super::ExportError;
use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, economy, economy_column, wave_column};

fn definition() -> Definition {
    Definition {
        name: "imported_scores",
        title: "Published scores that were taken over",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("id", "Id of the index or subindex").required(),
            Column::number("score", "Score from 0 to 1 as published").required(),
            Column::text("group", "Maturity group of the economy as published"),
            Column::text("collected", "Who collected the answers, where it is known")
                .one_of(&["survey", "remote"]),
            Column::text("source", "Publisher and publication"),
            Column::text("edition", "Edition of the publication"),
            Column::text("licence", "Licence of the publication"),
        ],
        order: &["wave", "economy", "id"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

pub(super) fn table(sources: &Sources<'_>) -> Result<Table, ExportError> {
    let publications = sources.store.import_sources()?;
    let mut rows = Vec::new();
    for scores in sources.store.imported_scores()? {
        let publication = publications.iter().find(|known| known.wave == scores.wave);
        let stated = |text: fn(&ImportSource) -> &Option<String>| {
            Value::Text(publication.and_then(|publication| text(publication).clone()))
        };
        for (id, score) in &scores.scores {
            rows.push(vec![
                Value::integer(scores.wave.0),
                economy(&scores.economy),
                Value::text(id.as_str()),
                Value::number(*score),
                Value::Text(scores.group.clone()),
                Value::Text(scores.collected.map(|how| how.as_str().to_owned())),
                stated(|publication| &publication.source),
                stated(|publication| &publication.edition),
                stated(|publication| &publication.licence),
            ]);
        }
    }
    Ok(Table::new(definition(), rows))
}
