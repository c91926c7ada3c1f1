//! The rules: from answers to points and numbers, what missing values do, what is uncertain.

use maturity::framework::{
    AnswerPolicy, Direction, EvidencePolicy, ExternalPolicy, Kind, Normalization, PartPolicy, ScoringRule,
};
use maturity::shown::colon;

use super::Page;
use super::markdown::code;
use crate::method::has_numbers;

/// From an answer to points; nothing where no points are earned.
pub(super) fn points(page: &mut Page) {
    let framework = page.framework;
    let scored = || framework.questions.iter().filter_map(|question| question.scoring);
    let earning = scored().filter(|scoring| scoring.rule != ScoringRule::Number).count();
    if earning == 0 {
        return;
    }
    page.section(page.say("points"));
    let numbers = scored().count() - earning;
    let key = if numbers == 0 { "points.intro" } else { "points.intro.numbers" };
    let [questions, all, earning, numbers] =
        [framework.questions.len(), scored().count(), earning, numbers].map(|count| count.to_string());
    let counts = [
        ("questions", questions.as_str()),
        ("scored", all.as_str()),
        ("earning", earning.as_str()),
        ("numbers", numbers.as_str()),
    ];
    page.paragraph(&page.fill(key, &counts));
    let rows: Vec<Vec<String>> = [
        (ScoringRule::Level, "level.earns", "level.most"),
        (ScoringRule::Any, "any.earns", "any.most"),
        (ScoringRule::Value, "value.earns", "value.most"),
    ]
    .into_iter()
    .map(|(rule, earns, most)| (rule, earns, most, scored().filter(|scoring| scoring.rule == rule).count()))
    .filter(|(.., used)| *used > 0)
    .map(|(rule, earns, most, used)| {
        let name = format!("`{}`", rule.as_str());
        vec![name, page.say(earns).to_owned(), page.say(most).to_owned(), used.to_string()]
    })
    .collect();
    page.table(&["rule", "earns", "most", "questions"].map(|key| page.say(key)), &rows);
}

