//! `scores`: every level of every economy.

use maturity::comparator::Level;
use maturity::framework::Question;
use maturity::id::Id;
use maturity::score::Coverage;
use maturity::submission::Collected;
use maturity::withheld::Withheld;

use super::super::table::{Column, Definition, Row, Value};
use super::facts::Facts;
use super::{Sources, TO_ECONOMY, TO_GROUP, Table, economy_column, wave_column};

fn definition() -> Definition {
    Definition {
        name: "scores",
        title: "Scores at every level",
        columns: vec![
            wave_column(),
            economy_column().required(),
            Column::text("level", "Level of the row").required().one_of(&Level::ALL.map(Level::as_str)),
            Column::text("id", "Id of the index, subindex, indicator or question").required(),
            Column::number("points", "Points earned; none where the value is a number"),
            Column::number("max_points", "Points that could be earned; none where the value is a number"),
            Column::number(
                "score",
                "Score on the scale of the framework (0 to 1 for a share of points), not rounded",
            ),
            Column::text("group", "Maturity group of the score"),
            Column::integer("answered", "Scored questions with an answer").required(),
            Column::integer("asked", "Scored questions that apply; external indices with a value only")
                .required(),
            Column::text("collected", "Who collected the answers")
                .one_of(&Collected::ALL.map(Collected::as_str)),
            Column::number("value", "Value of an indicator before it is normalised"),
            Column::text("withheld", "Why there is no score").one_of(&Withheld::NAMES),
        ],
        order: &["wave", "economy", "level", "id"],
        unique: true,
        references: &[TO_ECONOMY, TO_GROUP],
    }
}

/// What a row says beside where it belongs.
struct Line<'a> {
    level: Level,
    id: &'a Id,
    points: Option<(f64, f64)>,
    score: Option<f64>,
    group: Option<&'a String>,
    coverage: Coverage,
    value: Option<f64>,
    withheld: Option<&'a Withheld>,
}

pub(super) fn table<'s>() -> Table<'s> {
    Table::each(definition(), rows)
}

fn rows<'r>(sources: &'r Sources<'_>, facts: &'r Facts) -> Vec<Row<'r>> {
    let Some(scores) = &facts.scores else { return Vec::new() };
    // A number is what it is and earns no points; nothing of nothing would be an amount.
    let framework = &sources.context.framework;
    let collected = scores.collected.map(Collected::as_str);
    let mut rows = Vec::new();
    let mut put = |line: Line<'r>| {
        rows.push(vec![
            sources.wave(),
            Value::text(facts.economy.as_str()),
            Value::text(line.level.as_str()),
            Value::text(line.id.as_str()),
            Value::Number(line.points.map(|(points, _)| points)),
            Value::Number(line.points.map(|(_, max_points)| max_points)),
            Value::Number(line.score),
            Value::maybe(line.group),
            Value::integer(line.coverage.answered),
            Value::integer(line.coverage.asked),
            Value::maybe(collected),
            Value::Number(line.value),
            Value::maybe(line.withheld.map(Withheld::as_str)),
        ]);
    };
    put(Line {
        level: Level::Index,
        id: &scores.id,
        points: None,
        score: scores.score,
        group: scores.group.as_ref(),
        coverage: scores.coverage,
        value: None,
        withheld: scores.withheld.as_ref(),
    });
    for subindex in &scores.subindexes {
        put(Line {
            level: Level::Subindex,
            id: &subindex.id,
            points: Some((subindex.points, subindex.max_points))
                .filter(|_| framework.has_points_below(&subindex.id)),
            score: subindex.score,
            group: subindex.group.as_ref(),
            coverage: subindex.coverage,
            value: None,
            withheld: subindex.withheld.as_ref(),
        });
    }
    for (_, indicator) in scores.indicators() {
        put(Line {
            level: Level::Indicator,
            id: &indicator.id,
            points: Some((indicator.points, indicator.max_points))
                .filter(|_| framework.has_points(&indicator.id)),
            score: indicator.score,
            group: None,
            coverage: indicator.coverage,
            value: indicator.value,
            withheld: indicator.withheld.as_ref(),
        });
    }
    for term in scores.indicators().flat_map(|(_, indicator)| &indicator.terms) {
        let is_number = framework.question(&term.question).is_some_and(Question::is_number);
        put(Line {
            level: Level::Question,
            id: &term.question,
            points: Some((term.points, term.max_points)).filter(|_| !is_number),
            score: (term.max_points > 0.0).then(|| term.points / term.max_points),
            group: None,
            coverage: Coverage {
                answered: u32::from(term.answer.is_given()),
                asked: u32::from(score::is_asked(framework, term)),
            },
            value: None,
            withheld: None,
        });
    }
    rows
}
