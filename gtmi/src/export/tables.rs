//! The tables that others rely on: scores, answers, findings, submissions, uncertainty, comparison.

use std::collections::BTreeMap;

use maturity::answer::Answer;
use maturity::economy::EconomyCode;
use maturity::framework::Framework;
use maturity::id::Id;
use maturity::score::EconomyScores;
use maturity::submission::{Collected, Wave};
use pipeline::Context;
use score::bounds::{self, Bounds};
use store::{Store, StoreError, SubmissionId, SubmissionRow};

use super::table::{Column, Table, Type, Value};

const fn text(name: &'static str, meaning: &'static str) -> Column {
    Column { name, kind: Type::Text, meaning }
}

const fn number(name: &'static str, meaning: &'static str) -> Column {
    Column { name, kind: Type::Number, meaning }
}

const fn integer(name: &'static str, meaning: &'static str) -> Column {
    Column { name, kind: Type::Integer, meaning }
}

const WAVE: Column = integer("wave", "Year of the wave");
const ECONOMY: Column = text("economy", "Code of the economy");

const SCORES: [Column; 11] = [
    WAVE,
    ECONOMY,
    text("level", "index, subindex, indicator or question"),
    text("id", "Id of the index, subindex, indicator or question"),
    number("points", "Points earned"),
    number("max_points", "Points that could be earned"),
    number("score", "Score from 0 to 1, not rounded"),
    text("group", "Maturity group of the score"),
    integer("answered", "Scored questions with an answer"),
    integer("asked", "Scored questions"),
    text("collected", "survey or remote"),
];

const ANSWERS: [Column; 10] = [
    WAVE,
    ECONOMY,
    text("question", "Id of the question"),
    text("code", "Code of the choice taken; several are separated by blanks"),
    number("value", "Number answered"),
    text("text", "Text answered"),
    text("evidence", "Link or document given as evidence"),
    text("source", "SHA-256 of the file"),
    text("sheet", "Sheet of the answer"),
    text("cell", "Cell of the answer"),
];

const CHANGED_BY: Column = text("changed_by", "Id of the override that replaced the answer");

const ANSWER_COLUMNS: [Column; 11] = {
    let mut columns = [CHANGED_BY; 11];
    let mut at = 0;
    while at < ANSWERS.len() {
        columns[at] = ANSWERS[at];
        at += 1;
    }
    columns
};

const FINDINGS: [Column; 10] = [
    WAVE,
    ECONOMY,
    text("rule", "Stable id of the rule"),
    text("severity", "error, warning or info"),
    text("question", "Id of the question"),
    text("sheet", "Sheet in the file"),
    text("cell", "Cell in the sheet"),
    text("found", "What stands there"),
    text("message", "What is wrong, what is expected, what to do"),
    text("status", "open or accepted"),
];

const SUBMISSIONS: [Column; 9] = [
    WAVE,
    ECONOMY,
    text("sha256", "SHA-256 of the file"),
    text("name", "Name of the file"),
    text("source", "Source the file came from"),
    text("received_at", "When it was received, UTC, RFC 3339"),
    text("layout", "questionnaire or dataset"),
    text("language", "Language of the questionnaire"),
    text("state", "received, returned or accepted"),
];

const UNCERTAINTY: [Column; 12] = [
    WAVE,
    ECONOMY,
    text("id", "Id of the index or subindex"),
    number("lower", "Score if every unanswered question earned nothing"),
    number("upper", "Score if every unanswered question earned everything"),
    number("p05", "5th percentile under stated uncertainty"),
    number("p50", "Median under stated uncertainty"),
    number("p95", "95th percentile under stated uncertainty"),
    number("p_A", "Probability of group A"),
    number("p_B", "Probability of group B"),
    number("p_C", "Probability of group C"),
    number("p_D", "Probability of group D"),
];

const COMPARISON: [Column; 8] = [
    ECONOMY,
    text("id", "Id of the index or subindex"),
    integer("from_wave", "Earlier wave"),
    integer("to_wave", "Later wave"),
    number("from_score", "Score in the earlier wave"),
    number("to_score", "Score in the later wave"),
    number("change", "Later minus earlier score"),
    text("comparable", "yes, no or partly: whether the instrument stayed the same"),
];

/// All tables of the wave.
pub(super) fn all(context: &Context, store: &Store) -> Result<Vec<Table>, StoreError> {
    let framework = &context.framework;
    let scores = store.scores(framework.wave)?;
    let submissions = store.submissions()?;
    Ok(vec![
        scores_table(framework, &scores),
        answers_table(framework, store, &scores, &submissions)?,
        findings_table(context, store, &submissions)?,
        submissions_table(framework, submissions),
        uncertainty_table(framework, &scores),
        comparison_table(context, &scores),
    ])
}

