//! Why there is no score: a reason that can be stored, and its sentence in the reader's language.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

use crate::framework::CompositeMethod;
use crate::id::Id;
use crate::language::Language;
use crate::shown::{number, separated};
use crate::wording::Wording;

/// Why something has no score. A score that is missing always has a reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
pub enum Withheld {
    /// Nothing that it is computed from has a value.
    NoValue,
    /// A part that must have a score has none.
    Part {
        /// The first such part.
        part: Id,
    },
    /// An external index has no value, and the framework withholds the score then.
    ExternalIndex {
        /// The question that takes the index.
        question: Id,
    },
    /// Too few parts have a value.
    Coverage {
        /// Parts with a value.
        present: u32,
        /// All parts.
        all: u32,
        /// The least share that is needed, 0 to 1.
        least: f64,
    },
    /// A geometric or harmonic mean of a value that is 0 or less.
    NotPositive {
        /// The first such part.
        part: Id,
        /// Its value.
        value: f64,
        /// The name of the mean.
        method: String,
    },
    /// The values of the wave do not differ, so that they cannot be scaled.
    NoSpread,
    /// The highest value of the wave is 0 or less, so that there is no share of it.
    NoPositiveMaximum,
}

static WORDING: LazyLock<Wording> =
    LazyLock::new(|| Wording::parse(include_str!("withheld.csv")).unwrap_or_default());

impl Withheld {
    /// The name of every reason.
    pub const NAMES: [&str; 7] = [
        "no-value",
        "part",
        "external-index",
        "coverage",
        "not-positive",
        "no-spread",
        "no-positive-maximum",
    ];

    /// The reason's name in tables, e.g. `coverage`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::NoValue => "no-value",
            Self::Part { .. } => "part",
            Self::ExternalIndex { .. } => "external-index",
            Self::Coverage { .. } => "coverage",
            Self::NotPositive { .. } => "not-positive",
            Self::NoSpread => "no-spread",
            Self::NoPositiveMaximum => "no-positive-maximum",
        }
    }

    /// A mean of `part`, which has a value that the mean cannot have.
    pub fn not_positive(part: &Id, value: f64, method: CompositeMethod) -> Self {
        Self::NotPositive { part: part.clone(), value, method: method.as_str().to_owned() }
    }

    /// The reason as a full sentence.
    pub fn sentence(&self, language: &Language) -> String {
        let fill = |values: &[(&str, &str)]| WORDING.fill(self.as_str(), language, values);
        let shown = |value: f64| separated(&number(value), language);
        match self {
            Self::NoValue | Self::NoSpread | Self::NoPositiveMaximum => fill(&[]),
            Self::Part { part } => fill(&[("part", part.as_str())]),
            Self::ExternalIndex { question } => fill(&[("question", question.as_str())]),
            Self::Coverage { present, all, least } => fill(&[
                ("present", &present.to_string()),
                ("all", &all.to_string()),
                ("least", &shown(*least)),
            ]),
            Self::NotPositive { part, value, method } => fill(&[
                ("part", part.as_str()),
                ("value", &shown(*value)),
                ("method", WORDING.get(method, language)),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wording::placeholders;

    #[test]
    fn every_reason_is_worded_in_three_languages_with_the_same_placeholders() {
        let wording = Wording::parse(include_str!("withheld.csv")).unwrap();
        for (key, text) in wording.iter() {
            let mut expected = placeholders(text.default_text());
            expected.sort_unstable();
            for tag in ["fr", "es"] {
                let language = Language::new(tag);
                assert!(text.has(&language), "{key} in {tag}");
                let mut found = placeholders(text.get(&language));
                found.sort_unstable();
                assert_eq!(found, expected, "{key} in {tag}");
            }
        }
    }

    #[test]
    fn sentences_are_complete() {
        let id = Id::from("S-1");
        let reasons = [
            Withheld::NoValue,
            Withheld::Part { part: id.clone() },
            Withheld::ExternalIndex { question: id.clone() },
            Withheld::Coverage { present: 1, all: 4, least: 0.5 },
            Withheld::not_positive(&id, -0.5, CompositeMethod::GeometricMean),
            Withheld::NoSpread,
            Withheld::NoPositiveMaximum,
        ];
        assert_eq!(reasons.each_ref().map(Withheld::as_str), Withheld::NAMES);
        for reason in reasons {
            for tag in ["en", "fr", "es"] {
                let sentence = reason.sentence(&Language::new(tag));
                assert!(sentence.ends_with('.') && !sentence.contains('{'), "{sentence}");
            }
            let stored = serde_json::to_string(&reason).unwrap();
            assert_eq!(serde_json::from_str::<Withheld>(&stored).unwrap(), reason);
        }
        let mean = Withheld::not_positive(&id, -0.5, CompositeMethod::GeometricMean);
        assert_eq!(
            mean.sentence(&Language::english()),
            "S-1 is -0.5, and a geometric mean needs values above 0."
        );
        assert!(mean.sentence(&Language::new("es")).contains("-0,5"));
    }
}
