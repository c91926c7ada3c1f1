//! `raise`, `weights`, `evidence`: what each answer can move, what would raise the group, what is backed.

use std::collections::BTreeMap;

use maturity::answer::AnswerRecord;
use maturity::id::Id;
use maturity::score::EconomyScores;
use score::WaveScoring;
use score::backing::evidence_shares;
use score::weights::effective_weights;

use super::super::ExportError;
use super::super::table::{Column, Definition, Table, Value};
use super::{Sources, TO_ECONOMY, TO_QUESTION, economy, economy_column, wave_column};

type Records = BTreeMap<Id, AnswerRecord>;

/// The three tables, from one reading of the answers in force.
pub(super) fn tables(sources: &Sources<'_>) -> Result<Vec<Table>, ExportError> {
    let (mut raise, mut weights, mut evidence) = (Vec::new(), Vec::new(), Vec::new());
    let scoring = WaveScoring::of(sources.context, sources.store)?;
    for (scores, _) in &sources.scores {
        let records: Records = sources
            .store
            .answers_in_force(sources.context.framework.wave, &scores.economy)?
            .into_iter()
            .map(|(record, _)| (record.question.clone(), record))
            .collect();
        raise.extend(raise_rows(sources, &scoring, scores, &records));
        weights.extend(weight_rows(sources, scores));
        evidence.extend(evidence_rows(sources, scores, &records));
    }
    Ok(vec![
        Table::new(raise_definition(), raise),
        Table::new(weights_definition(), weights),
        Table::new(evidence_definition(), evidence),
    ])
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

fn raise_rows(
    sources: &Sources<'_>,
    scoring: &WaveScoring<'_>,
    scores: &EconomyScores,
    records: &Records,
) -> Vec<Vec<Value>> {
    let rescore = |answers: &_| scoring.score(&scores.economy, scores.collected, answers);
    let found = score::raise::raise(sources.framework(), scores, records, None, &rescore);
    // An economy in the highest group, without a score or out of reach has no sets.
    let Ok(found) = found else { return Vec::new() };
    let mut rows = Vec::new();
    for (at, set) in found.sets.iter().enumerate() {
        for change in &set.changes {
            let from = change.from.expression_value();
            rows.push(vec![
                sources.wave(),
                economy(&scores.economy),
                Value::position(at),
                Value::text(change.question.as_str()),
                Value::text(&found.target),
                Value::number(found.threshold),
                Value::Boolean(Some(found.proven)),
                Value::shown(set.within.as_ref()),
                Value::Text(Some(from).filter(|code| !code.is_empty())),
                Value::text(change.to.expression_value()),
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

fn weight_rows(sources: &Sources<'_>, scores: &EconomyScores) -> Vec<Vec<Value>> {
    let weights = effective_weights(sources.framework(), scores).unwrap_or_default();
    let row = |weight: score::weights::EffectiveWeight| {
        vec![
            sources.wave(),
            economy(&scores.economy),
            Value::text(weight.level),
            Value::text(weight.id.as_str()),
            Value::number(weight.weight),
        ]
    };
    weights.into_iter().map(row).collect()
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

fn evidence_rows(sources: &Sources<'_>, scores: &EconomyScores, records: &Records) -> Vec<Vec<Value>> {
    let row = |share: score::backing::EvidenceShare| {
        vec![
            sources.wave(),
            economy(&scores.economy),
            Value::text(share.id.as_str()),
            Value::number(share.points),
            Value::number(share.evidence),
            Value::number(share.published),
            Value::number(share.unbacked),
            Value::Number(share.share()),
        ]
    };
    evidence_shares(sources.framework(), scores, records).into_iter().map(row).collect()
}
