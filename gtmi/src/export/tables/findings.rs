//! `findings`: what is wrong with the latest submission of each economy, and with those of no known economy.

use maturity::finding::Finding;
use maturity::id::Id;
use store::SubmissionRow;

use super::super::ExportError;
use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, TO_QUESTION, Table, economy_column, wave_column};

fn definition() -> Definition {
    Definition {
        name: "findings",
        title: "Findings about the latest submissions",
        columns: vec![
            wave_column(),
            economy_column(),
            Column::text("rule", "Stable id of the rule").required(),
            Column::text("severity", "How grave it is").required().one_of(&["error", "warning", "info"]),
            Column::text("question", "Id of the question"),
            Column::text("sheet", "Sheet in the file"),
            Column::text("cell", "Cell in the sheet"),
            Column::text("found", "What stands there"),
            Column::text("message", "What is wrong, what is expected, what to do").required(),
            Column::text("status", "Whether a reviewer accepted it").required().one_of(&["open", "accepted"]),
            Column::text("contest", "What the sender says against it"),
        ],
        order: &["wave", "economy", "rule", "severity", "question", "sheet", "cell"],
        unique: false,
        references: &[TO_ECONOMY, TO_QUESTION],
    }
}

/// Of submissions of no known economy all findings are there; they come first.
pub(super) fn table<'s>(sources: &Sources<'_>) -> Result<Table<'s>, ExportError> {
    let mut first = Vec::new();
    let wave = sources.framework().wave;
    let of_none = |row: &&SubmissionRow| row.economy.is_none() && row.wave.is_none_or(|of| of == wave);
    for submission in sources.submissions.values().filter(of_none) {
        let findings = sources.store.findings(submission.id)?;
        for finding in &findings {
            first.push(row(sources, Value::Text(None), finding).into_iter().map(Value::into_owned).collect());
        }
    }
    Ok(Table::each(definition(), rows).after(first))
}

fn rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let economy = || Value::text(facts.economy.as_str());
    facts.findings.iter().map(|finding| row(sources, economy(), finding)).collect()
}

fn row<'r>(sources: &Sources<'_>, economy: Value<'r>, finding: &'r Finding) -> Row<'r> {
    let place = finding.place.as_ref();
    let language = &sources.context.config.language;
    let told = sources.framework().told(finding, language);
    vec![
        sources.wave(),
        economy,
        Value::text(finding.rule()),
        Value::text(finding.severity.as_str()),
        Value::maybe(finding.question.as_ref().map(Id::as_str)),
        Value::maybe(place.map(|place| &place.sheet)),
        Value::shown(place.and_then(|place| place.cell)),
        Value::filled(told.found()),
        Value::text(told.problem.sentence(language)),
        Value::text(finding.standing.as_str()),
        Value::maybe(finding.standing.contest.as_ref()),
    ]
}
