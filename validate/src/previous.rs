//! Answers beside those of the previous wave: confirmed or changed, and every fall with its reason.
//!
//! Compared is what is stored or tabled of the earlier wave, never what the questionnaire shows of it. Only a
//! questionnaire that asks for confirmation is judged; in any other layout nobody was asked.

use std::borrow::Cow;

use maturity::answer::AnswerRecord;
use maturity::cell::{CellValue, Place};
use maturity::finding::{Finding, Problem, Severity};
use maturity::framework::{Framework, Question};
use maturity::id::{Id, IdMap};
use maturity::language::Language;
use maturity::normalize::tidy;
use maturity::previous::{PreviousAnswers, level};
use maturity::submission::{Confirmation, Response};
use maturity::together::shown;

/// The cells in which a questionnaire asks about the previous answer, as far as it has them.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct PreviousCells<'a> {
    pub(crate) confirm: Option<&'a Response>,
    pub(crate) reason: Option<&'a Response>,
}

/// Checks the answers of one submission against those of the previous wave.
pub(crate) fn check<'a>(
    framework: &Framework,
    previous: &PreviousAnswers,
    answers: &[AnswerRecord],
    cells: &dyn Fn(&Id) -> PreviousCells<'a>,
    language: &Language,
) -> Vec<Finding> {
    let values: IdMap<&Id, Cow<'_, str>> =
        answers.iter().map(|record| (&record.question, record.answer.expression_value())).collect();
    let mut findings = Vec::new();
    for record in answers {
        let (Some(question), Some(before)) =
            (framework.question(&record.question), previous.answers.get(&record.question))
        else {
            continue;
        };
        let cells = cells(&record.question);
        let applies = question.relevant.as_ref().is_none_or(|relevant| relevant.holds("", &values));
        // What is missing or does not apply has findings of its own.
        let Some(confirm) = cells.confirm.filter(|_| applies && record.answer.is_given()) else { continue };
        let before = AnswerRecord { answer: before.clone(), ..record.clone() };
        let wave = previous.wave.to_string();
        let compared = Compared { framework, question, wave, before: &before, now: record, language };
        findings.extend(compared.judge(confirm, cells.reason));
    }
    findings
}

/// One answer with what it is compared with.
struct Compared<'a> {
    framework: &'a Framework,
    question: &'a Question,
    wave: String,
    before: &'a AnswerRecord,
    now: &'a AnswerRecord,
    language: &'a Language,
}

