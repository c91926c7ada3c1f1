//! `gtmi explain`: a number down to its questions, answers, file, sheet and cell.

use std::collections::BTreeMap;
use std::fmt::Write;

use maturity::answer::{Answer, AnswerRecord};
use maturity::cell::Place;
use maturity::decision::{Decision, Verdict};
use maturity::framework::{Framework, Kind, Question, Subindex, SubindexMethod};
use maturity::id::Id;
use maturity::language::Language;
use maturity::score::{EconomyScores, IndicatorScore, SubindexScore, Term, TermStatus};
use maturity::spelling::did_you_mean;
use maturity::uncertainty::ScoreUncertainty;
use maturity::withheld::Withheld;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::Serialize;
use store::{ExternalStamp, SubmissionRow};

use crate::say::{Tone, Voice};
use crate::standing::Standing;

/// A number and what it is made of.
#[derive(Serialize)]
struct Explanation {
    economy: String,
    wave: u16,
    id: String,
    level: &'static str,
    score: Option<f64>,
    group: Option<String>,
    points: Option<f64>,
    max_points: Option<f64>,
    answered: u32,
    asked: u32,
    /// Why there is no score.
    withheld: Option<String>,
    /// How it is made of its parts, e.g. `arithmetic-mean`.
    method: Option<&'static str>,
    /// The value of an indicator before it is normalised, and how it is.
    value: Option<f64>,
    normalization: Option<&'static str>,
    /// How certain the score is: bounds, percentiles, chances of the maturity groups.
    uncertainty: Option<ScoreUncertainty>,
    /// The subindexes that a score is the mean of.
    subindexes: Vec<Part>,
    /// The indicators that a score is the mean of.
    indicators: Vec<Part>,
    /// The questions that a score is the sum of.
    terms: Vec<Source>,
    submission: Submission,
}

#[derive(Serialize)]
struct Part {
    id: String,
    weight: f64,
    score: Option<f64>,
    points: f64,
    max_points: f64,
    value: Option<f64>,
    withheld: Option<String>,
}

#[derive(Serialize)]
struct Source {
    question: String,
    label: String,
    answer: String,
    code: String,
    points: f64,
    max_points: f64,
    status: TermStatus,
    evidence: Option<String>,
    place: Option<String>,
    /// Who put this answer in the place of which other one, and why.
    changed_by: Option<String>,
}

#[derive(Serialize)]
struct Submission {
    file: String,
    sha256: String,
    received_at: String,
    collected: Option<&'static str>,
}

/// Everything that an explanation is looked up in.
struct Lookup<'a> {
    framework: &'a Framework,
    /// The external values that the scores were computed with.
    external: &'a [ExternalStamp],
    standing: &'a Standing<'a>,
    scores: &'a EconomyScores,
    answers: &'a BTreeMap<Id, AnswerRecord>,
    uncertainty: Vec<ScoreUncertainty>,
    language: &'a Language,
}

/// Explains the composite, a subindex, an indicator or a question of an economy.
pub(crate) fn explain(
    context: &Context,
    voice: Voice,
    economy: &str,
    id: Option<&str>,
) -> Result<Exit, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let standing = Standing::of(context, economy)?;
    let stamps = standing.store.external_stamps(context.framework.wave, &standing.economy.code);
    let stamps = stamps.map_err(Failure::stage)?;
    let mut uncertainty = standing.store.uncertainty(context.framework.wave).map_err(Failure::stage)?;
    let lookup = Lookup {
        uncertainty: uncertainty.remove(&standing.economy.code).unwrap_or_default(),
        framework: &context.framework,
        external: &stamps,
        standing: &standing,
        scores: &standing.scores,
        answers: &standing.records,
        language: &context.config.language,
    };
    let asked = id.unwrap_or(context.framework.composite.id.as_str());
    let explanation = lookup.find(asked, &standing.row).ok_or_else(|| {
        let framework = &context.framework;
        let ids = std::iter::once(&framework.composite.id)
            .chain(framework.subindexes.iter().map(|subindex| &subindex.id))
            .chain(framework.indicators.iter().map(|indicator| &indicator.id))
            .chain(framework.questions.iter().map(|question| &question.id));
        usage(format!(
            "\"{asked}\" is no index, subindex, indicator or question{}",
            did_you_mean(asked, ids.map(Id::as_str))
        ))
    })?;
    say(voice, &explanation, &standing.economy.name);
    voice.result(&explanation)?;
    Ok(Exit::Done)
}

