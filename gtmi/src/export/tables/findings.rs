//! `findings`: what is wrong with the latest submission of each economy, and with those of no known economy.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use store::SubmissionRow;

use super::super::ExportError;
use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, TO_QUESTION, economy_column, wave_column};

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

pub(super) fn table(sources: &Sources<'_>) -> Result<Table, ExportError> {
    let mut latest: BTreeMap<Option<&EconomyCode>, Vec<&SubmissionRow>> = BTreeMap::new();
    for row in &sources.submissions {
        let of_economy = latest.entry(row.economy.as_ref()).or_default();
        if row.economy.is_some() {
            of_economy.clear();
        }
        of_economy.push(row);
    }
    let mut rows = Vec::new();
    for (economy, submission) in latest.into_iter().flat_map(|(economy, submissions)| {
        submissions.into_iter().map(move |submission| (economy, submission))
    }) {
        for finding in sources.store.findings(submission.id)? {
            let place = finding.place.as_ref();
            rows.push(vec![
                sources.wave(),
                Value::shown(economy),
                Value::text(finding.rule()),
                Value::text(finding.severity.as_str()),
                Value::shown(finding.question.as_ref()),
                Value::Text(place.map(|place| place.sheet.clone())),
                Value::shown(place.and_then(|place| place.cell).as_ref()),
                Value::Text(Some(finding.found()).filter(|found| !found.is_empty())),
                Value::text(finding.problem.sentence(&sources.context.config.language)),
                Value::text(finding.standing.as_str()),
                Value::Text(finding.standing.contest.clone()),
            ]);
        }
    }
    Ok(Table::new(definition(), rows))
}
