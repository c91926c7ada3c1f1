//! A difference as one JSON document. What is not known is `null`, never 0.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::change::{Change, EconomyChange, Parts, QuestionChange};
use serde_json::{Map, Value, json};

use super::Difference;
use super::decided::Decided;
use super::points::Point;

/// The whole document.
pub(super) fn document(difference: &Difference<'_>) -> Value {
    let economies: Vec<Value> =
        difference.compared.changed.iter().map(|change| economy(difference, change)).collect();
    let sums: BTreeMap<&str, Value> = difference
        .sums
        .iter()
        .map(|(id, sums)| {
            let known = (sums.split > 0).then_some(&sums.parts);
            let value = json!({
                "economies": sums.economies,
                "change": sums.change,
                "split": sums.split,
                "causes": causes(known),
            });
            (id.as_str(), value)
        })
        .collect();
    json!({
        "from": point(&difference.from),
        "to": point(&difference.to),
        "changed": economies,
        "unchanged": difference.compared.unchanged.len(),
        "appeared": difference.compared.appeared,
        "gone": difference.compared.gone,
        "sums": sums,
        "groups": difference.transitions,
        "thresholds": difference.compared.thresholds,
    })
}

fn point(point: &Point) -> Value {
    json!({
        "wave": point.wave,
        "run": point.run.as_ref().map(|run| &run.id),
        "started_at": point.run.as_ref().map(|run| &run.started_at),
        "economies": point.economies(),
        "imported": point.imported(),
        "left_out": point.left_out,
    })
}

fn economy(difference: &Difference<'_>, change: &EconomyChange) -> Value {
    let known = difference.context.economies.get(&change.economy);
    let behind = difference.compared.behind.get(&change.economy);
    let decided = difference.decided.get(&change.economy);
    let changes: Vec<Value> = change.changes.iter().map(|one| score(difference, change, one)).collect();
    json!({
        "economy": change.economy,
        "name": known.map(|economy| &economy.name),
        "from": change.from,
        "to": change.to,
        "from_file": behind.and_then(|(from, _)| from.file.as_ref()),
        "to_file": behind.and_then(|(_, to)| to.file.as_ref()),
        "instrument_differs": change.instrument_differs,
        "source_changed": change.source_changed(),
        "changes": changes,
        "questions": change
            .questions
            .iter()
            .map(|question| self::question(question, decided.and_then(|all| all.get(&question.question))))
            .collect::<Vec<Value>>(),
    })
}

fn score(difference: &Difference<'_>, economy: &EconomyChange, change: &Change) -> Value {
    let reasons = economy.reasons(change, &difference.context.config.language).join(" ");
    json!({
        "id": change.id,
        "level": change.level,
        "from": change.from,
        "to": change.to,
        "change": change.difference(),
        "comparable": change.comparability.verdict,
        "causes": causes(change.parts.as_ref().ok()),
        "not_split": change.parts.as_ref().err(),
        "reason": Some(reasons).filter(|reasons| !reasons.is_empty()),
    })
}

fn causes(parts: Option<&Parts>) -> Option<Map<String, Value>> {
    parts.map(|parts| parts.iter().map(|(cause, part)| (cause.as_str().to_owned(), json!(part))).collect())
}

fn question(change: &QuestionChange, decided: Option<&Decided>) -> Value {
    let answer = |answer: &Option<Answer>| {
        answer
            .as_ref()
            .filter(|answer| answer.is_given())
            .map(|answer| answer.expression_value().into_owned())
    };
    let part = |points: Option<(f64, f64)>, of: fn((f64, f64)) -> f64| points.map(of);
    json!({
        "question": change.question,
        "cause": change.cause,
        "decided": decided,
        "from": answer(&change.from),
        "to": answer(&change.to),
        "from_points": part(change.from_points, |(points, _)| points),
        "from_max_points": part(change.from_points, |(_, most)| most),
        "to_points": part(change.to_points, |(points, _)| points),
        "to_max_points": part(change.to_points, |(_, most)| most),
    })
}
