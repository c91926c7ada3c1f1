//! An explanation in lines for people.

use std::fmt::Write;

use maturity::score::TermStatus;
use maturity::shown::{number, percent};
use maturity::uncertainty::ScoreUncertainty;

use super::Explanation;
use crate::say::{Tone, Voice, on_one_line};

/// Says a number with everything that it is made of.
pub(super) fn say(voice: Voice, explanation: &Explanation, name: &str) {
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
    voice.line(&format!(
        "from {} (sha256 {sha256}…, received {}{collected})\n",
        on_one_line(&from.file),
        from.received_at
    ));
    if let Some(uncertainty) = &explanation.uncertainty {
        say_uncertainty(voice, uncertainty, explanation.evidence_counts);
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
            TermStatus::Counted if term.is_number => " (the value)",
            _ if term.is_number => " (no value: left out)",
            _ if term.points.is_none() => " (not scored)",
            TermStatus::Counted => "",
            TermStatus::NoAnswer => " (no answer: no points)",
            TermStatus::DoesNotApply => " (does not apply)",
            TermStatus::LeftOut => " (no value: left out)",
        };
        let cell = term.place.as_deref().unwrap_or("no cell in the file");
        // What earns no points has none.
        let points = term.points.map_or_else(String::new, |points| format!("{points:.3}"));
        let most = term.max_points.map_or_else(String::new, number);
        let points = format!("{points:>7} {most:>6}");
        let answer = format!(" {}", on_one_line(&answer));
        voice.line(&format!("{:<10} {points} {answer:<43} {cell}{note}", term.question));
        if let Some(changed_by) = &term.changed_by {
            voice.line(&format!("{:<27}{}", "", on_one_line(changed_by)));
        }
    }
    if let (Some(points), Some(max_points)) = (explanation.points, explanation.max_points)
        && explanation.level != "question"
    {
        let most = number(max_points);
        // The share of an indicator may be normalised after that; where nothing counts, there is none.
        let share = explanation.value.or(explanation.score).filter(|_| max_points > 0.0);
        let quotient = match share {
            Some(_) => format!("{} / {most} = {}; ", number(points), score(share)),
            None => String::new(),
        };
        voice.line(&format!(
            "{:<10} {points:>7.3} {most:>6}\n\n{quotient}{} of {} answered",
            "sum", explanation.answered, explanation.asked
        ));
    }
    if let (Some(value), Some(method)) = (explanation.value, explanation.normalization)
        && (explanation.points.is_none() || explanation.score != Some(value))
    {
        let normalized = score(explanation.score);
        let lower = if explanation.lower_is_better { " (lower is better)" } else { "" };
        voice.line(&format!("\nvalue {}{lower}, normalized by {method} = {normalized}", number(value)));
    }
}

/// A mean: its parts with their weights and scores, and what these come from where that is a number.
fn say_parts(voice: Voice, explanation: &Explanation, score: &dyn Fn(Option<f64>) -> String) {
    let are_indicators = !explanation.indicators.is_empty();
    let parts = || explanation.subindexes.iter().chain(&explanation.indicators);
    let have_points = !are_indicators && parts().any(|part| part.max_points.is_some());
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
            (_, true) => {
                let shown =
                    |points: Option<f64>| points.map_or_else(String::new, |points| format!("{points:.3}"));
                format!(" {:>12} {:>9}", shown(part.points), shown(part.max_points))
            }
            _ => String::new(),
        };
        let lower = if part.lower_is_better { "  (lower is better)" } else { "" };
        let reason = part.withheld.as_ref().map(|reason| format!("  {reason}")).unwrap_or_default();
        let weight = number(part.weight);
        voice.line(&format!("{:<10} {weight:>6} {:>10}{columns}{lower}{reason}", part.id, score(part.score)));
    }
    let formula = match explanation.method {
        Some("geometric-mean") => "exp(sum of weight x ln(score) / sum of weights)",
        Some("harmonic-mean") => "sum of weights / sum of (weight / score)",
        _ => "sum of weight x score / sum of weights",
    };
    voice.line(&format!("\n{formula} = {}", score(explanation.score)));
}

