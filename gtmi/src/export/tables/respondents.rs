//! `respondents`, `disagreements`: who answered for an economy that several offices answer for.

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, TO_QUESTION, Table, economy_column, wave_column};
use crate::respondents::Line;

/// Both tables; an economy with one respondent is in neither.
pub(super) fn tables<'s>() -> [Table<'s>; 2] {
    [Table::each(lines_definition(), line_rows), Table::each(answers_definition(), answer_rows)]
}

fn lines_definition() -> Definition {
    Definition {
        name: "respondents",
        title: "Who answered for economies with several respondents",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::integer("respondent", "Number within the economy and wave").required(),
            Column::integer("place", "Place in the order of offices").required(),
            Column::text("office", "Office of the configuration that it was recognised as"),
            Column::text("rule", "Rule that says whose answers are in force").required(),
            Column::text("sha256", "SHA-256 of the file of its latest accepted submission").required(),
            Column::text("received_at", "When that was received, UTC, RFC 3339").required(),
            Column::integer("answered", "Questions answered").required(),
            Column::integer("in_force", "Answers in force").required(),
            Column::number("score", "Composite that its answers alone give"),
            Column::text("group", "Maturity group of that score"),
        ],
        order: &["wave", "economy", "respondent"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

fn line_rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let Some(found) = &facts.respondents else { return Vec::new() };
    let count = |count: usize| Value::Integer(i64::try_from(count).ok());
    let row = |(at, line): (usize, &'r Line)| {
        vec![
            sources.wave(),
            Value::text(facts.economy.as_str()),
            Value::integer(line.respondent),
            Value::position(at),
            Value::maybe(line.office.as_ref()),
            Value::text(found.rule),
            Value::text(&line.sha256),
            Value::text(&line.received_at),
            count(line.answered),
            count(line.in_force),
            Value::Number(line.score),
            Value::maybe(line.group.as_ref()),
        ]
    };
    found.lines.iter().enumerate().map(row).collect()
}

fn answers_definition() -> Definition {
    Definition {
        name: "disagreements",
        title: "Questions that the respondents of an economy answer differently",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("question", "Id of the question").required(),
            Column::integer("respondent", "Number of the respondent").required(),
            Column::text("answer", "Code or number answered").required(),
            Column::boolean("in_force", "Whether this answer is in force").required(),
            Column::boolean("tied", "Whether no answer has the most votes").required(),
        ],
        order: &["wave", "economy", "question", "respondent"],
        unique: true,
        references: &[TO_ECONOMY, TO_QUESTION],
    }
}

fn answer_rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let mut rows = Vec::new();
    for disagreement in facts.respondents.iter().flat_map(|found| &found.disagreements) {
        for (respondent, answer) in &disagreement.answers {
            rows.push(vec![
                sources.wave(),
                Value::text(facts.economy.as_str()),
                Value::text(disagreement.question.as_str()),
                Value::integer(*respondent),
                Value::text(answer),
                Value::Boolean(Some(Some(*respondent) == disagreement.in_force)),
                Value::Boolean(Some(disagreement.tied)),
            ]);
        }
    }
    rows
}