fn wave(framework: &Framework) -> Value {
    Value::Integer(Some(i64::from(framework.wave.0)))
}

fn code(economy: Option<&EconomyCode>) -> Value {
    Value::Own(economy.map(ToString::to_string))
}

type Scored = Vec<(EconomyScores, SubmissionId)>;

fn scores_table(framework: &Framework, scores: &Scored) -> Table {
    let mut rows = Vec::new();
    for (scores, _) in scores {
        let collected = Value::Own(scores.collected.map(Collected::as_str).map(str::to_owned));
        let mut row = |level: &str, id: &Id, values: [Value; 6]| {
            let head =
                [wave(framework), code(Some(&scores.economy)), Value::own(level), Value::own(id.as_str())];
            rows.push(head.into_iter().chain(values).chain([collected.clone()]).collect());
        };
        let group = |group: &Option<String>| Value::Own(group.clone());
        let none = || Value::Number(None);
        let (answered, asked) = (scores.coverage.answered, scores.coverage.asked);
        let counts = |answered, asked| [Value::count(answered), Value::count(asked)];
        let [a, b] = counts(answered, asked);
        row("index", &scores.id, [none(), none(), Value::Number(scores.score), group(&scores.group), a, b]);
        for subindex in &scores.subindexes {
            let [a, b] = counts(subindex.coverage.answered, subindex.coverage.asked);
            let points = [Value::Number(Some(subindex.points)), Value::Number(Some(subindex.max_points))];
            let [earned, most] = points;
            let score = Value::Number(subindex.score);
            row("subindex", &subindex.id, [earned, most, score, group(&subindex.group), a, b]);
        }
        for (_, indicator) in scores.indicators() {
            let [a, b] = counts(indicator.coverage.answered, indicator.coverage.asked);
            let (earned, most) =
                (Value::Number(Some(indicator.points)), Value::Number(Some(indicator.max_points)));
            row(
                "indicator",
                &indicator.id,
                [earned, most, Value::Number(indicator.score), group(&None), a, b],
            );
        }
        for term in scores.indicators().flat_map(|(_, indicator)| &indicator.terms) {
            let [a, b] = counts(u32::from(term.answer.is_given()), 1);
            let (earned, most) = (Value::Number(Some(term.points)), Value::Number(Some(term.max_points)));
            let share = (term.max_points > 0.0).then(|| term.points / term.max_points);
            row("question", &term.question, [earned, most, Value::Number(share), group(&None), a, b]);
        }
    }
    Table {
        name: "scores",
        title: "Scores at every level",
        columns: &SCORES,
        key: &["wave", "economy", "level", "id"],
        rows,
    }
}

fn answers_table(
    framework: &Framework,
    store: &Store,
    scores: &Scored,
    submissions: &[SubmissionRow],
) -> Result<Table, StoreError> {
    let files: BTreeMap<SubmissionId, &str> =
        submissions.iter().map(|row| (row.id, row.sha256.as_str())).collect();
    let mut rows = Vec::new();
    for (scores, submission) in scores {
        for record in store.answers(*submission)? {
            if !record.answer.is_given() {
                continue;
            }
            let (mut codes, mut value, mut text) = (None, None, None);
            match record.answer {
                Answer::Choice(code) => codes = Some(code),
                Answer::Choices(all) => codes = Some(all.join(" ")),
                Answer::Number(number) => value = Some(number),
                Answer::Text(given) => text = Some(given),
                Answer::Missing(_) => {}
            }
            let place = record.place;
            rows.push(vec![
                wave(framework),
                code(Some(&scores.economy)),
                Value::own(record.question.as_str()),
                Value::Own(codes),
                Value::Number(value),
                Value::Foreign(text),
                Value::Foreign(record.evidence),
                Value::Own(files.get(submission).map(|sha256| (*sha256).to_owned())),
                Value::Foreign(place.as_ref().map(|place| place.sheet.clone())),
                Value::Own(place.and_then(|place| place.cell).map(|cell| cell.to_string())),
                Value::Own(None),
            ]);
        }
    }
    Ok(Table {
        name: "answers",
        title: "Answers in force",
        columns: &ANSWER_COLUMNS,
        key: &["wave", "economy", "question"],
        rows,
    })
}