impl Lookup<'_> {
    fn find(&self, asked: &str, row: &SubmissionRow) -> Option<Explanation> {
        let is = |id: &Id| id.as_str().eq_ignore_ascii_case(asked);
        if is(&self.scores.id) {
            return Some(self.composite(row));
        }
        if let Some(subindex) = self.scores.subindexes.iter().find(|subindex| is(&subindex.id)) {
            return Some(self.subindex(subindex, row));
        }
        let question = self.framework.questions.iter().find(|question| is(&question.id));
        // A key question has the id of its indicator; the indicator says more.
        if let Some((_, indicator)) = self.scores.indicators().find(|(_, indicator)| is(&indicator.id)) {
            return Some(self.indicator(indicator, row));
        }
        question.map(|question| self.question(question, row))
    }

    fn explanation(&self, id: &Id, level: &'static str, row: &SubmissionRow) -> Explanation {
        Explanation {
            economy: self.scores.economy.to_string(),
            wave: self.scores.wave.0,
            id: id.to_string(),
            level,
            score: None,
            group: None,
            points: None,
            max_points: None,
            answered: 0,
            asked: 0,
            withheld: None,
            method: None,
            value: None,
            normalization: None,
            uncertainty: self.uncertainty.iter().find(|one| one.id == *id && level != "question").cloned(),
            subindexes: Vec::new(),
            indicators: Vec::new(),
            terms: Vec::new(),
            submission: Submission {
                file: row.name.clone(),
                sha256: row.sha256.clone(),
                received_at: row.received_at.clone(),
                collected: self.scores.collected.map(maturity::submission::Collected::as_str),
            },
        }
    }

    fn sentence(&self, withheld: Option<&Withheld>) -> Option<String> {
        withheld.map(|withheld| withheld.sentence(self.language))
    }

    /// The subindexes that are parts of `parent`.
    fn parts(&self, parent: Option<&Id>) -> Vec<Part> {
        let of = |part: &Subindex| {
            let scored = self.scores.subindex(part.id.as_str())?;
            Some(Part {
                id: part.id.to_string(),
                weight: part.weight,
                score: scored.score,
                points: scored.points,
                max_points: scored.max_points,
                value: None,
                withheld: self.sentence(scored.withheld.as_ref()),
            })
        };
        self.framework.parts_of(parent).filter_map(of).collect()
    }

    fn composite(&self, row: &SubmissionRow) -> Explanation {
        Explanation {
            score: self.scores.score,
            group: self.scores.group.clone(),
            answered: self.scores.coverage.answered,
            asked: self.scores.coverage.asked,
            withheld: self.sentence(self.scores.withheld.as_ref()),
            method: Some(self.framework.composite.method.as_str()),
            subindexes: self.parts(None),
            ..self.explanation(&self.scores.id, "index", row)
        }
    }

    fn subindex(&self, subindex: &SubindexScore, row: &SubmissionRow) -> Explanation {
        let method = self.framework.subindex(&subindex.id).map(|subindex| subindex.method);
        let is_mean = method.is_some_and(|method| method.mean().is_some());
        let part = |indicator: &IndicatorScore| Part {
            id: indicator.id.to_string(),
            weight: self.framework.indicator(&indicator.id).map_or(1.0, |indicator| indicator.weight),
            score: indicator.score,
            points: indicator.points,
            max_points: indicator.max_points,
            value: indicator.value,
            withheld: self.sentence(indicator.withheld.as_ref()),
        };
        let scored = subindex.indicators.iter().filter(|indicator| is_mean && !indicator.terms.is_empty());
        let terms = subindex.indicators.iter().filter(|_| !is_mean).flat_map(|indicator| &indicator.terms);
        Explanation {
            score: subindex.score,
            group: subindex.group.clone(),
            points: Some(subindex.points).filter(|_| !is_mean),
            max_points: Some(subindex.max_points).filter(|_| !is_mean),
            answered: subindex.coverage.answered,
            asked: subindex.coverage.asked,
            withheld: self.sentence(subindex.withheld.as_ref()),
            method: method.map(SubindexMethod::as_str),
            subindexes: self.parts(Some(&subindex.id)),
            indicators: scored.map(part).collect(),
            terms: terms.map(|term| self.source(term)).collect(),
            ..self.explanation(&subindex.id, "subindex", row)
        }
    }

    fn indicator(&self, indicator: &IndicatorScore, row: &SubmissionRow) -> Explanation {
        let is_number = self.framework.is_number(&indicator.id);
        let known = self.framework.indicator(&indicator.id);
        Explanation {
            score: indicator.score,
            points: Some(indicator.points).filter(|_| !is_number),
            max_points: Some(indicator.max_points).filter(|_| !is_number),
            answered: indicator.coverage.answered,
            asked: indicator.coverage.asked,
            withheld: self.sentence(indicator.withheld.as_ref()),
            value: indicator.value,
            normalization: known.map(|known| known.normalization.as_str()),
            terms: indicator.terms.iter().map(|term| self.source(term)).collect(),
            ..self.explanation(&indicator.id, "indicator", row)
        }
    }

    fn question(&self, question: &Question, row: &SubmissionRow) -> Explanation {
        let mut terms = self.scores.indicators().flat_map(|(_, indicator)| &indicator.terms);
        let explanation = self.explanation(&question.id, "question", row);
        if let Some(term) = terms.find(|term| term.question == question.id) {
            return Explanation {
                points: Some(term.points),
                max_points: Some(term.max_points),
                answered: u32::from(term.answer.is_given()),
                asked: 1,
                terms: vec![self.source(term)],
                ..explanation
            };
        }
        // Asked, but without points: the answer is still of interest.
        let answer = self.answers.get(&question.id).map(|record| record.answer.clone());
        let answer = answer.unwrap_or(Answer::Missing(maturity::answer::Missing::Blank));
        let given = answer.is_given();
        let status = if given { TermStatus::Counted } else { TermStatus::NoAnswer };
        let term = Term { question: question.id.clone(), answer, points: 0.0, max_points: 0.0, status };
        Explanation { answered: u32::from(given), asked: 1, terms: vec![self.source(&term)], ..explanation }
    }

    fn source(&self, term: &Term) -> Source {
        let question = self.framework.question(&term.question);
        let record = self.answers.get(&term.question);
        Source {
            question: term.question.to_string(),
            label: question.map(|question| question.label.get(self.language).to_owned()).unwrap_or_default(),
            answer: question.map(|question| self.answer_text(question, &term.answer)).unwrap_or_default(),
            code: term.answer.expression_value(),
            points: term.points,
            max_points: term.max_points,
            status: term.status,
            evidence: record.and_then(|record| record.evidence.clone()),
            place: record
                .and_then(|record| record.place.as_ref())
                .map(|place| self.place(&term.question, place))
                .or_else(|| question.and_then(|question| self.edition(question))),
            changed_by: self.standing.overrides.get(&term.question).map(changed_by),
        }
    }

    /// The cell of an answer, with its file where that is another one than that of most answers.
    fn place(&self, question: &Id, place: &Place) -> String {
        let origin = self.standing.origin(question);
        if origin.id == self.standing.row.id {
            return place.to_string();
        }
        let sha256 = origin.sha256.get(..12).unwrap_or_default();
        format!("{place} of {} (sha256 {sha256}…)", origin.name)
    }

    /// Where the value of an external index comes from.
    fn edition(&self, question: &Question) -> Option<String> {
        let Kind::External(index) = &question.kind else { return None };
        let Some(stamp) = self.external.iter().find(|stamp| stamp.index == *index) else {
            return Some(format!("external index {index}"));
        };
        let source = stamp.source.as_ref().map(|source| format!(" ({source})")).unwrap_or_default();
        Some(format!("external index {index} {}{source}, {}", stamp.edition, stamp.file))
    }

    fn answer_text(&self, question: &Question, answer: &Answer) -> String {
        let label = |code: &String| {
            let choice = self.framework.choices(question).and_then(|list| list.choice(code));
            choice.map_or_else(|| code.clone(), |choice| choice.label.get(self.language).to_owned())
        };
        match answer {
            Answer::Choice(code) => label(code),
            Answer::Choices(codes) => codes.iter().map(label).collect::<Vec<_>>().join("; "),
            Answer::Missing(missing) => format!("({})", missing.as_str().replace('-', " ")),
            other => other.expression_value(),
        }
    }
}

