//! Where the wave stands among other waves: which values compare with theirs, and which ids are used up.
//!
//! Everything here is data, the table `[waves]` of `framework.toml`: *classes* say between which waves the
//! construct of an indicator is the same (the column `comparability` of `indicators.csv` names one for each
//! indicator), *changes* say what happened to a score between two waves although its indicators compare.

mod written;

use serde::{Deserialize, Serialize};

use crate::change::not_stated;
use crate::id::Id;
use crate::language::{Language, Text};
use crate::shown::{colon, sentence};
use crate::submission::Wave;

use super::{Framework, Kind, Question};

pub(super) use written::WavesTable;

/// The place of a framework among other waves.
#[derive(Debug, Clone, Default)]
pub struct Waves {
    /// The id of the framework of the wave before, where there is one.
    pub earlier: Option<String>,
    /// Ids that stood for a construct that is no longer asked; never given to another one.
    pub retired: Vec<Retired>,
    /// Years in constraints that move with the wave, e.g. the highest year that is plausible.
    pub moving_years: Vec<u16>,
    /// The classes of comparability.
    pub classes: Vec<ComparabilityClass>,
    /// What changed between waves beside the constructs.
    pub changes: Vec<InstrumentChange>,
    /// The scales on which other waves store the values of external indices.
    pub scales: Vec<OtherScale>,
}

/// An id that is used up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retired {
    /// The id.
    pub id: Id,
    /// The construct that it stood for.
    pub construct: String,
    /// The last wave that asked it.
    pub until: Wave,
}

/// How far two values compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// They measure the same thing in the same way.
    Yes,
    /// Some of what they measure is the same; a difference must be read with its reasons.
    Partly,
    /// They measure different things, or the framework does not say that they compare; they are never subtracted.
    No,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 3] = [Self::Yes, Self::Partly, Self::No];

    /// The word used in tables: `yes`, `partly` or `no`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::Partly => "partly",
            Self::No => "no",
        }
    }
}

/// One class of comparability.
#[derive(Debug, Clone)]
pub struct ComparabilityClass {
    /// The name used in the column `comparability` of `indicators.csv`.
    pub id: String,
    /// What the class means, to print.
    pub title: Text,
    /// The waves between any two of which values of the class compare.
    pub compares: Vec<Wave>,
    /// How far they do: `Yes` or `Partly`.
    pub verdict: Verdict,
    /// Why values do not compare with other waves, or only partly.
    pub reason: Text,
}

/// Something that changed between two waves although the constructs compare.
#[derive(Debug, Clone)]
pub struct InstrumentChange {
    /// The last wave before the change and the first one after it.
    pub between: (Wave, Wave),
    /// The indicators, subindexes or composite that it concerns.
    pub ids: Vec<Id>,
    /// How far values from before and after compare: `Partly` or `No`.
    pub verdict: Verdict,
    /// What changed.
    pub reason: Text,
}

/// The scale on which another wave stores an external index.
#[derive(Debug, Clone)]
pub struct OtherScale {
    /// The external index.
    pub external: String,
    /// The wave.
    pub wave: Wave,
    /// The lowest and the highest value there.
    pub range: (f64, f64),
}

/// Whether the values of an id compare between two waves, and why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparability {
    /// How far.
    pub verdict: Verdict,
    /// Why not, or only partly, with the ids that each reason concerns; empty for `Yes`.
    pub reasons: Vec<Reason>,
}

/// Why values do not compare, or only partly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// The ids that it concerns, in the order of the framework.
    pub ids: Vec<Id>,
    /// The reason; empty where the framework says nothing about the id.
    pub text: Text,
}

impl Reason {
    /// The reason in `language` after the ids that it concerns, e.g. `I-11, I-17: …`.
    pub fn sentence(&self, language: &Language) -> String {
        let ids: Vec<&str> = self.ids.iter().map(Id::as_str).collect();
        let text = match self.text.get(language) {
            "" => not_stated(language).to_owned(),
            text => sentence(text),
        };
        format!("{}{}{text}", ids.join(", "), colon(language))
    }
}

impl Comparability {
    /// Values that compare.
    pub fn full() -> Self {
        Self { verdict: Verdict::Yes, reasons: Vec::new() }
    }

    /// The reasons in `language`, one after the other; empty for `Yes`.
    pub fn sentence(&self, language: &Language) -> String {
        self.reasons.iter().map(|reason| reason.sentence(language)).collect::<Vec<_>>().join(" ")
    }
}

impl Waves {
    /// The class of that name.
    pub fn class(&self, id: &str) -> Option<&ComparabilityClass> {
        self.classes.iter().find(|class| class.id == id)
    }

    /// The scale on which another wave stores an external index, where it is another one.
    pub fn scale(&self, external: &str, wave: Wave) -> Option<(f64, f64)> {
        let found = self.scales.iter().find(|scale| scale.external == external && scale.wave == wave);
        found.map(|scale| scale.range)
    }
}

