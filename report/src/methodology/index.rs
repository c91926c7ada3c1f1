//! The tree of the index: how each part is made, weights and maxima, maturity groups.

use maturity::framework::{CompositeMethod, Framework, Subindex};
use maturity::language::Language;

use super::{Page, in_language};

/// From points or indicators to the index.
pub(super) fn scores(page: &mut Page) {
    let framework = page.framework;
    let has_points = framework.subindexes.iter().any(|subindex| subindex.method.mean().is_none());
    page.section(page.say(if has_points { "scores" } else { "scores.numbers" }));
    let mut formulas = Vec::new();
    if has_points {
        let ids: Vec<&str> = framework
            .subindexes
            .iter()
            .filter(|subindex| subindex.method.mean().is_none())
            .map(|subindex| subindex.id.as_str())
            .collect();
        formulas.push(format!("{} = {}", ids.join(", "), page.say("share")));
    }
    formulas.extend(means(page));
    formulas.push(composite(page));
    page.formulas(&formulas);
    page.paragraph(page.say("rounding"));

    let is_tree = framework.subindexes.iter().any(|subindex| subindex.parent.is_some());
    let mut headings = vec!["id", "name"];
    if is_tree {
        headings.push("part-of");
    }
    headings.extend(["weight", "made", "indicators"]);
    if has_points {
        headings.extend(["questions", "maximum", "without"]);
    }
    let rows: Vec<Vec<String>> = framework
        .subindexes
        .iter()
        .map(|subindex| {
            let texts = [subindex.id.as_str(), subindex.title.get(page.language)];
            let mut row = texts.map(|text| page.shown(text)).to_vec();
            if is_tree {
                row.push(page.shown(subindex.parent.as_ref().unwrap_or(&framework.composite.id).as_str()));
            }
            row.push(page.number(subindex.weight));
            row.push(page.say(subindex.method.as_str()).to_owned());
            row.push(framework.indicators_of(&subindex.id).count().to_string());
            if has_points {
                row.extend(maxima(page, subindex));
            }
            row
        })
        .collect();
    let headings: Vec<&str> = headings.into_iter().map(|key| page.say(key)).collect();
    page.table(&headings, &rows);
}

/// Scored questions, most points, and most points without external indices.
fn maxima(page: &Page, subindex: &Subindex) -> [String; 3] {
    let scored =
        || page.framework.questions.iter().filter(|q| q.subindex == subindex.id && q.scoring.is_some());
    let most = |asked_only: bool| -> f64 {
        let counted = scored().filter(|question| !asked_only || question.is_asked());
        counted.filter_map(|question| question.scoring).fold(0.0, |sum, scoring| sum + scoring.max_points)
    };
    [scored().count().to_string(), page.number(most(false)), page.number(most(true))]
}

/// The subindexes that are means, each as a formula of its parts.
pub(super) fn means(page: &Page) -> Vec<String> {
    let mean = |subindex: &Subindex| {
        let method = subindex.method.mean()?;
        Some(formula(page.language, subindex.id.as_str(), method, &parts(page.framework, subindex)))
    };
    page.framework.subindexes.iter().filter_map(mean).collect()
}

/// The composite as a formula of the subindexes that it is made of.
pub(super) fn composite(page: &Page) -> String {
    let framework = page.framework;
    let top: Vec<(String, f64)> =
        framework.parts_of(None).map(|part| (part.id.to_string(), part.weight)).collect();
    formula(page.language, framework.composite.id.as_str(), framework.composite.method, &top)
}

fn parts(framework: &Framework, subindex: &Subindex) -> Vec<(String, f64)> {
    let below = framework.parts_of(Some(&subindex.id)).map(|part| (part.id.to_string(), part.weight));
    let indicators = framework
        .indicators_of(&subindex.id)
        .filter(|indicator| framework.is_scored(&indicator.id))
        .map(|indicator| (indicator.id.to_string(), indicator.weight));
    below.chain(indicators).collect()
}