/// An override in words: what it replaces, who decided it, when and why.
fn changed_by(decision: &Decision) -> String {
    let replaced = match &decision.verdict {
        Verdict::Override { from, .. } => format!(" in place of \"{}\"", from.expression_value()),
        _ => String::new(),
    };
    format!("override {}{replaced}, by {}, {}: {}", decision.id(), decision.by, decision.at, decision.reason)
}

fn say(voice: Voice, explanation: &Explanation, name: &str) {
    let score = |score: Option<f64>| score.map_or_else(|| "n/a".to_owned(), |score| format!("{score:.6}"));
    let mut heading =
        format!("{} {name}, wave {}, {}", explanation.economy, explanation.wave, explanation.id);
    if explanation.level != "question" {
        let _ = write!(heading, ": {}", score(explanation.score));
    }
    if let Some(group) = &explanation.group {
        let _ = write!(heading, ", group {group}");
    }
    voice.line(&voice.toned(Tone::Heading, &heading));
    let from = &explanation.submission;
    let collected = from.collected.map(|how| format!(", {how}")).unwrap_or_default();
    let sha256 = from.sha256.get(..12).unwrap_or_default();
    voice.line(&format!("from {} (sha256 {sha256}…, received {}{collected})\n", from.file, from.received_at));
    if let Some(uncertainty) = &explanation.uncertainty {
        say_uncertainty(voice, uncertainty);
    }
    if let Some(withheld) = &explanation.withheld {
        voice.line(&format!("There is no score: {withheld}\n"));
    }
    if !explanation.subindexes.is_empty() || !explanation.indicators.is_empty() {
        say_parts(voice, explanation, &score);
        return;
    }
    voice.line(&format!("{:<10} {:>7} {:>6}  {:<42} {}", "question", "points", "of", "answer", "cell"));
    for term in &explanation.terms {
        let answer: String = if term.answer.chars().count() > 42 {
            term.answer.chars().take(41).chain(['…']).collect()
        } else {
            term.answer.clone()
        };
        let note = match term.status {
            TermStatus::Counted if term.max_points == 0.0 && explanation.value.is_some() => " (the value)",
            _ if term.max_points == 0.0 && explanation.level == "question" => " (not scored)",
            TermStatus::Counted => "",
            TermStatus::NoAnswer => " (no answer: no points)",
            TermStatus::LeftOut => " (no value: left out)",
        };
        let cell = term.place.as_deref().unwrap_or("no cell in the file");
        voice.line(&format!(
            "{:<10} {:>7.3} {:>6} {:<43} {cell}{note}",
            term.question,
            term.points,
            term.max_points,
            format!(" {answer}"),
        ));
        if let Some(changed_by) = &term.changed_by {
            voice.line(&format!("{:<27}{changed_by}", ""));
        }
    }
    if let (Some(points), Some(max_points)) = (explanation.points, explanation.max_points)
        && explanation.level != "question"
    {
        voice.line(&format!(
            "{:<10} {points:>7.3} {max_points:>6}\n\n{points} / {max_points} = {}; {} of {} answered",
            "sum",
            score(explanation.score),
            explanation.answered,
            explanation.asked
        ));
    }
    if let (Some(value), Some(method)) = (explanation.value, explanation.normalization)
        && explanation.points.is_none()
    {
        let normalized = score(explanation.score);
        voice.line(&format!("\nvalue {value}, normalized by {method} = {normalized}"));
    }
}

