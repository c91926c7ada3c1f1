//! Parts of one mean that are on different scales, and goalposts that no value reaches.

use crate::framework::load::{INDICATORS, TOML, line_at};
use crate::framework::{CompositeMethod, Framework, Kind, Normalization, Range, ScoringRule, Subindex};
use crate::id::Id;

use super::{Advice, finding};

/// From so many times the width on, one scale counts as another than the other one.
const OTHER: f64 = 1.5;

/// Looks at the scales of all means, and at the goalposts of their indicators.
pub(super) fn look(framework: &Framework, toml: &str, found: &mut Advice) {
    mixed(framework, (None, framework.composite.method), toml, found);
    for subindex in &framework.subindexes {
        if let Some(method) = subindex.method.mean() {
            mixed(framework, (Some(subindex), method), toml, found);
        }
    }
    goalposts(framework, found);
}

/// In a sum, the part on the widest scale decides alone.
fn mixed(
    framework: &Framework,
    (whole, method): (Option<&Subindex>, CompositeMethod),
    toml: &str,
    found: &mut Advice,
) {
    let id = whole.map_or(&framework.composite.id, |subindex| &subindex.id);
    let subindexes = framework.parts_of(whole.map(|subindex| &subindex.id));
    let parts = subindexes.map(|part| (&part.id, framework.subindex_range(part)));
    let indicators = framework
        .indicators
        .iter()
        .filter(|indicator| whole.is_some_and(|whole| whole.id == indicator.subindex))
        .filter(|indicator| framework.is_scored(&indicator.id));
    let indicators = indicators.map(|indicator| (&indicator.id, framework.indicator_range(indicator)));
    let parts: Vec<(&Id, Range)> = parts.chain(indicators).collect();
    if method != CompositeMethod::ArithmeticMean
        && let Some((part, _)) = parts.iter().find(|(_, range)| range.low <= 0.0)
    {
        let line = toml.find(&format!("\"{id}\"")).map(|at| line_at(toml, at));
        let what = format!("\"{id}\" is a {} and its part \"{part}\" can be 0 or less", method.as_str());
        let advice = "whoever has 0 in one part gets no score for the whole; give the part goalposts or points that \
                      begin above 0, or take the arithmetic mean";
        found.advice.push(finding(TOML, line, what, advice));
    }
    // A scale is a factor of a geometric mean, the same for every economy.
    if method == CompositeMethod::GeometricMean {
        return;
    }
    let width = |range: &Range| range.high - range.low;
    let mut parts: Vec<(&Id, Range)> =
        parts.into_iter().filter(|(_, range)| width(range).is_finite()).collect();
    parts.sort_by(|(_, a), (_, b)| width(a).total_cmp(&width(b)));
    let (Some((narrow, low)), Some((wide, high))) = (parts.first(), parts.last()) else { return };
    if width(high) > OTHER * width(low) {
        let line = toml.find(&format!("\"{id}\"")).map(|at| line_at(toml, at));
        let what = format!(
            "the parts of \"{id}\" are on different scales: \"{narrow}\" on {} to {}, \"{wide}\" on {} to {}",
            low.low, low.high, high.low, high.high
        );
        let advice = "bring them onto one scale, e.g. with a normalization of min-max; as they are, the wider one \
                      decides alone";
        found.advice.push(finding(TOML, line, what, advice));
    }
}

/// Goalposts are to be found among the values.
fn goalposts(framework: &Framework, found: &mut Advice) {
    for indicator in &framework.indicators {
        let Normalization::MinMax { from: Some((least, most)), .. } = indicator.normalization else {
            continue;
        };
        let number = framework.scored_questions(&indicator.id).find(|(_, s)| s.rule == ScoringRule::Number);
        let Some(Kind::External(index)) = number.map(|(question, _)| &question.kind) else { continue };
        let index = framework.external_indices.iter().find(|known| known.id == *index);
        let Some((low, high)) = index.map(|index| index.range) else { continue };
        if least < low || most > high {
            let what = format!(
                "the goalposts of \"{}\" are {least} and {most}, but its index runs from {low} to {high}",
                indicator.id
            );
            let line = framework.indicator_line(&indicator.id);
            found.advice.push(finding(
                INDICATORS,
                line,
                what,
                "check from of its normalization, or the range",
            ));
        }
    }
}
