//! `comparison`: change of scores between neighbouring waves, this wave's as computed, others' as published.

use std::collections::BTreeMap;

use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::submission::Wave;

use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, economy, economy_column};

fn definition() -> Definition {
    Definition {
        name: "comparison",
        title: "Change of scores between waves",
        columns: vec![
            economy_column().required(),
            Column::text("id", "Id of the index or subindex").required(),
            Column::integer("from_wave", "Earlier wave").required(),
            Column::integer("to_wave", "Later wave").required(),
            Column::number("from_score", "Score in the earlier wave"),
            Column::number("to_score", "Score in the later wave"),
            Column::number("change", "Later minus earlier score"),
            Column::text("comparable", "Whether the instrument stayed the same")
                .required()
                .one_of(&["yes", "no", "partly"]),
        ],
        order: &["economy", "id", "from_wave", "to_wave"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

pub(super) fn table(sources: &Sources<'_>) -> Table {
    let framework = sources.framework();
    let mut waves: BTreeMap<(EconomyCode, Id), BTreeMap<Wave, f64>> = BTreeMap::new();
    let mut put = |economy: &EconomyCode, id: &Id, wave: Wave, score: f64| {
        waves.entry((economy.clone(), id.clone())).or_default().insert(wave, score);
    };
    for published in sources.context.published_scores.iter().filter(|row| row.wave != framework.wave) {
        for (id, score) in &published.scores {
            put(&published.economy, id, published.wave, *score);
        }
    }
    for (scores, _) in &sources.scores {
        let subindexes = scores.subindexes.iter().map(|subindex| (&subindex.id, subindex.score));
        for (id, score) in std::iter::once((&scores.id, scores.score)).chain(subindexes) {
            if let Some(score) = score {
                put(&scores.economy, id, framework.wave, score);
            }
        }
    }
    let mut rows = Vec::new();
    for ((code, id), by_wave) in &waves {
        for ((from_wave, from), (to_wave, to)) in by_wave.iter().zip(by_wave.iter().skip(1)) {
            rows.push(vec![
                economy(code),
                Value::text(id.as_str()),
                Value::integer(from_wave.0),
                Value::integer(to_wave.0),
                Value::number(*from),
                Value::number(*to),
                Value::number(to - from),
                Value::text(comparable(framework, id)),
            ]);
        }
    }
    Table::new(definition(), rows)
}

/// Whether all, some or none of the indicators behind a score are marked as comparable in all waves.
pub(crate) fn comparable(framework: &Framework, id: &Id) -> &'static str {
    /// The class of indicators whose construct is the same in all three waves.
    const ALL_WAVES: &str = "3-year";
    let of_id = |subindex: &Id| *id == framework.composite.id || subindex == id;
    let mut indicators = framework.indicators.iter().filter(|indicator| of_id(&indicator.subindex));
    let same = |class: &Option<String>| class.as_deref() == Some(ALL_WAVES);
    if indicators.clone().all(|indicator| same(&indicator.comparability)) {
        "yes"
    } else if indicators.any(|indicator| same(&indicator.comparability)) {
        "partly"
    } else {
        "no"
    }
}
