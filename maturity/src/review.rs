//! What people say about findings: senders contest them, reviewers accept them.

use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::{Answer, AnswerRecord, Missing};
use crate::cell::Place;
use crate::economy::EconomyCode;
use crate::finding::Finding;
use crate::id::Id;
use crate::submission::Wave;

/// What people said about a finding.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Standing {
    /// Whether a reviewer accepted it. It is shown as accepted and blocks nothing.
    pub accepted: bool,
    /// Why the sender thinks that it is wrong. It stays, and it blocks what it blocked.
    pub contest: Option<String>,
    /// Whether it is only found because a reviewer put another answer in the place of the sender's, who has nothing to mend
    /// then.
    #[serde(default, skip_serializing_if = "is_false")]
    pub of_reviewer: bool,
}

/// Then nothing is written of it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Standing {
    /// The name used in tables: `open` or `accepted`.
    pub fn as_str(&self) -> &'static str {
        if self.accepted { "accepted" } else { "open" }
    }
}

/// A sender's objection to a finding, written in the marked return and sent back with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contest {
    /// The rule as it stands in the file.
    pub rule: String,
    /// The question as it stands in the file; empty where the finding is about none.
    pub question: String,
    /// What the sender says.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A reviewer's decision that a finding is all right as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// The wave.
    pub wave: Wave,
    /// The economy.
    pub economy: EconomyCode,
    /// The rule.
    pub rule: String,
    /// The question, where the finding is about one.
    pub question: Option<Id>,
    /// What the reviewer saw, as [`seen`] gives it: the decision holds until that changes.
    pub seen: String,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, UTC in RFC 3339.
    pub at: String,
}

impl Acceptance {
    /// Whether the decision is about this finding, which was made on this answer.
    pub fn covers(&self, finding: &Finding, answer: Option<&AnswerRecord>) -> bool {
        self.rule == finding.rule() && self.question == finding.question && self.seen == seen(finding, answer)
    }
}

/// SHA-256 of what a finding was made on: the answer as understood with its evidence, or what stands there
/// where it was not understood. The same answer in another language or another cell is the same.
pub fn seen(finding: &Finding, answer: Option<&AnswerRecord>) -> String {
    let understood = answer.filter(|record| record.answer != Answer::Missing(Missing::Unreadable));
    let value =
        understood.map_or_else(|| finding.found(), |record| record.answer.expression_value().into_owned());
    let evidence = answer.and_then(|record| record.evidence.as_deref()).unwrap_or_default();
    let mut hasher = Sha256::new();
    for part in [finding.rule(), &value, evidence] {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Problem, Severity};

    fn record(answer: Answer, evidence: Option<&str>) -> AnswerRecord {
        AnswerRecord { question: Id::from("Q-1"), answer, evidence: evidence.map(str::to_owned), place: None }
    }

    #[test]
    fn what_was_seen_changes_with_the_answer_and_the_evidence_only() {
        let choice = |code: &str| Answer::Choice(code.to_owned());
        let finding = |found: &str| {
            let problem = Problem::ConstraintBroken { found: found.to_owned(), message: "m".to_owned() };
            Finding::new(Severity::Error, problem).about(&Id::from("Q-1"))
        };
        let english = seen(&finding("2 = Yes"), Some(&record(choice("2"), None)));
        assert_eq!(english, seen(&finding("2 = Oui"), Some(&record(choice("2"), None))));
        assert_ne!(english, seen(&finding("2 = Yes"), Some(&record(choice("1"), None))));
        assert_ne!(english, seen(&finding("2 = Yes"), Some(&record(choice("2"), Some("https://a.example")))));
        let unreadable = record(Answer::Missing(Missing::Unreadable), None);
        assert_ne!(seen(&finding("a"), Some(&unreadable)), seen(&finding("b"), Some(&unreadable)));
    }
}