/// A mean: its parts with their weights and scores, and what these come from where that is a number.
fn say_parts(voice: Voice, explanation: &Explanation, score: &dyn Fn(Option<f64>) -> String) {
    let are_indicators = !explanation.indicators.is_empty();
    let parts = || explanation.subindexes.iter().chain(&explanation.indicators);
    let have_points = !are_indicators && parts().any(|part| part.max_points > 0.0);
    let what = if are_indicators { "indicator" } else { "subindex" };
    let columns = match (are_indicators, have_points) {
        (true, _) => format!(" {:>12}", "value"),
        (_, true) => format!(" {:>12} {:>9}", "points", "of"),
        _ => String::new(),
    };
    voice.line(&format!("{what:<10} {:>6} {:>10}{columns}", "weight", "score"));
    for part in parts() {
        let columns = match (are_indicators, have_points) {
            (true, _) => {
                format!(" {:>12}", part.value.map_or_else(|| "n/a".to_owned(), |value| format!("{value:.6}")))
            }
            (_, true) => format!(" {:>12.3} {:>9.3}", part.points, part.max_points),
            _ => String::new(),
        };
        let reason = part.withheld.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
        voice.line(&format!("{:<10} {:>6} {:>10}{columns}{reason}", part.id, part.weight, score(part.score)));
    }
    let formula = match explanation.method {
        Some("geometric-mean") => "exp(sum of weight x ln(score) / sum of weights)",
        Some("harmonic-mean") => "sum of weights / sum of (weight / score)",
        _ => "sum of weight x score / sum of weights",
    };
    voice.line(&format!("\n{formula} = {}", score(explanation.score)));
}

