//! `raise`, `weights`, `evidence`: what each answer can move, what would raise the group, what is backed.

use score::backing::evidence_shares;
use score::weights::effective_weights;

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, TO_QUESTION, Table, economy_column, wave_column};

/// The three tables.
pub(super) fn tables<'s>() -> [Table<'s>; 3] {
    [
        Table::each(raise_definition(), raise_rows),
        Table::each(weights_definition(), weight_rows),
        Table::each(evidence_definition(), evidence_rows),
    ]
}

fn raise_definition() -> Definition {
    Definition {
        name: "raise",
        title: "The smallest sets of answers that reach the next maturity group",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::integer("set", "Number of the set, the smallest first").required(),
            Column::text("question", "Question whose answer would change").required(),
            Column::text("target", "Maturity group that the set reaches").required(),
            Column::number("threshold", "Threshold of that group").required(),
            Column::boolean("proven", "Whether no set smaller than the first exists").required(),
            Column::text("within", "Subindex that the set was searched in; all, if missing"),
            Column::text("from_code", "Answer now; missing if there is none"),
            Column::text("to_code", "Answer that would do").required(),
            Column::number("gain", "How much the composite gains by this answer").required(),
            Column::number("score", "Composite after the whole set").required(),
            Column::text("evidence", "Question that holds the evidence; its own evidence cell, if missing"),
            Column::boolean("evidence_given", "Whether there is such evidence already").required(),
        ],
        order: &["wave", "economy", "set", "question"],
        unique: true,
        references: &[TO_ECONOMY, TO_QUESTION],
    }
}

fn raise_rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let Some(scores) = &facts.scores else { return Vec::new() };
    let rescore = |answers: &_| sources.scoring.score(&scores.economy, scores.collected, answers);
    let found = score::raise::raise(sources.framework(), scores, &facts.records, None, &rescore);
    // An economy in the highest group, without a score or out of reach has no sets.
    let Ok(found) = found else { return Vec::new() };
    let mut rows = Vec::new();
    for (at, set) in found.sets.iter().enumerate() {
        for change in &set.changes {
            rows.push(vec![
                sources.wave(),
                Value::text(facts.economy.as_str()),
                Value::position(at),
                Value::text(change.question.as_str().to_owned()),
                Value::text(found.target.clone()),
                Value::number(found.threshold),
                Value::Boolean(Some(found.proven)),
                Value::shown(set.within.as_ref()),
                Value::filled(change.from.expression_value().into_owned()),
                Value::text(change.to.expression_value().into_owned()),
                Value::number(change.gain),
                Value::number(set.score),
                Value::shown(change.evidence.as_ref()),
                Value::Boolean(Some(change.evidence_given)),
            ]);
        }
    }
    rows
}

fn weights_definition() -> Definition {
    Definition {
        name: "weights",
        title: "Effective weights: shares of the composite's maximum",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("level", "What the weight is of").required().one_of(&[
                "subindex",
                "indicator",
                "question",
            ]),
            Column::text("id", "Id of the subindex, indicator or question").required(),
            Column::number("weight", "Share of the composite's maximum, after terms without a value left")
                .required(),
        ],
        order: &["wave", "economy", "level", "id"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

fn weight_rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let weights = facts.scores.as_ref().and_then(|scores| effective_weights(sources.framework(), scores));
    let row = |weight: score::weights::EffectiveWeight| {
        vec![
            sources.wave(),
            Value::text(facts.economy.as_str()),
            Value::text(weight.level),
            Value::text(weight.id.as_str().to_owned()),
            Value::number(weight.weight),
        ]
    };
    weights.into_iter().flatten().map(row).collect()
}

fn evidence_definition() -> Definition {
    Definition {
        name: "evidence",
        title: "How much of each score is backed by evidence",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("id", "Id of the index or subindex").required(),
            Column::number("points", "Points earned; of the index, its score").required(),
            Column::number("evidence", "Points of answers with evidence").required(),
            Column::number("published", "Points of external indices").required(),
            Column::number("unbacked", "Points of answers without evidence").required(),
            Column::number("share", "Share of the points with evidence or a publication"),
        ],
        order: &["wave", "economy", "id"],
        unique: true,
        references: &[TO_ECONOMY],
    }
}

fn evidence_rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let Some(scores) = &facts.scores else { return Vec::new() };
    let framework = sources.framework();
    // A number earns no points: an index with numbers in it is no sum of points, and nothing of it would be told as 0.
    let has_points = |share: &score::backing::EvidenceShare| {
        if share.id != scores.id {
            return framework.has_points_below(&share.id);
        }
        let mut parts = framework.indicators.iter().filter(|indicator| framework.is_scored(&indicator.id));
        parts.all(|indicator| framework.has_points(&indicator.id))
    };
    let row = |share: score::backing::EvidenceShare| {
        vec![
            sources.wave(),
            Value::text(facts.economy.as_str()),
            Value::text(share.id.as_str().to_owned()),
            Value::number(share.points),
            Value::number(share.evidence),
            Value::number(share.published),
            Value::number(share.unbacked),
            Value::Number(share.share()),
        ]
    };
    let shares = evidence_shares(framework, scores, &facts.records).into_iter();
    shares.filter(has_points).map(row).collect()
}
