//! `answers`: the answers that are in force, each with its cell.

use maturity::answer::Answer;

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, TO_QUESTION, Table, economy_column, wave_column};

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

pub(super) fn table<'s>() -> Table<'s> {
    Table::each(definition(), rows)
}

fn rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let mut rows = Vec::with_capacity(facts.records.len());
    for (question, record) in &facts.records {
        let (mut code, mut value, mut text) = (Value::Text(None), None, None);
        match &record.answer {
            Answer::Choice(taken) => code = Value::text(taken),
            Answer::Choices(taken) => code = Value::text(taken.join(" ")),
            Answer::Number(number) => value = Some(*number),
            Answer::Text(given) => text = Some(given),
            Answer::Missing(_) => continue,
        }
        let origin = facts.origins.get(question).and_then(|id| sources.submissions.get(id));
        let place = record.place.as_ref();
        rows.push(vec![
            sources.wave(),
            Value::text(facts.economy.as_str()),
            Value::text(question.as_str()),
            code,
            Value::Number(value),
            Value::maybe(text),
            Value::maybe(record.evidence.as_deref()),
            Value::maybe(origin.map(|row| &row.sha256)),
            Value::maybe(place.map(|place| &place.sheet)),
            Value::shown(place.and_then(|place| place.cell)),
            Value::maybe(facts.overrides.get(question)),
        ]);
    }
    rows
}
