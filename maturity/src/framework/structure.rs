//! The tree of an index: what each part is made of, and the range that its scores can have.

use crate::id::Id;

use super::normalization::Range;
use super::{Framework, Indicator, Kind, ScoringRule, Subindex};

impl Framework {
    /// The subindexes that are parts of `parent` (the composite, if `None`), in printing order.
    pub fn parts_of<'a>(&'a self, parent: Option<&'a Id>) -> impl Iterator<Item = &'a Subindex> {
        self.subindexes.iter().filter(move |subindex| subindex.parent.as_ref() == parent)
    }

    /// Whether `subindex` is `whole` or a part of it, however far below.
    pub fn is_within(&self, subindex: &Id, whole: &Id) -> bool {
        let above = |id: &Id| self.subindex(id).and_then(|subindex| subindex.parent.clone());
        // As deep as there are subindexes at most, also in a framework whose parents go round in a circle.
        std::iter::successors(Some(subindex.clone()), above)
            .take(self.subindexes.len() + 1)
            .any(|id| id == *whole)
    }

    /// Whether something of an indicator is scored; others are asked only, and are no part of a mean.
    pub fn is_scored(&self, indicator: &Id) -> bool {
        self.scored_questions(indicator).next().is_some()
    }

    /// Whether the value of an indicator is a number that somebody reports, and not a share of points.
    pub fn is_number(&self, indicator: &Id) -> bool {
        self.scored_questions(indicator).any(|(_, scoring)| scoring.rule == ScoringRule::Number)
    }

    /// Whether some answer to an indicator earns points. One that is a number has none, whatever the scale of its values.
    pub fn has_points(&self, indicator: &Id) -> bool {
        self.scored_questions(indicator).any(|(_, scoring)| scoring.rule != ScoringRule::Number)
    }

    /// Whether something in a subindex, however far below, earns points. A mean of numbers has none.
    pub fn has_points_below(&self, subindex: &Id) -> bool {
        let mut below =
            self.indicators.iter().filter(|indicator| self.is_within(&indicator.subindex, subindex));
        below.any(|indicator| self.has_points(&indicator.id))
    }

    /// The range of an indicator's values before they are normalised, times its direction.
    pub fn value_range(&self, indicator: &Indicator) -> Range {
        let number = self.scored_questions(&indicator.id).find(|(_, s)| s.rule == ScoringRule::Number);
        let range = match number.map(|(question, _)| &question.kind) {
            None => Range::SHARE,
            Some(Kind::External(id)) => self
                .external_indices
                .iter()
                .find(|index| index.id == *id)
                .map_or(Range::ANY, |index| Range { low: index.range.0, high: index.range.1 }),
            Some(_) => Range::ANY,
        };
        range.directed(indicator.direction)
    }

    /// The range that the scores of an indicator can have.
    pub fn indicator_range(&self, indicator: &Indicator) -> Range {
        indicator.normalization.range(self.value_range(indicator))
    }

    /// The range that the scores of a subindex can have.
    pub fn subindex_range(&self, subindex: &Subindex) -> Range {
        self.range_below(Some(subindex), self.subindexes.len())
    }

    /// The range that the composite can have.
    pub fn composite_range(&self) -> Range {
        self.range_below(None, self.subindexes.len())
    }

    /// `deepest` ends the walk where parents go in a circle, which the checks report.
    fn range_below(&self, subindex: Option<&Subindex>, deepest: usize) -> Range {
        if subindex.is_some_and(|subindex| subindex.method.mean().is_none()) {
            return Range::SHARE;
        }
        let of_subindexes = self
            .parts_of(subindex.map(|subindex| &subindex.id))
            .filter(|_| deepest > 0)
            .map(|part| self.range_below(Some(part), deepest - 1));
        let of_indicators = self
            .indicators
            .iter()
            .filter(|indicator| subindex.is_some_and(|subindex| subindex.id == indicator.subindex))
            .filter(|indicator| self.is_scored(&indicator.id))
            .map(|indicator| self.indicator_range(indicator));
        of_subindexes.chain(of_indicators).reduce(Range::or).unwrap_or(Range::SHARE)
    }
}
