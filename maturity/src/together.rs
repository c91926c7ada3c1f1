//! Rules that look at several answers together: what applies, what is missing, what does not fit.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::answer::{Answer, AnswerRecord, Missing};
use crate::finding::{Finding, Problem, Severity};
use crate::framework::{Framework, Question};
use crate::id::{Id, IdMap};
use crate::language::Language;
use crate::logic::Expression;

/// Whether a finding is one that [`check`] makes.
pub fn makes(problem: &Problem) -> bool {
    matches!(problem, Problem::AnswerMissing | Problem::NotRelevant { .. } | Problem::ConstraintBroken { .. })
}

/// Checks answers against each other, which are in the order of the instrument: those of one submission, or those that
/// count.
pub fn check(framework: &Framework, answers: &[AnswerRecord], language: &Language) -> Vec<Finding> {
    let Known { values, unreadable } = &Known::of(answers);
    let mut findings = Vec::new();
    for record in answers {
        let Some(question) = framework.question(&record.question) else { continue };
        let mut find = |severity, problem| {
            findings.push(Finding::new(severity, problem).about(&record.question).at(record.place.clone()));
        };
        let value = record.answer.expression_value();
        let applies = question.relevant.as_ref().is_none_or(|relevant| relevant.holds("", values));
        if applies && question.required && is_absent(&record.answer) {
            find(framework.missing.required, Problem::AnswerMissing);
        }
        let claims_something = match &record.answer {
            Answer::Number(_) | Answer::Text(_) => true,
            answer => framework.earns(question, answer),
        };
        if !applies && is_known(question, unreadable) && claims_something {
            let condition = question.relevant.as_ref().map(ToString::to_string).unwrap_or_default();
            let condition = condition.replace("${", "").replace('}', "");
            find(
                framework.missing.not_relevant,
                Problem::NotRelevant { found: shown(framework, question, record, language), condition },
            );
        }
        if let Some(constraint) = &question.constraint
            && record.answer.is_given()
            && is_readable(&constraint.expression, unreadable)
            && !constraint.expression.holds(&value, values)
        {
            let message = constraint.message.get(language).to_owned();
            let found = shown(framework, question, record, language);
            let is_idle = !applies && is_known(question, unreadable);
            // Nobody needs an answer there, so one that breaks a rule sends nothing back.
            let severity =
                if is_idle { constraint.severity.max(Severity::Warning) } else { constraint.severity };
            find(severity, Problem::ConstraintBroken { found, message });
        }
    }
    findings
}

/// The questions that certainly do not apply under these answers.
pub fn idle<'a>(framework: &Framework, answers: &'a [AnswerRecord]) -> HashSet<&'a Id> {
    let Known { values, unreadable } = &Known::of(answers);
    let asked = answers.iter().map(|record| &record.question);
    let is_idle = |id: &&Id| {
        framework.question(id).is_some_and(|question| {
            let applies = question.relevant.as_ref().is_none_or(|relevant| relevant.holds("", values));
            !applies && is_known(question, unreadable)
        })
    };
    asked.filter(is_idle).collect()
}

/// What is known of the answers of one submission.
struct Known<'a> {
    values: IdMap<&'a Id, Cow<'a, str>>,
    unreadable: HashSet<&'a Id>,
}

impl<'a> Known<'a> {
    fn of(answers: &'a [AnswerRecord]) -> Self {
        let unreadable = |record: &&AnswerRecord| record.answer == Answer::Missing(Missing::Unreadable);
        Self {
            values: answers
                .iter()
                .map(|record| (&record.question, record.answer.expression_value()))
                .collect(),
            unreadable: answers.iter().filter(unreadable).map(|record| &record.question).collect(),
        }
    }
}

/// Whether it is known if a question applies: not where the answer that decides could not be read.
fn is_known(question: &Question, unreadable: &HashSet<&Id>) -> bool {
    question.relevant.as_ref().is_none_or(|relevant| is_readable(relevant, unreadable))
}

/// Whether all answers that an expression refers to could be read. What could not has a finding of its own, and what was
/// meant by it may well fit.
fn is_readable(expression: &Expression, unreadable: &HashSet<&Id>) -> bool {
    !expression.references().iter().any(|reference| unreadable.contains(*reference))
}

/// Whether nothing was answered. What could not be read has a finding of its own already.
fn is_absent(answer: &Answer) -> bool {
    matches!(answer, Answer::Missing(Missing::Blank | Missing::NotApplicable))
}

/// The answer as the respondent sees it.
pub fn shown(
    framework: &Framework,
    question: &Question,
    record: &AnswerRecord,
    language: &Language,
) -> String {
    match &record.answer {
        Answer::Choice(code) => {
            let shown = framework.choices(question).and_then(|list| list.shown(code, language));
            shown.unwrap_or_else(|| code.clone())
        }
        Answer::Choices(codes) => codes.join(", "),
        other => other.expression_value().into_owned(),
    }
}
