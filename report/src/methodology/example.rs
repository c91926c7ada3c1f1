//! One economy's scores, worked out.

use maturity::answer::Answer;
use maturity::economy::Economy;
use maturity::framework::Subindex;
use maturity::id::Id;
use maturity::score::{EconomyScores, SubindexScore, Term};

use super::Page;
use super::index::formula;
use super::markdown::{code, word};

/// Terms that are shown of each subindex; `gtmi explain` shows all.
const SHOWN: usize = 5;

pub(super) fn worked(page: &mut Page, economy: &Economy, scores: &EconomyScores) {
    let framework = page.framework;
    let name = page.shown(economy.name_in(page.language));
    page.section(&page.fill("example", &[("economy", &name)]));
    let first = framework.subindexes.first().map_or(scores.id.as_str(), |subindex| subindex.id.as_str());
    let wave = scores.wave.0.to_string();
    let command = format!("gtmi explain {} {}", word(economy.code.as_str()), word(first));
    page.paragraph(
        &page.fill("example.intro", &[("economy", &name), ("wave", &wave), ("command", &code(&command))]),
    );
    for subindex in &framework.subindexes {
        let Some(own) = scores.subindex(subindex.id.as_str()) else { continue };
        heading(page, &subindex.id, subindex.title.get(page.language));
        if subindex.method.mean().is_none() {
            of_points(page, own);
        } else {
            of_mean(page, scores, subindex, own);
        }
    }
    let composite = &framework.composite;
    heading(page, &composite.id, composite.title.get(page.language));
    let parts: Vec<(String, f64)> = framework
        .parts_of(None)
        .filter_map(|part| Some((page.rounded(scores.subindex(part.id.as_str())?.score?), part.weight)))
        .collect();
    let made = formula(page.language, composite.id.as_str(), composite.method, &parts);
    page.formulas(&[result(page, &made, parts.len() > 1, scores.score, scores.group.as_deref())]);
}

fn heading(page: &mut Page, id: &Id, title: &str) {
    page.line(&format!("\n### {} {}", page.shown(id.as_str()), page.shown(title)));
}

fn result(page: &Page, made: &str, more: bool, score: Option<f64>, group: Option<&str>) -> String {
    let Some(score) = score else { return page.say("no-score").to_owned() };
    let group = group.map(|group| format!(", {}", page.fill("group.is", &[("group", group)])));
    let equals = if more { format!(" = {}", page.rounded(score)) } else { String::new() };
    format!("{made}{equals}{}", group.unwrap_or_default())
}

fn of_points(page: &mut Page, own: &SubindexScore) {
    let terms: Vec<&Term> = own.indicators.iter().flat_map(|indicator| &indicator.terms).collect();
    let mut rows: Vec<Vec<String>> = terms
        .iter()
        .take(SHOWN)
        .map(|term| {
            let question = page.framework.question(&term.question);
            let rule = question.and_then(|question| question.scoring).map_or("", |s| s.rule.as_str());
            vec![
                page.shown(term.question.as_str()),
                page.shown(&answer(page, term)),
                format!("`{rule}`"),
                page.rounded(term.points),
                page.rounded(term.max_points),
            ]
        })
        .collect();
    if terms.len() > SHOWN {
        rows.push(["…", "", "", "", ""].map(str::to_owned).to_vec());
    }
    let count = terms.len().to_string();
    let sum = page.fill("sum", &[("count", &count)]);
    let (points, most) = (page.rounded(own.points), page.rounded(own.max_points));
    rows.push(vec![sum, String::new(), String::new(), points.clone(), most.clone()]);
    let headings = ["question", "answer", "rule", "points.column", "of"];
    page.table(&headings.map(|key| page.say(key)), &rows);
    let made = format!("{} = {points} / {most}", own.id);
    page.formulas(&[result(page, &made, true, own.score, own.group.as_deref())]);
}

fn answer(page: &Page, term: &Term) -> String {
    let question = page.framework.question(&term.question);
    let label = |code: &String| {
        let list = question.and_then(|question| page.framework.choices(question));
        let choice = list.and_then(|list| list.choice(code));
        choice.map_or_else(|| code.clone(), |choice| choice.label.get(page.language).to_owned())
    };
    match &term.answer {
        Answer::Choice(code) => label(code),
        Answer::Choices(codes) => codes.iter().map(label).collect::<Vec<_>>().join("; "),
        Answer::Missing(_) => "–".to_owned(),
        Answer::Number(number) => page.number(*number),
        Answer::Text(text) => text.clone(),
    }
}

fn of_mean(page: &mut Page, scores: &EconomyScores, subindex: &Subindex, own: &SubindexScore) {
    let framework = page.framework;
    let none = || "–".to_owned();
    let indicators: Vec<_> = own.indicators.iter().filter(|indicator| !indicator.terms.is_empty()).collect();
    let rows: Vec<Vec<String>> = indicators
        .iter()
        .map(|indicator| {
            let title = framework.indicator(&indicator.id).map(|known| known.title.get(page.language));
            vec![
                page.shown(indicator.id.as_str()),
                page.shown(title.unwrap_or_default()),
                indicator.value.map_or_else(none, |number| page.rounded(number)),
                indicator.score.map_or_else(none, |number| page.rounded(number)),
            ]
        })
        .collect();
    if !rows.is_empty() {
        page.table(&["id", "indicator", "value", "score"].map(|key| page.say(key)), &rows);
    }
    let weight = |indicator: &Id| framework.indicator(indicator).map_or(1.0, |one| one.weight);
    let parts: Vec<(String, f64)> = framework
        .parts_of(Some(&subindex.id))
        .filter_map(|part| Some((scores.subindex(part.id.as_str())?.score?, part.weight)))
        .chain(indicators.iter().filter_map(|one| Some((one.score?, weight(&one.id)))))
        .map(|(score, weight)| (page.rounded(score), weight))
        .collect();
    let Some(method) = subindex.method.mean() else { return };
    let made = formula(page.language, subindex.id.as_str(), method, &parts);
    page.formulas(&[result(page, &made, parts.len() > 1, own.score, own.group.as_deref())]);
}