impl Framework {
    /// Whether the values of the composite, a subindex or an indicator compare between two waves.
    ///
    /// An indicator compares as its class says, a subindex and the composite as the indicators below them do, however
    /// far below: `yes` if all of them do, `no` if none does, else `partly`. Changes that lie between the waves lower the verdict.
    /// The order of the two waves does not matter.
    pub fn comparability(&self, id: &Id, from: Wave, to: Wave) -> Comparability {
        let (from, to) = (from.min(to), from.max(to));
        if from == to {
            return Comparability::full();
        }
        let whole = self.composite.id == *id;
        let below = self.subindex(id).is_some() || whole;
        let mut verdicts = Vec::new();
        let mut reasons: Vec<Reason> = Vec::new();
        let mut because = |of: &Id, text: &Text| match reasons.iter_mut().find(|known| known.text == *text) {
            Some(known) if !known.ids.contains(of) => known.ids.push(of.clone()),
            Some(_) => {}
            None => reasons.push(Reason { ids: vec![of.clone()], text: text.clone() }),
        };
        for indicator in &self.indicators {
            if whole || self.is_within(&indicator.subindex, id) || (!below && indicator.id == *id) {
                let (mut verdict, reason) = self.class_verdict(indicator.comparability.as_deref(), from, to);
                if let Some(reason) = reason {
                    because(&indicator.id, &reason);
                }
                for text in self.other_scales(&indicator.id, from, to) {
                    verdict = verdict.max(Verdict::Partly);
                    because(&indicator.id, &text);
                }
                for change in self.changes(&indicator.id, from, to) {
                    verdict = verdict.max(change.verdict);
                    because(&indicator.id, &change.reason);
                }
                verdicts.push(verdict);
            }
        }
        let mut verdict = match (verdicts.iter().min(), verdicts.iter().max()) {
            (Some(best), Some(worst)) if best == worst => *best,
            (Some(_), Some(_)) => Verdict::Partly,
            _ => Verdict::No,
        };
        let parts = self.subindexes.iter().map(|subindex| &subindex.id);
        let parts = parts.filter(|of| whole || self.is_within(of, id));
        for of in parts.chain(std::iter::once(id).filter(|_| whole)) {
            for change in self.changes(of, from, to) {
                // What holds for one subindex holds for a part of what is made of it.
                let so_far = if of == id { change.verdict } else { Verdict::Partly };
                verdict = verdict.max(so_far);
                because(of, &change.reason);
            }
        }
        Comparability { verdict, reasons }
    }

    /// Whether an indicator stands for one construct in two waves, as its class says. Of a wave that no class names, and of an
    /// indicator without a class, nothing is said, and ids do not change their meaning.
    pub fn is_same_construct(&self, indicator: &Id, from: Wave, to: Wave) -> bool {
        let class = self.indicator(indicator).and_then(|indicator| indicator.comparability.as_deref());
        let Some(class) = class.and_then(|class| self.waves.class(class)) else { return true };
        let is_named = |wave| self.waves.classes.iter().any(|class| class.compares.contains(wave));
        from == to || [from, to].iter().all(|wave| class.compares.contains(wave) || !is_named(wave))
    }

    fn changes<'a>(
        &'a self,
        id: &'a Id,
        from: Wave,
        to: Wave,
    ) -> impl Iterator<Item = &'a InstrumentChange> + 'a {
        let concerns = move |change: &&InstrumentChange| {
            change.ids.contains(id) && from <= change.between.0 && change.between.1 <= to
        };
        self.waves.changes.iter().filter(concerns)
    }

    /// What is to be said of the external indices of an indicator that one of the waves stores on another scale.
    fn other_scales(&self, indicator: &Id, from: Wave, to: Wave) -> Vec<Text> {
        let questions = self.questions.iter().filter(|question| question.indicator == *indicator);
        let stored = |question: &Question| match &question.kind {
            Kind::External(index) => {
                [from, to].iter().find_map(|wave| Some((*wave, self.waves.scale(index, *wave)?)))
            }
            _ => None,
        };
        questions.filter_map(stored).map(|(wave, (low, high))| other_scale(wave, low, high)).collect()
    }

    fn class_verdict(&self, class: Option<&str>, from: Wave, to: Wave) -> (Verdict, Option<Text>) {
        let Some(class) = class.and_then(|class| self.waves.class(class)) else {
            return (Verdict::No, Some(unclassified()));
        };
        let compares = class.compares.contains(&from) && class.compares.contains(&to);
        match (compares, class.verdict) {
            (true, Verdict::Yes) => (Verdict::Yes, None),
            (true, verdict) => (verdict, Some(class.reason.clone())),
            (false, _) => (Verdict::No, Some(class.reason.clone())),
        }
    }
}

/// What is said of values on another scale.
fn other_scale(wave: Wave, low: f64, high: f64) -> Text {
    let mut text = Text::new(&format!("The values of {wave} are stored on the scale {low} to {high}."));
    let others = [
        ("fr", format!("Les valeurs de {wave} sont enregistrées sur l'échelle de {low} à {high}.")),
        ("es", format!("Los valores de {wave} se guardan en la escala de {low} a {high}.")),
    ];
    for (tag, translation) in others {
        text.insert(Language::new(tag), &translation);
    }
    text
}

/// What is said of an indicator without a class.
fn unclassified() -> Text {
    let mut text = Text::new("The framework does not say with which waves this indicator compares.");
    let others = [
        ("fr", "Le référentiel ne dit pas avec quelles vagues cet indicateur est comparable."),
        ("es", "El marco no indica con qué rondas es comparable este indicador."),
    ];
    for (tag, translation) in others {
        text.insert(Language::new(tag), translation);
    }
    text
}

#[cfg(test)]
mod tests;
