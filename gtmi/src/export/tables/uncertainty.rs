//! `uncertainty`: how sure the scores and groups are.

use maturity::framework::Framework;
use maturity::id::Id;
use score::bounds::{self, Bounds};

use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, economy, economy_column, wave_column};

fn definition(framework: &Framework) -> Definition {
    let mut columns = vec![
        wave_column(),
        economy_column().required(),
        Column::text("id", "Id of the index or subindex").required(),
        Column::number("lower", "Score if every unanswered question earned nothing"),
        Column::number("upper", "Score if every unanswered question earned everything"),
        Column::number("p05", "5th percentile under stated uncertainty"),
        Column::number("p50", "Median under stated uncertainty"),
        Column::number("p95", "95th percentile under stated uncertainty"),
    ];
    columns.extend(framework.groups.iter().map(|group| {
        Column::named_number(format!("p_{}", group.id), format!("Probability of group {}", group.id))
    }));
    Definition {
        name: "uncertainty",
        title: "How far unanswered questions could move the scores",
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
    for (scores, _) in &sources.scores {
        let mut row = |id: &Id, bounds: Option<Bounds>| {
            let head = [sources.wave(), economy(&scores.economy), Value::text(id.as_str())];
            let bounds = [bounds.map(|bounds| bounds.lower), bounds.map(|bounds| bounds.upper)];
            let open = std::iter::repeat_n(Value::Number(None), definition.columns.len() - 5);
            rows.push(head.into_iter().chain(bounds.map(Value::Number)).chain(open).collect());
        };
        row(&scores.id, bounds::of_composite(framework, scores));
        for subindex in &scores.subindexes {
            row(&subindex.id, bounds::of_subindex(framework, subindex));
        }
    }
    Table::new(definition, rows)
}