/// A mean as a formula, e.g. `ALL = (A + B) / 2` or `ALL = (A^3 × B)^(1/4)`.
pub(super) fn formula(
    language: &Language,
    id: &str,
    method: CompositeMethod,
    parts: &[(String, f64)],
) -> String {
    let equal = parts.windows(2).all(|pair| matches!(pair, [a, b] if a.1.to_bits() == b.1.to_bits()));
    let weight = |weight: f64| if equal { 1.0 } else { weight };
    let divisor = parts.iter().fold(0.0, |sum, (_, of)| sum + weight(*of));
    let term = |(name, of): &(String, f64)| match (method, in_language(*of, language)) {
        _ if equal && method == CompositeMethod::HarmonicMean => format!("1 / {name}"),
        _ if equal => name.clone(),
        (CompositeMethod::ArithmeticMean, of) => format!("{of} × {name}"),
        (CompositeMethod::GeometricMean, of) => format!("{name}^{of}"),
        (CompositeMethod::HarmonicMean, of) => format!("{of} / {name}"),
    };
    let terms: Vec<String> = parts.iter().map(term).collect();
    // Weights that are shares need no divisor.
    let is_whole = (divisor - 1.0).abs() < 1e-9;
    let divisor = in_language(divisor, language);
    match method {
        _ if parts.len() == 1 => format!("{id} = {}", parts.first().map_or("", |(name, _)| name.as_str())),
        CompositeMethod::ArithmeticMean if is_whole => format!("{id} = {}", terms.join(" + ")),
        CompositeMethod::GeometricMean if is_whole => format!("{id} = {}", terms.join(" × ")),
        CompositeMethod::ArithmeticMean => format!("{id} = ({}) / {divisor}", terms.join(" + ")),
        CompositeMethod::GeometricMean => format!("{id} = ({})^(1/{divisor})", terms.join(" × ")),
        CompositeMethod::HarmonicMean => format!("{id} = {divisor} / ({})", terms.join(" + ")),
    }
}

/// Thresholds.
pub(super) fn groups(page: &mut Page) {
    let framework = page.framework;
    if framework.groups.is_empty() {
        return;
    }
    page.section(page.say("groups"));
    page.paragraph(page.say("groups.intro"));
    let rows: Vec<Vec<String>> = framework
        .groups
        .iter()
        .map(|group| {
            let from =
                if group.at_least.is_finite() { page.number(group.at_least) } else { "–".to_owned() };
            vec![page.shown(&group.id), page.shown(group.title.get(page.language)), from]
        })
        .collect();
    page.table(&["group", "name", "from"].map(|key| page.say(key)), &rows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_as_people_write_them() {
        let parts = |weights: &[f64]| -> Vec<(String, f64)> {
            ["A", "B"].iter().zip(weights).map(|(id, weight)| ((*id).to_owned(), *weight)).collect()
        };
        let all = [
            (CompositeMethod::ArithmeticMean, "I = (A + B) / 2", "I = (3 × A + 1 × B) / 4"),
            (CompositeMethod::GeometricMean, "I = (A × B)^(1/2)", "I = (A^3 × B^1)^(1/4)"),
            (CompositeMethod::HarmonicMean, "I = 2 / (1 / A + 1 / B)", "I = 4 / (3 / A + 1 / B)"),
        ];
        let english = Language::english();
        for (method, equal, weighted) in all {
            assert_eq!(formula(&english, "I", method, &parts(&[2.0, 2.0])), equal);
            assert_eq!(formula(&english, "I", method, &parts(&[3.0, 1.0])), weighted);
            assert_eq!(formula(&english, "I", method, &parts(&[3.0])), "I = A");
        }
        let of_shares = |method| formula(&english, "I", method, &parts(&[0.7, 0.3]));
        assert_eq!(of_shares(CompositeMethod::ArithmeticMean), "I = 0.7 × A + 0.3 × B");
        assert_eq!(of_shares(CompositeMethod::GeometricMean), "I = A^0.7 × B^0.3");
        let french = formula(&Language::new("fr"), "I", CompositeMethod::ArithmeticMean, &parts(&[0.7, 1.8]));
        assert_eq!(french, "I = (0,7 × A + 1,8 × B) / 2,5");
    }
}