/// Indicators that are numbers, and how they are normalised.
pub(super) fn numbers(page: &mut Page) {
    let framework = page.framework;
    let rows: Vec<Vec<String>> = framework
        .indicators
        .iter()
        .filter(|indicator| {
            framework.is_number(&indicator.id) || indicator.normalization != Normalization::None
        })
        .map(|indicator| {
            let better = if indicator.direction == Direction::Higher { "more" } else { "less" };
            vec![
                page.shown(indicator.id.as_str()),
                page.shown(indicator.title.get(page.language)),
                page.shown(indicator.subindex.as_str()),
                page.number(indicator.weight),
                page.say(better).to_owned(),
                normalization(page, indicator.normalization, indicator.direction),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.section(page.say("numbers"));
    page.paragraph(page.say("numbers.intro"));
    let headings = ["id", "indicator", "part-of", "weight", "better", "normalization"];
    page.table(&headings.map(|key| page.say(key)), &rows);
}

/// A normalisation as a formula in words. Goalposts are given as values are reported: where less is better, the formula
/// turns them round, not the value.
pub(super) fn normalization(page: &Page, normalization: Normalization, direction: Direction) -> String {
    let number = |number: f64| page.number(number);
    match normalization {
        Normalization::MinMax { to: (low, high), from: None } => {
            page.fill("min-max", &[("low", &number(low)), ("high", &number(high))])
        }
        Normalization::MinMax { to: (low, high), from: Some((least, most)) } => page.fill(
            if direction == Direction::Higher { "goalposts" } else { "goalposts.less" },
            &[
                ("low", &number(low)),
                ("high", &number(high)),
                ("least", &number(least)),
                ("most", &number(most)),
            ],
        ),
        Normalization::ZScore { mean, sd } => {
            page.fill("z-score", &[("mean", &number(mean)), ("sd", &number(sd))])
        }
        other => page.say(other.as_str()).to_owned(),
    }
}

/// What missing values and missing evidence do.
pub(super) fn missing(page: &mut Page) {
    let framework = page.framework;
    let policy = &framework.missing;
    page.section(page.say("missing"));
    let mut points = Vec::new();
    let has_points = framework
        .questions
        .iter()
        .filter_map(|question| question.scoring)
        .any(|scoring| scoring.rule != ScoringRule::Number);
    if has_points {
        points.push(match policy.answer {
            AnswerPolicy::NoPoints if has_numbers(framework) => page.say("no-points.numbers").to_owned(),
            AnswerPolicy::NoPoints => page.say("no-points").to_owned(),
            AnswerPolicy::LeaveOut => page.say("leave-out").to_owned(),
        });
    }
    if !framework.external_indices.is_empty() {
        points.push(match policy.external_index {
            ExternalPolicy::LeaveOut => page.say("external.leave-out").to_owned(),
            ExternalPolicy::Withhold => page.say("external.withhold").to_owned(),
        });
    }
    points.extend(parts(page));
    points.push(
        page.say(match policy.evidence {
            EvidencePolicy::Optional => "evidence.optional",
            EvidencePolicy::Required => "evidence.required",
        })
        .to_owned(),
    );
    points.push(page.say("bounds").to_owned());
    let marks: Vec<String> = policy.marks.iter().map(|mark| code(mark)).collect();
    points.push(page.fill("marks", &[("marks", &marks.join(", "))]));
    page.list(points.iter().map(String::as_str));
}

/// What a part without a score does to the means that it is part of.
pub(super) fn parts(page: &Page) -> Vec<String> {
    let framework = page.framework;
    let mut points = Vec::new();
    let composite = &framework.composite;
    let means = std::iter::once((&composite.id, composite.missing_part)).chain(
        framework
            .subindexes
            .iter()
            .filter(|subindex| subindex.method.mean().is_some())
            .map(|subindex| (&subindex.id, subindex.missing_part)),
    );
    for (policy, key) in [(PartPolicy::Withhold, "withhold"), (PartPolicy::Rescale, "rescale")] {
        let ids: Vec<&str> =
            means.clone().filter(|(_, of)| *of == policy).map(|(id, _)| id.as_str()).collect();
        if !ids.is_empty() {
            points.push(page.fill(key, &[("ids", &page.shown(&ids.join(", ")))]));
        }
    }
    let all = std::iter::once((&composite.id, composite.min_coverage))
        .chain(framework.subindexes.iter().map(|subindex| (&subindex.id, subindex.min_coverage)));
    for (id, least) in all.filter(|(_, least)| *least > 0.0) {
        let least = page.number(least * 100.0);
        points.push(page.fill("coverage", &[("id", &page.shown(id.as_str())), ("least", &least)]));
    }
    points
}

/// How indicators are normalised, those that are in the same way together: `I-1, I-2: …`.
pub(super) fn normalizations(page: &Page) -> Vec<String> {
    let mut ways: Vec<(String, Vec<&str>)> = Vec::new();
    for indicator in &page.framework.indicators {
        if !page.framework.is_scored(&indicator.id) {
            continue;
        }
        let less = indicator.direction == Direction::Lower;
        if !less && indicator.normalization == Normalization::None {
            continue;
        }
        let mut way = normalization(page, indicator.normalization, indicator.direction);
        if less {
            way = format!("{way} ({})", page.say("less-is-better"));
        }
        match ways.iter_mut().find(|(known, _)| *known == way) {
            Some((_, ids)) => ids.push(indicator.id.as_str()),
            None => ways.push((way, vec![indicator.id.as_str()])),
        }
    }
    ways.into_iter().map(|(way, ids)| format!("{}{}{way}", ids.join(", "), colon(page.language))).collect()
}

/// The indices of other organisations.
pub(super) fn external(page: &mut Page) {
    let framework = page.framework;
    let rows: Vec<Vec<String>> = framework
        .external_indices
        .iter()
        .flat_map(|index| {
            let takes =
                framework.questions.iter().filter(move |q| q.kind == Kind::External(index.id.clone()));
            takes.map(move |question| (index, question))
        })
        .map(|(index, question)| {
            let points = question.scoring.filter(|scoring| scoring.rule != ScoringRule::Number);
            vec![
                page.shown(&index.id),
                page.shown(index.title.get(page.language)),
                page.shown(question.id.as_str()),
                page.shown(question.subindex.as_str()),
                points.map_or_else(|| "–".to_owned(), |scoring| page.number(scoring.max_points)),
                format!("{}–{}", page.number(index.range.0), page.number(index.range.1)),
            ]
        })
        .collect();
    if rows.is_empty() {
        return;
    }
    page.section(page.say("external"));
    let headings = ["id", "name", "question", "subindex", "maximum", "scale"];
    page.table(&headings.map(|key| page.say(key)), &rows);
}

/// What varies from replication to replication.
pub(super) fn uncertainty(page: &mut Page) {
    let Some(varies) = &page.framework.uncertainty else { return };
    let percent = |share: f64| page.number(share * 100.0);
    let mut points = Vec::new();
    for (key, share) in [
        ("varies.subindex-weights", varies.subindex_weights),
        ("varies.indicator-weights", varies.indicator_weights),
    ] {
        points.extend(share.map(|share| page.fill(key, &[("share", &percent(share))])));
    }
    for (key, range) in [("varies.unanswered", varies.unanswered), ("varies.unbacked", varies.unbacked)] {
        points.extend(
            range.map(|(low, high)| page.fill(key, &[("low", &percent(low)), ("high", &percent(high))])),
        );
    }
    if !varies.normalizations.is_empty() {
        let names: Vec<String> =
            varies.normalizations.iter().map(|one| normalization(page, *one, Direction::Higher)).collect();
        points.push(page.fill("varies.normalization", &[("names", &names.join("; "))]));
    }
    if !varies.aggregations.is_empty() {
        let names: Vec<&str> = varies.aggregations.iter().map(|method| page.say(method.as_str())).collect();
        points.push(page.fill("varies.aggregation", &[("names", &names.join(", "))]));
    }
    page.section(page.say("uncertainty"));
    let (replications, seed) = (varies.replications.to_string(), varies.seed.to_string());
    page.paragraph(&page.fill("uncertainty.intro", &[("replications", &replications), ("seed", &seed)]));
    page.list(points.iter().map(String::as_str));
}