/// Bounds, spread and how certain the group is, in one or two lines.
fn say_uncertainty(voice: Voice, uncertainty: &ScoreUncertainty) {
    let open = uncertainty.bounds.filter(|bounds| bounds.lower.to_bits() != bounds.upper.to_bits());
    if let Some(bounds) = open {
        voice.line(&format!("{:.6} to {:.6} depending on open answers", bounds.lower, bounds.upper));
    }
    if let Some(spread) = &uncertainty.distribution {
        let groups: Vec<String> = spread
            .groups
            .iter()
            .filter(|(_, share)| *share > 0.0)
            .map(|(group, share)| format!("{group} {:.1} %", share * 100.0))
            .collect();
        let causes: Vec<String> = uncertainty
            .sensitivity
            .iter()
            .map(|cause| format!("{} {:.0} %", cause.factor, (cause.total * 100.0).max(0.0)))
            .collect();
        let groups = if groups.is_empty() { String::new() } else { format!("; group {}", groups.join(", ")) };
        voice.line(&format!("{:.6} to {:.6} in 90 % of replications{groups}", spread.p05, spread.p95));
        if !causes.is_empty() {
            voice.line(&format!("of this spread, {}", causes.join(", ")));
        }
    }
    if open.is_some() || uncertainty.distribution.is_some() {
        voice.line("");
    }
}
