//! The framework as tables: questions, choices, indicators, subindexes, maturity groups.

use maturity::framework::{Direction, Kind, PartPolicy, ScoringRule};
use maturity::id::Id;

use super::super::table::{Column, Definition, Value};
use super::{Reference, Sources, TO_INDICATOR, TO_SUBINDEX, Table, wave_column};

/// Where a row stands in the framework.
fn position_column() -> Column {
    Column::integer("position", "Place in the order of the framework, from 1").required()
}

fn label_column() -> Column {
    Column::text("label", "Wording in the language of the outputs").required()
}

fn definition(
    name: &'static str,
    title: &'static str,
    columns: Vec<Column>,
    order: &'static [&'static str],
    references: &'static [Reference],
) -> Definition {
    Definition { name, title, columns, order, unique: true, references }
}

pub(super) fn questions<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    const EVIDENCE: Reference =
        Reference { columns: &["evidence_for"], table: "questions", table_columns: &["question"] };
    let definition = definition(
        "questions",
        "Questions and how they are scored",
        vec![
            wave_column(),
            Column::text("question", "Id of the question").required(),
            position_column(),
            Column::text("indicator", "Indicator that it belongs to").required(),
            Column::text("subindex", "Subindex that it belongs to").required(),
            Column::text("type", "Type of the answer").required().one_of(&Kind::NAMES),
            Column::text("list", "List of its choices"),
            Column::text("external", "External index that gives the value"),
            label_column(),
            Column::boolean("required", "Whether it must be answered where it applies").required(),
            Column::boolean("asked", "Whether economies are asked it in this wave").required(),
            Column::text("evidence_for", "Question that this one backs"),
            Column::text("rule", "How an answer earns points; missing where it is not scored")
                .one_of(&ScoringRule::ALL.map(ScoringRule::as_str)),
            Column::number("points", "Points for each level, any positive answer, or the full value"),
            Column::number("max_points", "Most points that can be earned"),
        ],
        &["wave", "question"],
        &[TO_INDICATOR, TO_SUBINDEX, EVIDENCE],
    );
    let language = &sources.context.config.language;
    let rows = sources.framework().questions.iter().enumerate().map(|(at, question)| {
        let (list, external) = match &question.kind {
            Kind::SelectOne(list) | Kind::SelectMultiple(list) => (Some(list), None),
            Kind::External(index) => (None, Some(index)),
            Kind::Integer | Kind::Decimal | Kind::Text => (None, None),
        };
        let scoring = question.scoring.as_ref();
        vec![
            sources.wave(),
            Value::text(question.id.as_str()),
            Value::position(at),
            Value::text(question.indicator.as_str()),
            Value::text(question.subindex.as_str()),
            Value::text(question.kind.as_str()),
            Value::maybe(list),
            Value::maybe(external),
            Value::text(question.label.get(language)),
            Value::Boolean(Some(question.required)),
            Value::Boolean(Some(question.is_asked())),
            Value::maybe(question.evidence_for.as_ref().map(Id::as_str)),
            Value::maybe(scoring.map(|scoring| scoring.rule.as_str())),
            Value::Number(scoring.map(|scoring| scoring.points)),
            Value::Number(scoring.map(|scoring| scoring.max_points)),
        ]
    });
    Table::groups(definition, std::iter::once(rows.collect()))
}

pub(super) fn choices<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    let definition = definition(
        "choices",
        "Choices and their levels",
        vec![
            wave_column(),
            Column::text("list", "List of choices").required(),
            Column::text("code", "Code that is stored").required(),
            position_column(),
            label_column(),
            Column::number("level", "How mature the answer is; 0 earns nothing").required(),
        ],
        &["wave", "list", "code"],
        &[],
    );
    let language = &sources.context.config.language;
    let mut rows = Vec::new();
    for (name, list) in &sources.framework().choice_lists {
        for (at, choice) in list.choices.iter().enumerate() {
            rows.push(vec![
                sources.wave(),
                Value::text(name),
                Value::text(&choice.code),
                Value::position(at),
                Value::text(choice.label.get(language)),
                Value::number(choice.level),
            ]);
        }
    }
    Table::groups(definition, std::iter::once(rows))
}

