//! The scores as SDMX-CSV 2.0: an observation for each economy, score and wave.

use std::collections::{BTreeMap, BTreeSet};

use maturity::framework::{Framework, Verdict};
use maturity::id::Id;
use maturity::submission::Wave;

use super::table::{Column, Definition, Row, Value};
use super::tables::{Facts, Sources, Table};

fn definition() -> Definition {
    Definition {
        name: "sdmx",
        title: "Scores of all waves as SDMX-CSV 2.0",
        columns: vec![
            Column::text("STRUCTURE", "Kind of the structure").required().one_of(&["dataflow"]),
            Column::text("STRUCTURE_ID", "Agency, id and version of the structure").required(),
            Column::text("ACTION", "I: for information").required().one_of(&["I"]),
            Column::text("REF_AREA", "Code of the economy").required(),
            Column::text("INDICATOR", "Id of the index, subindex or indicator").required(),
            Column::integer("TIME_PERIOD", "Year of the wave").required(),
            Column::number(
                "OBS_VALUE",
                "Score on the scale of the framework (0 to 1 for a share of points), not rounded",
            ),
            Column::text("OBS_STATUS", "A normal, B break in series: the construct changed, M missing")
                .required()
                .one_of(&["A", "B", "M"]),
        ],
        order: &["REF_AREA", "INDICATOR", "TIME_PERIOD"],
        unique: true,
        references: &[],
    }
}

/// Every economy has a row for every score of this wave, missing or not; earlier and later waves have the rows
/// that were published.
pub(super) fn table<'s>() -> Table<'s> {
    Table::each(definition(), rows)
}

fn rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let framework = &sources.context.framework;
    let ids = ids(framework);
    let mut observations: BTreeMap<(&Id, Wave), Option<f64>> = BTreeMap::new();
    if sources.context.economies.get(&facts.economy).is_some() {
        observations.extend(ids.iter().map(|id| ((id, framework.wave), None)));
    }
    for row in sources.published.get(&facts.economy).into_iter().flatten() {
        // The table may hold the scores of another index, which are none of this structure.
        let known = row.scores.iter().filter(|(id, _)| ids.contains(id));
        observations.extend(known.map(|(id, score)| ((id, row.wave), Some(*score))));
    }
    if let Some(scores) = &facts.scores {
        let index = std::iter::once((&scores.id, scores.score));
        let subindexes = scores.subindexes.iter().map(|subindex| (&subindex.id, subindex.score));
        let indicators = scores.indicators().map(|(_, indicator)| (&indicator.id, indicator.score));
        for (id, score) in index.chain(subindexes).chain(indicators).filter(|(id, _)| ids.contains(*id)) {
            observations.insert((id, framework.wave), score);
        }
    }
    let structure = structure_id(framework);
    let mut rows = Vec::new();
    // Observations of one series follow each other, by wave.
    let mut earlier: Option<(&Id, Wave)> = None;
    for ((id, wave), score) in observations {
        let changed = || {
            earlier.is_some_and(|(series, from)| {
                series == id && framework.comparability(id, from, wave).verdict == Verdict::No
            })
        };
        rows.push(vec![
            Value::text("dataflow"),
            Value::text(structure.clone()),
            Value::text("I"),
            Value::text(facts.economy.as_str()),
            Value::text(id.as_str().to_owned()),
            Value::integer(wave.0),
            Value::Number(score),
            Value::text(status(score, changed)),
        ]);
        if score.is_some() {
            earlier = Some((id, wave));
        }
    }
    rows
}

/// The status of an observation. `changed` tells whether what is measured is not what the observation before
/// it in the series measured.
fn status(score: Option<f64>, changed: impl FnOnce() -> bool) -> &'static str {
    match score {
        None => "M",
        Some(_) if changed() => "B",
        Some(_) => "A",
    }
}

/// The index, its subindexes, and the indicators that have scored questions.
fn ids(framework: &Framework) -> BTreeSet<Id> {
    let scored = framework.questions.iter().filter(|question| question.scoring.is_some());
    let indicators = scored.map(|question| question.indicator.clone());
    let subindexes = framework.subindexes.iter().map(|subindex| subindex.id.clone());
    std::iter::once(framework.composite.id.clone()).chain(subindexes).chain(indicators).collect()
}

/// `AGENCY:ID(VERSION)`: the index maintains the structure, the framework names it.
fn structure_id(framework: &Framework) -> String {
    let id = |text: &str| -> String {
        let allowed = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
        text.chars().map(allowed).collect()
    };
    format!("{}:{}({})", id(framework.composite.id.as_str()), id(&framework.id), framework.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_observation_is_missing_or_a_break_or_normal() {
        assert_eq!(status(None, || true), "M", "nothing was observed, so nothing breaks");
        assert_eq!(status(Some(0.5), || true), "B");
        assert_eq!(status(Some(0.0), || false), "A", "nought is a value");
    }
}