/// A share of 10,000 replications, which has four digits at most.
fn chance(share: f64) -> String {
    format!("{} %", percent(share, 2))
}

fn say_uncertainty(voice: Voice, uncertainty: &ScoreUncertainty, evidence_counts: bool) {
    let lines = certainty(uncertainty, evidence_counts);
    for line in &lines {
        voice.line(line);
    }
    if !lines.is_empty() {
        voice.line("");
    }
}

/// Bounds, spread and how certain the group is, in up to three lines.
fn certainty(uncertainty: &ScoreUncertainty, evidence_counts: bool) -> Vec<String> {
    let mut lines = Vec::new();
    let open = uncertainty.bounds.filter(|bounds| bounds.lower.to_bits() != bounds.upper.to_bits());
    if let Some(bounds) = open {
        let open = if evidence_counts { "open answers and missing evidence" } else { "open answers" };
        lines.push(format!("{:.6} to {:.6} depending on {open}", bounds.lower, bounds.upper));
    }
    let Some(spread) = &uncertainty.distribution else { return lines };
    let groups: Vec<String> = spread
        .groups
        .iter()
        .filter(|(_, share)| *share > 0.0)
        .map(|(group, share)| format!("{group} {}", chance(*share)))
        .collect();
    let causes: Vec<String> = uncertainty
        .sensitivity
        .iter()
        // An estimate, which can lie beside the ends.
        .map(|cause| format!("{} {} %", cause.factor, percent(cause.total.clamp(0.0, 1.0), 0)))
        .collect();
    let groups = if groups.is_empty() { String::new() } else { format!("; group {}", groups.join(", ")) };
    lines.push(format!("{:.6} to {:.6} in 90 % of replications{groups}", spread.p05, spread.p95));
    if !causes.is_empty() {
        lines.push(format!(
            "of this spread, each by itself and together with the others: {}",
            causes.join(", ")
        ));
    }
    lines
}

#[cfg(test)]
mod tests {
    use maturity::id::Id;
    use maturity::uncertainty::{Bounds, Distribution, Sensitivity};

    use super::*;

    #[test]
    fn chances_have_all_their_digits_and_shares_lie_between_nothing_and_all() {
        let cause = |factor: &str, total| Sensitivity { factor: factor.to_owned(), first: 0.0, total };
        let groups = [("A", 0.9999), ("B", 0.0001), ("C", 0.0)];
        let mut uncertainty = ScoreUncertainty {
            id: Id::from("ALL"),
            bounds: Some(Bounds { lower: 0.25, upper: 0.5 }),
            distribution: Some(Distribution {
                p05: 0.25,
                p50: 0.375,
                p95: 0.5,
                groups: groups.map(|(group, share)| (group.to_owned(), share)).to_vec(),
            }),
            sensitivity: vec![cause("weights", 1.02), cause("answers", 0.114), cause("evidence", -0.01)],
        };
        assert_eq!(
            certainty(&uncertainty, false),
            [
                "0.250000 to 0.500000 depending on open answers",
                "0.250000 to 0.500000 in 90 % of replications; group A 99.99 %, B 0.01 %",
                "of this spread, each by itself and together with the others: weights 100 %, answers 11 %, evidence 0 %",
            ]
        );
        assert_eq!([1.0, 0.1, 0.125, 0.999_99].map(chance), ["100 %", "10 %", "12.5 %", ">99.99 %"]);

        let with_evidence = certainty(&uncertainty, true);
        assert_eq!(with_evidence[0], "0.250000 to 0.500000 depending on open answers and missing evidence");

        uncertainty.bounds = Some(Bounds { lower: 0.5, upper: 0.5 });
        uncertainty.distribution = None;
        assert!(certainty(&uncertainty, false).is_empty(), "nothing is open and nothing varies");
    }
}
