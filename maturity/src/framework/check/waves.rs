//! Checks of the table `[waves]`: classes, changes, scales, and ids that are used up.

use std::collections::BTreeSet;

use crate::id::Id;
use crate::spelling::did_you_mean;

use super::super::Verdict;
use super::super::load::{INDICATORS, SURVEY, TOML};
use super::Checks;

impl Checks<'_> {
    pub(super) fn waves(&mut self) {
        self.classes();
        self.changes();
        self.scales();
        self.retired();
    }

    fn classes(&mut self) {
        let framework = self.framework;
        let mut seen = BTreeSet::new();
        for class in &framework.waves.classes {
            if !seen.insert(&class.id) {
                let what = format!("the class of comparability \"{}\" stands there twice", class.id);
                self.in_toml(&class.id, what, "remove one of them, or give it another id");
            }
            if class.verdict == Verdict::No {
                let what = format!("the verdict of the class \"{}\" is \"no\"", class.id);
                self.in_toml(
                    &class.id,
                    what,
                    "write yes or partly; waves that do not compare are left out of compares",
                );
            }
            if class.reason.is_empty() || class.title.is_empty() {
                let what = format!("the class \"{}\" has no title or no reason", class.id);
                self.in_toml(&class.id, what, "say what it means and why other waves do not compare");
            }
            let waves: BTreeSet<_> = class.compares.iter().collect();
            if waves.len() != class.compares.len() {
                let what = format!("the class \"{}\" names a wave twice", class.id);
                self.in_toml(&class.id, what, "name each wave once in compares");
            }
        }
        for indicator in &framework.indicators {
            let Some(class) = &indicator.comparability else { continue };
            if framework.waves.class(class).is_none() {
                let known = framework.waves.classes.iter().map(|class| class.id.as_str());
                let what = format!(
                    "the class of comparability \"{class}\" of the indicator \"{}\" is unknown{}",
                    indicator.id,
                    did_you_mean(class, known)
                );
                let line = self.lines.indicators.get(&indicator.id).copied();
                self.problem(INDICATORS, line, what, "add it as [[waves.class]] to framework.toml");
            }
        }
    }

    fn changes(&mut self) {
        let framework = self.framework;
        for change in &framework.waves.changes {
            let (before, after) = change.between;
            let place = format!("between = [{before}, {after}]");
            let mut wrong = |what: String, advice: &str| {
                let line = self.toml.find(&place).map(|at| super::super::load::line_at(self.toml, at));
                self.problems.push(super::super::FrameworkProblem {
                    file: TOML,
                    line,
                    what,
                    advice: advice.to_owned(),
                });
            };
            if before >= after {
                let what = format!("a change is between {before} and {after}");
                wrong(what, "give the last wave before it and the first one after it");
            }
            if change.verdict == Verdict::Yes {
                let what = format!("the verdict of the change between {before} and {after} is \"yes\"");
                wrong(what, "write partly or no, or remove the change");
            }
            if change.reason.is_empty() {
                let what = format!("the change between {before} and {after} has no reason");
                wrong(what, "say in reason what changed");
            }
            for id in &change.ids {
                let ids = || {
                    std::iter::once(&framework.composite.id)
                        .chain(framework.subindexes.iter().map(|subindex| &subindex.id))
                        .chain(framework.indicators.iter().map(|indicator| &indicator.id))
                };
                if !ids().any(|known| known == id) {
                    let guess = did_you_mean(id.as_str(), ids().map(Id::as_str));
                    let what = format!("the change concerns \"{id}\", which is unknown{guess}");
                    wrong(what, "name indicators, subindexes or the composite");
                }
            }
        }
    }

    fn scales(&mut self) {
        let framework = self.framework;
        for scale in &framework.waves.scales {
            if !framework.external_indices.iter().any(|external| external.id == scale.external) {
                let known = framework.external_indices.iter().map(|external| external.id.as_str());
                let guess = did_you_mean(&scale.external, known);
                let what = format!("a scale is given for \"{}\", which is unknown{guess}", scale.external);
                self.in_toml(&scale.external, what, "name an [[external_index]]");
            }
            let (low, high) = scale.range;
            if !(low.is_finite() && high.is_finite() && low < high) {
                let what =
                    format!("the range of \"{}\" in {} is {low} to {high}", scale.external, scale.wave);
                self.in_toml(&scale.external, what, "give the lowest and the highest value, e.g. [0.0, 1.0]");
            }
            if scale.wave == framework.wave {
                let what = format!("a scale of \"{}\" is given for the framework's own wave", scale.external);
                self.in_toml(&scale.external, what, "set range in [[external_index]] instead");
            }
        }
    }

    /// An id that stood for one construct is never given to another.
    fn retired(&mut self) {
        let framework = self.framework;
        let mut seen = BTreeSet::new();
        for retired in &framework.waves.retired {
            let id = &retired.id;
            let described = format!("\"{id}\" ({}, until {})", retired.construct, retired.until);
            if !seen.insert(id) {
                let what = format!("the retired id \"{id}\" stands there twice");
                self.in_toml(id.as_str(), what, "remove one of them");
            }
            if retired.until >= framework.wave {
                let what = format!("the id {described} is retired, but not before this wave");
                self.in_toml(id.as_str(), what, "give the last wave that asked it");
            }
            let advice = "give the new construct an id that was never used";
            if framework.question(id).is_some() {
                let line = self.lines.questions.get(id).copied();
                self.problem(SURVEY, line, format!("the retired id {described} is used again"), advice);
            }
            if framework.indicator(id).is_some() {
                let line = self.lines.indicators.get(id).copied();
                self.problem(INDICATORS, line, format!("the retired id {described} is used again"), advice);
            }
        }
    }
}
