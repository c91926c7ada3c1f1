//! Answers that count and are not those of one submission, judged again: after a reviewer put others in their place, and where
//! several respondents answered.
//!
//! The rules that look at several answers together run over the answers that count, and what they find takes the place of
//! what the validation found with them. What was said about an answer by itself does not hold where another one counts, and
//! evidence that is there is not missing. Nothing else is judged again: what a reviewer answers is checked when it is given.

use std::collections::{BTreeMap, BTreeSet};

use maturity::answer::AnswerRecord;
use maturity::decision::{Decision, Verdict, is_same};
use maturity::finding::{Finding, Problem};
use maturity::framework::{Framework, Kind};
use maturity::id::Id;
use maturity::language::Language;
use maturity::review::Acceptance;
use maturity::rule;
use maturity::together;

/// What was found again.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Again {
    /// The numbers of the findings of the validation that do not hold.
    pub(crate) settled: Vec<i64>,
    /// What the validation did not find.
    pub(crate) findings: Vec<Finding>,
}

/// The answers that count, and which of them are not those of the submission that stands for all.
pub(crate) struct Counting<'a> {
    pub(crate) framework: &'a Framework,
    /// The language of that submission.
    pub(crate) language: &'a Language,
    pub(crate) records: &'a BTreeMap<Id, AnswerRecord>,
    /// The same before reviewers put others in their place; of no use where no override counts.
    pub(crate) submitted: &'a BTreeMap<Id, AnswerRecord>,
    /// The overrides that count.
    pub(crate) overrides: &'a BTreeMap<Id, Decision>,
    /// The questions that another respondent's answer counts to.
    pub(crate) others: BTreeSet<&'a Id>,
}

impl Counting<'_> {
    /// Judges the answers; `of_file` is what the validation of the submission found, each with its number.
    pub(crate) fn judge(&self, of_file: &[(i64, Finding)]) -> Again {
        let mut again = Again::default();
        if self.overrides.is_empty() && self.others.is_empty() {
            return again;
        }
        let mut anew = self.together(self.records);
        if !self.overrides.is_empty() {
            let of_senders = self.together(self.submitted);
            for finding in &mut anew {
                finding.standing.of_reviewer =
                    !of_senders.iter().any(|other| is_same_finding(finding, other));
            }
        }
        let idle: BTreeSet<Id> = anew
            .iter()
            .filter(|finding| matches!(finding.problem, Problem::NotRelevant { .. }))
            .filter_map(|finding| finding.question.clone())
            .collect();
        for (number, finding) in of_file {
            let Some(question) = &finding.question else { continue };
            if together::makes(&finding.problem) {
                if let Some(at) = anew.iter().position(|other| is_same_finding(finding, other)) {
                    anew.remove(at);
                } else {
                    again.settled.push(*number);
                }
            } else if self.is_settled(question, finding, &idle) {
                again.settled.push(*number);
            }
        }
        for finding in &mut anew {
            finding.severity = self.framework.severity(finding.rule(), finding.severity);
        }
        again.findings = anew;
        again
    }

    /// What is found where several of some answers are looked at together.
    fn together(&self, records: &BTreeMap<Id, AnswerRecord>) -> Vec<Finding> {
        let questions = self.framework.questions.iter();
        let records: Vec<AnswerRecord> =
            questions.filter_map(|question| records.get(&question.id).cloned()).collect();
        together::check(self.framework, &records, self.language)
    }

    /// Whether a finding about one answer, or its evidence, does not hold for the answer that counts.
    fn is_settled(&self, id: &Id, finding: &Finding, idle: &BTreeSet<Id>) -> bool {
        let (Some(question), Some(record)) = (self.framework.question(id), self.records.get(id)) else {
            return false;
        };
        let is_other = self.others.contains(id);
        let decision = self.overrides.get(id);
        let is_replaced = |decision: &Decision| matches!(&decision.verdict, Verdict::Override { from, to, .. } if !is_same(from, to));
        match &finding.problem {
            Problem::EvidenceMissing { .. }
            | Problem::EvidencePlaceholder { .. }
            | Problem::EvidenceError { .. } => {
                record.evidence.is_some()
                    || idle.contains(id)
                    || is_other
                    || decision.is_some_and(is_replaced)
                    || !self.framework.earns(question, &record.answer)
            }
            // A link beside an answer is its evidence, which stays where a reviewer brings none.
            problem if is_about_a_link(problem) && question.kind != Kind::Text => {
                is_other || decision.is_some_and(|decision| decision.has_evidence(self.framework))
            }
            _ => is_other || decision.is_some_and(is_replaced),
        }
    }
}

fn is_same_finding(one: &Finding, other: &Finding) -> bool {
    one.question == other.question && one.problem == other.problem
}

fn is_about_a_link(problem: &Problem) -> bool {
    matches!(
        problem,
        Problem::LinkInvalid { .. }
            | Problem::LinkGone { .. }
            | Problem::LinkMoved { .. }
            | Problem::LinkClosed { .. }
            | Problem::LinkCertificate { .. }
            | Problem::LinkSilent { .. }
            | Problem::LinkNotPublic { .. }
    )
}

/// Notes on findings which of them a reviewer accepted, on the answers that count.
pub(crate) fn accept(
    findings: &mut [Finding],
    acceptances: &[Acceptance],
    records: &BTreeMap<Id, AnswerRecord>,
) {
    if acceptances.is_empty() {
        return;
    }
    for finding in findings {
        let record = finding.question.as_ref().and_then(|id| records.get(id));
        finding.standing.accepted = acceptances.iter().any(|acceptance| acceptance.covers(finding, record))
            && rule::find(finding.rule()).is_some_and(|rule| rule.gravity.acceptable());
    }
}

