//! Checks of how scores are computed: the tree of subindexes, methods that fit what they are made of, means
//! that can be had.

use std::collections::BTreeSet;

use crate::id::Id;
use crate::spelling::did_you_mean;

use super::index::CompositeMethod;
use super::load::{INDICATORS, Lines, TOML, line_at};
use super::load_scoring::Normalizations;
use super::normalization::{Direction, Normalization, Range};
use super::problem::FrameworkProblem;
use super::{Framework, Indicator, ScoringRule, Subindex};

pub(super) fn check(
    framework: &Framework,
    normalizations: &Normalizations,
    toml: &str,
    lines: &Lines,
    problems: &mut Vec<FrameworkProblem>,
) {
    let mut checks = Checks { framework, toml, lines, problems };
    checks.coverage();
    if checks.tree() {
        checks.parts();
        checks.means();
        checks.alternatives();
    }
    checks.indicators();
    checks.unused(normalizations);
}

struct Checks<'a> {
    framework: &'a Framework,
    toml: &'a str,
    lines: &'a Lines,
    problems: &'a mut Vec<FrameworkProblem>,
}

impl Checks<'_> {
    /// A problem in framework.toml, on the line where `value` stands quoted.
    fn in_toml(&mut self, value: &str, what: String, advice: &str) {
        let line = self.toml.find(&format!("\"{value}\"")).map(|at| line_at(self.toml, at));
        self.problems.push(FrameworkProblem { file: TOML, line, what, advice: advice.to_owned() });
    }

    fn in_indicators(&mut self, indicator: &Indicator, what: String, advice: &str) {
        let line = self.lines.indicators.get(&indicator.id).copied();
        self.problems.push(FrameworkProblem { file: INDICATORS, line, what, advice: advice.to_owned() });
    }

    fn coverage(&mut self) {
        let framework = self.framework;
        let composite = (&framework.composite.id, framework.composite.min_coverage);
        let subindexes = framework.subindexes.iter().map(|subindex| (&subindex.id, subindex.min_coverage));
        for (id, least) in std::iter::once(composite).chain(subindexes) {
            if !(0.0..=1.0).contains(&least) {
                let what = format!("min_coverage of \"{id}\" is {least}");
                self.in_toml(id.as_str(), what, "give a share from 0 to 1");
            }
        }
    }

    /// Whether every subindex leads to the composite; other checks walk down and rely on it.
    fn tree(&mut self) -> bool {
        let framework = self.framework;
        let before = self.problems.len();
        for subindex in &framework.subindexes {
            let mut seen = BTreeSet::from([&subindex.id]);
            let mut below = subindex;
            while let Some(parent) = &below.parent {
                let Some(found) = framework.subindex(parent) else {
                    if below.id == subindex.id {
                        let guess =
                            did_you_mean(parent.as_str(), framework.subindexes.iter().map(|s| s.id.as_str()));
                        let what =
                            format!("the parent \"{parent}\" of \"{}\" is no subindex{guess}", subindex.id);
                        self.in_toml(
                            subindex.id.as_str(),
                            what,
                            "name a subindex, or leave parent out if it is a part of the composite",
                        );
                    }
                    break;
                };
                if !seen.insert(&found.id) {
                    let what = format!("\"{}\" is part of itself through its parents", subindex.id);
                    self.in_toml(subindex.id.as_str(), what, "break the circle");
                    break;
                }
                below = found;
            }
        }
        self.problems.len() == before
    }

    /// Everything is made of something, and of one kind of thing.
    fn parts(&mut self) {
        let framework = self.framework;
        for subindex in &framework.subindexes {
            let id = subindex.id.as_str();
            let parts = framework.parts_of(Some(&subindex.id)).count();
            let scored = framework.questions.iter().any(|q| q.subindex == subindex.id && q.scoring.is_some());
            if parts == 0 && !scored {
                let what = format!("no scored question belongs to the subindex \"{id}\"");
                self.in_toml(id, what, "remove it, or name it in the column subindex of survey.csv");
            }
            if parts > 0 && framework.indicators_of(&subindex.id).next().is_some() {
                let what = format!("\"{id}\" has both subindexes and indicators");
                self.in_toml(id, what, "give the indicators a subindex of their own");
            }
            if parts > 0 && subindex.method.mean().is_none() {
                let what = format!("\"{id}\" is a share of points, but is made of subindexes");
                self.in_toml(id, what, "make its method arithmetic-mean, geometric-mean or harmonic-mean");
            }
        }
    }

    fn indicators(&mut self) {
        let framework = self.framework;
        for indicator in &framework.indicators {
            let id = &indicator.id;
            let rules: Vec<ScoringRule> = framework.scored_questions(id).map(|(_, s)| s.rule).collect();
            let numbers = rules.iter().filter(|rule| **rule == ScoringRule::Number).count();
            if numbers > 1 || (numbers == 1 && rules.len() > 1) {
                let what = format!("the indicator \"{id}\" has a number and {} more", rules.len() - 1);
                self.in_indicators(
                    indicator,
                    what,
                    "give each number an indicator of its own, without questions that earn points",
                );
            }
            let method = framework.subindex(&indicator.subindex).map(|subindex| subindex.method);
            if method.is_some_and(|method| method.mean().is_none()) {
                let is_plain = indicator.weight.to_bits() == 1.0_f64.to_bits()
                    && indicator.direction == Direction::Higher
                    && indicator.normalization == Normalization::None;
                if numbers > 0 {
                    let what =
                        format!("\"{id}\" is a number in \"{}\", a share of points", indicator.subindex);
                    self.in_indicators(indicator, what, "make the method of the subindex a mean");
                }
                if !is_plain {
                    let what = format!(
                        "\"{id}\" has a weight, direction or normalization, but is summed up as points"
                    );
                    self.in_indicators(
                        indicator,
                        what,
                        "clear them and change the points of its questions, or make its subindex a mean",
                    );
                }
            }
            if indicator.normalization == Normalization::ShareOfMaximum
                && indicator.direction == Direction::Lower
            {
                let what = format!("\"{id}\" would be divided by a negative maximum");
                self.in_indicators(
                    indicator,
                    what,
                    "with direction -1, use min-max or distance-to-maximum instead of share-of-maximum",
                );
            }
        }
    }

    /// A mean of things of which one is always 0 or less, or can be nothing else, cannot be had.
    fn means(&mut self) {
        let framework = self.framework;
        for subindex in &framework.subindexes {
            let Some(method) = subindex.method.mean().filter(|method| method.needs_positive()) else {
                continue;
            };
            for indicator in
                framework.indicators_of(&subindex.id).filter(|indicator| framework.is_scored(&indicator.id))
            {
                let never = framework.indicator_range(indicator).high <= 0.0;
                if never || indicator.normalization.always_reaches_zero() {
                    let what = format!(
                        "\"{}\" is a {}, but {} gives \"{}\" of some economy a value of 0 or less",
                        subindex.id,
                        method.as_str(),
                        indicator.normalization.as_str(),
                        indicator.id
                    );
                    self.in_toml(
                        subindex.id.as_str(),
                        what,
                        "use a scale that starts above 0, e.g. min-max with to = [1.0, 100.0], or an arithmetic-mean",
                    );
                    break;
                }
            }
            self.mean_of_subindexes(Some(subindex), method);
        }
        let composite = framework.composite.method;
        if composite.needs_positive() {
            self.mean_of_subindexes(None, composite);
        }
    }

    fn mean_of_subindexes(&mut self, parent: Option<&Subindex>, method: CompositeMethod) {
        let framework = self.framework;
        let id = parent.map_or(&framework.composite.id, |parent| &parent.id);
        let below = framework.parts_of(parent.map(|parent| &parent.id));
        let never: Vec<&Id> =
            below.filter(|part| framework.subindex_range(part).high <= 0.0).map(|part| &part.id).collect();
        if let Some(part) = never.first() {
            let what = format!("\"{id}\" is a {}, but \"{part}\" is never above 0", method.as_str());
            self.in_toml(id.as_str(), what, "use an arithmetic-mean");
        }
    }

    /// Choices that vary must leave the scale of the index as it is, or percentiles would mix scales.
    fn alternatives(&mut self) {
        let framework = self.framework;
        let Some(uncertainty) = &framework.uncertainty else { return };
        let own = framework.composite.method;
        if !uncertainty.aggregations.is_empty() && !uncertainty.aggregations.contains(&own) {
            let what = format!("aggregations lacks {}, the composite's own method", own.as_str());
            self.in_toml(own.as_str(), what, "add it");
        }
        let scale = |range: Range| (range.low.to_bits(), range.high.to_bits());
        for indicator in framework.indicators.iter().filter(|i| i.normalization.needs_population()) {
            let values = framework.value_range(indicator);
            let own = scale(framework.indicator_range(indicator));
            for other in &uncertainty.normalizations {
                if scale(other.range(values)) != own {
                    let what = format!(
                        "{} gives \"{}\" another scale than {}",
                        other.as_str(),
                        indicator.id,
                        indicator.normalization.as_str()
                    );
                    self.in_toml(
                        other.as_str(),
                        what,
                        "vary only among normalizations with the same lowest and highest value",
                    );
                }
            }
        }
    }

    fn unused(&mut self, normalizations: &Normalizations) {
        let framework = self.framework;
        for (id, normalization) in normalizations {
            let used = framework.indicators.iter().any(|i| i.normalization == *normalization)
                || framework.uncertainty.iter().any(|u| u.normalizations.contains(normalization));
            if !used {
                let what = format!("no indicator uses the normalization \"{id}\"");
                self.in_toml(id, what, "remove it, or name it in the column normalization of indicators.csv");
            }
        }
    }
}
