//! What reviewers decide about submissions: another answer in place of the submitted one, a return to the sender,
//! an approval.
//!
//! Decisions are only ever added. One that was a mistake is undone by a later one, and both stay on record.

mod apply;
mod row;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::answer::{Answer, AnswerRecord, Missing};
use crate::economy::EconomyCode;
use crate::framework::Framework;
use crate::id::Id;
use crate::submission::Wave;

pub use apply::apply;
pub use row::{Choice, DecisionRow, Meant, RowProblem, understand};

/// What was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Verdict {
    /// Another answer counts in place of the submitted one.
    Override {
        /// The question.
        question: Id,
        /// The submitted answer that it replaces; it holds only as long as that is what is submitted.
        from: Answer,
        /// The answer that counts.
        to: Answer,
        /// The link or document that the reviewer found; that of the sender stays if there is none.
        evidence: Option<String>,
    },
    /// The submission goes back to its sender.
    Return {
        /// SHA-256 of the header and responses of the submission.
        content: String,
    },
    /// The submission is approved for publication.
    Approve {
        /// SHA-256 of the header and responses of the submission.
        content: String,
    },
    /// An earlier decision holds no more.
    Undo {
        /// Its id.
        decision: String,
    },
}

impl Verdict {
    /// The name used in tables: `override`, `return`, `approve` or `undo`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Override { .. } => "override",
            Self::Return { .. } => "return",
            Self::Approve { .. } => "approve",
            Self::Undo { .. } => "undo",
        }
    }
}

/// One decision with its author and reason.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The wave.
    pub wave: Wave,
    /// The economy.
    pub economy: EconomyCode,
    /// What was decided.
    pub verdict: Verdict,
    /// Who decided.
    pub by: String,
    /// Why.
    pub reason: String,
    /// When, UTC in RFC 3339.
    pub at: String,
    /// How often the same was decided before and undone.
    #[serde(default, skip_serializing_if = "is_first")]
    pub again: u32,
}

/// Whether a decision was never made before: then nothing is written of it.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_first(again: &u32) -> bool {
    *again == 0
}

impl Decision {
    /// Names the decision: 12 hexadecimal digits of the SHA-256 of everything but its time. The same decision read
    /// twice is one decision.
    pub fn id(&self) -> String {
        let verdict = serde_json::to_string(&self.verdict).unwrap_or_default();
        let mut hasher = Sha256::new();
        let mut add = |part: &str| {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part.as_bytes());
        };
        for part in [&self.wave.to_string(), self.economy.as_str(), &verdict, &self.by, &self.reason] {
            add(part);
        }
        // One that is made for the first time has the name that it had before decisions could be made again.
        if self.again > 0 {
            add(&self.again.to_string());
        }
        hasher.finalize().iter().take(6).fold(String::with_capacity(12), |mut text, byte| {
            // Writing to a String cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The same decision under the code that the economy had when it was made, where it is among `earlier`, those of the
    /// economy: it is named by that code, and is no new one because the economy has another code now.
    #[must_use]
    pub fn as_recorded<'d>(mut self, earlier: impl Iterator<Item = &'d Self>) -> Self {
        let what = |decision: &Self| {
            (decision.wave, decision.verdict.clone(), decision.by.clone(), decision.reason.clone())
        };
        let same: Vec<&Self> = earlier.filter(|known| what(known) == what(&self)).collect();
        if let Some(first) = same.first()
            && same.iter().all(|known| known.economy != self.economy)
        {
            self.economy = first.economy.clone();
        }
        self
    }

    /// The same decision as one that holds: where it is among `earlier`, those of the economy in the order in which they were
    /// made, and was undone, or its reviewer decided otherwise since, it is made once more.
    #[must_use]
    pub fn renewed<'d>(mut self, earlier: impl Iterator<Item = &'d Self>) -> Self {
        let earlier: Vec<(String, &Self)> = earlier.map(|decision| (decision.id(), decision)).collect();
        let undone = undone(earlier.iter().map(|(_, decision)| *decision));
        loop {
            let id = self.id();
            let since = earlier.iter().skip_while(|(known, _)| *known != id).skip(1);
            let otherwise = since.filter(|(later, _)| !undone.contains(later)).any(|(_, later)| {
                later.question().is_some() && (&later.by, later.question()) == (&self.by, self.question())
            });
            if !otherwise && !undone.contains(&id) {
                return self;
            }
            self.again += 1;
        }
    }

