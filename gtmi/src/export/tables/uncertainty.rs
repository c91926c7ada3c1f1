//! `uncertainty`: how sure the scores and groups are.

use maturity::framework::{Framework, MaturityGroup};
use maturity::uncertainty::ScoreUncertainty;

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, Table, economy_column, wave_column};

fn definition(framework: &Framework) -> Definition {
    let mut columns = vec![
        wave_column(),
        economy_column().required(),
        Column::text("id", "Id of the index or subindex").required(),
        Column::number("lower", "Score if every open answer earned nothing"),
        Column::number("upper", "Score if every open answer earned everything"),
        Column::number("p05", "5th percentile under stated uncertainty"),
        Column::number("p50", "Median under stated uncertainty"),
        Column::number("p95", "95th percentile under stated uncertainty"),
    ];
    columns.extend(framework.groups.iter().map(|group| {
        Column::named_number(format!("p_{}", group.id), format!("Probability of group {}", group.id))
    }));
    Definition {
        name: "uncertainty",
        title: "How far open answers and stated choices could move the scores",
        columns,
        order: &["wave", "economy", "id"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

pub(super) fn table<'s>(sources: &Sources<'_>) -> Table<'s> {
    Table::each(definition(sources.framework()), rows)
}

fn rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    facts.uncertainty.iter().map(|one| row(sources, facts, one)).collect()
}

fn row<'r>(sources: &Sources<'_>, facts: &'r Facts, one: &'r ScoreUncertainty) -> Row<'r> {
    let spread = one.distribution.as_ref();
    let numbers = [
        one.bounds.map(|bounds| bounds.lower),
        one.bounds.map(|bounds| bounds.upper),
        spread.map(|spread| spread.p05),
        spread.map(|spread| spread.p50),
        spread.map(|spread| spread.p95),
    ];
    let share = |group: &MaturityGroup| {
        let shares = &spread?.groups;
        shares.iter().find(|(id, _)| *id == group.id).map(|(_, share)| *share)
    };
    let groups = sources.framework().groups.iter().map(share);
    let head = [sources.wave(), Value::text(facts.economy.as_str()), Value::text(one.id.as_str())];
    head.into_iter().chain(numbers.into_iter().chain(groups).map(Value::Number)).collect()
}

/// `sensitivity`: which choice the spread of a score comes from.
pub(super) fn sensitivity<'s>() -> Table<'s> {
    let definition = Definition {
        name: "sensitivity",
        title: "Which choices the spread of the scores comes from",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("id", "Id of the index or subindex").required(),
            Column::text("factor", "Choice that varies").required(),
            Column::number("first", "First-order Sobol index: share of the variance from this choice alone"),
            Column::number("total", "Total Sobol index: share of the variance with all interactions"),
        ],
        order: &["wave", "economy", "id", "factor"],
        unique: true,
        references: &[TO_ECONOMY],
    };
    Table::each(definition, causes)
}

fn causes<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let all = facts.uncertainty.iter();
    let all = all.flat_map(|one| one.sensitivity.iter().map(move |cause| (&one.id, cause)));
    all.map(|(id, cause)| {
        vec![
            sources.wave(),
            Value::text(facts.economy.as_str()),
            Value::text(id.as_str()),
            Value::text(cause.factor.as_str()),
            Value::number(cause.first),
            Value::number(cause.total),
        ]
    })
    .collect()
}
