//! The economy, its score, its group and how certain both are.

use maturity::framework::{EvidencePolicy, Framework};
use maturity::uncertainty::ScoreUncertainty;

use super::{LAST, RIGHT};
use crate::ReportError;
use crate::country::CountryReport;
use crate::country::cells::Cells;
use crate::keys::Key;
use crate::label;
use crate::page::Page;
use crate::wording::Words;

pub(super) fn write(page: &mut Page, report: &CountryReport, cells: &Cells) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.line(0, report.economy.name_in(page.language()), &styles.title)?;
    page.height(0, 27.0);
    let wave = report.scores.wave.to_string();
    let title = report.framework.title.get(page.language());
    page.line(1, &words.fill(Key::CountrySubtitle, &[("title", title), ("wave", &wave)]), &styles.subtitle)?;
    let place = words.fill(
        Key::CountryPlace,
        &[
            ("region", &words.code("region", &report.economy.region)),
            ("income", &words.code("income", &report.economy.income)),
            ("collected", words.get(label::collected(report.scores.collected))),
        ],
    );
    page.line(2, &place, &styles.subtitle)?;
    page.wide(4, (0, 1), report.framework.composite.title.get(page.language()), &styles.caption)?;
    match report.scores.score {
        Some(score) => page.wide_formula(5, (0, 1), cells.composite(), score, page.figure_style(score))?,
        None => page.text(5, 0, words.get(Key::Absent), &styles.figure)?,
    }
    page.height(5, 40.0);
    if !report.framework.groups.is_empty() {
        group(page, report)?;
    }
    spread(page, report)
}

/// The group, and how likely it is.
fn group(page: &mut Page, report: &CountryReport) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    page.wide(4, (2, 3), words.get(Key::Group), &styles.caption)?;
    page.wide(4, (5, 7), words.get(Key::Certainty), &styles.caption)?;
    let group =
        report.scores.group.as_ref().and_then(|id| report.framework.groups.iter().find(|g| g.id == *id));
    match group {
        Some(group) => page.wide(5, (2, 3), &label::group(words, group), styles.large_group(&group.id))?,
        None => page.text(5, 2, words.get(Key::Absent), &styles.figure)?,
    }
    let spread = of_index(report).and_then(|one| one.distribution.as_ref());
    let chance = spread.zip(report.scores.group.as_ref()).and_then(|(spread, group)| {
        spread.groups.iter().find(|(id, _)| id == group).map(|(_, chance)| *chance)
    });
    match chance {
        Some(chance) => page.number(5, 5, chance, &styles.figure_percent),
        None => page.text(5, 5, words.get(Key::Absent), &styles.figure),
    }
}

/// How certain the score of the index is, where it has one.
fn of_index<'a>(report: &CountryReport<'a>) -> Option<&'a ScoreUncertainty> {
    report.uncertainty.iter().find(|one| one.id == report.scores.id && report.scores.score.is_some())
}

/// The limits of the score in words.
fn spread(page: &mut Page, report: &CountryReport) -> Result<(), ReportError> {
    let (words, styles) = (page.words(), page.styles());
    let of_index = of_index(report);
    let spread = of_index.and_then(|one| one.distribution.as_ref());
    let mut sentences = Vec::new();
    if let Some(spread) = spread {
        let (low, high) = (words.decimal(spread.p05, 3), words.decimal(spread.p95, 3));
        let varied = varied(words, report.framework);
        sentences
            .push(words.fill(Key::CertaintySpread, &[("varied", &varied), ("low", &low), ("high", &high)]));
    }
    // Where nothing is open the two are the same but for the order of their sums.
    let bounds = of_index.and_then(|one| one.bounds).filter(|bounds| bounds.upper - bounds.lower > 1e-12);
    if let Some(bounds) = bounds {
        let (low, high) = (words.decimal(bounds.lower, 3), words.decimal(bounds.upper, 3));
        let key = match report.framework.missing.evidence {
            EvidencePolicy::Optional => Key::CertaintyBounds,
            EvidencePolicy::Required => Key::CertaintyBoundsEvidence,
        };
        sentences.push(words.fill(key, &[("low", &low), ("high", &high)]));
    }
    if let Some(withheld) = &report.scores.withheld {
        sentences.push(withheld.sentence(page.language()));
    }
    if sentences.is_empty() {
        sentences.push(words.get(Key::CertaintyUnknown).to_owned());
    }
    page.wide(5, (RIGHT, LAST), &sentences.join(" "), &styles.paragraph_middle)
}

/// What the framework lets vary from one recomputation to the next.
fn varied(words: Words, framework: &Framework) -> String {
    let Some(varies) = &framework.uncertainty else { return String::new() };
    let all = [
        (Key::CertaintyWeights, varies.subindex_weights.or(varies.indicator_weights).is_some()),
        (Key::CertaintyUnanswered, varies.unanswered.is_some()),
        (Key::CertaintyUnbacked, varies.unbacked.is_some()),
        (Key::CertaintyNormalization, varies.normalizations.len() > 1),
        (Key::CertaintyAggregation, varies.aggregations.len() > 1),
    ];
    let named = all.into_iter().filter(|(_, varies)| *varies).map(|(key, _)| words.get(key));
    let mut named: Vec<&str> = named.collect();
    let Some(last) = named.pop() else { return String::new() };
    if named.is_empty() {
        return last.to_owned();
    }
    words.fill(Key::CertaintyAnd, &[("first", &named.join(", ")), ("last", last)])
}

#[cfg(test)]
mod tests {
    use maturity::language::Language;

    use super::*;

    #[test]
    fn the_spread_names_what_the_framework_varies() {
        let mut framework = crate::testing::gtmi();
        let told =
            |framework: &Framework, tag: &str| varied(Words { language: &Language::new(tag) }, framework);
        assert_eq!(told(&framework, "en"), "other weights and other values of open answers");
        let varies = framework.uncertainty.as_mut().unwrap();
        (varies.subindex_weights, varies.indicator_weights) = (None, None);
        varies.unbacked = Some((0.0, 1.0));
        assert_eq!(
            told(&framework, "fr"),
            "d'autres valeurs des réponses ouvertes et d'autres valeurs des réponses sans le justificatif requis"
        );
        framework.uncertainty.as_mut().unwrap().unanswered = None;
        assert_eq!(told(&framework, "es"), "otros valores de las respuestas sin el respaldo requerido");
    }
}