    /// Puts the answer of an override in the place of the submitted one, and its evidence if it has some.
    pub fn replace(&self, framework: &Framework, record: &mut AnswerRecord) {
        let Verdict::Override { to, .. } = &self.verdict else { return };
        record.answer = to.clone();
        if let Some(evidence) = self.evidence(framework) {
            record.evidence = Some(evidence.to_owned());
        }
    }

    /// The evidence that it brings with it. Earlier versions of the program took in what only fills the place of some.
    fn evidence(&self, framework: &Framework) -> Option<&str> {
        let Verdict::Override { evidence, .. } = &self.verdict else { return None };
        evidence.as_deref().filter(|text| !framework.is_no_evidence(text))
    }

    /// Whether it brings evidence with it.
    pub fn has_evidence(&self, framework: &Framework) -> bool {
        self.evidence(framework).is_some()
    }

    /// The question, where it is about one.
    pub fn question(&self) -> Option<&Id> {
        match &self.verdict {
            Verdict::Override { question, .. } => Some(question),
            _ => None,
        }
    }
}

/// Why an override does not count.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "because", rename_all = "kebab-case")]
pub enum Idle {
    /// Another answer is submitted now than the one that it replaces.
    Stale {
        /// What is submitted now.
        now: Answer,
    },
    /// Another reviewer decided otherwise.
    Conflict {
        /// The id of the other decision.
        with: String,
    },
    /// The same reviewer decided again.
    Superseded {
        /// The id of the later decision.
        by: String,
    },
}

/// Which overrides of one economy count, and why the others do not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides {
    /// The override that counts, by question.
    pub applied: BTreeMap<Id, Decision>,
    /// The others that were not undone, each with the reason.
    pub idle: Vec<(Decision, Idle)>,
}

impl Overrides {
    /// Sorts the decisions about one economy, in the order in which they were made, by what is submitted.
    ///
    /// An override counts if it replaces what is submitted. Of one reviewer the latest counts. Where reviewers want
    /// different answers, none counts until one of them gives way.
    pub fn of(decisions: &[Decision], submitted: &BTreeMap<Id, AnswerRecord>) -> Self {
        let undone = undone(decisions);
        let mut all = Self::default();
        let mut candidates: BTreeMap<&Id, Vec<&Decision>> = BTreeMap::new();
        for decision in decisions.iter().filter(|decision| !undone.contains(&decision.id())) {
            let Verdict::Override { question, from, .. } = &decision.verdict else { continue };
            let now = submitted
                .get(question)
                .map_or(Answer::Missing(Missing::Blank), |record| record.answer.clone());
            if is_same(from, &now) {
                candidates.entry(question).or_default().push(decision);
            } else {
                all.idle.push((decision.clone(), Idle::Stale { now }));
            }
        }
        for (question, decisions) in candidates {
            all.settle(question, &decisions);
        }
        all
    }

    /// Chooses among the decisions about one question.
    fn settle(&mut self, question: &Id, decisions: &[&Decision]) {
        let mut latest: Vec<&Decision> = Vec::new();
        for (at, decision) in decisions.iter().enumerate() {
            match decisions.iter().skip(at + 1).rfind(|later| later.by == decision.by) {
                Some(later) => self.idle.push(((*decision).clone(), Idle::Superseded { by: later.id() })),
                None => latest.push(decision),
            }
        }
        let other = |decision: &Decision| {
            latest.iter().find(|other| !wants_same(decision, other)).map(|other| other.id())
        };
        if latest.iter().any(|decision| other(decision).is_some()) {
            for decision in &latest {
                let with = other(decision).unwrap_or_default();
                self.idle.push(((*decision).clone(), Idle::Conflict { with }));
            }
        } else if let Some(last) = latest.last() {
            self.applied.insert(question.clone(), (*last).clone());
        }
    }

    /// Puts the answers that count in place of the submitted ones.
    pub fn apply(&self, framework: &Framework, records: &mut BTreeMap<Id, AnswerRecord>) {
        apply(&self.applied, framework, records);
    }
}

