//! Where scores stand in the workbook, and the formulas that make them from the rows beneath.
//!
//! The score of an indicator is made of the points of its answers, that of a subindex of its indicators or
//! subindexes, the composite of its subindexes. A formula stands only where it gives the score; what the
//! framework withholds, or makes by comparison with other economies, stands as it was computed.

use std::collections::BTreeMap;

use maturity::framework::{CompositeMethod, Framework};
use maturity::id::Id;
use maturity::score::{EconomyScores, IndicatorScore, SubindexScore};

use super::CountryReport;
use super::basis::Terms;
use crate::keys::Key;
use crate::wording::Words;

/// The row of the composite in the sheet of indicators.
pub(super) const COMPOSITE: u32 = 4;
/// The columns of points, maximum and score in the sheet of indicators.
pub(super) const POINTS: char = 'E';
pub(super) const MAXIMUM: char = 'F';
pub(super) const SCORE: char = 'G';
/// The first row of the sheet of answers.
pub(super) const FIRST_ANSWER: u32 = 4;

/// The rows of the sheets that formulas refer to.
pub(super) struct Cells<'a> {
    framework: &'a Framework,
    scores: &'a EconomyScores,
    subindexes: BTreeMap<&'a Id, u32>,
    indicators: &'static str,
    answers: &'static str,
    last_answer: u32,
}

impl<'a> Cells<'a> {
    pub(super) fn of(report: &CountryReport<'a>, terms: &Terms, words: Words) -> Self {
        let mut row = COMPOSITE + 1;
        let mut subindexes = BTreeMap::new();
        for subindex in &report.scores.subindexes {
            subindexes.insert(&subindex.id, row);
            row += 1 + u32::try_from(subindex.indicators.len()).unwrap_or_default();
        }
        let scored: u32 = super::answers::shown(report.framework, terms).map(|_| 1).sum();
        Self {
            framework: report.framework,
            scores: report.scores,
            subindexes,
            indicators: words.get(Key::SheetIndicators),
            answers: words.get(Key::SheetAnswers),
            last_answer: FIRST_ANSWER + scored,
        }
    }

    /// The score of the composite, seen from another sheet.
    pub(super) fn composite(&self) -> String {
        format!("='{}'!{SCORE}{}", self.indicators, COMPOSITE + 1)
    }

    /// The score of a subindex, seen from another sheet.
    pub(super) fn subindex(&self, id: &Id) -> Option<String> {
        let row = self.subindexes.get(id)?;
        Some(format!("='{}'!{SCORE}{}", self.indicators, row + 1))
    }

    /// The points or maxima of an indicator: a sum over the answers, whatever their order.
    pub(super) fn sum_of_answers(&self, row: u32, indicator: &Id, column: char) -> String {
        let (sheet, last) = (self.answers, self.last_answer);
        let first = FIRST_ANSWER + 1;
        let ids = format!("'{sheet}'!$B${first}:$B${last}");
        let summed = format!("'{sheet}'!${column}${first}:${column}${last}");
        let row = row + 1;
        // SUMIF takes a text for the number or date that it looks like: "1.1" would be "1.10" as well.
        if indicator.as_str().starts_with(|c: char| c.is_ascii_digit()) {
            return format!("=SUMPRODUCT(--({ids}=$A{row}),{summed})");
        }
        format!("=SUMIF({ids},$A{row},{summed})")
    }

    /// The points or maxima of a subindex: a sum over the rows beneath.
    pub(super) fn sum_of_parts(&self, row: u32, subindex: &SubindexScore, column: char) -> Option<String> {
        let own = u32::try_from(subindex.indicators.len()).unwrap_or_default();
        let mut terms = Vec::new();
        if own > 0 {
            terms.push(format!("{column}{}:{column}{}", row + 2, row + 1 + own));
        }
        for part in self.framework.parts_of(Some(&subindex.id)) {
            terms.push(format!("{column}{}", self.subindexes.get(&part.id)? + 1));
        }
        (!terms.is_empty()).then(|| format!("=SUM({})", terms.join(",")))
    }

