//! Findings: facts about data, with place, what was found, what is expected and what to do.
//!
//! A finding keeps its rule and its values; the sentence is made when someone reads it, in their language,
//! from the table `wording/findings.csv`.

mod examples;
mod problem;
mod rule;
mod sentence;

use crate::shown::colon;
use serde::{Deserialize, Serialize};

use crate::cell::Place;
use crate::id::Id;
use crate::language::Language;
use crate::review::Standing;

pub use self::problem::Problem;
pub use self::sentence::WORDING;

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// An answer cannot be used, or the submission has to go back.
    Error,
    /// Something does not fit together; the answer is used as it stands.
    Warning,
    /// Worth knowing; nothing to do.
    Info,
}

impl Severity {
    /// The name used in tables, e.g. `error`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// The severity of that name.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Error, Self::Warning, Self::Info].into_iter().find(|severity| severity.as_str() == text)
    }
}

/// One finding about a submission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How grave it is here; the framework may soften a rule for a wave.
    pub severity: Severity,
    /// The question that it is about, as far as there is one.
    pub question: Option<Id>,
    /// Where in the file.
    pub place: Option<Place>,
    /// What the rule saw.
    pub problem: Problem,
    /// What people said about it.
    #[serde(default)]
    pub standing: Standing,
}

impl Finding {
    /// A finding about a submission as a whole, on which nobody has said anything.
    pub fn new(severity: Severity, problem: Problem) -> Self {
        Self { severity, question: None, place: None, problem, standing: Standing::default() }
    }

    /// The same, about a question.
    #[must_use]
    pub fn about(self, question: &Id) -> Self {
        Self { question: Some(question.clone()), ..self }
    }

    /// The same, with its place.
    #[must_use]
    pub fn at(self, place: Option<Place>) -> Self {
        Self { place, ..self }
    }

    /// Whether it sends the submission back: an error that no reviewer accepted.
    pub fn blocks(&self) -> bool {
        self.severity == Severity::Error && !self.standing.accepted
    }

    /// The stable id of the rule.
    pub fn rule(&self) -> &'static str {
        self.problem.rule()
    }

    /// The value that was found, as it stands in the file; empty where the problem is an absence.
    pub fn found(&self) -> String {
        match serde_json::to_value(&self.problem).ok().as_ref().and_then(|values| values.get("found")) {
            Some(serde_json::Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        }
    }

    /// The whole message: place, question, sentences.
    pub fn message(&self, language: &Language) -> String {
        let mut out = String::new();
        if let Some(place) = &self.place {
            out.push_str(&place.to_string());
        }
        if let Some(question) = &self.question {
            if !out.is_empty() {
                out.push_str(", ");
            }
            out.push_str(&WORDING.fill("question", language, &[("id", question.as_str())]));
        }
        if !out.is_empty() {
            out.push_str(colon(language));
        }
        out.push_str(&self.problem.sentence(language));
        out
    }
}

/// A file that cannot be taken in at all: one clear reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[error("{}", .problem.sentence(&Language::english()))]
pub struct Refusal {
    /// Why.
    pub problem: Problem,
    /// Where in the file, as far as it can be told.
    pub place: Option<Place>,
}

impl Refusal {
    /// A refusal of the file as a whole.
    pub fn of_file(problem: Problem) -> Self {
        Self { problem, place: None }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::wording::{Wording, placeholders};

    #[test]
    fn every_rule_has_wording_and_every_placeholder_a_value() {
        let wording = Wording::parse(include_str!("../wording/findings.csv")).unwrap();
        let known: BTreeSet<&str> = wording.iter().map(|(key, _)| key).collect();
        let examples = Problem::examples();
        for problem in &examples {
            assert!(known.contains(problem.rule()), "{} has no wording", problem.rule());
            let values = serde_json::to_value(problem).unwrap();
            let (_, text) = wording.iter().find(|(key, _)| *key == problem.rule()).unwrap();
            for sentence in text.all() {
                for name in placeholders(sentence) {
                    assert!(values.get(name).is_some(), "{}: no value for {{{name}}}", problem.rule());
                }
            }
        }
        let rules: BTreeSet<&str> = examples.iter().map(Problem::rule).collect();
        assert_eq!(rules.len(), examples.len(), "a rule id is used twice");
        let unused: Vec<_> = known.iter().filter(|key| key.contains('-') && !rules.contains(*key)).collect();
        assert!(unused.is_empty(), "wording without a rule: {unused:?}");
    }

    #[test]
    fn a_message_says_place_question_found_expected_and_what_to_do() {
        let finding = Finding {
            severity: Severity::Error,
            question: Some(Id::from("I-12.1")),
            place: Some(Place { sheet: "CGSI".to_owned(), cell: Some("F42".parse().unwrap()) }),
            problem: Problem::ChoiceUnknown { found: "3".to_owned(), accepted: "0 = No, 1 = Yes".to_owned() },
            standing: Standing::default(),
        };
        assert_eq!(
            finding.message(&Language::english()),
            "CGSI!F42, question I-12.1: The answer \"3\" is not in the list: 0 = No, 1 = Yes. \
             Choose from these."
        );
        assert_eq!(finding.rule(), "CHOICE-001");
        assert_eq!(finding.found(), "3");
    }

    #[test]
    fn a_refusal_tells_reason_and_advice_apart() {
        for problem in Problem::examples() {
            let (reason, advice) = problem.reason_and_advice(&Language::english());
            let whole = problem.sentence(&Language::english());
            assert_eq!(whole, if advice.is_empty() { reason } else { format!("{reason} {advice}") });
        }
        let (reason, advice) =
            Problem::FileDamaged { reason: "a.xml. b".to_owned() }.reason_and_advice(&Language::english());
        assert_eq!(reason, "The file is damaged and cannot be read: a.xml. b.");
        assert!(advice.starts_with("This can happen when"));
    }

    #[test]
    fn long_and_dirty_values_are_cut_and_cleaned() {
        let problem = Problem::NumberInvalid { found: format!("a\u{0}\n{}", "x".repeat(5000)) };
        let sentence = problem.sentence(&Language::english());
        assert!(sentence.contains("a  xxx") && sentence.contains('…') && sentence.chars().count() < 500);
    }

    #[test]
    fn every_sentence_reads_as_it_is_written_down() {
        let mut lines = String::new();
        for problem in Problem::examples() {
            for language in ["en", "fr", "es"] {
                let sentence = problem.sentence(&Language::new(language));
                lines.push_str(&[problem.rule(), " ", language, ": ", &sentence, "\n"].concat());
            }
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/wording/sentences.txt");
        if std::env::var_os("UPDATE_SENTENCES").is_some() {
            std::fs::write(path, &lines).unwrap();
        }
        let written = std::fs::read_to_string(path).unwrap();
        for (found, expected) in lines.lines().zip(written.lines()) {
            assert_eq!(found, expected, "read it aloud, then run this test with UPDATE_SENTENCES=1");
        }
        assert_eq!(lines.lines().count(), written.lines().count(), "run this test with UPDATE_SENTENCES=1");
    }

    #[test]
    fn findings_survive_storage() {
        for problem in Problem::examples() {
            let stored = serde_json::to_string(&problem).unwrap();
            assert_eq!(serde_json::from_str::<Problem>(&stored).unwrap(), problem);
        }
    }
}