/// Findings about the latest submission of each economy, and about those whose economy is not known.
fn findings_table(
    context: &Context,
    store: &Store,
    submissions: &[SubmissionRow],
) -> Result<Table, StoreError> {
    let mut latest: BTreeMap<Option<&EconomyCode>, Vec<&SubmissionRow>> = BTreeMap::new();
    for row in submissions {
        let of_economy = latest.entry(row.economy.as_ref()).or_default();
        if row.economy.is_some() {
            of_economy.clear();
        }
        of_economy.push(row);
    }
    let mut rows = Vec::new();
    for (economy, submissions) in latest {
        for submission in submissions {
            for finding in store.findings(submission.id)? {
                let place = finding.place.as_ref();
                rows.push(vec![
                    wave(&context.framework),
                    code(economy),
                    Value::own(finding.rule()),
                    Value::own(finding.severity.as_str()),
                    Value::Own(finding.question.as_ref().map(ToString::to_string)),
                    Value::Foreign(place.map(|place| place.sheet.clone())),
                    Value::Own(place.and_then(|place| place.cell).map(|cell| cell.to_string())),
                    Value::Foreign(Some(finding.found()).filter(|found| !found.is_empty())),
                    Value::Foreign(Some(finding.problem.sentence(&context.config.language))),
                    Value::own("open"),
                ]);
            }
        }
    }
    Ok(Table {
        name: "findings",
        title: "Findings about the latest submissions",
        columns: &FINDINGS,
        key: &[],
        rows,
    })
}

fn submissions_table(framework: &Framework, mut submissions: Vec<SubmissionRow>) -> Table {
    submissions.sort_by(|a, b| (&a.economy, a.id).cmp(&(&b.economy, b.id)));
    let rows = submissions
        .into_iter()
        .map(|row| {
            vec![
                wave(framework),
                code(row.economy.as_ref()),
                Value::own(row.sha256),
                Value::Foreign(Some(row.name)),
                Value::own(row.source),
                Value::own(row.received_at),
                Value::own(row.layout.as_str()),
                Value::Foreign(row.language),
                Value::own(row.state.as_str()),
            ]
        })
        .collect();
    Table {
        name: "submissions",
        title: "Everything that was received",
        columns: &SUBMISSIONS,
        key: &[],
        rows,
    }
}

fn uncertainty_table(framework: &Framework, scores: &Scored) -> Table {
    let mut rows = Vec::new();
    for (scores, _) in scores {
        let mut row = |id: &Id, bounds: Option<Bounds>| {
            let head = [wave(framework), code(Some(&scores.economy)), Value::own(id.as_str())];
            let bounds = [bounds.map(|bounds| bounds.lower), bounds.map(|bounds| bounds.upper)];
            let open = std::iter::repeat_n(Value::Number(None), UNCERTAINTY.len() - 5);
            rows.push(head.into_iter().chain(bounds.map(Value::Number)).chain(open).collect());
        };
        row(&scores.id, bounds::of_composite(framework, scores));
        for subindex in &scores.subindexes {
            row(&subindex.id, bounds::of_subindex(framework, subindex));
        }
    }
    Table {
        name: "uncertainty",
        title: "How far unanswered questions could move the scores",
        columns: &UNCERTAINTY,
        key: &["wave", "economy", "id"],
        rows,
    }
}

/// Scores of neighbouring waves: this wave's as computed, the others' as published.
fn comparison_table(context: &Context, scores: &Scored) -> Table {
    let framework = &context.framework;
    let mut waves: BTreeMap<(EconomyCode, Id), BTreeMap<Wave, f64>> = BTreeMap::new();
    let mut put = |economy: &EconomyCode, id: &Id, wave: Wave, score: f64| {
        waves.entry((economy.clone(), id.clone())).or_default().insert(wave, score);
    };
    for published in context.published_scores.iter().filter(|published| published.wave != framework.wave) {
        for (id, score) in &published.scores {
            put(&published.economy, id, published.wave, *score);
        }
    }
    for (scores, _) in scores {
        let subindexes = scores.subindexes.iter().map(|subindex| (&subindex.id, subindex.score));
        for (id, score) in std::iter::once((&scores.id, scores.score)).chain(subindexes) {
            if let Some(score) = score {
                put(&scores.economy, id, framework.wave, score);
            }
        }
    }
    let mut rows = Vec::new();
    for ((economy, id), by_wave) in &waves {
        let steps = by_wave.iter().zip(by_wave.iter().skip(1));
        for ((from_wave, from), (to_wave, to)) in steps {
            rows.push(vec![
                code(Some(economy)),
                Value::own(id.as_str()),
                Value::Integer(Some(i64::from(from_wave.0))),
                Value::Integer(Some(i64::from(to_wave.0))),
                Value::Number(Some(*from)),
                Value::Number(Some(*to)),
                Value::Number(Some(to - from)),
                Value::own(comparable(framework, id)),
            ]);
        }
    }
    Table {
        name: "comparison",
        title: "Change of scores between waves",
        columns: &COMPARISON,
        key: &["economy", "id", "from_wave"],
        rows,
    }
}

/// Whether all, some or none of the indicators behind a score are marked as comparable in all waves.
fn comparable(framework: &Framework, id: &Id) -> &'static str {
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
