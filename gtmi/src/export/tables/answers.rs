//! `answers`: the answers that are in force, each with its cell.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::decision::Decision;
use store::SubmissionId;

use super::super::ExportError;
use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, TO_QUESTION, economy, economy_column, wave_column};

fn definition() -> Definition {
    Definition {
        name: "answers",
        title: "Answers in force",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("question", "Id of the question").required(),
            Column::text("code", "Code of the choice taken; several are separated by blanks"),
            Column::number("value", "Number answered"),
            Column::text("text", "Text answered"),
            Column::text("evidence", "Link or document given as evidence"),
            Column::text("source", "SHA-256 of the file"),
            Column::text("sheet", "Sheet of the answer"),
            Column::text("cell", "Cell of the answer"),
            Column::text("changed_by", "Id of the override that replaced the answer"),
        ],
        order: &["wave", "economy", "question"],
        unique: true,
        references: &[TO_ECONOMY, TO_QUESTION],
    }
}

pub(super) fn table(sources: &Sources<'_>) -> Result<Table, ExportError> {
    let files: BTreeMap<SubmissionId, &str> =
        sources.submissions.iter().map(|row| (row.id, row.sha256.as_str())).collect();
    let mut rows = Vec::new();
    for (scores, _) in &sources.scores {
        let overrides = sources.store.overrides(sources.framework().wave, &scores.economy)?;
        for (record, submission) in
            sources.store.answers_in_force(sources.framework().wave, &scores.economy)?
        {
            let (mut code, mut value, mut text) = (None, None, None);
            match record.answer {
                Answer::Choice(taken) => code = Some(taken),
                Answer::Choices(taken) => code = Some(taken.join(" ")),
                Answer::Number(number) => value = Some(number),
                Answer::Text(given) => text = Some(given),
                Answer::Missing(_) => continue,
            }
            let place = record.place;
            rows.push(vec![
                sources.wave(),
                economy(&scores.economy),
                Value::text(record.question.as_str()),
                Value::Text(code),
                Value::Number(value),
                Value::Text(text),
                Value::Text(record.evidence),
                Value::shown(files.get(&submission)),
                Value::Text(place.as_ref().map(|place| place.sheet.clone())),
                Value::shown(place.and_then(|place| place.cell).as_ref()),
                Value::Text(overrides.get(&record.question).map(Decision::id)),
            ]);
        }
    }
    Ok(Table::new(definition(), rows))
}
