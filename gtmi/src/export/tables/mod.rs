//! The tables that others rely on. One file, one family; a new table is a definition and its rows, added to
//! [`all`].

mod answers;
mod backing;
mod comparators;
mod comparison;
mod figures;
mod findings;
mod imported;
mod instrument;
mod respondents;
mod scores;
mod submissions;
mod uncertainty;

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::score::EconomyScores;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::Context;
use store::{Store, SubmissionId, SubmissionRow};

use super::ExportError;
use super::table::{Column, Reference, Table, Value};

/// What the tables are made from, read once.
pub(super) struct Sources<'a> {
    pub(super) context: &'a Context,
    pub(super) store: &'a Store,
    pub(super) scores: Vec<(EconomyScores, SubmissionId)>,
    pub(super) submissions: Vec<SubmissionRow>,
    pub(super) uncertainty: BTreeMap<EconomyCode, Vec<ScoreUncertainty>>,
}

impl<'a> Sources<'a> {
    /// Reads what several tables need.
    pub(super) fn read(context: &'a Context, store: &'a Store) -> Result<Self, ExportError> {
        let scores = store.scores(context.framework.wave)?;
        let uncertainty = store.uncertainty(context.framework.wave)?;
        Ok(Self { context, store, scores, submissions: store.submissions()?, uncertainty })
    }

    fn framework(&self) -> &'a Framework {
        &self.context.framework
    }

    fn wave(&self) -> Value {
        Value::integer(self.framework().wave.0)
    }
}

/// All tables of the wave: results first, then what they were made from.
pub(super) fn all(sources: &Sources<'_>) -> Result<Vec<Table>, ExportError> {
    let mut tables = vec![
        scores::table(sources),
        answers::table(sources)?,
        findings::table(sources)?,
        submissions::table(sources)?,
        uncertainty::table(sources),
        uncertainty::sensitivity(sources),
        comparison::table(sources)?,
        comparators::table(sources)?,
        imported::table(sources)?,
        figures::economies(sources),
        figures::external(sources),
        instrument::questions(sources),
        instrument::choices(sources),
        instrument::indicators(sources),
        instrument::subindexes(sources),
        instrument::groups(sources),
    ];
    tables.extend(backing::tables(sources)?);
    tables.extend(respondents::tables(sources)?);
    Ok(tables)
}

fn wave_column() -> Column {
    Column::integer("wave", "Year of the wave").required()
}

fn economy_column() -> Column {
    Column::text("economy", "Code of the economy")
}

fn economy(code: &EconomyCode) -> Value {
    Value::text(code.as_str())
}

/// A column whose values are the key of another table.
const fn reference(column: &'static [&'static str], table: &'static str) -> Reference {
    Reference { columns: column, table, table_columns: column }
}

const TO_ECONOMY: Reference = reference(&["economy"], "economies");
const TO_QUESTION: Reference = reference(&["question"], "questions");
const TO_INDICATOR: Reference = reference(&["indicator"], "indicators");
const TO_SUBINDEX: Reference = reference(&["subindex"], "subindexes");
const TO_GROUP: Reference = reference(&["group"], "groups");