/// The overrides and returns that were not undone, in their order: what findings and scores depend on. An approval changes
/// neither, and of a decision that was undone nothing is left.
pub fn standing(decisions: &[Decision]) -> impl Iterator<Item = &Decision> {
    let undone = undone(decisions);
    decisions.iter().filter(move |decision| {
        matches!(decision.verdict, Verdict::Override { .. } | Verdict::Return { .. })
            && !undone.contains(&decision.id())
    })
}

/// The ids of decisions that a later one undid.
pub fn undone<'d>(decisions: impl IntoIterator<Item = &'d Decision>) -> BTreeSet<String> {
    let undo = decisions.into_iter().filter_map(|decision| match &decision.verdict {
        Verdict::Undo { decision } => Some(decision.clone()),
        _ => None,
    });
    undo.collect()
}

/// Whether two answers are the same; all that are missing are.
pub fn is_same(one: &Answer, other: &Answer) -> bool {
    let is_missing = |answer: &Answer| matches!(answer, Answer::Missing(_));
    one == other || (is_missing(one) && is_missing(other))
}

fn wants_same(one: &Decision, other: &Decision) -> bool {
    match (&one.verdict, &other.verdict) {
        (Verdict::Override { to: one, .. }, Verdict::Override { to: other, .. }) => is_same(one, other),
        _ => true,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::framework::FrameworkSources;

    /// The framework of the wave of 2022.
    pub(crate) fn gtmi() -> Framework {
        Framework::load(&FrameworkSources {
            framework: include_str!("../../frameworks/gtmi-2022/framework.toml").to_owned(),
            indicators: include_str!("../../frameworks/gtmi-2022/indicators.csv").to_owned(),
            survey: include_str!("../../frameworks/gtmi-2022/survey.csv").to_owned(),
            choices: include_str!("../../frameworks/gtmi-2022/choices.csv").to_owned(),
        })
        .unwrap()
    }

    fn choice(code: &str) -> Answer {
        Answer::Choice(code.to_owned())
    }

    fn override_by(by: &str, from: &str, to: &str) -> Decision {
        Decision {
            wave: Wave(2022),
            economy: EconomyCode::new("KEN"),
            verdict: Verdict::Override {
                question: Id::from("Q-1"),
                from: choice(from),
                to: choice(to),
                evidence: None,
            },
            by: by.to_owned(),
            reason: "seen".to_owned(),
            at: "2022-10-01T00:00:00Z".to_owned(),
            again: 0,
        }
    }

    fn submitted(code: &str) -> BTreeMap<Id, AnswerRecord> {
        let question = Id::from("Q-1");
        let evidence = Some("https://example.org".to_owned());
        BTreeMap::from([(
            question.clone(),
            AnswerRecord { question, answer: choice(code), evidence, place: None },
        )])
    }

    #[test]
    fn what_was_undone_can_be_decided_again_and_undone_again() {
        let first = override_by("A", "2", "1");
        let undo = |of: &Decision| Decision {
            verdict: Verdict::Undo { decision: of.id() },
            ..override_by("A", "2", "1")
        };
        assert_eq!(first.clone().renewed([&first].into_iter()), first, "it holds");
        let record = [first.clone(), undo(&first)];
        let second = first.clone().renewed(record.iter());
        assert_eq!((second.again, second.id() == first.id()), (1, false));
        let record = [first.clone(), undo(&first), second.clone(), undo(&second)];
        assert_ne!(record[1].id(), record[3].id());
        assert_eq!(first.clone().renewed(record.iter()).again, 2);
        // The same reviewer decided otherwise since, and comes back to it; another reviewer or an undone decision is no matter.
        let (otherwise, other) = (override_by("A", "2", "0"), override_by("B", "2", "0"));
        assert_eq!(first.clone().renewed([&first, &otherwise].into_iter()).again, 1);
        assert_eq!(first.clone().renewed([&otherwise, &first, &other].into_iter()).again, 0);
        assert_eq!(first.clone().renewed([&first, &otherwise, &undo(&otherwise)].into_iter()).again, 0);
        // What was recorded before decisions could be made again is read, and named, as ever.
        let text = serde_json::to_string(&record[0]).unwrap();
        assert!(!text.contains("again"));
        assert_eq!(serde_json::from_str::<Decision>(&text).unwrap().id(), record[0].id());
    }

    #[test]
    fn a_decision_keeps_its_name_when_the_economy_gets_another_code() {
        let (old, code) = (override_by("A", "2", "1"), EconomyCode::new("KYA"));
        let under_new = |decision: &Decision| Decision { economy: code.clone(), ..decision.clone() };
        let named = |decision: Decision, earlier: &[Decision]| {
            decision.as_recorded(earlier.iter()).renewed(earlier.iter()).id()
        };
        let record = [old.clone()];
        assert_eq!(named(under_new(&old), &record), old.id());
        let other = under_new(&override_by("A", "2", "0"));
        assert_eq!(named(other.clone(), &record), other.id());
        // One that was made under the new code keeps to it; one that was undone, or decided otherwise since, is made once more.
        assert_eq!(named(under_new(&old), &[old.clone(), under_new(&old)]), under_new(&old).id());
        let again = Decision { again: 1, ..old.clone() }.id();
        assert_eq!(named(under_new(&old), &[old.clone(), other]), again);
        let undo = Decision { verdict: Verdict::Undo { decision: old.id() }, ..old.clone() };
        assert_eq!(named(under_new(&old), &[old, undo]), again);
    }

    #[test]
    fn approvals_and_what_was_undone_change_nothing() {
        let first = override_by("A", "2", "1");
        let approval = Decision { verdict: Verdict::Approve { content: "c".to_owned() }, ..first.clone() };
        let sent_back = Decision { verdict: Verdict::Return { content: "c".to_owned() }, ..first.clone() };
        let undo = Decision { verdict: Verdict::Undo { decision: first.id() }, ..first.clone() };
        let stands = |decisions: &[Decision]| standing(decisions).cloned().collect::<Vec<_>>();
        assert_eq!(
            stands(&[approval.clone(), sent_back.clone(), first.clone()]),
            [sent_back.clone(), first.clone()]
        );
        assert!(stands(&[first, approval, undo]).is_empty());
    }

    #[test]
    fn an_override_counts_until_the_submitted_answer_changes() {
        let decisions = [override_by("A", "2", "1")];
        let found = Overrides::of(&decisions, &submitted("2"));
        let mut records = submitted("2");
        for (question, decision) in &found.applied {
            decision.replace(&gtmi(), records.get_mut(question).unwrap());
        }
        assert_eq!(records[&Id::from("Q-1")].answer, choice("1"));
        assert!(records[&Id::from("Q-1")].evidence.is_some(), "the sender's evidence stays");
        let found = Overrides::of(&decisions, &submitted("0"));
        assert!(found.applied.is_empty());
        assert_eq!(found.idle[0].1, Idle::Stale { now: choice("0") });
    }

    #[test]
    fn reviewers_who_disagree_block_each_other_and_one_reviewers_last_word_counts() {
        let (a, b) = (override_by("A", "2", "1"), override_by("B", "2", "0"));
        let found = Overrides::of(&[a.clone(), b.clone()], &submitted("2"));
        assert!(found.applied.is_empty());
        assert_eq!(found.idle[0].1, Idle::Conflict { with: b.id() });
        assert_eq!(found.idle[1].1, Idle::Conflict { with: a.id() });

        let again = override_by("A", "2", "0");
        let found = Overrides::of(&[a.clone(), b.clone(), again.clone()], &submitted("2"));
        assert_eq!(found.applied[&Id::from("Q-1")], again);
        assert_eq!(found.idle, [(a.clone(), Idle::Superseded { by: again.id() })]);

        let verdict = Verdict::Undo { decision: b.id() };
        let undo = Decision { verdict, ..a.clone() };
        let found = Overrides::of(&[a.clone(), b, undo], &submitted("2"));
        assert_eq!(found.applied[&Id::from("Q-1")], a);
    }

    #[test]
    fn the_same_decision_at_another_time_is_the_same() {
        let one = override_by("A", "2", "1");
        let later = Decision { at: "2022-11-01T00:00:00Z".to_owned(), ..one.clone() };
        assert_eq!(one.id(), later.id());
        assert_ne!(one.id(), override_by("B", "2", "1").id());
    }
}