pub(super) fn indicators<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    let definition = definition(
        "indicators",
        "Indicators",
        vec![
            wave_column(),
            Column::text("indicator", "Id of the indicator").required(),
            position_column(),
            Column::text("subindex", "Subindex that it belongs to").required(),
            label_column(),
            Column::text("tier", "Tier of technical complexity"),
            Column::text("comparability", "How far its values compare with other waves"),
            Column::number("weight", "Weight in a subindex that is a mean").required(),
            Column::integer("direction", "1, or -1 where less is better").required(),
            Column::text("normalization", "How its values are made comparable before a mean is taken")
                .required(),
        ],
        &["wave", "indicator"],
        &[TO_SUBINDEX],
    );
    let language = &sources.context.config.language;
    let rows = sources.framework().indicators.iter().enumerate().map(|(at, indicator)| {
        vec![
            sources.wave(),
            Value::text(indicator.id.as_str()),
            Value::position(at),
            Value::text(indicator.subindex.as_str()),
            Value::text(indicator.title.get(language)),
            Value::maybe(indicator.tier.as_deref()),
            Value::maybe(indicator.comparability.as_deref()),
            Value::number(indicator.weight),
            Value::integer(match indicator.direction {
                Direction::Higher => 1,
                Direction::Lower => -1,
            }),
            Value::text(indicator.normalization.as_str()),
        ]
    });
    Table::groups(definition, std::iter::once(rows.collect()))
}

pub(super) fn subindexes<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    let definition = definition(
        "subindexes",
        "Subindexes and their weights",
        vec![
            wave_column(),
            Column::text("subindex", "Id of the subindex").required(),
            position_column(),
            label_column(),
            Column::text("index", "Id of the index or subindex that it is part of").required(),
            Column::number("weight", "Weight in what it is part of").required(),
            Column::text("method", "How it is made of its parts").required(),
            Column::text("index_method", "How the index is made of its subindexes").required(),
            Column::text("missing_part", "What a part without a score does to a mean")
                .required()
                .one_of(&PartPolicy::ALL.map(PartPolicy::as_str)),
            Column::number("min_coverage", "Least share of parts or questions that must have a value")
                .required(),
        ],
        &["wave", "subindex"],
        &[],
    );
    let language = &sources.context.config.language;
    let framework = sources.framework();
    let rows = framework.subindexes.iter().enumerate().map(|(at, subindex)| {
        vec![
            sources.wave(),
            Value::text(subindex.id.as_str()),
            Value::position(at),
            Value::text(subindex.title.get(language)),
            Value::text(subindex.parent.as_ref().unwrap_or(&framework.composite.id).as_str()),
            Value::number(subindex.weight),
            Value::text(subindex.method.as_str()),
            Value::text(framework.composite.method.as_str()),
            Value::text(subindex.missing_part.as_str()),
            Value::number(subindex.min_coverage),
        ]
    });
    Table::groups(definition, std::iter::once(rows.collect()))
}

pub(super) fn groups<'s>(sources: &'s Sources<'_>) -> Table<'s> {
    let definition = definition(
        "groups",
        "Maturity groups",
        vec![
            wave_column(),
            Column::text("group", "Id of the group").required(),
            position_column(),
            label_column(),
            Column::number("at_least", "Lowest score of the group").required(),
        ],
        &["wave", "group"],
        &[],
    );
    let language = &sources.context.config.language;
    let rows = sources.framework().groups.iter().enumerate().map(|(at, group)| {
        vec![
            sources.wave(),
            Value::text(&group.id),
            Value::position(at),
            Value::text(group.title.get(language)),
            Value::number(group.at_least),
        ]
    });
    Table::groups(definition, std::iter::once(rows.collect()))
}
