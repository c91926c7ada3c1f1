//! The tables that others rely on. One file, one family; a new table is a definition and its rows, added to
//! [`all`].

mod answers;
mod backing;
mod comparators;
mod comparison;
mod facts;
mod figures;
mod findings;
mod imported;
mod instrument;
mod respondents;
mod scores;
mod submissions;
mod uncertainty;

use std::collections::{BTreeMap, BTreeSet};

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::submission::Wave;
use pipeline::Context;
use pipeline::tables::PublishedScores;
use score::WaveScoring;
use store::{Store, SubmissionId, SubmissionRow};

use super::ExportError;
use super::table::{Column, Definition, Reference, Row, Value};
use crate::diff::points::Points;

pub(super) use self::facts::Facts;

/// What the tables are made from, beside what each economy has.
pub(super) struct Sources<'a> {
    pub(super) context: &'a Context,
    store: &'a Store,
    /// Everything that was received.
    submissions: BTreeMap<SubmissionId, SubmissionRow>,
    /// The submissions of each economy whose findings are told: the latest; where the answers of several respondents count,
    /// the one that stands for all, and those that wait for their senders.
    told: BTreeMap<EconomyCode, Vec<SubmissionId>>,
    /// How answers become scores in this wave.
    scoring: WaveScoring<'a>,
    /// The waves that there are scores of.
    waves: BTreeSet<Wave>,
    /// What was published of each economy in other waves.
    pub(super) published: BTreeMap<&'a EconomyCode, Vec<&'a PublishedScores>>,
    /// The economies that a table says something of.
    pub(super) economies: BTreeSet<EconomyCode>,
}

impl<'a> Sources<'a> {
    /// Reads what several tables need.
    pub(super) fn read(
        context: &'a Context,
        store: &'a Store,
        points: &Points<'_>,
    ) -> Result<Self, ExportError> {
        let wave = context.framework.wave;
        let mut published: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for row in context.published_scores.iter().filter(|row| row.wave != wave) {
            published.entry(&row.economy).or_default().push(row);
        }
        let submissions: BTreeMap<_, _> = store.submissions()?.into_iter().map(|row| (row.id, row)).collect();
        let merged = context.config.respondents.rule.merges();
        let mut told: BTreeMap<EconomyCode, Vec<SubmissionId>> = BTreeMap::new();
        for (economy, (id, _)) in store.told_submissions(wave, merged)? {
            told.entry(economy).or_default().push(id);
        }
        if merged {
            let counts = store.standing_for_all(wave)?.into_iter().map(|(economy, row)| (economy, row.id));
            let waiting = validate::waiting(context, store, &store.submission_states(wave)?)?;
            let waiting = waiting.iter().filter_map(|id| Some((submissions.get(id)?.economy.clone()?, *id)));
            for (economy, id) in counts.chain(waiting) {
                let of_economy = told.entry(economy).or_default();
                if !of_economy.contains(&id) {
                    of_economy.push(id);
                }
            }
        }
        let waves = points.waves()?;
        let mut economies: BTreeSet<EconomyCode> = points.economies(&waves)?;
        economies.extend(context.economies.iter().map(|economy| economy.code.clone()));
        economies.extend(published.keys().map(|economy| (*economy).clone()));
        economies.extend(submissions.values().filter_map(|row| row.economy.clone()));
        let scoring = WaveScoring::of(context, store)?;
        Ok(Self { context, store, submissions, told, scoring, waves, published, economies })
    }

    fn framework(&self) -> &'a Framework {
        &self.context.framework
    }

    fn wave(&self) -> Value<'static> {
        Value::integer(self.framework().wave.0)
    }
}

/// The rows that an economy has in a table.
pub(super) type OfEconomy = for<'r> fn(&'r Sources<'_>, &'r Facts) -> Vec<Row<'r>>;

/// Rows that are made when they are asked for, group by group.
pub(super) type Groups<'s> = Box<dyn Iterator<Item = Result<Vec<Row<'s>>, ExportError>> + 's>;

/// A table: what it is, and where its rows come from.
pub(super) struct Table<'s> {
    pub(super) definition: Definition,
    /// Rows before those of economies, in groups of which each comes after the one before.
    pub(super) groups: Groups<'s>,
    /// The rows of each economy, where the table goes through them.
    pub(super) of_economy: Option<OfEconomy>,
}

impl<'s> Table<'s> {
    /// A table whose rows come in groups, each after the one before.
    fn groups(definition: Definition, groups: impl Iterator<Item = Vec<Row<'s>>> + 's) -> Self {
        Self { definition, groups: Box::new(groups.map(Ok)), of_economy: None }
    }

    /// A table of few rows, which are made when their turn comes.
    fn whole(definition: Definition, rows: impl FnOnce() -> Result<Vec<Row<'s>>, ExportError> + 's) -> Self {
        Self { definition, groups: Box::new(std::iter::once_with(rows)), of_economy: None }
    }

    /// A table that goes through the economies.
    pub(super) fn each(definition: Definition, of_economy: OfEconomy) -> Self {
        Self { of_economy: Some(of_economy), ..Self::groups(definition, std::iter::empty()) }
    }

    /// The same after rows that are of no economy.
    fn after(self, rows: Vec<Row<'s>>) -> Self {
        Self { groups: Box::new(std::iter::once(Ok(rows))), ..self }
    }
}

/// All tables of the wave: results first, then what they were made from.
pub(super) fn all<'s>(sources: &'s Sources<'_>) -> Result<Vec<Table<'s>>, ExportError> {
    let mut tables = vec![
        scores::table(),
        answers::table(),
        findings::table(sources)?,
        submissions::table(sources),
        uncertainty::table(sources),
        uncertainty::sensitivity(),
        comparison::table(),
        comparators::table(sources),
        imported::table(sources)?,
        figures::economies(),
        figures::external(),
        instrument::questions(sources),
        instrument::choices(sources),
        instrument::indicators(sources),
        instrument::subindexes(sources),
        instrument::groups(sources),
    ];
    tables.extend(backing::tables());
    tables.extend(respondents::tables());
    Ok(tables)
}

fn wave_column() -> Column {
    Column::integer("wave", "Year of the wave").required()
}

fn economy_column() -> Column {
    Column::text("economy", "Code of the economy")
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
