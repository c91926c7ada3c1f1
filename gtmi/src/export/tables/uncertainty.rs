//! `uncertainty`: how sure the scores and groups are.

use maturity::economy::EconomyCode;
use maturity::framework::{Framework, MaturityGroup};
use maturity::uncertainty::ScoreUncertainty;

use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, economy, economy_column, wave_column};

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

pub(super) fn table(sources: &Sources<'_>) -> Table {
    let framework = sources.framework();
    let definition = definition(framework);
    let mut rows = Vec::new();
    for (code, all) in &sources.uncertainty {
        rows.extend(all.iter().map(|one| row(sources, framework, code, one)));
    }
    Table::new(definition, rows)
}

fn row(
    sources: &Sources<'_>,
    framework: &Framework,
    code: &EconomyCode,
    one: &ScoreUncertainty,
) -> Vec<Value> {
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
    let groups = framework.groups.iter().map(share);
    let head = [sources.wave(), economy(code), Value::text(one.id.as_str())];
    head.into_iter().chain(numbers.into_iter().chain(groups).map(Value::Number)).collect()
}

/// `sensitivity`: which choice the spread of a score comes from.
pub(super) fn sensitivity(sources: &Sources<'_>) -> Table {
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
    let mut rows = Vec::new();
    for (code, all) in &sources.uncertainty {
        for (id, cause) in
            all.iter().flat_map(|one| one.sensitivity.iter().map(move |cause| (&one.id, cause)))
        {
            rows.push(vec![
                sources.wave(),
                economy(code),
                Value::text(id.as_str()),
                Value::text(cause.factor.as_str()),
                Value::number(cause.first),
                Value::number(cause.total),
            ]);
        }
    }
    Table::new(definition, rows)
}