#[cfg(test)]
mod tests {
    use maturity::answer::{Answer, Missing};
    use maturity::economy::EconomyCode;
    use maturity::finding::Severity;
    use maturity::submission::Wave;

    use super::*;
    use crate::testing::gtmi;

    fn records(answers: &[(&str, Answer)]) -> BTreeMap<Id, AnswerRecord> {
        let blank = |id: &Id| AnswerRecord {
            question: id.clone(),
            answer: Answer::Missing(Missing::Blank),
            evidence: None,
            place: None,
        };
        let asked = gtmi().asked_questions();
        let mut all: BTreeMap<Id, AnswerRecord> =
            asked.map(|question| (question.id.clone(), blank(&question.id))).collect();
        for (id, answer) in answers {
            all.get_mut(&Id::from(*id)).unwrap().answer = answer.clone();
        }
        all
    }

    fn overrides(question: &str, from: Answer, to: Answer) -> BTreeMap<Id, Decision> {
        let question = Id::from(question);
        let verdict = Verdict::Override { question: question.clone(), from, to, evidence: None };
        let decision = Decision {
            wave: Wave(2022),
            economy: EconomyCode::new("KEN"),
            verdict,
            by: "A".to_owned(),
            reason: "seen".to_owned(),
            at: "2022-10-01T00:00:00Z".to_owned(),
            again: 0,
        };
        BTreeMap::from([(question, decision)])
    }

    fn judged(
        records: &BTreeMap<Id, AnswerRecord>,
        overrides: &BTreeMap<Id, Decision>,
        of_file: &[(i64, Finding)],
    ) -> Again {
        let language = Language::english();
        let others = BTreeSet::new();
        let mut submitted = records.clone();
        for decision in overrides.values() {
            let Verdict::Override { question, from, .. } = &decision.verdict else { continue };
            submitted.get_mut(question).unwrap().answer = from.clone();
        }
        let submitted = &submitted;
        Counting { framework: gtmi(), language: &language, records, submitted, overrides, others }
            .judge(of_file)
    }

    fn choice(code: &str) -> Answer {
        Answer::Choice(code.to_owned())
    }

    /// What the validation found with the rules about several answers, numbered.
    fn found(records: &BTreeMap<Id, AnswerRecord>) -> Vec<(i64, Finding)> {
        let all: Vec<AnswerRecord> =
            gtmi().questions.iter().filter_map(|question| records.get(&question.id).cloned()).collect();
        (0_i64..).zip(together::check(gtmi(), &all, &Language::english())).collect()
    }

    #[test]
    fn an_override_settles_what_it_mends_and_brings_out_what_it_breaks() {
        // I-5.13 says that the bus is used, which I-4 denies.
        let before = records(&[("I-4", choice("0")), ("I-5", choice("1")), ("I-5.13", choice("2"))]);
        let of_file = found(&before);
        let about = |finding: &Finding, id: &str| {
            finding.rule() == "CONSTRAINT-001" && finding.question == Some(Id::from(id))
        };
        let broken = of_file.iter().find(|(_, finding)| about(finding, "I-5.13")).unwrap().0;
        let after = records(&[("I-4", choice("2")), ("I-5", choice("1")), ("I-5.13", choice("2"))]);
        let again = judged(&after, &overrides("I-4", choice("0"), choice("2")), &of_file);
        assert!(again.settled.contains(&broken), "{again:?}");
        assert!(!again.findings.iter().any(|finding| about(finding, "I-5.13")), "{again:?}");
        // The other way round.
        let again = judged(&before, &overrides("I-4", choice("2"), choice("0")), &found(&after));
        let found = again.findings.iter().find(|finding| about(finding, "I-5.13")).unwrap();
        assert!(found.standing.of_reviewer, "the sender has nothing to mend: {again:?}");
        assert_eq!(judged(&before, &BTreeMap::new(), &of_file), Again::default());
    }

    #[test]
    fn what_was_said_about_a_replaced_answer_or_missing_evidence_does_not_hold() {
        let about = |id: &str, problem| Finding::new(Severity::Warning, problem).about(&Id::from(id));
        let missing = || Problem::EvidenceMissing { found: "2 = Yes".to_owned(), target: "I-2.2".to_owned() };
        let of_file = vec![
            (0, about("I-1", Problem::ReadAs { found: "two".to_owned(), taken: "2".to_owned() })),
            (1, about("I-2", missing())),
            (2, about("I-3", Problem::ReadAs { found: "two".to_owned(), taken: "2".to_owned() })),
        ];
        let mut now = records(&[("I-1", choice("1")), ("I-2", choice("2")), ("I-3", choice("2"))]);
        let decisions = overrides("I-1", choice("2"), choice("1"));
        assert_eq!(judged(&now, &decisions, &of_file).settled, [0]);
        let other = overrides("I-2", choice("2"), choice("1"));
        assert_eq!(
            judged(&now, &other, &of_file).settled,
            [1],
            "the answer that earned points counts no more"
        );
        now.get_mut(&Id::from("I-2")).unwrap().evidence = Some("https://a.example".to_owned());
        assert_eq!(judged(&now, &decisions, &of_file).settled, [0, 1]);
    }
}