impl Compared<'_> {
    fn told(&self, record: &AnswerRecord) -> String {
        shown(self.framework, self.question, record, self.language)
    }

    fn level(&self, record: &AnswerRecord) -> Option<f64> {
        level(self.framework, self.question, &record.answer)
    }

    fn judge(&self, confirm: &Response, reason: Option<&Response>) -> Option<Finding> {
        let (found, previous, wave) = (self.told(self.now), self.told(self.before), self.wave.clone());
        let find = |place: &Place, problem| {
            Finding::new(Severity::Warning, problem).about(&self.question.id).at(Some(place.clone()))
        };
        let same = self.before.answer.expression_value() == self.now.answer.expression_value();
        let said = Confirmation::parse(&tidy(&confirm.value.display()));
        match (same, said == Some(Confirmation::Confirmed)) {
            (true, true) => return None,
            (true, false) => {
                return Some(find(&confirm.place, Problem::AnswerUnconfirmed { found, wave }));
            }
            (false, true) => {
                let problem = Problem::ConfirmationContradicted { found, previous, wave };
                return Some(find(&confirm.place, problem));
            }
            (false, false) => {}
        }
        let falls =
            self.level(self.now).zip(self.level(self.before)).is_some_and(|(now, before)| now < before);
        let explained = reason.is_some_and(|reason| {
            let text = tidy(&reason.value.display());
            let is_error = matches!(reason.value, CellValue::Error(_));
            !is_error && !text.is_empty() && !self.framework.is_missing_mark(&text)
        });
        let place = reason.map_or(&confirm.place, |reason| &reason.place);
        (falls && !explained).then(|| find(place, Problem::FallUnexplained { found, previous, wave }))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use maturity::answer::{Answer, Missing};
    use maturity::cell::Address;
    use maturity::framework::Date;
    use maturity::submission::{Field, Wave};

    use super::*;
    use crate::submission::tests::framework;

    fn choice(code: &str) -> Answer {
        Answer::Choice(code.to_owned())
    }

    fn cell(field: Field, text: &str) -> Response {
        let column = if field == Field::Confirm { 5 } else { 6 };
        Response {
            question: "Q-1".to_owned(),
            field,
            value: if text.is_empty() { CellValue::Blank } else { CellValue::Text(text.to_owned()) },
            formula: false,
            place: Place::cell("S1", Address::new(8, column)),
        }
    }

    /// The findings about Q-1, which was "Planned" before.
    fn found(now: Answer, confirm: Option<&str>, reason: &str, language: &str) -> Vec<String> {
        let framework = framework();
        let date = Date { year: 2028, month: 6, day: 30 };
        let answers = BTreeMap::from([(Id::from("Q-1"), choice("1"))]);
        let previous = PreviousAnswers::new(Wave(2028), date, answers, &framework);
        let record = AnswerRecord { question: Id::from("Q-1"), answer: now, evidence: None, place: None };
        let (confirm, reason) = (confirm.map(|text| cell(Field::Confirm, text)), cell(Field::Reason, reason));
        let cells = |_: &Id| PreviousCells { confirm: confirm.as_ref(), reason: Some(&reason) };
        let language = Language::new(language);
        let findings = check(&framework, &previous, &[record], &cells, &language);
        findings.iter().map(|finding| format!("{} {}", finding.rule(), finding.message(&language))).collect()
    }

    #[test]
    fn a_previous_answer_is_confirmed_or_changed() {
        assert_eq!(found(choice("1"), Some("confirmed"), "", "en"), Vec::<String>::new());
        assert_eq!(found(choice("2"), Some("changed"), "", "en"), Vec::<String>::new());
        assert_eq!(found(choice("2"), Some(""), "", "en"), Vec::<String>::new(), "changed is seen by itself");
        for undecided in ["", "changed", "perhaps"] {
            assert_eq!(
                found(choice("1"), Some(undecided), "", "en"),
                [
                    "PREVIOUS-001 S1!F9, question Q-1: The answer \"1 = Planned\" was filled in from wave 2028 and is \
                     not confirmed yet. Choose “Confirmed” beside it if it still holds; otherwise change it."
                ]
            );
        }
        assert_eq!(
            found(choice("2"), Some("confirmed"), "", "es"),
            [
                "PREVIOUS-002 S1!F9, pregunta Q-1: La respuesta de la ronda 2028, «1 = Planned», figura como confirmada, \
                 pero la respuesta es ahora «2 = Yes, in use». Elija «Modificado» si la nueva respuesta es correcta, o \
                 restablezca la anterior."
            ]
        );
    }

    #[test]
    fn a_fall_asks_for_its_reason() {
        assert_eq!(
            found(choice("0"), Some("changed"), "-", "fr"),
            [
                "PREVIOUS-003 S1!G9, question Q-1\u{a0}: La réponse est maintenant «\u{a0}0 = No\u{a0}»\u{a0}; dans la vague 2028, c'était \
                 «\u{a0}1 = Planned\u{a0}», un niveau plus élevé. Indiquez dans la colonne «\u{a0}Pourquoi moins\u{a0}?\u{a0}» ce qui a changé, ou \
                 corrigez la réponse."
            ]
        );
        assert_eq!(found(choice("0"), Some("changed"), "The plan was given up.", "en"), Vec::<String>::new());
    }

    #[test]
    fn nobody_is_judged_who_was_not_asked_or_has_not_answered() {
        assert_eq!(found(choice("0"), None, "", "en"), Vec::<String>::new(), "no column to confirm in");
        assert_eq!(found(Answer::Missing(Missing::Blank), Some(""), "", "en"), Vec::<String>::new());
    }
}