    /// The score of a subindex: a share of points, or a mean of its parts.
    pub(super) fn subindex_score(&self, row: u32, subindex: &SubindexScore) -> Option<String> {
        subindex.score?;
        let Some(method) = self.framework.subindex(&subindex.id)?.method.mean() else {
            return Some(share_formula(row));
        };
        let mut parts = Vec::new();
        for part in self.framework.parts_of(Some(&subindex.id)) {
            self.part(&part.id, part.weight, &mut parts);
        }
        for (at, indicator) in (row + 1..).zip(&subindex.indicators) {
            let weight = self.framework.indicator(&indicator.id).map_or(1.0, |known| known.weight);
            if indicator.score.is_some() && !indicator.terms.is_empty() {
                parts.push((weight, format!("{SCORE}{}", at + 1)));
            }
        }
        mean(method, &parts)
    }

    /// The composite: a mean of the subindexes that have no parent.
    pub(super) fn composite_score(&self) -> Option<String> {
        self.scores.score?;
        let mut parts = Vec::new();
        for part in self.framework.parts_of(None) {
            self.part(&part.id, part.weight, &mut parts);
        }
        mean(self.framework.composite.method, &parts)
    }

    /// A part without a score is in no mean that has one.
    fn part(&self, id: &Id, weight: f64, parts: &mut Vec<(f64, String)>) {
        let scored = self.scores.subindex(id.as_str()).is_some_and(|part| part.score.is_some());
        if let Some(row) = self.subindexes.get(id).filter(|_| scored) {
            parts.push((weight, format!("{SCORE}{}", row + 1)));
        }
    }
}

/// The score of an indicator, where it is a share of its points.
pub(super) fn indicator_score(row: u32, indicator: &IndicatorScore) -> Option<String> {
    let is_share = indicator.score == share(indicator.points, indicator.max_points);
    (is_share && indicator.score.is_some()).then(|| share_formula(row))
}

fn share(points: f64, max_points: f64) -> Option<f64> {
    (max_points > 0.0).then(|| points / max_points)
}

fn share_formula(row: u32) -> String {
    format!("={POINTS}{0}/{MAXIMUM}{0}", row + 1)
}

/// A weighted mean as a formula; none if it is longer than a cell can hold.
fn mean(method: CompositeMethod, parts: &[(f64, String)]) -> Option<String> {
    /// Excel's limit is 8,192 characters.
    const LONGEST: usize = 8_000;
    let first = parts.first()?.0;
    #[expect(clippy::float_cmp, reason = "weights that are written the same are the same")]
    let equal = parts.iter().all(|(weight, _)| *weight == first);
    let join = |term: fn(f64, &str) -> String| {
        parts.iter().map(|(weight, cell)| term(*weight, cell)).collect::<Vec<_>>().join("+")
    };
    let weights = parts.iter().fold(0.0, |sum, (weight, _)| sum + weight);
    let formula = match method {
        CompositeMethod::ArithmeticMean if equal => {
            let cells: Vec<&str> = parts.iter().map(|(_, cell)| cell.as_str()).collect();
            format!("=({})/{}", cells.join("+"), parts.len())
        }
        CompositeMethod::ArithmeticMean => {
            format!("=({})/{weights}", join(|weight, cell| format!("{weight}*{cell}")))
        }
        CompositeMethod::GeometricMean => {
            format!("=EXP(({})/{weights})", join(|weight, cell| format!("{weight}*LN({cell})")))
        }
        CompositeMethod::HarmonicMean => {
            format!("={weights}/({})", join(|weight, cell| format!("{weight}/{cell}")))
        }
    };
    (formula.len() <= LONGEST).then_some(formula)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means_are_written_as_the_scoring_takes_them() {
        let parts = |weights: [f64; 2]| [(weights[0], "G6".to_owned()), (weights[1], "G9".to_owned())];
        let of = |method, weights| mean(method, &parts(weights)).unwrap();
        assert_eq!(of(CompositeMethod::ArithmeticMean, [1.0, 1.0]), "=(G6+G9)/2");
        assert_eq!(of(CompositeMethod::ArithmeticMean, [1.0, 3.0]), "=(1*G6+3*G9)/4");
        assert_eq!(of(CompositeMethod::GeometricMean, [1.0, 0.5]), "=EXP((1*LN(G6)+0.5*LN(G9))/1.5)");
        assert_eq!(of(CompositeMethod::HarmonicMean, [1.0, 3.0]), "=4/(1/G6+3/G9)");
        assert_eq!(mean(CompositeMethod::ArithmeticMean, &[]), None);
    }
}
