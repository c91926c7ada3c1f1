//! `gtmi explain`: a number down to its questions, answers, file, sheet and cell.

mod lookup;
mod words;

use maturity::id::Id;
use maturity::score::TermStatus;
use maturity::spelling::did_you_mean;
use maturity::uncertainty::ScoreUncertainty;
use pipeline::stage::Failure;
use pipeline::{Context, Exit};
use serde::Serialize;

use self::lookup::Lookup;
use crate::say::Voice;
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
    /// Whether less is better: the value is turned round before it is normalised.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lower_is_better: bool,
    /// Whether answers without the evidence that is required move the bounds.
    #[serde(skip)]
    evidence_counts: bool,
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
    /// Points, where it has any: a number has none.
    points: Option<f64>,
    max_points: Option<f64>,
    value: Option<f64>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    lower_is_better: bool,
    withheld: Option<String>,
}

#[derive(Serialize)]
struct Source {
    question: String,
    label: String,
    answer: String,
    code: String,
    /// Points, where the answer can earn some: one that is the value itself has none, nor one that is not scored.
    points: Option<f64>,
    max_points: Option<f64>,
    /// Whether the answer is the value itself.
    #[serde(skip)]
    is_number: bool,
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

/// Explains the composite, a subindex, an indicator or a question of an economy.
pub(crate) fn explain(
    context: &Context,
    voice: Voice,
    economy: &str,
    id: Option<&str>,
) -> Result<Exit, Failure> {
    let usage = |message: String| Failure::new(Exit::Usage, message);
    let standing = Standing::of(context, economy)?;
    let (wave, code) = (context.framework.wave, &standing.economy.code);
    let stamps = standing.store.external_stamps(wave, code).map_err(Failure::stage)?;
    let lookup = Lookup {
        uncertainty: standing.store.uncertainty_of(wave, code).map_err(Failure::stage)?,
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
    words::say(voice, &explanation, &standing.economy.name);
    voice.result(&explanation)?;
    Ok(Exit::Done)
}
